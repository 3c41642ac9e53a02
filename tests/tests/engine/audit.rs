//! The audit: silent on whatever the engine wrote, and by name on whatever else somebody did to the file.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use cardmint::card::{Limits, TemplateDraft};
use cardmint::code::{CodeFormat, Normalisation, World};
use cardmint::store::{CommitOutcome, Group, Lookup, Page, Scan, Store, StoreError, Stored};
use cardmint::subject::Subject;
use cardmint::{
    AccountPick, Adjust, Audit, AuditReport, Bind, CardPick, ChainHead, Engine, Events, Extend, ExtendBatch, Issue,
    Load, Meta, MoveValue, Rebind, RefundRedemption, SavePublicCode, SaveUnit, Settings, Tenant, Transfer,
};
use cardmint_sqlite::{Options, SqliteStore};
use cardmint_tests::{HandClock, OPENING, Shop, bearer, eight_tenths, keyring, order};
use rusqlite::Connection;

fn audit(tenant: &Tenant) -> AuditReport {
    tenant.audit(()).unwrap().wait().unwrap()
}

/// A shop in which every kind of row is there, and every kind of event.
fn furnish(shop: &Shop) {
    let limits = Limits { uses_per_card: 3, uses_per_holder: Some(9), claims_per_holder: Some(5), ..Limits::default() };
    shop.campaign_batch(shop.campaign("spring"), 9, TemplateDraft { limits, ..eight_tenths() });
    let word = SavePublicCode::new(shop.meta(), "spring", "SUMMER20", Normalisation::Word);
    shop.tenant.save_public_code(word).wait().unwrap();
    shop.batch("bearer", 5, bearer());
    let gift = TemplateDraft::from_json(
        r#"{"id": "gift", "kind": "gift_card", "currency": "CNY", "benefit": {"value": {"minor": 10000}}}"#,
    )
    .unwrap();
    shop.template("gift", gift).unwrap();
    let mut batch = shop.issue_batch("gift", 3);
    batch.format = CodeFormat::S20;
    shop.tenant.issue_batch(batch).wait().unwrap();
    let ann = shop.claim("spring", "ann").unwrap();
    let on = |id: &str| order(id, &[("tea", 10_000)]);
    for (key, code, who) in [("A-1", ann.as_str(), "ann"), ("A-2", ann.as_str(), "ann"), ("A-3", "summer20", "bob")] {
        let request = cardmint::Redeem { meta: Meta::key(key), order: on(key), ..shop.redeem_request(code, Some(who)) };
        shop.tenant.redeem(request).wait().unwrap();
        shop.clock.advance(1_000);
    }
    shop.refund("A-2").unwrap();
    let issue = Issue { channel: Some("north".to_owned()), ..shop.issue_request("spring", "cat") };
    let issued = shop.tenant.issue(issue).wait().unwrap();
    shop.claim_code(issued.code.as_ref().unwrap(), "cat").unwrap();
    let card = CardPick::Id(issued.card.id);
    shop.tenant.replace((shop.meta(), card.clone())).wait().unwrap();
    shop.tenant.freeze((shop.because("lost"), card.clone())).wait().unwrap();
    shop.tenant.unfreeze((shop.meta(), card.clone())).wait().unwrap();
    shop.tenant.void((shop.meta(), card)).wait().unwrap();
    let code = shop.code_of("gift", 0).unwrap();
    let pay = |key: &str, minor| cardmint::Redeem {
        meta: Meta::key(key),
        order: on(key),
        amount_minor: Some(minor),
        ..shop.redeem_request(&code, None)
    };
    shop.tenant.redeem(pay("G-1", 4_000)).wait().unwrap();
    let gift = || CardPick::Id(shop.card("gift", 0));
    shop.tenant.load(Load { meta: shop.meta(), card: gift(), amount_minor: 700 }).wait().unwrap();
    shop.tenant.adjust(Adjust { meta: shop.because("typo"), card: gift(), delta_minor: -100 }).wait().unwrap();
    for minor in [1_000, 2_000] {
        let part = RefundRedemption { amount_minor: Some(minor), ..RefundRedemption::new(shop.meta(), "G-1") };
        shop.tenant.refund(part).wait().unwrap();
    }
}

