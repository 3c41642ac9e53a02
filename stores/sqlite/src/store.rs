//! The store: one connection that writes, a few that read.

use std::collections::HashMap;
use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, TryLockError};

use cardmint::store::{
    BackupFile, CommitOutcome, Group, Lookup, Page, Rewrite, Scan, ScanOf, Store, StoreError, Stored, TenantKey, Turn,
};
use rusqlite::{Connection, OptionalExtension};

use crate::config::Options;
use crate::error::{Fault, busy};
use crate::held::Held;
use crate::link::{Link, Site, Standing, open_site, open_site_read_only, unavailable};
use crate::locks::{self, READ, WriteTurn};
use crate::pool::Pool;
use crate::quiet::enter;
use crate::{rows, scan};

/// A cardmint store in one SQLite file.
///
/// Any number of threads, and of processes on the same machine, may have the file open and write; commits take turns. The file
/// must lie on a local disk.
///
/// # The trap: another copy of SQLite in the same process
/// POSIX drops *all* locks that a process has on a file as soon as the process closes the file *anywhere*. A second copy of
/// SQLite in this process (Python's `sqlite3` module, PHP's PDO, a driver of the host) that opens and closes this file
/// therefore drops the locks of this store. On Linux this store survives a foreign copy that only *reads*; a foreign copy
/// that *writes* from within the same process can damage the file, and nothing here can prevent that. Use
/// [`Inspector`](crate::Inspector), or another process. What is prevented, what is noticed and what is not is written down in
/// docs/decisions/0002.
pub struct SqliteStore {
    pub(crate) slot: Mutex<Slot>,
    pool: Pool,
    names: RwLock<Names>,
    statements: AtomicU64,
    /// A checkpoint wants to begin: reads of this process wait for it, or it would never find a moment without one.
    pub(crate) checkpointing: AtomicBool,
    path: PathBuf,
    /// Behind the connections: the guard goes last.
    site: Mutex<Option<Arc<Site>>>,
}

/// What writing needs.
pub(crate) struct Slot {
    pub(crate) link: Option<Link>,
    /// `None` where the store is open for reading only.
    pub(crate) desk: Option<Desk>,
}

impl Slot {
    /// Closes the connection.
    pub(crate) fn unlink(&mut self) {
        let _inside = enter();
        self.link = None;
    }
}

pub(crate) struct Desk {
    pub(crate) turn: WriteTurn,
    /// For checkpoints: taken exclusively, it keeps reads of all processes away.
    pub(crate) readers: File,
    /// Pages in the log below which no checkpoint is tried; raised when one found readers in its way.
    pub(crate) checkpoint_at: u32,
}

/// Small numbers that stand for long names. Only committed ones are remembered.
#[derive(Default)]
struct Names {
    tenants: HashMap<TenantKey, i64>,
    writers: HashMap<u64, i64>,
}

