//! Chance from a seed: the same seed throws the same on every machine.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// A seeded thrower of dice.
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The dice of a seed. `purpose` keeps throws apart that must not move when others are left out.
    pub fn new(seed: u64, purpose: u8) -> Self {
        Self(ChaCha8Rng::from_seed(seed_bytes(seed, purpose)))
    }

    /// A number below `end`, which is 1 or more. The tiny bias of the remainder is of no matter here.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0.next_u64() % end.max(1)
    }

    /// A place in a list of this length; 0 for an empty one.
    pub fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// One of a list.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let place = self.place(list.len());
        list.get(place)
    }

    /// True so many times in a thousand.
    pub fn in_thousand(&mut self, chance: u64) -> bool {
        self.below(1_000) < chance
    }

    /// One of several by weight; 0 where all weigh nothing.
    pub fn weighed(&mut self, weights: &[u64]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (place, weight) in weights.iter().enumerate() {
            if left < *weight {
                return place;
            }
            left -= weight;
        }
        0
    }
}

/// 32 bytes from a number and a purpose, for generators that want as many.
pub fn seed_bytes(seed: u64, purpose: u8) -> [u8; 32] {
    let mut bytes = [purpose; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes
}
