//! From what people type to symbols, and between symbols and bits: Crockford's base32.

use base32::Alphabet::Crockford;

/// Longest text that is looked at, in bytes. The longest code has 36 symbols; the rest is room for separators.
pub(super) const CODE_BYTES_MAX: usize = 256;
/// `TEST`, eight symbols of prefix, 24 symbols of code.
const SYMBOLS_MAX: usize = 36;
/// Longest code without its prefix.
const CODE_SYMBOLS_MAX: usize = 24;
/// Eight symbols are 40 bits are five bytes: the only places where symbols and bytes meet.
const GROUP_SYMBOLS: usize = 8;
const GROUP_BYTES: usize = 5;
/// How many codes one call encodes at most.
pub(super) const LANES: usize = 8;

/// The folded symbols of a typed text: upper case, no separators, `O` as `0`, `I` and `L` as `1`. Lives on the stack.
pub(super) struct Symbols {
    bytes: [u8; SYMBOLS_MAX],
    len: usize,
}

impl Symbols {
    /// Folds `text`; `None` if it is too long or holds anything but symbols and separators.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.len() > CODE_BYTES_MAX {
            return None;
        }
        let mut symbols = Self { bytes: [0; SYMBOLS_MAX], len: 0 };
        for c in text.chars() {
            let symbol = match ASCII.get(c as usize) {
                Some(Typed::Symbol(symbol)) => *symbol,
                Some(Typed::Separator) => continue,
                Some(Typed::Foreign) => return None,
                None if is_separator(c) => continue,
                None => fold_symbol(c)?,
            };
            *symbols.bytes.get_mut(symbols.len)? = symbol;
            symbols.len += 1;
        }
        Some(symbols)
    }

    pub(super) fn as_str(&self) -> &str {
        // Only ASCII was written; the default is never reached.
        self.bytes.get(..self.len).and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

/// What an ASCII character means in a code.
#[derive(Clone, Copy)]
enum Typed {
    Symbol(u8),
    Separator,
    Foreign,
}

/// Worked out once: nearly every text that is opened is plain ASCII.
const ASCII: [Typed; 128] = {
    let mut table = [Typed::Foreign; 128];
    let mut rest: &mut [Typed] = &mut table;
    let mut c = 0;
    while let Some((first, tail)) = rest.split_first_mut() {
        *first = ascii(c);
        rest = tail;
        c += 1;
    }
    table
};

const fn ascii(c: u8) -> Typed {
    match c.to_ascii_uppercase() {
        b'O' => Typed::Symbol(b'0'),
        b'I' | b'L' => Typed::Symbol(b'1'),
        // No symbol, so that no code spells what it should not.
        b'U' => Typed::Foreign,
        symbol @ (b'0'..=b'9' | b'A'..=b'Z') => Typed::Symbol(symbol),
        b'-' | b' ' | b'\t'..=b'\r' => Typed::Separator,
        _ => Typed::Foreign,
    }
}

/// Spaces, dashes and invisible characters that typing, pasting and line breaking put between symbols.
pub(super) fn is_separator(c: char) -> bool {
    matches!(c,
        '-' | '\u{AD}' // hyphen-minus, soft hyphen
        | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' // hyphens, dashes, hyphen bullet, minus
        | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' // small and full-width forms
        | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}') // zero width
        || c.is_whitespace()
}

/// One typed character as a symbol, or `None`.
pub(super) fn fold_symbol(c: char) -> Option<u8> {
    // A Chinese or Japanese keyboard left in full-width mode types U+FF01..U+FF5E for '!'..'~'.
    let c = match c {
        '\u{FF01}'..='\u{FF5E}' => u32::from(c) - 0xFF01 + u32::from('!'),
        _ => u32::from(c),
    };
    match ascii(u8::try_from(c).ok()?) {
        Typed::Symbol(symbol) => Some(symbol),
        Typed::Separator | Typed::Foreign => None,
    }
}

/// The bits behind folded `symbols`, last symbol lowest. `None` for more than 24 symbols or a foreign character.
pub(super) fn decode(symbols: &str) -> Option<u128> {
    let mut padded = [b'0'; CODE_SYMBOLS_MAX];
    padded.get_mut(..symbols.len())?.copy_from_slice(symbols.as_bytes());
    // The crate works on bytes: 12 symbols are 7.5 of them, and what does not fill a byte is silently dropped. Whole
    // groups lose nothing.
    let whole_groups = padded.get(..symbols.len().next_multiple_of(GROUP_SYMBOLS))?;
    let bytes = base32::decode(Crockford, str::from_utf8(whole_groups).ok()?)?;
    let mut all = [0; 16];
    all.get_mut(..bytes.len())?.copy_from_slice(&bytes);
    let unused_bits = 128 - bits_of(symbols.len());
    let left_aligned = u128::from_be_bytes(all);
    // Bits behind the last symbol would make several texts mean one code.
    let padding = if unused_bits == 0 { 0 } else { left_aligned.checked_shl(128 - unused_bits)? };
    (padding == 0).then(|| left_aligned.checked_shr(unused_bits)).flatten()
}

/// The symbols of up to [`LANES`] values of `symbols * 5` bits each, one text after another in slots of
/// [`slot_symbols`]; the caller cuts each slot to `symbols`. One call for many codes costs one allocation.
pub(super) fn encode_lanes(values: &[u128], symbols: usize) -> String {
    let slot_bytes = slot_symbols(symbols) / GROUP_SYMBOLS * GROUP_BYTES;
    let mut bytes = [0; LANES * CODE_SYMBOLS_MAX / GROUP_SYMBOLS * GROUP_BYTES];
    let mut used = 0;
    for (slot, value) in bytes.chunks_exact_mut(slot_bytes).zip(values) {
        let left_aligned = value.checked_shl(128 - bits_of(symbols)).unwrap_or_default().to_be_bytes();
        slot.iter_mut().zip(left_aligned).for_each(|(to, from)| *to = from);
        used += slot_bytes;
    }
    base32::encode(Crockford, bytes.get(..used).unwrap_or_default())
}

/// How many symbols one value takes in [`encode_lanes`]: whole groups.
pub(super) fn slot_symbols(symbols: usize) -> usize {
    symbols.clamp(1, CODE_SYMBOLS_MAX).next_multiple_of(GROUP_SYMBOLS)
}

fn bits_of(symbols: usize) -> u32 {
    u32::try_from(symbols * 5).unwrap_or(u32::MAX).min(128)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_comes_back_whole() {
        for symbols in [12_usize, 16, 20, 24] {
            let top = 1_u128 << (symbols * 5 - 1);
            for value in [0, 1, 0b1111, top, top | 1, 2 * top - 1] {
                let slots = encode_lanes(&[value, value ^ 1], symbols);
                for (at, want) in [(0, value), (slot_symbols(symbols), value ^ 1)] {
                    assert_eq!(decode(&slots[at..at + symbols]), Some(want));
                }
            }
        }
    }

    #[test]
    fn typed_characters_fold() {
        let read = |text: &str| Symbols::read(text).map(|s| s.as_str().to_owned());
        assert_eq!(read("oil-OIL 9z").as_deref(), Some("0110119Z"));
        assert_eq!(read("ａＢ—１\u{3000}x\u{200B}").as_deref(), Some("AB1X"));
        assert_eq!(read("U"), None);
        assert_eq!(read("u"), None);
        assert_eq!(read("Ü"), None);
        assert_eq!(read("Å"), None);
        assert_eq!(read(&"0".repeat(SYMBOLS_MAX)).map(|s| s.len()), Some(SYMBOLS_MAX));
        assert_eq!(read(&"0".repeat(SYMBOLS_MAX + 1)), None);
        assert_eq!(read(&"-".repeat(CODE_BYTES_MAX + 1)), None);
    }

    #[test]
    fn the_table_and_the_rule_agree_on_separators() {
        for c in '\0'..='\u{7F}' {
            assert_eq!(matches!(ASCII[c as usize], Typed::Separator), is_separator(c), "{c:?}");
        }
    }

    #[test]
    fn too_many_symbols_decode_to_nothing() {
        assert_eq!(decode(&"0".repeat(25)), None);
        assert_eq!(decode("000U"), None);
    }
}
