//! Erasing a person: the key goes from every row, every sum stays.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cardmint::card::{Audience, EventKind, Limits, TemplateDraft};
use cardmint::code::{CodeFormat, World};
use cardmint::id::CardId;
use cardmint::limit::{Limit, LimitWindow, Measure, Scope, UsageUnit};
use cardmint::store::{Key, Lookup, Owner, Record, Scan, ScanOf, Store, StoreError, TenantKey};
use cardmint::subject::{Subject, SubjectKey};
use cardmint::{
    AccountPick, AddAudience, Audit, Bind, CaptureHold, CardPick, ChainHead, Claim, ClaimFrom, Engine, Erase, Erased,
    Error, Events, History, JournalEvent, LiabilityNow, Link, LookUp, Meta, MoveValue, Observe, PersonOf, PlaceHold,
    Redeem, SaveUnit, Settings, Tenant, Transfer, Wallet,
};
use cardmint_sqlite::{Options, SqliteStore};
use cardmint_tests::{Fault, HandClock, OPENING, Shop, bearer, denied, eight_tenths, instant, keyring, order, refused};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

/// A value with all that is written otherwise somewhere: in JSON, and in the names of accounts.
const ANN: &str = "ann/4711%\"x\"";

fn ann() -> Subject {
    Subject::customer(ANN)
}

fn phone() -> Subject {
    Subject::new("phone", "+8613800000000")
}

