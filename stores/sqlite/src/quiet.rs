//! Moments in which no thread of this process is inside SQLite: the only ones in which a `fork` leaves a child behind that can
//! open the same file. SQLite's own locks, and its notes of who holds what, are copied as they are; a lock that another thread
//! held then stays held in the child for ever.

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

static GATE: RwLock<()> = RwLock::new(());

thread_local! {
    /// How often this thread is inside. Only the outermost holds the gate: a second hold could wait for somebody who waits for us.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// While it lives, this thread may use SQLite.
pub(crate) struct Inside {
    /// Also keeps it on its thread.
    _gate: Option<RwLockReadGuard<'static, ()>>,
    counted: PhantomData<*const ()>,
}

pub(crate) fn enter() -> Inside {
    let outermost = DEPTH.with(|depth| depth.replace(depth.get() + 1)) == 0;
    let gate = outermost.then(|| GATE.read().unwrap_or_else(PoisonError::into_inner));
    Inside { _gate: gate, counted: PhantomData }
}

impl Drop for Inside {
    fn drop(&mut self) {
        DEPTH.with(|depth| depth.set(depth.get() - 1));
    }
}

/// While it lives, no thread of this process is inside SQLite, and none gets in.
pub struct Quiet {
    _gate: Option<RwLockWriteGuard<'static, ()>>,
}

/// Waits until no thread of this process is inside SQLite, and keeps it so: to be held across a `fork`, by the thread that forks,
/// and dropped in parent and child. Commits under way end first, which takes as long as the disk takes to flush; calls that
/// wait for another process are not waited for.
///
/// The bindings do this by themselves. A Rust host that forks without it must not open, in the child, a file that the parent has
/// open.
pub fn quiet() -> Quiet {
    // A thread that is inside itself would wait for itself.
    let outside = DEPTH.with(|depth| depth.get() == 0);
    Quiet { _gate: outside.then(|| GATE.write().unwrap_or_else(PoisonError::into_inner)) }
}

impl std::fmt::Debug for Quiet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Quiet(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    #[test]
    fn whoever_is_inside_ends_first_and_nobody_gets_in() {
        let inside = enter();
        let nested = enter();
        let (quiet_now, entered) = (AtomicBool::new(false), AtomicBool::new(false));
        std::thread::scope(|scope| {
            let forks = scope.spawn(|| {
                let held = quiet();
                quiet_now.store(true, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(50));
                assert!(!entered.load(Ordering::SeqCst));
                drop(held);
            });
            std::thread::sleep(Duration::from_millis(20));
            assert!(!quiet_now.load(Ordering::SeqCst));
            // Somebody waits for the gate: who is inside goes on all the same.
            drop(enter());
            drop((nested, inside));
            while !quiet_now.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
            let late = scope.spawn(|| {
                let _inside = enter();
                entered.store(true, Ordering::SeqCst);
            });
            forks.join().unwrap();
            late.join().unwrap();
        });
        assert!(entered.load(Ordering::SeqCst));
    }
}
