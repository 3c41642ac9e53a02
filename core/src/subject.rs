//! Subjects: who or what a request speaks of. Phone numbers and mail addresses never reach a record in clear.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::id::Version;

/// The kind of the engine's own keys for several subjects that are one.
pub(crate) const PERSON: &str = "person";

/// A kind and an opaque value: `customer` 4711, `phone` +86…, `order` A-1, or a kind of the host's own.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// `customer`, `wechat_openid`, `wechat_unionid`, `phone`, `email`, `device`, `ip`, `order`, or the host's own.
    pub kind: String,
    /// The value, as the host knows it; 1 to 128 characters.
    pub value: String,
}

impl Subject {
    /// A subject of the kind and value.
    pub fn new(kind: impl Into<String>, value: impl Into<String>) -> Self {
        Self { kind: kind.into(), value: value.into() }
    }

    /// A customer of the shop.
    pub fn customer(value: impl Into<String>) -> Self {
        Self::new("customer", value)
    }

    /// Whether the value is personal and is kept only as an HMAC.
    pub fn is_personal(&self) -> bool {
        matches!(self.kind.as_str(), "phone" | "email")
    }

    /// Refuses empty, overlong and unprintable subjects.
    pub fn check(&self, field: &str) -> Result<(), Invalid> {
        let kind_good = (1..=32).contains(&self.kind.len())
            && self.kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if self.kind == PERSON {
            return Err(Invalid::new(format!("{field}.kind"), PERSON, "another kind: persons are linked, not named"));
        }
        if !kind_good {
            return Err(Invalid::new(format!("{field}.kind"), &self.kind, "1 to 32 of a-z, 0-9 and _"));
        }
        // The value may be personal: an error names its length, never the value.
        let chars = self.value.chars().take(129).count();
        if !(1..=128).contains(&chars) || self.value.chars().any(char::is_control) {
            let given = format!("{} bytes", self.value.len());
            return Err(Invalid::new(format!("{field}.value"), given, "1 to 128 characters, none a control character"));
        }
        Ok(())
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_personal() { write!(f, "{}:…", self.kind) } else { write!(f, "{}:{}", self.kind, self.value) }
    }
}

/// A subject as records hold it: `kind:value`, the value of a personal kind replaced by an HMAC under the subject key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct SubjectKey(String);

impl SubjectKey {
    /// The stored text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind of the subject.
    pub fn kind(&self) -> &str {
        self.0.split_once(':').map_or(self.0.as_str(), |(kind, _)| kind)
    }

    /// The key of a person who was linked in this changeset.
    pub(crate) fn of_person(version: Version) -> Self {
        Self(format!("{PERSON}:{:016x}", version.0))
    }

    /// Takes back a text that a store returns.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }
}