/// How rows may hold her key.
fn spellings() -> [String; 3] {
    [r#"customer:ann/4711%"x""#, r#"customer:ann/4711%\"x\""#, r#"customer:ann%2F4711%25"#].map(str::to_owned)
}

fn request(meta: Meta, subject: Subject) -> Erase {
    Erase { meta: Meta { reason: Some("asked for it".to_owned()), ..meta }, subject }
}

fn erase(shop: &Shop, subject: Subject) -> Erased {
    shop.tenant.erase(request(shop.meta(), subject)).unwrap().wait().unwrap()
}

fn limit(name: &str, scope: Vec<Scope>, window: LimitWindow) -> Limit {
    let measure = Measure::Uses { usage_unit: UsageUnit::Order };
    Limit { scope, window, ..Limit::new(name, measure, 50) }
}

fn redeem(shop: &Shop, id: &str, code: &str) -> String {
    let bought = order(id, &[("tea", 10_000)]);
    let asked = Redeem { subjects: vec![phone()], ..Redeem::new(shop.meta(), code, bought).by(ann()) };
    shop.tenant.redeem(asked).wait().unwrap().redemption
}

fn claim(shop: &Shop, batch: &str, holder: Subject) -> (CardId, String) {
    let take = ClaimFrom::Batch(batch.to_owned());
    let claimed = shop.tenant.claim(Claim { meta: shop.meta(), take, holder, channel: None }).wait().unwrap();
    (claimed.card.id, claimed.code.unwrap())
}

fn points(shop: &Shop, amount_minor: i64, from_account: AccountPick, to_account: AccountPick) {
    let meta = Meta { reason: Some("as told".to_owned()), ..shop.meta() };
    let asked = MoveValue { meta, unit: "points".to_owned(), amount_minor, from_account, to_account };
    shop.tenant.move_value(asked).wait().unwrap();
}

/// A shop in which Ann did whatever can be done, and stands wherever somebody can stand.
fn furnish(shop: &Shop) {
    let mut spring = shop.campaign("spring");
    spring.audience = Audience::Listed;
    let by_subject = Scope::Subject("phone".to_owned());
    let limits = Limits {
        uses_per_card: 9,
        uses_per_holder: Some(40),
        claims_per_holder: Some(9),
        list: vec![
            limit("each", vec![Scope::Holder, Scope::Template], LimitWindow::Total),
            limit("hourly", vec![Scope::Holder], LimitWindow::RollingS(3_600)),
            limit("phones", vec![by_subject], LimitWindow::Total),
        ],
        ..Limits::default()
    };
    shop.campaign_batch(spring, 20, TemplateDraft { limits, ..eight_tenths() });
    let subjects = vec![ann(), Subject::customer("bob")];
    let listed = AddAudience { meta: shop.meta(), campaign: "spring".to_owned(), subjects };
    shop.tenant.add_audience(listed).wait().unwrap();

    let (card, code) = claim(shop, "spring", ann());
    let first = redeem(shop, "o-1", &code);
    redeem(shop, "o-2", &code);
    shop.refund(&first).unwrap();
    let reason = format!("{} lost it; customer:ann did not", spellings()[0]);
    shop.tenant.freeze((shop.because(&reason), CardPick::Id(card))).wait().unwrap();

    let (_, code) = claim(shop, "spring", ann());
    for id in ["h-1", "h-2"] {
        let asked = PlaceHold {
            holder: Some(ann()),
            subjects: vec![phone()],
            ..PlaceHold::new(shop.meta(), &*code, order(id, &[("tea", 10_000)]))
        };
        let held = shop.tenant.hold(asked).wait().unwrap();
        if id == "h-1" {
            shop.tenant.capture(CaptureHold::new(shop.meta(), held.hold)).wait().unwrap();
        }
    }
    hand_over(shop);
    let unit = SaveUnit {
        meta: shop.meta(),
        name: "points".to_owned(),
        decimals: 0,
        between_holders: true,
        display: [].into(),
    };
    shop.tenant.save_unit(unit).wait().unwrap();
    points(shop, 900, AccountPick::System("granted".to_owned()), AccountPick::Holder(ann()));
    points(shop, 200, AccountPick::Holder(ann()), AccountPick::Holder(Subject::customer("bob")));
    let link = Link { meta: shop.meta(), subjects: vec![ann(), phone(), Subject::new("wechat_openid", "o-1")] };
    shop.tenant.link(link).wait().unwrap();
    let (_, code) = claim(shop, "spring", ann());
    redeem(shop, "o-3", &code);
    let told = format!("rang about {}, twice", spellings()[0]);
    let facts = [("note".to_owned(), told)].into();
    let seen = Observe { meta: shop.meta(), subject: ann(), kind: "call".to_owned(), at: instant(OPENING), facts };
    shop.tenant.observe(seen).wait().unwrap();
}

/// Cards that came to her, went from her, and are tied to her.
fn hand_over(shop: &Shop) {
    let draft = TemplateDraft::from_json(
        r#"{"id": "gift", "kind": "gift_card", "currency": "CNY", "redeem_from": "claimed", "benefit": {"value": {"minor": 900}},
            "policies": {"bind": {"kinds": ["customer"], "rebinds_max": 1}, "transfer": {"transfers_max": 2}}}"#,
    );
    shop.template("gift", draft.unwrap()).unwrap();
    let mut batch = shop.issue_batch("gift", 60);
    batch.format = CodeFormat::S20;
    shop.tenant.issue_batch(batch).wait().unwrap();
    let bob = || Subject::customer("bob");
    for (from, to) in [(ann(), bob()), (bob(), ann())] {
        let (_, code) = claim(shop, "gift", from.clone());
        let handed = Transfer { meta: shop.meta(), card: CardPick::code(&code), holder: from, to };
        shop.tenant.transfer(handed).wait().unwrap();
    }
    let (_, code) = claim(shop, "gift", bob());
    let tied = Bind { meta: shop.meta(), card: CardPick::code(&code), holder: bob(), to: ann() };
    shop.tenant.bind(tied).wait().unwrap();
}

fn tenant() -> TenantKey {
    TenantKey::new("default", World::Live)
}

fn walk(store: &dyn Store, of: ScanOf) -> Vec<Record> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = store.scan(&Scan { tenant: tenant(), of: of.clone(), after, limit: 100 }).unwrap();
        found.extend(page.items.iter().map(|stored| stored.record.clone()));
        match page.next {
            Some(next) => after = Some(next),
            None => return found,
        }
    }
}

