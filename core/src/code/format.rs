//! What a code looks like: how many symbols, which prefix, and how its bits are shared out.

use std::fmt;
use std::str::FromStr;

use super::prefix::Prefix;
use super::world::World;
use crate::Invalid;

/// The shape of a code: 12, 16, 20 or 24 symbols behind an optional prefix. Longer codes hold more cards and are harder to
/// guess; [`CodeFormat::guess_bits`] says how hard.
///
/// In JSON `{"symbols":16,"prefix":"VIP"}`, as text `VIP+16`; without a prefix `{"symbols":16}` and `16`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "FormatJson", into = "FormatJson")]
pub struct CodeFormat {
    pub(super) layout: &'static Layout,
    pub(super) prefix: Prefix,
}

/// How a format shares its bits out. The order of the fields is their order in a code, the highest bits first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Layout {
    pub(super) symbols: u8,
    pub(super) slot_bits: u32,
    pub(super) batch_bits: u32,
    pub(super) serial_bits: u32,
    pub(super) issue_bits: u32,
    pub(super) tag_bits: u32,
}

const LAYOUT_12: Layout =
    Layout { symbols: 12, slot_bits: 3, batch_bits: 11, serial_bits: 18, issue_bits: 2, tag_bits: 26 };
const LAYOUT_16: Layout =
    Layout { symbols: 16, slot_bits: 4, batch_bits: 16, serial_bits: 30, issue_bits: 3, tag_bits: 27 };
const LAYOUT_20: Layout =
    Layout { symbols: 20, slot_bits: 4, batch_bits: 20, serial_bits: 30, issue_bits: 4, tag_bits: 42 };
const LAYOUT_24: Layout =
    Layout { symbols: 24, slot_bits: 5, batch_bits: 24, serial_bits: 30, issue_bits: 6, tag_bits: 55 };

impl Layout {
    pub(super) const fn body_bits(&self) -> u32 {
        self.batch_bits + self.serial_bits + self.issue_bits
    }

    /// `batch_no ‖ serial ‖ issue_no`; the caller has checked the widths.
    pub(super) fn payload(&self, batch_no: u32, serial: u32, issue_no: u8) -> u64 {
        let card = (u64::from(batch_no) << self.serial_bits) | u64::from(serial);
        (card << self.issue_bits) | u64::from(issue_no)
    }

    /// The inverse of [`Layout::payload`]. No field is wider than its type.
    pub(super) fn card_of(&self, payload: u64) -> (u32, u32, u8) {
        let issue_no = payload & low_mask(self.issue_bits);
        let serial = (payload >> self.issue_bits) & low_mask(self.serial_bits);
        let batch_no = payload >> (self.issue_bits + self.serial_bits);
        (batch_no as u32, serial as u32, issue_no as u8)
    }

    /// `slot ‖ body ‖ tag`.
    pub(super) fn whole(&self, slot: u8, body: u64, tag: u64) -> u128 {
        (((u128::from(slot) << self.body_bits()) | u128::from(body)) << self.tag_bits) | u128::from(tag)
    }

    /// The inverse of [`Layout::whole`].
    pub(super) fn parts_of(&self, whole: u128) -> (u8, u64, u64) {
        let tag = whole as u64 & low_mask(self.tag_bits);
        let body = (whole >> self.tag_bits) as u64 & low_mask(self.body_bits());
        let slot = whole >> (self.tag_bits + self.body_bits());
        (slot as u8, body, tag)
    }
}

/// `bits` ones, 0 to 63.
const fn low_mask(bits: u32) -> u64 {
    (1 << bits) - 1
}

impl CodeFormat {
    /// 12 symbols, no prefix: small coupon runs.
    pub const S12: Self = Self { layout: &LAYOUT_12, prefix: Prefix::NONE };
    /// 16 symbols, no prefix: coupons and passes.
    pub const S16: Self = Self { layout: &LAYOUT_16, prefix: Prefix::NONE };
    /// 20 symbols, no prefix: gift cards and times cards.
    pub const S20: Self = Self { layout: &LAYOUT_20, prefix: Prefix::NONE };
    /// 24 symbols, no prefix: high value and wholesale.
    pub const S24: Self = Self { layout: &LAYOUT_24, prefix: Prefix::NONE };
    /// The four formats without a prefix, shortest first.
    pub const PLAIN: [Self; 4] = [Self::S12, Self::S16, Self::S20, Self::S24];

    /// A format of `symbols` symbols behind `prefix`, which may be empty.
    ///
    /// # Errors
    /// - `symbols`: not 12, 16, 20 or 24.
    /// - `prefix`: more than 8 symbols, a character outside the alphabet, digits alone once folded (`O` is `0`, `I` and `L`
    ///   are `1`), or `TEST` at its beginning, which marks the test world.
    pub fn new(symbols: u8, prefix: &str) -> Result<Self, Invalid> {
        let Self { layout, .. } = Self::PLAIN
            .into_iter()
            .find(|format| format.symbols() == symbols)
            .ok_or_else(|| Invalid::new("symbols", symbols, "12, 16, 20 or 24"))?;
        Ok(Self { layout, prefix: Prefix::parse(prefix)? })
    }

    /// Symbols without the prefix: 12, 16, 20 or 24.
    pub fn symbols(&self) -> u8 {
        self.layout.symbols
    }

