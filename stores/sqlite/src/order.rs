//! In which order a group's rows are touched: by key, so that neighbours are met together and every process goes the same way;
//! accounts last, since they are what many touch, and each of them once.

use std::collections::BTreeMap;

use cardmint::store::{Changeset, Expect, Guard, Lookup, Move, Owner, Write};

/// All writes of a group by tenant and key. Those of one key stay in the order in which they were decided.
pub(crate) fn writes(changesets: &[Changeset]) -> impl Iterator<Item = (&Changeset, &Write)> {
    let all = changesets.iter().flat_map(|changeset| changeset.writes.iter().map(move |write| (changeset, write)));
    let mut all: Vec<_> =
        all.map(|(changeset, write)| (&changeset.tenant, write.record.key(), changeset, write)).collect();
    all.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    all.into_iter().map(|(_, _, changeset, write)| (changeset, write))
}

/// What several moves of one account come to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shift<'a> {
    /// One of those that move it: whose tenant's account it is.
    pub(crate) changeset: &'a Changeset,
    pub(crate) owner: &'a Owner,
    pub(crate) unit: &'a str,
    pub(crate) delta: i128,
    /// Between these the balance has to be before, so that none of them passes its floor or ceiling.
    pub(crate) least: i128,
    pub(crate) most: i128,
}

impl<'a> Shift<'a> {
    /// A single move.
    pub(crate) fn of(changeset: &'a Changeset, step: &'a Move) -> Self {
        let delta = i128::from(step.delta);
        let (least, most) = (i128::from(step.floor) - delta, i128::from(step.ceiling) - delta);
        Self { changeset, owner: &step.owner, unit: &step.unit, delta, least, most }
    }

    fn place(&self) -> (&cardmint::store::TenantKey, &Owner, &str) {
        (&self.changeset.tenant, self.owner, self.unit)
    }

    /// This, and then another one.
    fn then(&mut self, next: &Self) {
        self.least = self.least.max(next.least - self.delta);
        self.most = self.most.min(next.most - self.delta);
        self.delta += next.delta;
    }
}

/// All moves of a group, those of one account as one.
pub(crate) fn shifts(changesets: &[Changeset]) -> Vec<Shift<'_>> {
    let of_one = |changeset| move |step| Shift::of(changeset, step);
    let mut all: Vec<Shift<'_>> =
        changesets.iter().flat_map(|changeset| changeset.moves.iter().map(of_one(changeset))).collect();
    all.sort_by(|one, other| one.place().cmp(&other.place()));
    all.dedup_by(|next, first| {
        let same = next.place() == first.place();
        if same {
            first.then(next);
        }
        same
    });
    all
}

/// What has to be there before a group, so that all of its guards stand when it is applied as a whole; `None` where one of them cannot.
pub(crate) fn guards(changesets: &[Changeset]) -> Option<Vec<(Lookup, Guard)>> {
    let mut all = Vec::new();
    if changesets.iter().all(|changeset| changeset.guards.is_empty()) {
        return Some(all);
    }
    let (mut written, mut moved) = (BTreeMap::new(), BTreeMap::<Lookup, i64>::new());
    for changeset in changesets {
        let at = |key| Lookup::exact(&changeset.tenant, key);
        for guard in &changeset.guards {
            let lookup = at(guard.key());
            match guard {
                Guard::Row(_, expect) => match written.get(&lookup) {
                    Some(version) if *expect == Expect::Version(*version) => {}
                    Some(_) => return None,
                    None => all.push((lookup, guard.clone())),
                },
                Guard::Balance(owner, unit, balance) => {
                    let before = balance.checked_sub(moved.get(&lookup).copied().unwrap_or(0))?;
                    all.push((lookup, Guard::Balance(owner.clone(), unit.clone(), before)));
                }
            }
        }
        written.extend(changeset.writes.iter().map(|write| (at(write.record.key()), changeset.version)));
        for Move { owner, unit, delta, .. } in &changeset.moves {
            let sum = moved.entry(at(cardmint::store::Key::Account(owner.clone(), unit.clone()))).or_default();
            *sum = sum.checked_add(*delta)?;
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cardmint::code::World;
    use cardmint::id::Version;
    use cardmint::store::TenantKey;

    fn moving(tenant: &str, moves: Vec<Move>) -> Changeset {
        let tenant = TenantKey::new(tenant, World::Live);
        Changeset {
            tenant,
            version: Version(1),
            after: Vec::new(),
            guards: Vec::new(),
            writes: Vec::new(),
            moves,
            events: Vec::new(),
        }
    }

    fn step(unit: &str, delta: i64, floor: i64, ceiling: i64) -> Move {
        Move { owner: Owner::System, unit: unit.to_owned(), delta, floor, ceiling }
    }

    #[test]
    fn moves_of_one_account_become_one_that_passes_wherever_all_of_them_do() {
        let group = [
            moving("a", vec![step("uses", 3, 0, 10)]),
            moving("b", vec![step("uses", 1, 0, 1)]),
            moving("a", vec![step("uses", -5, 0, 10), step("other", 1, 0, 1)]),
            moving("a", vec![step("uses", 4, 0, 6)]),
        ];
        let shifts = shifts(&group);
        assert_eq!(shifts.len(), 3);
        let uses =
            shifts.iter().find(|shift| shift.changeset.tenant == group[0].tenant && shift.unit == "uses").unwrap();
        assert_eq!(uses.delta, 2);
        for before in -20_i128..20 {
            let mut balance = before;
            let one_by_one = group.iter().filter(|changeset| changeset.tenant == group[0].tenant).all(|changeset| {
                changeset.moves.iter().filter(|step| step.unit == "uses").all(|step| {
                    balance += i128::from(step.delta);
                    (i128::from(step.floor)..=i128::from(step.ceiling)).contains(&balance)
                })
            });
            assert_eq!((uses.least..=uses.most).contains(&before), one_by_one, "from {before}");
        }
    }

    #[test]
    fn bounds_beyond_64_bits_are_worked_out_all_the_same() {
        let most = moving("a", vec![step("u", i64::MAX, i64::MIN, i64::MAX), step("u", i64::MAX, i64::MIN, i64::MAX)]);
        let group = [most];
        let shifts = shifts(&group);
        assert_eq!((shifts.len(), shifts[0].delta), (1, 2 * i128::from(i64::MAX)));
        assert!(shifts[0].least <= -2 * i128::from(i64::MAX) && shifts[0].most == -i128::from(i64::MAX));
    }
}