/// Whatever a store can be asked for that may name somebody.
fn everything(shop: &Shop) -> Vec<Record> {
    let mut all = Vec::new();
    for writer in walk(&*shop.store, ScanOf::Writers) {
        if let Record::Writer(writer) = writer {
            all.extend(walk(&*shop.store, ScanOf::EventsOfWriter(writer.bits)));
        }
    }
    let mut ranges = vec![ScanOf::EveryCard, ScanOf::Redemptions, ScanOf::Refunds, ScanOf::Accounts];
    ranges.extend([ScanOf::AccountsHeld, ScanOf::Audience("spring".to_owned()), ScanOf::Batches, ScanOf::Campaigns]);
    ranges.extend(["o-1", "h-1", "h-2"].map(|order| ScanOf::HoldsOfOrder(order.to_owned())));
    all.extend(ranges.into_iter().flat_map(|of| walk(&*shop.store, of)));
    let keys = [plain(&ann()), hashed(shop, phone()), plain(&Subject::new("wechat_openid", "o-1"))];
    let lookups = keys.map(|key| Lookup::exact(&tenant(), Key::Linked(key)));
    let linked = shop.store.load(&lookups).unwrap();
    all.extend(linked.into_iter().flatten().map(|stored| stored.record.clone()));
    all
}

fn plain(subject: &Subject) -> SubjectKey {
    SubjectKey::from_stored(format!("{}:{}", subject.kind, subject.value))
}

/// The key of a personal subject: told by whoever asks for its person.
fn hashed(shop: &Shop, subject: Subject) -> SubjectKey {
    let all = shop.tenant.person(PersonOf { subject: subject.clone() }).unwrap().subjects;
    all.into_iter().find(|key| key.kind() == subject.kind).unwrap()
}

fn holds(text: &str, spellings: &[String]) -> bool {
    // Debug forms escape once more what is quoted.
    let plain = text.replace('\\', "");
    spellings.iter().any(|spelling| plain.contains(&spelling.replace('\\', "")))
}

fn named_in(shop: &Shop, spellings: &[String]) -> Vec<String> {
    let all = everything(shop).into_iter().map(|record| format!("{record:?}"));
    all.filter(|text| holds(text, spellings)).collect()
}

/// Accounts by what they are, cards by value, uses and events, and what is owed.
type Sums = (Vec<(String, i64)>, Vec<(i64, u32, u32)>, String);

/// Sums by who has them, whoever that is.
fn sums(shop: &Shop) -> Sums {
    let name = |owner: &Owner, unit: &str| match owner {
        Owner::Holder(_) => format!("a holder {unit}"),
        Owner::Scope(scope) => {
            let kinds: Vec<_> = scope.split('/').map(|part| part.split(':').next().unwrap_or_default()).collect();
            format!("{} {unit}", kinds.join("/"))
        }
        other => format!("{} {unit}", other.text()),
    };
    let accounts = walk(&*shop.store, ScanOf::Accounts).into_iter().filter_map(|record| match record {
        Record::Account(account) => Some((name(&account.owner, &account.unit), account.balance)),
        _ => None,
    });
    let mut accounts: Vec<_> = accounts.collect();
    accounts.sort();
    let cards = walk(&*shop.store, ScanOf::EveryCard).into_iter().filter_map(|record| match record {
        Record::Card(card) => Some((card.balance_minor, card.uses_left, card.events)),
        _ => None,
    });
    (accounts, cards.collect(), format!("{:?}", shop.tenant.liability(LiabilityNow::default())))
}

fn audited(shop: &Shop) {
    let report = shop.tenant.audit(()).unwrap().wait().unwrap();
    assert_eq!(report.findings, [], "{}", shop.name);
    assert!(report.chains_checked);
}

fn feed(tenant: &Tenant) -> Vec<JournalEvent> {
    tenant.events(Events { limit: 1_000, ..Events::default() }).unwrap().items
}

