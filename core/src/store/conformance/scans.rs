//! Promises 12 and 13: scans and second keys.

use super::samples::{
    batch, batch_no, campaign, card, card_id, event, format_use, full_event, hold, holder, member, redemption, refund,
    step, stock, template, unit,
};
use super::*;
use crate::card::{CardState, Event, EventKind, HoldId, HoldOf, Target};
use crate::code::World;
use crate::ledger::{Book, BookName};
use crate::store::{Move, Owner, Page, Writer};

fn all_cards(number: u32) -> ScanOf {
    ScanOf::Cards { batch: batch_no(number), state: None, channel: None, below: u32::MAX }
}

fn keys(records: &[Record]) -> Vec<Key> {
    records.iter().map(Record::key).collect()
}

/// Every scan gives what belongs to it and nothing else, in key order, for pages of any size.
pub fn p12_every_scan_walks_in_key_order<S: Store>(make: Make<'_, S>) {
    let store = make();
    let writer = fresh();
    let id = card_id(2, 9);
    let mut group = Vec::new();
    // Written out of order, with neighbours that do not belong.
    for name in ["b", "a", "ba", "\u{6625}", "c"] {
        group.push(changes().adds(campaign(name, true)).adds(member("b", name)).adds(member("ba", name)));
        for version in [10, 2, 1] {
            group.push(changes().adds(template(name, version)));
        }
    }
    for number in [3, 1, 300, 2] {
        group.push(changes().adds(batch(number, &format!("b-{number}"), true)));
        for serial in [9, 70_000, 1, 10] {
            group.push(changes().adds(Record::Card(card(number, serial, true))));
        }
    }
    for key in ["k-3", "k-1", "k-10", "k-2"] {
        group.push(changes().adds(redemption(key, "o-1", id, true)));
        let serial = u32::try_from(key.len()).unwrap() * 7 + u32::from(key.as_bytes()[2]);
        group.push(changes().adds(hold("o-1", HoldOf::Card(card_id(2, serial)), true)));
        group.push(changes().adds(hold("o-11", HoldOf::Card(card_id(2, serial)), true)));
        group.push(changes().adds(redemption(&format!("other-{key}"), "o-2", card_id(2, 10), true)));
    }
    let told = (1..=12).fold(changes(), |told, place| told.tells(full_event(Target::Card(id, place), None)));
    let named = |name: &str| event(Target::Named(name.to_owned()));
    let told = told.tells(full_event(Target::Card(card_id(2, 10), 1), None)).tells(named("b")).tells(named("b"));
    // What the host observed is not found by its name.
    group.push(told.tells(named("ba")).tells(full_event(Target::Named("b".to_owned()), None)));
    for (owner, unit) in [
        (Owner::System, "a"),
        (Owner::Holder(holder("a")), "b"),
        (Owner::Card(id), "a"),
        (Owner::Holder(holder("a")), "a"),
    ] {
        group.push(changes().moves(Move { owner, unit: unit.to_owned(), delta: 1, floor: 0, ceiling: 9 }));
    }
    for (key, place) in [("k-1", 0), ("k", 1), ("k", 0)] {
        group.push(changes().adds(refund(key, place)));
    }
    group.extend([300, 1, 2].map(|number| changes().adds(stock(number, number))));
    group.extend([20, 12, 16].map(|symbols| changes().adds(format_use(symbols, 1))));
    assert!(commit_as(&store, writer, 0, &group).iter().all(|outcome| *outcome == Committed));
    let names = ["a", "b", "ba", "c", "\u{6625}"].map(str::to_owned);
    let redemptions: Vec<Key> = ["k-1", "k-10", "k-2", "k-3"].map(|key| Key::Redemption(key.to_owned())).into();
    // In the order of their text: k-1 is serial 70, k-2 71, k-3 72, k-10 77.
    let holds: Vec<Key> = [70, 71, 72, 77]
        .map(|serial| Key::Hold(HoldId { order: "o-1".to_owned(), of: HoldOf::Card(card_id(2, serial)) }))
        .into();
    let of_holder =
        [1, 2, 3, 300].into_iter().flat_map(|number| [1, 9, 10, 70_000].map(|serial| card_id(number, serial)));
    let expected: Vec<(ScanOf, Vec<Key>)> = vec![
        (ScanOf::Campaigns, names.iter().cloned().map(Key::Campaign).collect()),
        (
            ScanOf::Audience("b".to_owned()),
            names.iter().map(|name| Key::Audience("b".to_owned(), holder(name))).collect(),
        ),
        (
            ScanOf::Templates,
            names.iter().flat_map(|name| [1, 2, 10].map(|version| Key::Template(name.clone(), version))).collect(),
        ),
        (ScanOf::Batches, [1, 2, 3, 300].map(|number| Key::Batch(batch_no(number))).into()),
        (all_cards(2), [1, 9, 10, 70_000].map(|serial| Key::Card(card_id(2, serial))).into()),
        (ScanOf::CardsOfHolder(holder("4711")), of_holder.map(Key::Card).collect()),
        (ScanOf::EventsOfCard(id), (0..12).map(|n| Key::Event(writer, n)).collect()),
        (ScanOf::EventsOfWriter(writer), (0..17).map(|n| Key::Event(writer, n)).collect()),
        (ScanOf::RedemptionsOfOrder("o-1".to_owned()), redemptions.clone()),
        (ScanOf::RedemptionsOfCard(id), redemptions),
        (ScanOf::HoldsOfOrder("o-1".to_owned()), holds),
        (ScanOf::HoldsOfOrder("none".to_owned()), Vec::new()),
        (
            ScanOf::EveryCard,
            [1, 2, 3, 300]
                .into_iter()
                .flat_map(|number| [1, 9, 10, 70_000].map(|serial| Key::Card(card_id(number, serial))))
                .collect(),
        ),
        (ScanOf::EventsOfCards, (0..13).map(|n| Key::Event(writer, n)).collect()),
        (
            ScanOf::Redemptions,
            ["k-1", "k-10", "k-2", "k-3", "other-k-1", "other-k-10", "other-k-2", "other-k-3"]
                .map(|key| Key::Redemption(key.to_owned()))
                .into(),
        ),
        (
            ScanOf::Refunds,
            [("k", 0), ("k", 1), ("k-1", 0)].map(|(key, place)| Key::Refund(key.to_owned(), place)).into(),
        ),
        (
            ScanOf::Accounts,
            [
                (Owner::Card(id), "a"),
                (Owner::Holder(holder("a")), "a"),
                (Owner::Holder(holder("a")), "b"),
                (Owner::System, "a"),
            ]
            .map(|(owner, unit)| Key::Account(owner, unit.to_owned()))
            .into(),
        ),
        (ScanOf::Stocks, [1, 2, 300].map(|number| Key::Stock(batch_no(number))).into()),
        (ScanOf::FormatUses, [12, 16, 20].map(Key::FormatUse).into()),
        (ScanOf::EventsNamed("b".to_owned()), (13..15).map(|n| Key::Event(writer, n)).collect()),
        (ScanOf::EventsNamed("none".to_owned()), Vec::new()),
        (ScanOf::Audience("none".to_owned()), Vec::new()),
        (all_cards(9), Vec::new()),
        (ScanOf::CardsOfHolder(holder("none")), Vec::new()),
        (ScanOf::EventsOfWriter(fresh()), Vec::new()),
    ];
    for (of, expected) in expected {
        for limit in [1, 2, 3, 5, 1_000] {
            assert_eq!(keys(&walk(&store, &of, limit)), expected, "{of:?} by {limit}");
        }
    }
}

