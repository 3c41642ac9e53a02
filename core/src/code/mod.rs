//! Codes: alphabet, format, seal and open, keyring.
#![allow(missing_docs)]
use serde::{Deserialize, Serialize};
pub const FLOOR_BITS_COUPON: u32 = 40;
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum World {
    Live,
    Test,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeFormat {
    pub symbols: u8,
}
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("odds")]
pub struct FormatRefused {
    pub format: CodeFormat,
    pub live: u64,
    pub guess_bits: u32,
    pub floor_bits: u32,
    pub would_do: Option<CodeFormat>,
}
impl CodeFormat {
    pub fn require(self, _l: u64, _f: u32) -> Result<(), FormatRefused> {
        Ok(())
    }
}
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Normalisation {
    Word,
    CaseSensitive,
}
pub struct MacKey;
impl MacKey {
    pub fn mac(&self, _p: &[&[u8]]) -> [u8; 32] {
        [0; 32]
    }
}