#[test]
fn natural_persons_leave_no_row_that_names_them_and_every_sum_as_it_was() {
    for shop in Shop::each() {
        furnish(&shop);
        audited(&shop);
        let kept: Vec<_> = feed(&shop.tenant)
            .into_iter()
            .filter_map(|event| Some(ChainHead { card: event.card?, place: event.place?, chain: event.chain? }))
            .collect();
        let (before, events) = (sums(&shop), feed(&shop.tenant).len());
        assert!(named_in(&shop, &spellings()).len() > 20, "a test that looks at nothing finds nothing");
        let cards = shop.tenant.wallet(Wallet { holder: ann(), page: Default::default() }).unwrap().items;

        let erased = erase(&shop, ann());
        assert!(erased.pseudonym.as_str().starts_with("erased:"));
        assert_eq!(named_in(&shop, &spellings()), [] as [String; 0], "{}", shop.name);
        assert_eq!(sums(&shop), before, "{}", shop.name);
        audited(&shop);
        let heads = shop.tenant.audit(Audit { heads: kept }).unwrap().wait().unwrap();
        assert_eq!(heads.findings, [], "what readers of the feed kept still fits");
        let stands = named_in(&shop, &[erased.pseudonym.as_str().to_owned()]);
        assert!(stands.len() > 20);
        // Words that only begin like her key are somebody else's.
        assert!(everything(&shop).iter().any(|record| format!("{record:?}").contains("; customer:ann did not")));

        let mut redacted = 0;
        for record in walk(&*shop.store, ScanOf::EveryCard) {
            let Record::Card(card) = record else { continue };
            let history = shop.tenant.history(History { card: CardPick::Id(card.id) }).unwrap();
            assert!(history.iter().all(|entry| entry.chained == Some(true)), "card {}", card.id);
            redacted += history.iter().filter(|entry| entry.redacted).count();
        }
        assert!(redacted > 5, "{redacted}");
        assert!(shop.tenant.wallet(Wallet { holder: ann(), page: Default::default() }).unwrap().items.is_empty());
        for card in cards {
            let now = shop.tenant.look_up(LookUp { card: CardPick::Id(card.id) }).unwrap();
            assert_eq!(now.holder, Some(erased.pseudonym.clone()));
        }
        // The feed tells it, and names nobody.
        let told = feed(&shop.tenant);
        assert_eq!(told.len(), events + 1);
        let last = told.iter().find(|event| event.kind == EventKind::PersonErased).unwrap();
        assert_eq!(last.name.as_deref(), Some(erased.pseudonym.as_str()));
        assert_eq!(last.reason.as_deref(), Some("asked for it"));
        // Out of the person, which goes on without.
        assert_eq!(shop.tenant.person(PersonOf { subject: ann() }).unwrap().person, None);
        let rest = shop.tenant.person(PersonOf { subject: phone() }).unwrap();
        assert_eq!(rest.subjects.iter().map(SubjectKey::kind).collect::<Vec<_>>(), ["phone", "wechat_openid"]);
    }
}

#[test]
fn natural_persons_who_were_erased_are_somebody_new_when_they_come_again() {
    for shop in Shop::each() {
        let limits = Limits { uses_per_holder: Some(1), ..Limits::default() };
        shop.batch("b", 9, TemplateDraft { limits, ..bearer() });
        let code = |serial| shop.code_of("b", serial).unwrap();
        let used = shop.redeem_with(Meta::key("r-1"), &code(0), Some(ANN)).unwrap();
        assert_eq!(denied(shop.redeem(&code(1), ANN)), "limit_reached");
        erase(&shop, ann());
        shop.redeem(&code(1), ANN).unwrap();
        assert_eq!(denied(shop.redeem(&code(2), ANN)), "limit_reached");
        // What was asked before is answered as before, and given back to where it was counted.
        assert_eq!(shop.redeem_with(Meta::key("r-1"), &code(0), Some(ANN)).unwrap(), used);
        shop.refund("r-1").unwrap();
        assert_eq!(denied(shop.redeem(&code(2), ANN)), "limit_reached", "{}", shop.name);
        audited(&shop);
        erase(&shop, ann());
        assert_eq!(named_in(&shop, &spellings()), [] as [String; 0]);
        audited(&shop);
    }
}