/// Between two pages records come before and behind the place, and the one at the place changes: nothing is told twice, nothing
/// that stood behind it is missed.
pub fn p12_pages_go_on_whatever_is_written<S: Store>(make: Make<'_, S>) {
    for of in [all_cards(1), ScanOf::CardsOfHolder(holder("4711"))] {
        let store = make();
        let written =
            [10, 20, 30, 40, 50].map(|serial| put(&store, changes().adds(Record::Card(card(1, serial, true)))));
        let first = Scan { tenant: tenant(), of, after: None, limit: 2 };
        let page = store.scan(&first).unwrap();
        assert_eq!(page_keys(&page), [10, 20].map(|serial| Key::Card(card_id(1, serial))));
        let mut spent = card(1, 20, true);
        spent.uses_left = 0;
        put(&store, changes().writes(Expect::Version(written[1]), Record::Card(spent)));
        for serial in [5, 15, 25, 55] {
            put(&store, changes().adds(Record::Card(card(1, serial, true))));
        }
        let page = store.scan(&Scan { after: page.next, limit: 100, ..first }).unwrap();
        assert_eq!(page_keys(&page), [25, 30, 40, 50, 55].map(|serial| Key::Card(card_id(1, serial))));
        assert_eq!(page.next, None);
    }
    let store = make();
    let writer = fresh();
    let told = || changes().tells(full_event(Target::Tenant, None));
    assert_eq!(commit_as(&store, writer, 0, &[told(), told(), told()]), [Committed; 3]);
    let scan = Scan { tenant: tenant(), of: ScanOf::EventsOfWriter(writer), after: None, limit: 2 };
    let page = store.scan(&scan).unwrap();
    assert_eq!(commit_as(&store, writer, 3, &[told(), told()]), [Committed; 2]);
    let page = store.scan(&Scan { after: page.next, limit: 10, ..scan }).unwrap();
    assert_eq!(page_keys(&page), [2, 3, 4].map(|n| Key::Event(writer, n)));
}

