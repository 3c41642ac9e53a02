//! The trap of docs/decisions/0002: another copy of SQLite in one of our processes opens, reads and closes the file all the
//! time, while that process and a second one write.
#![cfg(target_os = "linux")]

mod common;

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cardmint::store::{CommitOutcome, Group, Key, Lookup, Stands, Store, StoreError};
use cardmint_sqlite::{Inspector, Options, SqliteStore};
use common::{fast, fresh, tenant, use_of};

const ROUNDS: u32 = 50;
const ROUND_MS: u64 = 350;

/// How the children write.
#[derive(Clone, Copy, PartialEq)]
enum With {
    OurStore,
    /// Rows written by hand, as anybody would: the same SQLite, none of our protection.
    PlainSqlite,
}

#[test]
fn trap_fifty_rounds_lose_and_damage_nothing() {
    let Some(library) = foreign_copy() else { return };
    let mut acknowledged = 0;
    let mut cycles = 0;
    for round in 0..ROUNDS {
        let outcome = run_round(&library, With::OurStore);
        assert!(outcome.wrong.is_empty(), "round {round}: {}", outcome.wrong.join("; "));
        acknowledged += outcome.acknowledged;
        cycles += outcome.cycles;
    }
    println!("{acknowledged} commits, the foreign copy closed the file {cycles} times");
    assert!(
        cycles > u64::from(ROUNDS) * 10,
        "the foreign copy closed the file {cycles} times only: this proves nothing"
    );
    assert!(acknowledged > u64::from(ROUNDS) * 50, "{acknowledged} commits only: this proves nothing");
}

/// The trap is real: the same children without our store are caught by it.
#[test]
fn trap_catches_plain_sqlite() {
    let Some(library) = foreign_copy() else { return };
    for round in 0..ROUNDS {
        let outcome = run_round(&library, With::PlainSqlite);
        if !outcome.wrong.is_empty() {
            println!("caught in round {round}: {}", outcome.wrong.join("; "));
            return;
        }
    }
    panic!("{ROUNDS} rounds did no harm to an unprotected file: the trap above proves nothing");
}

struct Round {
    acknowledged: u64,
    cycles: u64,
    wrong: Vec<String>,
}

fn run_round(library: &Path, with: With) -> Round {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let count = folder.path().join("count");
    match with {
        With::OurStore => drop(SqliteStore::open(&path, fast()).unwrap()),
        With::PlainSqlite => drop(plain(&path)),
    }
    let begin = |name: &str, trapped: bool| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "child_that_writes", "--ignored", "--nocapture"]);
        child.env("CARDMINT_CHILD", format!("{name}:{}", if with == With::OurStore { "ours" } else { "plain" }));
        child.env("CARDMINT_CHILD_PATH", &path).stdout(Stdio::null()).stderr(Stdio::piped());
        if trapped {
            child.env("LD_PRELOAD", library).env("CARDMINT_TRAP_PATH", &path).env("CARDMINT_TRAP_COUNT", &count);
        }
        child.spawn().unwrap()
    };
    let children = [("trapped", begin("trapped", true)), ("second", begin("second", false))];
    let mut wrong = Vec::new();
    for (name, child) in children {
        wrong.extend(end(name, child));
    }
    let keys: Vec<String> = ["trapped", "second"]
        .iter()
        .flat_map(|name| {
            std::fs::read_to_string(acks(&path, name))
                .unwrap_or_default()
                .lines()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect();
    wrong.extend(match with {
        With::OurStore => missing(&path, &keys),
        With::PlainSqlite => plain_missing(&path, &keys),
    });
    let cycles = std::fs::metadata(&count).map_or(0, |count| count.len());
    Round { acknowledged: u64::try_from(keys.len()).unwrap(), cycles, wrong }
}

fn end(name: &str, child: Child) -> Option<String> {
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let said: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).take(3).collect();
    if output.status.success() && !said.is_empty() {
        println!("the {name} child says: {}", said.join(" "));
    }
    (!output.status.success()).then(|| format!("the {name} child ended with {}: {}", output.status, said.join(" ")))
}

fn acks(path: &Path, name: &str) -> PathBuf {
    path.with_file_name(format!("{name}.acks"))
}

/// What is wrong with a file of ours: findings of the check, and acknowledged commits that it does not hold.
fn missing(path: &Path, keys: &[String]) -> Vec<String> {
    let inspector = Inspector::open(path).unwrap();
    let mut wrong: Vec<String> = inspector.integrity_check().err().iter().map(ToString::to_string).collect();
    let store = SqliteStore::open(path, Options::default()).unwrap();
    let lookups: Vec<Lookup> = keys.iter().map(|key| Lookup::exact(&tenant(), Key::Redemption(key.clone()))).collect();
    let found = store.load(&lookups).unwrap();
    let lost = keys.iter().zip(&found).filter(|(_, found)| found.is_none()).count();
    if lost > 0 {
        wrong.push(format!("{lost} of {} acknowledged commits are lost", keys.len()));
    }
    wrong
}

