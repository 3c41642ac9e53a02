//! Connections: opened in an order that leaves no gap for the trap of docs/decisions/0002, and configured alike.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cardmint::store::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::config::{Durability, Options};
use crate::error::{Fault, busy};
use crate::guard::{self, Guard, Identity, Look, Registry, Unguarded};
use crate::locks::{Patience, WriteTurn, beside};
use crate::look;
use crate::quiet::enter;
use crate::schema::{self, Header};
use crate::waiting::{by_our_rules, within};

/// The files behind a path as they were when connections to them were opened, and the guard that keeps them there.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) path: PathBuf,
    pub(crate) options: Options,
    pub(crate) read_only: bool,
    log: PathBuf,
    /// Kept open to be asked about; nobody locks it, so closing it drops nothing.
    log_file: File,
    identity: Identity,
    /// Dropped behind every connection.
    pub(crate) guard: Guard,
}

impl Site {
    /// Whether the path still means the files that connections have open.
    pub(crate) fn stands(&self) -> Standing {
        match Identity::of(&self.path, &self.log) {
            Ok(now) if now == self.identity => Standing::Same,
            Ok(now) if now.database == self.identity.database => Standing::LogReplaced,
            Ok(_) => Standing::Replaced,
            Err(_) if self.path.exists() => Standing::LogReplaced,
            Err(_) => Standing::Replaced,
        }
    }

    /// How long the log is, in bytes; nothing where it was removed since the last look at the path: cheaper than another one.
    pub(crate) fn log_in_place(&self) -> Option<u64> {
        look::into(&self.log_file).ok().filter(|log| log.names > 0).map(|log| log.bytes)
    }

    pub(crate) fn database(&self) -> (u64, u64) {
        self.identity.database
    }

    pub(crate) fn patience(&self) -> Patience {
        Patience::new(self.wait())
    }

    pub(crate) fn wait(&self) -> Duration {
        self.options.busy_timeout()
    }
}

/// What a look at the path says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Same,
    /// The write-ahead log was removed or replaced under us.
    LogReplaced,
    /// The database itself was.
    Replaced,
}

/// A connection, closed before it lets go of the guard.
pub(crate) struct Link {
    pub(crate) db: Connection,
    pub(crate) site: Arc<Site>,
}

impl Link {
    pub(crate) fn open(site: &Arc<Site>, writes: bool) -> Result<Self, StoreError> {
        let _inside = enter();
        let db = connect(&site.path, writes, false).map_err(|fault| fault.at(&site.path))?;
        configure(&db, &site.options, writes).map_err(|error| Fault::from(error).at(&site.path))?;
        Ok(Self { db, site: site.clone() })
    }
}

/// Opens a path for writing: refuses what is not ours, makes or migrates what is.
pub(crate) fn open_site(path: &Path, options: &Options) -> Result<Arc<Site>, StoreError> {
    let _inside = enter();
    refuse_at_once(path, options.create)?;
    let full = absolute(path)?;
    // Apart from the `match`, which would keep the registry locked to its end.
    let found = guard_of(&full, path, &mut guard::registry(), false);
    let guard = match found {
        Ok(guard) => guard,
        Err(Refused::Unfinished) if options.create => {
            let is_empty = std::fs::metadata(&full).map_or(true, |file| file.len() == 0);
            if !is_empty && guard::can_be_probed(&full).unwrap_or(true) {
                // Many programs leave no mark: a look without a trace, before lock files are made beside their file.
                look(&full, path, options)?;
            }
            make(&full, path, options)?
        }
        Err(Refused::Unfinished) => return Err(unavailable(path, "holds no store; check the path")),
        Err(Refused::For(error)) => return Err(error),
    };
    let at = |error: rusqlite::Error| Fault::from(error).at(path);
    let (mut turn, patience) = turn_to_open(&full, path, options)?;
    let opened = within(&patience, || {
        let mut db = connect(&full, true, false).map_err(|fault| fault.at(path))?;
        let found = schema::header(&db).map_err(at)?;
        refuse_header(path, found)?;
        configure(&db, options, true).map_err(at)?;
        if found != Header::Ours(schema::VERSION) || schema::kinds_missing(&db).map_err(at)? {
            let forbidden = guard.forbid_recovery(patience.left());
            if !forbidden.map_err(|error| unavailable(path, &format!("cannot be locked ({error})")))? {
                return Err(busy(path));
            }
            let migrated = schema::migrate(&mut db).map_err(at);
            guard.allow_recovery();
            migrated?;
        }
        site(&full, path, options, false, guard)
    });
    // An error here is one of closing the file, too, which lets go of the lock.
    let _ = turn.give_back();
    opened
}

