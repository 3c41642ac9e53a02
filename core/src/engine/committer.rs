//! Group commit: callers on many threads meet at one committer. While one group is being made durable the next gathers.
//!
//! There is no thread to begin with: whoever blocks on a call leads a group for all that wait. Only when a call is
//! awaited instead is one thread started, which leads whenever nobody else does.

use std::collections::{BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};
use std::thread::{self, Thread, ThreadId};

use super::error::Error;
use super::view::{ControlCache, Overlay, Snapshot, View};
use crate::entropy::Entropy;
use crate::id::Version;
use crate::store::{Changeset, CommitOutcome, Group, Store, StoreError, TenantKey};
use crate::time::{Clock, Instant};

/// What a decision says of one request.
pub(super) enum Verdict {
    /// Something must be read first; the view knows what.
    Missing,
    /// It changes something. The job keeps its reply until the change is durable.
    Change(Changeset),
    /// It changes nothing: a denial, or the reply to a request that was done before.
    Answer,
}

/// One request in the queue.
pub(super) trait Job: Send {
    /// Decides against the view. May be called again: only the last verdict counts.
    fn decide(&mut self, view: &mut View<'_>, version: Version) -> Verdict;

    /// Whose records it touches.
    fn tenant(&self) -> &TenantKey;

    /// Gives the caller what the last verdict led to, or the fault that came between.
    fn finish(self: Box<Self>, fault: Option<Error>);

    /// Whether the caller has dropped its call.
    fn is_withdrawn(&self) -> bool;

    /// Wakes the caller where it waits, to lead; `false` where it does not wait.
    fn nudge(&self) -> bool;
}

/// What a thread blocks on.
pub(super) trait Awaited {
    /// Whether it has come; if not, the waker is woken when it does.
    fn is_done(&self, waker: &Waker) -> bool;
}

/// Wakes a thread that is parked.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Bounds of the committer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Most calls in the queue; beyond it a call is answered `busy` at once.
    pub queue_max: usize,
    /// Most calls of one group.
    pub group_max: usize,
}

/// How often a group is decided again before those left are answered `busy`.
const ROUNDS_MAX: usize = 20;

/// How often a group whose outcome is unknown is settled by running it again.
const UNKNOWN_MAX: usize = 3;

/// How often a leader lets others have the processor before it takes a group that is smaller than the last.
const GATHER_TURNS: usize = 4;

pub(super) struct Committer {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    pub(super) cache: ControlCache,
    bounds: Bounds,
    queue: Mutex<Queue>,
    /// Tells the background thread, and whoever closes, that a group ended, a call came in or the engine closed.
    moved: Condvar,
}

struct Queue {
    waiting: VecDeque<Box<dyn Job>>,
    /// The right to lead: taken by whoever runs a group.
    baton: Option<Baton>,
    /// Who has it.
    leader: Option<ThreadId>,
    background: bool,
    closed: bool,
}

/// Where the committer's next event stands in the journal.
struct Baton {
    writer: u64,
    next_event: u64,
    /// How many calls the group before had.
    last_group: usize,
}

impl Baton {
    fn new(entropy: &dyn Entropy) -> Self {
        // 63 bits, so that every store can keep it in a signed column.
        Self { writer: entropy.next_u64() >> 1, next_event: 0, last_group: 0 }
    }
}

