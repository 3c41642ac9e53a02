//! Committing what rewrites rows: beside the desk, as another process would.

use std::sync::PoisonError;

use super::super::error::Error;
use super::Committer;
use super::desk::Desk;
use crate::id::Version;
use crate::store::{Changeset, CommitOutcome, Group, Rewrite, Stands};

impl Committer {
    /// A version that no changeset had.
    pub(in crate::engine) fn fresh_version(&self) -> Version {
        Version(self.entropy.next_u64())
    }

    /// Commits a changeset and rewrites rows with it. Whoever decided on these meanwhile finds that somebody came between.
    ///
    /// It has a desk of its own: at the other one somebody may sit who waits for the store, and it would wait for both.
    pub(in crate::engine) fn rewrite(
        &self,
        changeset: &Changeset,
        rewrite: &dyn Rewrite,
    ) -> Result<CommitOutcome, Error> {
        if self.queue().closed {
            return Err(Error::Closed);
        }
        let mut rewriting = self.rewriting.lock().unwrap_or_else(PoisonError::into_inner);
        // Put back once it is known how many events were written: no writer has a gap in its events.
        let Desk { writer, next_event } = rewriting.take().unwrap_or_else(|| Desk::new(&*self.entropy));
        let changesets = std::slice::from_ref(changeset);
        let group = Group { writer, first_event: next_event, changesets, stands: Stands::default() };
        let outcomes = self.store.rewrite(group, rewrite)?;
        let committed = outcomes == [CommitOutcome::Committed];
        let written = if committed { changeset.events.len() as u64 } else { 0 };
        *rewriting = Some(Desk { writer, next_event: next_event + written });
        if committed {
            self.cache.written(changeset, self.clock.steady_us());
        }
        Ok(if committed { CommitOutcome::Committed } else { CommitOutcome::Conflict })
    }
}
