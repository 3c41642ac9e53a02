//! The narrow waist: what an engine asks of a database, with every promise numbered.

pub mod conformance;
mod key;
mod memory;
mod record;
mod rewrite;
mod turn;

pub use key::{Key, Lookup, Owner, Scan, ScanOf, TenantKey};
pub use memory::MemoryStore;
pub(crate) use record::balance_of;
pub use record::{
    Account, AccountHeld, Changeset, Expect, Fence, Guard, Move, Record, Settings, Stored, StoredEvent, Write, Writer,
};
pub use rewrite::{LoadRow, Rewrite, Rewritten, about_card};
pub use turn::Turn;

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::defect::{self, Defect};

/// Why a store did not do as asked. Never a business reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Somebody else holds what was needed for too long. Nothing was written; ask again.
    #[error("store is busy: {0}")]
    Busy(String),
    /// It cannot be reached, read or written. Nothing was written.
    #[error("store fails: {0}")]
    Unavailable(String),
    /// The error came while the commit was being made durable: it may or may not have happened. The idempotency key settles it.
    #[error("outcome unknown: {0}")]
    OutcomeUnknown(String),
    /// What was read is not what was written.
    #[error("store is damaged: {0}")]
    Damaged(String),
    /// This handle cannot write.
    #[error("store is open for reading only")]
    ReadOnly,
}

/// What became of one changeset of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitOutcome {
    /// It is durable.
    Committed,
    /// What it rested on had changed, or it was decided on one of its group that fell out. Nothing of it was written.
    Conflict,
}

/// Changesets that become durable together, and where their events stand in the journal.
#[derive(Debug, Clone, Copy)]
pub struct Group<'a> {
    /// The committer, 64 fresh bits that no other committer has.
    pub writer: u64,
    /// The place of the group's first event among the writer's. The events of committed changesets follow without a gap.
    pub first_event: u64,
    /// In the order in which they were decided.
    pub changesets: &'a [Changeset],
    /// Whether the group may still be committed: to be asked last, when all that may take long has been waited for.
    pub stands: Stands<'a>,
}

/// Whether a group may still be committed. What its decisions rest on may have grown old while it waited for its turn.
#[derive(Clone, Copy, Default)]
pub struct Stands<'a>(Option<&'a (dyn Fn() -> bool + Sync)>);

impl<'a> Stands<'a> {
    /// Asks this.
    pub fn while_true(asked: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Self(Some(asked))
    }

    /// The answer now. Once it is no, all members of the group fall out, and nothing is written.
    pub fn now(self) -> bool {
        self.0.is_none_or(|asked| asked())
    }
}

impl std::fmt::Debug for Stands<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stands(…)")
    }
}

/// One page of a scan.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Records in the order of the scan.
    pub items: Vec<Arc<Stored>>,
    /// Where to go on; `None` at the end.
    pub next: Option<String>,
}

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct BackupFile {
    /// Where it lies; its checksum lies beside it.
    pub path: String,
    /// How long it is.
    pub bytes: u64,
    /// Its SHA-256, in hex digits.
    pub sha256: String,
}

/// A database.
///
/// What every store promises; each line is a case of [`conformance`]:
///
/// 1. `load` answers from one consistent snapshot that is not older than the call, one answer for each look-up, in order.
/// 2. A changeset is committed wholly or not at all: writes, moves and events appear together.
/// 3. A write with [`Expect::Absent`] happens only where the key, and each of the record's unique second keys, is free.
/// 4. A write with [`Expect::Version`] happens only where the record still has that version; it gets the changeset's own.
/// 5. A move happens only where the sum stays within floor and ceiling; an account that was never moved stands at 0. The engine
///    moves those of cards, holders and channels with a floor of 0 or more, and a store may refuse anything below that by itself.
/// 6. Of two changesets that expect the same, at most one is committed, in whatever group, thread or process.
/// 7. A changeset that names another of its group in `after` is not committed unless that one is.
/// 8. The members of a group that do not fall out are committed, all in one durable transaction, in order.
/// 9. A committed changeset survives the end of the process and a loss of power (as far as the store's settings say).
/// 10. Events of committed changesets stand under `(writer, n)`, n counted from `first_event` without a gap.
/// 11. [`StoreError::OutcomeUnknown`] is the only error after which something may have been written.
/// 12. `scan` walks a range in key order; each page goes on where the one before ended, whatever was written meanwhile.
/// 13. Second keys follow in the same commit: what a committed changeset wrote is found by them at once.
/// 14. A group for which [`Group::stands`] says no, asked when the store has its turn to write, falls out as a whole.
/// 15. Where [`Store::settles`] says so, nothing that ended in `OutcomeUnknown` happens after the call returned: what is read
///     from then on is what became of it.
/// 16. While a [`Turn`] lives that [`Store::turn`] or [`Store::turn_if_free`] gave, nobody else commits: its loads are one snapshot, and its commit meets what
///     they said. A turn that is dropped has written nothing.
/// 17. A [`Fence`] is a record under the key of a redemption, and a redemption one under the key of a fence: each is refused where
///     the other stands and [`Expect::Absent`] is said, and each replaces the other by its version. No scan lists fences.
/// 18. A scan of [`ScanOf::Journal`] looks, in one snapshot, at no more than `limit` places of each writer, whosever events stand
///     there, and gives those of the tenant: writer after writer as they were asked for, in order of place. `next` is a list of
///     numbers, one a writer, with commas: the place behind the last that was looked at.
/// 19. A writer stands in [`ScanOf::Writers`] as soon as an event of it does, with the place behind its last, and keeps its number.
/// 20. `rewrite` commits a changeset, and in the same transaction puts what a [`Rewrite`] says in the place of every row of its
///     tenant that holds one of the texts, whoever wrote it and however late. Rewritten records have the changeset's version, and so
///     have the cards that they are [about](about_card). Where a new key is taken nothing is written, and the changeset falls out. What stood there is then nowhere in what the
///     store keeps. Cards may be looked for by their holder and by the events about them alone.
/// 21. A changeset is committed only where each of its [guards](Changeset::guards) stands, behind the members of its group before it. Of
///     two changesets of which one guards what the other changes, whichever comes second meets what the first one did: where a
///     database does not watch what is only read, the row is written as it is. Those that guard the same do not conflict.
pub trait Store: Send + Sync {
    /// Reads records by key, all from one snapshot.
    ///
    /// # Errors
    /// `Busy`, `Unavailable`, `Damaged`.
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError>;

