//! What the SQLite store promises beyond the contract: files, errors, settings, processes.

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use cardmint::card::{Batch, CardState, Event, EventKind, FormatUse, Origin, RequestMark, Target};
use cardmint::id::BatchNo;
use cardmint::store::{CommitOutcome, Expect, Group, Key, Lookup, Record, Stands, Store, StoreError, Write};
use cardmint_sqlite::{Inspector, Options, SqliteStore};
use common::{Temporary, changes, commit, fast, fresh, tenant, use_of};
use serde_json::json;

/// Answers at once: far below the busy time-out.
fn at_once<T>(what: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let answer = what();
    assert!(began.elapsed() < Duration::from_secs(1), "took {:?}", began.elapsed());
    answer
}

fn refusal(path: &std::path::Path) -> StoreError {
    at_once(|| SqliteStore::open(path, Options::default()).map(drop).unwrap_err())
}

#[test]
fn wrong_paths_are_refused_at_once_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "these are not the cards you are looking for, ".repeat(10)).unwrap();
    let foreign = folder.path().join("theirs.db");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE a (b)").unwrap();
    let marked = folder.path().join("marked.db");
    rusqlite::Connection::open(&marked)
        .unwrap()
        .execute_batch("PRAGMA application_id = 7; CREATE TABLE a (b)")
        .unwrap();
    for (path, says) in [
        (folder.path().to_owned(), "is a folder"),
        (folder.path().join("none/shop.db"), "folder that does not exist"),
        (text.clone(), "no SQLite database"),
        (foreign.clone(), "another program"),
        (marked, "application id 7"),
    ] {
        let error = refusal(&path).to_string();
        assert!(error.contains(says) && error.contains(path.to_str().unwrap()), "{error}");
        let error = at_once(|| SqliteStore::open_read_only(&path).map(drop).unwrap_err()).to_string();
        assert!(error.contains(path.to_str().unwrap()), "{error}");
    }
    assert!(matches!(refusal(&text), StoreError::Damaged(_)));
    let missing = folder.path().join("missing.db");
    let options = Options { create: false, ..Options::default() };
    assert!(matches!(at_once(|| SqliteStore::open(&missing, options)), Err(StoreError::Unavailable(_))));
    assert!(SqliteStore::open_read_only(&missing).is_err() && !missing.exists());
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 3, "wrong paths were left with files beside them");
    assert_eq!(std::fs::read(&text).unwrap().len(), 45 * 10, "the text file was touched");
}

/// As a process, or a machine, leaves a file that ends while it makes it.
#[test]
fn a_file_that_was_left_half_made_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let marked = folder.path().join("marked.db");
    rusqlite::Connection::open(&marked).unwrap().pragma_update(None, "application_id", 0x4344_4d54).unwrap();
    // In the middle of the next transaction: some of its pages are in the file, and a journal says what was there before.
    let torn = folder.path().join("torn.db");
    let beside = |name: &str| folder.path().join(name);
    let db = rusqlite::Connection::open(beside("begun.db")).unwrap();
    db.pragma_update(None, "application_id", 0x4344_4d54).unwrap();
    db.execute_batch(
        "PRAGMA cache_size = 1; BEGIN; CREATE TABLE filler (bytes);
         WITH RECURSIVE n (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < 200)
         INSERT INTO filler SELECT randomblob(4000) FROM n;",
    )
    .unwrap();
    std::fs::copy(beside("begun.db"), &torn).unwrap();
    std::fs::copy(beside("begun.db-journal"), beside("torn.db-journal")).unwrap();
    assert!(std::fs::metadata(&torn).unwrap().len() > 100_000, "nothing of the transaction is in the file yet");
    drop(db);
    // The same, and not a byte of the file itself has arrived.
    let empty = folder.path().join("empty.db");
    std::fs::write(&empty, [0; 4_096]).unwrap();
    std::fs::copy(beside("torn.db-journal"), beside("empty.db-journal")).unwrap();
    for path in [marked, torn, empty] {
        assert!(SqliteStore::open_read_only(&path).is_err(), "it holds no store yet");
        for serial in 0..2 {
            let store = SqliteStore::open(&path, fast()).unwrap();
            let changesets = [use_of(serial, &format!("k-{serial}"))];
            let group = Group { writer: fresh(), first_event: 0, changesets: &changesets, stands: Stands::default() };
            assert_eq!(store.commit(group).unwrap(), [CommitOutcome::Committed], "{}", path.display());
        }
        let inspector = Inspector::open(&path).unwrap();
        inspector.integrity_check().unwrap();
        assert_eq!(inspector.query("SELECT key FROM redemption", &[], 9).unwrap().rows.len(), 2);
        assert_eq!(std::fs::read(&path).unwrap()[18..20], [2, 2], "it does not write ahead");
    }
}

