//! What the host's collector of garbage holds.

use std::sync::Arc;

use cardmint::Status;
use cardmint::operation::Failure;

use crate::fork::Owned;

/// A value of this process that a thread of its own drops.
///
/// The last handle of an engine waits for the group under way, which may wait for another process. Neither an event loop, nor an
/// interpreter's lock, nor the end of the host's process should: a group that is cut off is wholly there or wholly not.
#[derive(Debug)]
pub struct DroppedElsewhere<T: Send + 'static>(Option<Owned<T>>);

impl<T: Send + 'static> DroppedElsewhere<T> {
    /// Keeps a value.
    pub fn new(value: T) -> Self {
        Self(Some(Owned::new(value)))
    }

    /// Keeps a value that work on other threads shares.
    pub fn shared(value: T) -> Arc<Self> {
        Arc::new(Self::new(value))
    }

    /// The value, which is there until it is dropped.
    ///
    /// # Errors
    /// `forked` in a child.
    pub fn get(&self) -> Result<&T, Failure> {
        self.owned()?.get()
    }

    /// The value in a child, too, for what of it sees to forks itself.
    ///
    /// # Errors
    /// None that a caller meets.
    pub fn get_anywhere(&self) -> Result<&T, Failure> {
        self.owned()?.get_anywhere().ok_or_else(closed)
    }

    fn owned(&self) -> Result<&Owned<T>, Failure> {
        self.0.as_ref().ok_or_else(closed)
    }
}

/// What is dropped is asked for nothing.
fn closed() -> Failure {
    Failure::fault(Status::Closed, Status::Closed.doc())
}

impl<T: Send + 'static> Drop for DroppedElsewhere<T> {
    fn drop(&mut self) {
        let owned = self.0.take();
        // In a forked child nothing is closed, so nothing waits.
        if owned.as_ref().is_some_and(Owned::is_home) {
            let dropping = std::thread::Builder::new().name("cardmint-drop".to_owned());
            // Where there is no thread to be had, the value is dropped right here, with the closure.
            drop(dropping.spawn(move || drop(owned)));
        }
    }
}
