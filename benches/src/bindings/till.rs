//! One round of redemptions: a shop in a folder of its own, a till in a process of its own, a look at what it left.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use cardmint::code::World;
use cardmint::{Engine, Tenant};
use cardmint_sqlite::{Options, SqliteStore};
use cardmint_system::{SystemClock, create_keyring, load_keyring, system_entropy};
use serde_json::Value;

use super::packages::Program;
use crate::harness::Failure;
use crate::shop::Errand;
use crate::{manner, shop};

/// The hidden subcommand that redeems in a child: `__redeem MODE DB KEYRING ERRANDS`, as the programs of the other languages.
pub const CHILD: &str = "__redeem";

/// Calls outstanding at once where more than one is.
const OUTSTANDING: usize = 64;

/// A shop's files.
pub struct Shop {
    folder: tempfile::TempDir,
}

impl Shop {
    /// A new shop with so many cards, and an errand for each.
    pub fn make(dir: &Path, count: u64) -> Result<Self, Failure> {
        let shop = Self { folder: tempfile::tempdir_in(dir)? };
        create_keyring(&shop.keyring())?;
        let tenant = open(&shop.db(), &shop.keyring())?;
        shop::furnish(&tenant, count)?;
        shop::write(&shop.errands(), &shop::errands(&tenant)?)?;
        Ok(shop)
    }

    pub fn db(&self) -> PathBuf {
        self.folder.path().join("shop.db")
    }

    pub fn keyring(&self) -> PathBuf {
        self.folder.path().join("keys.json")
    }

    pub fn errands(&self) -> PathBuf {
        self.folder.path().join("errands")
    }

    /// Everything that was timed is in the file.
    fn check(&self, count: u64) -> Result<(), Failure> {
        let db = rusqlite::Connection::open(self.db())?;
        let rows: i64 = db.query_row("SELECT count(*) FROM redemption", [], |row| row.get(0))?;
        if u64::try_from(rows) == Ok(count) { Ok(()) } else { Err(format!("{rows} redemptions of {count}").into()) }
    }
}

fn open(db: &Path, keyring: &Path) -> Result<Tenant, Failure> {
    let store = SqliteStore::open(db, Options::default())?;
    let engine = Engine::new(store, load_keyring(keyring)?, SystemClock, system_entropy()?);
    Ok(engine.tenant("default", World::Live)?)
}

/// Redeems all cards of a new shop and returns the seconds that it took.
pub fn redeem(dir: &Path, count: u64, program: &Program, mode: &str) -> Result<f64, Failure> {
    let shop = Shop::make(dir, count)?;
    let seconds = tell(program.redeem(mode, &shop))?.seconds("seconds")?;
    shop.check(count)?;
    Ok(seconds)
}

/// The JSON object that a child printed.
pub struct Told(Value);

impl Told {
    pub fn seconds(&self, name: &str) -> Result<f64, Failure> {
        self.0[name].as_f64().ok_or_else(|| format!("no `{name}` in {}", self.0).into())
    }
}

/// Runs a child to its end.
pub fn tell(mut command: Command) -> Result<Told, Failure> {
    let output = command.stdin(Stdio::null()).output()?;
    if !output.status.success() {
        let name = command.get_program().to_string_lossy().into_owned();
        return Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(Told(serde_json::from_slice(&output.stdout)?))
}

/// The child: Rust's own till.
pub fn child(args: &[String]) -> ExitCode {
    let [mode, db, keyring, errands] = args else { return ExitCode::from(2) };
    match run(mode, Path::new(db), Path::new(keyring), Path::new(errands)) {
        Ok(seconds) => {
            println!("{}", serde_json::json!({ "seconds": seconds }));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(mode: &str, db: &Path, keyring: &Path, errands: &Path) -> Result<f64, Failure> {
    let tenant = open(db, keyring)?;
    let errands = shop::read(errands)?;
    let start = Instant::now();
    let requests = errands.into_iter().map(Errand::request);
    match mode {
        "alone" => manner::window(&tenant, requests, 1),
        "alone-awaited" => manner::futures(&tenant, requests, 1),
        "window" => manner::window(&tenant, requests, OUTSTANDING),
        "futures" => manner::futures(&tenant, requests, OUTSTANDING),
        "threads" => manner::threads(&tenant, requests, OUTSTANDING),
        _ => Err(format!("no manner `{mode}`")),
    }?;
    Ok(start.elapsed().as_secs_f64())
}