#[test]
fn g36_an_audit_finds_nothing_where_only_the_engine_wrote() {
    for shop in Shop::each() {
        assert_eq!(audit(&shop.tenant).findings, [], "an empty store");
        furnish(&shop);
        let report = audit(&shop.tenant);
        assert_eq!(report.findings, [], "{}", shop.name);
        assert!(report.chains_checked && report.stood_still);
        let counts = (report.cards, report.redemptions, report.refunds, report.accounts);
        // Of the accounts five count uses and claims, five are the books of the gift cards.
        assert_eq!(counts, (4, 4, 3, 10), "{}", shop.name);
        assert_eq!(report.events, 18, "{}", shop.name);
        let test_world = shop.engine.tenant("default", World::Test).unwrap();
        assert_eq!(audit(&test_world).cards, 0);
    }
}

/// Points that were granted, spent, handed on, and given out by a channel.
fn furnish_accounts(shop: &Shop) {
    let unit = SaveUnit {
        meta: shop.meta(),
        name: "points".to_owned(),
        decimals: 0,
        between_holders: true,
        display: [].into(),
    };
    shop.tenant.save_unit(unit).wait().unwrap();
    let holder = |name: &str| AccountPick::Holder(Subject::customer(name));
    let ours = |name: &str| AccountPick::System(name.to_owned());
    let channel = || AccountPick::Channel("north".to_owned());
    for (amount_minor, from_account, to_account) in [
        (900, ours("granted"), holder("ann")),
        (100, holder("ann"), ours("spent")),
        (300, holder("ann"), holder("bob")),
        (5_000, ours("granted"), channel()),
        (70, channel(), holder("bob")),
    ] {
        let (meta, unit) = (shop.because("test"), "points".to_owned());
        shop.tenant.move_value(MoveValue { meta, unit, amount_minor, from_account, to_account }).wait().unwrap();
    }
}

#[test]
fn g36_accounts_that_value_is_moved_on_are_counted_again() {
    for shop in Shop::each() {
        furnish_accounts(&shop);
        let report = audit(&shop.tenant);
        assert_eq!(report.findings, [], "{}", shop.name);
    }
}

/// Of each other kind a card, and every command that ties, hands on and puts off.
fn furnish_kinds(shop: &Shop) {
    let batch = |id: &str, json: &str| {
        shop.template(id, TemplateDraft::from_json(json).unwrap()).unwrap();
        let mut batch = shop.issue_batch(id, 5);
        batch.format = CodeFormat::S20;
        shop.tenant.issue_batch(batch).wait().unwrap();
    };
    batch(
        "gold",
        r#"{"id": "gold", "kind": "membership", "currency": "CNY", "redeem_from": "claimed", "benefit": {"entitlement": {}},
            "membership": {"check_ins": {"limit": 2, "per": "day"}}, "limits": {"uses_per_holder": 9, "claims_per_holder": 9}}"#,
    );
    batch(
        "wash",
        r#"{"id": "wash", "kind": "times", "currency": "CNY", "redeem_from": "claimed", "benefit": {"entitlement": {}},
            "limits": {"uses_per_card": 9, "uses_per_holder": 9}, "usage": {"unit": "line"}, "gives": [{"batch": "gold"}]}"#,
    );
    batch(
        "tied",
        r#"{"id": "tied", "kind": "gift_card", "currency": "CNY", "redeem_from": "claimed", "benefit": {"value": {"minor": 900}},
            "validity": {"end": "2030-12-31"}, "policies": {"bind": {"kinds": ["device"], "rebinds_max": 1},
            "transfer": {"transfers_max": 1}, "extend": {"days_max": 90}}}"#,
    );
    let redeem = |key: &str, code: &str| cardmint::Redeem {
        meta: Meta::key(key),
        order: order(key, &[("tea", 100), ("rice", 200)]),
        ..shop.redeem_request(code, Some("ann"))
    };
    let (gold, wash, tied) =
        (shop.claim("gold", "ann").unwrap(), shop.claim("wash", "ann").unwrap(), shop.claim("tied", "ann").unwrap());
    shop.tenant.redeem(redeem("M-1", &gold)).wait().unwrap();
    shop.tenant.redeem(redeem("M-2", &gold)).wait().unwrap();
    shop.refund("M-1").unwrap();
    shop.tenant.redeem(redeem("T-1", &wash)).wait().unwrap();
    shop.tenant.redeem(redeem("T-2", &wash)).wait().unwrap();
    let one = RefundRedemption { units: Some(1), ..RefundRedemption::new(shop.meta(), "T-1") };
    shop.tenant.refund(one).wait().unwrap();
    shop.refund("T-2").unwrap();
    let (card, holder) = (CardPick::code(&tied), Subject::customer("ann"));
    let until = |until: &str| until.to_owned();
    let to = |value: &str| Subject::new("device", value);
    let bind = Bind { meta: shop.meta(), card: card.clone(), holder: holder.clone(), to: to("d1") };
    shop.tenant.bind(bind).wait().unwrap();
    let rebind = Rebind { meta: shop.meta(), card: card.clone(), holder: holder.clone(), to: to("d2") };
    shop.tenant.rebind(rebind).wait().unwrap();
    shop.tenant.extend(Extend { meta: shop.meta(), card: card.clone(), until: until("2031-01-15") }).wait().unwrap();
    let batch = ExtendBatch { meta: shop.meta(), batch: "tied".to_owned(), until: until("2031-02-15") };
    shop.tenant.extend_batch(batch).wait().unwrap();
    let transfer = Transfer { meta: shop.meta(), card, holder, to: Subject::customer("bob") };
    shop.tenant.transfer(transfer).wait().unwrap();
}

