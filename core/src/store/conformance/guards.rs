//! Promise 21: what a changeset rests on and does not write.

use super::samples::{card, card_id, step};
use super::*;
use crate::store::{Guard, Owner};

fn on_row(expect: Expect) -> Guard {
    Guard::Row(Key::Card(card_id(1, 1)), expect)
}

fn on_balance(balance: i64) -> Guard {
    Guard::Balance(Owner::System, step(Owner::System, 0, 0, 0).unit, balance)
}

/// A changeset that writes something of its own and guards this.
fn guarding(serial: u32, guard: Guard) -> Changeset {
    Changeset { guards: vec![guard], ..changes().adds(Record::Card(card(2, serial, true))) }
}

/// A row that came, changed, or is as it was; an account that moved, also away and back.
pub fn p21_what_is_guarded_is_as_it_was_seen<S: Store>(make: Make<'_, S>) {
    let store = make();
    let absent = |serial| guarding(serial, on_row(Expect::Absent));
    assert_eq!(commit_one(&store, absent(0)), Committed);
    let first = put(&store, changes().adds(Record::Card(card(1, 1, true))));
    assert_eq!(commit_one(&store, absent(1)), Conflict, "somebody touched it");
    let seen = |serial, version| guarding(serial, on_row(Expect::Version(version)));
    assert_eq!(commit_one(&store, seen(2, first)), Committed);
    assert_eq!(commit_one(&store, seen(3, first)), Committed, "to guard is not to change");
    let second = put(&store, changes().writes(Expect::Version(first), Record::Card(card(1, 1, true))));
    assert_eq!(commit_one(&store, seen(4, first)), Conflict, "the same again, and yet written");
    assert_eq!(commit_one(&store, seen(5, second)), Committed);
    assert_eq!(commit_one(&store, guarding(6, on_balance(0))), Committed, "never moved");
    put(&store, changes().moves(step(Owner::System, 3, 0, 9)));
    assert_eq!(commit_one(&store, guarding(7, on_balance(0))), Conflict);
    assert_eq!(commit_one(&store, guarding(8, on_balance(3))), Committed);
    for (serial, there) in [true, false, true, true, false, true, true, false, true].into_iter().enumerate() {
        let key = Key::Card(card_id(2, u32::try_from(serial).unwrap_or(u32::MAX)));
        assert_eq!(get(&store, key).is_some(), there, "card {serial}");
    }
}

/// A guard meets what the members before its own did, and nothing of those behind it; whoever does not stand takes its dependants along.
pub fn p21_guards_stand_where_their_member_does<S: Store>(make: Make<'_, S>) {
    let store = make();
    let first = put(&store, changes().adds(Record::Card(card(1, 1, true))));
    let moves = |delta| changes().moves(step(Owner::System, delta, 0, 9));
    let writes = |seen| changes().writes(Expect::Version(seen), Record::Card(card(1, 1, true)));
    let written = writes(first);
    let version = written.version;
    let group = [
        guarding(0, on_row(Expect::Version(first))),
        written.clone(),
        guarding(1, on_row(Expect::Version(version))).rests_on(1),
        guarding(2, on_balance(0)),
        moves(4),
        guarding(3, on_balance(4)).rests_on(4),
        moves(-1),
    ];
    assert_eq!(commit(&store, &group), [Committed; 7]);
    let group = [
        guarding(4, on_row(Expect::Version(first))),
        moves(1),
        guarding(5, on_balance(3)),
        changes().adds(Record::Card(card(2, 9, true))).rests_on(2),
        guarding(6, on_balance(4)),
        writes(version),
    ];
    assert_eq!(commit(&store, &group), [Conflict, Committed, Conflict, Conflict, Committed, Committed]);
    assert_eq!(balance(&store, &step(Owner::System, 0, 0, 0)), 4);
}

/// Each of two threads takes one where it guards that the other account has nothing: never do both accounts have something.
pub fn p21_two_that_guard_each_other_do_not_both_come_through<S: Store>(make: Make<'_, S>) {
    for round in 0..20 {
        let store = make();
        let of = |name: &str| Owner::Scope(format!("{name}:{round}"));
        let unit = step(Owner::System, 0, 0, 0).unit;
        let one = |own: &str, other: &str| Changeset {
            guards: vec![Guard::Balance(of(other), unit.clone(), 0)],
            ..changes().moves(step(of(own), 1, 0, 9))
        };
        let came: Vec<_> = std::thread::scope(|scope| {
            let take = |own, other| {
                let changeset = one(own, other);
                let store = &store;
                scope.spawn(move || commit_one(store, changeset))
            };
            let takers = [take("left", "right"), take("right", "left")];
            takers.into_iter().map(|taker| taker.join().unwrap()).collect()
        });
        assert_eq!(came.iter().filter(|outcome| **outcome == Committed).count(), 1, "round {round}");
    }
}
