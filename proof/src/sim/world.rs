//! The world: engines, callers, time and trouble, and the one thread that moves them.

mod moves;
mod time;
mod trouble;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use cardmint::card::{Audience, Life};
use cardmint::code::{CodeBook, World as CardWorld};
use cardmint::id::CardId;
use cardmint::store::{Changeset, CommitOutcome, MemoryStore, Store, TenantKey};
use cardmint::time::Clock;
use cardmint::{ChaChaEntropy, Engine, Error, Settings, Tenant};
use cardmint_sqlite::SqliteStore;

use self::moves::Move;
pub use self::trouble::{At, Trouble};
use super::clock::SimClock;
use super::faults::{Fault, FaultSet};
use super::judge::{Called, Judge, Wrong};
use super::reader::{self, Reader};
use super::store::{LateGroup, SimStore};
use super::{Options, Outcome, StoreKind, Tally, Violation, finale, requests, setup};
use crate::dice::{Dice, seed_bytes};
use crate::request::{Asked, CallTerms, Pending, Reply, What};
use crate::ring::{self, Ring, TENANT};

/// How deep trouble may interrupt trouble.
const DEPTH_MAX: usize = 3;

/// What a world is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The shop is set up; nothing goes wrong.
    Setup,
    /// Anything may go wrong.
    Wild,
    /// Nothing goes wrong any more, but engines still come between each other.
    Finale,
}

/// One engine: a process of its own, as far as the others can tell.
pub struct Place {
    pub engine: Option<(Engine, Tenant)>,
    pub clock: SimClock,
    pub ring: Arc<Ring>,
    pub ring_number: usize,
    /// How many frames of this thread are inside it.
    pub inside: usize,
    /// Its process is gone; what is still on the stack of it only unwinds.
    pub dead: bool,
    pub opened: u64,
}

/// A call that nobody answered yet.
pub struct Open {
    pub record: u64,
    pub engine: usize,
    pub pending: Box<dyn Pending>,
}

pub struct State {
    pub options: Options,
    pub dice: Dice,
    /// What this seed's world is inclined to: trouble that is left out altogether, and how much of the rest there is.
    pub inclined: FaultSet,
    pub trouble: u64,
    pub judge: Judge,
    pub places: Vec<Place>,
    pub open: Vec<Open>,
    pub late: Vec<(LateGroup, Vec<Called>, u64, i64)>,
    /// Requests whose callers know of no outcome yet.
    pub unresolved: Vec<Arc<Asked>>,
    /// Requests that were answered.
    pub past: Vec<Arc<Asked>>,
    pub shop: requests::Shop,
    pub tally: Tally,
    pub successes: u64,
    pub attempts: u64,
    pub violation: Option<Violation>,
    pub phase: Phase,
    pub settles: bool,
    pub depth: usize,
    pub step: usize,
    /// Steps for which time stands: at an end of something every engine has to get it right.
    pub still: usize,
    /// Conflicts that a storm still has.
    pub storm: usize,
    /// Cards of a word's batch that were proposed to each call that is being made, the innermost last.
    pub proposed: Vec<Vec<CardId>>,
    pub reader: Reader,
    pub ids: u64,
}

pub struct World {
    pub store: Arc<dyn Store>,
    pub book: CodeBook,
    pub settles: bool,
    gives_turns: bool,
    /// Whether a call that is alone is given one, too.
    turns_alone: bool,
    keys: [u8; 32],
    state: Mutex<State>,
    myself: Weak<World>,
    _folder: Option<tempfile::TempDir>,
}

/// How many engines a world has.
pub const ENGINES: usize = 3;

pub fn run(options: Options) -> Outcome {
    let world = match World::new(options) {
        Ok(world) => world,
        Err(what) => {
            let violation = Some(Violation { invariant: "setup", detail: what, step: 0 });
            return Outcome { tally: Tally::default(), violation };
        }
    };
    setup::run(&world);
    world.with(|state| state.phase = Phase::Wild);
    while world.goes_on(options.steps) {
        world.step();
    }
    finale::run(&world);
    world.end()
}