#[test]
fn g36_every_kind_of_card_and_command_is_told_by_its_events() {
    for shop in Shop::each() {
        furnish_kinds(&shop);
        let report = audit(&shop.tenant);
        assert_eq!(report.findings, [], "{}", shop.name);
        assert_eq!((report.cards, report.redemptions, report.refunds), (5, 4, 3), "{}", shop.name);
    }
}

/// Without keys all but the chains is checked, and the report says so.
#[test]
fn g36_without_keys_the_chains_are_not_checked() {
    let shop = Shop::memory();
    furnish(&shop);
    let engine = Engine::keyless(Arc::clone(&shop.store), HandClock::at(OPENING), Settings::default());
    let report = audit(&engine.tenant("default", World::Live).unwrap());
    assert_eq!((report.chains_checked, report.findings.len(), report.events), (false, 0, 18));
}

fn file(folder: &Path) -> PathBuf {
    folder.join("shop.db")
}

fn on_file(path: &Path, seed: u8) -> Shop {
    let store = SqliteStore::open(path, Options::default()).unwrap();
    Shop::with("sqlite", Arc::new(store), None, keyring(), [seed; 32])
}

/// What somebody does to the closed file, and the finding that names it: row, field, what stands, what the journal says.
const PLANTED: &[(&str, &str, [&str; 3])] = &[
    (
        "UPDATE account SET balance = 5000 WHERE owner = 'holder:customer:ann' AND unit = 'points'",
        "account holder:customer:ann points",
        ["balance", "5000", "500"],
    ),
    (
        "UPDATE account SET balance = balance - 70 WHERE owner GLOB 'book:granted:*' AND unit = 'points'",
        "account book:granted: points",
        ["balance", "-5970", "-5900"],
    ),
    (
        "DELETE FROM account WHERE owner = 'channel:north' AND unit = 'points'",
        "account book:granted: points",
        ["balance", "-5900", "-900"],
    ),
    (
        "UPDATE card SET balance_minor = 90000 WHERE balance_minor > 0",
        "card 20-0-0",
        ["balance_minor", "90000", "9600"],
    ),
    ("UPDATE card SET uses_left = 7 WHERE holder = 'customer:ann'", "card 16-0-0", ["uses_left", "7", "2"]),
    ("UPDATE card SET state = 2 WHERE state = 4", "card 16-0-2", ["state", "claimed", "void"]),
    (
        "UPDATE card SET unspent_state = 1 WHERE holder = 'customer:ann'",
        "card 16-0-0",
        ["unspent_state", "issued", "claimed"],
    ),
    (
        "UPDATE card SET holder = 'customer:eve' WHERE holder = 'customer:ann'",
        "card 16-0-0",
        ["holder", "customer:eve", "customer:ann"],
    ),
    ("UPDATE card SET channel = 'south' WHERE channel = 'north'", "card 16-0-2", ["channel", "south", "north"]),
    ("UPDATE card SET issue_no = 0 WHERE issue_no = 1", "card 16-0-2", ["issue_no", "0", "1"]),
    ("UPDATE card SET frozen = 'x' WHERE holder = 'customer:ann'", "card 16-0-0", ["frozen", "x", "none"]),
    (
        "UPDATE card SET expires_at = 1 WHERE holder = 'customer:ann'",
        "card 16-0-0",
        ["expires_at", "1970-01-01T00:00:00.001Z", "none"],
    ),
    (
        "UPDATE card SET claimed_at = 1 WHERE holder = 'customer:ann'",
        "card 16-0-0",
        ["claimed_at", "1970-01-01T00:00:00.001Z", "2026-11-11T00:00:00Z"],
    ),
    (
        "UPDATE card SET last_at = 0 WHERE holder = 'customer:ann'",
        "card 16-0-0",
        ["last_at", "1970-01-01T00:00:00Z", "2026-11-11T00:00:03Z"],
    ),
    (
        "UPDATE card SET origin = '{\"operator\":\"eve\"}' WHERE holder = 'customer:ann'",
        "card 16-0-0",
        ["origin", "eve", "{}"],
    ),
    (
        "UPDATE card SET chain = x'000102030405060708090a0b0c0d0e0f' WHERE holder = 'customer:ann'",
        "card 16-0-0",
        ["chain", "000102030405060708090a0b0c0d0e0f", ""],
    ),
    ("UPDATE card SET events = events - 1 WHERE holder = 'customer:ann'", "card 16-0-0", ["events", "3", "4"]),
    ("DELETE FROM card WHERE holder = 'customer:ann'", "card 16-0-0", ["row", "not there", "4 events"]),
    (
        "DELETE FROM event WHERE batch IS NOT NULL AND serial = 0 AND card_place = 2 AND kind = 14",
        "events of card 16-0-0",
        ["place", "2 to 2 are not there", ""],
    ),
    ("DELETE FROM event WHERE kind = 19", "card 16-0-2", ["events", "6", "5"]),
    (
        "UPDATE event SET facts = replace(facts, '700', '900') WHERE kind = 21",
        "event 3 of card 20-0-0",
        ["chain", "", ""],
    ),
    ("UPDATE event SET reason = 'found' WHERE kind = 16", "event 4 of card 16-0-2", ["chain", "", ""]),
    ("UPDATE event SET kind = 20 WHERE kind = 19", "event 6 of card 16-0-2", ["kind", "observed", "no card"]),
    ("DELETE FROM redemption WHERE key = 'A-1'", "redemption A-1 of card 16-0-0", ["rows", "0", "1"]),
    (
        "UPDATE redemption SET discount_minor = 1 WHERE key = 'A-1'",
        "redemption A-1 of card 16-0-0",
        ["taken_minor", "1", "2000"],
    ),
    ("UPDATE redemption SET at = at + 1 WHERE key = 'A-1'", "redemption A-1 of card 16-0-0", ["at (ms)", "", ""]),
    ("UPDATE redemption SET serial = 1 WHERE key = 'A-1'", "redemption A-1 of card 16-0-1", ["rows", "1", "0"]),
    (
        "INSERT INTO redemption SELECT tenant, 'A-9', stamp, digest, batch, serial, at, order_id, holder, currency, before_minor, discount_minor, payable_minor, allocations, rounding, campaign, store, channel, source, operator, ordered_at, new_customer, segments, tender_minor, balance_minor, hold, counted, units, given, not_given FROM redemption WHERE key = 'A-1'",
        "redemption A-9 of card 16-0-0",
        ["rows", "1", "0"],
    ),
    (
        "UPDATE redemption SET holder = 'customer:eve' WHERE key = 'A-1'",
        "account holder:customer:ann uses:spring",
        ["balance", "1", "0"],
    ),
    ("DELETE FROM refund WHERE redemption = 'A-2'", "refunds of redemption A-2", ["rows", "0", "1"]),
    (
        "DELETE FROM refund WHERE redemption = 'G-1' AND place = 0",
        "refund 1 of redemption G-1",
        ["total_minor", "3000", "2000"],
    ),
    (
        "UPDATE refund SET amount_minor = 1500 WHERE redemption = 'G-1' AND place = 0",
        "refund 0 of redemption G-1",
        ["total_minor", "1000", "1500"],
    ),
    (
        "UPDATE refund SET redemption = 'Z' WHERE redemption = 'A-2'",
        "refund 0 of redemption Z",
        ["redemption", "not there", "made"],
    ),
    (
        "UPDATE account SET balance = balance - 1 WHERE owner = 'holder:customer:ann' AND unit = 'uses:spring'",
        "account holder:customer:ann uses:spring",
        ["balance", "0", "1"],
    ),
    (
        "UPDATE account SET owner = 'holder:customer:eve' WHERE owner = 'holder:customer:bob' AND unit = 'claims:spring'",
        "account holder:customer:eve claims:spring",
        ["balance", "1", "0"],
    ),
    (
        "DELETE FROM account WHERE owner = 'holder:customer:cat'",
        "account holder:customer:cat claims:spring",
        ["balance", "0", "1"],
    ),
    ("UPDATE stock SET next = next + 3", "stock of batch 16-0", ["next", "6", "3"]),
    (
        "UPDATE format_use SET slots = replace(slots, '14', '15') WHERE symbols = 16",
        "format_use 16, key slot 0",
        ["live", "15", "14"],
    ),
    ("UPDATE format_use SET next_number = 0 WHERE symbols = 16", "format_use 16", ["next_number", "0", "2"]),
    ("DELETE FROM batch WHERE id = 'spring'", "card 16-0-0", ["batch", "not there", ""]),
];

