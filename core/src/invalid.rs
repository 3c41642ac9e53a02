//! Refusals of malformed requests, apart from denials of lawful ones.

use std::fmt::Display;

/// A request that cannot be meant: it names the field, what was given and what is allowed. Nothing was read or written.
///
/// `given` repeats what can be nothing but a setting, so that a misspelling is seen: zones, dates, currencies, formats, locales,
/// numbers, and names that are well formed; never more than [`Invalid::GIVEN_CHARS_MAX`] characters of it. It never repeats a code, a
/// word, a key of the keyring, the value of a subject, a reason, or a text that is no name: of those it says how long they are.
/// `field` and `allowed`, which may name the caller's own keys, are cut as well.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[error("`{field}`: given {given}, allowed {allowed}")]
pub struct Invalid {
    /// Path of the field in the request, as in `benefit.amount_off.minor`.
    pub field: String,
    /// What stood there, cut to a readable length.
    pub given: String,
    /// What may stand there, in words.
    pub allowed: String,
}

impl Invalid {
    /// How much of the caller's own text an error repeats.
    pub const GIVEN_CHARS_MAX: usize = 64;

    /// How long the path of a field is.
    const FIELD_CHARS_MAX: usize = 120;

    /// How much is said about what is allowed.
    const ALLOWED_CHARS_MAX: usize = 240;

    /// Builds a refusal of `field`; `given` is cut to [`Invalid::GIVEN_CHARS_MAX`] characters.
    pub fn new(field: impl Into<String>, given: impl Display, allowed: impl Into<String>) -> Self {
        Self {
            field: cut(field.into(), Self::FIELD_CHARS_MAX),
            given: cut(given.to_string(), Self::GIVEN_CHARS_MAX),
            allowed: cut(allowed.into(), Self::ALLOWED_CHARS_MAX),
        }
    }

    /// The same refusal seen from the structure that holds the field: `prefix.field`.
    #[must_use]
    pub fn within(mut self, prefix: &str) -> Self {
        self.field = format!("{prefix}.{}", self.field);
        self
    }
}

fn cut(mut text: String, chars_max: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(chars_max) {
        text.truncate(end);
        text.push('…');
    }
    text
}