impl World {
    fn new(options: Options) -> Result<Arc<Self>, String> {
        let seed = options.seed;
        let keys = seed_bytes(seed, 1);
        let book = ring::every_key(keys).map_err(|error| error.to_string())?;
        let folder = match options.store {
            StoreKind::Memory => None,
            StoreKind::Sqlite => Some(tempfile::tempdir().map_err(|error| error.to_string())?),
        };
        let store: Arc<dyn Store> = match &folder {
            None => Arc::new(MemoryStore::new()),
            Some(folder) => {
                let options = cardmint_sqlite::Options {
                    durability: cardmint_sqlite::Durability::Normal,
                    ..cardmint_sqlite::Options::default()
                };
                Arc::new(SqliteStore::open(folder.path().join("shop.db"), options).map_err(|error| error.to_string())?)
            }
        };
        let mut dice = Dice::new(seed, 2);
        let lag_ms = [1_000, 1_000, 50, 10][dice.place(4)];
        let inclined = FaultSet::from_bits(u32::try_from(dice.below(1 << 32)).unwrap_or(u32::MAX));
        let trouble = 5 + dice.below(50);
        let settles = dice.in_thousand(350);
        let gives_turns = dice.in_thousand(500);
        // Not every second one: in a turn nobody comes between, which is what most worlds are for.
        let turns_alone = gives_turns && seed.is_multiple_of(3);
        let tenant = TenantKey::new(TENANT, CardWorld::Live);
        let state = State {
            options,
            inclined: inclined.both(options.faults),
            trouble,
            judge: Judge::new(tenant, lag_ms, ENGINES),
            places: Vec::new(),
            open: Vec::new(),
            late: Vec::new(),
            unresolved: Vec::new(),
            past: Vec::new(),
            shop: requests::Shop::default(),
            tally: Tally::default(),
            successes: 0,
            attempts: 0,
            violation: None,
            phase: Phase::Setup,
            settles,
            depth: 0,
            step: 0,
            still: 0,
            storm: 0,
            proposed: Vec::new(),
            reader: Reader::default(),
            ids: 0,
            dice,
        };
        let world = Arc::new_cyclic(|myself| Self {
            store,
            book,
            settles,
            gives_turns,
            turns_alone,
            keys,
            state: Mutex::new(state),
            myself: Weak::clone(myself),
            _folder: folder,
        });
        let clock = SimClock::default();
        for number in 0..ENGINES {
            let ring = Ring { minting: 0, good: Default::default() };
            let place = Place {
                engine: None,
                clock: clock.beside(0),
                ring: Arc::new(ring),
                ring_number: 0,
                inside: 0,
                dead: false,
                opened: 0,
            };
            world.with(|state| state.places.push(place));
            world.open_engine(number, 0)?;
        }
        Ok(world)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the world, or changes it. Nothing inside may call an engine.
    pub fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state())
    }

    fn open_engine(&self, number: usize, ring_number: usize) -> Result<(), String> {
        let keyring = ring::keyring(self.keys, ring_number).map_err(|error| error.to_string())?;
        let ring = Arc::new(Ring::of(&keyring));
        let (clock, opened, lag_ms) = self.with(|state| {
            let place = &mut state.places[number];
            place.opened += 1;
            (place.clock.clone(), place.opened, state.judge.lag_ms)
        });
        let store = SimStore {
            world: Weak::clone(&self.myself),
            inner: Arc::clone(&self.store),
            engine: number,
            settles: self.settles,
            gives_turns: self.gives_turns,
            turns_alone: self.turns_alone,
        };
        let seed = self.with(|state| state.options.seed);
        let entropy = ChaChaEntropy::from_seed(seed_bytes(seed ^ (opened << 40) ^ ((number as u64) << 56), 3));
        let settings = Settings {
            control_lag_ms: u32::try_from(lag_ms).unwrap_or(0),
            queue_max: 64,
            yields_max: 0,
            ..Settings::default()
        };
        let formats = ring::formats().map_err(|error| error.to_string())?;
        let engine = Engine::with(store, keyring, clock.clone(), entropy, formats, settings);
        let tenant = engine.tenant(TENANT, CardWorld::Live).map_err(|error| error.to_string())?;
        let old = self.with(|state| {
            state.judge.clock(number, clock.now());
            let place = &mut state.places[number];
            (place.ring, place.ring_number, place.dead) = (ring, ring_number, false);
            place.engine.replace((engine, tenant))
        });
        drop(old);
        Ok(())
    }

    pub fn goes_on(&self, steps: usize) -> bool {
        self.with(|state| state.violation.is_none() && state.step < steps)
    }

    /// One step of the world, or of what interrupts it.
    fn step(&self) {
        let next = self.with(|state| {
            state.step += 1;
            state.tally.steps += 1;
            state.pass_time();
            let hanging = state.late.iter().flat_map(|(_, records, ..)| records).map(|record| record.from);
            state.judge.prune(hanging);
            state.next_move()
        });
        self.make(next);
    }

    fn make(&self, next: Move) {
        match next {
            Move::Submit { engine, asked, terms } => self.submit(engine, asked, terms),
            Move::Lead { engine } => self.lead(engine),
            Move::Restart { engine, ring } => self.restart(engine, ring),
            Move::Withdraw { place } => {
                let gone = self.with(|state| {
                    let inside = state.places[state.open[place].engine].inside > 0;
                    state.hit(if inside { Fault::WithdrawnInFlight } else { Fault::Withdrawn });
                    let open = state.open.swap_remove(place);
                    // Its record stays until its engine is at rest: it may be decided already.
                    if !inside {
                        let record = state.judge.records.remove(&open.record);
                        state.unresolved.extend(record.map(|record| record.asked));
                    }
                    open
                });
                drop(gone);
            }
            Move::Land { place } => self.land(place),
            Move::LookUp { engine } => requests::look_up(self, engine),
            Move::ReadFeed { engine, keeps } => drop(reader::read(self, engine, keeps, 4)),
            Move::Nothing => {}
        }
    }

    /// Hands a request to an engine.
    pub fn submit(&self, engine: usize, asked: Arc<Asked>, terms: CallTerms) {
        let entered = self.with(|state| {
            let place = state.places.get_mut(engine)?;
            let tenant = place.engine.as_ref().map(|(_, tenant)| tenant.clone())?;
            // Nobody restarts an engine under a call that is being made.
            place.inside += 1;
            let (ring, from_ms) = (Arc::clone(&place.ring), place.clock.true_ms());
            state.ids += 1;
            let (id, from) = (state.ids, state.judge.seq);
            let record = Called {
                id,
                engine,
                asked: Arc::clone(&asked),
                retry: terms.retry,
                from,
                from_ms,
                own: Vec::new(),
                passed: Default::default(),
                left_out: Default::default(),
                stale: Default::default(),
                drawn: None,
                ring,
            };
            state.judge.called(record);
            state.proposed.push(Vec::new());
            Some((id, tenant))
        });
        let Some((id, tenant)) = entered else { return };
        let pending = asked.submit(&tenant, &self.book, terms);
        let ready = pending.is_done();
        self.with(|state| {
            let own = state.proposed.pop().unwrap_or_default();
            if let Some(record) = state.judge.records.get_mut(&id) {
                record.own = own;
            }
            state.places[engine].inside -= 1;
            state.open.push(Open { record: id, engine, pending });
        });
        if ready {
            self.harvest(engine);
        }
        self.bury(engine);
    }

    /// Blocks on one of an engine's calls, which leads all that wait there.
    pub fn lead(&self, engine: usize) {
        let taken = self.with(|state| {
            let calls: Vec<_> = (0..state.open.len()).filter(|place| state.open[*place].engine == engine).collect();
            let place = *state.dice.pick(&calls)?;
            if state.places[engine].inside > 0 {
                return None;
            }
            state.places[engine].inside += 1;
            Some(state.open.swap_remove(place))
        });
        let Some(Open { record, pending, .. }) = taken else { return };
        let outcome = pending.wait();
        self.with(|state| state.places[engine].inside -= 1);
        self.answered(record, outcome);
        self.harvest(engine);
        self.bury(engine);
        self.with(|state| state.forget_ghosts(engine));
    }

    /// Takes the answers of an engine that are there.
    fn harvest(&self, engine: usize) {
        loop {
            let done = self.with(|state| {
                let place = state.open.iter().position(|open| open.engine == engine && open.pending.is_done())?;
                Some(state.open.swap_remove(place))
            });
            let Some(Open { record, pending, .. }) = done else { return };
            let outcome = pending.wait();
            self.answered(record, outcome);
        }
    }

    fn answered(&self, id: u64, outcome: Result<Reply, Error>) {
        self.with(|state| {
            let Some(record) = state.judge.records.get(&id).cloned() else { return };
            let dead = state.places[record.engine].dead;
            if dead {
                // Nobody is left to hear it.
                state.judge.records.remove(&id);
                state.unresolved.push(record.asked);
                return;
            }
            let true_ms = state.places[record.engine].clock.true_ms();
            let wrong = state.judge.replied(&*self.store, &self.book, &record, &outcome, true_ms);
            state.judge.records.remove(&id);
            state.note(&record, &outcome);
            if let Err(wrong) = wrong {
                state.violated(wrong);
            }
        });
    }

    /// Ends an engine whose process is gone, once no frame of it is on the stack.
    pub fn bury(&self, engine: usize) {
        let ring = self.with(|state| {
            let place = &state.places[engine];
            (place.dead && place.inside == 0).then_some(place.ring_number)
        });
        if let Some(ring) = ring {
            self.restart(engine, ring);
        }
    }

    pub fn restart(&self, engine: usize, ring: usize) {
        let calls = self.with(|state| {
            let (gone, open) = std::mem::take(&mut state.open).into_iter().partition(|open| open.engine == engine);
            state.open = open;
            let gone: Vec<Open> = gone;
            for open in &gone {
                let record = state.judge.records.remove(&open.record);
                state.unresolved.extend(record.map(|record| record.asked));
            }
            gone
        });
        drop(calls);
        if let Err(what) = self.open_engine(engine, ring) {
            self.with(|state| state.violated(("setup", what)));
        }
    }

    pub fn land(&self, place: usize) {
        self.with(|state| {
            if place >= state.late.len() {
                return;
            }
            let (group, records, seq, ms) = state.late.remove(place);
            state.count("late_landed");
            match group.land(&*self.store) {
                Ok(outcomes) => {
                    let came: Vec<_> = came_through(&group.changesets, &outcomes);
                    state.landed_late(&*self.store, &group, &came, &records, seq, ms);
                }
                Err(error) => state.violated(("setup", format!("a late group could not land: {error}"))),
            }
        });
    }

    /// An engine touches its store: something else may happen first, and then trouble.
    pub fn boundary(&self, engine: usize, at: At) -> Trouble {
        let (interrupts, phase, steps) = self.with(|state| {
            let times = if state.places[engine].dead { 0 } else { state.interrupts() };
            state.depth += 1;
            (times, state.phase, state.options.steps)
        });
        for _ in 0..interrupts {
            match phase {
                Phase::Setup => {}
                Phase::Wild if self.goes_on(steps) => self.step(),
                Phase::Wild => {}
                Phase::Finale => finale::interrupt(self),
            }
        }
        self.with(|state| state.depth -= 1);
        self.trouble(engine, at)
    }

    /// Trouble alone: nobody else moves.
    pub fn trouble(&self, engine: usize, at: At) -> Trouble {
        self.with(|state| if state.places[engine].dead { Trouble::Gone } else { state.trouble_at(engine, at) })
    }

    /// While a committer waits to hear what became of its commit, the world goes on.
    pub fn meanwhile(&self, engine: usize) {
        let times = self.with(|state| {
            state.depth += 1;
            // What is tried again after this may meet another day.
            if state.allows(Fault::ClockAhead) && state.dice.in_thousand(900) {
                state.hit(Fault::ClockAhead);
                let skew = state.places[engine].clock.skew_ms();
                state.places[engine].clock.set_skew(skew + 15_000);
                state.clocks_moved();
            }
            if state.depth > DEPTH_MAX { 0 } else { state.dice.below(16) }
        });
        self.stop_campaign();
        let steps = self.with(|state| state.options.steps);
        (0..times).filter(|_| self.goes_on(steps)).for_each(|_| self.step());
        self.with(|state| state.depth -= 1);
    }

    /// Somebody stops a campaign elsewhere: what runs again after a lost commit is then denied, and the commit itself may still come.
    fn stop_campaign(&self) {
        let stops = self.with(|state| {
            let engine = state.at_rest().filter(|_| state.depth <= DEPTH_MAX && state.dice.in_thousand(500))?;
            let (id, life, audience) = ("open".to_owned(), Life::Paused, Audience::Open);
            let limits = state.judge.model.campaigns.get(&id).map(|campaign| campaign.limits.clone());
            let limits = limits.unwrap_or_default();
            let what = What::SaveCampaign { id, life, start: None, end: None, audience, limits };
            Some((engine, Arc::new(Asked { key: state.shop.key(), what })))
        });
        if let Some((engine, asked)) = stops {
            self.submit(engine, asked, CallTerms::default());
            self.lead(engine);
        }
    }

    /// A group went through its commit.
    pub fn committed(
        &self,
        engine: usize,
        changesets: &[Changeset],
        outcomes: &[CommitOutcome],
        late: Option<(&[Called], u64, i64)>,
    ) {
        let came = came_through(changesets, outcomes);
        self.with(|state| {
            let true_ms = state.places[engine].clock.true_ms();
            if let Err(wrong) = state.judge.committed(&*self.store, engine, &came, late, true_ms) {
                state.violated(wrong);
            }
        });
    }

    pub fn keep_late(&self, group: LateGroup) {
        self.with(|state| {
            let records =
                state.judge.records.values().filter(|record| record.engine == group.engine).cloned().collect();
            let (seq, ms) = (state.judge.seq, state.places[group.engine].clock.true_ms());
            state.late.push((group, records, seq, ms));
        });
    }

    pub fn proposed(&self, cards: impl Iterator<Item = CardId>) {
        let cards = cards.collect();
        self.with(|state| {
            if let Some(innermost) = state.proposed.last_mut() {
                *innermost = cards;
            }
        });
    }

    fn end(&self) -> Outcome {
        let (engines, open, outcome) = self.with(|state| {
            let engines: Vec<_> = state.places.iter_mut().map(|place| place.engine.take()).collect();
            state.tally.stale = state.judge.stale;
            state.tally.commits = state.judge.commits;
            state.tally.fences = state.judge.fences;
            for (op, _) in state.judge.model.kept.keys() {
                *state.tally.done.entry(op).or_default() += 1;
            }
            let outcome = Outcome { tally: state.tally.clone(), violation: state.violation.clone() };
            (engines, std::mem::take(&mut state.open), outcome)
        });
        drop((open, engines));
        outcome
    }
}

