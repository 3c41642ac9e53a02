//! The journal as a feed: nothing is skipped, nobody's order is turned round, whoever writes and whatever becomes of the reader.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cardmint::card::{EventKind, Limits, TemplateDraft};
use cardmint::code::World;
use cardmint::store::{CommitOutcome, Group, Lookup, MemoryStore, Page, Scan, ScanOf, Store, StoreError, Stored};
use cardmint::{CardPick, Events, EventsPage, JournalEvent, Meta, Tenant};
use cardmint_sqlite::{Options, SqliteStore};
use cardmint_tests::{Shop, Watched, bearer, denied, eight_tenths, keyring, refused};

fn page(shop: &Tenant, after: Option<&str>, limit: usize) -> EventsPage {
    shop.events(Events { after: after.map(str::to_owned), limit, ..Events::default() }).unwrap()
}

/// Reads to the end, so many a page.
fn read_all(shop: &Tenant, mut after: Option<String>, limit: usize) -> (Vec<JournalEvent>, String) {
    let mut events = Vec::new();
    loop {
        let page = page(shop, after.as_deref(), limit);
        events.extend(page.items);
        if !page.more {
            return (events, page.cursor);
        }
        after = Some(page.cursor);
    }
}

/// Shows a code for the journal's sake, under a key that no other shop of the test has.
fn reveal(shop: &Shop, key: &str, batch: &str, serial: u32) {
    let meta = Meta { key: key.to_owned(), ..shop.because("test") };
    shop.tenant.reveal((meta, CardPick::Id(shop.card(batch, serial)))).wait().unwrap();
}

/// Each event once, and those of a card in order.
fn assert_in_order(events: &[JournalEvent]) {
    let mut places: BTreeMap<_, u32> = BTreeMap::new();
    for event in events {
        if let (Some(card), Some(place)) = (event.card, event.place) {
            let last = places.insert(card, place).unwrap_or(0);
            assert_eq!(place, last + 1, "of card {card}");
        }
    }
    let ids: BTreeSet<_> = events.iter().map(|event| &event.id).collect();
    assert_eq!(ids.len(), events.len(), "no event twice");
}

#[test]
fn every_event_comes_behind_a_cursor() {
    for shop in Shop::each() {
        shop.campaign_batch(shop.campaign("spring"), 3, eight_tenths());
        shop.batch("other", 3, bearer());
        let code = shop.claim("spring", "ann").unwrap();
        shop.redeem_with(shop.meta(), &code, Some("ann")).unwrap();
        let (first, cursor) = read_all(&shop.tenant, None, 2);
        assert_in_order(&first);
        let kinds: Vec<_> = first.iter().map(|event| event.kind).collect();
        let expected = [
            EventKind::CampaignSaved,
            EventKind::TemplateSaved,
            EventKind::BatchIssued,
            EventKind::TemplateSaved,
            EventKind::BatchIssued,
            EventKind::Claimed,
            EventKind::Redeemed,
        ];
        assert_eq!(kinds, expected, "{}", shop.name);
        let redeemed = first.last().unwrap();
        assert_eq!(redeemed.request.as_ref().map(|request| request.op.as_str()), Some("redeem"));
        let key = &redeemed.request.as_ref().unwrap().key;
        assert!(shop.tenant.redemption(key.as_str()).unwrap().is_some(), "the event names its redemption");
        let nothing = page(&shop.tenant, Some(&cursor), 10);
        assert_eq!((nothing.items.len(), nothing.more, &nothing.cursor), (0, false, &cursor));
        shop.code_of("other", 1).unwrap();
        let (next, _) = read_all(&shop.tenant, Some(cursor), 10);
        assert_eq!(next.iter().map(|event| event.kind).collect::<Vec<_>>(), [EventKind::CodeRevealed]);
        for limit in [1, 3, 1_000] {
            assert_eq!(read_all(&shop.tenant, None, limit).0.len(), first.len() + 1);
        }
    }
}

