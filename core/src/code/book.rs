//! Sealing and opening the codes of one tenant in one world.

use std::fmt;

use subtle::Choice;

use super::alphabet::{self, Symbols};
use super::codes::Codes;
use super::format::CodeFormat;
use super::formats::Formats;
use super::keyring::Keyring;
use super::number::CardNumbers;
use super::permutation::Permutation;
use super::round_mac::RoundMac;
use super::sealer::Sealer;
use super::text::TextKeys;
use super::word::WordKey;
use super::world::World;
use crate::Invalid;

/// What a code says: a card, and which of its codes this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardRef {
    /// The batch's number in its tenant.
    pub batch_no: u32,
    /// The card's place in its batch, from 0.
    pub serial: u32,
    /// 0 for a card's first code, one more for each that replaced it.
    pub issue_no: u8,
}

/// A genuine code. Whether it is a card's code now, [`super::resolve`] tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Opened {
    /// The format it was sealed in.
    pub format: CodeFormat,
    /// The slot of the key that sealed it.
    pub slot: u8,
    /// What it says.
    pub card: CardRef,
}

/// All that one tenant needs for its codes in one world, worked out once from a [`Keyring`]. Build it again after the ring or
/// the formats change. Never prints its keys; zeroes them when dropped.
pub struct CodeBook {
    world: World,
    sealers: Vec<Sealer>,
    decoy: Permutation,
    pub(super) numbers: CardNumbers,
    pub(super) words: WordKey,
    pub(super) texts: TextKeys,
}

impl CodeBook {
    /// Derives the keys of `tenant` in `world`, for codes of the registered `formats`. Retired keys are left out.
    pub fn new(keyring: &Keyring, tenant: &str, world: World, formats: &Formats) -> Self {
        let sealers = formats.iter().map(|format| Sealer::new(keyring, tenant, world, format)).collect();
        let decoy = keyring.derived("decoy", tenant, world);
        let decoy_round = || RoundMac::new(decoy.bytes());
        let CodeFormat { layout, .. } = CodeFormat::S16;
        Self {
            world,
            sealers,
            decoy: Permutation {
                body_bits: layout.body_bits(),
                tag_bits: layout.tag_bits,
                mac: decoy_round(),
                enc: decoy_round(),
                wrap: decoy_round(),
                hide: decoy_round(),
            },
            numbers: CardNumbers::new(&keyring.derived("number", tenant, world)),
            words: WordKey(keyring.derived("word", tenant, world)),
            texts: TextKeys {
                cipher: keyring.derived("text", tenant, world),
                nonce: keyring.derived("text-nonce", tenant, world),
            },
        }
    }

    /// The world of this book.
    pub fn world(&self) -> World {
        self.world
    }

    /// The code of `card` in `format` under the key in `slot`: the prefix and groups of four symbols, dashes between.
    ///
    /// # Errors
    /// - `format`: not registered in this book.
    /// - `slot`: beyond what the format can name, or no key there that opens (unknown or retired).
    /// - `card.batch_no`, `card.serial`, `card.issue_no`: beyond what the format can name.
    pub fn seal(&self, format: &CodeFormat, slot: u8, card: &CardRef) -> Result<String, Invalid> {
        let mut text = String::new();
        self.seal_into(format, slot, card, &mut text)?;
        Ok(text)
    }

    /// [`CodeBook::seal`] into a buffer of the caller's, which is cleared first. For many codes see [`CodeBook::seal_all`].
    ///
    /// # Errors
    /// As [`CodeBook::seal`]; the buffer is then empty.
    pub fn seal_into(&self, format: &CodeFormat, slot: u8, card: &CardRef, text: &mut String) -> Result<(), Invalid> {
        text.clear();
        let (sealer, permutation) = self.sealer_for(format, slot)?;
        let payload = sealer.payload(card)?;
        let ([body], [tag]) = permutation.seal([payload]);
        let symbols = sealer.encode(&[format.layout.whole(slot, body, tag)]);
        sealer.write(&symbols, 0, text);
        Ok(())
    }

    /// The codes of many cards, made as they are asked for and stored nowhere. Several codes are worked on at once, which is
    /// faster than one [`CodeBook::seal`] after another.
    ///
    /// # Errors
    /// - `format`, `slot`: as [`CodeBook::seal`]. A card that the format cannot name is an error in its own place.
    pub fn seal_all<I>(&self, format: &CodeFormat, slot: u8, cards: I) -> Result<Codes<'_, I::IntoIter>, Invalid>
    where
        I: IntoIterator<Item = CardRef>,
    {
        let (sealer, permutation) = self.sealer_for(format, slot)?;
        Ok(Codes::new(sealer, permutation, slot, cards.into_iter()))
    }

