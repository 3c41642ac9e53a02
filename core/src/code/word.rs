//! Public words such as `SUMMER20`, and the blind index that finds them and imported codes.

use unicode_normalization::UnicodeNormalization;

use super::alphabet::{Symbols, is_separator};
use super::book::CodeBook;
use super::formats::Formats;
use super::mac::MacKey;
use super::number::digits_of_number;
use super::world::World;
use crate::Invalid;

/// Fewest characters of a public word.
pub const WORD_CHARS_MIN: usize = 3;
/// Most characters of a public word.
pub const WORD_CHARS_MAX: usize = 40;
/// Longest text that is folded, in bytes; a word of forty characters with room for separators.
const WORD_BYTES_MAX: usize = 1024;

/// How a batch compares words. Fixed per batch: a later change would make words that are already out unfindable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Normalisation {
    /// Case, spaces and dashes do not count.
    Word,
    /// Case counts; only the ends are trimmed.
    CaseSensitive,
}

impl Normalisation {
    /// `text` as it is compared. Doing it twice changes nothing.
    pub fn normalise(self, text: &str) -> String {
        let mut normal = self.pass(text);
        // Taking a dash away can bring a letter and its accent together, and upper case can bring forms that NFKC folds.
        for _ in 0..4 {
            let again = self.pass(&normal);
            if again == normal {
                break;
            }
            normal = again;
        }
        normal
    }

    fn pass(self, text: &str) -> String {
        let compatible: String = text.nfkc().collect();
        match self {
            Self::Word => {
                let upper = compatible.chars().flat_map(char::to_uppercase);
                upper.filter(|c| !is_separator(*c)).nfkc().collect()
            }
            Self::CaseSensitive => compatible.trim().to_owned(),
        }
    }
}

/// `text` as a public word in its normal form, ready to be saved.
///
/// # Errors
/// `word`, without its text: control characters, fewer than [`WORD_CHARS_MIN`] or more than [`WORD_CHARS_MAX`] characters
/// once folded, the shape of a registered sealed format in `world`, or that of a card number. A word of such a shape would be
/// taken for a code and could never be found.
pub fn public_word(
    text: &str,
    normalisation: Normalisation,
    formats: &Formats,
    world: World,
) -> Result<String, Invalid> {
    let refused = |given: String, allowed: &str| Err(Invalid::new("word", given, allowed));
    let length = "3 to 40 characters besides spaces and dashes";
    if text.len() > WORD_BYTES_MAX {
        return refused(format!("{} bytes", text.len()), length);
    }
    if text.chars().any(char::is_control) {
        return refused("a text with a control character".to_owned(), "a text without control characters");
    }
    let normal = normalisation.normalise(text);
    let least = Normalisation::Word.normalise(text).chars().count();
    let most = normal.chars().count();
    if least < WORD_CHARS_MIN || most > WORD_CHARS_MAX {
        return refused(format!("{most} characters"), length);
    }
    // Of what was typed and of what is kept: either may be what a till sends.
    for form in [text, &normal] {
        if let Some(format) = formats.has_shape(form, world) {
            return refused(format!("a text with the shape of format {format}"), "a text that is no code by its shape");
        }
        if Symbols::read(form).is_some_and(|symbols| digits_of_number(symbols.as_str()).is_some()) {
            return refused("a text with the shape of a card number".to_owned(), "a text that is no card number");
        }
    }
    Ok(normal)
}

/// Finds words without telling them.
pub(super) struct WordKey(pub(super) MacKey);

impl CodeBook {
    /// Where a public word or an imported code is found: a keyed hash of its loosest folding ([`Normalisation::Word`]). It
    /// tells nothing without the key but whether two texts are equal. A batch that is stricter compares the sealed text, too.
    ///
    /// Any text has an index; one of more than 1,024 bytes has that of no word.
    pub fn word_index(&self, text: &str) -> [u8; 16] {
        let WordKey(key) = &self.words;
        let full = if text.len() > WORD_BYTES_MAX {
            key.mac(&[b"", b"overlong"])
        } else {
            key.mac(&[Normalisation::Word.normalise(text).as_bytes()])
        };
        let mut index = [0; 16];
        index.iter_mut().zip(full).for_each(|(to, from)| *to = from);
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BOTH: [Normalisation; 2] = [Normalisation::Word, Normalisation::CaseSensitive];

    #[test]
    fn g27_normalising_each_character_twice_changes_nothing() {
        // Beyond the second plane no character has a case or another form, but for CJK variants of U+2F800 onwards.
        for c in ('\0'..='\u{1FFFF}').chain('\u{2F800}'..='\u{2FA1F}') {
            let text = format!("a-{c}-\u{301}");
            for profile in BOTH {
                let once = profile.normalise(&text);
                assert_eq!(profile.normalise(&once), once, "{c:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn g27_normalising_twice_changes_nothing(text in "\\PC{0,24}") {
            for profile in BOTH {
                let once = profile.normalise(&text);
                prop_assert_eq!(profile.normalise(&once), once);
            }
        }
    }

    #[test]
    fn words_fold_as_people_type_them() {
        for typed in ["summer20", "Summer 20", " SUMMER–20 ", "ｓｕｍｍｅｒ２０", "sum\u{AD}mer20"] {
            assert_eq!(Normalisation::Word.normalise(typed), "SUMMER20");
        }
        assert_eq!(Normalisation::Word.normalise("straße"), "STRASSE");
        assert_eq!(Normalisation::Word.normalise("e-\u{301}te"), "ÉTE");
        assert_eq!(Normalisation::CaseSensitive.normalise(" Summer 20 "), "Summer 20");
    }

    #[test]
    fn words_that_could_not_be_found_are_refused() {
        let check = |text: &str| public_word(text, Normalisation::Word, &Formats::default(), World::Live);
        assert_eq!(check("summer 20").as_deref(), Ok("SUMMER20"));
        assert_eq!(check("夏日礼").as_deref(), Ok("夏日礼"));
        let long = "U".repeat(41);
        for text in
            ["", " - ", "ab", &long, &"-".repeat(2000), "sum\tmer", "WELCOME2SHOP", "0123-4567-8901-2345-6", "a\u{0}bc"]
        {
            let refused = check(text).unwrap_err();
            assert_eq!(refused.field, "word");
            assert!(text.trim().is_empty() || !refused.to_string().contains(text), "an error repeats the word");
        }
        assert!(public_word("a b c", Normalisation::CaseSensitive, &Formats::default(), World::Live).is_ok());
        assert!(public_word("- b -", Normalisation::CaseSensitive, &Formats::default(), World::Live).is_err());
    }
}
