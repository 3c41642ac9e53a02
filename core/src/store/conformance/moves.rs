//! Promise 5: accounts.

use super::samples::step;
use super::*;
use crate::store::{Move, Owner};

/// Every edge of floor and ceiling, from an account that is not there and from one that is.
pub fn p05_moves_stay_within_floor_and_ceiling<S: Store>(make: Make<'_, S>) {
    let store = make();
    let owner = Owner::System;
    // (delta, floor, ceiling, moved, balance after)
    let table = [
        (-1, 0, 10, false, 0),
        (11, 0, 10, false, 0),
        (0, 1, 10, false, 0),
        (10, 0, 10, true, 10),
        (1, 0, 10, false, 10),
        // The difference lies outside of the bounds, the sum within.
        (-4, 0, 10, true, 6),
        (4, 10, 10, true, 10),
        (-20, -10, 10, true, -10),
        (-1, -10, 10, false, -10),
        (0, -10, 10, true, -10),
        (10, 0, 0, true, 0),
    ];
    for (delta, floor, ceiling, moved, after) in table {
        let one = step(owner.clone(), delta, floor, ceiling);
        let outcome = commit_one(&store, changes().moves(one.clone()));
        assert_eq!(outcome == Committed, moved, "{delta} within {floor} to {ceiling}");
        assert_eq!(balance(&store, &one), after);
    }
    // The same account twice in a changeset: each step is checked where it stands.
    let up_and_down = changes().moves(step(owner.clone(), 10, 0, 10)).moves(step(owner.clone(), -3, 0, 10));
    assert_eq!(commit_one(&store, up_and_down), Committed);
    let twice = changes().moves(step(owner.clone(), 3, 0, 10)).moves(step(owner.clone(), 1, 0, 10));
    assert_eq!(commit_one(&store, twice), Conflict);
    assert_eq!(balance(&store, &step(owner, 0, 0, 0)), 7);
}

/// A sum that does not fit is outside of any bounds; it neither wraps nor becomes a float.
pub fn p05_sums_beyond_64_bits_are_refused<S: Store>(make: Make<'_, S>) {
    let store = make();
    for (edge, beyond) in [(i64::MAX, 1), (i64::MIN, -1)] {
        let owner = Owner::System;
        let unit = format!("edge{edge}");
        let one = |delta| Move { unit: unit.clone(), ..step(owner.clone(), delta, i64::MIN, i64::MAX) };
        let to = |delta| changes().moves(one(delta));
        assert_eq!(commit_one(&store, to(edge)), Committed);
        assert_eq!(commit_one(&store, to(beyond)), Conflict);
        assert_eq!(commit_one(&store, to(edge)), Conflict);
        assert_eq!(balance(&store, &one(0)), edge);
        assert_eq!(commit_one(&store, to(-beyond)), Committed);
    }
}

/// Eight threads take one at a time until nothing is left: exactly as many succeed as the ceiling allows.
pub fn p05_concurrent_movers_fill_a_ceiling_exactly<S: Store>(make: Make<'_, S>) {
    let store = make();
    let one = step(Owner::System, 1, 0, 50);
    let taken: usize = std::thread::scope(|scope| {
        let mover = || (0..10).filter(|_| commit_one(&store, changes().moves(one.clone())) == Committed).count();
        let movers: Vec<_> = (0..8).map(|_| scope.spawn(mover)).collect();
        movers.into_iter().map(|mover| mover.join().unwrap()).sum()
    });
    assert_eq!(taken, 50);
    assert_eq!(balance(&store, &one), 50);
}
