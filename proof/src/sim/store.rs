//! What an engine takes for its database: the store that all engines share, with trouble at every call.

use std::panic::resume_unwind;
use std::sync::{Arc, Weak};

use cardmint::store::{CommitOutcome, Group, Lookup, Page, Record, Scan, ScanOf, Stands, Store, StoreError, Stored};

use super::world::{At, Trouble, World};

/// One engine's handle.
pub struct SimStore {
    pub(super) world: Weak<World>,
    pub(super) inner: Arc<dyn Store>,
    pub(super) engine: usize,
    pub(super) settles: bool,
}

/// A group whose committer believes it lost, and which the database commits later.
pub struct LateGroup {
    pub(super) engine: usize,
    writer: u64,
    first_event: u64,
    pub(super) changesets: Vec<cardmint::store::Changeset>,
}

impl LateGroup {
    /// The database commits it now.
    pub fn land(&self, inner: &dyn Store) -> Result<Vec<CommitOutcome>, StoreError> {
        // Its transaction passed the last question long ago; what holds it up is the disk.
        let stands = Stands::default();
        inner.commit(Group { writer: self.writer, first_event: self.first_event, changesets: &self.changesets, stands })
    }
}

fn gone() -> StoreError {
    StoreError::Unavailable("the process of this engine is gone".to_owned())
}

fn unknown() -> StoreError {
    StoreError::OutcomeUnknown("connection lost".to_owned())
}

impl SimStore {
    fn world(&self) -> Result<Arc<World>, StoreError> {
        self.world.upgrade().ok_or_else(gone)
    }

    /// Commits, and lets the judge look at what came of it before anybody else moves.
    fn commit_now(&self, world: &World, group: &Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        let outcomes = self.inner.commit(*group)?;
        world.committed(self.engine, group.changesets, &outcomes, None);
        Ok(outcomes)
    }
}

impl Store for SimStore {
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError> {
        match self.world()?.boundary(self.engine, At::Load) {
            Trouble::None => self.inner.load(lookups),
            Trouble::Busy => Err(StoreError::Busy("locked".to_owned())),
            _ => Err(gone()),
        }
    }

    fn commit(&self, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        let world = self.world()?;
        match world.boundary(self.engine, At::Commit) {
            Trouble::None => self.commit_now(&world, &group),
            Trouble::Busy => Err(StoreError::Busy("locked".to_owned())),
            Trouble::Fails => Err(StoreError::Unavailable("database or disk is full".to_owned())),
            Trouble::Gone => Err(gone()),
            Trouble::GoneAfter => {
                self.commit_now(&world, &group)?;
                Err(gone())
            }
            Trouble::Lost => Err(unknown()),
            Trouble::LostAfter => {
                self.commit_now(&world, &group)?;
                Err(unknown())
            }
            // What waited for too long before it was sent is not sent.
            Trouble::Late if !group.stands.now() => Ok(vec![CommitOutcome::Conflict; group.changesets.len()]),
            Trouble::Late => {
                let changesets = group.changesets.to_vec();
                let (engine, writer, first_event) = (self.engine, group.writer, group.first_event);
                world.keep_late(LateGroup { engine, writer, first_event, changesets });
                world.meanwhile(engine);
                Err(unknown())
            }
            Trouble::Conflict => Ok(vec![CommitOutcome::Conflict; group.changesets.len()]),
            // Without the message that a panic prints.
            Trouble::Panic => resume_unwind(Box::new("the store panics")),
            Trouble::PanicAfter => {
                self.commit_now(&world, &group)?;
                resume_unwind(Box::new("the store panics"))
            }
        }
    }

    fn scan(&self, scan: &Scan) -> Result<Page, StoreError> {
        let world = self.world()?;
        match world.boundary(self.engine, At::Scan) {
            Trouble::None => {
                let page = self.inner.scan(scan)?;
                if let ScanOf::CardsOfHolder(_) = scan.of {
                    world.proposed(page.items.iter().filter_map(|stored| match &stored.record {
                        Record::Card(card) => Some(card.id),
                        _ => None,
                    }));
                }
                Ok(page)
            }
            Trouble::Busy => Err(StoreError::Busy("locked".to_owned())),
            _ => Err(gone()),
        }
    }

    fn settles(&self) -> bool {
        self.settles
    }
}
