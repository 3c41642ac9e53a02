//! Keeps another copy of SQLite in this process from deleting the write-ahead log under us.
//!
//! A copy that closes the file asks for an exclusive lock on it; given that, it believes to be the last, checkpoints and
//! removes `-wal` and `-shm`. A copy that opens `-shm` and sees no lock of *another* process truncates it under our mapping.
//! Both questions are POSIX locks, to which our own process's locks are invisible. Locks of an *open file description* are
//! not: they conflict with POSIX locks of the same process, and no foreign close drops them. So for as long as we have
//! connections we hold, shared, the bytes that both questions are about.

use std::collections::BTreeMap;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::locks::{Patience, beside};
use crate::look::{self, inode};
use crate::quiet::{Inside, enter};
use crate::schema::APPLICATION_ID;

/// Which files a path means: device and inode of database, log and its index. All zeros where the system has no such numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Identity {
    pub(crate) database: (u64, u64),
    pub(crate) log: (u64, u64),
}

impl Identity {
    pub(crate) fn of(path: &Path, log: &Path) -> io::Result<Self> {
        Ok(Self { database: look::at(path)?.inode, log: look::at(log)?.inode })
    }
}

/// The files that hold the locks, by inode of database and index. One entry per file and process, whatever the number of
/// handles: closing any of them drops SQLite's own locks on that file, so they are closed only when no connection is left.
static HELD: Mutex<Held> = Mutex::new(Held { process: 0, entries: BTreeMap::new() });

struct Held {
    /// Whose they are. A forked child has copies of its parent's, with which it would give up the parent's locks.
    process: u32,
    entries: BTreeMap<Place, Entry>,
}

type Place = ((u64, u64), (u64, u64));

struct Entry {
    handles: usize,
    files: Arc<Files>,
}

/// Kept open for their locks; the database is closed first.
#[derive(Debug)]
struct Files {
    #[allow(dead_code, reason = "its lock is all it is for")]
    database: File,
    index: File,
}

/// Serialises taking the first guard and giving back the last one: closing one's files drops the locks of whatever has just
/// been opened.
pub(crate) struct Registry {
    held: MutexGuard<'static, Held>,
    _inside: Inside,
}

pub(crate) fn registry() -> Registry {
    let inside = enter();
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    let here = std::process::id();
    if held.process != here {
        // Left open: they are the parent's to close.
        std::mem::forget(std::mem::take(&mut held.entries));
        held.process = here;
    }
    Registry { held, _inside: inside }
}

/// Why files are not guarded.
pub(crate) enum Unguarded {
    /// What the first bytes say.
    Look(Look),
    Io(io::Error),
}

impl From<io::Error> for Unguarded {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// What the first bytes of a file say, before any connection opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    Ours,
    /// Empty, or begun and left by a process, or a machine, that ended there: SQL has to tell.
    Unfinished,
    NoDatabase,
    Foreign(i32),
}

impl Look {
    /// `journal_left` says that a rollback journal lies beside the file. A store of ours writes one only while it is made, before it
    /// writes ahead; whoever ended there left it, and SQLite has to roll it back. It needs the file for itself then: no guard before that.
    fn at(mut file: &File, journal_left: bool) -> io::Result<Self> {
        let mut header = Vec::new();
        file.seek(io::SeekFrom::Start(0))?;
        file.take(100).read_to_end(&mut header)?;
        let id = header.get(68..72).and_then(|id| id.try_into().ok()).map(i32::from_be_bytes);
        let writes_ahead = header.get(18..20) == Some(&[2, 2]);
        Ok(match id {
            None if header.is_empty() => Self::Unfinished,
            Some(0) if header.starts_with(MAGIC) => Self::Unfinished,
            Some(APPLICATION_ID) if header.starts_with(MAGIC) && (journal_left || !writes_ahead) => Self::Unfinished,
            // Its length arrived on the disk and its bytes did not.
            _ if journal_left && header.iter().all(|byte| *byte == 0) => Self::Unfinished,
            Some(APPLICATION_ID) if header.starts_with(MAGIC) => Self::Ours,
            Some(id) if header.starts_with(MAGIC) => Self::Foreign(id),
            _ => Self::NoDatabase,
        })
    }
}

const MAGIC: &[u8] = b"SQLite format 3\0";

/// Whether a rollback journal lies beside a database.
pub(crate) fn journal_left(path: &Path) -> bool {
    std::fs::metadata(beside(path, "-journal")).is_ok_and(|journal| journal.len() > 0)
}

/// Whether the database itself says that its commits go into a log.
pub(crate) fn writes_ahead(path: &Path) -> io::Result<bool> {
    let mut header = Vec::new();
    File::open(path)?.take(20).read_to_end(&mut header)?;
    Ok(header.get(18..20) == Some(&[2, 2]))
}