    /// Makes a group durable and says what became of each changeset, in order.
    ///
    /// # Errors
    /// Any; see promise 11.
    fn commit(&self, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError>;

    /// Reads one page of a range. What it returns is a proposal: decisions read again by key.
    ///
    /// # Errors
    /// `Busy`, `Unavailable`, `Damaged`.
    fn scan(&self, scan: &Scan) -> Result<Page, StoreError>;

    /// Whether promise 15 is kept. A database behind a network may go on committing for a caller that it lost; it keeps the
    /// promise only where the adapter ends that session first. Without it, a *no* that is decided after an unknown outcome is told
    /// only when a fence stands under the request's key, since what it did not see may still come.
    fn settles(&self) -> bool {
        false
    }

    /// The turn to write, where the store can give one before it knows what will be written: see promise 16. A request that lost
    /// its ground to another committer is decided again under it, and loses it no second time, however many there are. `None`,
    /// which is all a database behind a network should say, leaves such requests to try their luck again.
    ///
    /// # Errors
    /// `Busy`, `Unavailable`, `Damaged`, `ReadOnly`.
    fn turn(&self) -> Result<Option<Box<dyn Turn + '_>>, StoreError> {
        Ok(None)
    }

    /// Commits a group of one changeset and rewrites rows with it: see promise 20. Others wait meanwhile.
    ///
    /// # Errors
    /// Any; see promise 11. `Unavailable` where the store cannot.
    fn rewrite(&self, group: Group<'_>, rewrite: &dyn Rewrite) -> Result<Vec<CommitOutcome>, StoreError> {
        let _ = (group, rewrite);
        Err(StoreError::Unavailable("this store rewrites nothing".to_owned()))
    }

    /// The turn to write where nobody has it or waits for it, and where reading, deciding and writing in it costs less than reading
    /// first and writing then: a call that is alone is decided under it. Never waits. `None` leaves the call to the ordinary way.
    ///
    /// # Errors
    /// `Unavailable`, `Damaged`, `ReadOnly`.
    fn turn_if_free(&self) -> Result<Option<Box<dyn Turn + '_>>, StoreError> {
        Ok(None)
    }

    /// Copies all that the store holds at one moment into a file, while others go on writing, and tells `progress` how many pages
    /// of how many are copied, and stops, leaving nothing behind, where that says so. A database that has means of its own for backups
    /// says so here instead.
    ///
    /// # Errors
    /// `Unavailable` where the store makes no backups, `to` exists or cannot be written, or it was stopped; `Busy`, `Damaged`.
    fn backup(
        &self,
        to: &str,
        progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Result<BackupFile, StoreError> {
        let _ = (to, progress);
        Err(StoreError::Unavailable("this store makes no backups; use its database's own means".to_owned()))
    }
}

impl<S: Store + ?Sized> Store for Arc<S> {
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError> {
        (**self).load(lookups)
    }

    fn commit(&self, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        (**self).commit(group)
    }

    fn scan(&self, scan: &Scan) -> Result<Page, StoreError> {
        (**self).scan(scan)
    }

    fn settles(&self) -> bool {
        (**self).settles()
    }

    fn turn(&self) -> Result<Option<Box<dyn Turn + '_>>, StoreError> {
        (**self).turn()
    }

    fn rewrite(&self, group: Group<'_>, rewrite: &dyn Rewrite) -> Result<Vec<CommitOutcome>, StoreError> {
        (**self).rewrite(group, rewrite)
    }

    fn turn_if_free(&self) -> Result<Option<Box<dyn Turn + '_>>, StoreError> {
        (**self).turn_if_free()
    }

    fn backup(
        &self,
        to: &str,
        progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Result<BackupFile, StoreError> {
        (**self).backup(to, progress)
    }
}

/// Which members of a group fall out: those that conflict by themselves, and all that rest on one of these.
///
/// For adapters: `conflicts[i]` says that changeset `i` did not find what it expected.
pub fn fall_out(changesets: &[Changeset], conflicts: &[bool]) -> Vec<bool> {
    let mut out: Vec<bool> = Vec::with_capacity(changesets.len());
    for (place, changeset) in changesets.iter().enumerate() {
        let own = conflicts.get(place).copied().unwrap_or(true);
        let inherited = changeset.after.iter().any(|&earlier| out.get(earlier).copied().unwrap_or(true));
        out.push(own || (inherited && !defect::is(Defect::DependantsKept)));
    }
    out
}
