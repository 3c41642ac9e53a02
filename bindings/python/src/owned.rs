//! What Python holds, dropped without keeping anybody waiting. That a forked child gets `forked` and harms nothing is the
//! bridge's to see to.

use cardmint_bridge as bridge;
use cardmint_bridge::{Failure, Status};

/// A value of Python's, there until it is dropped.
pub struct Owned<T: Send + 'static> {
    value: Option<T>,
    home: bridge::Owned<()>,
}

impl<T: Send + 'static> Owned<T> {
    pub fn new(value: T) -> Self {
        Self { value: Some(value), home: bridge::Owned::new(()) }
    }

    /// The value.
    pub fn get(&self) -> Result<&T, Failure> {
        self.value.as_ref().ok_or_else(|| Failure::fault(Status::Closed, Status::Closed.doc()))
    }
}

impl<T: Send + 'static> Drop for Owned<T> {
    fn drop(&mut self) {
        let value = self.value.take();
        // In a forked child nothing is closed, so nothing waits.
        if self.home.is_home() {
            // The last handle of an engine waits for the group under way, which may wait for another process. Neither the
            // interpreter's lock nor the end of this process should: a group that is cut off is wholly there or wholly not.
            let dropping = std::thread::Builder::new().name("cardmint-drop".to_owned());
            // Where there is no thread to be had, the value is dropped right here, with the closure.
            drop(dropping.spawn(move || drop(value)));
        }
    }
}
