//! The secrets behind a tenant's codes: one base secret that stays, and code keys that rotate.

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroizing;

use super::format::CodeFormat;
use super::mac::MacKey;
use super::world::World;
use crate::{Entropy, Invalid};

/// The highest key slot that any format can name.
pub(super) const SLOT_MAX: u8 = 31;

/// What a code key is still used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// New batches are pinned to this slot. Exactly one key is minting.
    Minting,
    /// Codes of batches pinned to this slot open and can still be exported.
    Opening,
    /// Nothing opens or seals under this slot.
    Retired,
}

/// The secrets of an engine: whoever has them can mint. One ring serves many tenants; every key is derived per tenant and
/// world.
///
/// Keep it where secrets are kept, as the text of [`Keyring::to_json`]. It is never printed, and zeroed when dropped.
pub struct Keyring {
    pub(super) base: MacKey,
    pub(super) keys: BTreeMap<u8, CodeKey>,
}

/// A code key and what it is used for.
pub(super) struct CodeKey {
    pub(super) state: KeyState,
    pub(super) key: MacKey,
}

impl Keyring {
    /// A fresh ring: a base secret and one minting key in slot 0.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let first = CodeKey { state: KeyState::Minting, key: fresh(entropy) };
        Self { base: fresh(entropy), keys: BTreeMap::from([(0, first)]) }
    }

    /// Puts a new key into the lowest free slot and lets new batches use it; the key that was minting goes on opening.
    /// Returns the new slot.
    ///
    /// Formats of 12, 16 and 20 symbols cannot name slots above 7, 15 and 15.
    ///
    /// # Errors
    /// `slot`: all 32 slots are taken; [`Keyring::forget`] a retired one first.
    pub fn rotate(&mut self, entropy: &dyn Entropy) -> Result<u8, Invalid> {
        let slot = (0..=SLOT_MAX)
            .find(|slot| !self.keys.contains_key(slot))
            .ok_or_else(|| Invalid::new("slot", "a 33rd key", "32 keys, those retired included"))?;
        for key in self.keys.values_mut().filter(|key| key.state == KeyState::Minting) {
            key.state = KeyState::Opening;
        }
        self.keys.insert(slot, CodeKey { state: KeyState::Minting, key: fresh(entropy) });
        Ok(slot)
    }

    /// Ends a key: codes under `slot` no longer open. Its bytes stay in the ring, so that a host that erred can take it back
    /// by editing the state in the JSON text.
    ///
    /// # Errors
    /// `slot`: no key there, or it is the minting one; rotate first.
    pub fn retire(&mut self, slot: u8) -> Result<(), Invalid> {
        match self.keys.get_mut(&slot) {
            Some(key) if key.state != KeyState::Minting => {
                key.state = KeyState::Retired;
                Ok(())
            }
            _ => Err(Invalid::new("slot", slot, "a slot with a key that is not minting")),
        }
    }

    /// Drops a retired key and frees its slot. Only for a slot that no batch is pinned to any more: a later key in it would
    /// seal other codes for those batches.
    ///
    /// # Errors
    /// `slot`: no retired key there.
    pub fn forget(&mut self, slot: u8) -> Result<(), Invalid> {
        match self.keys.get(&slot) {
            Some(key) if key.state == KeyState::Retired => {
                self.keys.remove(&slot);
                Ok(())
            }
            _ => Err(Invalid::new("slot", slot, "a slot with a retired key")),
        }
    }

    /// The slot that new batches are pinned to.
    pub fn minting_slot(&self) -> u8 {
        let minting = self.keys.iter().find(|(_, key)| key.state == KeyState::Minting);
        minting.map_or(0, |(slot, _)| *slot)
    }

    /// Every slot with a key, lowest first.
    pub fn slots(&self) -> impl Iterator<Item = (u8, KeyState)> {
        self.keys.iter().map(|(slot, key)| (*slot, key.state))
    }

    /// Turns phone numbers and mail addresses into what is stored of them.
    pub fn subject_key(&self, tenant: &str, world: World) -> MacKey {
        self.derived("subject", tenant, world)
    }

    /// Chains the audit trail.
    pub fn audit_key(&self, tenant: &str, world: World) -> MacKey {
        self.derived("audit", tenant, world)
    }

    /// A key of one purpose from the base secret. It outlives the rotation of code keys.
    pub(super) fn derived(&self, purpose: &str, tenant: &str, world: World) -> MacKey {
        let label = format!("cardmint/1/base/{purpose}");
        self.base.derive(&[label.as_bytes(), tenant.as_bytes(), world.as_str().as_bytes()])
    }
}

impl CodeKey {
    /// The key of one Feistel round (`mac`, `enc`, `wrap`, `hide`). The whole context is bound here, so that a code needs
    /// only short messages.
    pub(super) fn round_key(&self, round: &str, format: &CodeFormat, slot: u8, tenant: &str, world: World) -> MacKey {
        let label = format!("cardmint/1/code/{round}");
        self.key.derive(&[
            label.as_bytes(),
            &[format.symbols()],
            &[slot],
            tenant.as_bytes(),
            world.as_str().as_bytes(),
            format.effective_prefix(world).as_bytes(),
        ])
    }
}

fn fresh(entropy: &dyn Entropy) -> MacKey {
    let mut bytes = Zeroizing::new([0; 32]);
    entropy.fill(bytes.as_mut_slice());
    MacKey::from_bytes(bytes)
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({} keys, minting slot {})", self.keys.len(), self.minting_slot())
    }
}