#[test]
fn g36_whatever_somebody_else_does_to_the_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let original = file(folder.path());
    {
        let shop = on_file(&original, 1);
        furnish(&shop);
        furnish_accounts(&shop);
    }
    for (place, (sql, row, [field, stands, journal])) in PLANTED.iter().enumerate() {
        let copy = folder.path().join(format!("planted-{place}.db"));
        std::fs::copy(&original, &copy).unwrap();
        let changed = Connection::open(&copy).unwrap().execute(sql, []).unwrap();
        assert!(changed > 0, "{sql} changes nothing");
        let report = audit(&on_file(&copy, 2).tenant);
        let named = report.findings.iter().any(|finding| {
            finding.row == *row
                && finding.field == *field
                && finding.stands.contains(stands)
                && finding.journal.contains(journal)
        });
        assert!(named, "{sql}: {row} {field} is not named in {:#?}", report.findings);
        assert_eq!(report.findings_total, report.findings.len() as u64);
    }
    assert_eq!(audit(&on_file(&original, 3).tenant).findings, [], "the original is as it was");
}

/// The last events of a card, cut off together with what its row says of them, leave no trace in the file. The heads that went out
/// with the feed tell.
#[test]
fn g36_an_end_that_was_cut_off_shows_by_the_heads_of_the_feed() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path());
    let heads: Vec<ChainHead> = {
        let shop = on_file(&path, 1);
        shop.batch("b", 2, bearer());
        shop.code_of("b", 0).unwrap();
        Connection::open(&path).unwrap().execute("CREATE TABLE kept AS SELECT * FROM card", []).unwrap();
        shop.code_of("b", 0).unwrap();
        shop.code_of("b", 1).unwrap();
        let page = shop.tenant.events(Events::default()).unwrap();
        let head = |event: cardmint::JournalEvent| {
            Some(ChainHead { card: event.card?, place: event.place?, chain: event.chain? })
        };
        page.items.into_iter().filter_map(head).collect()
    };
    let with_heads = |shop: &Shop| shop.tenant.audit(Audit { heads: heads.clone() }).unwrap().wait().unwrap().findings;
    assert_eq!(with_heads(&on_file(&path, 2)), []);
    Connection::open(&path)
        .unwrap()
        .execute_batch(
            "DELETE FROM event WHERE serial = 0 AND card_place = 2; DELETE FROM card WHERE serial = 0;
             INSERT INTO card SELECT * FROM kept WHERE serial = 0;",
        )
        .unwrap();
    let shop = on_file(&path, 3);
    assert_eq!(audit(&shop.tenant).findings, [], "within the file all is well");
    let found = with_heads(&shop);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].row.as_str(), found[0].stands.as_str()), ("event 2 of card 16-0-0", "not there"));
}