/// Whether SQLite can look at an unfinished file without writing to it: where a journal has to be rolled back it cannot. Only a file with
/// no mark at all may be somebody else's; ours carries its mark from its first bytes on.
pub(crate) fn can_be_probed(path: &Path) -> io::Result<bool> {
    let mut header = Vec::new();
    File::open(path)?.take(100).read_to_end(&mut header)?;
    Ok(!journal_left(path) || (header.starts_with(MAGIC) && header.get(68..72) == Some(&[0; 4])))
}

impl Registry {
    /// How many guards this process holds on a database.
    pub(crate) fn handles(&self, database: (u64, u64)) -> usize {
        self.held.entries.iter().filter(|((at, _), _)| *at == database).map(|(_, entry)| entry.handles).sum()
    }

    /// Guards the files of a path; `unfinished` says that a file without our mark will do.
    ///
    /// This comes before any connection of ours is closed. A foreign copy that is about to remove the log holds an exclusive
    /// lock meanwhile, which is a POSIX lock, too: any close of *ours* would drop it, and the removal would go on unseen. Once
    /// the database is held here, no foreign copy is, or gets, in that state.
    pub(crate) fn guard(&mut self, path: &Path, unfinished: bool) -> Result<Guard, Unguarded> {
        let index = beside(path, "-shm");
        if let (Ok(database), Ok(found)) = (std::fs::metadata(path), std::fs::metadata(&index)) {
            let place = (inode(&database), inode(&found));
            if let Some(entry) = self.held.entries.get_mut(&place) {
                entry.handles += 1;
                return Ok(Guard { place, files: Some(entry.files.clone()) });
            }
        }
        let database = File::open(path)?;
        hold(&database, Kind::Shared(MOMENT), SHARED_FIRST, SHARED_SIZE)?;
        match Look::at(&database, journal_left(path))? {
            Look::Ours => {}
            Look::Unfinished if unfinished => {}
            look => return Err(Unguarded::Look(look)),
        }
        let index = open_index(&index, &database.metadata()?)?;
        // SQLite's own rule: the first to open an index empties it, since a loss of power may have left anything in it. We do it
        // in SQLite's place, so that no copy ever finds the index unheld and empties it under a mapping.
        if hold(&index, Kind::ExclusiveNow, DEAD_MAN, 1)? {
            if std::fs::metadata(beside(path, "-wal")).map_or(0, |log| log.len()) == 0 {
                // And makes it anew from the log. Of an empty log, which a quiet close leaves, we know the outcome. So nobody
                // rebuilds, and no foreign rebuild can run beside ours and end behind our first commits.
                empty_index(&index)?;
            } else {
                index.set_len(3)?;
            }
        }
        hold(&index, Kind::Shared(MOMENT), DEAD_MAN, 1)?;
        let place = (inode(&database.metadata()?), inode(&index.metadata()?));
        let files = Arc::new(Files { database, index });
        self.held.entries.insert(place, Entry { handles: 1, files: files.clone() });
        Ok(Guard { place, files: Some(files) })
    }
}

/// Writes what SQLite's recovery makes of an empty log: the first page of an index that holds no frame.
fn empty_index(mut index: &File) -> io::Result<()> {
    // Version of the format, unused, counter of changes, the flag "complete" in the first byte; the rest is zero: no frames, no
    // pages, no salts.
    let mut header = [0_u32; 12];
    let complete = u32::from_ne_bytes([1, 0, 0, 0]);
    let (mut first, mut second) = (0_u32, 0_u32);
    for (place, word) in header.iter_mut().take(10).enumerate() {
        *word = match place {
            0 => 3_007_000,
            3 => complete,
            _ => 0,
        };
        if place % 2 == 0 {
            first = first.wrapping_add(*word).wrapping_add(second);
        } else {
            second = second.wrapping_add(*word).wrapping_add(first);
        }
    }
    for (word, sum) in header.iter_mut().skip(10).zip([first, second]) {
        *word = sum;
    }
    // Nothing moved yet; of the five marks of readers the first is always 0 and the others are free; bytes of locks; unused.
    let marks = [0, 0, u32::MAX, u32::MAX, u32::MAX, u32::MAX, 0, 0, 0, 0];
    let words = header.iter().chain(&header).chain(&marks);
    let mut page: Vec<u8> = words.flat_map(|word| word.to_ne_bytes()).collect();
    page.resize(INDEX_PAGE_BYTES, 0);
    index.set_len(0)?;
    index.seek(io::SeekFrom::Start(0))?;
    index.write_all(&page)
}

/// The index is mapped in pieces of this size.
const INDEX_PAGE_BYTES: usize = 32_768;

/// Opens `-shm`, makes it as SQLite does: for the owner and with the rights of the database.
#[cfg(unix)]
fn open_index(path: &Path, database: &Metadata) -> io::Result<File> {
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let made = options.create(true).truncate(false).mode(database.mode() & 0o777).open(path)?;
            // Only root can, and only root needs to.
            let _ = fchown(&made, Some(database.uid()), Some(database.gid()));
            Ok(made)
        }
        Err(_) => File::open(path),
        opened => opened,
    }
}

#[cfg(not(unix))]
fn open_index(path: &Path, _: &Metadata) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

