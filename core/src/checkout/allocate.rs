//! Spreading one total over lines so that the parts sum exactly.

/// Splits `total` over `weights` in proportion, by largest remainder, ties by order of the weights (Hare-Niemeyer).
///
/// All figures are minor units, 0 or more. The parts sum to `total` exactly; a weight of 0 gets 0; where `total` is at
/// most the sum of the weights, no part exceeds its weight. A total that no weight can carry (all are 0) gives zeros.
pub fn allocate(total: i64, weights: &[i64]) -> Vec<i64> {
    let whole: i128 = weights.iter().copied().map(i128::from).sum();
    if whole == 0 {
        return vec![0; weights.len()];
    }
    let largest = weights.iter().copied().max().unwrap_or_default();
    // Nearly every order fits into one word, where division is several times as fast.
    if let (Some(_), Ok(whole)) = (total.checked_mul(largest), i64::try_from(whole)) {
        let shares = weights.iter().map(|&weight| ((total * weight) / whole, (total * weight) % whole));
        return with_remainders(total, shares.unzip());
    }
    let shares = weights.iter().map(|&weight| {
        let product = i128::from(total) * i128::from(weight);
        (product.div_euclid(whole), product.rem_euclid(whole))
    });
    let (floors, remainders): (Vec<i128>, Vec<i128>) = shares.unzip();
    let floors = floors.iter().map(|&floor| i64::try_from(floor).unwrap_or(i64::MAX)).collect();
    with_remainders(total, (floors, remainders))
}

/// Gives what the whole parts leave of `total` to those with the largest remainders.
fn with_remainders<T: Ord + Copy>(total: i64, (mut parts, remainders): (Vec<i64>, Vec<T>)) -> Vec<i64> {
    // Below the number of lines that have a remainder, so none gets two.
    let left = usize::try_from(total - parts.iter().sum::<i64>()).unwrap_or(0);
    if left == 0 {
        return parts;
    }
    let mut by_remainder: Vec<usize> = (0..parts.len()).collect();
    let rank = |place: &usize| (std::cmp::Reverse(remainders.get(*place).copied()), *place);
    if left < by_remainder.len() {
        by_remainder.select_nth_unstable_by_key(left, rank);
    }
    for place in by_remainder.into_iter().take(left) {
        if let Some(part) = parts.get_mut(place) {
            *part += 1;
        }
    }
    parts
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