#[test]
fn a_newer_schema_is_refused_at_once() {
    let temporary = Temporary::new();
    let path = temporary.path();
    drop(temporary.store);
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let error = refusal(&path).to_string();
    assert!(error.contains("schema 99"), "{error}");
}

#[test]
fn a_damaged_file_is_said_to_be_damaged() {
    let temporary = Temporary::new();
    for serial in 0..200 {
        commit(&temporary, &[use_of(serial, &format!("k-{serial}"))]).unwrap();
    }
    let Temporary { store, folder } = temporary;
    drop(store);
    let path = folder.path().join("shop.db");
    let mut bytes = std::fs::read(&path).unwrap();
    assert!(bytes.len() > 60_000, "a quiet close leaves everything in the one file");
    bytes[4_096 * 2..].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    let opened = SqliteStore::open(&path, fast());
    let read = opened.and_then(|store| store.load(&[Lookup::exact(&tenant(), Key::Redemption("k-7".to_owned()))]));
    assert!(matches!(read, Err(StoreError::Damaged(_))), "{read:?}");
    assert!(Inspector::open(&path).and_then(|inspector| inspector.integrity_check()).is_err());
}

#[test]
fn a_path_that_was_replaced_is_not_written() {
    let temporary = Temporary::new();
    commit(&temporary, &[use_of(1, "k-1")]).unwrap();
    let other = Temporary::new();
    let path = other.path();
    drop(other.store);
    std::fs::rename(&path, temporary.path()).unwrap();
    let refused = commit(&temporary, &[use_of(2, "k-2")]);
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
}

#[test]
fn a_removed_log_is_noticed_before_a_commit() {
    let temporary = Temporary::new();
    commit(&temporary, &[use_of(1, "k-1")]).unwrap();
    let log = temporary.folder.path().join("shop.db-wal");
    std::fs::remove_file(&log).unwrap();
    std::fs::remove_file(temporary.folder.path().join("shop.db-shm")).unwrap();
    // Opened again on what is left, and written to for good.
    assert_eq!(commit(&temporary, &[use_of(2, "k-2")]).unwrap(), [CommitOutcome::Committed]);
    let temporary = temporary.reopened();
    let found = temporary.load(&[Lookup::exact(&tenant(), Key::Redemption("k-2".to_owned()))]).unwrap();
    assert!(found[0].is_some());
}

#[test]
fn reading_only_answers_while_others_write() {
    let temporary = Temporary::new();
    let reader = SqliteStore::open_read_only(temporary.path()).unwrap();
    for serial in 0..5 {
        let key = format!("k-{serial}");
        commit(&temporary, &[use_of(serial, &key)]).unwrap();
        assert!(reader.load(&[Lookup::exact(&tenant(), Key::Redemption(key))]).unwrap()[0].is_some());
    }
    assert_eq!(commit(&reader, &[use_of(9, "k-9")]), Err(StoreError::ReadOnly));
}

#[test]
fn a_batch_is_issued_in_few_statements_and_a_use_in_four() {
    let temporary = Temporary::new();
    let writer = fresh();
    let mut n = 0;
    let mut count = |changesets: &[cardmint::store::Changeset], events: u64| {
        let before = temporary.store.statements();
        let outcomes =
            temporary.commit(Group { writer, first_event: n, changesets, stands: Stands::default() }).unwrap();
        assert!(outcomes.iter().all(|outcome| *outcome == CommitOutcome::Committed));
        n += events;
        temporary.store.statements() - before
    };
    count(&[use_of(1, "k-1")], 1);
    // A holder's first use makes the account, which takes a statement more than moving it.
    assert_eq!(count(&[use_of(2, "k-2")], 1), 5);
    let by_holder_of_2 = |serial, key: &str| {
        let mut changeset = use_of(serial, key);
        changeset.moves = use_of(2, key).moves;
        changeset
    };
    assert_eq!(count(&[by_holder_of_2(3, "k-3")], 1), 4);
    // Two that move the same account move it once.
    assert_eq!(count(&[by_holder_of_2(4, "k-4"), by_holder_of_2(5, "k-5")], 2), 7);
    assert_eq!(count(&[issue_of(1)], 1), 3);
}

/// A batch as it is issued: its row, what was minted in its format, an event.
fn issue_of(number: u32) -> cardmint::store::Changeset {
    let format = serde_json::from_value(json!({"symbols": 16})).unwrap();
    let created_at = cardmint::time::Instant::from_millis("at", 0).unwrap();
    let (no, id) = (BatchNo { symbols: 16, number }, format!("b-{number}"));
    let batch = Batch::new(no, id, "ten-off", 1, 1_000_000, format, CardState::Issued, created_at);
    let format = FormatUse { next_number: number + 1, ..FormatUse::empty(16) };
    let event = Event {
        kind: EventKind::BatchIssued,
        at: batch.created_at,
        target: Target::Named(batch.id.clone()),
        reason: None,
        origin: Origin::default(),
        request: Some(RequestMark { op: "issue_batch".to_owned(), key: format!("i-{number}"), digest: [1; 16] }),
        facts: "{}".to_owned(),
        entry: None,
        chain: [0; 16],
    };
    let write = |record| Write { expect: Expect::Absent, record };
    let writes = vec![write(Record::Batch(Arc::new(batch))), write(Record::FormatUse(format))];
    cardmint::store::Changeset { writes, events: vec![event], ..changes() }
}

