//! A turn to write that begins before it is known what will be written: the write transaction is open, and reads come from it.

use std::cell::Cell;
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use cardmint::store::{CommitOutcome, Group, Lookup, StoreError, Stored, Turn};

use crate::commit::{begin, roll_back};
use crate::link::Site;
use crate::locks::Patience;
use crate::quiet::{Inside, enter};
use crate::store::{Slot, SqliteStore};

pub(crate) struct WriteTurn<'a> {
    store: &'a SqliteStore,
    slot: MutexGuard<'a, Slot>,
    site: Arc<Site>,
    patience: Patience,
    /// Whatever state the connection is in, it ends with it.
    failed: Cell<bool>,
    _inside: Inside,
}

impl<'a> WriteTurn<'a> {
    pub(crate) fn take(store: &'a SqliteStore) -> Result<Self, StoreError> {
        let mut slot = store.slot();
        let site = store.take_turn(&mut slot)?;
        let patience = site.patience();
        let mut turn = Self { store, slot, site, patience, failed: Cell::new(false), _inside: enter() };
        turn.begin()?;
        Ok(turn)
    }

    /// The same without waiting for anything; `None` where somebody would have to be waited for.
    pub(crate) fn take_if_free(store: &'a SqliteStore) -> Result<Option<Self>, StoreError> {
        let Some(mut slot) = store.slot_if_free() else { return Ok(None) };
        let Some(site) = store.take_turn_if_free(&mut slot)? else { return Ok(None) };
        let patience = Patience::new(Duration::ZERO);
        let mut turn = Self { store, slot, site, patience, failed: Cell::new(false), _inside: enter() };
        match turn.begin() {
            Ok(()) => {
                turn.patience = turn.site.patience();
                Ok(Some(turn))
            }
            Err(StoreError::Busy(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        let begun = self.try_begin();
        self.failed.set(!matches!(begun, Ok(()) | Err(StoreError::Busy(_))));
        begun
    }

    fn try_begin(&mut self) -> Result<(), StoreError> {
        self.store.connect(&mut self.slot, &self.site)?;
        let Some(link) = &self.slot.link else { return Err(StoreError::ReadOnly) };
        begin(&link.db, &self.site, &mut self.patience).map_err(|fault| fault.at(self.store.path()))
    }

    fn write(&mut self, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        let Slot { link: Some(link), desk: Some(desk) } = &mut *self.slot else { return Err(StoreError::ReadOnly) };
        let at = |fault: crate::error::Fault| fault.at(self.store.path());
        let names = self.store.intern(&link.db, &self.site, group, &mut self.patience).map_err(at)?;
        // A writer's first events: its number is made durable on its own, which ends the transaction. The turn is still ours.
        if link.db.is_autocommit() {
            begin(&link.db, &self.site, &mut self.patience).map_err(at)?;
        }
        self.store.write_group(link, desk, group, &names, &mut self.patience)
    }
}

impl Turn for WriteTurn<'_> {
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError> {
        let Some(link) = &self.slot.link else { return Err(StoreError::ReadOnly) };
        self.store.find_all(&link.db, lookups).map_err(|fault| {
            self.failed.set(true);
            fault.at(self.store.path())
        })
    }

    fn commit(mut self: Box<Self>, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        if group.changesets.is_empty() {
            return Ok(Vec::new());
        }
        let outcomes = self.write(group);
        self.failed.set(!matches!(outcomes, Ok(_) | Err(StoreError::Busy(_))));
        outcomes
    }
}

impl Drop for WriteTurn<'_> {
    fn drop(&mut self) {
        if let Some(link) = &self.slot.link {
            roll_back(&link.db);
        }
        if self.failed.get() {
            self.slot.unlink();
        }
        self.site.guard.allow_recovery();
        // An error of unlocking is one of closing the lock file, too: the next take meets it.
        let _ = self.slot.desk.as_mut().map(|desk| desk.turn.give_back());
    }
}
