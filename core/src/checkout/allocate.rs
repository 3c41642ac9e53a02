//! Spreading one total over lines so that the parts sum exactly.

use std::cmp::Reverse;

/// What remainders are ranked in, kept from one allocation to the next: the largest first, ties by place.
pub(super) type Remainders = Vec<(Reverse<i64>, usize)>;

/// Of so few remainders it is faster to count for each how many come before it than to part them.
const COUNTED_MAX: usize = 8;

/// Splits `total` over `weights` in proportion, by largest remainder, ties by order of the weights (Hare-Niemeyer).
///
/// All figures are minor units, 0 or more. The parts sum to `total` exactly; a weight of 0 gets 0; where `total` is at
/// most the sum of the weights, no part exceeds its weight. A total that no weight can carry (all are 0) gives zeros.
pub fn allocate(total: i64, weights: &[i64]) -> Vec<i64> {
    let mut parts = weights.to_vec();
    allocate_rows(total, &mut parts, |weight| *weight, |part| part, &mut Remainders::new());
    parts
}

/// The same over rows: `weight` of each, and where its `part` goes, which may be where the weight stood.
pub(super) fn allocate_rows<R>(
    total: i64,
    rows: &mut [R],
    weight: impl Fn(&R) -> i64,
    part: impl Fn(&mut R) -> &mut i64,
    remainders: &mut Remainders,
) {
    let whole: i128 = rows.iter().map(|row| i128::from(weight(row))).sum();
    if whole == 0 {
        rows.iter_mut().for_each(|row| *part(row) = 0);
        return;
    }
    let largest = rows.iter().map(&weight).max().unwrap_or_default();
    // Nearly every order fits into one word, where division is several times as fast.
    if let (Some(_), Ok(whole)) = (total.checked_mul(largest), i64::try_from(whole)) {
        remainders.clear();
        let mut left = total;
        for (place, row) in rows.iter_mut().enumerate() {
            let product = total * weight(row);
            let floor = product / whole;
            left -= floor;
            remainders.push((Reverse(product % whole), place));
            *part(row) = floor;
        }
        give_out(left, rows, part, remainders);
        return;
    }
    let (mut left, mut wide) = (total, Vec::with_capacity(rows.len()));
    for (place, row) in rows.iter_mut().enumerate() {
        let product = i128::from(total) * i128::from(weight(row));
        let floor = i64::try_from(product.div_euclid(whole)).unwrap_or(i64::MAX);
        left -= floor;
        wide.push((Reverse(product.rem_euclid(whole)), place));
        *part(row) = floor;
    }
    give_out(left, rows, part, &mut wide);
}

/// Gives what the whole parts leave of a total to those with the largest remainders.
fn give_out<R, T: Ord>(
    left: i64,
    rows: &mut [R],
    part: impl Fn(&mut R) -> &mut i64,
    remainders: &mut [(Reverse<T>, usize)],
) {
    // Below the number of lines that have a remainder, so none gets two.
    let left = usize::try_from(left).unwrap_or(0);
    if left == 0 {
        return;
    }
    if remainders.len() <= COUNTED_MAX {
        for (row, own) in rows.iter_mut().zip(remainders.iter()) {
            let before = remainders.iter().filter(|other| *other < own).count();
            *part(row) += i64::from(before < left);
        }
        return;
    }
    if left < remainders.len() {
        remainders.select_nth_unstable(left);
    }
    for (_, place) in remainders.iter().take(left) {
        if let Some(row) = rows.get_mut(*place) {
            *part(row) += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ties_go_to_the_first_lines() {
        assert_eq!(allocate(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(allocate(5, &[0, 10, 0]), [0, 5, 0]);
        assert_eq!(allocate(5, &[0, 0]), [0, 0]);
    }

    proptest! {
        #[test]
        fn g14_parts_sum_exactly_and_stay_within_their_lines(
            weights in proptest::collection::vec(0i64..=(1 << 40), 1..60),
            share in 0u64..=10_000,
        ) {
            let whole: i64 = weights.iter().sum();
            let total = i64::try_from(i128::from(whole) * i128::from(share) / 10_000).unwrap();
            let parts = allocate(total, &weights);
            prop_assert_eq!(parts.iter().sum::<i64>(), total);
            for (part, weight) in parts.iter().zip(&weights) {
                prop_assert!(0 <= *part && part <= weight);
            }
        }
    }
}
