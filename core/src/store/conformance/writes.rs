//! Promises 2 to 4, 6 and 11: what a write needs, and what a refused one leaves.

use std::sync::Barrier;

use super::samples::{batch, batch_no, card, card_id, changed, event, every_record, full_event, redemption, step};
use super::*;
use crate::card::Target;
use crate::store::{Owner, StoredEvent};

/// Writes, moves and events of a changeset are all there.
pub fn p02_a_changeset_appears_wholly<S: Store>(make: Make<'_, S>) {
    let store = make();
    let (writer, id) = (fresh(), card_id(1, 1));
    let told = full_event(Target::Card(id, 1), Some("k-1"));
    let whole = changes()
        .adds(Record::Card(card(1, 1, true)))
        .adds(redemption("r-1", "o-1", id, true))
        .moves(step(Owner::Card(id), 3, 0, 5))
        .tells(told.clone());
    assert_eq!(commit_as(&store, writer, 0, &[whole]), [Committed]);
    assert!(get(&store, Key::Card(id)).is_some());
    assert!(get(&store, Key::Redemption("r-1".to_owned())).is_some());
    assert_eq!(balance(&store, &step(Owner::Card(id), 0, 0, 0)), 3);
    let stored = get(&store, Key::Event(writer, 0)).unwrap();
    assert_eq!(stored.record, Record::Event(StoredEvent { writer, n: 0, event: told }));
}

/// Whatever comes last and fails takes everything before it along.
pub fn p02_a_changeset_that_fails_at_its_end_leaves_nothing<S: Store>(make: Make<'_, S>) {
    let store = make();
    let id = card_id(1, 1);
    put(&store, changes().adds(Record::Card(card(1, 9, true))).tells(full_event(Target::Tenant, Some("taken"))));
    let begun = || {
        changes()
            .adds(Record::Card(card(1, 1, true)))
            .moves(step(Owner::System, 3, 0, 5))
            .tells(full_event(Target::Card(id, 1), Some("k-1")))
    };
    let failing = [
        begun().writes(Expect::Version(Version(fresh())), Record::Card(card(1, 9, true))),
        begun().adds(Record::Card(card(1, 9, true))),
        begun().moves(step(Owner::Card(id), 1, 0, 0)),
        begun().tells(full_event(Target::Tenant, Some("taken"))),
    ];
    for changeset in failing {
        let writer = fresh();
        assert_eq!(commit_as(&store, writer, 0, &[changeset]), [Conflict]);
        assert_eq!(get(&store, Key::Card(id)), None);
        assert_eq!(balance(&store, &step(Owner::System, 0, 0, 0)), 0);
        assert_eq!(get(&store, Key::Request("claim".to_owned(), "k-1".to_owned())), None);
        assert_eq!(get(&store, Key::Event(writer, 0)), None);
    }
}

/// Every type of record, full and bare, comes back as it was written, under the version of its changeset.
pub fn p03_every_record_reads_back_field_by_field<S: Store>(make: Make<'_, S>) {
    let store = make();
    for record in every_record() {
        assert_eq!(get(&store, record.key()), None);
        let version = put(&store, changes().adds(record.clone()));
        let stored = get(&store, record.key()).unwrap_or_else(|| panic!("{:?} is not found", record.key()));
        assert_eq!(*stored, Stored { version, record });
    }
    let writer = fresh();
    let card = Target::Card(card_id(1, 2), 1);
    let events = vec![
        event(Target::Tenant),
        event(Target::Named("spring".to_owned())),
        event(card.clone()),
        full_event(Target::Tenant, Some("k-1")),
        full_event(Target::Named("\u{6625}".to_owned()), None),
        full_event(card, Some("k-2")),
    ];
    let told = Changeset { events: events.clone(), ..changes() };
    assert_eq!(commit_as(&store, writer, 41, &[told]), [Committed]);
    for (n, event) in (41..).zip(events) {
        let record = Record::Event(StoredEvent { writer, n, event });
        let stored = get(&store, record.key()).unwrap();
        assert_eq!(*stored, Stored { version: Version(0), record });
    }
    for owner in [
        Owner::System,
        Owner::Card(card_id(1, 2)),
        Owner::Holder(samples::holder("a:b")),
        Owner::Channel("x:y".to_owned()),
    ] {
        put(&store, changes().moves(step(owner.clone(), 4, -9, 9)));
        assert_eq!(balance(&store, &step(owner, 0, 0, 0)), 4);
    }
    put(&store, changes().moves(step(Owner::System, -8, -9, 9)));
    assert_eq!(balance(&store, &step(Owner::System, 0, 0, 0)), -4, "what is the tenant's own may be below nothing");
}

