//! The tenant's own accounts.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::id::check_name;

/// The name of an account of the tenant itself: one of those that cards move, or one that the host names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BookName(String);

impl BookName {
    /// Face value that came onto cards, sold or given away.
    pub const ISSUED: &'static str = "issued";
    /// Value that was loaded.
    pub const LOADED: &'static str = "loaded";
    /// What cards paid, less what was given back.
    pub const REDEEMED: &'static str = "redeemed";
    /// What was set right.
    pub const ADJUSTED: &'static str = "adjusted";
    /// What cards held that were killed before their end.
    pub const VOIDED: &'static str = "voided";
    /// What cards hold beyond their end, as far as it is booked. The other side of `breakage`.
    pub const EXPIRED: &'static str = "expired";
    /// Value that nobody used before its end, as far as it is booked.
    pub const BREAKAGE: &'static str = "breakage";
    /// Between two owners of accounts. Nothing is ever left in it.
    pub const BETWEEN: &'static str = "between";
    /// What cards held when the ledger began, in files of earlier builds.
    pub const OPENING: &'static str = "opening";
    /// How many cards of a batch were touched, in the unit [`BookName::CARDS`].
    pub const TOUCHED: &'static str = "touched";
    /// The unit of `touched`.
    pub const CARDS: &'static str = "cards";

    const OWN: [&'static str; 10] = [
        Self::ISSUED,
        Self::LOADED,
        Self::REDEEMED,
        Self::ADJUSTED,
        Self::VOIDED,
        Self::EXPIRED,
        Self::BREAKAGE,
        Self::BETWEEN,
        Self::OPENING,
        Self::TOUCHED,
    ];

    pub(crate) fn own(name: &'static str) -> Self {
        Self(name.to_owned())
    }

    /// The name in an entry of the journal.
    pub(crate) fn stored(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// A name that the host gives.
    ///
    /// # Errors
    /// A name that is none, holds a colon, or is one of those that cards move.
    pub fn of_host(field: &str, name: &str) -> Result<Self, Invalid> {
        check_name(field, name)?;
        if name.contains(':') || Self::OWN.contains(&name) {
            let allowed = format!("a name without colon, and none of {}", Self::OWN.join(", "));
            return Err(Invalid::new(field, name, allowed));
        }
        Ok(Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A rollup of one of the tenant's accounts: what moved in it on one day, for one cohort, through one engine.
///
/// It is a row of its own for each engine, so that engines never wait for each other's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Book {
    /// Which account.
    pub name: BookName,
    /// The cohort: the id of the cards' batch, or nothing where it is about holders and channels.
    pub cohort: String,
    /// The local day in the tenant's zone, `2026-11-11`.
    pub day: String,
    /// The engine: the 64 bits of its first committer.
    pub engine: u64,
}

impl fmt::Display for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "book:{}:{}:{:016x}:{}", self.name.as_str(), self.day, self.engine, self.cohort)
    }
}

impl Book {
    /// Takes the text behind `book:` apart again.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, ':');
        let (name, day, engine, cohort) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let engine = u64::from_str_radix(engine, 16).ok()?;
        Some(Self { name: BookName(name.to_owned()), cohort: cohort.to_owned(), day: day.to_owned(), engine })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_is_read_from_its_text() {
        for cohort in ["", "b-1", "a:b::c"] {
            let book = Book {
                name: BookName::of_host("name", "promotion").unwrap(),
                cohort: cohort.to_owned(),
                day: "2026-11-11".to_owned(),
                engine: u64::MAX,
            };
            assert_eq!(book.to_string().strip_prefix("book:").and_then(Book::from_text), Some(book));
        }
    }

    #[test]
    fn the_host_cannot_name_an_account_that_cards_move() {
        for name in ["redeemed", "touched", "a:b", "", "two words"] {
            assert_eq!(BookName::of_host("from", name).unwrap_err().field, "from", "{name}");
        }
    }
}
