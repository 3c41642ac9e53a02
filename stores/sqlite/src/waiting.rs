//! How SQLite itself waits when it meets a lock of somebody else: by our naps of irregular length, within the time that the call
//! has left, instead of by its own time-out, which naps in steps that grow to a tenth of a second and counts for itself alone.

use std::cell::RefCell;

use rusqlite::Connection;

use crate::locks::Patience;

thread_local! {
    /// What the call that this thread is in has left. Connections are used by one thread at a time.
    static PATIENCE: RefCell<Option<Patience>> = const { RefCell::new(None) };
}

/// Makes a connection wait as [`within`] says, and not at all outside of it. Replaces whatever time-out it had.
pub(crate) fn by_our_rules(db: &mut Connection) -> rusqlite::Result<()> {
    db.busy_handler(Some(|_| PATIENCE.with_borrow_mut(|patience| patience.as_mut().is_some_and(Patience::nap))))
}

/// Puts back what was there before, however the call ends.
struct Before(Option<Patience>);

impl Drop for Before {
    fn drop(&mut self) {
        PATIENCE.set(self.0.take());
    }
}

/// Runs `what`; SQLite's waits in it are cut from this patience.
pub(crate) fn within<T>(patience: &Patience, what: impl FnOnce() -> T) -> T {
    let _before = Before(PATIENCE.replace(Some(patience.clone())));
    what()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    /// A database that another connection holds for writing, and one that asks for it by our rules.
    fn held() -> (tempfile::TempDir, Connection, Connection) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let holder = Connection::open(&path).unwrap();
        holder.execute_batch("CREATE TABLE a (b); BEGIN IMMEDIATE").unwrap();
        let mut asks = Connection::open(&path).unwrap();
        by_our_rules(&mut asks).unwrap();
        (folder, holder, asks)
    }

    #[test]
    fn sqlite_waits_for_as_long_as_the_call_may_and_not_longer() {
        let (_folder, holder, asks) = held();
        let ask = || asks.execute_batch("BEGIN IMMEDIATE; ROLLBACK");
        let began = Instant::now();
        assert!(within(&Patience::new(Duration::from_millis(30)), ask).is_err());
        assert!((30..2_000).contains(&began.elapsed().as_millis()));
        assert!(ask().is_err(), "outside of a call nobody waits");
        let releases = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(30));
            holder.execute_batch("ROLLBACK").unwrap();
        });
        within(&Patience::new(Duration::from_secs(20)), ask).unwrap();
        releases.join().unwrap();
    }

    #[test]
    fn a_call_within_a_call_gives_the_outer_patience_back() {
        let (_folder, _holder, asks) = held();
        let ask = || asks.execute_batch("BEGIN IMMEDIATE; ROLLBACK");
        within(&Patience::new(Duration::from_millis(40)), || {
            assert!(within(&Patience::new(Duration::ZERO), ask).is_err());
            let began = Instant::now();
            assert!(ask().is_err());
            assert!(began.elapsed() >= Duration::from_millis(10), "what was left of the outer patience is waited out");
        });
    }
}
