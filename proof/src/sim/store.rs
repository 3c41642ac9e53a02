//! What an engine takes for its database: the store that all engines share, with trouble at every call.

use std::panic::resume_unwind;
use std::sync::{Arc, Weak};

use cardmint::store::{
    CommitOutcome, Group, Lookup, Page, Record, Rewrite, Scan, ScanOf, Stands, Store, StoreError, Stored, Turn,
};

use super::world::{At, Trouble, World};

/// One engine's handle.
pub struct SimStore {
    pub(super) world: Weak<World>,
    pub(super) inner: Arc<dyn Store>,
    pub(super) engine: usize,
    pub(super) settles: bool,
    pub(super) gives_turns: bool,
    pub(super) turns_alone: bool,
}

/// What a commit does when nothing goes wrong with it.
type Commit<'a> = Box<dyn FnOnce(Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> + 'a>;

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
    fn commit_now(
        &self,
        world: &World,
        group: &Group<'_>,
        commit: Commit<'_>,
    ) -> Result<Vec<CommitOutcome>, StoreError> {
        let outcomes = commit(*group)?;
        world.committed(self.engine, group.changesets, &outcomes, None);
        Ok(outcomes)
    }

    /// A commit, and the trouble that comes to it.
    fn commit_amid(
        &self,
        trouble: Trouble,
        group: Group<'_>,
        commit: Commit<'_>,
    ) -> Result<Vec<CommitOutcome>, StoreError> {
        let world = self.world()?;
        match trouble {
            Trouble::None => self.commit_now(&world, &group, commit),
            Trouble::Busy => Err(StoreError::Busy("locked".to_owned())),
            Trouble::Fails => Err(StoreError::Unavailable("database or disk is full".to_owned())),
            Trouble::Gone => Err(gone()),
            Trouble::GoneAfter => {
                self.commit_now(&world, &group, commit)?;
                Err(gone())
            }
            Trouble::Lost => Err(unknown()),
            Trouble::LostAfter => {
                self.commit_now(&world, &group, commit)?;
                Err(unknown())
            }
            // What waited for too long before it was sent is not sent.
            Trouble::Late if !group.stands.now() => Ok(vec![CommitOutcome::Conflict; group.changesets.len()]),
            Trouble::Late => {
                // Where a turn was held it is nobody's any more: the database has lost the caller, too.
                drop(commit);
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
                self.commit_now(&world, &group, commit)?;
                resume_unwind(Box::new("the store panics"))
            }
        }
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
        let trouble = self.world()?.boundary(self.engine, At::Commit);
        self.commit_amid(trouble, group, Box::new(|group| self.inner.commit(group)))
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

    /// At the end of a world only, when nothing goes wrong any more; what comes of it is looked at there.
    fn rewrite(&self, group: Group<'_>, rewrite: &dyn Rewrite) -> Result<Vec<CommitOutcome>, StoreError> {
        self.world()?;
        self.inner.rewrite(group, rewrite)
    }

    fn settles(&self) -> bool {
        self.settles
    }

    fn turn(&self) -> Result<Option<Box<dyn Turn + '_>>, StoreError> {
        if !self.gives_turns {
            return Ok(None);
        }
        match self.world()?.boundary(self.engine, At::Turn) {
            Trouble::None => {
                let turn = self.inner.turn()?;
                Ok(turn.map(|inner| Box::new(SimTurn { store: self, inner }) as Box<dyn Turn>))
            }
            Trouble::Busy => Err(StoreError::Busy("locked".to_owned())),
            _ => Err(gone()),
        }
    }

    fn turn_if_free(&self) -> Result<Option<Box<dyn Turn + '_>>, StoreError> {
        if self.turns_alone { self.turn() } else { Ok(None) }
    }
}

/// A turn to write: things go wrong in it, but nobody else moves.
struct SimTurn<'a> {
    store: &'a SimStore,
    inner: Box<dyn Turn + 'a>,
}

impl Turn for SimTurn<'_> {
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError> {
        match self.store.world()?.trouble(self.store.engine, At::Load) {
            Trouble::None => self.inner.load(lookups),
            Trouble::Busy => Err(StoreError::Busy("locked".to_owned())),
            _ => Err(gone()),
        }
    }

    fn commit(self: Box<Self>, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        let Self { store, inner } = *self;
        let trouble = store.world()?.trouble(store.engine, At::Commit);
        store.commit_amid(trouble, group, Box::new(|group| inner.commit(group)))
    }
}
