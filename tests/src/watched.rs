//! A store that stands between an engine and its own: it counts, waits, fails and meddles as a test says.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use cardmint::store::{
    Changeset, CommitOutcome, Group, Lookup, Page, Record, Rewrite, Scan, Stands, Store, StoreError, Stored, Turn,
};

/// What happens to one commit.
pub enum Fault {
    /// The error, and nothing written.
    Before(StoreError),
    /// Written, and then the error.
    After(StoreError),
    /// Something else happens to the store first, as if another process did it.
    Meddle(Box<dyn FnOnce() + Send>),
    /// The store panics, nothing written.
    Panic,
    /// The error now, and the group is written when [`Watched::land`] says so: as a server does that lost its caller.
    Late(StoreError),
}

/// Looks at a group that is about to be committed, and may hurt it.
pub type Look = Box<dyn FnMut(&[Changeset]) -> Option<Fault> + Send>;
/// Looks at what is about to be read, and may refuse it.
pub type LookAtLoad = Box<dyn FnMut(&[Lookup]) -> Option<StoreError> + Send>;

/// Counts and hurts what passes through it.
pub struct Watched {
    inner: Arc<dyn Store>,
    loads: AtomicUsize,
    commits: AtomicUsize,
    changesets: AtomicUsize,
    faults: Mutex<VecDeque<Fault>>,
    load_faults: Mutex<VecDeque<Option<StoreError>>>,
    scan_faults: Mutex<VecDeque<StoreError>>,
    looks: Mutex<Option<Look>>,
    looks_at_loads: Mutex<Option<LookAtLoad>>,
    tries: Mutex<BTreeMap<String, usize>>,
    late: Mutex<Vec<(u64, u64, Vec<Changeset>)>>,
    settles: AtomicBool,
    gives_turns: AtomicBool,
    gives_free_turns: AtomicBool,
    turns: AtomicUsize,
    written: Mutex<String>,
    gate: Mutex<Gate>,
    moved: Condvar,
}

#[derive(Default)]
struct Gate {
    shut: bool,
    waiting: usize,
}

impl Watched {
    /// Stands before a store.
    pub fn over(inner: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self {
            inner,
            loads: AtomicUsize::new(0),
            commits: AtomicUsize::new(0),
            changesets: AtomicUsize::new(0),
            faults: Mutex::default(),
            load_faults: Mutex::default(),
            scan_faults: Mutex::default(),
            looks: Mutex::default(),
            looks_at_loads: Mutex::default(),
            tries: Mutex::default(),
            late: Mutex::default(),
            settles: AtomicBool::new(true),
            gives_turns: AtomicBool::new(false),
            gives_free_turns: AtomicBool::new(false),
            turns: AtomicUsize::new(0),
            written: Mutex::default(),
            gate: Mutex::default(),
            moved: Condvar::new(),
        })
    }

    /// The store behind it.
    pub fn inner(&self) -> Arc<dyn Store> {
        Arc::clone(&self.inner)
    }

    /// Loads since the last [`Watched::forget`].
    pub fn loads(&self) -> usize {
        self.loads.load(Ordering::SeqCst)
    }

    /// Commits since the last [`Watched::forget`].
    pub fn commits(&self) -> usize {
        self.commits.load(Ordering::SeqCst)
    }

    /// Changesets in those commits.
    pub fn changesets(&self) -> usize {
        self.changesets.load(Ordering::SeqCst)
    }

    /// All that was ever handed over to be written, in debug form.
    pub fn written(&self) -> String {
        self.written.lock().unwrap().clone()
    }

    /// Counts from zero again.
    pub fn forget(&self) {
        self.loads.store(0, Ordering::SeqCst);
        self.commits.store(0, Ordering::SeqCst);
        self.changesets.store(0, Ordering::SeqCst);
        self.turns.store(0, Ordering::SeqCst);
        self.tries.lock().unwrap().clear();
    }

    /// What happens to the next commits, in order.
    pub fn hurt(&self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.lock().unwrap().extend(faults);
    }

    /// What happens to the next loads, in order; `None` is a good one.
    pub fn hurt_loads(&self, faults: impl IntoIterator<Item = Option<StoreError>>) {
        self.load_faults.lock().unwrap().extend(faults);
    }

    /// What happens to the next scans, in order.
    pub fn hurt_scans(&self, faults: impl IntoIterator<Item = StoreError>) {
        self.scan_faults.lock().unwrap().extend(faults);
    }

    /// Looks at every commit from now on.
    pub fn look_at_commits(&self, look: impl FnMut(&[Changeset]) -> Option<Fault> + Send + 'static) {
        *self.looks.lock().unwrap() = Some(Box::new(look));
    }

    /// Looks at every load from now on.
    pub fn look_at_loads(&self, look: impl FnMut(&[Lookup]) -> Option<StoreError> + Send + 'static) {
        *self.looks_at_loads.lock().unwrap() = Some(Box::new(look));
    }

    /// How often each redemption was part of a commit, by its id, since the last [`Watched::forget`].
    pub fn tries(&self) -> BTreeMap<String, usize> {
        self.tries.lock().unwrap().clone()
    }

    /// Writes the groups that a late fault kept back; how many changesets of them were committed.
    pub fn land(&self) -> usize {
        let late = std::mem::take(&mut *self.late.lock().unwrap());
        let landed = late.iter().flat_map(|(writer, first_event, changesets)| {
            let (writer, first_event, stands) = (*writer, *first_event, Stands::default());
            self.inner.commit(Group { writer, first_event, changesets, stands }).unwrap()
        });
        landed.filter(|outcome| *outcome == CommitOutcome::Committed).count()
    }

    /// Says that what ended in the dark may still come.
    pub fn never_settles(&self) {
        self.settles.store(false, Ordering::SeqCst);
    }

    /// Gives turns to write from now on, as the store behind it does. In them nothing can meddle.
    pub fn give_turns(&self) {
        self.gives_turns.store(true, Ordering::SeqCst);
    }

    /// Gives turns to calls that are alone, too, whatever the store behind it does.
    pub fn give_free_turns(&self) {
        self.give_turns();
        self.gives_free_turns.store(true, Ordering::SeqCst);
    }

    /// Turns that were taken.
    pub fn turns(&self) -> usize {
        self.turns.load(Ordering::SeqCst)
    }

    /// Holds commits back until [`Watched::open`].
    pub fn shut(&self) {
        self.gate.lock().unwrap().shut = true;
    }

    /// Lets commits pass.
    pub fn open(&self) {
        self.gate.lock().unwrap().shut = false;
        self.moved.notify_all();
    }

    /// Waits until a commit is held back.
    pub fn until_held(&self) {
        let gate = self.gate.lock().unwrap();
        drop(self.moved.wait_while(gate, |gate| gate.waiting == 0).unwrap());
    }

    fn pass_gate(&self) {
        let mut gate = self.gate.lock().unwrap();
        gate.waiting += 1;
        self.moved.notify_all();
        gate = self.moved.wait_while(gate, |gate| gate.shut).unwrap();
        gate.waiting -= 1;
    }
}