impl SqliteStore {
    /// Opens a store for reading and writing; makes it where the file is missing or empty, and brings an older schema up to
    /// date.
    ///
    /// # Errors
    /// Each names the path and what to do. All but `Busy` come at once.
    /// - `Unavailable`: a folder, a missing folder, no permission, another program's database, a newer schema.
    /// - `Damaged`: the file is no SQLite database, or its header is broken.
    /// - `Busy`: another process holds the file for longer than `busy_timeout_ms`.
    pub fn open(path: impl AsRef<Path>, options: Options) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let site = open_site(path, &options)?;
        let io = |error: std::io::Error| unavailable(path, &format!("its lock files cannot be used ({error})"));
        let desk = Desk {
            turn: WriteTurn::open(&site.path).map_err(io)?,
            readers: locks::open(&site.path, READ).map_err(io)?,
            checkpoint_at: options.checkpoint_pages,
        };
        Ok(Self::new(path, site, Some(desk)))
    }

    /// Opens a store that others may be writing for reading: [`Store::load`] and [`Store::scan`] answer, [`Store::commit`] is
    /// [`StoreError::ReadOnly`].
    ///
    /// # Errors
    /// As [`SqliteStore::open`]; a missing or empty file is refused.
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let site = open_site_read_only(path, &Options { create: false, ..Options::default() })?;
        Ok(Self::new(path, site, None))
    }

    fn new(path: &Path, site: Arc<Site>, desk: Option<Desk>) -> Self {
        Self {
            slot: Mutex::new(Slot { link: None, desk }),
            pool: Pool::default(),
            names: RwLock::default(),
            statements: AtomicU64::new(0),
            checkpointing: AtomicBool::new(false),
            path: path.to_owned(),
            site: Mutex::new(Some(site)),
        }
    }

    /// How many SQL statements were executed so far by this handle, BEGIN, COMMIT and ROLLBACK excluded.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    pub(crate) fn count(&self, statements: usize) {
        self.statements.fetch_add(u64::try_from(statements).unwrap_or(0), Ordering::Relaxed);
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn slot(&self) -> MutexGuard<'_, Slot> {
        // A panic under the lock leaves an open transaction at worst; `commit` rolls back whatever it finds.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn slot_if_free(&self) -> Option<MutexGuard<'_, Slot>> {
        match self.slot.try_lock() {
            Ok(slot) => Some(slot),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    pub(crate) fn site_now(&self) -> Option<Arc<Site>> {
        self.site.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The files as they are now. Where the log was removed under us, all connections are closed and opened again.
    pub(crate) fn sound_site(&self, slot: &mut Slot) -> Result<Arc<Site>, StoreError> {
        match self.site_now() {
            Some(site) if site.stands() == Standing::Same => Ok(site),
            Some(site) => self.revive(slot, site),
            // An earlier attempt to open it again failed.
            None => self.open_again(slot.desk.is_none(), Options::default()),
        }
    }

    fn revive(&self, slot: &mut Slot, site: Arc<Site>) -> Result<Arc<Site>, StoreError> {
        if site.stands() == Standing::Replaced {
            return Err(unavailable(
                &self.path,
                "was moved, removed or replaced while it was open; open the store again",
            ));
        }
        // Connections of one process share SQLite's idea of the log: as long as one of another handle is left, a new one
        // would join it in the removed files.
        if crate::guard::registry().handles(site.database()) > 1 {
            return Err(unavailable(
                &self.path,
                "lost its write-ahead log, which something removed; close every handle of it in this process",
            ));
        }
        slot.unlink();
        let (options, read_only) = (site.options.clone(), site.read_only);
        let opened = self.pool.emptied(&site, || {
            // The old guard goes before the new one comes: closing its files drops the locks of whatever is open then.
            *self.site.lock().unwrap_or_else(PoisonError::into_inner) = None;
        });
        if opened.is_none() {
            return Err(busy(&self.path));
        }
        drop(site);
        self.open_again(read_only, options)
    }

    fn open_again(&self, read_only: bool, options: Options) -> Result<Arc<Site>, StoreError> {
        let options = Options { create: false, ..options };
        let site = if read_only { open_site_read_only(&self.path, &options) } else { open_site(&self.path, &options) }?;
        *self.site.lock().unwrap_or_else(PoisonError::into_inner) = Some(site.clone());
        Ok(site)
    }

    /// Reads in one transaction.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, StoreError> {
        let site = match self.site_now() {
            Some(site) if site.stands() == Standing::Same => site,
            _ => self.sound_site(&mut self.slot())?,
        };
        let mut patience = site.patience();
        while self.checkpointing.load(Ordering::Acquire) {
            if !patience.nap() {
                return Err(busy(&self.path));
            }
        }
        self.pool.with(&site, &mut patience, |reader, patience| {
            reader.read(patience, |link| in_transaction(&link.db, read).map_err(|fault| fault.at(&self.path)))
        })
    }

    /// Reads by key: on the connection that writes while nobody commits, since it has the pages of the last commit at hand and
    /// a reader of the pool would have to read them again.
    fn read_keys<T>(&self, read: impl Fn(&Connection) -> Result<T, Fault>) -> Result<T, StoreError> {
        if let Ok(slot) = self.slot.try_lock()
            && let (Some(link), Some(desk)) = (&slot.link, &slot.desk)
            && link.site.stands() == Standing::Same
            && link.db.is_autocommit()
            && matches!(desk.readers.try_lock_shared(), Ok(()))
        {
            let _inside = enter();
            let answer = in_transaction(&link.db, &read);
            let _ = desk.readers.unlock();
            if let Ok(answer) = answer {
                return Ok(answer);
            }
            // What went wrong is said by the other way, which closes its connection.
            drop(slot);
        }
        self.read(read)
    }

    /// Reads by key, in whatever transaction is open.
    pub(crate) fn find_all(&self, db: &Connection, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, Fault> {
        self.count(lookups.len());
        let mut held = Held::new(db);
        let one = |lookup: &Lookup| {
            let Some(tenant) = self.tenant_no(db, &lookup.tenant)? else { return Ok(None) };
            rows::find(&mut held, tenant, lookup, |bits| self.writer_no(db, bits)).map(|found| found.map(Arc::new))
        };
        lookups.iter().map(one).collect()
    }

    pub(crate) fn tenant_no(&self, db: &Connection, tenant: &TenantKey) -> Result<Option<i64>, Fault> {
        if let Some(no) = self.names.read().unwrap_or_else(PoisonError::into_inner).tenants.get(tenant) {
            return Ok(Some(*no));
        }
        self.count(1);
        let mut statement = db.prepare_cached("SELECT no FROM tenant WHERE name = ?1")?;
        let no = statement.query_row([tenant.as_str()], |row| row.get(0)).optional()?;
        if let Some(no) = no {
            self.names.write().unwrap_or_else(PoisonError::into_inner).tenants.insert(tenant.clone(), no);
        }
        Ok(no)
    }

    pub(crate) fn writer_no(&self, db: &Connection, bits: u64) -> Result<Option<i64>, Fault> {
        if let Some(no) = self.names.read().unwrap_or_else(PoisonError::into_inner).writers.get(&bits) {
            return Ok(Some(*no));
        }
        self.count(1);
        let mut statement = db.prepare_cached("SELECT no FROM writer WHERE bits = ?1")?;
        let no = statement.query_row([bits.cast_signed()], |row| row.get(0)).optional()?;
        if let Some(no) = no {
            self.names.write().unwrap_or_else(PoisonError::into_inner).writers.insert(bits, no);
        }
        Ok(no)
    }

    #[cfg(test)]
    pub(crate) fn plan_of(&self, scan: &Scan) -> Vec<String> {
        let walk = scan::walk(1, scan, Some(1)).unwrap().unwrap();
        let site = self.site_now().unwrap();
        let link = Link::open(&site, false).unwrap();
        let mut statement = link.db.prepare(&format!("EXPLAIN QUERY PLAN {}", walk.sql)).unwrap();
        let rows = statement.raw_query().mapped(|row| row.get::<_, String>(3));
        rows.map(Result::unwrap).collect()
    }
}

/// Reads from one snapshot. An error leaves the transaction to whoever looks after the connection.
fn in_transaction<T>(db: &Connection, read: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
    db.prepare_cached("BEGIN")?.raw_execute()?;
    let answer = read(db)?;
    db.prepare_cached("COMMIT")?.raw_execute()?;
    Ok(answer)
}

impl Store for SqliteStore {
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError> {
        self.read_keys(|db| self.find_all(db, lookups))
    }

    fn commit(&self, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        self.commit_group(group)
    }

    fn scan(&self, scan: &Scan) -> Result<Page, StoreError> {
        self.read(|db| {
            self.count(1);
            if scan.of == ScanOf::Writers {
                return scan::writers(db, scan);
            }
            let tenant = self.tenant_no(db, &scan.tenant)?;
            if let ScanOf::Journal(from) = &scan.of {
                // Numbers of tenants begin with 1.
                return scan::journal(db, tenant.unwrap_or(0), from, scan.limit, |bits| self.writer_no(db, bits));
            }
            let Some(tenant) = tenant else { return Ok(Page::default()) };
            let writer = match scan.of {
                ScanOf::EventsOfWriter(bits) => self.writer_no(db, bits)?,
                _ => None,
            };
            scan::walk(tenant, scan, writer)?.map_or(Ok(Page::default()), |walk| walk.page(db, scan))
        })
    }

    fn rewrite(&self, group: Group<'_>, rewrite: &dyn Rewrite) -> Result<Vec<CommitOutcome>, StoreError> {
        self.rewrite_rows(group, rewrite)
    }

    fn backup(
        &self,
        to: &str,
        progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Result<BackupFile, StoreError> {
        let site = match self.site_now() {
            Some(site) if site.stands() == Standing::Same => site,
            _ => self.sound_site(&mut self.slot())?,
        };
        crate::backup::back_up(&site, Path::new(to), progress)
    }

    /// The connection of a commit that ended in the dark is closed before the call returns: nothing of it comes later.
    fn settles(&self) -> bool {
        true
    }

    /// The write transaction, begun before anything is read.
    fn turn(&self) -> Result<Option<Box<dyn Turn + '_>>, StoreError> {
        Ok(Some(Box::new(crate::turn::WriteTurn::take(self)?)))
    }

    /// One transaction in place of two, and half of the locks.
    fn turn_if_free(&self) -> Result<Option<Box<dyn Turn + '_>>, StoreError> {
        Ok(crate::turn::WriteTurn::take_if_free(self)?.map(|turn| Box::new(turn) as Box<dyn Turn>))
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        let _inside = enter();
        self.pool.close();
        // The log is never removed, but a quiet close leaves it empty: then the one file is all there is to copy.
        self.checkpoint_at_close();
        self.slot().link = None;
    }
}
