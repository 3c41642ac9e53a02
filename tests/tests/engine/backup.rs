//! Backups of a shop at work, and what comes of putting one back.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use cardmint::card::{Limits, TemplateDraft};
use cardmint::store::{Store, StoreError};
use cardmint::{AuditRun, BackUp, Error, Events, Meta, SaveProductSet};
use cardmint_sqlite::{Options, SqliteStore, restore_backup, verify_backup};
use cardmint_tests::{Shop, bearer, denied, keyring};

fn shop_on(path: &Path, seed: u8) -> Shop {
    let store = SqliteStore::open(path, Options::default()).unwrap();
    Shop::with("sqlite", Arc::new(store), None, keyring(), [seed; 32])
}

fn many_uses() -> TemplateDraft {
    let limits = Limits { uses_per_card: 1_000_000, uses_per_holder: Some(1_000_000), ..Limits::default() };
    TemplateDraft { limits, ..bearer() }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn back_up(shop: &Shop, to: &Path) -> Result<cardmint::store::BackupFile, Error> {
    shop.tenant.backup(BackUp { to: text(to) }).unwrap().wait()
}

/// Threads redeem without a pause while backups are made. Each backup is of one moment: whatever was answered before it was begun is in
/// it, an audit of it finds nothing, and a request that was answered then is answered the same by the restored store.
#[test]
fn a_backup_of_a_shop_at_work_is_of_one_moment() {
    let folder = tempfile::tempdir().unwrap();
    let shop = shop_on(&folder.path().join("shop.db"), 1);
    shop.batch("b", 20, many_uses());
    let codes: Vec<String> = (0..20).map(|serial| shop.code_of("b", serial).unwrap()).collect();
    let (stop, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let kept = std::thread::scope(|scope| {
        for thread in 0..2 {
            let (shop, codes, stop, answered) = (&shop, &codes, &stop, &answered);
            scope.spawn(move || {
                for n in 0.. {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    shop.redeem_with(Meta::key(format!("r-{thread}-{n}")), &codes[n % 20], Some("ann")).unwrap();
                    if thread == 0 {
                        answered.store(n + 1, Ordering::SeqCst);
                    }
                }
            });
        }
        let mut kept = Vec::new();
        for round in 0..3 {
            while answered.load(Ordering::SeqCst) < 20 * (round + 1) {
                std::thread::yield_now();
            }
            let before = answered.load(Ordering::SeqCst);
            let receipt =
                shop.redeem_with(Meta::key(format!("r-0-{}", before - 1)), &codes[(before - 1) % 20], Some("ann"));
            let to = folder.path().join(format!("{round}.bak"));
            let made = back_up(&shop, &to).unwrap();
            assert_eq!(made, verify_backup(&to).unwrap());
            assert_eq!(made.bytes, std::fs::metadata(&to).unwrap().len());
            kept.push((to, before, receipt.unwrap()));
        }
        stop.store(true, Ordering::SeqCst);
        kept
    });
    for (place, (backup, before, receipt)) in kept.iter().enumerate() {
        let path = folder.path().join(format!("restored-{place}.db"));
        restore_backup(backup, &path).unwrap();
        let restored = shop_on(&path, 50 + u8::try_from(place).unwrap());
        let report = restored.tenant.audit(()).and_then(AuditRun::wait).unwrap();
        assert_eq!(report.findings, []);
        assert!(report.redemptions >= *before as u64, "{} of {before}", report.redemptions);
        let again = restored.redeem_with(Meta::key(receipt.redemption.clone()), &codes[(before - 1) % 20], Some("ann"));
        assert_eq!(again.unwrap(), *receipt, "a retry is answered as it was");
        assert!(restored.redeem_with(Meta::key("new"), &codes[0], Some("bob")).is_ok(), "and the shop goes on");
    }
}

/// A reader whose cursor is older than the backup goes on; one that has seen more is told so, before and after new events.
#[test]
fn a_reader_that_is_ahead_of_the_restored_journal_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let shop = shop_on(&folder.path().join("shop.db"), 1);
    shop.batch("b", 5, bearer());
    let cursor = |shop: &Shop| shop.tenant.events(Events { limit: 1_000, ..Events::default() }).unwrap().cursor;
    let old = cursor(&shop);
    shop.code_of("b", 0).unwrap();
    let at_backup = cursor(&shop);
    let backup = folder.path().join("shop.bak");
    back_up(&shop, &backup).unwrap();
    shop.code_of("b", 1).unwrap();
    let same_writer = cursor(&shop);
    // Another committer, too.
    let beside = shop_on(&folder.path().join("shop.db"), 2);
    beside
        .tenant
        .reveal((Meta { reason: Some("test".into()), ..Meta::key("x") }, cardmint::CardPick::Id(beside.card("b", 2))))
        .wait()
        .unwrap();
    let other_writer = cursor(&shop);
    let path = folder.path().join("restored.db");
    restore_backup(&backup, &path).unwrap();
    let restored = shop_on(&path, 3);
    let ask = |after: &str| restored.tenant.events(Events { after: Some(after.to_owned()), ..Events::default() });
    for later in 0..2 {
        assert_eq!(ask(&old).unwrap().items.len(), 1 + later);
        assert_eq!(ask(&at_backup).unwrap().items.len(), later);
        for ahead in [&same_writer, &other_writer] {
            assert_eq!(denied(ask(ahead)), "cursor_ahead", "with {later} new events");
        }
        let meta = Meta { reason: Some("test".into()), ..Meta::key("later") };
        restored.tenant.reveal((meta, cardmint::CardPick::Id(restored.card("b", 3)))).wait().unwrap();
    }
}

#[test]
fn what_is_no_whole_backup_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let shop = shop_on(&at("shop.db"), 1);
    shop.batch("b", 5, bearer());
    back_up(&shop, &at("good.bak")).unwrap();
    let refused = |from: &Path, says: &str| {
        for error in [verify_backup(from).unwrap_err(), restore_backup(from, at("new.db")).unwrap_err()] {
            let text = error.to_string();
            assert!(text.contains(says) && text.contains(from.file_name().unwrap().to_str().unwrap()), "{text}");
        }
        assert!(!at("new.db").exists() && !at("new.db.part").exists());
    };
    refused(&at("shop.db"), "open in this process");
    refused(&at("none.bak"), "cannot be read");
    let copy = |name: &str| {
        std::fs::copy(at("good.bak"), at(name)).unwrap();
        let sum = std::fs::read_to_string(at("good.bak.sha256")).unwrap();
        std::fs::write(at(&format!("{name}.sha256")), sum).unwrap();
        at(name)
    };
    let flipped = copy("flipped.bak");
    let mut bytes = std::fs::read(&flipped).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&flipped, &bytes).unwrap();
    refused(&flipped, "not what its checksum says");
    let short = copy("short.bak");
    std::fs::write(&short, &bytes[..4_096]).unwrap();
    refused(&short, "not what its checksum says");
    std::fs::copy(at("good.bak"), at("unfinished.bak")).unwrap();
    refused(&at("unfinished.bak"), "was not finished");
    // Somebody else's database, with a right checksum.
    let theirs = at("theirs.bak");
    rusqlite::Connection::open(&theirs).unwrap().execute_batch("CREATE TABLE a (b)").unwrap();
    let sum = Command::new("sha256sum").arg(&theirs).output().unwrap();
    std::fs::write(at("theirs.bak.sha256"), sum.stdout).unwrap();
    refused(&theirs, "another program");
    // A broken page under a right checksum.
    let broken = copy("broken.bak");
    let mut bytes = std::fs::read(&broken).unwrap();
    bytes[5 * 4_096..5 * 4_096 + 100].fill(0xee);
    std::fs::write(&broken, &bytes).unwrap();
    let sum = Command::new("sha256sum").arg(&broken).output().unwrap();
    std::fs::write(at("broken.bak.sha256"), sum.stdout).unwrap();
    refused(&broken, "broken.bak");
    // What is there is never written over.
    for taken in ["shop.db", "good.bak"] {
        let error = restore_backup(at("good.bak"), at(taken)).unwrap_err().to_string();
        assert!(error.contains("exists") && error.contains(taken), "{error}");
        assert!(matches!(back_up(&shop, &at(taken)), Err(Error::Store(StoreError::Unavailable(_)))));
    }
    std::fs::write(at("new.db-wal"), "left over").unwrap();
    let error = restore_backup(at("good.bak"), at("new.db")).unwrap_err().to_string();
    assert!(error.contains("new.db-wal"), "{error}");
    let error = restore_backup(at("good.bak"), at("no/new.db")).unwrap_err().to_string();
    assert!(error.contains("folder that does not exist"), "{error}");
    // The checksum is one that others read.
    let check = Command::new("sha256sum").args(["-c", "good.bak.sha256"]).current_dir(folder.path()).output().unwrap();
    assert!(check.status.success());
    // After all of that the shop still works, and the backup is good.
    shop.code_of("b", 1).unwrap();
    restore_backup(at("good.bak"), at("other.db")).unwrap();
    assert!(matches!(Shop::memory().tenant.backup("x").unwrap().step(), Err(Error::Store(StoreError::Unavailable(_)))));
}