#[test]
fn filters_leave_out_and_lose_nothing() {
    for shop in Shop::each() {
        shop.campaign_batch(shop.campaign("spring"), 3, eight_tenths());
        shop.batch("other", 3, bearer());
        let code = shop.claim("spring", "ann").unwrap();
        shop.code_of("other", 1).unwrap();
        shop.redeem(&code, "ann").unwrap();
        let kinds = |asked: Events| {
            let page = shop.tenant.events(asked).unwrap();
            (page.items.iter().map(|event| event.kind).collect::<Vec<_>>(), page.cursor)
        };
        let of = |campaign: Option<&str>, batch: Option<&str>| Events {
            campaign: campaign.map(str::to_owned),
            batch: batch.map(str::to_owned),
            ..Events::default()
        };
        use EventKind::{BatchIssued, CampaignSaved, Claimed, CodeRevealed, Redeemed};
        assert_eq!(kinds(of(Some("spring"), None)).0, [CampaignSaved, BatchIssued, Claimed, Redeemed]);
        assert_eq!(kinds(of(None, Some("other"))).0, [BatchIssued, CodeRevealed]);
        assert_eq!(kinds(of(Some("spring"), Some("spring"))).0, [BatchIssued, Claimed, Redeemed]);
        assert_eq!(kinds(of(Some("spring"), Some("other"))).0, []);
        let only = Events { kinds: [Redeemed, CodeRevealed].into(), ..Events::default() };
        let (found, cursor) = kinds(only);
        assert_eq!(found, [CodeRevealed, Redeemed]);
        // The cursor means the same to every filter: what was left out counts as read.
        assert_eq!(read_all(&shop.tenant, Some(cursor), 10).0, []);
        assert_eq!(denied(shop.tenant.events(of(None, Some("none")))), "unknown");
        assert_eq!(denied(shop.tenant.events(of(Some("none"), None))), "unknown");
    }
}

#[test]
fn an_invented_cursor_is_an_error_and_one_of_another_journal_is_noticed() {
    for shop in Shop::each() {
        shop.batch("b", 3, bearer());
        let (_, cursor) = read_all(&shop.tenant, None, 10);
        let ask = |after: &str| shop.tenant.events(Events { after: Some(after.to_owned()), ..Events::default() });
        for invented in ["", "0", "next", &cursor[1..], &cursor.replace(&cursor[10..12], "ff")] {
            assert_eq!(refused(ask(invented)).field, "after", "{invented}");
        }
        assert_eq!(refused(shop.tenant.events(Events { limit: 1_001, ..Events::default() })).field, "limit");
        let test_world = shop.engine.tenant("default", World::Test).unwrap();
        let other = test_world.events(Events { after: Some(cursor.clone()), ..Events::default() });
        assert_eq!(refused(other).field, "after", "another world's");
        // A store that was put back to before that cursor, or is another one, holds no such journal.
        for begun in [false, true] {
            let restored = shop.beside(Arc::new(MemoryStore::new()), keyring());
            if begun {
                (0..9).for_each(|n| restored.batch(&format!("b{n}"), 1, bearer()));
            }
            let asked = restored.tenant.events(Events { after: Some(cursor.clone()), ..Events::default() });
            assert_eq!(denied(asked), "cursor_ahead");
        }
    }
}

/// One committer is late, between its decision and its commit; another passes it, and the reader with it.
#[test]
fn a_late_committer_is_not_skipped() {
    for shop in Shop::each() {
        let (first, second) = (Watched::over(Arc::clone(&shop.store)), Watched::over(Arc::clone(&shop.store)));
        let slow = shop.beside(Arc::clone(&first) as Arc<dyn Store>, keyring());
        let fast = Shop::with(shop.name, Arc::clone(&second) as Arc<dyn Store>, None, keyring(), [9; 32]);
        slow.batch("b", 5, bearer());
        reveal(&fast, "first", "b", 1);
        let (_, mut cursor) = read_all(&shop.tenant, None, 10);
        for round in 0..3 {
            first.shut();
            let late = std::thread::scope(|scope| {
                let waiting = scope.spawn(|| reveal(&slow, &format!("late-{round}"), "b", 0));
                first.until_held();
                reveal(&fast, &format!("one-{round}"), "b", 1);
                reveal(&fast, &format!("two-{round}"), "b", 2);
                let (passed, next) = read_all(&shop.tenant, Some(cursor.clone()), 1);
                assert_eq!(passed.len(), 2, "round {round}");
                cursor = next;
                first.open();
                waiting.join().unwrap();
                read_all(&shop.tenant, Some(cursor.clone()), 1)
            });
            assert_eq!(late.0.iter().map(|event| event.card.unwrap().serial).collect::<Vec<_>>(), [0], "round {round}");
            cursor = late.1;
        }
    }
}