fn came_through<'a>(changesets: &'a [Changeset], outcomes: &[CommitOutcome]) -> Vec<&'a Changeset> {
    let pairs = changesets.iter().zip(outcomes);
    pairs.filter(|(_, outcome)| **outcome == CommitOutcome::Committed).map(|(changeset, _)| changeset).collect()
}

impl State {
    pub fn hit(&mut self, fault: Fault) {
        self.count(fault.name());
    }

    fn count(&mut self, what: &'static str) {
        *self.tally.faults.entry(what).or_default() += 1;
    }

    pub fn violated(&mut self, (invariant, detail): Wrong) {
        let step = self.step;
        self.violation.get_or_insert(Violation { invariant, detail, step });
    }

    fn note(&mut self, record: &Called, outcome: &Result<Reply, Error>) {
        let status = outcome.as_ref().map_or_else(|error| error.status().code(), |_| "ok");
        let mut trace = DefaultHasher::new();
        (self.tally.trace, record.id, status, self.judge.seq, format!("{outcome:?}")).hash(&mut trace);
        self.tally.trace = trace.finish();
        *self.tally.replies.entry(status).or_default() += 1;
        self.attempts += 1;
        match outcome {
            Ok(_) | Err(Error::Denied(_) | Error::Invalid(_)) => {
                self.successes += u64::from(outcome.is_ok());
                if outcome.is_err() && !self.late.is_empty() {
                    self.judge.told_nothing.insert(record.id);
                }
                self.past.push(Arc::clone(&record.asked));
                self.shop.heard(record, outcome);
            }
            Err(_) => {
                if self.late.iter().any(|(group, _, _, _)| group.engine == record.engine)
                    && !matches!(outcome, Err(Error::Store(cardmint::store::StoreError::OutcomeUnknown(_))))
                {
                    self.judge.told_nothing.insert(record.id);
                }
                self.unresolved.push(Arc::clone(&record.asked));
            }
        }
    }

