//! What a decision sees: the snapshot of its group, the changes decided before it, and cached control rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::card::{
    Batch, Campaign, Card, Event, EventKind, FormatUse, Hold, HoldId, Promotions, PublicCode, Redemption, Refund,
    RequestMark, Stock, Template,
};
use crate::defect::{self, Defect};
use crate::id::{BatchNo, CardId, Version};
use crate::ledger::Unit;
use crate::money::Rounding;
use crate::person::Linked;
use crate::rule::{Attributes, ProductSet};
use crate::store::{
    Account, AccountHeld, Changeset, Expect, Fence, Guard, Key, Lookup, Move, Owner, Record, Settings, Stored,
    StoredEvent, TenantKey, balance_of,
};
use crate::subject::SubjectKey;
use crate::time::Instant;

/// A record that is not in sight yet: it is read, and the decision made again.
#[derive(Debug)]
pub(super) struct Missing;

/// Rows as read, by look-up; `None` is a row that is not there.
pub(super) type Snapshot = BTreeMap<Lookup, Option<Arc<Stored>>>;

/// A control row as it was read or written.
struct Cached {
    /// When, by the clock that never goes back.
    at_us: u64,
    /// `None` is a row that is not there.
    row: Option<Arc<Stored>>,
    /// The engine's own writes that it is not older than.
    writes: u64,
}

/// Control rows of an engine. Rows that never change stay; others are read again after the lag.
pub(super) struct ControlCache {
    rows: Mutex<BTreeMap<Lookup, Cached>>,
    /// Counts the engine's own writes of control rows, so that a slow read does not put an older row over them.
    writes: AtomicU64,
    lag_us: u64,
}

/// A commit takes its time, so a lag below this is one of this, in microseconds, as far as committing goes.
const COMMIT_LAG_US_MIN: u64 = 10_000;

/// Most rows in the cache; beyond it starts over, since control rows are few and cheap to read.
const CACHE_ROWS_MAX: usize = 20_000;

impl ControlCache {
    pub(super) fn new(lag_ms: u32) -> Self {
        Self { rows: Mutex::default(), writes: AtomicU64::new(0), lag_us: u64::from(lag_ms) * 1_000 }
    }

    /// A row that may still be used, and when it was read; no moment where it never changes.
    fn get(&self, lookup: &Lookup, now_us: u64) -> Option<(Option<Arc<Stored>>, Option<u64>)> {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let cached = rows.get(lookup)?;
        let stays = defect::is(Defect::BatchRowsForEver) && matches!(lookup.key, Key::Batch(_) | Key::BatchNamed(_));
        if cached.row.is_some() && (never_changes(&lookup.key) || stays) {
            return Some((cached.row.clone(), None));
        }
        let age = now_us.checked_sub(cached.at_us)?;
        // The last quarter of the lag is for the commit: what is decided on older rows would hardly get there in time.
        let good = age <= self.lag_us - self.lag_us / 4 || defect::is(Defect::ControlRowsForEver);
        good.then(|| (cached.row.clone(), Some(cached.at_us)))
    }

    /// Whether what was decided on control rows that were read then may still be committed now. A clock that went back says no:
    /// nobody knows how old they are.
    pub(super) fn stands(&self, read_us: u64, now_us: u64) -> bool {
        let age = now_us.checked_sub(read_us);
        age.is_some_and(|age| age <= self.lag_us.max(COMMIT_LAG_US_MIN)) || defect::is(Defect::ControlRowsForEver)
    }

    /// How many of its own writes the engine has seen so far: to be asked before rows are read that will be put here.
    pub(super) fn writes(&self) -> u64 {
        self.writes.load(Ordering::Acquire)
    }

