//! Puts the engine together: its keyring, its store, its clock, its entropy.

use std::path::{Path, PathBuf};

use cardmint::code::{CodeFormat, Keyring, World};
use cardmint::store::Store;
use cardmint::time::Instant;
use cardmint::{Engine, Tenant};
use cardmint_sqlite::{Options, SqliteStore};
use cardmint_system::{SystemEntropy, create_keyring, load_keyring, system_entropy};

use super::{Args, Error, HandClock, mint};

/// The tenant that the year belongs to.
const TENANT: &str = "complete-journey";

/// A tenant over a store, and the clock that its time comes from.
pub struct Stage {
    /// The tenant.
    pub tenant: Tenant,
    /// Its clock.
    pub clock: HandClock,
}

impl Stage {
    /// Sets an engine up over a store.
    ///
    /// # Errors
    /// Where the system has no entropy.
    pub fn over(store: impl Store + 'static, keyring: Keyring) -> Result<Self, Error> {
        let clock = HandClock::at(year_begins()?);
        let engine = Engine::new(store, keyring, clock.clone(), entropy()?);
        let tenant = engine.tenant(TENANT, World::Live).map_err(Error::engine("opening the tenant"))?;
        Ok(Self { tenant, clock })
    }

    /// Opens the database and the keyring beside it, or makes both.
    ///
    /// # Errors
    /// Files that cannot be read or written; a database without its keyring.
    pub fn open(args: &Args) -> Result<Self, Error> {
        if args.fresh {
            clear(args)?;
        }
        for folder in [Some(args.out.as_path()), args.db.parent()].into_iter().flatten() {
            std::fs::create_dir_all(folder).map_err(Error::file("make", folder))?;
        }
        let keyring = open_keyring(&args.keyring(), &args.db)?;
        Self::over(open_store(&args.db)?, keyring)
    }
}

/// The format of all codes: 16 symbols.
pub fn code_format() -> CodeFormat {
    CodeFormat::S16
}

/// A keyring of its own, for a store that is forgotten.
///
/// # Errors
/// Where the system has no entropy.
pub fn fresh_keyring() -> Result<Keyring, Error> {
    Ok(Keyring::generate(&entropy()?))
}

fn open_keyring(path: &Path, db: &Path) -> Result<Keyring, Error> {
    let filled = std::fs::metadata(db).is_ok_and(|db| db.len() > 0);
    let keyring = match (path.exists(), filled) {
        (true, _) => load_keyring(path),
        (false, false) => create_keyring(path),
        (false, true) => {
            let what = format!("{} is there, its keyring {} is not", db.display(), path.display());
            return Err(Error::Story(format!("{what}; begin anew with --fresh")));
        }
    };
    keyring.map_err(|error| Error::Story(error.to_string()))
}

fn open_store(db: &Path) -> Result<SqliteStore, Error> {
    SqliteStore::open(db, Options::default()).map_err(Error::engine("opening the database"))
}

fn entropy() -> Result<SystemEntropy, Error> {
    system_entropy().map_err(|error| Error::Story(error.to_string()))
}

/// The moment at which everything is set up: before the first campaign.
fn year_begins() -> Result<Instant, Error> {
    Instant::parse("clock", "2016-01-01T00:00:00Z").map_err(Error::engine("clock"))
}

/// Deletes what an earlier run left, and nothing else.
fn clear(args: &Args) -> Result<(), Error> {
    let beside = |ending: &str| {
        let mut name = args.db.clone().into_os_string();
        name.push(ending);
        PathBuf::from(name)
    };
    let files =
        [args.db.clone(), beside("-wal"), beside("-shm"), args.keyring(), mint::codes_file(&args.out, args.codes)];
    for file in files {
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::file("delete", &file)(error));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}
