//! What holds of the SQLite store alone: how many statements an operation costs, and how processes share a file.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cardmint::card::{Benefit, CardKind, Limits, Setting, TemplateDraft};
use cardmint::code::{CodeFormat, World};
use cardmint::store::{
    CommitOutcome, Group, Key, Lookup, Owner, Page, Record, Scan, ScanOf, Store, StoreError, Stored, TenantKey,
};
use cardmint::{CardPick, ExportCodes, IssueBatch, Meta, Redeem, SaveTemplate};
use cardmint_sqlite::{Options, SqliteStore};
use cardmint_tests::{Shop, Watched, bearer, keyring};

/// Counts the statements of the last commit.
struct Counted {
    store: SqliteStore,
    last: AtomicU64,
}

impl Store for Counted {
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError> {
        self.store.load(lookups)
    }

    fn commit(&self, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        let before = self.store.statements();
        let outcomes = self.store.commit(group);
        self.last.store(self.store.statements() - before, Ordering::SeqCst);
        outcomes
    }

    fn scan(&self, scan: &Scan) -> Result<Page, StoreError> {
        self.store.scan(scan)
    }
}

#[test]
fn g20_issuing_a_batch_costs_the_same_few_statements_whatever_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("shop.db"), Options::default()).unwrap();
    let store = Arc::new(Counted { store, last: AtomicU64::new(0) });
    let shop = Shop::over("sqlite", Arc::clone(&store) as Arc<dyn Store>, None);
    let template = TemplateDraft { id: "t".to_owned(), ..bearer() };
    shop.tenant.save_template(SaveTemplate { meta: shop.meta(), template }).wait().unwrap();
    let statements = |id: &str, size: u32| {
        shop.tenant.issue_batch(IssueBatch::new(shop.meta(), id, "t", size, CodeFormat::S20)).wait().unwrap();
        store.last.load(Ordering::SeqCst)
    };
    let (ten, thousand_million) = (statements("ten", 10), statements("thousand-million", 1_000_000_000));
    println!("statements in the transaction: {ten} for ten cards, {thousand_million} for a thousand million");
    assert_eq!(ten, thousand_million);
    assert!(ten <= 4);
}

/// Redemptions of gift cards in one group: each costs the same few statements, and all of them together one rollup of what was
/// redeemed, not one each.
#[test]
fn a_group_of_redemptions_moves_one_rollup_however_large_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("shop.db"), Options::default()).unwrap();
    let store = Arc::new(Counted { store, last: AtomicU64::new(0) });
    let shop = Shop::over("sqlite", Arc::clone(&store) as Arc<dyn Store>, None);
    let benefit = Benefit::Value { minor: Setting::Fixed(5_000) };
    shop.template("g", TemplateDraft { kind: CardKind::GiftCard, benefit, ..bearer() }).unwrap();
    let format = CodeFormat::S20;
    shop.tenant.issue_batch(IssueBatch { format, ..shop.issue_batch("g", 100) }).wait().unwrap();
    let codes: Vec<String> = (0..65).map(|serial| shop.code_of("g", serial).unwrap()).collect();
    let pay = |code: &String| Redeem { amount_minor: Some(1), ..shop.redeem_request(code, None) };
    let group = |of: &[String]| {
        let before = shop.tenant.engine_figures(()).unwrap().group_size.count;
        let calls: Vec<_> = of.iter().map(|code| shop.tenant.redeem(pay(code))).collect();
        calls.into_iter().for_each(|call| drop(call.wait().unwrap()));
        assert_eq!(shop.tenant.engine_figures(()).unwrap().group_size.count, before + 1, "one group");
        store.last.load(Ordering::SeqCst)
    };
    // The first one makes the day's rollup, those behind it move it on.
    group(&codes[..1]);
    let (one, eight, many) = (group(&codes[..1]), group(&codes[..8]), group(&codes[1..]));
    println!("statements in the transaction: {one} for one redemption, {eight} for 8, {many} for 64");
    let each = (eight - one) / 7;
    assert_eq!((eight, many), (one + 7 * each, one + 63 * each));
    assert_eq!(one - each, 1, "one more for the rollup");
    let scan = Scan { tenant: TenantKey::new("default", World::Live), of: ScanOf::Books, after: None, limit: 100 };
    let books = store.scan(&scan).unwrap().items;
    let redeemed = books.iter().filter(|stored| match &stored.record {
        Record::Account(account) => matches!(&account.owner, Owner::Book(book) if book.name.as_str() == "redeemed"),
        _ => false,
    });
    assert_eq!(redeemed.count(), 1);
}

