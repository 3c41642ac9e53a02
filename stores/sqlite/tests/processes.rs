//! Several processes on one file: they take turns, nobody is passed over, and whoever waits for too long is told so.

mod common;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cardmint::store::{CommitOutcome, Expect, Key, Lookup, Move, Owner, Record, Store, StoreError, Write};
use cardmint_sqlite::{Options, SqliteStore};
use common::{Temporary, card, card_id, changes, commit, fast, tenant};

/// Starts a test of this file, one that is ignored, as a process on a database.
fn child(test: &str, path: &Path) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test, "--ignored", "--nocapture"]);
    child.env("CARDMINT_CHILD", path).stdout(Stdio::piped()).spawn().unwrap()
}

/// What a child said behind this word.
fn said(child: Child, word: &str) -> String {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines().find_map(|line| line.split_once(word)).unwrap().1.trim().to_owned()
}

/// The database of a child; nothing where the test is run by hand.
fn of_child() -> Option<std::path::PathBuf> {
    std::env::var_os("CARDMINT_CHILD").map(Into::into)
}

fn adds_one(ceiling: i64) -> cardmint::store::Changeset {
    let step = Move { owner: Owner::System, unit: "uses".to_owned(), delta: 1, floor: 0, ceiling };
    cardmint::store::Changeset { moves: vec![step], ..changes() }
}

/// Two processes race on one card and on one account: every version has one winner, the ceiling is met exactly.
#[test]
fn p06_two_processes_race() {
    let temporary = Temporary::new();
    let first = changes();
    let write = Write { expect: Expect::Absent, record: Record::Card(card(1)) };
    commit(&temporary, &[cardmint::store::Changeset { writes: vec![write], ..first }]).unwrap();
    let children: Vec<_> = (0..2).map(|_| child("child_that_races", &temporary.path())).collect();
    let mut totals = [0_u32; 2];
    for child in children {
        let line = said(child, "won ");
        for (total, won) in totals.iter_mut().zip(line.split(' ')) {
            *total += won.parse::<u32>().unwrap();
        }
    }
    let key = Key::Account(Owner::System, "uses".to_owned());
    let found =
        temporary.load(&[Lookup::exact(&tenant(), Key::Card(card_id(1))), Lookup::exact(&tenant(), key)]).unwrap();
    let (Record::Card(card), Record::Account(account)) =
        (&found[0].as_ref().unwrap().record, &found[1].as_ref().unwrap().record)
    else {
        panic!("{found:?}")
    };
    assert_eq!(card.events - 1, totals[0], "one winner for every version");
    assert_eq!((account.balance, totals[1]), (150, 150), "the ceiling is met exactly");
}

#[test]
#[ignore = "run by p06_two_processes_race, as a child process"]
fn child_that_races() {
    let Some(path) = of_child() else { return };
    let store = SqliteStore::open(path, fast()).unwrap();
    let (mut won, mut taken) = (0, 0);
    for _ in 0..150 {
        let stored = store.load(&[Lookup::exact(&tenant(), Key::Card(card_id(1)))]).unwrap().remove(0).unwrap();
        let Record::Card(mut card) = stored.record.clone() else { panic!("{stored:?}") };
        card.events += 1;
        let write = Write { expect: Expect::Version(stored.version), record: Record::Card(card) };
        let outcomes = commit(&store, &[cardmint::store::Changeset { writes: vec![write], ..changes() }]).unwrap();
        won += u32::from(outcomes == [CommitOutcome::Committed]);
        let outcomes = commit(&store, &[adds_one(150)]).unwrap();
        taken += u32::from(outcomes == [CommitOutcome::Committed]);
    }
    println!("won {won} {taken}");
}

/// Four processes that commit without a pause all get their share.
#[test]
fn four_processes_take_turns() {
    let temporary = Temporary::new();
    let children: Vec<_> = (0..4).map(|_| child("child_that_hurries", &temporary.path())).collect();
    let said: Vec<String> = children.into_iter().map(|child| said(child, "longest ")).collect();
    println!("commits and longest wait in ms of each: {}", said.join(", "));
    for line in said {
        let (commits, longest) = line.split_once(' ').unwrap();
        assert!(commits.parse::<u32>().unwrap() > 20, "{line}");
        assert!(longest.parse::<u32>().unwrap() < 1_500, "{line}");
    }
}

#[test]
#[ignore = "run by four_processes_take_turns, as a child process"]
fn child_that_hurries() {
    let Some(path) = of_child() else { return };
    let store = SqliteStore::open(path, fast()).unwrap();
    let (mut commits, mut longest) = (0, Duration::ZERO);
    let until = Instant::now() + Duration::from_millis(1_200);
    while Instant::now() < until {
        let began = Instant::now();
        commit(&store, &[adds_one(i64::MAX)]).unwrap();
        longest = longest.max(began.elapsed());
        commits += 1;
    }
    println!("longest {commits} {}", longest.as_millis());
}

