//! One format under all keys that open: from cards to bits and from bits to text.

use super::alphabet;
use super::book::CardRef;
use super::format::CodeFormat;
use super::keyring::{CodeKey, KeyState, Keyring};
use super::permutation::Permutation;
use super::round_mac::RoundMac;
use super::world::World;
use crate::Invalid;

/// One registered format with its permutations.
pub(super) struct Sealer {
    pub(super) format: CodeFormat,
    /// What stands before every code, dashes included: `TEST-VIP-`.
    lead: String,
    /// The same folded and without dashes, as it is compared.
    pub(super) effective_prefix: String,
    /// By key slot; `None` where there is no key that opens.
    slots: Vec<Option<Permutation>>,
}

impl Sealer {
    pub(super) fn new(keyring: &Keyring, tenant: &str, world: World, format: &CodeFormat) -> Self {
        let permutation = |slot: u8, key: &CodeKey| {
            let round = |name| RoundMac::new(key.round_key(name, format, slot, tenant, world).bytes());
            Permutation {
                body_bits: format.body_bits(),
                tag_bits: format.tag_bits(),
                mac: round("mac"),
                enc: round("enc"),
                wrap: round("wrap"),
                hide: round("hide"),
            }
        };
        let slots = (0..=format.slot_max()).map(|slot| {
            let key = keyring.keys.get(&slot).filter(|key| key.state != KeyState::Retired)?;
            Some(permutation(slot, key))
        });
        let parts = [world.mark(), format.prefix()];
        let lead = parts.iter().filter(|part| !part.is_empty()).flat_map(|part| [part, "-"]).collect();
        Self { format: *format, lead, effective_prefix: format.effective_prefix(world), slots: slots.collect() }
    }

    /// The permutation under the key in `slot`, if that key opens.
    pub(super) fn permutation(&self, slot: u8) -> Option<&Permutation> {
        self.slots.get(usize::from(slot))?.as_ref()
    }

    /// The bits of `card`, each field within its width.
    pub(super) fn payload(&self, card: &CardRef) -> Result<u64, Invalid> {
        let format = &self.format;
        let CardRef { batch_no, serial, issue_no } = *card;
        for (field, given, max) in [
            ("card.batch_no", batch_no, format.batch_no_max()),
            ("card.serial", serial, format.size_max() - 1),
            ("card.issue_no", issue_no.into(), format.issue_no_max().into()),
        ] {
            if given > max {
                return Err(Invalid::new(field, given, format!("0 to {max} in format {format}")));
            }
        }
        Ok(format.layout.payload(batch_no, serial, issue_no))
    }

    /// The symbols of a few codes, for [`Sealer::write`].
    pub(super) fn encode(&self, codes: &[u128]) -> String {
        alphabet::encode_lanes(codes, self.format.symbols().into())
    }

    /// Appends the `lane`-th code of `symbols`: lead, then groups of four.
    pub(super) fn write(&self, symbols: &str, lane: usize, text: &mut String) {
        let count = usize::from(self.format.symbols());
        text.reserve(self.lead.len() + count + count / 4);
        text.push_str(&self.lead);
        let start = lane * alphabet::slot_symbols(count);
        for at in (0..count).step_by(4) {
            if at > 0 {
                text.push('-');
            }
            text.push_str(symbols.get(start + at..start + at + 4).unwrap_or_default());
        }
    }
}
