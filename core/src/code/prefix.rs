//! The visible word before a code, such as `VIP`.

use std::cmp::Ordering;

use super::alphabet::fold_symbol;
use super::world::TEST_MARK;
use crate::Invalid;

const PREFIX_SYMBOLS_MAX: usize = 8;

/// Zero to eight symbols, kept as shown and as folded. Two prefixes are one if they fold to the same: `VIP` and `V1P`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prefix {
    shown: [u8; PREFIX_SYMBOLS_MAX],
    folded: [u8; PREFIX_SYMBOLS_MAX],
}

impl Prefix {
    pub(super) const NONE: Self = Self { shown: [0; PREFIX_SYMBOLS_MAX], folded: [0; PREFIX_SYMBOLS_MAX] };

    pub(super) fn parse(text: &str) -> Result<Self, Invalid> {
        const ALLOWED: &str = "0 to 8 letters or digits without U, not digits alone (O, I and L count as digits), \
                               not beginning with TEST";
        let refused = || Invalid::new("prefix", text, ALLOWED);
        let mut prefix = Self::NONE;
        let mut rooms = prefix.shown.iter_mut().zip(prefix.folded.iter_mut());
        for c in text.chars() {
            let (shown, folded) = rooms.next().ok_or_else(refused)?;
            // Full-width letters are forgiven in codes; a prefix is configuration and stays plain.
            *shown = u8::try_from(c).map_err(|_| refused())?.to_ascii_uppercase();
            *folded = fold_symbol(c).ok_or_else(refused)?;
        }
        let folded = prefix.folded();
        let digits_only = !folded.is_empty() && folded.bytes().all(|symbol| symbol.is_ascii_digit());
        if digits_only || folded.starts_with(TEST_MARK) { Err(refused()) } else { Ok(prefix) }
    }

    /// As declared, in upper case.
    pub(super) fn shown(&self) -> &str {
        text_of(&self.shown)
    }

    /// As compared.
    pub(super) fn folded(&self) -> &str {
        text_of(&self.folded)
    }
}

fn text_of(bytes: &[u8; PREFIX_SYMBOLS_MAX]) -> &str {
    let len = bytes.iter().take_while(|byte| **byte != 0).count();
    bytes.get(..len).and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or_default()
}

impl PartialEq for Prefix {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for Prefix {}

impl std::hash::Hash for Prefix {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
    }
}

impl PartialOrd for Prefix {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Prefix {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded.cmp(&other.folded)
    }
}
