//! Sums over everything, in memory that does not grow: what stands in the rows against what the journal says.
//!
//! Each sum has a name. A first pass adds every contribution, times a number that belongs to its name, to one of many buckets: what
//! stands above zero, what the journal says below. A bucket in which anything differs does not come to zero (but for one chance in
//! 2^64). Only then does a second pass keep the sums of such buckets one by one, to name those that differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::Finding;
use crate::id::{BatchNo, CardId};

/// Sums one by one, by row and field.
pub(super) type Sums = BTreeMap<(String, &'static str), Both>;

/// A sum from both sides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Both {
    stands: i128,
    journal: i128,
    /// The marks of all that was read for it.
    mark: u64,
}

/// What is added up. The audit's rooms add their contributions to it in [`rows`](super::rows) and [`cards`](super::cards).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Sum<'a> {
    /// What an account stands at.
    Account { owner: &'a str, unit: &'a str },
    /// One redemption of a card.
    Redemption { key: &'a str, card: CardId, of: Of },
    /// The refunds of a redemption together.
    Refunds { redemption: &'a str, of: Of },
    /// How far claiming has come in a batch.
    Stock(BatchNo),
    /// Living cards in a key slot of a width.
    Live { symbols: u8, slot: u8 },
    /// Batches of a width.
    Batches { symbols: u8 },
}

/// What of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Of {
    Rows,
    Minor,
    At,
}

impl Sum<'_> {
    fn field(&self) -> &'static str {
        match self {
            Self::Account { .. } => "balance",
            Self::Redemption { of: Of::Rows, .. } | Self::Refunds { of: Of::Rows, .. } => "rows",
            Self::Redemption { of: Of::Minor, .. } => "taken_minor",
            Self::Refunds { of: Of::Minor, .. } => "amount_minor",
            Self::Redemption { of: Of::At, .. } | Self::Refunds { of: Of::At, .. } => "at (ms)",
            Self::Stock(_) => "next",
            Self::Live { .. } => "live",
            Self::Batches { .. } => "next_number",
        }
    }
}

impl fmt::Display for Sum<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account { owner, unit } => write!(f, "account {owner} {unit}"),
            Self::Redemption { key, card, .. } => write!(f, "redemption {key} of card {card}"),
            Self::Refunds { redemption, .. } => write!(f, "refunds of redemption {redemption}"),
            Self::Stock(batch) => write!(f, "stock of batch {}-{}", batch.symbols, batch.number),
            Self::Live { symbols, slot } => write!(f, "format_use {symbols}, key slot {slot}"),
            Self::Batches { symbols } => write!(f, "format_use {symbols}"),
        }
    }
}

/// Whose word it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Stands,
    Journal,
}

const BUCKETS: usize = 1 << 16;

/// Most buckets that are gone into.
const NAMED_MAX: usize = 64;

/// Most sums that are kept one by one.
const KEPT_MAX: usize = 50_000;

pub(super) struct Tally {
    seed: u64,
    mode: Mode,
}

enum Mode {
    Sums(Vec<u64>),
    Kept { bad: BTreeSet<usize>, sums: Sums },
}

impl Tally {
    /// A first pass. `seed` is of a key, so that nobody without it makes differences that cancel out.
    pub(super) fn sums(seed: u64) -> Self {
        Self { seed, mode: Mode::Sums(vec![0; BUCKETS]) }
    }

    /// A further pass over some buckets.
    pub(super) fn kept(seed: u64, bad: &[usize]) -> Self {
        let bad = bad.iter().take(NAMED_MAX).copied().collect();
        Self { seed, mode: Mode::Kept { bad, sums: Sums::new() } }
    }

    /// Adds to a side what was read there, with a mark of what it was read from: a row's version, or 1 for each event, as events only
    /// become more.
    pub(super) fn add(&mut self, side: Side, sum: Sum<'_>, value: i64, mark: u64) {
        let mut hasher = DefaultHasher::new();
        (self.seed, sum).hash(&mut hasher);
        let hash = hasher.finish();
        let bucket = usize::try_from(hash >> 48).unwrap_or(0) % BUCKETS;
        match &mut self.mode {
            Mode::Sums(buckets) => {
                // Odd, so that no difference vanishes; not the bits that chose the bucket alone.
                let weight = hash.rotate_left(17).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
                let step = weight.wrapping_mul(value.cast_unsigned());
                if let Some(bucket) = buckets.get_mut(bucket) {
                    *bucket = match side {
                        Side::Stands => bucket.wrapping_add(step),
                        Side::Journal => bucket.wrapping_sub(step),
                    };
                }
            }
            Mode::Kept { bad, sums } if bad.contains(&bucket) => {
                let full = sums.len() >= KEPT_MAX;
                let key = (sum.to_string(), sum.field());
                if full && !sums.contains_key(&key) {
                    return;
                }
                let both = sums.entry(key).or_default();
                match side {
                    Side::Stands => both.stands += i128::from(value),
                    Side::Journal => both.journal += i128::from(value),
                }
                both.mark = both.mark.wrapping_add(mark);
            }
            Mode::Kept { .. } => {}
        }
    }

    /// The buckets in which something differs.
    pub(super) fn bad(&self) -> Vec<usize> {
        match &self.mode {
            Mode::Sums(buckets) => (0..).zip(buckets).filter(|(_, sum)| **sum != 0).map(|(bucket, _)| bucket).collect(),
            Mode::Kept { .. } => Vec::new(),
        }
    }

    /// The sums that differ, by name, with by how much.
    pub(super) fn differing(&self) -> Sums {
        match &self.mode {
            Mode::Sums(_) => Sums::new(),
            Mode::Kept { sums, .. } => {
                let differ = sums.iter().filter(|(_, both)| both.stands != both.journal);
                differ.map(|(key, sums)| (key.clone(), *sums)).collect()
            }
        }
    }
}

/// How many buckets a further pass leaves out.
pub(super) fn left_out(bad: &[usize]) -> u64 {
    bad.len().saturating_sub(NAMED_MAX) as u64
}

pub(super) fn finding(((row, field), both): ((String, &'static str), Both)) -> Finding {
    let Both { stands, journal, .. } = both;
    Finding { row, field: field.to_owned(), stands: stands.to_string(), journal: journal.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_named_and_nothing_else() {
        let owners: Vec<String> = (0..2_000).map(|n| format!("holder:customer:{n}")).collect();
        let pass = |mut tally: Tally| {
            for (place, owner) in owners.iter().enumerate() {
                let account = Sum::Account { owner, unit: "uses:a" };
                (0..3).for_each(|_| tally.add(Side::Journal, account, 2, 1));
                tally.add(Side::Stands, account, if place == 700 { 7 } else { 6 }, 0);
            }
            tally
        };
        let bad = pass(Tally::sums(9)).bad();
        assert_eq!(bad.len(), 1);
        let named: Vec<_> = pass(Tally::kept(9, &bad)).differing().into_iter().collect();
        let both = Both { stands: 7, journal: 6, mark: 3 };
        assert_eq!(named, [(("account holder:customer:700 uses:a".to_owned(), "balance"), both)]);
    }

    #[test]
    fn the_same_at_another_place_is_another_thing() {
        let mut tally = Tally::sums(0);
        let of = |key, card| Sum::Redemption { key, card: CardId::parse("card", card).unwrap(), of: Of::Rows };
        tally.add(Side::Stands, of("a", "16-1-1"), 1, 1);
        tally.add(Side::Journal, of("a", "16-1-2"), 1, 1);
        assert_eq!(tally.bad().len(), 2);
    }
}