impl Committer {
    pub(super) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        cache: ControlCache,
        bounds: Bounds,
    ) -> Self {
        let baton = Some(Baton::new(&*entropy));
        let queue = Queue { waiting: VecDeque::new(), baton, leader: None, background: false, closed: false };
        Self { store, clock, entropy, cache, bounds, queue: Mutex::new(queue), moved: Condvar::new() }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // No code of ours panics under this lock; a poisoned queue is still whole.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a request in; gives it back with the reason when it cannot be taken.
    pub(super) fn submit(&self, job: Box<dyn Job>) {
        let mut queue = self.queue();
        let refused = if queue.closed {
            Some(Error::Closed)
        } else if queue.waiting.len() >= self.bounds.queue_max {
            Some(Error::Busy(format!("{} calls wait already", self.bounds.queue_max)))
        } else {
            None
        };
        match refused {
            Some(error) => {
                drop(queue);
                job.finish(Some(error));
            }
            None => {
                queue.waiting.push_back(job);
                if queue.background {
                    self.moved.notify_all();
                }
            }
        }
    }

    /// Leads groups, or sleeps while others do, until what is awaited has come.
    pub(super) fn lead_until(&self, awaited: &dyn Awaited) {
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        while !awaited.is_done(&waker) {
            match self.take_group() {
                Some((baton, jobs)) => self.lead(baton, jobs),
                // Woken by its own reply, or by a leader that goes and leaves calls behind.
                None => thread::park(),
            }
        }
        self.hand_over();
    }

    /// Wakes somebody who waits for a call that is still in the queue, so that no call is left without a leader.
    fn hand_over(&self) {
        let queue = self.queue();
        if queue.baton.is_none() || queue.waiting.is_empty() {
            return;
        }
        if queue.background {
            self.moved.notify_all();
        } else {
            // Who has not come to wait yet will find the baton free.
            let _ = queue.waiting.iter().any(|job| job.nudge());
        }
    }

    /// Makes sure that a thread leads for calls that nobody blocks on.
    pub(super) fn lead_in_background(self: &Arc<Self>) {
        let mut queue = self.queue();
        if queue.background || queue.closed {
            self.moved.notify_all();
            return;
        }
        queue.background = true;
        let committer = Arc::clone(self);
        let started =
            thread::Builder::new().name("cardmint-committer".to_owned()).spawn(move || committer.background());
        if started.is_err() {
            // No thread to be had: the awaiting thread leads this once, so that no call hangs.
            queue.background = false;
            drop(queue);
            if let Some((baton, jobs)) = self.take_group() {
                self.lead(baton, jobs);
            }
        }
    }

    fn background(&self) {
        loop {
            if let Some((baton, jobs)) = self.take_group() {
                self.lead(baton, jobs);
                continue;
            }
            let queue = self.queue();
            if queue.closed {
                return;
            }
            if queue.baton.is_none() || queue.waiting.is_empty() {
                drop(self.moved.wait(queue).unwrap_or_else(PoisonError::into_inner));
            }
        }
    }

    /// No new calls; what waits is answered `closed`; a group under way ends first.
    pub(super) fn close(&self) {
        let mut queue = self.queue();
        queue.closed = true;
        let left: Vec<_> = queue.waiting.drain(..).collect();
        // A leader that drops the last handle, as a waker may that it calls, cannot wait for itself.
        while queue.baton.is_none() && queue.leader != Some(thread::current().id()) {
            queue = self.moved.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        drop(queue);
        left.into_iter().for_each(|job| job.finish(Some(Error::Closed)));
        self.moved.notify_all();
    }

    /// Takes the right to lead and the calls of the next group, where there are any and nobody else leads.
    fn take_group(&self) -> Option<(Baton, Vec<Box<dyn Job>>)> {
        let mut queue = self.queue();
        if queue.waiting.is_empty() {
            return None;
        }
        let baton = queue.baton.take()?;
        queue.leader = Some(thread::current().id());
        // Callers that were just answered are about to ask again: a group that is smaller than the last one lets them have
        // the processor first. A lone caller, whose last group was one, never waits here.
        for _ in 0..GATHER_TURNS {
            if queue.waiting.len() >= baton.last_group {
                break;
            }
            drop(queue);
            thread::yield_now();
            queue = self.queue();
        }
        let most = self.bounds.group_max.min(queue.waiting.len());
        Some((baton, queue.waiting.drain(..most).collect()))
    }

    fn lead(&self, mut baton: Baton, jobs: Vec<Box<dyn Job>>) {
        baton.last_group = jobs.len();
        // A store that panics must not take the right to lead with it; the jobs answer for themselves when dropped.
        if catch_unwind(AssertUnwindSafe(|| self.run(&mut baton, jobs))).is_err() {
            baton = Baton::new(&*self.entropy);
        }
        let mut queue = self.queue();
        queue.baton = Some(baton);
        queue.leader = None;
        drop(queue);
        self.moved.notify_all();
    }

    /// Decides a group, commits it, answers it. Those that fell out are decided again from a fresh snapshot.
    fn run(&self, baton: &mut Baton, jobs: Vec<Box<dyn Job>>) {
        let mut jobs: Vec<_> = jobs.into_iter().filter(|job| !job.is_withdrawn()).collect();
        let mut unknown = 0;
        for round in 0..ROUNDS_MAX {
            if jobs.is_empty() {
                return;
            }
            let now = self.clock.now();
            // What fell out may have met a control row that is older than the store's: from then on none is taken from the cache.
            let cache = (round == 0).then_some(&self.cache);
            let decided = match self.decide(&mut jobs, now, cache) {
                Ok(decided) => decided,
                Err(error) => return finish_all(jobs, &fault(error, unknown)),
            };
            jobs = match self.commit(baton, &decided.changesets) {
                Ok(outcomes) => {
                    let committed = decided.changesets.iter().zip(&outcomes);
                    for (changeset, _) in committed.filter(|(_, outcome)| **outcome == CommitOutcome::Committed) {
                        baton.next_event += changeset.events.len() as u64;
                        self.cache.written(changeset, now);
                    }
                    answer(jobs, &decided, &outcomes)
                }
                // Absence is not an answer: the same requests run again, and meet their keys if they were done.
                Err(StoreError::OutcomeUnknown(_)) if unknown < UNKNOWN_MAX => {
                    unknown += 1;
                    *baton = Baton::new(&*self.entropy);
                    jobs
                }
                Err(error) => {
                    *baton = Baton::new(&*self.entropy);
                    return fail(jobs, &decided, &fault(error, unknown));
                }
            };
        }
        let busy = "others kept changing what this call needs".to_owned();
        finish_all(jobs, &if unknown == 0 { Error::Busy(busy) } else { StoreError::OutcomeUnknown(busy).into() });
    }

    fn commit(&self, baton: &Baton, changesets: &[Changeset]) -> Result<Vec<CommitOutcome>, StoreError> {
        if changesets.is_empty() {
            return Ok(Vec::new());
        }
        self.store.commit(Group { writer: baton.writer, first_event: baton.next_event, changesets })
    }

    /// Decides all, one after another, each seeing what those before it change. Reads what they miss, then decides anew.
    fn decide(
        &self,
        jobs: &mut [Box<dyn Job>],
        now: Instant,
        cache: Option<&ControlCache>,
    ) -> Result<Decided, StoreError> {
        let mut snapshot = Snapshot::new();
        loop {
            let mut overlay = Overlay::default();
            let mut members = Vec::with_capacity(jobs.len());
            let mut missing = BTreeSet::new();
            let crowd = jobs.len();
            for job in jobs.iter_mut() {
                let tenant = job.tenant().clone();
                let mut view = View::new(&tenant, now, &snapshot, &overlay, cache);
                view.crowd = crowd;
                let version = Version(self.entropy.next_u64());
                let verdict = catch_unwind(AssertUnwindSafe(|| job.decide(&mut view, version)));
                let after: Vec<usize> = view.after.iter().copied().collect();
                missing.extend(view.missing);
                members.push(match verdict {
                    Ok(Verdict::Change(mut changeset)) => {
                        changeset.after = after;
                        Member::Change(overlay.add(changeset, &snapshot))
                    }
                    Ok(Verdict::Answer) => Member::Answer(after),
                    Ok(Verdict::Missing) => Member::Answer(Vec::new()),
                    Err(_) => Member::Panicked,
                });
            }
            if missing.is_empty() {
                return Ok(Decided { members, changesets: overlay.changesets });
            }
            let lookups: Vec<_> = missing.into_iter().collect();
            let writes = self.cache.writes();
            let rows = self.store.load(&lookups)?;
            for (lookup, row) in lookups.into_iter().zip(rows) {
                self.cache.put(&lookup, row.clone(), now, writes);
                snapshot.insert(lookup, row);
            }
        }
    }
}

/// What a group came to before it was committed.
struct Decided {
    members: Vec<Member>,
    changesets: Vec<Changeset>,
}

enum Member {
    /// The changeset at this place.
    Change(usize),
    /// Nothing to write; rests on the changesets at these places.
    Answer(Vec<usize>),
    /// A bug; nothing was decided.
    Panicked,
}

/// Answers all whose ground is durable; gives back the rest.
fn answer(jobs: Vec<Box<dyn Job>>, decided: &Decided, outcomes: &[CommitOutcome]) -> Vec<Box<dyn Job>> {
    let stands = |place: &usize| outcomes.get(*place) == Some(&CommitOutcome::Committed);
    let mut left = Vec::new();
    for (job, member) in jobs.into_iter().zip(&decided.members) {
        let done = match member {
            Member::Change(place) => stands(place),
            Member::Answer(after) => after.iter().all(stands),
            Member::Panicked => {
                job.finish(Some(panicked()));
                continue;
            }
        };
        if done { job.finish(None) } else { left.push(job) }
    }
    left
}

/// Answers a group whose commit failed: what rests on nothing in it stands all the same.
fn fail(jobs: Vec<Box<dyn Job>>, decided: &Decided, error: &Error) {
    for (job, member) in jobs.into_iter().zip(&decided.members) {
        match member {
            Member::Answer(after) if after.is_empty() => job.finish(None),
            Member::Change(_) | Member::Answer(_) => job.finish(Some(error.clone())),
            Member::Panicked => job.finish(Some(panicked())),
        }
    }
}

/// What a group hears of an error: once a commit of it ended in the dark, no later error says that nothing was written.
fn fault(error: StoreError, unknown: usize) -> Error {
    match error {
        error if unknown == 0 => error.into(),
        StoreError::OutcomeUnknown(what) => StoreError::OutcomeUnknown(what).into(),
        other => StoreError::OutcomeUnknown(other.to_string()).into(),
    }
}

fn finish_all(jobs: Vec<Box<dyn Job>>, error: &Error) {
    jobs.into_iter().for_each(|job| job.finish(Some(error.clone())));
}

fn panicked() -> Error {
    Error::Internal("a decision panicked; nothing of this request was written".to_owned())
}