    fn landed_late(
        &mut self,
        store: &dyn Store,
        group: &LateGroup,
        came: &[&Changeset],
        records: &[Called],
        seq: u64,
        ms: i64,
    ) {
        for changeset in came {
            // A fence that comes late keeps out what the caller heard would not come.
            if super::fences::fenced(changeset).is_some() {
                continue;
            }
            let Some((op, key)) = super::matching::asked_under(changeset) else { continue };
            if let Err(wrong) = self.judge.may_land(op, key, seq) {
                self.violated(wrong);
            }
            let asked: Vec<_> =
                records.iter().filter(|record| record.asked.op() == op && record.asked.key == key).collect();
            // Of two that asked for the same, the other may be the one that is in the group.
            if let [alone] = asked.as_slice()
                && self.judge.told_nothing.contains(&alone.id)
            {
                let what = format!("a caller of {op} {key} heard that nothing was written, and it came late");
                self.violated(("nothing_written", what));
            }
        }
        let true_ms = self.places[group.engine].clock.true_ms();
        let late = Some((records, seq, ms));
        if let Err(wrong) = self.judge.committed(store, group.engine, came, late, true_ms) {
            self.violated(wrong);
        }
    }

    /// Calls that were given up while their engine was inside of something are over when it is at rest.
    fn forget_ghosts(&mut self, engine: usize) {
        if self.places[engine].inside > 0 {
            return;
        }
        let open: std::collections::BTreeSet<u64> = self.open.iter().map(|open| open.record).collect();
        let ghosts: Vec<u64> = self
            .judge
            .records
            .values()
            .filter(|record| record.engine == engine && !open.contains(&record.id))
            .map(|record| record.id)
            .collect();
        for id in ghosts {
            let record = self.judge.records.remove(&id);
            self.unresolved.extend(record.map(|record| record.asked));
        }
    }
}