    /// Keeps a row that was read, with `writes` as they stood before the read.
    pub(super) fn put(&self, lookup: &Lookup, row: Option<Arc<Stored>>, at_us: u64, writes: u64) {
        if lookup.floor || !lookup.key.is_control() {
            return;
        }
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if rows.len() >= CACHE_ROWS_MAX {
            rows.clear();
        }
        for lookup in same_row(lookup, row.as_deref()) {
            if rows.get(&lookup).is_none_or(|cached| cached.writes <= writes) {
                rows.insert(lookup, Cached { at_us, row: row.clone(), writes });
            }
        }
    }

    /// Forgets whose subjects are whose.
    pub(super) fn forget_links(&self, tenant: &TenantKey) {
        self.writes.fetch_add(1, Ordering::AcqRel);
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.retain(|lookup, _| lookup.tenant != *tenant || !matches!(lookup.key, Key::Linked(_)));
    }

    /// Takes over what was just committed here: an engine sees its own changes at once.
    pub(super) fn written(&self, changeset: &Changeset, at_us: u64) {
        let mut control = changeset.writes.iter().filter(|write| write.record.key().is_control()).peekable();
        if control.peek().is_none() {
            return;
        }
        let writes = self.writes.fetch_add(1, Ordering::AcqRel) + 1;
        for write in control {
            let stored = Arc::new(Stored { version: changeset.version, record: write.record.clone() });
            self.put(&Lookup::exact(&changeset.tenant, write.record.key()), Some(stored), at_us, writes);
        }
    }
}

/// The look-ups that a control row answers which was read by one of them: by number and by name a decision sees the same batch.
pub(super) fn same_row(lookup: &Lookup, row: Option<&Stored>) -> impl Iterator<Item = Lookup> {
    let record = row.map(|stored| &stored.record).filter(|record| !lookup.floor && record.key().is_control());
    let keys = record.into_iter().flat_map(|record| [Some(record.key()), record.unique_key()]).flatten();
    let others = keys.filter(|key| *key != lookup.key).map(|key| Lookup { key, ..lookup.clone() });
    std::iter::once(lookup.clone()).chain(others.collect::<Vec<_>>())
}

fn never_changes(key: &Key) -> bool {
    matches!(key, Key::ProductSet(..) | Key::Template(..))
}

/// The changes decided so far in a group, in layers: each is what some more calls came to, decided on all before it.
#[derive(Default)]
pub(super) struct Overlay {
    pub(super) changesets: Vec<Changeset>,
    layers: Vec<Layer>,
}

struct Layer {
    /// The place of its first changeset.
    from: usize,
    rows: BTreeMap<Lookup, (usize, Change)>,
}

/// Where in a changeset a row stands. Rows are few that are looked at again, so they are copied out only then.
enum Change {
    Write(usize),
    Event(usize),
    /// A balance, worked out from the moves so far.
    Account(Arc<Stored>),
}

impl Overlay {
    /// Lays another layer over what was decided.
    pub(super) fn begin_layer(&mut self) {
        self.layers.push(Layer { from: self.changesets.len(), rows: BTreeMap::new() });
    }

    /// Takes the last layer away, with all that was decided in it.
    pub(super) fn drop_layer(&mut self) {
        if let Some(layer) = self.layers.pop() {
            self.changesets.truncate(layer.from);
        }
    }