/// A shop that goes on while it is audited is not accused of anything.
#[test]
fn g36_an_audit_beside_a_working_shop_finds_nothing() {
    for shop in Shop::each() {
        let limits = Limits { uses_per_card: 1_000_000, uses_per_holder: Some(1_000_000), ..Limits::default() };
        shop.batch("b", 30, TemplateDraft { limits, ..bearer() });
        let codes: Vec<String> = (0..30).map(|serial| shop.code_of("b", serial).unwrap()).collect();
        std::thread::scope(|scope| {
            let stop = Arc::new(AtomicUsize::new(0));
            let until = Arc::clone(&stop);
            let (shop, codes) = (&shop, &codes);
            scope.spawn(move || {
                for n in 0.. {
                    if until.load(Ordering::SeqCst) == 1 {
                        return;
                    }
                    shop.redeem_with(Meta::key(format!("r{n}")), &codes[n % 30], Some("ann")).unwrap();
                }
            });
            for _ in 0..5 {
                assert_eq!(audit(&shop.tenant).findings, [], "{}", shop.name);
            }
            stop.store(1, Ordering::SeqCst);
        });
        let report = audit(&shop.tenant);
        assert_eq!((report.findings, report.stood_still), (vec![], true));
    }
}

/// What is wrong with a sum that nobody writes just then is named, however busy the shop is beside it.
#[test]
fn g36_an_audit_beside_a_working_shop_names_what_is_wrong_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path());
    {
        let shop = on_file(&path, 1);
        furnish_accounts(&shop);
        Connection::open(&path)
            .unwrap()
            .execute("UPDATE account SET balance = 5000 WHERE owner = 'holder:customer:ann'", [])
            .unwrap();
    }
    let shop = on_file(&path, 2);
    let limits = Limits { uses_per_card: 1_000_000, uses_per_holder: Some(1_000_000), ..Limits::default() };
    shop.batch("b", 1, TemplateDraft { limits, ..bearer() });
    let code = shop.code_of("b", 0).unwrap();
    let (from, until) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0.. {
                if until.load(Ordering::SeqCst) == 1 {
                    return;
                }
                shop.redeem_with(Meta::key(format!("r{n}")), &code, Some("bob")).unwrap();
                from.store(1, Ordering::SeqCst);
                // Hundreds come during one pass; without a pause the journal grows faster than twenty audits read it.
                std::thread::sleep(Duration::from_micros(200));
            }
        });
        while from.load(Ordering::SeqCst) == 0 {
            std::thread::yield_now();
        }
        let reports: Vec<_> = (0..20).map(|_| audit(&shop.tenant)).collect();
        until.store(1, Ordering::SeqCst);
        for report in reports {
            let found: Vec<_> = report.findings.iter().map(|at| (at.row.as_str(), at.stands.as_str())).collect();
            assert_eq!(found, [("account holder:customer:ann points", "5000")]);
        }
    });
}

