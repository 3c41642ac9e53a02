//! Who bears what comes off: parties next to each share.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Pricing, allocate};
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

/// What each party bears of a pricing, by name.
pub(crate) fn borne(pricing: &Pricing) -> Vec<Funded> {
    let of_lines = pricing.allocations.iter().flat_map(|share| &share.funded);
    let mut all = BTreeMap::<&str, i64>::new();
    for part in of_lines.chain(&pricing.shipping_funded) {
        *all.entry(&part.party).or_default() += part.off_minor;
    }
    all.into_iter().map(|(party, off_minor)| Funded { party: party.to_owned(), off_minor }).collect()
}

/// What each party gets back of what it bears, as what was given back in all grows from `before` to `after`. Whatever the steps, none gets
/// more than it bears, each step sums exactly, and the last one brings all to the whole.
pub(crate) fn given_back(borne: &[Funded], before: i64, after: i64) -> Vec<Funded> {
    let (from, to) = (shares_of(borne, before), shares_of(borne, after));
    let parts = borne.iter().zip(from.into_iter().zip(to)).filter(|(_, (from, to))| to > from);
    parts.map(|(part, (from, to))| Funded { party: part.party.clone(), off_minor: to - from }).collect()
}

/// The first `minor` of what parties bear: each takes its part of what those in front of it left. So no share ever falls while the sum grows,
/// which largest remainders do not promise.
fn shares_of(borne: &[Funded], minor: i64) -> Vec<i64> {
    let mut whole: i128 = borne.iter().map(|part| i128::from(part.off_minor)).sum();
    let mut left = i128::from(minor).clamp(0, whole);
    let share = |part: &Funded| {
        let weight = i128::from(part.off_minor);
        let share = if whole > 0 { left * weight / whole } else { 0 };
        whole -= weight;
        left -= share;
        i64::try_from(share).unwrap_or(part.off_minor)
    };
    borne.iter().map(share).collect()
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
        fn g05_what_parties_get_back_in_steps_is_what_they_bear(
            parts in proptest::collection::vec(0_i64..1_000, 0..6),
            steps in proptest::collection::btree_set(0_i64..6_000, 0..8),
        ) {
            let party = |(at, off_minor): (usize, &i64)| Funded { party: format!("p{at}"), off_minor: *off_minor };
            let borne: Vec<Funded> = parts.iter().enumerate().map(party).collect();
            let whole: i64 = parts.iter().sum();
            let (mut before, mut back) = (0, vec![0; parts.len()]);
            for after in steps.into_iter().map(|step| step.min(whole)).chain([whole]) {
                let given = given_back(&borne, before, after);
                prop_assert_eq!(given.iter().map(|part| part.off_minor).sum::<i64>(), after - before);
                for part in given {
                    back[part.party[1..].parse::<usize>().unwrap()] += part.off_minor;
                }
                for (back, part) in back.iter().zip(&parts) {
                    // In proportion, but for a cent for each party in front.
                    let exact = after * part / whole.max(1);
                    prop_assert!((back - exact).abs() <= i64::try_from(parts.len()).unwrap(), "{} of {}", back, exact);
                }
                before = after;
            }
            prop_assert_eq!(back, parts);
        }

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
