//! Keeps another copy of SQLite in this process from deleting the write-ahead log under us.
//!
//! A copy that closes the file asks for an exclusive lock on it; given that, it believes to be the last, checkpoints and
//! removes `-wal` and `-shm`. A copy that opens `-shm` and sees no lock of *another* process truncates it under our mapping.
//! Both questions are POSIX locks, to which our own process's locks are invisible. Locks of an *open file description* are
//! not: they conflict with POSIX locks of the same process, and no foreign close drops them. So for as long as we have
//! connections we hold, shared, the bytes that both questions are about.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::locks::beside;

/// Which files a path means: device and inode of database, log and its index. All zeros where the system has no such numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Identity {
    pub(crate) database: (u64, u64),
    pub(crate) log: (u64, u64),
}

impl Identity {
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let database = std::fs::metadata(path)?;
        let log = std::fs::metadata(beside(path, "-wal"))?;
        Ok(Self { database: inode(&database), log: inode(&log) })
    }
}

#[cfg(unix)]
fn inode(of: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (of.dev(), of.ino())
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// The files that hold the locks, by inode of database and index. One entry per file and process, whatever the number of
/// handles: closing any of them drops SQLite's own locks on that file, so they are closed only when no connection is left.
static HELD: Mutex<BTreeMap<Place, Entry>> = Mutex::new(BTreeMap::new());

type Place = ((u64, u64), (u64, u64));

struct Entry {
    handles: usize,
    #[allow(dead_code, reason = "kept open for their locks")]
    files: [File; 2],
}

/// Serialises opening and the closing of the last handle: between them a guard could be dropped under a new connection.
pub(crate) struct Registry(MutexGuard<'static, BTreeMap<Place, Entry>>);

pub(crate) fn registry() -> Registry {
    Registry(HELD.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Registry {
    /// How many guards this process holds on a database.
    pub(crate) fn handles(&self, database: (u64, u64)) -> usize {
        self.0.iter().filter(|((at, _), _)| *at == database).map(|(_, entry)| entry.handles).sum()
    }

    /// Guards the files of a path. A connection must be open and must have read: it makes `-wal` and `-shm`.
    pub(crate) fn guard(&mut self, path: &Path) -> io::Result<Guard> {
        let index = beside(path, "-shm");
        let place = (inode(&std::fs::metadata(path)?), inode(&std::fs::metadata(&index)?));
        if let Some(entry) = self.0.get_mut(&place) {
            entry.handles += 1;
            return Ok(Guard(place));
        }
        // First the database: from here on nobody removes the other two.
        let database = File::open(path)?;
        hold(&database, SHARED_FIRST, SHARED_SIZE)?;
        let index = File::open(&index)?;
        hold(&index, DEAD_MAN, 1)?;
        let place = (inode(&database.metadata()?), inode(&index.metadata()?));
        self.0.insert(place, Entry { handles: 1, files: [database, index] });
        Ok(Guard(place))
    }
}

/// Gives its share of the locks back when dropped: after the connections that it guards.
#[derive(Debug)]
pub(crate) struct Guard(Place);

impl Drop for Guard {
    fn drop(&mut self) {
        let mut held = registry();
        if let Some(entry) = held.0.get_mut(&self.0) {
            entry.handles -= 1;
            if entry.handles == 0 {
                held.0.remove(&self.0);
            }
        }
    }
}

/// Where SQLite's unix layer puts its shared lock on a database (`PENDING_BYTE + 2`) and its size; part of the file format.
const SHARED_FIRST: i64 = 0x4000_0002;
const SHARED_SIZE: i64 = 510;
/// The byte of `-shm` that every process with the file open holds (`UNIX_SHM_DMS`).
const DEAD_MAN: i64 = 128;

#[cfg(target_os = "linux")]
fn hold(file: &File, from: i64, bytes: i64) -> io::Result<()> {
    use nix::fcntl::{FcntlArg, fcntl};
    use nix::libc;
    let narrow = |value: i32| i16::try_from(value).unwrap_or(0);
    let lock = libc::flock {
        l_type: narrow(libc::F_RDLCK),
        l_whence: narrow(libc::SEEK_SET),
        l_start: from,
        l_len: bytes,
        l_pid: 0,
    };
    let mut patience = crate::locks::Patience::new(std::time::Duration::from_secs(2));
    loop {
        match fcntl(file, FcntlArg::F_OFD_SETLK(&lock)) {
            Ok(_) => return Ok(()),
            // Somebody is opening, closing or recovering just now.
            Err(nix::errno::Errno::EAGAIN | nix::errno::Errno::EACCES) if patience.nap() => {}
            // A file system that knows no such locks: the inode check is what is left.
            Err(nix::errno::Errno::EINVAL | nix::errno::Errno::ENOLCK | nix::errno::Errno::EOPNOTSUPP) => return Ok(()),
            Err(errno) => return Err(errno.into()),
        }
    }
}

#[cfg(not(target_os = "linux"))]
#[allow(clippy::unnecessary_wraps, reason = "the other branch can fail")]
fn hold(_: &File, _: i64, _: i64) -> io::Result<()> {
    let _ = (SHARED_FIRST, SHARED_SIZE, DEAD_MAN);
    Ok(())
}
