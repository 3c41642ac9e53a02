//! An operation that nobody needs: it shows that a row of the table is all that the languages wait for.

use serde::{Deserialize, Serialize};

use super::{Error, Read, Tenant};

/// Says a word back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Echo {
    /// The word.
    pub word: String,
    /// Whether to break instead, as a bug of ours would.
    #[serde(default)]
    pub breaks: bool,
}

impl Read for Echo {
    type Reply = String;

    fn read(self, _: &Tenant) -> Result<String, Error> {
        assert!(!self.breaks, "the word was {}", self.word);
        Ok(self.word)
    }
}