impl Store for Watched {
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError> {
        self.load_by(lookups, |lookups| self.inner.load(lookups))
    }

    fn commit(&self, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        self.commit_by(group, |group| self.inner.commit(group))
    }

    fn scan(&self, scan: &Scan) -> Result<Page, StoreError> {
        let fault = self.scan_faults.lock().unwrap().pop_front();
        fault.map_or_else(|| self.inner.scan(scan), Err)
    }

    /// Counts as a commit, and is hurt like one.
    fn rewrite(&self, group: Group<'_>, rewrite: &dyn Rewrite) -> Result<Vec<CommitOutcome>, StoreError> {
        self.commit_by(group, |group| self.inner.rewrite(group, rewrite))
    }

    fn settles(&self) -> bool {
        self.settles.load(Ordering::SeqCst)
    }

    fn turn(&self) -> Result<Option<Box<dyn Turn + '_>>, StoreError> {
        if !self.gives_turns.load(Ordering::SeqCst) {
            return Ok(None);
        }
        self.turns.fetch_add(1, Ordering::SeqCst);
        let inner = self.inner.turn()?;
        Ok(inner.map(|inner| Box::new(WatchedTurn { watched: self, inner }) as Box<dyn Turn>))
    }

    fn turn_if_free(&self) -> Result<Option<Box<dyn Turn + '_>>, StoreError> {
        if self.gives_free_turns.load(Ordering::SeqCst) { self.turn() } else { Ok(None) }
    }
}

struct WatchedTurn<'a> {
    watched: &'a Watched,
    inner: Box<dyn Turn + 'a>,
}

impl Turn for WatchedTurn<'_> {
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError> {
        self.watched.load_by(lookups, |lookups| self.inner.load(lookups))
    }

    fn commit(self: Box<Self>, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        let inner = self.inner;
        self.watched.commit_by(group, |group| inner.commit(group))
    }
}

impl Watched {
    fn load_by(
        &self,
        lookups: &[Lookup],
        load: impl FnOnce(&[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError>,
    ) -> Result<Vec<Option<Arc<Stored>>>, StoreError> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        let look =
            self.looks_at_loads.lock().unwrap_or_else(PoisonError::into_inner).as_mut().and_then(|look| look(lookups));
        let fault = look.or_else(|| self.load_faults.lock().unwrap().pop_front().flatten());
        fault.map_or_else(|| load(lookups), Err)
    }

    fn commit_by(
        &self,
        group: Group<'_>,
        commit: impl FnOnce(Group<'_>) -> Result<Vec<CommitOutcome>, StoreError>,
    ) -> Result<Vec<CommitOutcome>, StoreError> {
        self.commits.fetch_add(1, Ordering::SeqCst);
        self.changesets.fetch_add(group.changesets.len(), Ordering::SeqCst);
        for changeset in group.changesets {
            let content = format!("{:?}{:?}{:?}", changeset.writes, changeset.moves, changeset.events);
            self.written.lock().unwrap().push_str(&content);
            for write in &changeset.writes {
                if let Record::Redemption(redemption) = &write.record {
                    *self.tries.lock().unwrap().entry(redemption.key.clone()).or_default() += 1;
                }
            }
        }
        self.pass_gate();
        let look = self.looks.lock().unwrap().as_mut().and_then(|look| look(group.changesets));
        let fault = look.or_else(|| self.faults.lock().unwrap().pop_front());
        match fault {
            None => commit(group),
            Some(Fault::Before(error)) => Err(error),
            Some(Fault::After(error)) => {
                commit(group)?;
                Err(error)
            }
            Some(Fault::Meddle(meddle)) => {
                meddle();
                commit(group)
            }
            Some(Fault::Panic) => panic!("the store panics, as the test says"),
            Some(Fault::Late(error)) => {
                let late = (group.writer, group.first_event, group.changesets.to_vec());
                self.late.lock().unwrap().push(late);
                Err(error)
            }
        }
    }
}