fn page_keys(page: &Page) -> Vec<Key> {
    page.items.iter().map(|stored| stored.record.key()).collect()
}

/// State, channel and `below` narrow a scan of cards.
pub fn p12_cards_are_filtered<S: Store>(make: Make<'_, S>) {
    let store = make();
    for serial in 0..12 {
        let mut it = card(1, serial, true);
        it.state = CardState::ALL[usize::try_from(serial).unwrap() % 5];
        it.channel =
            [None, Some("north".to_owned()), Some("south".to_owned())][usize::try_from(serial).unwrap() % 3].clone();
        put(&store, changes().adds(Record::Card(it)));
    }
    let found = |state: Option<CardState>, channel: Option<&str>, below: u32| {
        let of = ScanOf::Cards { batch: batch_no(1), state, channel: channel.map(str::to_owned), below };
        let serial = |record: Record| match record {
            Record::Card(card) => card.id.serial,
            other => panic!("a scan of cards gave {other:?}"),
        };
        walk(&store, &of, 2).into_iter().map(serial).collect::<Vec<u32>>()
    };
    assert_eq!(found(None, None, 5), [0, 1, 2, 3, 4]);
    assert_eq!(found(Some(CardState::Issued), None, 12), [1, 6, 11]);
    assert_eq!(found(Some(CardState::Issued), None, 11), [1, 6]);
    assert_eq!(found(None, Some("north"), 12), [1, 4, 7, 10]);
    assert_eq!(found(Some(CardState::Issued), Some("south"), 12), [11]);
    assert_eq!(found(Some(CardState::Minted), Some("north"), 10), [0; 0]);
    assert_eq!(found(None, None, 0), [0; 0]);
}

