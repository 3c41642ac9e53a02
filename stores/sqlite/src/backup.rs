//! Backups while the shop works, and putting one back.
//!
//! A backup is one file of its own with a checksum beside it, `shop.bak` and `shop.bak.sha256`, which `sha256sum -c` reads, too. The
//! checksum comes last: without it the backup was not finished.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use cardmint::store::{BackupFile, StoreError};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};

use crate::error::{Fault, busy};
use crate::guard::registry;
use crate::link::{Site, refuse_header, unavailable};
use crate::locks::beside;
use crate::look::inode;
use crate::pool::Reader;
use crate::quiet::enter;
use crate::schema;

/// Pages of one step: some milliseconds, in which a fork of this process waits.
const PAGES_A_STEP: i32 = 1_000;

const CHECKSUM: &str = ".sha256";
const UNFINISHED: &str = ".part";

/// Copies what the store holds at this moment; others go on writing meanwhile, and none of that is in the copy.
pub(crate) fn back_up(
    site: &std::sync::Arc<Site>,
    to: &Path,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<BackupFile, StoreError> {
    must_be_free(to)?;
    let part = beside(to, UNFINISHED);
    remove(&part)?;
    let reader = Reader::open(site)?;
    let copied = reader.hold(|source| copy(source, &part, site, progress));
    {
        let _inside = enter();
        drop(reader);
    }
    let finished = copied.and_then(|()| finish(&part, to));
    if finished.is_err() {
        // What is left of it says by its name that it is none.
        let _ = fs::remove_file(&part);
    }
    finished
}

fn copy(
    source: &Connection,
    part: &Path,
    site: &Site,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let of_source = |error: rusqlite::Error| Fault::from(error).at(&site.path);
    let of_copy = |error: rusqlite::Error| Fault::from(error).at(part);
    let mut target = {
        let _inside = enter();
        let target = Connection::open(part).map_err(of_copy)?;
        // The copy is flushed as a whole before it gets its name.
        target.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF").map_err(of_copy)?;
        // One snapshot from here on: without it every commit of the shop would begin the copy anew.
        source.execute_batch("BEGIN").map_err(of_source)?;
        source.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(of_source)?;
        target
    };
    let copied = (|| {
        let backup = {
            let _inside = enter();
            Backup::new(source, &mut target).map_err(of_copy)?
        };
        let copied = pages(&backup, part, site, progress);
        let _inside = enter();
        drop(backup);
        copied
    })();
    let _inside = enter();
    drop(target);
    let ended = source.execute_batch("COMMIT").map_err(of_source);
    copied.and(ended)
}

/// Copies page by page, and stops where it is told to. Between two steps a fork may come.
fn pages(
    backup: &Backup<'_, '_>,
    part: &Path,
    site: &Site,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let mut patience = site.patience();
    loop {
        let step = {
            let _inside = enter();
            backup.step(PAGES_A_STEP).map_err(|error| Fault::from(error).at(&site.path))?
        };
        let state = backup.progress();
        let total = u64::try_from(state.pagecount).unwrap_or(0);
        let done = total.saturating_sub(u64::try_from(state.remaining).unwrap_or(0));
        if progress(done, total).is_break() {
            return Err(unavailable(part, "is not finished: the backup was given up"));
        }
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More => patience = site.patience(),
            // Busy or locked: somebody holds one of SQLite's own locks for a moment.
            _ if patience.nap() => {}
            _ => return Err(busy(&site.path)),
        }
    }
}

/// Flushes the copy, gives it its name, and its checksum last.
fn finish(part: &Path, to: &Path) -> Result<BackupFile, StoreError> {
    let io = |error: io::Error| unavailable(to, &format!("cannot be written ({error})"));
    let (bytes, sum) = flushed_sum(part).map_err(io)?;
    let (checksum, checksum_part) = (beside(to, CHECKSUM), beside(to, ".sha256.part"));
    let name = to.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let line = format!("{sum}  {name}\n");
    File::create(&checksum_part)
        .and_then(|mut file| file.write_all(line.as_bytes()).and_then(|()| file.sync_all()))
        .map_err(io)?;
    fs::rename(part, to).map_err(io)?;
    flush_folder(to).map_err(io)?;
    fs::rename(&checksum_part, &checksum).map_err(io)?;
    flush_folder(to).map_err(io)?;
    Ok(BackupFile { path: to.display().to_string(), bytes, sha256: sum })
}

