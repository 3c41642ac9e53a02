//! Promise 16: nobody else commits while a turn lives. A store that gives none keeps it by that.

use super::samples::{card, card_id, event};
use super::*;
use crate::card::Target;
use crate::store::Turn;

/// The next turn, however long others keep it; `None` where the store gives none.
fn turn(store: &impl Store) -> Option<Box<dyn Turn + '_>> {
    loop {
        match store.turn() {
            Ok(turn) => return turn,
            Err(StoreError::Busy(_)) => {}
            Err(error) => panic!("no turn: {error}"),
        }
    }
}

fn card_in(turn: &dyn Turn) -> Arc<Stored> {
    let lookup = Lookup::exact(&tenant(), Key::Card(card_id(1, 1)));
    turn.load(&[lookup]).unwrap().pop().unwrap().expect("the card that was put there")
}

/// Uses the card once more, as it stands.
fn used(stored: &Stored) -> Changeset {
    let Record::Card(card) = &stored.record else { panic!("a card's key holds {stored:?}") };
    let mut card = card.clone();
    card.uses_left -= 1;
    changes().writes(Expect::Version(stored.version), Record::Card(card)).tells(event(Target::Tenant))
}

fn commit_in(turn: Box<dyn Turn + '_>, changeset: Changeset) -> CommitOutcome {
    let group = Group { writer: fresh(), first_event: 0, changesets: &[changeset], stands: Stands::default() };
    turn.commit(group).unwrap()[0]
}

/// Eight threads use one card, half of them in turns and half without: who reads and writes in one turn never conflicts, though
/// the others come between wherever they can.
pub fn p16_what_is_decided_in_a_turn_never_conflicts<S: Store>(make: Make<'_, S>) {
    let store = make();
    let mut full = card(1, 1, true);
    full.uses_left = 1_000;
    put(&store, changes().adds(Record::Card(full)));
    if turn(&store).is_none() {
        return;
    }
    let won: u32 = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let store = &store;
                scope.spawn(move || {
                    let outcomes = (0..10).map(|_| {
                        if thread % 2 == 0 {
                            let turn = turn(store).expect("a store that gave one");
                            let before = card_in(&*turn);
                            assert_eq!(card_in(&*turn), before, "all loads of a turn are one snapshot");
                            assert_eq!(commit_in(turn, used(&before)), Committed);
                            Committed
                        } else {
                            commit_one(store, used(&get(store, Key::Card(card_id(1, 1))).unwrap()))
                        }
                    });
                    outcomes.filter(|outcome| *outcome == Committed).count()
                })
            })
            .collect();
        threads.into_iter().map(|thread| u32::try_from(thread.join().unwrap()).unwrap()).sum()
    });
    let Record::Card(left) = &get(&store, Key::Card(card_id(1, 1))).unwrap().record else { panic!("no card") };
    assert_eq!(left.uses_left, 1_000 - won, "every commit is one use");
}

/// A turn that is given up is nobody's any more, and left nothing.
pub fn p16_a_turn_that_is_dropped_has_written_nothing<S: Store>(make: Make<'_, S>) {
    let store = make();
    let seen = put(&store, changes().adds(Record::Card(card(1, 1, true))));
    let Some(first) = turn(&store) else { return };
    assert_eq!(card_in(&*first).version, seen);
    drop(first);
    let second = turn(&store).expect("a store that gave one");
    let before = card_in(&*second);
    assert_eq!(before.version, seen);
    // What does not stand falls out in a turn, too, and ends it.
    let stale = changes().writes(Expect::Version(Version(seen.0 ^ 1)), before.record.clone());
    assert_eq!(commit_in(second, stale), Conflict);
    assert_eq!(get(&store, Key::Card(card_id(1, 1))).unwrap(), before);
    assert_eq!(commit_one(&store, used(&before)), Committed);
}

/// Where somebody has the turn, a second one is refused at once, whichever thread asks; where nobody has it, it is given.
pub fn p16_a_free_turn_is_had_at_once_or_not_at_all<S: Store>(make: Make<'_, S>) {
    let store = make();
    let seen = put(&store, changes().adds(Record::Card(card(1, 1, true))));
    let free = |store: &S| store.turn_if_free().unwrap().is_some();
    let Some(first) = store.turn_if_free().unwrap() else { return };
    assert_eq!(card_in(&*first).version, seen);
    assert!(!free(&store));
    std::thread::scope(|scope| assert!(!scope.spawn(|| free(&store)).join().unwrap()));
    let before = card_in(&*first);
    assert_eq!(commit_in(first, used(&before)), Committed);
    // Given, dropped, and given again: a turn that wrote nothing leaves nothing.
    assert!(free(&store));
    assert!(std::thread::scope(|scope| scope.spawn(|| free(&store)).join().unwrap()));
    let before = get(&store, Key::Card(card_id(1, 1))).unwrap();
    assert_eq!(commit_one(&store, used(&before)), Committed);
}