/// The same keys stand in every tenant, and in the test world, without meeting.
pub fn p12_tenants_and_worlds_are_apart<S: Store>(make: Make<'_, S>) {
    let store = make();
    let tenants = [
        TenantKey::new("default", World::Live),
        TenantKey::new("default", World::Test),
        TenantKey::new("defaul", World::Live),
    ];
    for (place, tenant) in tenants.iter().enumerate() {
        let mut it = card(1, 1, true);
        it.uses_left = u32::try_from(place).unwrap() + 1;
        let mark = full_event(Target::Card(card_id(1, 1), 1), Some("k-1"));
        let whole = changes().adds(Record::Card(it)).adds(batch(1, "b-1", true)).tells(mark);
        put(&store, Changeset { tenant: tenant.clone(), ..whole });
    }
    for (place, tenant) in tenants.iter().enumerate() {
        let stored = get_of(&store, tenant, Key::Card(card_id(1, 1))).unwrap();
        let Record::Card(it) = &stored.record else { panic!("a card's key holds {stored:?}") };
        assert_eq!(it.uses_left, u32::try_from(place).unwrap() + 1);
        for of in [all_cards(1), ScanOf::Batches, ScanOf::EventsOfCard(card_id(1, 1))] {
            let page = store.scan(&Scan { tenant: tenant.clone(), of, after: None, limit: 10 }).unwrap();
            assert_eq!(page.items.len(), 1);
        }
    }
    let nobody = TenantKey::new("nobody", World::Live);
    assert_eq!(get_of(&store, &nobody, Key::Card(card_id(1, 1))), None);
    let page = store.scan(&Scan { tenant: nobody, of: ScanOf::Batches, after: None, limit: 10 }).unwrap();
    assert_eq!((page.items, page.next), (Vec::new(), None));
}

/// Accounts, units, events of named things and of a batch's cards: what belongs, in order, for pages of any size.
pub fn p12_accounts_and_named_events_are_walked<S: Store>(make: Make<'_, S>) {
    let store = make();
    let writer = fresh();
    let book = |day: &str, cohort: &str| {
        let name = BookName::of_host("name", "promotion").unwrap();
        Owner::Book(Book { name, cohort: cohort.to_owned(), day: day.to_owned(), engine: 7 })
    };
    let ann = Owner::Holder(holder("ann"));
    let owners = [book("2026-11-11", "b:1"), book("2026-11-12", ""), ann.clone(), Owner::Holder(holder("anna"))];
    let units = ["CNY", "points", "uses:t"];
    let on = |owner: &Owner, unit: &str| Move { unit: unit.to_owned(), ..step(owner.clone(), 5, i64::MIN, i64::MAX) };
    let mut group = Vec::new();
    for owner in owners.iter().chain([&Owner::System]).rev() {
        group.push(units.iter().rev().fold(changes(), |all, name| all.moves(on(owner, name))));
    }
    group.push(changes().adds(unit("points", true)).adds(unit("growth", false)));
    let named = |name: &str| event(Target::Named(name.to_owned()));
    let observed = Event { kind: EventKind::Observed, ..named("a") };
    let mut told = changes().tells(named("a")).tells(named("b")).tells(observed).tells(named("a"));
    for (serial, place) in [(9, 1), (10, 1), (9, 2), (70_000, 1), (10, 2)] {
        told = told.tells(full_event(Target::Card(card_id(2, serial), place), None));
    }
    group.push(told.tells(full_event(Target::Card(card_id(3, 1), 1), None)));
    assert!(commit_as(&store, writer, 0, &group).iter().all(|outcome| *outcome == Committed));
    let key = |owner: &Owner, unit: &str| Key::Account(owner.clone(), unit.to_owned());
    let all = |owners: &[Owner]| -> Vec<Key> {
        owners.iter().flat_map(|owner| units.iter().map(|unit| key(owner, unit)).collect::<Vec<_>>()).collect()
    };
    let events = |places: &[u64]| places.iter().map(|n| Key::Event(writer, *n)).collect::<Vec<_>>();
    let every = [all(&owners), all(&[Owner::System])].concat();
    let expected = [
        (ScanOf::Accounts, every),
        (ScanOf::Books, all(owners.get(..2).unwrap())),
        (ScanOf::AccountsOf(ann.clone()), all(&[ann])),
        (ScanOf::AccountsOf(Owner::Channel("none".to_owned())), Vec::new()),
        (ScanOf::Units, ["growth", "points"].map(|name| Key::Unit(name.to_owned())).into()),
        (ScanOf::EventsNamed("a".to_owned()), events(&[0, 3])),
        (ScanOf::EventsNamed("none".to_owned()), Vec::new()),
        (ScanOf::EventsOfBatch(batch_no(2)), events(&[4, 6, 5, 8, 7])),
        (ScanOf::EventsOfBatch(batch_no(9)), Vec::new()),
    ];
    for (of, expected) in expected {
        for limit in [1, 2, 3, 1_000] {
            assert_eq!(keys(&walk(&store, &of, limit)), expected, "{of:?} in pages of {limit}");
        }
    }
}