/// A process is killed in the middle of backups, again and again: what it leaves is never taken for one, the next one under the same name
/// is whole, and the shop is as it was.
#[test]
fn a_backup_that_was_killed_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let shop = shop_on(&folder.path().join("shop.db"), 1);
    shop.batch("b", 3_000, bearer());
    // Some thousand pages, so that there is a middle.
    let filler = "x".repeat(480);
    for n in 0..300 {
        let facts = (0..32).map(|fact| (format!("f{fact}"), filler[..200].to_owned())).collect();
        let subject = cardmint::subject::Subject::customer("ann");
        let at = cardmint::time::Instant::EPOCH;
        let observe = cardmint::Observe { meta: Meta::key(format!("o{n}")), subject, kind: "visit".into(), at, facts };
        shop.tenant.observe(observe).wait().unwrap();
    }
    let to = folder.path().join("shop.bak");
    let mut middles = 0;
    for delay in [0_u64, 20, 60, 120, 200, 300] {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "backup::child_that_backs_up", "--ignored", "--nocapture"]).stdout(Stdio::null());
        let mut child = child.env("CARDMINT_FOLDER", folder.path()).spawn().unwrap();
        while !folder.path().join("begun").exists() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
        std::fs::remove_file(folder.path().join("begun")).unwrap();
        middles += usize::from(folder.path().join("shop.bak.part").exists());
        let found = verify_backup(&to);
        assert!(found.is_err(), "{found:?} after {delay} ms");
    }
    assert!(middles > 0, "no backup was killed in the middle");
    back_up(&shop, &to).unwrap();
    verify_backup(&to).unwrap();
    assert!(!folder.path().join("shop.bak.part").exists());
    assert_eq!(shop.tenant.audit(()).and_then(AuditRun::wait).unwrap().findings, []);
}