/// Counts what of a store's answers is alive at a time.
struct Resident {
    inner: SqliteStore,
    alive: Mutex<Vec<Weak<Stored>>>,
    most: AtomicUsize,
    rows: AtomicUsize,
}

impl Resident {
    fn keep(&self, rows: &[Arc<Stored>]) {
        let mut alive = self.alive.lock().unwrap();
        alive.retain(|row| row.strong_count() > 0);
        alive.extend(rows.iter().map(Arc::downgrade));
        self.most.fetch_max(alive.len(), Ordering::SeqCst);
        self.rows.fetch_add(rows.len(), Ordering::SeqCst);
    }
}

impl Store for Resident {
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError> {
        let rows = self.inner.load(lookups)?;
        self.keep(&rows.iter().flatten().cloned().collect::<Vec<_>>());
        Ok(rows)
    }

    fn commit(&self, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        self.inner.commit(group)
    }

    fn scan(&self, scan: &Scan) -> Result<Page, StoreError> {
        let page = self.inner.scan(scan)?;
        self.keep(&page.items);
        Ok(page)
    }
}

/// An audit reads each row once, and holds as few of them however many there are.
#[test]
fn g36_an_audit_holds_as_much_of_ten_thousand_events_as_of_a_hundred_thousand() {
    let measure = |cards: u32| {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path());
        on_file(&path, 1).batch("b", cards, bearer());
        // As the engine would write them, but in one go: the chains are not, so they are looked at without keys.
        Connection::open(&path)
            .unwrap()
            .execute_batch(&format!(
                "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {cards} - 1)
                 INSERT INTO event (place, tenant, kind, at, batch, serial, card_place, facts, chain)
                 SELECT (1 << 40) + 100 + i, 1, 14, 1794355200000, 16 << 24, i, 1,
                        '{{\"redemption\":\"k' || i || '\",\"taken_minor\":100}}', zeroblob(16) FROM n;
                 INSERT INTO card (tenant, batch, serial, stamp, state, unspent_state, issue_no, uses_left, last_at, events, chain)
                 SELECT 1, batch, serial, 7, 3, 1, 0, 0, at, 1, chain FROM event WHERE kind = 14;
                 INSERT INTO redemption (tenant, key, stamp, digest, batch, serial, at, order_id, currency, before_minor,
                        discount_minor, payable_minor, rounding)
                 SELECT 1, 'k' || serial, 7, chain, batch, serial, at, 'o', 'CNY', 500, 100, 400, 0 FROM event WHERE kind = 14;"
            ))
            .unwrap();
        let inner = SqliteStore::open(&path, Options::default()).unwrap();
        let (most, rows) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let store = Arc::new(Resident { inner, alive: Mutex::default(), most, rows });
        let engine = Engine::keyless(Arc::clone(&store) as Arc<dyn Store>, HandClock::at(OPENING), Settings::default());
        let report = audit(&engine.tenant("default", World::Live).unwrap());
        assert_eq!((report.findings, report.events, report.redemptions), (vec![], cards.into(), cards.into()));
        (store.most.load(Ordering::SeqCst), store.rows.load(Ordering::SeqCst))
    };
    let ((few, few_read), (many, many_read)) = (measure(10_000), measure(100_000));
    println!("rows held at most: {few} of {few_read} read, {many} of {many_read} read");
    assert_eq!(few, many, "rows held");
    assert!(few <= 4_100, "{few}");
    assert!(many_read - few_read <= 3 * 90_000, "each row is read once");
}

