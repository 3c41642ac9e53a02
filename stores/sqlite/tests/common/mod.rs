//! What the tests of the SQLite store share.
#![allow(dead_code, reason = "each test uses a part")]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cardmint::card::{Card, CardState, Event, EventKind, Origin, Parameters, Redemption, Target};
use cardmint::checkout::{Allocation, Pricing};
use cardmint::code::World;
use cardmint::id::{BatchNo, CardId, Version};
use cardmint::money::Currency;
use cardmint::store::{
    Changeset, CommitOutcome, Expect, Group, Lookup, Move, Owner, Page, Record, Rewrite, Scan, Stands, Store,
    StoreError, Stored, TenantKey, Turn, Write,
};
use cardmint::subject::SubjectKey;
use cardmint::time::Instant;
use cardmint_sqlite::{Durability, Options, SqliteStore};
use tempfile::TempDir;

/// A store in a folder that goes with it.
pub struct Temporary {
    pub store: SqliteStore,
    pub folder: TempDir,
}

impl Temporary {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("shop.db"), fast()).unwrap();
        Self { store, folder }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("shop.db")
    }

    pub fn reopened(self) -> Self {
        let Self { store, folder } = self;
        drop(store);
        let store = SqliteStore::open(folder.path().join("shop.db"), fast()).unwrap();
        Self { store, folder }
    }
}

/// What needs no power loss needs no flush.
pub fn fast() -> Options {
    Options { durability: Durability::Normal, ..Options::default() }
}

impl Store for Temporary {
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError> {
        self.store.load(lookups)
    }

    fn commit(&self, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        self.store.commit(group)
    }

    fn scan(&self, scan: &Scan) -> Result<Page, StoreError> {
        self.store.scan(scan)
    }

    fn turn(&self) -> Result<Option<Box<dyn Turn + '_>>, StoreError> {
        self.store.turn()
    }

    fn rewrite(&self, group: Group<'_>, rewrite: &dyn Rewrite) -> Result<Vec<CommitOutcome>, StoreError> {
        self.store.rewrite(group, rewrite)
    }

    fn turn_if_free(&self) -> Result<Option<Box<dyn Turn + '_>>, StoreError> {
        self.store.turn_if_free()
    }
}

pub fn tenant() -> TenantKey {
    TenantKey::new("default", World::Live)
}

/// 64 bits that no other process and no other call has.
pub fn fresh() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    static SALT: std::sync::LazyLock<u64> =
        std::sync::LazyLock::new(|| std::hash::RandomState::new().build_hasher().finish());
    static NEXT: AtomicU64 = AtomicU64::new(1);
    (*SALT ^ u64::from(std::process::id()))
        .wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

pub fn changes() -> Changeset {
    Changeset {
        tenant: tenant(),
        version: Version(fresh()),
        after: Vec::new(),
        guards: Vec::new(),
        writes: Vec::new(),
        moves: Vec::new(),
        events: Vec::new(),
    }
}

pub fn card_id(serial: u32) -> CardId {
    CardId { batch: BatchNo { symbols: 16, number: 3 }, serial }
}

fn at() -> Instant {
    Instant::from_millis("at", 1_763_000_000_000).unwrap()
}

/// A card as its first use leaves it.
pub fn card(serial: u32) -> Card {
    Card {
        id: card_id(serial),
        state: CardState::Spent,
        unspent_state: CardState::Issued,
        holder: None,
        bound: None,
        rebinds: 0,
        transfers: 0,
        channel: None,
        issue_no: 0,
        uses_left: 0,
        balance_minor: 0,
        booked_minor: 0,
        broken_minor: 0,
        claimed_at: None,
        expires_at: Some(at()),
        extended_to: None,
        frozen: None,
        parameters: Parameters::new(),
        origin: Origin::default(),
        held: Default::default(),
        epoch: 0,
        holds_from: 0,
        last_at: at(),
        events: 1,
        chain: [9; 16],
    }
}

/// A use as a shop makes it: every row that a redemption writes.
pub fn use_of(serial: u32, key: &str) -> Changeset {
    let id = card_id(serial);
    let holder = SubjectKey::from_stored(format!("customer:{serial:07}"));
    let redemption = Redemption {
        key: key.to_owned(),
        digest: [5; 16],
        order_mark: None,
        card: id,
        at: at(),
        order: format!("order-{serial:07}"),
        holder: Some(holder.clone()),
        currency: Currency::parse("currency", "CNY").unwrap(),
        pricing: Pricing {
            before_minor: 19_900,
            discount_minor: 1_000,
            payable_minor: 18_900,
            allocations: vec![Allocation::new("l1", 9_900, 497), Allocation::new("l2", 10_000, 503)],
            ..Pricing::default()
        },
        units: None,
        given: Vec::new(),
        not_given: Vec::new(),
        balance_minor: None,
        hold: None,
        counted: Vec::new(),
        campaign: Some("spring".to_owned()),
        store: Some("s-12".to_owned()),
        channel: None,
        source: None,
        operator: None,
        ordered_at: None,
        new_customer: None,
        segments: Default::default(),
    };
    let event = Event {
        kind: EventKind::Redeemed,
        at: at(),
        target: Target::Card(id, 1),
        reason: None,
        origin: Origin::default(),
        request: None,
        facts: format!("{{\"redemption\":\"{key}\"}}"),
        entry: None,
        chain: [9; 16],
        redacted: None,
    };
    let write = |record| Write { expect: Expect::Absent, record };
    Changeset {
        writes: vec![write(Record::Card(card(serial))), write(Record::Redemption(redemption))],
        moves: vec![Move {
            owner: Owner::Holder(holder),
            unit: "uses:ten-off".to_owned(),
            delta: 1,
            floor: 0,
            ceiling: 5,
        }],
        events: vec![event],
        ..changes()
    }
}

pub fn commit(store: &impl Store, changesets: &[Changeset]) -> Result<Vec<CommitOutcome>, StoreError> {
    store.commit(Group { writer: fresh(), first_event: 0, changesets, stands: Stands::default() })
}