    /// Adds what was decided to the last layer and returns its place in the group. Group under way and snapshot tell what an
    /// account held before.
    pub(super) fn add(&mut self, changeset: Changeset, base: Option<&Self>, snapshot: &Snapshot) -> usize {
        let place = self.changesets.len();
        let tenant = &changeset.tenant;
        let mut fresh = Vec::new();
        for (at, write) in changeset.writes.iter().enumerate() {
            for key in [Some(write.record.key()), write.record.unique_key()].into_iter().flatten() {
                fresh.push((Lookup::exact(tenant, key), Change::Write(at)));
            }
        }
        for step in &changeset.moves {
            let lookup = Lookup::exact(tenant, Key::Account(step.owner.clone(), step.unit.clone()));
            let of_this =
                fresh.iter().rev().find(|(found, _)| *found == lookup).and_then(|(_, change)| change.account());
            let of_group = |overlay: &Self| overlay.find(&lookup).and_then(|(_, change)| change.account());
            let have = of_this.or_else(|| of_group(self)).or_else(|| base.and_then(of_group));
            let have = have.or_else(|| snapshot.get(&lookup).cloned().flatten());
            let balance = balance_of(have.as_deref()) + step.delta;
            let account = Account { owner: step.owner.clone(), unit: step.unit.clone(), balance };
            let stored = Arc::new(Stored { version: Version(0), record: Record::Account(account) });
            fresh.push((lookup, Change::Account(stored)));
        }
        for (at, event) in changeset.events.iter().enumerate() {
            // Decisions look for events by their request only.
            if let Some(mark) = &event.request {
                let lookup = Lookup::exact(tenant, Key::Request(mark.op.clone(), mark.key.clone()));
                fresh.push((lookup, Change::Event(at)));
            }
        }
        if self.layers.is_empty() {
            self.begin_layer();
        }
        if let Some(layer) = self.layers.last_mut() {
            layer.rows.extend(fresh.into_iter().map(|(lookup, change)| (lookup, (place, change))));
        }
        self.changesets.push(changeset);
        place
    }

    /// What was decided last of a row.
    fn find(&self, lookup: &Lookup) -> Option<(usize, &Change)> {
        let mut newest_first = self.layers.iter().rev();
        let (place, change) = newest_first.find_map(|layer| layer.rows.get(lookup))?;
        Some((*place, change))
    }

    /// What was decided last of the row with the greatest key at or below this one.
    fn find_floor(&self, lookup: &Lookup) -> Option<(usize, &Change)> {
        let range =
            Lookup::exact(&lookup.tenant, lookup.key.lowest())..=Lookup::exact(&lookup.tenant, lookup.key.clone());
        let of_layer = |layer: &'_ Layer| layer.rows.range(range.clone()).next_back().map(|(found, _)| found.clone());
        let greatest = self.layers.iter().filter_map(of_layer).max()?;
        self.find(&greatest)
    }

    fn get(&self, lookup: &Lookup) -> Option<(usize, Arc<Stored>)> {
        let (place, change) = if lookup.floor { self.find_floor(lookup) } else { self.find(lookup) }?;
        let changeset = self.changesets.get(place)?;
        let stored = match change {
            Change::Account(stored) => Arc::clone(stored),
            Change::Write(at) => {
                let record = changeset.writes.get(*at)?.record.clone();
                Arc::new(Stored { version: changeset.version, record })
            }
            // Writer and place in the journal are the store's to give.
            Change::Event(at) => {
                let stored = StoredEvent { writer: 0, n: 0, event: changeset.events.get(*at)?.clone() };
                Arc::new(Stored { version: Version(0), record: Record::Event(stored) })
            }
        };
        Some((place, stored))
    }
}

impl Change {
    fn account(&self) -> Option<Arc<Stored>> {
        match self {
            Self::Account(stored) => Some(Arc::clone(stored)),
            Self::Write(_) | Self::Event(_) => None,
        }
    }
}

