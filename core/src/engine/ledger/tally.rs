//! Sums over the tenant's own accounts, whether they come from rollups or from the journal.

use std::collections::BTreeMap;

use super::liability::LiabilityLine;
use crate::ledger::{BookName, Entry};
use crate::money::AMOUNT_MAX;

/// What the tenant's accounts hold by (unit, cohort), and how many cards of each cohort were touched.
#[derive(Default)]
pub(super) struct Tally {
    books: BTreeMap<(String, String), BTreeMap<String, i128>>,
    touched: BTreeMap<String, u64>,
}

impl Tally {
    /// Adds to one of the tenant's accounts.
    pub(super) fn add(&mut self, unit: &str, cohort: &str, book: &str, minor: i64) {
        if book == BookName::TOUCHED {
            self.touch(cohort, minor.unsigned_abs());
            return;
        }
        let books = self.books.entry((unit.to_owned(), cohort.to_owned())).or_default();
        *books.entry(book.to_owned()).or_default() += i128::from(minor);
    }

    /// Adds all that an entry moved.
    pub(super) fn add_entry(&mut self, cohort: &str, entry: &Entry) {
        entry.steps().for_each(|(book, minor, _)| self.add(&entry.unit, cohort, book, minor));
    }

    /// Counts cards that were touched.
    pub(super) fn touch(&mut self, cohort: &str, cards: u64) {
        *self.touched.entry(cohort.to_owned()).or_default() += cards;
    }

    pub(super) fn touched(&self, cohort: &str) -> u64 {
        self.touched.get(cohort).copied().unwrap_or(0)
    }

    pub(super) fn touched_in_all(&self) -> u64 {
        self.touched.values().sum()
    }

    /// The line of a unit and cohort, with all that its accounts say.
    pub(super) fn line(&self, unit: &str, cohort: &str) -> LiabilityLine {
        let books = self.books.get(&(unit.to_owned(), cohort.to_owned()));
        let of = |book: &str| told(books.and_then(|books| books.get(book)).copied().unwrap_or(0));
        // All accounts of a unit sum to nothing: what cards and owners hold is what the tenant's accounts lack.
        let sum: i128 = books.map_or(0, |books| books.values().sum());
        LiabilityLine {
            unit: unit.to_owned(),
            batch: (!cohort.is_empty()).then(|| cohort.to_owned()),
            outstanding_minor: told(-sum),
            touched_cards: self.touched(cohort),
            issued_minor: -of(BookName::ISSUED) - of(BookName::OPENING),
            loaded_minor: -of(BookName::LOADED),
            redeemed_minor: of(BookName::REDEEMED),
            adjusted_minor: -of(BookName::ADJUSTED),
            voided_minor: of(BookName::VOIDED),
            booked_breakage_minor: of(BookName::BREAKAGE),
            ..LiabilityLine::default()
        }
    }

    /// Every (unit, cohort) of which there is anything.
    pub(super) fn keys(&self) -> impl Iterator<Item = &(String, String)> {
        self.books.keys()
    }
}

/// A sum as it is told: at most 2^53 − 1 either way, a plain number in every language.
pub(super) fn told(sum: i128) -> i64 {
    let most = i128::from(AMOUNT_MAX);
    i64::try_from(sum.clamp(-most, most)).unwrap_or(AMOUNT_MAX)
}