/// A store of some thousand pages is copied in steps, of which each tells how far it is; what is dropped before its end leaves nothing,
/// and neither holds the shop up.
#[test]
fn a_backup_goes_step_by_step_and_may_be_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let shop = shop_on(&at("shop.db"), 5);
    for set in 0..3 {
        let products = (0..100_000).map(|n| format!("a-product-of-a-long-name-{set}-{n}")).collect();
        let saved = SaveProductSet { meta: Meta::key(format!("s-{set}")), name: "everything".to_owned(), products };
        shop.tenant.save_product_set(saved).wait().unwrap();
    }

    let mut given_up = shop.tenant.backup(BackUp { to: text(&at("a.bak")) }).unwrap();
    assert_eq!(given_up.step().unwrap(), None);
    let progress = given_up.progress();
    assert!(progress.done > 0 && progress.done < progress.total, "{progress:?}");
    drop(given_up);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_str().unwrap().starts_with("a.bak")), "{left:?}");

    let mut run = shop.tenant.backup(BackUp { to: text(&at("b.bak")) }).unwrap();
    let (mut steps, mut made) = (Vec::new(), None);
    while made.is_none() {
        // What comes while it is made is not in it, and does not begin it anew.
        shop.batch(&format!("b{}", steps.len()), 1, bearer());
        made = run.step().unwrap();
        steps.push(run.progress().done);
    }
    assert!(steps.len() > 3 && steps.is_sorted(), "{steps:?}");
    assert_eq!(steps.last().copied(), Some(run.progress().total));
    assert_eq!(run.step().unwrap(), made);
    verify_backup(at("b.bak")).unwrap();
}

#[test]
#[ignore = "run by a_backup_that_was_killed_is_none, as a child process"]
fn child_that_backs_up() {
    let Some(folder) = std::env::var_os("CARDMINT_FOLDER").map(PathBuf::from) else { return };
    let store = SqliteStore::open(folder.join("shop.db"), Options::default()).unwrap();
    let begun = folder.join("begun");
    let made = store.backup(&text(&folder.join("shop.bak")), &mut |_, _| {
        std::fs::write(&begun, "").unwrap();
        // The parent kills it long before this is over.
        std::thread::sleep(Duration::from_secs(5));
        ControlFlow::Continue(())
    });
    made.unwrap();
}