/// Gives its share of the locks back when dropped: after the connections that it guards.
#[derive(Debug)]
pub(crate) struct Guard {
    place: Place,
    /// `None` only while it is dropped.
    files: Option<Arc<Files>>,
}

impl Guard {
    /// Forbids recovery of the index for as long as a write transaction runs; `false` when one lasted for too long.
    ///
    /// A foreign copy that reads the index's header in the moment when we write it takes SQLite's write lock (which our own
    /// does not keep from it), and begins to rebuild the index from the log. While it does, we go on committing; then it writes
    /// a header that does not know these commits, and the next writer writes over them. A rebuild needs this byte exclusively.
    ///
    /// Taken behind BEGIN, not before: BEGIN itself may have to rebuild what a killed process left.
    pub(crate) fn forbid_recovery(&self, wait: Duration) -> io::Result<bool> {
        let Some(files) = &self.files else { return Ok(true) };
        match hold(&files.index, Kind::Shared(wait), RECOVER, 1) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            // Held, or not to be had on this system: the look at the inodes is what is left there.
            held => held.map(|_| true),
        }
    }

    pub(crate) fn allow_recovery(&self) {
        // The lock ends with the process at the latest; one that is left over only forbids what is hardly ever needed.
        if let Some(files) = &self.files {
            let _ = hold(&files.index, Kind::None, RECOVER, 1);
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut held = registry();
        self.files = None;
        if let Some(entry) = held.held.entries.get_mut(&self.place) {
            entry.handles -= 1;
            if entry.handles == 0 {
                held.held.entries.remove(&self.place);
            }
        }
    }
}

/// Where SQLite's unix layer puts its shared lock on a database (`PENDING_BYTE + 2`) and its size; part of the file format.
const SHARED_FIRST: i64 = 0x4000_0002;
const SHARED_SIZE: i64 = 510;
/// The byte of `-shm` that every process with the file open holds (`UNIX_SHM_DMS`).
const DEAD_MAN: i64 = 128;
/// The byte of `-shm` that is locked, exclusively, while the index is rebuilt (`UNIX_SHM_BASE + WAL_RECOVER_LOCK`).
const RECOVER: i64 = 122;
/// How long opening waits for somebody who opens or closes the file at the same moment.
const MOMENT: Duration = Duration::from_secs(2);

#[derive(Clone, Copy)]
enum Kind {
    Shared(Duration),
    /// Does not wait.
    ExclusiveNow,
    None,
}

/// Whether the lock is held now.
#[cfg(target_os = "linux")]
fn hold(file: &File, kind: Kind, from: i64, bytes: i64) -> io::Result<bool> {
    use nix::errno::Errno;
    use nix::fcntl::{FcntlArg, fcntl};
    use nix::libc;
    let narrow = |value: i32| i16::try_from(value).unwrap_or(0);
    let (l_type, wait) = match kind {
        Kind::Shared(wait) => (libc::F_RDLCK, wait),
        Kind::ExclusiveNow => (libc::F_WRLCK, Duration::ZERO),
        Kind::None => (libc::F_UNLCK, Duration::ZERO),
    };
    let lock =
        libc::flock { l_type: narrow(l_type), l_whence: narrow(libc::SEEK_SET), l_start: from, l_len: bytes, l_pid: 0 };
    let mut patience = None;
    loop {
        match fcntl(file, FcntlArg::F_OFD_SETLK(&lock)) {
            Ok(_) => return Ok(true),
            Err(Errno::EAGAIN | Errno::EACCES | Errno::EBADF) if matches!(kind, Kind::ExclusiveNow) => {
                return Ok(false);
            }
            // Somebody opens, closes or rebuilds just now.
            Err(Errno::EAGAIN | Errno::EACCES) if patience.get_or_insert_with(|| Patience::new(wait)).nap() => {}
            Err(Errno::EAGAIN | Errno::EACCES) => return Err(io::ErrorKind::WouldBlock.into()),
            // A file system that knows no such locks: the look at the inodes is what is left.
            Err(Errno::EINVAL | Errno::ENOLCK | Errno::EOPNOTSUPP) => return Ok(false),
            Err(errno) => return Err(errno.into()),
        }
    }
}

#[cfg(not(target_os = "linux"))]
#[allow(clippy::unnecessary_wraps, reason = "the other branch can fail")]
fn hold(_: &File, _: Kind, _: i64, _: i64) -> io::Result<bool> {
    Ok(false)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// Byte for byte what SQLite makes of it.
    #[test]
    fn an_empty_index_is_the_one_that_sqlite_makes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let db = rusqlite::Connection::open(&path).unwrap();
        let _: String = db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).unwrap();
        drop(db);
        let db = rusqlite::Connection::open(&path).unwrap();
        let _: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
        assert_eq!(std::fs::metadata(beside(&path, "-wal")).unwrap().len(), 0);
        let made = std::fs::read(beside(&path, "-shm")).unwrap();
        let ours = folder.path().join("ours");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&ours).unwrap();
        empty_index(&file).unwrap();
        assert_eq!(std::fs::read(&ours).unwrap(), made);
    }
}
