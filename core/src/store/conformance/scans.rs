//! Promises 12 and 13: scans and second keys.

use super::samples::{
    batch, batch_no, campaign, card, card_id, full_event, hold, holder, member, redemption, template,
};
use super::*;
use crate::card::{CardState, HoldId, HoldOf, Target};
use crate::code::World;
use crate::store::Page;

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
    group.push(told.tells(full_event(Target::Card(card_id(2, 10), 1), None)));
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
        (ScanOf::EventsOfWriter(writer), (0..13).map(|n| Key::Event(writer, n)).collect()),
        (ScanOf::RedemptionsOfOrder("o-1".to_owned()), redemptions.clone()),
        (ScanOf::RedemptionsOfCard(id), redemptions),
        (ScanOf::HoldsOfOrder("o-1".to_owned()), holds),
        (ScanOf::HoldsOfOrder("none".to_owned()), Vec::new()),
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