/// The eyes of one decision.
pub(super) struct View<'a> {
    pub tenant: &'a TenantKey,
    pub now: Instant,
    /// The same moment by the clock that never goes back: by it control rows grow old, whatever happens to the other.
    pub now_us: u64,
    snapshot: &'a Snapshot,
    overlay: &'a Overlay,
    /// The group that is being committed: what it changes is taken to be there.
    base: Option<&'a Overlay>,
    /// Where control rows are taken from before they are read; `None` where cached ones may be what went wrong.
    cache: Option<&'a ControlCache>,
    /// How many decide together: as many may ask for the next card of one batch.
    pub crowd: usize,
    /// What it asked for and did not find read.
    pub missing: Vec<Lookup>,
    /// The members of its group whose changes it saw.
    pub after: BTreeSet<usize>,
    /// When the oldest control row that it saw was read; nothing where it saw none that can change.
    pub control_us: Option<u64>,
    /// How many fences stand under the key of its request.
    pub fences: u32,
    /// What the decision itself has come to so far, where it goes in steps and each is to see the ones before it.
    draft: BTreeMap<Lookup, Arc<Stored>>,
    /// By how much it moved accounts so far.
    drafted: BTreeMap<(Owner, String), i64>,
    /// What it rests on, should it not write it.
    guards: BTreeSet<Guard>,
    /// What was read for each place of an order that may be left out for it.
    looked: BTreeMap<usize, BTreeSet<Guard>>,
    /// The place that is looked at.
    place: Option<usize>,
}

/// A record and the version it was seen in.
pub(super) type Seen<T> = Option<(T, Version)>;

/// Writes one reader per kind of record: the row under a key, cloned out.
macro_rules! readers {
    ($($name:ident($($arg:ident: $type:ty),*) -> $record:ident at $key:expr;)*) => {$(
        pub(super) fn $name(&mut self, $($arg: $type),*) -> Result<Seen<$record>, Missing> {
            Ok(match self.get($key, false)? {
                Some(stored) => match &stored.record {
                    Record::$record(record) => Some((record.clone(), stored.version)),
                    _ => None,
                },
                None => None,
            })
        }
    )*};
}

impl<'a> View<'a> {
    pub(super) fn new(
        tenant: &'a TenantKey,
        now: Instant,
        snapshot: &'a Snapshot,
        overlay: &'a Overlay,
        base: Option<&'a Overlay>,
        cache: Option<&'a ControlCache>,
    ) -> Self {
        Self {
            tenant,
            now,
            now_us: 0,
            snapshot,
            overlay,
            base,
            cache,
            crowd: 1,
            missing: Vec::new(),
            after: BTreeSet::new(),
            control_us: None,
            fences: 0,
            draft: BTreeMap::new(),
            drafted: BTreeMap::new(),
            guards: BTreeSet::new(),
            looked: BTreeMap::new(),
            place: None,
        }
    }

    /// Lays a record over what is seen, as if it were written. Only look-ups by its own keys see it.
    pub(super) fn lay_record(&mut self, record: &Record, version: Version) {
        let stored = Arc::new(Stored { version, record: record.clone() });
        for key in [Some(record.key()), record.unique_key()].into_iter().flatten() {
            self.draft.insert(Lookup::exact(self.tenant, key), Arc::clone(&stored));
        }
    }

    /// Lays the move of an account over what is seen.
    pub(super) fn lay_move(&mut self, step: &Move) -> Result<(), Missing> {
        let balance = self.balance(&step.owner, &step.unit)? + step.delta;
        let account = Account { owner: step.owner.clone(), unit: step.unit.clone(), balance };
        self.lay_record(&Record::Account(account), Version(0));
        *self.drafted.entry((step.owner.clone(), step.unit.clone())).or_default() += step.delta;
        Ok(())
    }

    /// Takes away all that was laid.
    pub(super) fn unlay(&mut self) {
        self.draft.clear();
        self.drafted.clear();
    }

    /// Notes that the decision rests on what an account counts.
    pub(super) fn rely_on_balance(&mut self, owner: &Owner, unit: &str, balance: i64) {
        let guard = self.balance_guard(owner, unit, balance);
        self.guards.insert(guard);
    }

    /// Notes that the decision rests on what of an account is held, and until when.
    pub(super) fn rely_on_held(&mut self, owner: &Owner, unit: &str, seen: Option<Version>) {
        let guard = self.row_guard(Key::AccountHeld(owner.clone(), unit.to_owned()), seen);
        self.guards.extend(guard);
    }