#[test]
fn natural_persons_of_whom_only_a_hash_is_kept_are_erased_alike() {
    for shop in Shop::each() {
        furnish(&shop);
        let key = [hashed(&shop, phone()).as_str().to_owned()];
        let before = sums(&shop);
        assert!(!named_in(&shop, &key).is_empty());
        erase(&shop, phone());
        assert_eq!(named_in(&shop, &key), [] as [String; 0], "{}", shop.name);
        assert_eq!(sums(&shop), before);
        audited(&shop);
        // Rows that named both are redacted twice.
        erase(&shop, ann());
        audited(&shop);
        assert_eq!(named_in(&shop, &spellings()), [] as [String; 0]);
    }
}

#[test]
fn g02_an_erasure_that_is_asked_for_again_is_answered_as_before() {
    for (shop, watched) in Shop::each_watched() {
        furnish(&shop);
        let ask = |meta: Meta, subject| shop.tenant.erase(request(meta, subject)).and_then(|run| run.wait());
        // An acknowledgement that was lost.
        watched.hurt([Fault::After(StoreError::OutcomeUnknown("the line broke".to_owned()))]);
        assert!(matches!(ask(Meta::key("e-1"), ann()), Err(Error::Store(StoreError::OutcomeUnknown(_)))));
        let erased = ask(Meta::key("e-1"), ann()).unwrap();
        shop.claim("spring", "bob").unwrap();
        watched.forget();
        assert_eq!(ask(Meta::key("e-1"), ann()).unwrap(), erased);
        assert_eq!(watched.commits(), 0, "{}", shop.name);
        assert_eq!(denied(ask(Meta::key("e-1"), phone())), "key_reused");
        assert_ne!(ask(Meta::key("e-2"), ann()).unwrap(), erased);
        // Nothing was written: once more from the start.
        watched.hurt([Fault::Before(StoreError::Busy("held".to_owned()))]);
        let mut run = shop.tenant.erase(request(Meta::key("e-3"), phone())).unwrap();
        assert!(run.step().is_err());
        assert_eq!(run.progress().done, 0);
        run.step().unwrap().unwrap();
        assert_eq!(run.progress().done, 1);
        audited(&shop);
    }
}

#[test]
fn g02_bad_requests_to_erase_are_refused_by_field() {
    let shop = Shop::memory();
    let no_reason = Erase { meta: shop.meta(), subject: ann() };
    assert_eq!(refused(shop.tenant.erase(no_reason).map(|_| ())).field, "meta.reason");
    for kind in ["person", "erased", "Ann"] {
        let asked = request(shop.meta(), Subject::new(kind, "0000000000000001"));
        assert_eq!(refused(shop.tenant.erase(asked).map(|_| ())).field, "subject.kind");
    }
    let keyless = Engine::keyless(Arc::clone(&shop.store), HandClock::at(OPENING), Settings::default());
    let outcome = keyless.tenant("default", World::Live).unwrap().erase(request(shop.meta(), ann()));
    assert!(matches!(outcome.map(|_| ()), Err(Error::NoKeys(_))));
}

/// Another engine that has the link in memory counts by it for as long as a control row may be behind, and no longer.
#[test]
fn natural_persons_are_apart_in_every_engine_within_the_lag() {
    for shop in Shop::each() {
        let limits = Limits { uses_per_holder: Some(1), ..Limits::default() };
        shop.batch("b", 9, TemplateDraft { limits, ..bearer() });
        let code = |serial| shop.code_of("b", serial).unwrap();
        shop.redeem(&code(0), ANN).unwrap();
        let link = Link { meta: shop.meta(), subjects: vec![ann(), Subject::customer("bob")] };
        shop.tenant.link(link).wait().unwrap();
        let (_engine, beside) =
            shop.engine_with(Arc::clone(&shop.store), Settings { control_lag_ms: 20, ..Settings::default() });
        let asked =
            |key: &str, serial, who| Redeem { meta: Meta::key(key), ..shop.redeem_request(&code(serial), Some(who)) };
        assert_eq!(denied(beside.redeem(asked("x-1", 1, "bob")).wait()), "limit_reached");
        erase(&shop, ann());
        // In the engine that erased at once.
        assert_eq!(shop.tenant.person(PersonOf { subject: ann() }).unwrap().person, None);
        std::thread::sleep(std::time::Duration::from_millis(60));
        beside.redeem(asked("x-2", 1, "bob")).wait().unwrap();
        beside.redeem(asked("x-3", 2, ANN)).wait().unwrap();
        audited(&shop);
    }
}

