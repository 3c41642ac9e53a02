//! What the host's collector of garbage owns.

use std::sync::Arc;

use cardmint::Status;
use cardmint::operation::Failure;

/// A value that is dropped by a thread of its own.
///
/// The last handle of an engine waits for the group under way, which may wait for another process. Neither an event loop, nor an
/// interpreter's lock, nor the end of the host's process should: a group that is cut off is wholly there or wholly not.
#[derive(Debug)]
pub struct Owned<T: Send + 'static>(Option<T>);

impl<T: Send + 'static> Owned<T> {
    /// Keeps a value.
    pub fn new(value: T) -> Self {
        Self(Some(value))
    }

    /// Keeps a value that work on other threads shares.
    pub fn shared(value: T) -> Arc<Self> {
        Arc::new(Self::new(value))
    }

    /// The value, which is there until it is dropped.
    ///
    /// # Errors
    /// `closed`, which no caller meets.
    pub fn get(&self) -> Result<&T, Failure> {
        self.0.as_ref().ok_or_else(|| Failure::fault(Status::Closed, Status::Closed.doc()))
    }
}

impl<T: Send + 'static> Drop for Owned<T> {
    fn drop(&mut self) {
        let value = self.0.take();
        let dropping = std::thread::Builder::new().name("cardmint-drop".to_owned());
        // Where there is no thread to be had, the value is dropped right here, with the closure.
        drop(dropping.spawn(move || drop(value)));
    }
}