    fn balance_guard(&self, owner: &Owner, unit: &str, balance: i64) -> Guard {
        // What it moved itself comes on top of what has to stand.
        let own = self.drafted.get(&(owner.clone(), unit.to_owned())).copied().unwrap_or_default();
        let own = if defect::is(Defect::OrderGuardsItself) { 0 } else { own };
        Guard::Balance(owner.clone(), unit.to_owned(), balance - own)
    }

    /// None of what it wrote itself, which it saw before, as it stood.
    fn row_guard(&self, key: Key, seen: Option<Version>) -> Option<Guard> {
        let is_own = self.draft.contains_key(&Lookup::exact(self.tenant, key.clone()));
        (!is_own).then(|| Guard::Row(key, seen.map_or(Expect::Absent, Expect::Version)))
    }

    /// Looks at a place of an order, and takes note of all that is read and is no control row, whose age has its own limit. Without a place
    /// it only looks.
    pub(super) fn watched<T>(&mut self, place: Option<usize>, look: impl FnOnce(&mut Self) -> T) -> T {
        self.place = place;
        let answer = look(self);
        self.place = None;
        answer
    }

    /// Notes that the decision rests on all that was read for a place.
    pub(super) fn rely_on_place(&mut self, place: usize) {
        self.guards.extend(self.looked.remove(&place).unwrap_or_default());
    }

    /// Takes note of a row that was read, where somebody asks.
    fn note(&mut self, lookup: &Lookup, found: Option<&Stored>) {
        let Some(place) = self.place.filter(|_| !lookup.floor && !lookup.key.is_control()) else { return };
        let guard = match &lookup.key {
            Key::Account(owner, unit) => Some(self.balance_guard(owner, unit, balance_of(found))),
            key => self.row_guard(key.clone(), found.map(|found| found.version)),
        };
        self.looked.entry(place).or_default().extend(guard);
    }

    /// Notes that the decision rests on a redemption having no refund of that place.
    pub(super) fn rely_on_no_refund(&mut self, redemption: &str, place: u32) {
        let key = Key::Refund(redemption.to_owned(), place);
        self.guards.insert(Guard::Row(key, Expect::Absent));
    }

    /// All that it rests on but what a changeset writes, which compares it anyhow.
    pub(super) fn take_guards(&mut self, changeset: &Changeset) -> Vec<Guard> {
        if self.guards.is_empty() {
            return Vec::new();
        }
        let written: BTreeSet<Key> = changeset.writes.iter().map(|write| write.record.key()).collect();
        std::mem::take(&mut self.guards).into_iter().filter(|guard| !written.contains(&guard.key())).collect()
    }

    /// Names keys that will be asked for one after another, so that they are read together.
    pub(super) fn want(&mut self, keys: impl IntoIterator<Item = Key>) -> Result<(), Missing> {
        for key in keys {
            // A miss is noted; the decision goes on to name the rest.
            let _ = self.get(key, false);
        }
        if self.missing.is_empty() { Ok(()) } else { Err(Missing) }
    }

    fn get(&mut self, key: Key, floor: bool) -> Result<Option<Arc<Stored>>, Missing> {
        let lookup = Lookup { tenant: self.tenant.clone(), key, floor };
        let found = match self.under_way(&lookup) {
            Some(stored) => Some(stored),
            None => self.settled(&lookup)?,
        };
        self.note(&lookup, found.as_deref());
        Ok(found)
    }

    /// A row as changes make it that are not committed yet.
    fn under_way(&mut self, lookup: &Lookup) -> Option<Arc<Stored>> {
        if let Some(stored) = self.draft.get(lookup) {
            return Some(Arc::clone(stored));
        }
        if let Some((place, stored)) = self.overlay.get(lookup) {
            self.after.insert(place);
            return Some(stored);
        }
        self.base.and_then(|base| base.get(lookup)).map(|(_, stored)| stored)
    }

