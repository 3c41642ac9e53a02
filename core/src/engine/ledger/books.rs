//! Booking: what an event moved, and the rollups of the tenant's own accounts that go with it in the same commit.

use super::super::command::{Context, Plan};
use super::super::resolve::Ground;
use crate::card::{Card, EventKind, Parameters};
use crate::ledger::{Book, BookName, Entry, settle};
use crate::store::{Move, Owner};
use crate::time::{Instant, Zone};

impl Plan {
    /// Books what an event did to a card that holds value.
    pub(in super::super) fn book_card(
        &mut self,
        cx: &Context<'_>,
        ground: &Ground,
        card: &mut Card,
        kind: EventKind,
        at: Instant,
    ) -> Option<Entry> {
        let (currency, zone) = ground.template.draft.currency.zip(ground.zone.as_ref())?;
        // A successor never had a face of its own.
        let face = (card.events == 1).then(|| if kind == EventKind::Succeeded { 0 } else { face_minor(ground) });
        let entry = settle(card, face, kind, at, currency.code());
        let cohort = ground.batch.id.as_str();
        self.book(cx, zone, cohort, &entry, at);
        if face.is_some() {
            let book = book_of(cx, BookName::own(BookName::TOUCHED), cohort, zone, at);
            self.shift(Some(unbounded(book, BookName::CARDS, 1)));
        }
        Some(entry)
    }

    /// Moves the rollups of the tenant's accounts. A group moves each of them once, however many of its members do.
    pub(super) fn book(&mut self, cx: &Context<'_>, zone: &Zone, cohort: &str, entry: &Entry, at: Instant) {
        for (account, delta, dated) in entry.steps() {
            let book = book_of(cx, BookName::stored(account), cohort, zone, dated.unwrap_or(at));
            self.shift(Some(unbounded(book, &entry.unit, delta)));
        }
    }
}

/// What a card of the batch held before anybody touched it.
pub(super) fn face_minor(ground: &Ground) -> i64 {
    let parameters = ground.template.complete(&ground.batch.parameters, &Parameters::new());
    ground.template.draft.value_minor(&parameters)
}

fn book_of(cx: &Context<'_>, name: BookName, cohort: &str, zone: &Zone, at: Instant) -> Book {
    let engine = cx.realm.committer.engine();
    Book { name, cohort: cohort.to_owned(), day: zone.day_of(at), engine }
}

fn unbounded(book: Book, unit: &str, delta: i64) -> Move {
    Move { owner: Owner::Book(book), unit: unit.to_owned(), delta, floor: i64::MIN, ceiling: i64::MAX }
}