    /// What `text` says, if it is a genuine code of this tenant and world under a key that opens; `None` for everything else,
    /// without a reason.
    ///
    /// Case, spaces, dashes and full-width forms are forgiven, `O` is `0`, `I` and `L` are `1`. Needs no I/O and computes four
    /// HMACs whatever the input; a text of more than 256 bytes is not read at all.
    pub fn open(&self, text: &str) -> Option<Opened> {
        let read = self.read(text);
        let (permutation, body, tag) = match &read {
            Some(read) => (read.permutation, read.body, read.tag),
            None => (&self.decoy, 0, 0),
        };
        let (payload, genuine) = permutation.open(body, tag);
        let is_known = Choice::from(u8::from(read.is_some()));
        if !bool::from(genuine & is_known) {
            return None;
        }
        let Read { format, slot, .. } = read?;
        let (batch_no, serial, issue_no) = format.layout.card_of(payload);
        Some(Opened { format, slot, card: CardRef { batch_no, serial, issue_no } })
    }

    /// Everything about `text` that needs no HMAC.
    fn read(&self, text: &str) -> Option<Read<'_>> {
        let symbols = Symbols::read(text)?;
        let (sealer, code) = self.sealers.iter().find_map(|sealer| {
            let code = sealer.format.strip(symbols.as_str(), &sealer.effective_prefix)?;
            Some((sealer, code))
        })?;
        let (slot, body, tag) = sealer.format.layout.parts_of(alphabet::decode(code)?);
        let permutation = sealer.permutation(slot)?;
        Some(Read { format: sealer.format, slot, permutation, body, tag })
    }

    fn sealer_for(&self, format: &CodeFormat, slot: u8) -> Result<(&Sealer, &Permutation), Invalid> {
        let sealer = self
            .sealers
            .iter()
            .find(|sealer| sealer.format == *format)
            .ok_or_else(|| Invalid::new("format", format, "a format that is registered for the tenant"))?;
        if slot > format.slot_max() {
            let allowed = format!("0 to {} in format {format}", format.slot_max());
            return Err(Invalid::new("slot", slot, allowed));
        }
        let permutation = sealer
            .permutation(slot)
            .ok_or_else(|| Invalid::new("slot", slot, "a slot with a key that is minting or opening"))?;
        Ok((sealer, permutation))
    }
}

struct Read<'a> {
    format: CodeFormat,
    slot: u8,
    permutation: &'a Permutation,
    body: u64,
    tag: u64,
}

impl fmt::Debug for CodeBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodeBook({}, {} formats)", self.world, self.sealers.len())
    }
}

#[cfg(test)]
mod tests {
    use super::super::round_mac::count_of;
    use super::*;
    use crate::ChaChaEntropy;

    #[test]
    fn g31_four_hmacs_whatever_the_input() {
        let entropy = ChaChaEntropy::from_seed([3; 32]);
        let mut keyring = Keyring::generate(&entropy);
        let mut formats = Formats::default();
        formats.add("VIP+20".parse().unwrap()).unwrap();
        let card = CardRef { batch_no: 5, serial: 6, issue_no: 1 };
        let early = CodeBook::new(&keyring, "default", World::Live, &formats);
        let genuine = early.seal(&CodeFormat::S16, 0, &card).unwrap();
        keyring.rotate(&entropy).unwrap();
        let retired = early.seal(&CodeFormat::S20, 0, &card).unwrap();
        let book = CodeBook::new(&keyring, "default", World::Live, &formats);
        assert_eq!(count_of(|| book.open(&genuine).is_some()), (true, 4));
        keyring.retire(0).unwrap();
        let book = CodeBook::new(&keyring, "default", World::Live, &formats);
        let foreign = CodeBook::new(&keyring, "other", World::Live, &formats).seal(&CodeFormat::S16, 1, &card).unwrap();
        let test = CodeBook::new(&keyring, "default", World::Test, &formats).seal(&CodeFormat::S16, 1, &card).unwrap();
        let long = "A".repeat(10_000_000);
        let unknown_slot = "ZZZZ-ZZZZ-ZZZZ";
        for text in [
            "",
            " ",
            "U",
            "0",
            "0000-0000-0000",
            &genuine,
            &retired,
            &foreign,
            &test,
            unknown_slot,
            &long,
            "券码",
            "VIP",
        ] {
            assert_eq!(count_of(|| book.open(text)), (None, 4));
        }
    }

    #[test]
    fn unused_slots_cost_the_same() {
        let keyring = Keyring::generate(&ChaChaEntropy::from_seed([3; 32]));
        let book = CodeBook::new(&keyring, "default", World::Live, &Formats::default());
        for first in "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars() {
            let text = format!("{first}00000000000");
            assert_eq!(count_of(|| book.open(&text)), (None, 4));
        }
    }
}
