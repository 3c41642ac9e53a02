//! Promises 1 and 9: what a read sees.

use super::samples::{card, card_id, every_record, full_event, product_set, refund, settings, step, template};
use super::*;
use crate::card::Target;
use crate::store::Owner;

/// Known, unknown and doubled look-ups, each answered in its place.
pub fn p01_load_answers_every_look_up_in_order<S: Store>(make: Make<'_, S>) {
    let store = make();
    assert_eq!(store.load(&[]).unwrap(), []);
    assert_eq!(get(&store, Key::Settings), None);
    put(&store, changes().adds(settings("UTC")).adds(Record::Card(card(1, 5, true))));
    let card_key = Key::Card(card_id(1, 5));
    let keys =
        [card_key.clone(), Key::Card(card_id(1, 6)), Key::Settings, card_key.clone(), Key::Stock(card_id(1, 0).batch)];
    let lookups: Vec<Lookup> = keys.iter().map(|key| Lookup::exact(&tenant(), key.clone())).collect();
    let found = store.load(&lookups).unwrap();
    let found: Vec<Option<Key>> =
        found.iter().map(|stored| stored.as_ref().map(|stored| stored.record.key())).collect();
    assert_eq!(found, [Some(card_key.clone()), None, Some(Key::Settings), Some(card_key), None]);
}

/// Two accounts between which a sum moves to and fro never show another total.
pub fn p01_load_is_one_snapshot<S: Store>(make: Make<'_, S>) {
    let store = make();
    let owners = [Owner::Channel("north".to_owned()), Owner::System];
    let carry = |delta: i64| {
        let there = step(owners[0].clone(), delta, -1_000, 1_000);
        changes().moves(there).moves(step(owners[1].clone(), -delta, -1_000, 1_000))
    };
    put(&store, carry(1));
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for round in 0..150 {
                put(&store, carry(if round % 2 == 0 { 7 } else { -7 }));
            }
        });
        while !writer.is_finished() {
            let key = |owner: &Owner| Lookup::exact(&tenant(), Key::Account(owner.clone(), "uses:ten-off".to_owned()));
            let found = store.load(&[key(&owners[0]), key(&owners[1])]).unwrap();
            let total: i64 = found
                .iter()
                .map(|stored| match &stored.as_ref().unwrap().record {
                    Record::Account(account) => account.balance,
                    other => panic!("an account's key holds {other:?}"),
                })
                .sum();
            assert_eq!(total, 0, "the two accounts were read at different moments");
        }
    });
}

/// Whoever heard of a commit finds it, from any thread.
pub fn p01_load_is_not_older_than_the_call<S: Store>(make: Make<'_, S>) {
    let store = make();
    for serial in 0..40 {
        put(&store, changes().adds(Record::Card(card(1, serial, false))));
        std::thread::scope(|scope| {
            scope.spawn(|| assert!(get(&store, Key::Card(card_id(1, serial))).is_some()));
        });
    }
}

/// `floor` finds the greatest version at or below, under the same name only.
pub fn p01_floor_is_the_newest_version_at_or_below<S: Store>(make: Make<'_, S>) {
    let store = make();
    for version in [1, 3, 4] {
        put(&store, changes().adds(template("b", version)).adds(product_set("b", version)).adds(refund("b", version)));
    }
    put(&store, changes().adds(template("a", 9)).adds(product_set("a", 9)).adds(refund("a", 9)));
    put(&store, changes().adds(template("ba", 2)).adds(product_set("ba", 2)).adds(refund("ba", 2)));
    let version = |key: Key| {
        let found = store.load(&[Lookup::floor(&tenant(), key)]).unwrap();
        found[0].as_ref().map(|stored| stored.record.key())
    };
    let cases = [(0, None), (1, Some(1)), (2, Some(1)), (3, Some(3)), (4, Some(4)), (u32::MAX, Some(4))];
    for (asked, newest) in cases {
        let named = |version| Key::Template("b".to_owned(), version);
        assert_eq!(version(named(asked)), newest.map(named));
        let named = |version| Key::ProductSet("b".to_owned(), version);
        assert_eq!(version(named(asked)), newest.map(named));
        let named = |place| Key::Refund("b".to_owned(), place);
        assert_eq!(version(named(asked)), newest.map(named));
    }
    assert_eq!(version(Key::Template("c".to_owned(), 9)), None);
    assert_eq!(get(&store, Key::Template("b".to_owned(), 2)), None, "an exact look-up is no floor");
}

/// Everything that was acknowledged is there after the store was closed and opened again, versions and events included.
pub fn p09_what_was_committed_is_there_after_reopening<S: Store>(make: Make<'_, S>, reopen: &dyn Fn(S) -> S) {
    let store = make();
    let records = every_record();
    let version = put(&store, records.iter().cloned().fold(changes(), Changeset::adds));
    let writer = fresh();
    let told = changes().tells(full_event(Target::Tenant, Some("k-1"))).moves(step(Owner::System, 5, 0, 9));
    assert_eq!(commit_as(&store, writer, 0, &[told]), [Committed]);
    let store = reopen(store);
    for record in records {
        let stored = get(&store, record.key()).unwrap_or_else(|| panic!("{:?} is lost", record.key()));
        assert_eq!(*stored, Stored { version, record });
    }
    assert_eq!(balance(&store, &step(Owner::System, 0, 0, 0)), 5);
    assert!(get(&store, Key::Event(writer, 0)).is_some());
    let store = reopen(store);
    assert_eq!(commit_as(&store, writer, 1, &[changes().tells(full_event(Target::Tenant, Some("k-1")))]), [Conflict]);
}
