//! What a process opened, and its children by `fork` must not touch: they share locks, random state and SQLite's handles, whose
//! closing may damage the file. A child gets a fault for every call, and what it drops is left as it is.

use std::sync::atomic::{AtomicU32, Ordering};

use cardmint_bridge::{Failure, Status};
use pyo3::prelude::*;

/// How many forks lie between the process that loaded this module and this one.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// Called by Python in a child, before anything else runs there.
#[pyfunction]
pub fn forked() {
    FORKS.fetch_add(1, Ordering::SeqCst);
}

/// A value of the process that made it. The value is there until it is dropped.
pub struct Owned<T: Send + 'static> {
    value: Option<T>,
    forks: u32,
}

impl<T: Send + 'static> Owned<T> {
    pub fn new(value: T) -> Self {
        Self { value: Some(value), forks: FORKS.load(Ordering::SeqCst) }
    }

    fn is_ours(&self) -> bool {
        self.forks == FORKS.load(Ordering::SeqCst)
    }

    /// The value, in the process that made it.
    pub fn get(&self) -> Result<&T, Failure> {
        let refused = || Failure::fault(Status::Closed, "opened before a fork: open it again in this process");
        self.value.as_ref().filter(|_| self.is_ours()).ok_or_else(refused)
    }
}

impl<T: Send + 'static> Drop for Owned<T> {
    fn drop(&mut self) {
        let value = self.value.take();
        if self.is_ours() {
            // The last handle of an engine waits for the group under way, which may wait for another process. Neither the
            // interpreter's lock nor the end of this process should: a group that is cut off is wholly there or wholly not.
            let dropping = std::thread::Builder::new().name("cardmint-drop".to_owned());
            // Where there is no thread to be had, the value is dropped right here, with the closure.
            drop(dropping.spawn(move || drop(value)));
        } else {
            std::mem::forget(value);
        }
    }
}