fn flushed_sum(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    file.sync_all()?;
    let (mut sha, mut buffer, mut bytes) = (Sha256::new(), vec![0; 1 << 16], 0);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        sha.update(buffer.get(..read).unwrap_or_default());
    }
    Ok((bytes, sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
}

#[cfg(unix)]
fn flush_folder(of: &Path) -> io::Result<()> {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn flush_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(unavailable(path, &format!("is in the way and cannot be removed ({error})")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Nothing is ever written over: neither a store, nor what belongs to one, nor another backup.
fn must_be_free(to: &Path) -> Result<(), StoreError> {
    for path in [to.to_owned(), beside(to, "-wal"), beside(to, "-shm"), beside(to, CHECKSUM)] {
        if path.symlink_metadata().is_ok() {
            return Err(unavailable(&path, "exists; move it away first, with everything stopped that has it open"));
        }
    }
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => Err(unavailable(to, "lies in a folder that does not exist; make it first")),
        Some(_) | None => Ok(()),
    }
}

/// Checks a backup: its checksum, that it is ours and of no newer schema, and every page and index of it.
///
/// # Errors
/// Each names the file. `Unavailable`: there is no such file, it has no checksum (it was not finished), it is another program's, its
/// schema is newer, or it is open in this process. `Damaged`: it is not what was written.
pub fn verify_backup(path: impl AsRef<Path>) -> Result<BackupFile, StoreError> {
    let path = path.as_ref();
    let io = |error: io::Error| unavailable(path, &format!("cannot be read ({error})"));
    let found = fs::metadata(path).map_err(io)?;
    // To open and close a file that a store of this process has open would drop the store's locks.
    if registry().handles(inode(&found)) > 0 {
        return Err(unavailable(path, "is open in this process: it is a store at work and no backup"));
    }
    let checksum = match fs::read_to_string(beside(path, CHECKSUM)) {
        Ok(line) => line,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(unavailable(path, "has no checksum beside it: it is no backup, or was not finished"));
        }
        Err(error) => return Err(io(error)),
    };
    let (bytes, sum) = flushed_sum(path).map_err(io)?;
    if checksum.split_whitespace().next() != Some(&sum) {
        return Err(damaged(path, "is not what its checksum says"));
    }
    let _inside = enter();
    let at = |error: rusqlite::Error| Fault::from(error).at(path);
    let uri = format!("file:{}?immutable=1", encoded(path));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(uri, flags).map_err(at)?;
    let header = schema::header(&db).map_err(at)?;
    if header == schema::Header::Fresh {
        return Err(unavailable(path, "holds no store"));
    }
    refuse_header(path, header)?;
    let says: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(at)?;
    if says != "ok" {
        return Err(damaged(path, &format!("is broken within ({says})")));
    }
    Ok(BackupFile { path: path.display().to_string(), bytes, sha256: sum })
}

/// Puts a backup back as a store of its own: checks it, copies it, checks the copy, and only then gives it the name. The name must be
/// free; a store that is there is moved away by whoever stopped everything that had it open.
///
/// # Errors
/// As [`verify_backup`]; `Unavailable` where `to` or what belongs to it exists, or cannot be written.
pub fn restore_backup(from: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<BackupFile, StoreError> {
    let (from, to) = (from.as_ref(), to.as_ref());
    must_be_free(to)?;
    let backup = verify_backup(from)?;
    let part = beside(to, UNFINISHED);
    remove(&part)?;
    let io = |error: io::Error| unavailable(to, &format!("cannot be written ({error})"));
    let put = fs::copy(from, &part).map_err(io).and_then(|_| {
        if flushed_sum(&part).map_err(io)?.1 != backup.sha256 {
            return Err(damaged(to, "did not become what the backup is"));
        }
        fs::rename(&part, to).map_err(io)?;
        flush_folder(to).map_err(io)
    });
    if put.is_err() {
        let _ = fs::remove_file(&part);
    }
    put.map(|()| BackupFile { path: to.display().to_string(), ..backup })
}

fn damaged(path: &Path, what: &str) -> StoreError {
    StoreError::Damaged(format!("`{}` {what}; use another backup", path.display()))
}

/// A path as SQLite's URIs want it.
fn encoded(path: &Path) -> String {
    let path: PathBuf = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    let one = |byte: u8| if safe(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    path.as_os_str().as_encoded_bytes().iter().copied().map(one).collect()
}