fn on_file(path: &Path, seed: u8) -> Shop {
    let store = SqliteStore::open(path, Options::default()).unwrap();
    Shop::with("sqlite", Arc::new(store), None, keyring(), [seed; 32])
}

/// Every column of every table that holds one of the texts.
fn columns_with(path: &Path, spellings: &[String]) -> Vec<String> {
    let db = Connection::open(path).unwrap();
    let tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let tables: Vec<String> = { tables }.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut found = Vec::new();
    for table in tables {
        let mut statement = db.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for (place, name) in names.iter().enumerate() {
                if let ValueRef::Text(text) | ValueRef::Blob(text) = row.get_ref(place).unwrap()
                    && has(text, spellings)
                {
                    found.push(format!("{table}.{name}"));
                }
            }
        }
    }
    found
}

fn has(bytes: &[u8], spellings: &[String]) -> bool {
    spellings.iter().any(|text| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn natural_persons_leave_no_byte_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let shop = on_file(&path, 1);
    furnish(&shop);
    // More rows than fit on a page, so that pages were split and merged while she was there.
    shop.batch("open", 300, eight_tenths());
    for n in 0..300 {
        let who = if n % 7 == 0 { ANN.to_owned() } else { format!("c{n}") };
        let code = shop.claim("open", &who).unwrap();
        if n % 3 == 0 {
            shop.redeem(&code, &who).unwrap();
        }
    }
    drop(shop);
    let tables = columns_with(&path, &spellings());
    for column in [
        "card.holder",
        "card.bound",
        "card.frozen",
        "redemption.holder",
        "redemption.counted",
        "hold.holder",
        "hold.counters",
        "account.owner",
        "account_held.owner",
        "linked.subject",
        "linked.person",
        "audience.subject",
        "event.name",
        "event.reason",
        "event.facts",
    ] {
        assert!(tables.iter().any(|found| found == column), "{column} holds nothing: the test looks past it");
    }
    let shop = on_file(&path, 2);
    erase(&shop, ann());
    // While the store is open: what it keeps is in the database, and the log is empty.
    for file in files(folder.path()) {
        assert!(!has(&std::fs::read(&file).unwrap(), &spellings()), "{} holds her key", file.display());
    }
    drop(shop);
    assert_eq!(columns_with(&path, &spellings()), [] as [String; 0]);
    audited(&on_file(&path, 3));
}

/// A redacted event is as well protected as any: whatever is done to it, to its seal or before it is found.
#[test]
fn g36_what_is_done_to_a_redacted_event_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let shop = on_file(&path, 1);
    furnish(&shop);
    erase(&shop, ann());
    drop(shop);
    let some = "(SELECT max(place) FROM event WHERE redacted IS NOT NULL AND kind = 13)";
    for (place, sql, field) in [
        (
            0,
            format!("UPDATE event SET facts = json_set(facts, '$.holder', 'customer:bob') WHERE place = {some}"),
            "redacted",
        ),
        (1, format!("UPDATE event SET redacted = zeroblob(16) WHERE place = {some}"), "redacted"),
        (2, format!("UPDATE event SET redacted = NULL WHERE place = {some}"), "chain"),
        (3, format!("UPDATE event SET at = at + 1 WHERE place = {some}"), "redacted"),
        (4, format!("UPDATE event SET chain = zeroblob(16) WHERE place = {some}"), "redacted"),
        (5, "UPDATE event SET redacted = chain WHERE kind = 12 OR redacted IS NOT NULL".to_owned(), "redacted"),
    ] {
        let copy = folder.path().join(format!("planted-{place}.db"));
        std::fs::copy(&path, &copy).unwrap();
        assert!(Connection::open(&copy).unwrap().execute(&sql, []).unwrap() > 0);
        let shop = on_file(&copy, 2);
        let report = shop.tenant.audit(()).unwrap().wait().unwrap();
        assert!(report.findings.iter().any(|found| found.field == field), "{sql}: {:#?}", report.findings);
        let unchained = walk(&*shop.store, ScanOf::EveryCard).into_iter().any(|record| match record {
            Record::Card(card) => {
                let history = shop.tenant.history(History { card: CardPick::Id(card.id) }).unwrap();
                history.iter().any(|entry| entry.chained == Some(false))
            }
            _ => false,
        });
        assert!(unchained, "{sql}");
    }
}

