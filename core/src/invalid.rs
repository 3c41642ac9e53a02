//! Refusals of malformed requests, apart from denials of lawful ones.

use std::fmt::Display;

/// A request that cannot be meant: it names the field, what was given and what is allowed. Nothing was read or written.
///
/// `given` never holds a code, a key or more than [`Invalid::GIVEN_CHARS_MAX`] characters of the caller's text.
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

    /// Builds a refusal of `field`; `given` is cut to [`Invalid::GIVEN_CHARS_MAX`] characters.
    pub fn new(field: impl Into<String>, given: impl Display, allowed: impl Into<String>) -> Self {
        let full = given.to_string();
        let mut given: String = full.chars().take(Self::GIVEN_CHARS_MAX).collect();
        if given.len() < full.len() {
            given.push('…');
        }
        Self { field: field.into(), given, allowed: allowed.into() }
    }

    /// The same refusal seen from the structure that holds the field: `prefix.field`.
    #[must_use]
    pub fn within(mut self, prefix: &str) -> Self {
        self.field = format!("{prefix}.{}", self.field);
        self
    }
}