/// No type of record is written twice as absent.
pub fn p03_absent_is_refused_where_the_key_is_taken<S: Store>(make: Make<'_, S>) {
    let store = make();
    for record in every_record() {
        let version = put(&store, changes().adds(record.clone()));
        assert_eq!(commit_one(&store, changes().adds(changed(&record))), Conflict, "{:?}", record.key());
        assert_eq!(*get(&store, record.key()).unwrap(), Stored { version, record });
    }
}

/// A batch's id, an event's request key and a redemption's key are unique on their own.
pub fn p03_unique_second_keys_are_refused_where_taken<S: Store>(make: Make<'_, S>) {
    let store = make();
    put(&store, changes().adds(batch(1, "b-1", true)).tells(full_event(Target::Tenant, Some("k-1"))));
    put(&store, changes().adds(redemption("r-1", "o-1", card_id(1, 1), true)));
    assert_eq!(commit_one(&store, changes().adds(batch(2, "b-1", true))), Conflict);
    assert_eq!(get(&store, Key::Batch(batch_no(2))), None);
    let again = full_event(Target::Named("other".to_owned()), Some("k-1"));
    assert_eq!(commit_one(&store, changes().tells(again)), Conflict);
    assert_eq!(commit_one(&store, changes().adds(redemption("r-1", "o-2", card_id(1, 2), false))), Conflict);
    // Within one changeset, too.
    let twice = changes().tells(full_event(Target::Tenant, Some("k-2"))).tells(full_event(Target::Tenant, Some("k-2")));
    assert_eq!(commit_one(&store, twice), Conflict);
    // Another operation's keys are others; no key is not taken by no key.
    let mut other_op = full_event(Target::Tenant, Some("k-1"));
    other_op.request.as_mut().unwrap().op = "redeem".to_owned();
    let free = changes().tells(other_op).tells(event(Target::Tenant)).tells(event(Target::Tenant));
    assert_eq!(commit_one(&store, free), Committed);
}

/// Every type of record is replaced under the version that it has, and under no other.
pub fn p04_every_record_is_replaced_by_its_version_only<S: Store>(make: Make<'_, S>) {
    let store = make();
    for record in every_record() {
        let first = put(&store, changes().adds(record.clone()));
        let next = changed(&record);
        let stale = changes().writes(Expect::Version(Version(first.0 ^ 1)), next.clone());
        assert_eq!(commit_one(&store, stale), Conflict, "{:?}", record.key());
        let second = put(&store, changes().writes(Expect::Version(first), next.clone()));
        assert_eq!(*get(&store, record.key()).unwrap(), Stored { version: second, record: next });
        assert_eq!(commit_one(&store, changes().writes(Expect::Version(first), record)), Conflict);
    }
}

/// There is no version that an absent record has.
pub fn p04_a_version_of_an_absent_record_is_refused<S: Store>(make: Make<'_, S>) {
    let store = make();
    for record in every_record() {
        for version in [0, fresh()] {
            let absent = changes().writes(Expect::Version(Version(version)), record.clone());
            assert_eq!(commit_one(&store, absent), Conflict);
        }
        assert_eq!(get(&store, record.key()), None);
    }
}