const PROCESSES: usize = 4;
const EACH: usize = 150;
const USES_EACH: usize = 100;

/// Four processes redeem on one file without a pause: each gets through, nobody is told that the file is busy while others move
/// on, every card is spent once, and none of them has to wait until the others are done.
#[test]
fn g01_four_processes_redeem_at_once_and_none_starves() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let shop = shop_on(&path, [1; 32]);
    let limits = Limits { uses_per_holder: Some(1_000_000), ..Limits::default() };
    shop.batch("b", u32::try_from(PROCESSES * EACH).unwrap(), TemplateDraft { limits, ..bearer() });
    let export = ExportCodes { meta: shop.because("test"), batch: "b".to_owned(), first: 0, count: None };
    let codes: Vec<String> = shop.tenant.export_codes(export).unwrap().map(|code| code.unwrap().code).collect();
    std::fs::write(folder.path().join("codes"), codes.join("\n")).unwrap();
    let children: Vec<_> = (0..PROCESSES)
        .map(|number| child("sqlite::child_that_redeems", folder.path(), number).spawn().unwrap())
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    // Each process wrote its number behind every redemption.
    let order = std::fs::read(folder.path().join("order")).unwrap();
    assert_eq!(order.len(), PROCESSES * EACH);
    let begun = (0..PROCESSES).filter_map(|number| order.iter().position(|by| *by == digit(number))).max().unwrap();
    let first_end =
        (0..PROCESSES).filter_map(|number| order.iter().rposition(|by| *by == digit(number))).min().unwrap();
    let together = order.get(begun..=first_end).unwrap();
    for number in 0..PROCESSES {
        let share = together.iter().filter(|by| **by == digit(number)).count();
        println!("process {number}: {share} of {} while all were at it", together.len());
        assert!(share * PROCESSES * 5 >= together.len(), "process {number} had {share} of {}", together.len());
    }
    let spent = codes.iter().filter(|code| shop.tenant.look_up(CardPick::code(code.as_str())).unwrap().uses_left == 0);
    assert_eq!(spent.count(), PROCESSES * EACH);
    let tenant = TenantKey::new("default", World::Live);
    let owner = Owner::from_text("holder:customer:ann").unwrap();
    let account = Lookup::exact(&tenant, Key::Account(owner, "uses:b".to_owned()));
    let stored = shop.store.load(&[account]).unwrap().remove(0).unwrap();
    let Record::Account(account) = &stored.record else { panic!("{stored:?}") };
    assert_eq!(account.balance, i64::try_from(PROCESSES * EACH).unwrap());
}

/// Four processes use one card: whatever one of them does makes the decisions of the others void. All uses get through, and none
/// is refused for the others' sake. Nor does any lose its ground twice: of 1,000 calls at most 1,000 conflict, and are decided once
/// more, however many processes there are and however long each of them takes.
#[test]
fn g02_four_processes_use_one_card_as_often_as_it_allows() {
    let folder = tempfile::tempdir().unwrap();
    let shop = shop_on(&folder.path().join("shop.db"), [1; 32]);
    let uses = u32::try_from(PROCESSES * USES_EACH).unwrap();
    shop.batch("b", 1, TemplateDraft { limits: Limits { uses_per_card: uses, ..Limits::default() }, ..bearer() });
    let code = shop.code_of("b", 0).unwrap();
    std::fs::write(folder.path().join("code"), &code).unwrap();
    let children: Vec<_> = (0..PROCESSES)
        .map(|number| child("sqlite::child_that_uses_one_card", folder.path(), number).spawn().unwrap())
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}");
        println!("{}", said.lines().find(|line| line.contains("decided again")).unwrap_or_default());
    }
    assert_eq!(shop.tenant.look_up(CardPick::code(code.as_str())).unwrap().uses_left, 0);
    let history = shop.tenant.history(CardPick::code(code.as_str())).unwrap();
    assert!(history.iter().all(|entry| entry.chained == Some(true)));
}

