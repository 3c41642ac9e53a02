//! What a call gives instead of a reply, as it goes over the wire.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::Invalid;
use crate::denial::{Denial, LocaleTexts};
use crate::engine::Error;
use crate::status::Status;

/// A denial, a request that cannot be meant, or a fault. Its JSON is the same in every language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Failure {
    /// `denied`, `invalid` or `fault`.
    pub kind: &'static str,
    /// The stable code.
    pub code: &'static str,
    /// Its number.
    pub status: u16,
    /// One sentence for developers.
    pub message: String,
    /// Whether the same request under the same key may go better later, with nobody changing anything.
    pub may_retry: bool,
    /// The facts by name. Of an invalid request: `field`, `given`, `allowed`.
    pub facts: Map<String, Value>,
    /// Sentences for people, where it is a denial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub texts: Option<LocaleTexts>,
}

impl Failure {
    /// A fault or misuse without facts.
    pub fn fault(status: Status, message: impl Into<String>) -> Self {
        let kind = if status.number() < 200 { "invalid" } else { "fault" };
        Self {
            kind,
            code: status.code(),
            status: status.number(),
            message: message.into(),
            may_retry: status.may_retry(),
            facts: Map::new(),
            texts: None,
        }
    }

    /// The JSON of it.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Failure {}

impl From<&Denial> for Failure {
    fn from(denial: &Denial) -> Self {
        let refusal = denial.refusal();
        Self {
            kind: "denied",
            facts: refusal.facts,
            texts: Some(refusal.texts),
            ..Self::fault(denial.status(), denial.to_string())
        }
    }
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        let message = invalid.to_string();
        let Invalid { field, given, allowed } = invalid;
        let facts = [("field", field), ("given", given), ("allowed", allowed)];
        let facts = facts.map(|(name, text)| (name.to_owned(), Value::String(text)));
        Self { facts: facts.into_iter().collect(), ..Self::fault(Status::Invalid, message) }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Denied(denial) => Self::from(&denial),
            Error::Invalid(invalid) => invalid.into(),
            other => Self::fault(other.status(), other.to_string()),
        }
    }
}