    /// A row as it is committed.
    fn settled(&mut self, lookup: &Lookup) -> Result<Option<Arc<Stored>>, Missing> {
        let control = lookup.key.is_control();
        if let Some(row) = self.snapshot.get(lookup) {
            if control {
                self.saw_control(self.now_us);
            }
            return Ok(row.clone());
        }
        if !lookup.floor
            && control
            && let Some((row, read_us)) = self.cache.and_then(|cache| cache.get(lookup, self.now_us))
        {
            read_us.into_iter().for_each(|read_us| self.saw_control(read_us));
            return Ok(row);
        }
        self.missing.push(lookup.clone());
        Err(Missing)
    }

    fn saw_control(&mut self, read_us: u64) {
        self.control_us = Some(self.control_us.map_or(read_us, |oldest| oldest.min(read_us)));
    }

    readers! {
        settings_row() -> Settings at Key::Settings;
        campaign(id: &str) -> Campaign at Key::Campaign(id.to_owned());
        format_use(symbols: u8) -> FormatUse at Key::FormatUse(symbols);
        stock(no: BatchNo) -> Stock at Key::Stock(no);
        public_code(index: [u8; 16]) -> PublicCode at Key::PublicCode(index);
        card(id: CardId) -> Card at Key::Card(id);
        unit(name: &str) -> Unit at Key::Unit(name.to_owned());
        linked(subject: &SubjectKey) -> Linked at Key::Linked(subject.clone());
        redemption(key: &str) -> Redemption at Key::Redemption(key.to_owned());
        fence(key: &str) -> Fence at Key::Redemption(key.to_owned());
        hold(id: &HoldId) -> Hold at Key::Hold(id.clone());
        account_held(owner: &Owner, unit: &str) -> AccountHeld at Key::AccountHeld(owner.clone(), unit.to_owned());
    }

    /// The last refund of a redemption.
    pub(super) fn last_refund(&mut self, redemption: &str) -> Result<Option<Refund>, Missing> {
        let stored = self.get(Key::Refund(redemption.to_owned(), u32::MAX), true)?;
        Ok(stored.and_then(|stored| match &stored.record {
            Record::Refund(refund) => Some(refund.clone()),
            _ => None,
        }))
    }

    pub(super) fn settings(&mut self) -> Result<Settings, Missing> {
        Ok(self.settings_row()?.map(|(settings, _)| settings).unwrap_or_default())
    }

    /// The attributes that are declared.
    pub(super) fn attributes(&mut self) -> Result<Arc<Attributes>, Missing> {
        let stored = self.get(Key::Settings, false)?;
        Ok(match stored.as_deref().map(|stored| &stored.record) {
            Some(Record::Settings(settings)) => Arc::clone(&settings.attributes),
            Some(_) | None => Arc::default(),
        })
    }

    /// What comes off orders by itself.
    pub(super) fn promotions(&mut self) -> Result<Arc<Promotions>, Missing> {
        let stored = self.get(Key::Settings, false)?;
        Ok(match stored.as_deref().map(|stored| &stored.record) {
            Some(Record::Settings(settings)) => Arc::clone(&settings.promotions),
            Some(_) | None => Arc::default(),
        })
    }

    /// Whether the tenant's settings are as they are committed, and no change of them is under way.
    pub(super) fn has_settled_settings(&mut self) -> bool {
        self.under_way(&Lookup::exact(self.tenant, Key::Settings)).is_none()
    }

    /// A version of a template as it is committed, whatever is under way: it stays so for ever.
    pub(super) fn settled_template(&mut self, id: &str, version: u32) -> Result<Option<Arc<Template>>, Missing> {
        let stored = self.settled(&Lookup::exact(self.tenant, Key::Template(id.to_owned(), version)))?;
        Ok(stored.and_then(|stored| match &stored.record {
            Record::Template(template) => Some(template.clone()),
            _ => None,
        }))
    }