/// Opens a path for reading only.
pub(crate) fn open_site_read_only(path: &Path, options: &Options) -> Result<Arc<Site>, StoreError> {
    let _inside = enter();
    refuse_at_once(path, false)?;
    let full = absolute(path)?;
    // Apart from the `match`, which would keep the registry locked to its end.
    let found = guard_of(&full, path, &mut guard::registry(), false);
    let guard = match found {
        Ok(guard) => guard,
        Err(Refused::Unfinished) => return Err(unavailable(path, "holds no store; check the path")),
        Err(Refused::For(error)) => return Err(error),
    };
    let db = look(&full, path, options)?;
    let site = site(&full, path, options, true, guard);
    drop(db);
    site
}

/// A connection that reads, to a file whose header is ours or nobody's.
fn look(full: &Path, path: &Path, options: &Options) -> Result<Connection, StoreError> {
    within(&Patience::new(options.busy_timeout()), || {
        let db = connect(full, false, false).map_err(|fault| fault.at(path))?;
        refuse_header(path, schema::header(&db).map_err(|error| Fault::from(error).at(path))?)?;
        Ok(db)
    })
}

/// Makes a store of a file that is missing, empty, or was left half made. The connection stays open until the guard stands: see
/// [`Registry::guard`](guard::Registry::guard).
fn make(full: &Path, path: &Path, options: &Options) -> Result<Guard, StoreError> {
    let at = |error: rusqlite::Error| Fault::from(error).at(path);
    let (mut turn, patience) = turn_to_open(full, path, options)?;
    let mut registry = guard::registry();
    let made = within(&patience, || {
        let mut db = connect(full, true, true).map_err(|fault| fault.at(path))?;
        let found = schema::header(&db).map_err(at)?;
        refuse_header(path, found)?;
        if found == Header::Fresh {
            // Our mark first, into the database itself: from here on its first bytes say whose it is.
            db.pragma_update(None, "application_id", schema::APPLICATION_ID).map_err(at)?;
        }
        write_ahead(&db, path)?;
        schema::migrate(&mut db).map_err(at)?;
        // Into the database with it: an empty log needs no recovery when it is opened. With others about, it stays where it is.
        let _ = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        if !guard::writes_ahead(full).unwrap_or(true) {
            // A loss of power left the journal of the switch and a log: SQLite rolled the switch back, took up the log all the same,
            // and the file does not say so. The log is empty now, and a connection that opens the file makes the switch.
            drop(std::mem::replace(&mut db, connect(full, true, false).map_err(|fault| fault.at(path))?));
            write_ahead(&db, path)?;
        }
        match guard_of(full, path, &mut registry, true) {
            Ok(guard) => Ok(guard),
            Err(Refused::For(error)) => Err(error),
            Err(Refused::Unfinished) => Err(unavailable(path, "cannot be made; remove the empty file and try again")),
        }
    });
    drop(registry);
    let _ = turn.give_back();
    made
}

fn write_ahead(db: &Connection, path: &Path) -> Result<(), StoreError> {
    let mode: rusqlite::Result<String> = db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0));
    if mode.map_err(|error| Fault::from(error).at(path))? == "wal" {
        return Ok(());
    }
    Err(unavailable(path, "lies on a file system without write-ahead logging; use a local disk"))
}

/// The turn to write, and what is left of the time that opening may wait.
fn turn_to_open(full: &Path, path: &Path, options: &Options) -> Result<(WriteTurn, Patience), StoreError> {
    let io = |error: std::io::Error| unavailable(path, &format!("its lock files cannot be used ({error})"));
    let mut patience = Patience::new(options.busy_timeout());
    let mut turn = WriteTurn::open(full).map_err(io)?;
    if turn.take(&mut patience).map_err(io)? { Ok((turn, patience)) } else { Err(busy(path)) }
}

enum Refused {
    Unfinished,
    For(StoreError),
}

