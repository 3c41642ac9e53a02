//! Promises 7, 8 and 10: what becomes of a group when a member falls out.

use super::samples::{card, card_id, event, step};
use super::*;
use crate::card::Target;
use crate::store::Owner;

fn with_uses(uses_left: u32) -> Record {
    let mut it = card(1, 1, true);
    it.uses_left = uses_left;
    Record::Card(it)
}

fn stale() -> Changeset {
    changes().writes(Expect::Version(Version(fresh())), with_uses(1))
}

fn uses(store: &impl Store) -> u32 {
    match &get(store, Key::Card(card_id(1, 1))).unwrap().record {
        Record::Card(card) => card.uses_left,
        other => panic!("a card's key holds {other:?}"),
    }
}

/// Direct and indirect dependants fall out, though nothing of their own is in the way; so does one that names no member.
pub fn p07_dependants_fall_out_with_what_they_rest_on<S: Store>(make: Make<'_, S>) {
    let store = make();
    put(&store, changes().adds(with_uses(9)));
    let adds = |serial| changes().adds(Record::Card(card(2, serial, true)));
    let group = [
        adds(0),
        stale(),
        adds(1).rests_on(1),
        adds(2).rests_on(0),
        adds(3).rests_on(0).rests_on(2),
        adds(4),
        adds(5).rests_on(99),
    ];
    let outcomes = commit(&store, &group);
    assert_eq!(outcomes, [Committed, Conflict, Conflict, Committed, Conflict, Committed, Conflict]);
    for (serial, there) in [(0, true), (1, false), (2, true), (3, false), (4, true), (5, false)] {
        assert_eq!(get(&store, Key::Card(card_id(2, serial))).is_some(), there, "card {serial}");
    }
}

/// Two uses are decided in one group, one on the other; meanwhile somebody else loads the card. The first conflicts; the second
/// would match by accident if versions were counters, and is written over nobody's load.
pub fn p07_a_dropped_member_leaves_no_ghost<S: Store>(make: Make<'_, S>) {
    let store = make();
    let seen = put(&store, changes().adds(with_uses(100)));
    let takes_60 = changes().writes(Expect::Version(seen), with_uses(40));
    let takes_30 = changes().writes(Expect::Version(takes_60.version), with_uses(10)).rests_on(0);
    let loads_50 = put(&store, changes().writes(Expect::Version(seen), with_uses(150)));
    assert_eq!(commit(&store, &[takes_60, takes_30.clone()]), [Conflict, Conflict]);
    assert_eq!(uses(&store), 150);
    // Even where the foreign version is the very one that the second expects.
    let ghost = Changeset { writes: Vec::new(), ..takes_30 }.writes(Expect::Version(loads_50), with_uses(10));
    let first = changes().writes(Expect::Version(seen), with_uses(40));
    assert_eq!(commit(&store, &[first, ghost]), [Conflict, Conflict]);
    assert_eq!(uses(&store), 150);
}

/// Those that do not fall out are committed, also around the one that does; the last of them has the last word.
pub fn p08_the_others_of_a_group_are_committed_in_order<S: Store>(make: Make<'_, S>) {
    let store = make();
    put(&store, changes().adds(with_uses(9)));
    let mut group = Vec::new();
    for serial in 0..20 {
        let added = changes().adds(Record::Card(card(2, serial, true)));
        group.push(if serial % 3 == 1 { stale() } else { added.moves(step(Owner::System, 1, 0, 10)) });
    }
    let outcomes = commit(&store, &group);
    // Fourteen members are sound, but the account takes only ten: which of them, their order says.
    let mut left = 10;
    for (serial, outcome) in outcomes.iter().enumerate() {
        let sound = serial % 3 != 1 && left > 0;
        left -= i32::from(sound);
        assert_eq!(*outcome == Committed, sound, "member {serial}");
        let there = get(&store, Key::Card(card_id(2, u32::try_from(serial).unwrap()))).is_some();
        assert_eq!(there, sound, "card {serial}");
    }
    assert_eq!(balance(&store, &step(Owner::System, 0, 0, 0)), 10);
}