/// Eight threads write over the same version of a card, again and again: each time exactly one is told that it did.
pub fn p06_of_eight_threads_on_one_version_one_wins<S: Store>(make: Make<'_, S>) {
    let store = make();
    let mut version = put(&store, changes().adds(Record::Card(card(1, 1, true))));
    for round in 0..12 {
        let barrier = Barrier::new(8);
        let winners: Vec<(Version, u32)> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..8)
                .map(|racer| {
                    let (store, barrier) = (&store, &barrier);
                    scope.spawn(move || {
                        let mut mine = card(1, 1, true);
                        mine.uses_left = round * 8 + racer;
                        let changeset = changes().writes(Expect::Version(version), Record::Card(mine));
                        let own = changeset.version;
                        barrier.wait();
                        (commit_one(store, changeset) == Committed).then_some((own, round * 8 + racer))
                    })
                })
                .collect();
            racers.into_iter().filter_map(|racer| racer.join().unwrap()).collect()
        });
        assert_eq!(winners.len(), 1, "winners of one version");
        let stored = get(&store, Key::Card(card_id(1, 1))).unwrap();
        let Record::Card(left) = &stored.record else { panic!("a card's key holds {stored:?}") };
        assert_eq!((stored.version, left.uses_left), winners[0]);
        version = stored.version;
    }
}

/// Eight threads write a card that is not there yet.
pub fn p06_of_eight_threads_on_one_absent_key_one_wins<S: Store>(make: Make<'_, S>) {
    let store = make();
    for serial in 0..12 {
        let barrier = Barrier::new(8);
        let won: usize = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..8)
                .map(|racer| {
                    let (store, barrier) = (&store, &barrier);
                    scope.spawn(move || {
                        let record = if racer % 2 == 0 {
                            Record::Card(card(1, serial, true))
                        } else {
                            Record::Card(card(1, serial, false))
                        };
                        barrier.wait();
                        usize::from(commit_one(store, changes().adds(record)) == Committed)
                    })
                })
                .collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).sum()
        });
        assert_eq!(won, 1, "winners of one absent key");
    }
}

/// A group of which everything falls out leaves no trace, and the next group stands where it would have stood.
pub fn p11_a_conflict_writes_nothing_at_all<S: Store>(make: Make<'_, S>) {
    let store = make();
    let writer = fresh();
    assert_eq!(commit_as(&store, writer, 0, &[]), []);
    let stale = || changes().writes(Expect::Version(Version(fresh())), Record::Card(card(1, 1, true)));
    let group = [stale().tells(event(Target::Tenant)), stale().moves(step(Owner::System, 1, 0, 9))];
    assert_eq!(commit_as(&store, writer, 0, &group), [Conflict, Conflict]);
    assert_eq!(walk(&store, &ScanOf::EventsOfWriter(writer), 10), []);
    assert_eq!(commit_as(&store, writer, 0, &[changes().tells(event(Target::Tenant))]), [Committed]);
    assert_eq!(walk(&store, &ScanOf::EventsOfWriter(writer), 10).len(), 1);
}

/// A fence keeps a redemption out that expects nothing under its key, as one that was sent before it does; one that knows of it takes
/// its place, and keeps another fence out. Nothing lists it.
pub fn p17_a_fence_stands_in_the_place_of_a_redemption<S: Store>(make: Make<'_, S>) {
    let store = make();
    let redeemed = || redemption("r-1", "o-1", card_id(1, 1), true);
    let first = put(&store, changes().adds(samples::fence("r-1")));
    assert_eq!(commit_one(&store, changes().adds(redeemed())), Conflict);
    assert_eq!(commit_one(&store, changes().adds(samples::fence("r-1"))), Conflict);
    assert_eq!(walk(&store, &ScanOf::RedemptionsOfOrder("o-1".to_owned()), 10), Vec::new());
    let again = put(&store, changes().writes(Expect::Version(first), samples::fence("r-1")));
    assert_eq!(commit_one(&store, changes().writes(Expect::Version(first), redeemed())), Conflict);
    assert_eq!(get(&store, Key::Redemption("r-1".to_owned())).unwrap().record, samples::fence("r-1"));
    let done = put(&store, changes().writes(Expect::Version(again), redeemed()));
    assert_eq!(*get(&store, Key::Redemption("r-1".to_owned())).unwrap(), Stored { version: done, record: redeemed() });
    assert_eq!(walk(&store, &ScanOf::RedemptionsOfOrder("o-1".to_owned()), 10), [redeemed()]);
    assert_eq!(commit_one(&store, changes().adds(samples::fence("r-1"))), Conflict);
}
