//! Live or test: two worlds of one tenant with disjoint keys and codes.

use std::fmt;

/// Whether cards are worth something. Keys and codes of the two worlds share nothing.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum World {
    /// Real cards.
    Live,
    /// Cards for trying things out; their codes visibly begin with `TEST`.
    Test,
}

impl World {
    /// `live` or `test`: the word in JSON and in key derivation.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }

    /// The visible symbols that stand before a format's own prefix in this world.
    pub(super) const fn mark(self) -> &'static str {
        match self {
            Self::Live => "",
            Self::Test => TEST_MARK,
        }
    }
}

/// All four are symbols of the alphabet, so a scanner that knows only codes still reads them.
pub(super) const TEST_MARK: &str = "TEST";

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