/// What a commit wrote is found, and what it took away is no longer found, under every second key at once.
pub fn p13_second_keys_follow_at_once<S: Store>(make: Make<'_, S>) {
    let store = make();
    let writer = fresh();
    let id = card_id(1, 1);
    let held = |name: Option<&str>| {
        let mut it = card(1, 1, true);
        it.holder = name.map(holder);
        Record::Card(it)
    };
    let of = |name: &str| walk(&store, &ScanOf::CardsOfHolder(holder(name)), 10).len();
    let told = |place, key| full_event(Target::Card(id, place), Some(key));
    let group = [changes().adds(held(None)).adds(batch(1, "b-1", true)).tells(told(1, "k-1"))];
    assert_eq!(commit_as(&store, writer, 0, &group), [Committed]);
    let mut version = group[0].version;
    assert_eq!((of("a"), of("b")), (0, 0));
    // Without a change of holder, too: what is not touched stays.
    for (name, found) in [("a", (1, 0)), ("a", (1, 0)), ("b", (0, 1))] {
        version = put(&store, changes().writes(Expect::Version(version), held(Some(name))));
        assert_eq!((of("a"), of("b")), found);
    }
    put(&store, changes().writes(Expect::Version(version), held(None)));
    assert_eq!((of("a"), of("b")), (0, 0));
    let named = get(&store, Key::BatchNamed("b-1".to_owned())).unwrap();
    assert_eq!(named.record.key(), Key::Batch(batch_no(1)));
    let version = put(&store, changes().writes(Expect::Version(named.version), batch(1, "b-1", false)));
    assert_eq!(get(&store, Key::BatchNamed("b-1".to_owned())).unwrap().version, version);
    let asked = get(&store, Key::Request("claim".to_owned(), "k-1".to_owned())).unwrap();
    assert_eq!(asked.record.key(), Key::Event(writer, 0));
    put(&store, changes().adds(redemption("r-1", "o-1", id, false)));
    for of in [ScanOf::RedemptionsOfOrder("o-1".to_owned()), ScanOf::RedemptionsOfCard(id), ScanOf::EventsOfCard(id)] {
        assert_eq!(walk(&store, &of, 10).len(), 1, "{of:?}");
    }
}

fn writers(store: &impl Store) -> Vec<Writer> {
    let records = walk(store, &ScanOf::Writers, 1_000);
    let writer = |record: &Record| match record {
        Record::Writer(writer) => *writer,
        other => panic!("a scan of writers gives {other:?}"),
    };
    records.iter().map(writer).collect()
}

