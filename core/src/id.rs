//! Names that the host gives to things, and the version of a record.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// Longest name of a tenant, campaign, template, batch, product set, channel, order, line or product.
pub const NAME_BYTES_MAX: usize = 64;

/// Longest idempotency key.
pub const KEY_BYTES_MAX: usize = 128;

/// Refuses a name that is empty, longer than [`NAME_BYTES_MAX`] bytes, or holds spaces or control characters.
pub fn check_name(field: &str, name: &str) -> Result<(), Invalid> {
    check_text(field, name, NAME_BYTES_MAX)
}

/// Refuses an idempotency key that is empty, longer than [`KEY_BYTES_MAX`] bytes, or holds spaces or control characters.
pub fn check_key(field: &str, key: &str) -> Result<(), Invalid> {
    check_text(field, key, KEY_BYTES_MAX)
}

fn check_text(field: &str, text: &str, bytes_max: usize) -> Result<(), Invalid> {
    let good = (1..=bytes_max).contains(&text.len()) && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    if good {
        return Ok(());
    }
    // Not the text: what is no name may be anything that got into the wrong field, a code or a telephone number.
    let among =
        if text.len() > bytes_max || text.is_empty() { "" } else { ", a space or control character among them" };
    let given = format!("{} bytes{among}", text.len());
    Err(Invalid::new(field, given, format!("1 to {bytes_max} bytes without spaces or control characters")))
}

/// 64 fresh bits of the changeset that wrote a record last. Never a counter: two writers cannot meet in it by chance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u64);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The number of a batch within a tenant: the width of its codes (12, 16, 20 or 24) and its number among those.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
pub struct BatchNo {
    /// How many symbols the batch's codes have.
    pub symbols: u8,
    /// Its number among the batches of that width.
    pub number: u32,
}

impl BatchNo {
    /// One integer for a store's key column: `symbols × 2^24 + number`.
    pub fn packed(self) -> i64 {
        i64::from(self.symbols) << 24 | i64::from(self.number & 0x00ff_ffff)
    }

    /// Takes the integer of a store's key column apart again; `None` when no batch is packed so.
    pub fn unpacked(packed: i64) -> Option<Self> {
        let symbols = u8::try_from(packed >> 24).ok()?;
        let number = u32::try_from(packed & 0x00ff_ffff).ok()?;
        Some(Self { symbols, number })
    }
}

/// A card: its batch and its serial in `0..size`. The text `16-3-41` on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardId {
    /// The batch that the card belongs to.
    pub batch: BatchNo,
    /// Its serial within the batch, from 0.
    pub serial: u32,
}

impl fmt::Display for CardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.batch.symbols, self.batch.number, self.serial)
    }
}

impl CardId {
    /// Reads `16-3-41`: symbols, batch number, serial.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        let mut parts = text.splitn(3, '-');
        let mut next = || parts.next().and_then(|part| part.parse::<u32>().ok());
        match (next().and_then(|n| u8::try_from(n).ok()), next(), next()) {
            (Some(symbols), Some(number), Some(serial)) if number <= 0x00ff_ffff => {
                Ok(Self { batch: BatchNo { symbols, number }, serial })
            }
            _ => Err(Invalid::new(field, text, "a card id such as 16-3-41")),
        }
    }
}

impl Serialize for CardId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CardId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse("card", &text).map_err(serde::de::Error::custom)
    }
}