    /// The prefix as declared, in upper case; empty if there is none.
    pub fn prefix(&self) -> &str {
        self.prefix.shown()
    }

    /// The highest key slot that a code of this format can name.
    pub fn slot_max(&self) -> u8 {
        low_mask(self.layout.slot_bits) as u8
    }

    /// The highest batch number that a code of this format can name.
    pub fn batch_no_max(&self) -> u32 {
        low_mask(self.layout.batch_bits) as u32
    }

    /// Bits of the serial.
    pub fn serial_bits(&self) -> u32 {
        self.layout.serial_bits
    }

    /// The most cards that one batch of this format can have; serials run below it.
    pub fn size_max(&self) -> u32 {
        1 << self.layout.serial_bits
    }

    /// The highest issue number: how often a card of this format can be replaced.
    pub fn issue_no_max(&self) -> u8 {
        low_mask(self.layout.issue_bits) as u8
    }

    /// Bits of redundancy. They bound what a holder's forgery is worth; see [`CodeFormat::guess_bits`].
    pub fn tag_bits(&self) -> u32 {
        self.layout.tag_bits
    }

    /// Bits of batch number, serial and issue number together.
    pub fn body_bits(&self) -> u32 {
        self.layout.body_bits()
    }

    /// What stands before the code in `world`, folded: the world's mark, then the prefix.
    pub(super) fn effective_prefix(&self, world: World) -> String {
        [world.mark(), self.prefix.folded()].concat()
    }

    /// What is left of folded `symbols` behind `effective_prefix`, if they are a text of this format.
    pub(super) fn strip<'a>(&self, symbols: &'a str, effective_prefix: &str) -> Option<&'a str> {
        if symbols.len() != effective_prefix.len() + usize::from(self.symbols()) {
            return None;
        }
        let (prefix, code) = symbols.split_at_checked(effective_prefix.len())?;
        // Not `==`: a call of memcmp for nothing or a few bytes took a quarter of the time that opening takes.
        prefix.bytes().eq(effective_prefix.bytes()).then_some(code)
    }
}

impl fmt::Display for CodeFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix() {
            "" => write!(f, "{}", self.symbols()),
            prefix => write!(f, "{prefix}+{}", self.symbols()),
        }
    }
}

impl fmt::Debug for CodeFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodeFormat({self})")
    }
}

impl FromStr for CodeFormat {
    type Err = Invalid;

    /// Reads `16` or `VIP+16`.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (prefix, symbols) = text.split_once('+').unwrap_or(("", text));
        let symbols = symbols
            .parse()
            .map_err(|_| Invalid::new("format", text, "a number of symbols (12, 16, 20, 24) or `PREFIX+16`"))?;
        Self::new(symbols, prefix)
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FormatJson {
    symbols: u8,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    prefix: String,
}

impl TryFrom<FormatJson> for CodeFormat {
    type Error = Invalid;

    fn try_from(json: FormatJson) -> Result<Self, Invalid> {
        Self::new(json.symbols, &json.prefix)
    }
}

impl From<CodeFormat> for FormatJson {
    fn from(format: CodeFormat) -> Self {
        Self { symbols: format.symbols(), prefix: format.prefix().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_fill_a_code_exactly() {
        for format in CodeFormat::PLAIN {
            let layout = format.layout;
            assert_eq!(layout.slot_bits + layout.body_bits() + layout.tag_bits, u32::from(layout.symbols) * 5);
            let (batch_no, serial) = (format.batch_no_max(), format.size_max() - 1);
            let payload = layout.payload(batch_no, serial, format.issue_no_max());
            assert_eq!(payload, low_mask(layout.body_bits()));
            assert_eq!(layout.card_of(payload), (batch_no, serial, format.issue_no_max()));
            let whole = layout.whole(format.slot_max(), payload, 1);
            assert_eq!(layout.parts_of(whole), (format.slot_max(), payload, 1));
        }
    }

    #[test]
    fn prefixes_fold_before_they_are_judged() {
        let vip = CodeFormat::new(16, "vip").unwrap();
        assert_eq!(vip, CodeFormat::new(16, "V1P").unwrap());
        assert_eq!((vip.prefix(), vip.to_string()), ("VIP", "VIP+16".to_owned()));
        for refused in ["123", "OIL", "SUMMER", "TOOLONGXX", "TEST", "test1", "A B", "Ä", "\0"] {
            assert!(CodeFormat::new(16, refused).is_err(), "{refused}");
        }
        assert!(CodeFormat::new(14, "").is_err());
    }

    #[test]
    fn text_and_json_come_back() {
        for text in ["12", "16", "VIP+16", "GIFT1+24"] {
            let format: CodeFormat = text.parse().unwrap();
            assert_eq!(format.to_string(), text);
            let json = serde_json::to_string(&format).unwrap();
            assert_eq!(serde_json::from_str::<CodeFormat>(&json).unwrap(), format);
        }
        assert_eq!(serde_json::to_string(&CodeFormat::S16).unwrap(), r#"{"symbols":16}"#);
        for refused in [r#"{"symbols":16,"check":1}"#, r#"{"symbols":15}"#, r#"{"prefix":"A"}"#] {
            assert!(serde_json::from_str::<CodeFormat>(refused).is_err(), "{refused}");
        }
        assert!("+16+".parse::<CodeFormat>().is_err());
    }
}