/// Committers that take turns on the same cards: pages of any size keep each card's order.
#[test]
fn events_of_a_card_come_in_order_whoever_wrote_them() {
    for shop in Shop::each() {
        let shops: Vec<Shop> =
            (0..4_u8).map(|n| Shop::with(shop.name, Arc::clone(&shop.store), None, keyring(), [n + 40; 32])).collect();
        shop.batch("b", 3, bearer());
        for n in 0..40_usize {
            let by = &shops[(n * 7 + n / 5) % 4];
            reveal(by, &format!("n{n}"), "b", u32::try_from(n % 3).unwrap());
        }
        for limit in [1, 2, 3, 7, 100] {
            let (events, _) = read_all(&shop.tenant, None, limit);
            assert_in_order(&events);
            assert_eq!(events.iter().filter(|event| event.card.is_some()).count(), 40, "by {limit}");
        }
    }
}

/// Lets something happen between the look-up of the committers and the reading of their events.
struct Interrupted {
    store: Arc<dyn Store>,
    first: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Store for Interrupted {
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError> {
        self.store.load(lookups)
    }

    fn commit(&self, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        self.store.commit(group)
    }

    fn scan(&self, scan: &Scan) -> Result<Page, StoreError> {
        if matches!(scan.of, ScanOf::Journal(_))
            && let Some(first) = self.first.lock().unwrap().take()
        {
            first();
        }
        self.store.scan(scan)
    }
}

/// A committer that had nothing new when the committers were looked up writes to a card, then another one does, and only that one's
/// events are read: the second event of the card waits for the first.
#[test]
fn what_is_committed_while_a_page_is_read_waits_for_what_came_before_it() {
    for shop in Shop::each() {
        let beside = |seed| Shop::with(shop.name, Arc::clone(&shop.store), None, keyring(), [seed; 32]);
        let (one, two) = (beside(51), beside(52));
        shop.batch("b", 3, bearer());
        reveal(&one, "a", "b", 1);
        reveal(&two, "b", "b", 2);
        let (mut events, cursor) = read_all(&shop.tenant, None, 100);
        reveal(&one, "c", "b", 1);
        let store = Arc::new(Interrupted { store: Arc::clone(&shop.store), first: Mutex::default() });
        let reader = Shop::with(shop.name, Arc::clone(&store) as Arc<dyn Store>, None, keyring(), [53; 32]);
        *store.first.lock().unwrap() = Some(Box::new(move || {
            reveal(&two, "d", "b", 0);
            reveal(&one, "e", "b", 0);
        }));
        let page = page(&reader.tenant, Some(&cursor), 100);
        assert!(store.first.lock().unwrap().is_none(), "it happened");
        events.extend(page.items);
        events.extend(read_all(&reader.tenant, Some(page.cursor), 100).0);
        assert_in_order(&events);
        assert_eq!(events.iter().filter(|event| event.card.is_some()).count(), 5);
    }
}

const PROCESSES: usize = 4;
const EACH: usize = 60;

/// Four processes with two engines each write on few cards; a reader works its pages through slowly and is killed again and again,
/// also between reading and keeping the cursor. It sees every event, and those of a card in order.
#[test]
fn a_slow_reader_that_dies_misses_nothing_of_four_processes() {
    let folder = tempfile::tempdir().unwrap();
    let shop = shop_on(&folder.path().join("shop.db"), 1);
    let limits = Limits { uses_per_card: 1_000_000, ..Limits::default() };
    shop.batch("b", 5, TemplateDraft { limits, ..bearer() });
    let writers: Vec<Child> =
        (0..PROCESSES).map(|number| child("feed::child_that_writes", folder.path(), number)).collect();
    let mut deaths = 0;
    let mut writers = writers.into_iter().map(Some).collect::<Vec<_>>();
    while writers.iter().any(Option::is_some) {
        let mut reader = child("feed::child_that_reads", folder.path(), deaths);
        std::thread::sleep(Duration::from_millis(120 + 37 * (deaths as u64 % 5)));
        reader.kill().unwrap();
        reader.wait().unwrap();
        deaths += 1;
        for writer in &mut writers {
            if let Some(child) = writer
                && let Some(status) = child.try_wait().unwrap()
            {
                assert!(status.success());
                *writer = None;
            }
        }
    }
    std::fs::write(folder.path().join("finish"), "").unwrap();
    assert!(child("feed::child_that_reads", folder.path(), deaths).wait().unwrap().success());
    let seen = std::fs::read_to_string(folder.path().join("seen")).unwrap();
    let lines: Vec<Vec<&str>> =
        seen.lines().map(|line| line.split(' ').collect()).filter(|words: &Vec<_>| words.len() == 4).collect();
    let (mut ids, mut places) = (BTreeSet::new(), BTreeMap::new());
    let mut again = 0;
    for words in &lines {
        if !ids.insert(words[0]) {
            again += 1;
            continue;
        }
        let place: u32 = words[2].parse().unwrap();
        if place > 0 {
            let last: u32 = places.insert(words[1], place).unwrap_or(0);
            assert_eq!(place, last + 1, "the first time that a card's event is seen, its predecessor was");
        }
    }
    let (events, _) = read_all(&shop.tenant, None, 1_000);
    assert_in_order(&events);
    assert!(events.iter().all(|event| ids.contains(event.id.as_str())), "every event was seen");
    assert_eq!(events.len(), ids.len());
    let written = events.iter().filter(|event| event.kind == EventKind::CodeRevealed).count();
    assert_eq!(written, PROCESSES * 2 * EACH);
    println!("{} events, {deaths} deaths of the reader, {again} seen again", ids.len());
    assert!(deaths > 1);
}

fn shop_on(path: &Path, seed: u8) -> Shop {
    let store = SqliteStore::open(path, Options::default()).unwrap();
    Shop::with("sqlite", Arc::new(store), None, keyring(), [seed; 32])
}

fn child(test: &str, folder: &Path, number: usize) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test, "--ignored", "--nocapture"]);
    child.env("CARDMINT_FOLDER", folder).env("CARDMINT_NUMBER", number.to_string()).stdout(Stdio::null());
    child.spawn().unwrap()
}

