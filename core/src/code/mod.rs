//! STUB while the room is built.
#![allow(missing_docs, unused)]
use crate::{Entropy, Invalid, id::CardId};
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
impl std::fmt::Display for CodeFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.symbols)
    }
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
    pub fn symbols(&self) -> u8 {
        self.symbols
    }
    pub fn batch_no_max(&self) -> u32 {
        0
    }
    pub fn size_max(&self) -> u32 {
        0
    }
    pub fn issue_no_max(&self) -> u8 {
        0
    }
    pub fn slot_max(&self) -> u8 {
        0
    }
}
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardRef {
    pub batch_no: u32,
    pub serial: u32,
    pub issue_no: u8,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    pub format: CodeFormat,
    pub slot: u8,
    pub card: CardRef,
}
pub struct BatchPin {
    pub batch_no: u32,
    pub slot: u8,
    pub format: CodeFormat,
    pub size: u32,
    pub issue_no_now: u8,
}
impl BatchPin {
    pub fn resolves(&self, _o: &Opened) -> bool {
        false
    }
}
#[derive(Default, Clone)]
pub struct Formats;
impl Formats {
    pub fn check_registered(&self, _f: &str, _c: &CodeFormat) -> Result<(), Invalid> {
        Ok(())
    }
}
pub struct Keyring;
impl Keyring {
    pub fn minting_slot(&self) -> u8 {
        0
    }
    pub fn audit_key(&self, _n: &str, _w: World) -> MacKey {
        MacKey
    }
    pub fn subject_key(&self, _n: &str, _w: World) -> MacKey {
        MacKey
    }
}
pub struct CodeBook;
impl CodeBook {
    pub fn new(_k: &Keyring, _t: &str, _w: World, _f: &Formats) -> Result<Self, Invalid> {
        Ok(Self)
    }
    pub fn open(&self, _t: &str) -> Option<Opened> {
        None
    }
    pub fn seal(&self, _f: &CodeFormat, _s: u8, _c: &CardRef) -> Result<String, Invalid> {
        Ok(String::new())
    }
    pub fn seal_into(&self, _f: &CodeFormat, _s: u8, _c: &CardRef, _o: &mut String) -> Result<(), Invalid> {
        Ok(())
    }
    pub fn word_index(&self, _t: &str) -> Option<[u8; 16]> {
        None
    }
    pub fn seal_word(&self, _t: &str) -> Result<([u8; 16], Vec<u8>), Invalid> {
        Ok(([0; 16], vec![]))
    }
    pub fn is_word(&self, _s: &[u8], _i: &[u8; 16], _t: &str) -> bool {
        false
    }
    pub fn card_number(&self, _c: CardId) -> Result<String, Invalid> {
        Ok(String::new())
    }
    pub fn card_of_number(&self, _t: &str) -> Option<CardId> {
        None
    }
}
