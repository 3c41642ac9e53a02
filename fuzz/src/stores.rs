//! Groups of changesets, made of any bytes, on the store in memory and on SQLite: both say the same of each, and hold the same after.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use cardmint::card::Stock;
use cardmint::code::World;
use cardmint::id::{BatchNo, Version};
use cardmint::ledger::Unit;
use cardmint::limit::Buckets;
use cardmint::store::{
    AccountHeld, Changeset, CommitOutcome, Expect, Fence, Group, Guard, Key, Lookup, MemoryStore, Move, Owner, Record,
    Stands, Store, TenantKey, Write,
};
use cardmint::subject::SubjectKey;
use cardmint::time::Instant;
use cardmint_sqlite::{Durability, Options, SqliteStore};

/// Inputs after which both begin anew: what they hold of earlier ones is no matter of this one, which has a tenant of its own.
const INPUTS_MAX: u64 = 5_000;

/// Names that a statement could trip over.
const NAMES: [&str; 6] = ["a", "a'b", "%", "é", "a/b:c", "\u{1f980}"];

struct Pair {
    memory: MemoryStore,
    sqlite: SqliteStore,
    inputs: u64,
    _folder: tempfile::TempDir,
}

thread_local! {
    static PAIR: RefCell<Option<Pair>> = const { RefCell::new(None) };
}

impl Pair {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("no folder: {error}"));
        let options = Options { durability: Durability::Normal, ..Options::default() };
        let sqlite = SqliteStore::open(folder.path().join("fuzz.db"), options);
        let sqlite = sqlite.unwrap_or_else(|error| panic!("no store: {error}"));
        Self { memory: MemoryStore::new(), sqlite, inputs: 0, _folder: folder }
    }
}

/// Bytes one after another; nothing but zeros behind the last.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn below(&mut self, end: u8) -> u8 {
        self.next() % end
    }

    fn name(&mut self) -> String {
        NAMES[usize::from(self.below(6))].to_owned()
    }

    fn owner(&mut self) -> Owner {
        match self.below(4) {
            0 => Owner::Holder(SubjectKey::from_stored(format!("customer:{}", self.name()))),
            1 => Owner::Channel(self.name()),
            2 => Owner::System,
            _ => Owner::Scope(self.name()),
        }
    }

    fn instant(&mut self) -> Instant {
        Instant::EPOCH.plus_millis(i64::from(self.next()) * 1_000)
    }

    fn record(&mut self) -> Record {
        match self.below(4) {
            0 => {
                let batch = BatchNo { symbols: 16, number: u32::from(self.below(3)) };
                Record::Stock(Stock { batch, next: u32::from(self.next()) << 8 })
            }
            1 => {
                let buckets = (0..self.below(4)).map(|_| (self.instant(), i64::from(self.next()) + 1));
                let buckets = Buckets::of(buckets.collect::<BTreeMap<_, _>>());
                let (owner, unit, last_at) = (self.owner(), self.name(), self.instant());
                Record::AccountHeld(AccountHeld { owner, unit, buckets, last_at })
            }
            2 => {
                let (name, between_holders) = (self.name(), self.below(2) == 1);
                Record::Unit(Unit { name, decimals: self.below(5), between_holders, display: Default::default() })
            }
            _ => Record::Fence(Fence { key: self.name(), digest: [self.next(); 16], at: self.instant() }),
        }
    }

    fn step(&mut self) -> Move {
        let owner = self.owner();
        // Only the tenant's own accounts go below nothing.
        let lowest = if owner == Owner::System { i64::MIN } else { 0 };
        let (floor, ceiling) = [(0, 100), (lowest, 50), (0, i64::MAX), (lowest, i64::MAX)][usize::from(self.below(4))];
        let delta = i64::from(self.next()) - 128;
        Move { owner, unit: self.name(), delta, floor, ceiling }
    }
}

