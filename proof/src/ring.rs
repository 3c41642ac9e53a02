//! The keyrings of a world: each adds a key to the one before, and the third no longer opens the first key's codes.

use std::collections::BTreeSet;

use cardmint::code::{CodeBook, CodeFormat, Formats, KeyState, Keyring, World};
use cardmint::{ChaChaEntropy, Invalid};

/// What of a keyring matters to what a request comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    /// The slot of new batches.
    pub minting: u8,
    /// The slots whose codes open and can be sealed.
    pub good: BTreeSet<u8>,
}

impl Ring {
    /// What of this keyring matters.
    pub fn of(keyring: &Keyring) -> Self {
        let good = keyring.slots().filter(|(_, state)| *state != KeyState::Retired).map(|(slot, _)| slot);
        Self { minting: keyring.minting_slot(), good: good.collect() }
    }
}

/// How many keyrings a world has.
pub const RINGS: usize = 3;

/// The tenant of every world.
pub const TENANT: &str = "shop";

/// The keyring of that number: rotated so many times, and from the second rotation on the first key is retired.
pub fn keyring(seed: [u8; 32], number: usize) -> Result<Keyring, Invalid> {
    let entropy = ChaChaEntropy::from_seed(seed);
    let mut ring = Keyring::generate(&entropy);
    for _ in 0..number {
        ring.rotate(&entropy)?;
    }
    if number > 1 {
        ring.retire(0)?;
    }
    Ok(ring)
}

/// A book that seals under every key of the world: forgers' and old codes, too.
pub fn every_key(seed: [u8; 32]) -> Result<CodeBook, Invalid> {
    let entropy = ChaChaEntropy::from_seed(seed);
    let mut ring = Keyring::generate(&entropy);
    for _ in 1..RINGS {
        ring.rotate(&entropy)?;
    }
    Ok(CodeBook::new(&ring, TENANT, World::Live, &formats()?))
}

/// The formats of a world: two are equally long, so that one can be mistaken for the other.
pub fn formats() -> Result<Formats, Invalid> {
    Formats::only([CodeFormat::S16, CodeFormat::new(16, "VIP")?, CodeFormat::S20])
}
