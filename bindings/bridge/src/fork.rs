//! `fork`: a child must be able to open what its parent has open, and must not touch what its parent opened.

use cardmint::Status;
use cardmint::operation::Failure;
use cardmint::time::Clock;
use cardmint_system::SystemClock;

/// Sees to it that every `fork` of this process happens while no thread is inside SQLite, so that the child can open the same
/// file. Calling it again changes nothing.
#[cfg(unix)]
pub(crate) fn watch() {
    use std::cell::RefCell;
    use std::sync::Once;

    thread_local! {
        /// Held by the thread that forks, in the parent and, copied, in the child.
        static QUIET: RefCell<Option<cardmint_sqlite::Quiet>> = const { RefCell::new(None) };
    }

    // A thread that ends just now has no such place any more, and nothing of ours to keep quiet for.
    extern "C" fn before() {
        let _ = QUIET.try_with(|held| held.replace(Some(cardmint_sqlite::quiet())));
    }

    extern "C" fn after() {
        let _ = QUIET.try_with(|held| drop(held.take()));
    }

    static WATCHED: Once = Once::new();
    WATCHED.call_once(|| {
        // SAFETY: the handlers stay where they are for as long as the process lives (a Rust library is never unloaded by us),
        // unwind nowhere, and touch nothing but locks that are sound in a child: `before` holds them there.
        #[allow(unsafe_code)]
        let refused = unsafe { libc::pthread_atfork(Some(before), Some(after), Some(after)) };
        // Refused only without memory: then a child that opens the file anew may find it busy, and harms nothing.
        let _ = refused;
    });
}

#[cfg(not(unix))]
pub(crate) fn watch() {}

/// A value of the process that made it. In a forked child it is not to be had, and dropping it there leaves it as it is: its
/// locks may seem held for ever, and what it would close is the parent's.
#[derive(Debug)]
pub struct Owned<T> {
    /// There until it is dropped.
    value: Option<T>,
    home: u32,
}

impl<T> Owned<T> {
    /// Owns a value in this process.
    pub fn new(value: T) -> Self {
        Self { value: Some(value), home: SystemClock.process() }
    }

    /// Whether this is the process that made it.
    pub fn is_home(&self) -> bool {
        SystemClock.process() == self.home
    }

    /// The value in a child, too, for what of it sees to forks itself.
    pub fn get_anywhere(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// The value.
    ///
    /// # Errors
    /// `forked` in a child.
    pub fn get(&self) -> Result<&T, Failure> {
        let value = self.get_anywhere().filter(|_| self.is_home());
        value.ok_or_else(|| Failure::fault(Status::Forked, Status::Forked.doc()))
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        if !self.is_home() {
            std::mem::forget(self.value.take());
        }
    }
}
