//! Rewriting rows wherever they stand: how a store forgets a text.

use std::sync::Arc;

use super::{Key, Record, StoreError, Stored, StoredEvent};
use crate::card::{Event, Target};
use crate::id::CardId;

/// What becomes of a row.
#[allow(clippy::large_enum_variant, reason = "few live at a time, and most of them are rows")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rewritten {
    /// It stays as it is.
    Same,
    /// It goes: only what lists or links subjects may.
    Gone,
    /// This takes its place. The key may be another one for accounts only; of an event name, reason, origin, facts and seal may be.
    New(Record),
}

/// For adapters: the card that a row is about which is no card's own. Whoever decided on such a row without writing it writes the card.
pub fn about_card(record: &Record) -> Option<CardId> {
    match record {
        Record::Redemption(redemption) => Some(redemption.card),
        Record::Hold(hold) => Some(hold.card),
        Record::Event(StoredEvent { event: Event { target: Target::Card(card, _), .. }, .. }) => Some(*card),
        _ => None,
    }
}

/// Reads a row by key, in the transaction that rewrites.
pub type LoadRow<'a> = dyn FnMut(Key) -> Result<Option<Arc<Stored>>, StoreError> + 'a;

/// Says what becomes of rows.
pub trait Rewrite {
    /// A row that holds none of these texts in any of its fields stays as it is, and need not be asked about.
    fn texts(&self) -> &[String];

    /// What becomes of a row. Asked while nothing is rewritten yet.
    ///
    /// # Errors
    /// Those of `load`.
    fn row(&self, stored: &Stored, load: &mut LoadRow<'_>) -> Result<Rewritten, StoreError>;
}
