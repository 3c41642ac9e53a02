//! Connections that read. Each reads in one transaction at a time, under a shared lock that keeps checkpoints away.

use std::fs::File;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use cardmint::store::StoreError;
use rusqlite::Connection;

use crate::error::busy;
use crate::link::{Link, Site, unavailable};
use crate::locks::{self, Patience, READ};
use crate::quiet::enter;
use crate::waiting::within;

/// A connection and its own open lock file.
pub(crate) struct Reader {
    pub(crate) link: Link,
    /// `None` in a folder that we cannot write, where nobody made the file.
    lock: Option<File>,
}

impl Reader {
    pub(crate) fn open(site: &Arc<Site>) -> Result<Self, StoreError> {
        let lock = match locks::open(&site.path, READ) {
            Ok(lock) => Some(lock),
            Err(_) if site.read_only => None,
            Err(error) => return Err(unavailable(&site.path, &format!("its lock files cannot be used ({error})"))),
        };
        Ok(Self { link: Link::open(site, false)?, lock })
    }

    /// Runs a read under the shared lock. All waits of it together take as long as the patience has left.
    pub(crate) fn read<T>(
        &self,
        patience: &mut Patience,
        read: impl FnOnce(&Link) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let site = &self.link.site;
        let Some(lock) = &self.lock else {
            let _inside = enter();
            return within(patience, || read(&self.link));
        };
        match locks::share(&site.path, lock, patience) {
            Ok(true) => {}
            Ok(false) => return Err(busy(&site.path)),
            Err(error) => return Err(unavailable(&site.path, &format!("cannot be locked ({error})"))),
        }
        let _inside = enter();
        let answer = within(patience, || read(&self.link));
        lock.unlock().map_err(|error| unavailable(&site.path, &format!("cannot be unlocked ({error})")))?;
        answer
    }
}

impl Reader {
    /// Keeps checkpoints away while something longer goes on, which enters SQLite by itself, a piece at a time.
    pub(crate) fn hold<T>(&self, long: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let site = &self.link.site;
        if let Some(lock) = &self.lock {
            match locks::wait(|| lock.try_lock_shared(), &mut site.patience()) {
                Ok(true) => {}
                Ok(false) => return Err(busy(&site.path)),
                Err(error) => return Err(unavailable(&site.path, &format!("cannot be locked ({error})"))),
            }
        }
        let answer = long(&self.link.db);
        // Given back with the file at the latest.
        let _ = self.lock.as_ref().map(File::unlock);
        answer
    }
}

#[derive(Default)]
struct Shelf {
    idle: Vec<Reader>,
    out: usize,
}

/// At most `Options::readers` connections.
#[derive(Default)]
pub(crate) struct Pool {
    shelf: Mutex<Shelf>,
    returned: Condvar,
}

impl Pool {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Borrows a connection to the site.
    pub(crate) fn with<T>(
        &self,
        site: &Arc<Site>,
        patience: &mut Patience,
        read: impl FnOnce(&Reader, &mut Patience) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let most = site.options.readers.max(1);
        let (mut shelf, wait) = self
            .returned
            .wait_timeout_while(self.shelf(), patience.left(), |shelf| shelf.out >= most)
            .unwrap_or_else(PoisonError::into_inner);
        if wait.timed_out() {
            return Err(busy(&site.path));
        }
        let idle = shelf.idle.pop().filter(|reader| Arc::ptr_eq(&reader.link.site, site));
        shelf.out += 1;
        drop(shelf);
        // From here on the place is given back however this ends, a panic in `read` included.
        let _place = Place(self);
        let reader = match idle {
            Some(reader) => reader,
            None => within(patience, || Reader::open(site))?,
        };
        let answer = read(&reader, patience);
        // A connection that failed is closed: what it did not finish ends with it.
        if answer.is_ok() {
            self.shelf().idle.push(reader);
        } else {
            let _inside = enter();
            drop(reader);
        }
        answer
    }

    /// Waits until nobody reads and closes all connections; `false` when somebody reads for too long. Nobody begins to read
    /// while `then` runs.
    pub(crate) fn emptied<T>(&self, site: &Site, then: impl FnOnce() -> T) -> Option<T> {
        let waited = self.returned.wait_timeout_while(self.shelf(), site.wait(), |shelf| shelf.out > 0);
        let (mut shelf, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if shelf.out > 0 {
            return None;
        }
        let _inside = enter();
        shelf.idle.clear();
        Some(then())
    }

    pub(crate) fn close(&self) {
        let _inside = enter();
        self.shelf().idle.clear();
    }
}

struct Place<'a>(&'a Pool);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.shelf().out -= 1;
        self.0.returned.notify_all();
    }
}