/// What was altered before an erasure is not made good by it.
#[test]
fn g36_an_erasure_vouches_for_nothing_that_was_altered_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let shop = on_file(&path, 1);
    furnish(&shop);
    drop(shop);
    let sql = "UPDATE event SET reason = 'other words' WHERE kind = 16";
    assert_eq!(Connection::open(&path).unwrap().execute(sql, []).unwrap(), 1);
    let shop = on_file(&path, 2);
    erase(&shop, ann());
    let found = shop.tenant.audit(()).unwrap().wait().unwrap().findings;
    assert!(found.iter().any(|found| found.field == "chain"), "{found:#?}");
}

/// Many lives with erasures in between, by several engines on one store at once.
#[test]
fn g09_whoever_is_erased_while_others_shop_leaves_every_sum_right() {
    for shop in Shop::each() {
        let limits = Limits {
            uses_per_card: 1_000,
            uses_per_holder: Some(1_000),
            claims_per_holder: Some(1_000),
            list: vec![Limit { most: 1_000, ..limit("each", vec![Scope::Holder], LimitWindow::RollingS(3_600)) }],
            ..Limits::default()
        };
        shop.batch("own", 200, TemplateDraft { limits: limits.clone(), ..eight_tenths() });
        shop.batch("b", 6, TemplateDraft { limits, ..bearer() });
        let codes: Vec<String> = (0..6).map(|serial| shop.code_of("b", serial).unwrap()).collect();
        let people: Vec<String> = (0..3).map(|n| format!("p{n}")).collect();
        let beside = shop.beside(Arc::clone(&shop.store), keyring());
        std::thread::scope(|scope| {
            for (thread, shop) in [&shop, &beside].into_iter().enumerate() {
                let (codes, people) = (&codes, &people);
                scope.spawn(move || {
                    for n in 0..60 {
                        let (key, who) = (format!("t{thread}-{n}"), &people[n % 3]);
                        let code = &codes[(n * 7 + thread) % 6];
                        let done = shop.redeem_with(Meta::key(&*key), code, Some(who)).unwrap();
                        if n % 5 == 0 {
                            shop.refund_with(Meta::key(format!("back-{key}")), &done.redemption).unwrap();
                        }
                        let claim = Claim { meta: Meta::key(format!("c-{key}")), ..shop.claim_request("own", who) };
                        if n % 2 == 0 {
                            shop.tenant.claim(claim).wait().unwrap();
                        }
                    }
                });
            }
            for n in 0..12 {
                let subject = Subject::customer(&*people[n % 3]);
                let run = shop.tenant.erase(request(Meta::key(format!("e-{n}")), subject)).unwrap();
                run.wait().unwrap();
            }
        });
        audited(&shop);
        for who in &people {
            erase(&shop, Subject::customer(&**who));
            assert_eq!(named_in(&shop, &[format!("customer:{who}")]), [] as [String; 0], "{}", shop.name);
        }
        audited(&shop);
        let uses: i64 = walk(&*shop.store, ScanOf::Accounts).iter().fold(0, |sum, record| match record {
            Record::Account(account) if account.unit == "uses:b" => sum + account.balance,
            _ => sum,
        });
        assert_eq!(uses, 120 - 24, "{}", shop.name);
    }
}

/// Numbers that repeat with their seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }
}