/// Versions and writers are never the same twice.
fn fresh(count: &mut u64) -> u64 {
    *count += 1;
    count.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn changeset(
    bytes: &mut Bytes<'_>,
    tenant: &TenantKey,
    version: u64,
    seen: &BTreeMap<Key, Version>,
    place: usize,
) -> Changeset {
    let (mut writes, mut moves, mut keys) = (Vec::new(), Vec::new(), BTreeSet::new());
    for _ in 0..=bytes.below(4) {
        if bytes.below(2) == 0 {
            let step = bytes.step();
            if keys.insert(Key::Account(step.owner.clone(), step.unit.clone())) {
                moves.push(step);
            }
            continue;
        }
        let record = bytes.record();
        // Mostly what stands there, now and then something else.
        let expect = match (bytes.below(5), seen.get(&record.key())) {
            (0, _) => Expect::Version(Version(7)),
            (1, _) | (_, None) => Expect::Absent,
            (_, Some(version)) => Expect::Version(*version),
        };
        if keys.insert(record.key()) {
            writes.push(Write { expect, record });
        }
    }
    let after = if place > 0 && bytes.below(3) == 0 { vec![place - 1] } else { Vec::new() };
    let version = Version(version);
    let guards = (0..bytes.below(3)).map(|_| guard(bytes, seen)).filter(|guard| !keys.contains(&guard.key())).collect();
    Changeset { tenant: tenant.clone(), version, after, guards, writes, moves, events: Vec::new() }
}

/// Mostly of what stands there, now and then of something else; of accounts what may well be.
fn guard(bytes: &mut Bytes<'_>, seen: &BTreeMap<Key, Version>) -> Guard {
    if bytes.below(3) == 0 {
        let step = bytes.step();
        return Guard::Balance(step.owner, step.unit, step.delta);
    }
    let key = bytes.record().key();
    match (bytes.below(5), seen.get(&key)) {
        (0, _) => Guard::Row(key, Expect::Version(Version(7))),
        (1, _) | (_, None) => Guard::Row(key, Expect::Absent),
        (_, Some(version)) => Guard::Row(key, Expect::Version(*version)),
    }
}

/// Groups of changesets.
pub fn changesets(input: &[u8]) {
    PAIR.with_borrow_mut(|pair| {
        if pair.as_ref().is_some_and(|pair| pair.inputs >= INPUTS_MAX) {
            *pair = None;
        }
        let pair = pair.get_or_insert_with(Pair::new);
        pair.inputs += 1;
        let tenant = TenantKey::new(&format!("t{}", pair.inputs), World::Live);
        let (mut count, mut bytes) = (pair.inputs << 32, Bytes(input));
        let mut seen = BTreeMap::new();
        while !bytes.0.is_empty() {
            let places = 0..=usize::from(bytes.below(4));
            let group: Vec<Changeset> =
                places.map(|place| changeset(&mut bytes, &tenant, fresh(&mut count), &seen, place)).collect();
            both(pair, &group, fresh(&mut count), &mut seen);
        }
    });
}

fn both(pair: &Pair, changesets: &[Changeset], writer: u64, seen: &mut BTreeMap<Key, Version>) {
    let group = Group { writer, first_event: 0, changesets, stands: Stands::default() };
    let outcomes = commit(&pair.memory, group);
    assert_eq!(commit(&pair.sqlite, group), outcomes, "{changesets:#?}");
    let keys = changesets.iter().flat_map(|changeset| {
        let moved = changeset.moves.iter().map(|step| Key::Account(step.owner.clone(), step.unit.clone()));
        changeset.writes.iter().map(|write| write.record.key()).chain(moved)
    });
    let keys: BTreeSet<Key> = keys.collect();
    let Some(first) = changesets.first() else { return };
    let lookups: Vec<_> = keys.iter().map(|key| Lookup::exact(&first.tenant, key.clone())).collect();
    let rows = |store: &dyn Store| store.load(&lookups).unwrap_or_else(|error| panic!("not read: {error}"));
    let (in_memory, on_disk) = (rows(&pair.memory), rows(&pair.sqlite));
    for ((key, one), other) in keys.into_iter().zip(in_memory).zip(on_disk) {
        assert_eq!(one.as_deref(), other.as_deref(), "{key:?} is not the same on both");
        seen.extend(one.map(|stored| (key, stored.version)));
    }
}

fn commit(store: &dyn Store, group: Group<'_>) -> Vec<CommitOutcome> {
    store.commit(group).unwrap_or_else(|error| panic!("not committed: {error}"))
}
