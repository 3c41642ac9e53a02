//! Who bears what comes off: parties next to each share.

use serde::{Deserialize, Serialize};

use super::allocate;
use crate::card::Funding;
use crate::money::WHOLE_BP;

/// What a party bears of a share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Funded {
    /// Who.
    pub party: String,
    /// How much, in minor units.
    pub off_minor: i64,
}

/// Splits shares, one after another, between parties. Each share sums exactly; the odd cents of a share go by largest remainder of what
/// each party still owes of all shares so far, so that no party bears the odd cents of every line. Nothing where nobody is named.
pub(crate) fn funded(funding: &[Funding], shares: impl IntoIterator<Item = i64>) -> impl Iterator<Item = Vec<Funded>> {
    let (mut given, mut so_far) = (vec![0_i64; funding.len()], 0_i64);
    shares.into_iter().map(move |share| {
        if funding.is_empty() {
            return Vec::new();
        }
        so_far += share;
        let whole = i128::from(WHOLE_BP);
        // In ten-thousandths; a party that is ahead owes nothing.
        let owed = funding
            .iter()
            .zip(&given)
            .map(|(part, given)| i128::from(so_far) * i128::from(part.off_bp) - i128::from(*given) * whole);
        let owed: Vec<i128> = owed.map(|owed| owed.max(0)).collect();
        let parts = split(share, &owed);
        given.iter_mut().zip(&parts).for_each(|(given, part)| *given += part);
        let parts = funding.iter().zip(parts).filter(|(_, off_minor)| *off_minor > 0);
        parts.map(|(part, off_minor)| Funded { party: part.party.clone(), off_minor }).collect()
    })
}

/// `share` by weights that together hold at least that much.
fn split(share: i64, owed: &[i128]) -> Vec<i64> {
    // Weights lie below 2^53 ten-thousandths times 10^4: scaled down they fit, and a lost bit moves no more than the odd cent.
    let most = owed.iter().sum::<i128>();
    let mut shift = 0;
    while (most >> shift) > i128::from(i64::MAX) {
        shift += 1;
    }
    allocate(share, &owed.iter().map(|owed| i64::try_from(owed >> shift).unwrap_or(i64::MAX)).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parties(parts: &[u32]) -> Vec<Funding> {
        parts.iter().enumerate().map(|(at, off_bp)| Funding { party: format!("p{at}"), off_bp: *off_bp }).collect()
    }

    #[test]
    fn odd_cents_do_not_all_lie_on_the_first() {
        let funding = parties(&[5_000, 5_000]);
        let of_first = funded(&funding, [1; 100]).filter(|parts| parts[0].party == "p0").count();
        assert_eq!(of_first, 50);
        assert_eq!(funded(&[], [5]).next(), Some(Vec::new()));
    }

    proptest! {
        #[test]
        fn shares_sum_exactly_and_parties_bear_their_part(
            cuts in proptest::collection::btree_set(1_u32..10_000, 0..6),
            shares in proptest::collection::vec(0_i64..1_000_000, 0..40),
        ) {
            let ends: Vec<u32> = cuts.into_iter().chain([10_000]).collect();
            let starts = [0].into_iter().chain(ends.iter().copied());
            let funding = parties(&ends.iter().zip(starts).map(|(end, start)| end - start).collect::<Vec<_>>());
            let mut borne = vec![0_i64; funding.len()];
            for (share, parts) in shares.iter().zip(funded(&funding, shares.clone())) {
                prop_assert_eq!(parts.iter().map(|part| part.off_minor).sum::<i64>(), *share);
                for part in &parts {
                    borne[funding.iter().position(|one| one.party == part.party).unwrap()] += part.off_minor;
                }
            }
            let total: i64 = shares.iter().sum();
            for (part, borne) in funding.iter().zip(borne) {
                let exact = total * i64::from(part.off_bp);
                let bound = 10_000 * i64::try_from(funding.len()).unwrap();
                prop_assert!((borne * 10_000 - exact).abs() < bound, "{} of {exact}", borne);
            }
        }
    }
}