/// A look at the journal goes over everybody's places, gives the tenant's own, and says how far it looked.
pub fn p18_the_journal_is_looked_at_place_by_place<S: Store>(make: Make<'_, S>) {
    let store = make();
    let (one, two, unknown) = (fresh(), fresh(), fresh());
    let other = TenantKey::new("other", World::Live);
    let told = |tenant: TenantKey| Changeset { tenant, ..changes() }.tells(event(Target::Tenant));
    // Ours stand at even places of the first, and at all of the second.
    for n in 0..6 {
        let whose = if n % 2 == 0 { tenant() } else { other.clone() };
        assert_eq!(commit_as(&store, one, n, &[told(whose)]), [Committed]);
    }
    assert_eq!(commit_as(&store, two, 0, &[told(tenant()), told(tenant())]), [Committed; 2]);
    let look = |tenant: &TenantKey, from: &[(u64, u64)], limit| {
        let scan = Scan { tenant: tenant.clone(), of: ScanOf::Journal(from.to_vec()), after: None, limit };
        let page = store.scan(&scan).unwrap();
        let places: Vec<_> = page_keys(&page)
            .into_iter()
            .map(|key| match key {
                Key::Event(writer, n) => (writer, n),
                other => panic!("a look at the journal gives {other:?}"),
            })
            .collect();
        (places, page.next.unwrap())
    };
    let ours = tenant();
    let all = look(&ours, &[(two, 0), (one, 0), (unknown, 3)], 10);
    assert_eq!(all, (vec![(two, 0), (two, 1), (one, 0), (one, 2), (one, 4)], "2,6,3".to_owned()));
    assert_eq!(look(&ours, &[(one, 1), (two, 0)], 2), (vec![(one, 2), (two, 0), (two, 1)], "3,2".to_owned()));
    assert_eq!(look(&ours, &[(one, 1)], 1), (vec![], "2".to_owned()), "somebody else's place");
    assert_eq!(look(&other, &[(one, 1), (two, 0)], 10), (vec![(one, 1), (one, 3), (one, 5)], "6,2".to_owned()));
    assert_eq!(look(&ours, &[(one, 6), (two, 9)], 10), (vec![], "6,9".to_owned()));
    let nobody = TenantKey::new("nobody", World::Live);
    assert_eq!(look(&nobody, &[(one, 0)], 10), (vec![], "6".to_owned()));
}

/// A writer is there with its first event and never changes its number.
pub fn p19_writers_are_numbered_as_they_come<S: Store>(make: Make<'_, S>) {
    let store = make();
    assert_eq!(writers(&store), []);
    let bits = [fresh(), fresh(), fresh()];
    let mut known: Vec<Writer> = Vec::new();
    for (place, bits) in bits.into_iter().enumerate() {
        assert_eq!(commit_as(&store, bits, 0, &[changes().tells(event(Target::Tenant))]), [Committed]);
        let now = writers(&store);
        assert_eq!(now.len(), place + 1);
        assert_eq!(now[..place], known[..]);
        assert_eq!((now[place].bits, now[place].events), (bits, 1));
        assert!(known.last().is_none_or(|last| last.no < now[place].no));
        known = now;
    }
    // One that has nothing to tell is none, and one that conflicts has told nothing.
    let stale = changes().writes(Expect::Version(Version(fresh())), Record::Card(card(1, 1, true)));
    commit_as(&store, fresh(), 0, &[stale.tells(event(Target::Tenant))]);
    commit_as(&store, bits[0], 1, &[changes().tells(event(Target::Tenant)), changes().tells(event(Target::Tenant))]);
    let now = writers(&store);
    assert_eq!(
        now.iter().map(|writer| writer.no).collect::<Vec<_>>(),
        known.iter().map(|writer| writer.no).collect::<Vec<_>>()
    );
    assert_eq!(now.iter().map(|writer| writer.events).collect::<Vec<_>>(), [3, 1, 1]);
    let foreign = Scan { tenant: TenantKey::new("nobody", World::Test), of: ScanOf::Writers, after: None, limit: 9 };
    assert_eq!(store.scan(&foreign).unwrap().items.len(), 3, "committers are nobody's own");
}

/// An event of a card is found by its place among the card's.
pub fn p13_an_event_is_found_by_its_place_in_the_card<S: Store>(make: Make<'_, S>) {
    let store = make();
    let (writer, id) = (fresh(), card_id(1, 1));
    let told = (1..=3).fold(changes(), |told, place| told.tells(full_event(Target::Card(id, place), None)));
    assert_eq!(commit_as(&store, writer, 5, &[told]), [Committed]);
    let at = |card, place| get(&store, Key::CardEvent(card, place)).map(|stored| stored.record.key());
    assert_eq!(at(id, 2), Some(Key::Event(writer, 6)));
    assert_eq!((at(id, 4), at(card_id(1, 2), 1)), (None, None));
}