/// One step of some life: whatever is denied is denied.
fn live(shop: &Shop, dice: &mut Dice, codes: &mut Vec<(String, Subject)>, used: &mut Vec<String>) -> &'static str {
    let person = |dice: &mut Dice| Subject::customer(format!("p{}", dice.below(4)));
    let (one, other) = (person(dice), person(dice));
    let minor = 1 + dice.below(400) as i64;
    let meta = || Meta { reason: Some("as told".to_owned()), ..shop.meta() };
    let paying = |codes: &[(String, Subject)], dice: &mut Dice| codes[dice.below(codes.len())].clone();
    let moving = |from_account, to_account| MoveValue {
        meta: meta(),
        unit: "points".to_owned(),
        amount_minor: minor,
        from_account,
        to_account,
    };
    let account = |subject: &Subject| AccountPick::Holder(subject.clone());
    match dice.below(if codes.is_empty() { 4 } else { 8 }) {
        0 => {
            codes.push((claim(shop, "gift", one.clone()).1, one));
            "claimed"
        }
        1 => shop
            .tenant
            .move_value(moving(AccountPick::System("granted".to_owned()), account(&one)))
            .wait()
            .map_or("", |_| "granted"),
        2 => shop.tenant.move_value(moving(account(&one), account(&other))).wait().map_or("", |_| "moved"),
        3 => shop.tenant.link(Link { meta: meta(), subjects: vec![one, other] }).wait().map_or("", |_| "linked"),
        4 => {
            let (code, holder) = paying(codes, dice);
            let bought = order(&format!("o-{}", dice.below(9)), &[("tea", minor)]);
            let asked = Redeem { amount_minor: Some(minor), ..Redeem::new(shop.meta(), code, bought).by(holder) };
            shop.tenant.redeem(asked).wait().map_or("", |done| {
                used.push(done.redemption);
                "redeemed"
            })
        }
        5 if !used.is_empty() => shop.refund(&used[dice.below(used.len())].clone()).map_or("", |_| "refunded"),
        6 => {
            let (code, holder) = paying(codes, dice);
            let asked = Transfer { meta: meta(), card: CardPick::code(&code), holder, to: other.clone() };
            shop.tenant.transfer(asked).wait().map_or("", |handed| {
                codes.retain(|(known, _)| *known != code);
                codes.extend(handed.code.map(|code| (code, other)));
                "transferred"
            })
        }
        _ => {
            let (code, holder) = paying(codes, dice);
            let bought = order(&format!("h-{}", dice.below(99)), &[("tea", minor)]);
            let asked = PlaceHold {
                holder: Some(holder),
                amount_minor: Some(minor),
                ..PlaceHold::new(shop.meta(), code, bought)
            };
            let Ok(held) = shop.tenant.hold(asked).wait() else { return "" };
            if dice.below(2) == 0 {
                shop.tenant.capture(CaptureHold::new(shop.meta(), held.hold)).wait().unwrap();
            }
            "held"
        }
    }
}

/// Whatever was done before: who is erased changes nothing of what is owed, and what is done after goes on from there.
#[test]
fn g09_lives_with_erasures_in_between_owe_what_they_owed() {
    let mut done = std::collections::BTreeMap::<&str, usize>::new();
    for seed in 0..5 {
        for shop in Shop::each() {
            hand_over(&shop);
            let display = [].into();
            let unit =
                SaveUnit { meta: shop.meta(), name: "points".to_owned(), decimals: 0, between_holders: true, display };
            shop.tenant.save_unit(unit).wait().unwrap();
            let (mut dice, mut codes, mut used) = (Dice(seed), Vec::new(), Vec::new());
            for _ in 0..40 {
                if dice.below(8) > 0 {
                    *done.entry(live(&shop, &mut dice, &mut codes, &mut used)).or_default() += 1;
                    continue;
                }
                let before = sums(&shop);
                let whom = Subject::customer(format!("p{}", dice.below(4)));
                let key = format!("customer:p{}", whom.value.trim_start_matches('p'));
                erase(&shop, whom);
                assert_eq!(sums(&shop), before, "{} seed {seed}", shop.name);
                assert_eq!(named_in(&shop, &[key]), [] as [String; 0], "{} seed {seed}", shop.name);
            }
            audited(&shop);
        }
    }
    for step in ["claimed", "granted", "moved", "linked", "redeemed", "refunded", "transferred", "held"] {
        assert!(done.contains_key(step), "no life in which anything was {step}: {done:?}");
    }
}