/// Whatever is asked of the shop afterwards, a redemption and the events of its card stay as they were, and the terms of the card, too.
#[test]
fn g29_nothing_that_has_a_redemption_can_be_removed_or_changed() {
    for shop in Shop::each() {
        furnish(&shop);
        let look = || {
            let redemption = shop.tenant.redemption("A-1").unwrap().unwrap();
            let history = shop.tenant.history(CardPick::Id(redemption.card)).unwrap();
            let batch = shop.tenant.batch("spring").unwrap().unwrap();
            let template = shop
                .tenant
                .template(cardmint::GetTemplate { id: batch.template.clone(), version: Some(batch.template_version) });
            (redemption, history, template.unwrap().unwrap())
        };
        let (redemption, history, terms) = look();
        let card = || CardPick::Id(redemption.card);
        shop.template("spring", bearer()).unwrap();
        let archived = cardmint::SaveCampaign { life: cardmint::card::Life::Archived, ..shop.campaign("spring") };
        shop.tenant.save_campaign(archived).wait().unwrap();
        shop.refund("A-1").unwrap();
        shop.tenant.replace((shop.meta(), card())).wait().unwrap();
        shop.tenant.void((shop.meta(), card())).wait().unwrap();
        let (redemption_then, history_then, terms_then) = look();
        assert_eq!((redemption_then, terms_then), (redemption, terms), "{}", shop.name);
        assert_eq!(history_then.get(..history.len()), Some(history.as_slice()));
        assert_eq!(audit(&shop.tenant).findings, []);
    }
}
