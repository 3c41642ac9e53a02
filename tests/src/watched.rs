//! A store that stands between an engine and its own: it counts, waits, fails and meddles as a test says.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use cardmint::store::{CommitOutcome, Group, Lookup, Page, Scan, Store, StoreError, Stored};

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
}

/// Counts and hurts what passes through it.
pub struct Watched {
    inner: Arc<dyn Store>,
    loads: AtomicUsize,
    commits: AtomicUsize,
    changesets: AtomicUsize,
    faults: Mutex<VecDeque<Fault>>,
    load_faults: Mutex<VecDeque<Option<StoreError>>>,
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
    }

    /// What happens to the next commits, in order.
    pub fn hurt(&self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.lock().unwrap().extend(faults);
    }

    /// What happens to the next loads, in order; `None` is a good one.
    pub fn hurt_loads(&self, faults: impl IntoIterator<Item = Option<StoreError>>) {
        self.load_faults.lock().unwrap().extend(faults);
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
        self.loads.fetch_add(1, Ordering::SeqCst);
        let fault = self.load_faults.lock().unwrap().pop_front().flatten();
        fault.map_or_else(|| self.inner.load(lookups), Err)
    }

    fn commit(&self, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        self.commits.fetch_add(1, Ordering::SeqCst);
        self.changesets.fetch_add(group.changesets.len(), Ordering::SeqCst);
        for changeset in group.changesets {
            let content = format!("{:?}{:?}{:?}", changeset.writes, changeset.moves, changeset.events);
            self.written.lock().unwrap().push_str(&content);
        }
        self.pass_gate();
        let fault = self.faults.lock().unwrap().pop_front();
        match fault {
            None => self.inner.commit(group),
            Some(Fault::Before(error)) => Err(error),
            Some(Fault::After(error)) => {
                self.inner.commit(group)?;
                Err(error)
            }
            Some(Fault::Meddle(meddle)) => {
                meddle();
                self.inner.commit(group)
            }
            Some(Fault::Panic) => panic!("the store panics, as the test says"),
        }
    }

    fn scan(&self, scan: &Scan) -> Result<Page, StoreError> {
        self.inner.scan(scan)
    }
}
