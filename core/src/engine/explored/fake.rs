//! Requests for tests of the committer alone: takes of a counter with a ceiling, over a store in memory.

use std::sync::Arc;

use super::call::{Call, Slot};
use super::committer::{Bounds, Committer, Job, Verdict};
use super::error::Error;
use super::view::{ControlCache, View};
use crate::entropy::ChaChaEntropy;
use crate::id::Version;
use crate::status::Status;
use crate::store::{Changeset, Key, Lookup, MemoryStore, Move, Owner, Record, Store, TenantKey};
use crate::time::{Clock, Instant};

pub(super) struct Still;

impl Clock for Still {
    fn now(&self) -> Instant {
        Instant::EPOCH
    }
}

/// Takes one, as long as the ceiling is not reached: `true`, or `false` at the ceiling.
struct Take {
    ceiling: i64,
    panics: bool,
    tenant: TenantKey,
    reply: bool,
    slot: Option<Arc<Slot<bool>>>,
}

const UNIT: &str = "takes";

impl Job for Take {
    fn decide(&mut self, view: &mut View<'_>, version: Version) -> Verdict {
        assert!(!self.panics, "the decision panics, as the test says");
        let Ok(taken) = view.balance(&Owner::System, UNIT) else { return Verdict::Missing };
        self.reply = taken < self.ceiling;
        if !self.reply {
            return Verdict::No;
        }
        let step = Move { owner: Owner::System, unit: UNIT.to_owned(), delta: 1, floor: 0, ceiling: self.ceiling };
        let (tenant, after) = (self.tenant.clone(), Vec::new());
        Verdict::Change(Changeset {
            tenant,
            version,
            after,
            guards: Vec::new(),
            writes: Vec::new(),
            moves: vec![step],
            events: Vec::new(),
        })
    }

    fn fence(&self, _: &mut View<'_>, _: Version) -> Option<Changeset> {
        None
    }

    fn tenant(&self) -> &TenantKey {
        &self.tenant
    }

    fn finish(mut self: Box<Self>, fault: Option<Error>) -> Status {
        let reply = fault.map_or(Ok(self.reply), Err);
        let status = reply.as_ref().map_or_else(Error::status, |_| Status::Ok);
        if let Some(slot) = self.slot.take() {
            slot.fill(reply);
        }
        status
    }

    fn is_withdrawn(&self) -> bool {
        self.slot.as_ref().is_none_or(|slot| Arc::strong_count(slot) == 1)
    }

    fn nudge(&self) -> bool {
        self.slot.as_ref().is_some_and(|slot| slot.nudge())
    }
}

/// The change of one take, as another process would write it.
pub(super) fn foreign_take(ceiling: i64) -> Changeset {
    let step = Move { owner: Owner::System, unit: UNIT.to_owned(), delta: 1, floor: 0, ceiling };
    let version = Version(u64::MAX);
    Changeset {
        tenant: tenant(),
        version,
        after: Vec::new(),
        guards: Vec::new(),
        writes: Vec::new(),
        moves: vec![step],
        events: Vec::new(),
    }
}

fn tenant() -> TenantKey {
    TenantKey::new("default", crate::code::World::Live)
}

/// A committer over a store in memory, with groups of at most `group_max`.
pub(super) fn committer(group_max: usize, queue_max: usize) -> (Arc<Committer>, Arc<MemoryStore>) {
    let store = Arc::new(MemoryStore::new());
    let shared = Arc::clone(&store) as Arc<dyn Store>;
    (committer_on(shared, Arc::new(Still), group_max, queue_max), store)
}

/// The same over any store and by any clock.
pub(super) fn committer_on(
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    group_max: usize,
    queue_max: usize,
) -> Arc<Committer> {
    let bounds = Bounds { queue_max, group_max, yields_max: 1, deadline_ms: 0 };
    let entropy = Arc::new(ChaChaEntropy::from_seed([5; 32]));
    Arc::new(Committer::new(store, clock, entropy, ControlCache::new(1_000), bounds))
}

fn submit(committer: &Arc<Committer>, ceiling: i64, panics: bool, deadline_ms: Option<u32>) -> Call<bool> {
    let slot = Slot::new();
    let job = Take { ceiling, panics, tenant: tenant(), reply: false, slot: Some(Arc::clone(&slot)) };
    committer.submit(Box::new(job), deadline_ms, false);
    Call::queued(slot, Arc::clone(committer))
}

pub(super) fn take(committer: &Arc<Committer>, ceiling: i64) -> Call<bool> {
    submit(committer, ceiling, false, None)
}

/// One that may wait for so long only.
pub(super) fn take_within(committer: &Arc<Committer>, ceiling: i64, deadline_ms: u32) -> Call<bool> {
    submit(committer, ceiling, false, Some(deadline_ms))
}

pub(super) fn panic_in_decision(committer: &Arc<Committer>) -> Call<bool> {
    submit(committer, 0, true, None)
}

/// How many were taken, straight from the store.
pub(super) fn taken(store: &MemoryStore) -> i64 {
    let lookup = Lookup::exact(&tenant(), Key::Account(Owner::System, UNIT.to_owned()));
    match store.load(&[lookup]).unwrap().remove(0).map(|stored| stored.record.clone()) {
        Some(Record::Account(account)) => account.balance,
        _ => 0,
    }
}
