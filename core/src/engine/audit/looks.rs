//! Further passes, which name what differs.
//!
//! Somebody may write a sum between the rows it is worked out from and its own. Where the rows of two passes are the same ones, nothing
//! was written between, and the sum that the first of them read behind these rows must be what they say.

use super::tally::Sums;

/// Most further passes over a store in which others write.
const LOOKS_MAX: u32 = 3;

/// What further passes found.
#[derive(Default)]
pub(super) struct Looks {
    passes: u32,
    /// What differed in the last one, and may have been written meanwhile.
    moving: Sums,
    /// What differs, whoever writes.
    sure: Sums,
}

impl Looks {
    /// Adds what differed in a pass; `true` if another one may tell more.
    pub(super) fn add(&mut self, differing: Sums, stood_still: bool) -> bool {
        let before = std::mem::take(&mut self.moving);
        for (key, both) in differing {
            if stood_still || before.get(&key) == Some(&both) {
                self.sure.insert(key, both);
            } else if !self.sure.contains_key(&key) {
                self.moving.insert(key, both);
            }
        }
        self.passes += 1;
        !self.moving.is_empty() && self.passes < LOOKS_MAX
    }

    /// What differs, whoever writes.
    pub(super) fn sure(self) -> Sums {
        self.sure
    }
}

#[cfg(test)]
mod tests {
    use super::super::tally::{Side, Sum, Tally};
    use super::*;

    const ACCOUNT: Sum<'static> = Sum::Account { owner: "holder:customer:ann", unit: "uses:a" };

    fn bucket_of(sum: Sum<'_>) -> usize {
        let mut tally = Tally::sums(0);
        tally.add(Side::Stands, sum, 1, 0);
        tally.bad()[0]
    }

    /// A pass that reads a sum, and one redemption for each version.
    fn pass(balance: i64, redemptions: &[u64]) -> Sums {
        let mut tally = Tally::kept(0, &[bucket_of(ACCOUNT)]);
        redemptions.iter().for_each(|version| tally.add(Side::Journal, ACCOUNT, 1, *version));
        tally.add(Side::Stands, ACCOUNT, balance, 0);
        tally.differing()
    }

    #[test]
    fn a_sum_that_is_ahead_by_as_much_in_every_pass_is_a_matter_of_the_moment() {
        let mut looks = Looks::default();
        assert!(looks.add(pass(3, &[7, 8]), false));
        assert!(looks.add(pass(4, &[7, 8, 9]), false));
        // A use came, and one that was given back went: neither sum moved.
        assert!(!looks.add(pass(4, &[7, 8, 11]), false));
        assert_eq!(looks.sure(), Sums::new());
    }

    #[test]
    fn a_sum_that_differs_from_the_same_rows_twice_is_wrong() {
        let mut looks = Looks::default();
        assert!(looks.add(pass(3, &[7, 8]), false));
        assert!(!looks.add(pass(3, &[7, 8]), false));
        assert_eq!(looks.sure(), pass(3, &[7, 8]));
    }

    #[test]
    fn nothing_is_a_matter_of_the_moment_where_nobody_writes() {
        let mut looks = Looks::default();
        assert!(!looks.add(pass(3, &[7, 8]), true));
        assert_eq!(looks.sure(), pass(3, &[7, 8]));
    }
}