/// Three processes commit without a pause and check-point nearly every time, which keeps readers away; one that reads and one that
/// opens get through all the same, each time well before the time-out.
#[test]
fn readers_and_openers_are_never_starved() {
    let temporary = Temporary::new();
    commit(&temporary, &[adds_one(i64::MAX)]).unwrap();
    let writers: Vec<_> = (0..3).map(|_| child("child_that_checkpoints", &temporary.path())).collect();
    let others = [child("child_that_reads", &temporary.path()), child("child_that_opens", &temporary.path())];
    for (child, least) in others.into_iter().zip([20, 5]) {
        let line = said(child, "longest ");
        println!("done, and longest wait in ms: {line}");
        let (done, longest) = line.split_once(' ').unwrap();
        assert!(done.parse::<u32>().unwrap() > least, "{line}");
        assert!(longest.parse::<u32>().unwrap() < 1_500, "{line}");
    }
    for child in writers {
        let (checkpoints, commits) = {
            let line = said(child, "moved ");
            let (one, other) = line.split_once(' ').unwrap();
            (one.parse::<u32>().unwrap(), other.parse::<u32>().unwrap())
        };
        assert!(commits > 5 && checkpoints > 0, "{commits} commits, {checkpoints} of them moved the log");
    }
}

#[test]
#[ignore = "run by readers_and_openers_are_never_starved, as a child process"]
fn child_that_checkpoints() {
    let Some(path) = of_child() else { return };
    let store = SqliteStore::open(&path, Options { checkpoint_pages: 1, ..fast() }).unwrap();
    let (mut commits, mut checkpoints) = (0, 0);
    let until = Instant::now() + Duration::from_millis(1_500);
    let written = || std::fs::metadata(&path).unwrap().modified().unwrap();
    while Instant::now() < until {
        let before = written();
        commit(&store, &[adds_one(i64::MAX)]).unwrap();
        commits += 1;
        // Only a checkpoint writes into the database itself.
        checkpoints += u32::from(written() != before);
    }
    println!("moved {checkpoints} {commits}");
}

/// Does it again and again for a second, and says how often and how long the longest took.
fn again_and_again(mut what: impl FnMut()) {
    let (mut done, mut longest) = (0, Duration::ZERO);
    let until = Instant::now() + Duration::from_millis(1_200);
    while Instant::now() < until {
        let began = Instant::now();
        what();
        longest = longest.max(began.elapsed());
        done += 1;
    }
    println!("longest {done} {}", longest.as_millis());
}

fn uses() -> Lookup {
    Lookup::exact(&tenant(), Key::Account(Owner::System, "uses".to_owned()))
}

#[test]
#[ignore = "run by readers_and_openers_are_never_starved, as a child process"]
fn child_that_reads() {
    let Some(path) = of_child() else { return };
    let store = SqliteStore::open_read_only(path).unwrap();
    again_and_again(|| assert!(store.load(&[uses()]).unwrap()[0].is_some()));
}

#[test]
#[ignore = "run by readers_and_openers_are_never_starved, as a child process"]
fn child_that_opens() {
    let Some(path) = of_child() else { return };
    again_and_again(|| {
        let store = SqliteStore::open(&path, fast()).unwrap();
        assert!(store.load(&[uses()]).unwrap()[0].is_some());
    });
}

/// What this thread has used of the processor so far, in hundredths of a second.
#[cfg(target_os = "linux")]
fn processor_ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
    // Behind the name, which may hold spaces, time as user and as system are fields 12 and 13.
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

/// A process that was stopped in the midst of a checkpoint keeps readers away, and one that was stopped in a commit openers: both
/// are told so when their time is over, all waits of a call together, and sleep until then.
#[cfg(target_os = "linux")]
#[test]
fn readers_and_openers_wait_as_long_as_they_may_and_do_not_spin() {
    let temporary = Temporary::new();
    let path = temporary.path();
    commit(&temporary, &[adds_one(i64::MAX)]).unwrap();
    let options = Options { busy_timeout_ms: 400, ..fast() };
    let reader = SqliteStore::open(&path, options.clone()).unwrap();
    let lock = |suffix: &str| {
        let file = std::fs::File::open(path.with_file_name(format!("shop.db-cardmint-{suffix}"))).unwrap();
        file.lock().unwrap();
        file
    };
    let waits = |what: &dyn Fn() -> Result<(), StoreError>, least: u128, most: u128| {
        let (began, ticks) = (Instant::now(), processor_ticks());
        assert!(matches!(what(), Err(StoreError::Busy(_))));
        let took = began.elapsed().as_millis();
        assert!((least..most).contains(&took), "{took} ms");
        let used = processor_ticks() - ticks;
        assert!(u128::from(used) * 10 < took / 2, "{used} hundredths of a second on the processor in {took} ms");
    };
    let held = lock("read");
    waits(&|| reader.load(&[uses()]).map(drop), 400, 3_000);
    drop(held);
    assert!(reader.load(&[uses()]).unwrap()[0].is_some());
    let held = lock("lock");
    waits(&|| SqliteStore::open(&path, options.clone()).map(drop), 400, 3_000);
    drop(held);
    SqliteStore::open(&path, options).unwrap();
}