fn guard_of(full: &Path, path: &Path, registry: &mut Registry, unfinished: bool) -> Result<Guard, Refused> {
    registry.guard(full, unfinished).map_err(|why| {
        Refused::For(match why {
            Unguarded::Look(Look::Unfinished) => return Refused::Unfinished,
            Unguarded::Look(Look::Foreign(id)) => foreign(path, id),
            Unguarded::Look(Look::Ours | Look::NoDatabase) => {
                StoreError::Damaged(format!("`{}` is no SQLite database; check the path", path.display()))
            }
            Unguarded::Io(error) if error.kind() == std::io::ErrorKind::NotFound => return Refused::Unfinished,
            Unguarded::Io(error) => {
                unavailable(path, &format!("cannot be opened ({error}); check its folder and permissions"))
            }
        })
    })
}

/// The files of the path, which the guard keeps in their place: a connection has just read them, so they are there.
fn site(full: &Path, path: &Path, options: &Options, read_only: bool, guard: Guard) -> Result<Arc<Site>, StoreError> {
    let log = beside(full, "-wal");
    let lost = |error: std::io::Error| unavailable(path, &format!("lost its write-ahead log ({error})"));
    // Opened first, and asked itself: if it is replaced meanwhile, no look at the path says "same".
    let log_file = File::open(&log).map_err(lost)?;
    let database = look::at(full).map_err(lost)?.inode;
    let identity = Identity { database, log: look::into(&log_file).map_err(lost)?.inode };
    Ok(Arc::new(Site { path: full.to_owned(), options: options.clone(), read_only, log, log_file, identity, guard }))
}

fn connect(path: &Path, writes: bool, create: bool) -> Result<Connection, Fault> {
    let access = if writes { OpenFlags::SQLITE_OPEN_READ_WRITE } else { OpenFlags::SQLITE_OPEN_READ_ONLY };
    let create = if create { OpenFlags::SQLITE_OPEN_CREATE } else { OpenFlags::empty() };
    // No URI: a path with `?` or `%` in it is a path. No mutex: a connection is used by one thread at a time.
    let mut db = Connection::open_with_flags(path, access | create | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    by_our_rules(&mut db)?;
    // Whoever closes last must not remove the log: with locks dropped by another copy, "last" is a guess.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(db)
}

fn configure(db: &Connection, options: &Options, writes: bool) -> rusqlite::Result<()> {
    db.set_prepared_statement_cache_capacity(96);
    db.pragma_update(None, "cache_size", -i64::from(options.cache_kib))?;
    if writes {
        // Checkpoints are ours alone: they need the lock files.
        db.pragma_update(None, "wal_autocheckpoint", 0)?;
        let synchronous = match options.durability {
            Durability::Full => "FULL",
            Durability::Normal => "NORMAL",
        };
        db.pragma_update(None, "synchronous", synchronous)?;
        db.pragma_update(None, "fullfsync", true)?;
    } else {
        db.pragma_update(None, "query_only", true)?;
    }
    Ok(())
}

/// Answers a wrong path before anything is opened or waited for.
fn refuse_at_once(path: &Path, create: bool) -> Result<(), StoreError> {
    match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(unavailable(path, "is a folder; name a file in it")),
        Ok(found) if found.len() == 0 && !create => Err(unavailable(path, "is empty; open it for writing once")),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if folder.is_some_and(|folder| !folder.is_dir()) {
                return Err(unavailable(path, "lies in a folder that does not exist; make the folder first"));
            }
            if create { Ok(()) } else { Err(unavailable(path, "does not exist; check the path")) }
        }
        Err(error) => Err(unavailable(path, &format!("cannot be opened ({error}); check its folder and permissions"))),
    }
}

pub(crate) fn refuse_header(path: &Path, header: Header) -> Result<(), StoreError> {
    match header {
        Header::Fresh => Ok(()),
        Header::Ours(version) if version <= schema::VERSION => Ok(()),
        Header::Ours(version) => {
            let ours = schema::VERSION;
            Err(unavailable(path, &format!("has schema {version}, this build knows {ours}; use a newer cardmint")))
        }
        Header::Foreign(id) => Err(foreign(path, id)),
    }
}

fn foreign(path: &Path, id: i32) -> StoreError {
    unavailable(
        path,
        &format!("is a database of another program (application id {id}); give cardmint a file of its own"),
    )
}

/// The same file under one name, whatever becomes of the working folder; also what SQLite names its log after.
fn absolute(path: &Path) -> Result<PathBuf, StoreError> {
    let resolved = std::fs::canonicalize(path).or_else(|_| std::path::absolute(path));
    resolved.map_err(|error| unavailable(path, &error.to_string()))
}

pub(crate) fn unavailable(path: &Path, what: &str) -> StoreError {
    StoreError::Unavailable(format!("`{}` {what}", path.display()))
}