    /// A version of a product set as it is committed.
    pub(super) fn settled_product_set(&mut self, name: &str, version: u32) -> Result<Option<Arc<ProductSet>>, Missing> {
        let stored = self.settled(&Lookup::exact(self.tenant, Key::ProductSet(name.to_owned(), version)))?;
        Ok(stored.and_then(|stored| match &stored.record {
            Record::ProductSet(set) => Some(set.clone()),
            _ => None,
        }))
    }

    /// How shares that are not whole become whole.
    pub(super) fn rounding(&mut self) -> Result<Rounding, Missing> {
        let stored = self.get(Key::Settings, false)?;
        Ok(match stored.as_deref().map(|stored| &stored.record) {
            Some(Record::Settings(settings)) => settings.rounding,
            Some(_) | None => Rounding::default(),
        })
    }

    pub(super) fn is_listed(&mut self, key: Key) -> Result<bool, Missing> {
        Ok(self.get(key, false)?.is_some())
    }

    pub(super) fn balance(&mut self, owner: &Owner, unit: &str) -> Result<i64, Missing> {
        let stored = self.get(Key::Account(owner.clone(), unit.to_owned()), false)?;
        Ok(balance_of(stored.as_deref()))
    }

    /// The event that an operation wrote under a key of its own, where no request stands and no fence.
    pub(super) fn event_at(&mut self, op: &str, key: String) -> Result<Option<Event>, Missing> {
        let stored = self.get(Key::Request(op.to_owned(), key), false)?;
        Ok(stored.and_then(|stored| match &stored.record {
            Record::Event(stored) => Some(stored.event.clone()),
            _ => None,
        }))
    }

    /// What was done under a request's key, behind all fences that stand there.
    pub(super) fn event_of(&mut self, op: &str, key: &str) -> Result<Option<Event>, Missing> {
        let mut fences = 0;
        loop {
            let behind = RequestMark::key_behind(key, fences);
            let stored = self.get(Key::Request(op.to_owned(), behind), false)?;
            let event = stored.and_then(|stored| match &stored.record {
                Record::Event(stored) => Some(stored.event.clone()),
                _ => None,
            });
            if event.as_ref().is_none_or(|event| event.kind != EventKind::Fenced) {
                self.fences = fences;
                return Ok(event);
            }
            fences += 1;
        }
    }

    pub(super) fn batch(&mut self, no: BatchNo) -> Result<Seen<Arc<Batch>>, Missing> {
        self.batch_at(Key::Batch(no))
    }

    pub(super) fn batch_named(&mut self, id: &str) -> Result<Seen<Arc<Batch>>, Missing> {
        self.batch_at(Key::BatchNamed(id.to_owned()))
    }

    fn batch_at(&mut self, key: Key) -> Result<Seen<Arc<Batch>>, Missing> {
        Ok(self.get(key, false)?.and_then(|stored| match &stored.record {
            Record::Batch(batch) => Some((batch.clone(), stored.version)),
            _ => None,
        }))
    }

    /// A version of a template, or the newest one.
    pub(super) fn template(&mut self, id: &str, version: Option<u32>) -> Result<Option<Arc<Template>>, Missing> {
        let key = Key::Template(id.to_owned(), version.unwrap_or(u32::MAX));
        let stored = self.get(key, version.is_none())?;
        Ok(stored.and_then(|stored| match &stored.record {
            Record::Template(template) => Some(template.clone()),
            _ => None,
        }))
    }

    /// A version of a product set, or the newest one.
    pub(super) fn product_set(&mut self, name: &str, version: Option<u32>) -> Result<Option<Arc<ProductSet>>, Missing> {
        let key = Key::ProductSet(name.to_owned(), version.unwrap_or(u32::MAX));
        let stored = self.get(key, version.is_none())?;
        Ok(stored.and_then(|stored| match &stored.record {
            Record::ProductSet(set) => Some(set.clone()),
            _ => None,
        }))
    }
}
