//! The turn to write, held from what is read to what is written.

use std::sync::Arc;

use super::{CommitOutcome, Group, Lookup, StoreError, Stored};

/// Keeps everybody else from committing for as long as it lives: what is decided on what it loads meets, when it is committed,
/// exactly that. Dropped without a commit it has written nothing.
///
/// Others wait meanwhile, so nothing is done under it but reading by key, deciding, and the one commit.
pub trait Turn {
    /// As [`Store::load`](super::Store::load); all loads of one turn are one snapshot.
    ///
    /// # Errors
    /// `Busy`, `Unavailable`, `Damaged`.
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError>;

    /// As [`Store::commit`](super::Store::commit); the turn ends with it.
    ///
    /// # Errors
    /// Any; see promise 11.
    fn commit(self: Box<Self>, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError>;
}
