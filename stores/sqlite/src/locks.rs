//! Our own lock files beside the database, and how long we wait for them.
//!
//! SQLite's locks belong to process and file: another copy of SQLite in this process that closes the file drops them (see
//! docs/decisions/0002). Ours are `flock`s on files that nobody else opens, and belong to the open file alone.

use std::cell::Cell;
use std::fs::{File, OpenOptions, TryLockError};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// `shop.db` and a suffix: `shop.db-wal`, `shop.db-cardmint-lock`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Opens a lock file, makes it where it is missing. It is never removed: whoever removes it lets two holders in.
pub(crate) fn open(path: &Path, suffix: &str) -> io::Result<File> {
    let path = beside(path, suffix);
    let writing = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    // A folder or file that we may only read has been prepared by a writer: a lock needs no more than reading.
    writing.or_else(|error| File::open(&path).map_err(|_| error))
}

/// Excludes writers and checkpoints of all processes.
pub(crate) const WRITE: &str = "-cardmint-lock";
/// Held, shared, by whoever waits for [`WRITE`]; its holder steps aside for a moment when it sees one.
pub(crate) const QUEUE: &str = "-cardmint-wait";
/// Shared by reads, exclusive for a checkpoint.
pub(crate) const READ: &str = "-cardmint-read";

/// Naps of irregular length until a deadline: those who wait in step would meet again and again.
#[derive(Clone)]
pub(crate) struct Patience {
    until: Instant,
    nap_us: u64,
    random: u64,
}

impl Patience {
    pub(crate) fn new(wait: Duration) -> Self {
        let random = RandomState::new().build_hasher().finish() | 1;
        Self { until: Instant::now() + wait, nap_us: 100, random }
    }

    /// What is left of the time.
    pub(crate) fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Naps once; `false` when the time is over.
    pub(crate) fn nap(&mut self) -> bool {
        let left = self.left();
        if left.is_zero() {
            return false;
        }
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let nap = Duration::from_micros(self.nap_us / 2 + self.random % self.nap_us);
        // Short naps: a lock is held for one commit, and who sleeps through its end waits for another one.
        self.nap_us = (self.nap_us * 2).min(1_000);
        std::thread::sleep(nap.min(left));
        true
    }
}

/// Asks for a lock until it is given or the time is over (`false`).
pub(crate) fn wait(ask: impl Fn() -> Result<(), TryLockError>, patience: &mut Patience) -> io::Result<bool> {
    loop {
        match ask() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) if patience.nap() => {}
            Err(TryLockError::WouldBlock) => return Ok(false),
            // A file system without locks: nothing is gained by going on unprotected.
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// Asks for a share of a lock that others take for themselves again and again. Whoever has to wait joins the queue of those who
/// wait for a turn to write: who commits sees it and steps aside, so that no reader is passed over for ever.
pub(crate) fn share(path: &Path, lock: &File, patience: &mut Patience) -> io::Result<bool> {
    if lock.try_lock_shared().is_ok() {
        return Ok(true);
    }
    // Where it cannot be had, waiting alone is what is left; a holder's short look into it keeps us out for a moment only.
    let (queue, joined) = (open(path, QUEUE).ok(), Cell::new(false));
    let join = || queue.as_ref().is_some_and(|queue| queue.try_lock_shared().is_ok());
    let ask = || {
        joined.set(joined.get() || join());
        lock.try_lock_shared()
    };
    wait(ask, patience)
}

/// The turn to write, among all processes.
pub(crate) struct WriteTurn {
    lock: File,
    queue: File,
    /// Not before: others were waiting when we gave the turn back.
    step_aside_until: Option<Instant>,
}

impl WriteTurn {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { lock: open(path, WRITE)?, queue: open(path, QUEUE)?, step_aside_until: None })
    }

    /// Takes the turn; `false` when others kept it for too long.
    pub(crate) fn take(&mut self, patience: &mut Patience) -> io::Result<bool> {
        if let Some(until) = self.step_aside_until.take() {
            std::thread::sleep(until.saturating_duration_since(Instant::now()));
        }
        if self.lock.try_lock().is_ok() {
            return Ok(true);
        }
        // All who wait share the queue; only a holder's short look into it can make this nap.
        let queued = wait(|| self.queue.try_lock_shared(), patience)?;
        let taken = wait(|| self.lock.try_lock(), patience);
        if queued {
            self.queue.unlock()?;
        }
        taken
    }

    /// Takes the turn where nobody has it, and where we need not step aside for anybody.
    pub(crate) fn take_if_free(&mut self) -> io::Result<bool> {
        if self.step_aside_until.is_some() {
            return Ok(false);
        }
        match self.lock.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Gives the turn back. Whoever commits again at once would otherwise take it every time before one who naps wakes up.
    pub(crate) fn give_back(&mut self) -> io::Result<()> {
        self.lock.unlock()?;
        match self.queue.try_lock() {
            Ok(()) => self.queue.unlock(),
            Err(TryLockError::WouldBlock) => {
                self.step_aside_until = Some(Instant::now() + Duration::from_micros(1_600));
                Ok(())
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let (mut first, mut second) = (WriteTurn::open(&path).unwrap(), WriteTurn::open(&path).unwrap());
        assert!(first.take(&mut Patience::new(Duration::ZERO)).unwrap());
        let began = Instant::now();
        assert!(!second.take(&mut Patience::new(Duration::from_millis(30))).unwrap());
        assert!((30..2_000).contains(&began.elapsed().as_millis()));
        first.give_back().unwrap();
        assert!(second.take(&mut Patience::new(Duration::ZERO)).unwrap());
    }

    #[test]
    fn a_reader_that_waits_makes_who_commits_step_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let (checkpoint, reader) = (open(&path, READ).unwrap(), open(&path, READ).unwrap());
        let mut turn = WriteTurn::open(&path).unwrap();
        checkpoint.lock().unwrap();
        std::thread::scope(|scope| {
            let reads = scope.spawn(|| share(&path, &reader, &mut Patience::new(Duration::from_secs(20))).unwrap());
            // As soon as it waits, whoever gives the turn back sees it.
            while turn.step_aside_until.is_none() {
                assert!(!reads.is_finished(), "a reader gave up unseen");
                assert!(turn.take(&mut Patience::new(Duration::ZERO)).unwrap());
                turn.give_back().unwrap();
            }
            checkpoint.unlock().unwrap();
            assert!(reads.join().unwrap());
        });
        // Nobody waits any more.
        turn.take(&mut Patience::new(Duration::ZERO)).unwrap();
        turn.give_back().unwrap();
        assert!(turn.step_aside_until.is_none());
    }

    #[test]
    fn a_reader_waits_no_longer_than_it_may() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let (checkpoint, reader) = (open(&path, READ).unwrap(), open(&path, READ).unwrap());
        checkpoint.lock().unwrap();
        let began = Instant::now();
        assert!(!share(&path, &reader, &mut Patience::new(Duration::from_millis(30))).unwrap());
        assert!((30..2_000).contains(&began.elapsed().as_millis()));
    }
}