#[test]
fn an_inspector_looks_and_does_not_touch() {
    let temporary = Temporary::new();
    commit(&temporary, &[use_of(1, "k-1"), use_of(2, "k-2")]).unwrap();
    let inspector = Inspector::open(temporary.path()).unwrap();
    inspector.integrity_check().unwrap();
    let counts = inspector.table_counts().unwrap();
    assert!(counts.contains(&("redemption".to_owned(), 2)) && counts.contains(&("card".to_owned(), 2)));
    let found = inspector.query("SELECT key, discount_minor, at FROM redemptions ORDER BY key", &[], 1).unwrap();
    assert_eq!(found.columns, ["key", "discount_minor", "at"]);
    assert_eq!(found.rows, [[json!("k-1"), json!(1000), json!("2025-11-13T02:13:20.000Z")]]);
    assert!(found.truncated);
    let found = inspector.query("SELECT card, state FROM cards WHERE tenant = ?1", &[json!("default")], 9).unwrap();
    assert_eq!(found.rows, [[json!("16-3-1"), json!("spent")], [json!("16-3-2"), json!("spent")]]);
    let found = inspector.query("SELECT kind, n, card FROM journal ORDER BY n", &[], 9).unwrap();
    assert_eq!(found.rows[1], [json!("redeemed"), json!(1), json!("16-3-2")]);
    assert_eq!(inspector.query("DELETE FROM redemption", &[], 1), Err(StoreError::ReadOnly));
    assert!(matches!(inspector.query("SELECT * FROM nothing", &[], 1), Err(StoreError::Unavailable(_))));
    commit(&temporary, &[use_of(3, "k-3")]).unwrap();
    assert_eq!(inspector.query("SELECT count(*) FROM redemption", &[], 1).unwrap().rows, [[json!(3)]]);
}

#[test]
fn the_log_is_moved_into_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let store = SqliteStore::open(&path, Options { checkpoint_pages: 20, ..fast() }).unwrap();
    for serial in 0..300 {
        commit(&store, &[use_of(serial, &format!("k-{serial}"))]).unwrap();
    }
    let log = std::fs::metadata(folder.path().join("shop.db-wal")).unwrap().len();
    assert!(log < 4_120 * 60, "the log has {log} bytes");
    assert!(std::fs::metadata(&path).unwrap().len() > 100_000);
}

#[test]
fn two_handles_of_one_process_share_a_file() {
    let temporary = Temporary::new();
    let second = SqliteStore::open(temporary.path(), fast()).unwrap();
    commit(&second, &[use_of(1, "k-1")]).unwrap();
    commit(&temporary, &[use_of(2, "k-2")]).unwrap();
    drop(second);
    commit(&temporary, &[use_of(3, "k-3")]).unwrap();
    let third = SqliteStore::open(temporary.path(), fast()).unwrap();
    for key in ["k-1", "k-2", "k-3"] {
        assert!(third.load(&[Lookup::exact(&tenant(), Key::Redemption(key.to_owned()))]).unwrap()[0].is_some());
    }
}

#[test]
fn another_program_that_keeps_writing_makes_us_busy() {
    let temporary = Temporary::new();
    let path = temporary.path();
    let store = SqliteStore::open(&path, Options { busy_timeout_ms: 80, ..fast() }).unwrap();
    let mut other = rusqlite::Connection::open(&path).unwrap();
    let held = other.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
    assert!(matches!(commit(&store, &[use_of(1, "k-1")]), Err(StoreError::Busy(_))));
    held.rollback().unwrap();
    assert_eq!(commit(&store, &[use_of(1, "k-1")]).unwrap(), [CommitOutcome::Committed]);
}

/// Whoever writes past the engine meets the database's own checks.
#[test]
fn g04_the_file_itself_refuses_a_balance_below_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    drop(SqliteStore::open(&path, Options::default()).unwrap());
    let db = rusqlite::Connection::open(&path).unwrap();
    let put = |owner: &str| db.execute("INSERT INTO account VALUES (1, ?1, 'CNY', -1)", [owner]);
    for owner in ["card:16-1-1", "holder:customer:ann", "channel:north", "bookish"] {
        assert!(put(owner).unwrap_err().to_string().contains("CHECK"), "{owner}");
    }
    for owner in ["system", "book:redeemed:2026-11-11:0000000000000000:b"] {
        assert_eq!(put(owner), Ok(1), "{owner}");
    }
    let sunk = db.execute("UPDATE account SET balance = -9 WHERE owner = 'system'", []);
    assert_eq!(sunk, Ok(1));
}
