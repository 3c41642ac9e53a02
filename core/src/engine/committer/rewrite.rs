//! Committing what rewrites rows: at the desk like any group, and alone.

use super::super::error::Error;
use super::Committer;
use super::desk::{AtDesk, Desk};
use crate::id::Version;
use crate::store::{Changeset, CommitOutcome, Group, Rewrite, Stands};

impl Committer {
    /// A version that no changeset had.
    pub(in crate::engine) fn fresh_version(&self) -> Version {
        Version(self.entropy.next_u64())
    }

    /// Commits a changeset and rewrites rows with it. Waits for the group that is being committed, and those behind it wait; what
    /// they were decided on may have been rewritten, and then they are decided again.
    pub(in crate::engine) fn rewrite(
        &self,
        changeset: &Changeset,
        rewrite: &dyn Rewrite,
    ) -> Result<CommitOutcome, Error> {
        let mut queue = self.queue();
        let desk = loop {
            if queue.closed {
                return Err(Error::Closed);
            }
            match queue.desk.take() {
                Some(desk) => break desk,
                None => queue = self.wait(queue),
            }
        };
        drop(queue);
        let mut at_desk = AtDesk { committer: self, desk };
        let Desk { writer, next_event } = at_desk.desk;
        let changesets = std::slice::from_ref(changeset);
        let group = Group { writer, first_event: next_event, changesets, stands: Stands::default() };
        match self.store.rewrite(group, rewrite) {
            Ok(outcomes) if outcomes == [CommitOutcome::Committed] => {
                at_desk.desk.next_event += changeset.events.len() as u64;
                self.cache.written(changeset, self.clock.steady_us());
                Ok(CommitOutcome::Committed)
            }
            Ok(_) => Ok(CommitOutcome::Conflict),
            Err(error) => {
                // Nobody knows how many events were written; and no writer has a gap in its events.
                at_desk.desk = Desk::new(&*self.entropy);
                Err(error.into())
            }
        }
    }
}