/// A later member expects what an earlier one wrote, and meets its accounts and second keys.
pub fn p08_members_see_those_before_them<S: Store>(make: Make<'_, S>) {
    let store = make();
    let first = changes().adds(with_uses(3));
    let second = changes().writes(Expect::Version(first.version), with_uses(2)).rests_on(0);
    let third = changes().writes(Expect::Version(second.version), with_uses(1)).rests_on(1);
    let again = changes().adds(with_uses(8));
    assert_eq!(commit(&store, &[first, second, third, again]), [Committed, Committed, Committed, Conflict]);
    assert_eq!(uses(&store), 1);
    let marked = || changes().tells(samples::full_event(Target::Tenant, Some("k-1")));
    let one = |delta| changes().moves(step(Owner::System, delta, 0, 1));
    assert_eq!(
        commit(&store, &[marked(), one(1), marked(), one(1), one(-1)]),
        [Committed, Committed, Conflict, Conflict, Committed]
    );
}

/// The events of a group, and of the next, follow each other.
pub fn p10_events_stand_without_a_gap<S: Store>(make: Make<'_, S>) {
    let store = make();
    let writer = fresh();
    let told = |events: usize| (0..events).fold(changes(), |changeset, _| changeset.tells(event(Target::Tenant)));
    assert_eq!(commit_as(&store, writer, 0, &[told(2), told(0), told(3)]), [Committed; 3]);
    assert_eq!(commit_as(&store, writer, 5, &[told(1)]), [Committed]);
    assert_eq!(numbers(&store, writer), [0, 1, 2, 3, 4, 5]);
    assert_eq!(get(&store, Key::Event(writer, 6)), None);
    assert_eq!(get(&store, Key::Event(fresh(), 0)), None);
}

/// A member that falls out leaves no hole, wherever it stood and however many events it had.
pub fn p10_events_stay_dense_when_a_member_falls_out<S: Store>(make: Make<'_, S>) {
    let store = make();
    let writer = fresh();
    let named = |changeset: Changeset, name: &str| changeset.tells(event(Target::Named(name.to_owned())));
    put(&store, changes().adds(with_uses(9)));
    let group = [
        named(stale(), "x"),
        named(named(changes(), "a"), "b"),
        named(named(stale(), "x"), "x"),
        named(changes().rests_on(2), "x"),
        named(changes(), "c"),
        named(changes(), "x").moves(step(Owner::System, 1, 0, 0)),
    ];
    let outcomes = commit_as(&store, writer, 7, &group);
    assert_eq!(outcomes, [Conflict, Committed, Conflict, Conflict, Committed, Conflict]);
    assert_eq!(numbers(&store, writer), [7, 8, 9]);
    let names: Vec<Target> = walk(&store, &ScanOf::EventsOfWriter(writer), 2)
        .into_iter()
        .map(|record| match record {
            Record::Event(stored) => stored.event.target,
            other => panic!("a scan of events gave {other:?}"),
        })
        .collect();
    assert_eq!(names, ["a", "b", "c"].map(|name| Target::Named(name.to_owned())));
}

fn numbers(store: &impl Store, writer: u64) -> Vec<u64> {
    let number = |record: Record| match record {
        Record::Event(stored) if stored.writer == writer => stored.n,
        other => panic!("a scan of a writer's events gave {other:?}"),
    };
    walk(store, &ScanOf::EventsOfWriter(writer), 2).into_iter().map(number).collect()
}

/// Asked when the store has its turn: nothing is written, and the same group goes through when it is asked for again.
pub fn p14_a_group_that_no_longer_stands_falls_out<S: Store>(make: Make<'_, S>) {
    let store = make();
    let group = [changes().adds(with_uses(9)), changes().tells(event(Target::Tenant))];
    let asked = AtomicU64::new(0);
    let no = || {
        asked.fetch_add(1, Ordering::SeqCst);
        false
    };
    let (writer, first_event) = (fresh() >> 1, 0);
    let old = Group { writer, first_event, changesets: &group, stands: Stands::while_true(&no) };
    assert_eq!(store.commit(old).unwrap(), [Conflict, Conflict]);
    assert!(asked.load(Ordering::SeqCst) > 0);
    assert!(get(&store, Key::Card(card_id(1, 1))).is_none());
    let yes = || true;
    let young = Group { stands: Stands::while_true(&yes), ..old };
    assert_eq!(store.commit(young).unwrap(), [Committed, Committed]);
    assert_eq!(uses(&store), 9);
}
