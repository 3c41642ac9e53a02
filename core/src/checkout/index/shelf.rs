//! Entries under one key, so that those that ask for more than an order comes to are not looked at.

use std::collections::BTreeSet;

/// The least that an order must come to, in minor units, and which entry asks for it.
pub(super) type Spot = (i64, u32);

/// Nearly every key has few entries, some have nearly all.
#[derive(Debug, Clone)]
pub(super) enum Shelf {
    Few(Vec<Spot>),
    /// By what they ask for.
    Many(BTreeSet<Spot>),
}

/// So many are looked through as they lie.
const FEW: usize = 16;

impl Default for Shelf {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Shelf {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Few(spots) => spots.len(),
            Self::Many(spots) => spots.len(),
        }
    }

    pub(super) fn put(&mut self, spot: Spot) {
        match self {
            Self::Few(spots) if spots.len() < FEW => spots.push(spot),
            Self::Few(spots) => *self = Self::Many(spots.drain(..).chain([spot]).collect()),
            Self::Many(spots) => drop(spots.insert(spot)),
        }
    }

    pub(super) fn take(&mut self, spot: Spot) {
        match self {
            Self::Few(spots) => spots.retain(|other| *other != spot),
            Self::Many(spots) => drop(spots.remove(&spot)),
        }
    }

    /// Tells the entries that ask for so much at most.
    pub(super) fn up_to(&self, minor: i64, mut tell: impl FnMut(u32)) {
        match self {
            Self::Few(spots) => spots.iter().filter(|(least, _)| *least <= minor).for_each(|(_, entry)| tell(*entry)),
            Self::Many(spots) => spots.range(..=(minor, u32::MAX)).for_each(|(_, entry)| tell(*entry)),
        }
    }
}