/// Not a test of its own: the trap runs it as a process.
#[test]
#[ignore = "run by the trap, as a child process"]
fn child_that_writes() {
    let Ok(role) = std::env::var("CARDMINT_CHILD") else { return };
    let path = PathBuf::from(std::env::var("CARDMINT_CHILD_PATH").unwrap());
    let (name, with) = role.split_once(':').unwrap();
    let mut acks = OpenOptions::new().append(true).create(true).open(acks(&path, name)).unwrap();
    let first = if name == "trapped" { 0 } else { 1 << 20 };
    match with {
        "ours" => write_ours(&path, name, first, &mut acks),
        _ => write_plain(&path, name, &mut acks),
    }
}

fn write_ours(path: &Path, name: &str, first: u32, acks: &mut File) {
    let options = Options { checkpoint_pages: 40, ..fast() };
    let store = SqliteStore::open(path, options).unwrap();
    let until = Instant::now() + Duration::from_millis(ROUND_MS);
    let (writer, mut n) = (fresh(), 0);
    let mut serial = first;
    while Instant::now() < until {
        let key = format!("{name}-{serial}");
        let group = Group { writer, first_event: n, changesets: &[use_of(serial, &key)], stands: Stands::default() };
        // The next one takes another serial and another place, whatever becomes of this one.
        (n, serial) = (n + 1, serial + 1);
        match store.commit(group) {
            Ok(outcomes) => assert_eq!(outcomes, [CommitOutcome::Committed]),
            // Lawful, and nothing was promised.
            Err(error @ (StoreError::Busy(_) | StoreError::OutcomeUnknown(_))) => {
                eprintln!("{error}");
                continue;
            }
            Err(error) => panic!("commit fails: {error}"),
        }
        writeln!(acks, "{key}").unwrap();
        if serial.is_multiple_of(7) {
            let found = store.load(&[Lookup::exact(&tenant(), Key::Redemption(key))]).unwrap();
            assert!(found[0].is_some(), "load fails to find what was just committed");
        }
    }
}

fn plain(path: &Path) -> rusqlite::Connection {
    let db = rusqlite::Connection::open(path).unwrap();
    let _: String = db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).unwrap();
    db.execute_batch(
        "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 40;
         CREATE TABLE IF NOT EXISTS redemption (key TEXT PRIMARY KEY, filler BLOB) WITHOUT ROWID;",
    )
    .unwrap();
    db
}

fn write_plain(path: &Path, name: &str, acks: &mut File) {
    let db = plain(path);
    let until = Instant::now() + Duration::from_millis(ROUND_MS);
    for serial in 0.. {
        if Instant::now() >= until {
            return;
        }
        let key = format!("{name}-{serial}");
        match db.execute("INSERT INTO redemption VALUES (?1, randomblob(400))", [&key]) {
            Ok(_) => writeln!(acks, "{key}").unwrap(),
            Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => {}
            Err(error) => panic!("insert fails: {error}"),
        }
    }
}

fn plain_missing(path: &Path, keys: &[String]) -> Vec<String> {
    let db = rusqlite::Connection::open(path).unwrap();
    let check = db.query_row("PRAGMA integrity_check(3)", [], |row| row.get::<_, String>(0));
    let mut wrong = match check {
        Ok(ok) if ok == "ok" => Vec::new(),
        Ok(finding) => vec![finding],
        Err(error) => vec![error.to_string()],
    };
    let has = |key: &String| db.query_row("SELECT 1 FROM redemption WHERE key = ?1", [key], |_| Ok(())).is_ok();
    let lost = keys.iter().filter(|key| !has(key)).count();
    if lost > 0 {
        wrong.push(format!("{lost} of {} acknowledged commits are lost", keys.len()));
    }
    wrong
}

/// Compiles the library once for this process; `None`, said aloud, where that cannot be done.
fn foreign_copy() -> Option<PathBuf> {
    static BUILT: std::sync::OnceLock<Result<PathBuf, String>> = std::sync::OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let library = folder.join(format!("foreign_copy_{}.so", std::process::id()));
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/foreign_copy.c");
        let mut cc = Command::new("cc");
        let cc = cc.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).args([source, "-ldl", "-lpthread"]);
        let cc = cc.output().map_err(|error| format!("no C compiler: {error}; apt-get install gcc"))?;
        if !cc.status.success() {
            return Err(format!("cc fails: {}", String::from_utf8_lossy(&cc.stderr)));
        }
        // Does the loader find the other copy?
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let (path, count) = (folder.path().join("a.db"), folder.path().join("count"));
        drop(plain(&path));
        let mut sleeper = Command::new("sleep");
        sleeper.arg("0.1").env("LD_PRELOAD", &library);
        let ran = sleeper.env("CARDMINT_TRAP_PATH", &path).env("CARDMINT_TRAP_COUNT", &count).status();
        match ran {
            Ok(_) if count.exists() => Ok(library),
            _ => Err("no libsqlite3.so.0; apt-get install libsqlite3-0".to_owned()),
        }
    });
    match built {
        Ok(library) => Some(library.clone()),
        Err(why) if std::env::var_os("CARDMINT_NO_SKIP").is_some() => panic!("sqlite-trap cannot run: {why}"),
        Err(why) => {
            println!("skipped: sqlite-trap ({why})");
            None
        }
    }
}