#[test]
#[ignore = "run by g02_four_processes_use_one_card_as_often_as_it_allows, as a child process"]
fn child_that_uses_one_card() {
    let Some((folder, number)) = told() else { return };
    let store = SqliteStore::open(folder.join("shop.db"), Options::default()).unwrap();
    let watched = Watched::over(Arc::new(store));
    // Half of the processes read first and write then, as who is not alone does; the others are in their turn from the start.
    let in_turn = number % 2 == 1;
    if in_turn {
        watched.give_free_turns()
    } else {
        watched.give_turns()
    }
    let seed = [u8::try_from(number).unwrap() + 20; 32];
    let shop = Shop::with("sqlite", Arc::clone(&watched) as Arc<dyn Store>, None, keyring(), seed);
    let code = std::fs::read_to_string(folder.join("code")).unwrap();
    for n in 0..USES_EACH {
        let reply = shop.redeem_with(Meta::key(format!("p{number}-{n}")), &code, Some("ann"));
        assert!(reply.is_ok(), "process {number}: {reply:?}");
    }
    let figures = shop.tenant.engine_figures(()).unwrap();
    println!("process {number}: {} decided again for {USES_EACH} uses", figures.decided_again);
    let most = watched.tries().into_values().max();
    assert!(most <= Some(if in_turn { 1 } else { 2 }), "process {number}: a call was tried {most:?} times");
    assert_eq!(figures.decided_again, figures.conflicts, "who conflicts is decided once more");
    assert!(figures.conflicts <= if in_turn { 0 } else { USES_EACH as u64 });
}

/// This test binary again, as a process that runs one of its tests.
fn child(test: &str, folder: &Path, number: usize) -> Command {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test, "--ignored", "--nocapture"]);
    child.env("CARDMINT_FOLDER", folder).env("CARDMINT_NUMBER", number.to_string()).stdout(Stdio::piped());
    child
}

/// What a child was told; nothing where it runs by itself.
fn told() -> Option<(PathBuf, usize)> {
    let folder = std::env::var("CARDMINT_FOLDER").ok()?;
    Some((folder.into(), std::env::var("CARDMINT_NUMBER").unwrap().parse().unwrap()))
}

fn digit(number: usize) -> u8 {
    b'0' + u8::try_from(number).unwrap()
}

fn shop_on(path: &Path, seed: [u8; 32]) -> Shop {
    let store = SqliteStore::open(path, Options::default()).unwrap();
    Shop::with("sqlite", Arc::new(store), None, keyring(), seed)
}

#[test]
#[ignore = "run by g01_four_processes_redeem_at_once_and_none_starves, as a child process"]
fn child_that_redeems() {
    let Some((folder, number)) = told() else { return };
    let shop = shop_on(&folder.join("shop.db"), [u8::try_from(number).unwrap() + 10; 32]);
    let mut order = OpenOptions::new().append(true).create(true).open(folder.join("order")).unwrap();
    let codes = std::fs::read_to_string(folder.join("codes")).unwrap();
    for (n, code) in codes.lines().enumerate().filter(|(n, _)| n % PROCESSES == number) {
        // All of them move one account: every group of one process makes those of the others conflict.
        let reply = shop.redeem_with(Meta::key(format!("k{n}")), code, Some("ann"));
        assert!(reply.is_ok(), "process {number}: {reply:?}");
        order.write_all(&[digit(number)]).unwrap();
    }
}