fn told() -> Option<(PathBuf, u8)> {
    let folder = std::env::var("CARDMINT_FOLDER").ok()?;
    Some((folder.into(), std::env::var("CARDMINT_NUMBER").unwrap().parse().unwrap()))
}

#[test]
#[ignore = "run by a_slow_reader_that_dies_misses_nothing_of_four_processes, as a child process"]
fn child_that_writes() {
    let Some((folder, number)) = told() else { return };
    let shops = [2, 3].map(|engine| shop_on(&folder.join("shop.db"), number * 10 + engine + 100));
    std::thread::scope(|scope| {
        for (engine, shop) in shops.iter().enumerate() {
            scope.spawn(move || {
                for n in 0..EACH {
                    reveal(shop, &format!("{number}-{engine}-{n}"), "b", u32::try_from(n % 5).unwrap());
                }
            });
        }
    });
}

#[test]
#[ignore = "run by a_slow_reader_that_dies_misses_nothing_of_four_processes, as a child process"]
fn child_that_reads() {
    let Some((folder, _)) = told() else { return };
    let shop = shop_on(&folder.join("shop.db"), 99);
    let (kept, fresh) = (folder.join("cursor"), folder.join("cursor.new"));
    let mut seen = OpenOptions::new().append(true).create(true).open(folder.join("seen")).unwrap();
    // A line that a killed reader left unfinished ends here.
    seen.write_all(b"\n").unwrap();
    loop {
        let after = std::fs::read_to_string(&kept).ok();
        let page = page(&shop.tenant, after.as_deref(), 20);
        for event in &page.items {
            let card = event.card.map_or("-".to_owned(), |card| card.to_string());
            seen.write_all(format!("{} {card} {} .\n", event.id, event.place.unwrap_or(0)).as_bytes()).unwrap();
        }
        std::thread::sleep(Duration::from_millis(5));
        std::fs::write(&fresh, &page.cursor).unwrap();
        std::fs::rename(&fresh, &kept).unwrap();
        if !page.more && folder.join("finish").exists() {
            return;
        }
    }
}
