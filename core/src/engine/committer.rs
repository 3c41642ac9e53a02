//! Group commit: callers on many threads meet at one committer. While one group is being made durable the next is decided.
//!
//! There is no thread to begin with: whoever blocks on a call leads a group for all that wait. Only when a call is
//! awaited instead is one thread started, which leads whenever nobody else does.
//!
//! A leader first *plans*: takes the calls that wait and decides them. Then it *commits*, one group at a time. At most one
//! group is planned while another is committed; its decisions see what that one changes, as if it had happened already, and
//! are made again if it did not come through whole.

use std::collections::{BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};
use std::thread::{self, Thread};

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
    /// How often a leader whose group is decided yields before it sleeps until the store is free.
    pub yields_max: usize,
}

/// How often a group is decided again before those left are answered `busy`.
const ROUNDS_MAX: usize = 20;

/// How often a group whose outcome is unknown is settled by running it again.
const UNKNOWN_MAX: usize = 3;

pub(super) struct Committer {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    pub(super) cache: ControlCache,
    bounds: Bounds,
    queue: Mutex<Queue>,
    /// Told when the desk is free again, when the calls came that a planner waits for, and when the engine closes.
    moved: Condvar,
}

struct Queue {
    waiting: VecDeque<Box<dyn Job>>,
    /// Somebody takes and decides the next group.
    planning: bool,
    /// The right to commit; `None` while somebody does.
    desk: Option<Desk>,
    /// What is being committed.
    in_flight: Option<Arc<Flight>>,
    /// Sizes of the last two groups: together, about as many calls as callers keep going.
    sizes: [usize; 2],
    background: bool,
    closed: bool,
}

impl Queue {
    /// How many calls are worth planning while the desk is taken: half of what callers keep going, so that the other half can
    /// gather while this one is committed.
    fn worth_planning(&self) -> usize {
        (self.sizes.iter().sum::<usize>() / 2).max(1)
    }

    fn is_idle(&self) -> bool {
        !self.planning && self.desk.is_some()
    }
}

/// Where the committer's next event stands in the journal.
struct Desk {
    writer: u64,
    next_event: u64,
}

impl Desk {
    fn new(entropy: &dyn Entropy) -> Self {
        // 63 bits, so that every store can keep it in a signed column.
        Self { writer: entropy.next_u64() >> 1, next_event: 0 }
    }
}

/// A group whose changes are on their way into the store.
struct Flight {
    overlay: Overlay,
    /// Whether all of it was committed at once: only then do decisions stand that were made on it.
    whole: AtomicBool,
}

/// The right to plan, given back however planning ends.
struct Planning<'a>(&'a Committer);

impl Drop for Planning<'_> {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        queue.planning = false;
        if queue.desk.is_some() {
            // Whoever closes waits for this, too.
            self.0.moved.notify_all();
        }
        self.0.hand_over(queue);
    }
}

/// The right to commit, given back however committing ends.
struct AtDesk<'a> {
    committer: &'a Committer,
    desk: Desk,
}

impl Drop for AtDesk<'_> {
    fn drop(&mut self) {
        let fresh = Desk::new(&*self.committer.entropy);
        // After a panic nobody knows how many events were written.
        let desk = if thread::panicking() { fresh } else { std::mem::replace(&mut self.desk, fresh) };
        let mut queue = self.committer.queue();
        queue.desk = Some(desk);
        queue.in_flight = None;
        drop(queue);
        self.committer.moved.notify_all();
    }
}

/// A call and what it ends in: its own verdict, or the fault.
type Done = (Box<dyn Job>, Option<Error>);

impl Committer {
    pub(super) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        cache: ControlCache,
        bounds: Bounds,
    ) -> Self {
        let queue = Queue {
            waiting: VecDeque::new(),
            planning: false,
            desk: Some(Desk::new(&*entropy)),
            in_flight: None,
            sizes: [0; 2],
            background: false,
            closed: false,
        };
        Self { store, clock, entropy, cache, bounds, queue: Mutex::new(queue), moved: Condvar::new() }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // No code of ours panics under this lock; a poisoned queue is still whole.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, queue: MutexGuard<'a, Queue>) -> MutexGuard<'a, Queue> {
        self.moved.wait(queue).unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a request in, or answers it at once when it cannot be taken.
    pub(super) fn submit(&self, job: Box<dyn Job>) {
        let mut queue = self.queue();
        let refused = if queue.closed {
            Some(Error::Closed)
        } else if queue.waiting.len() >= self.bounds.queue_max {
            Some(Error::Busy(format!("{} calls wait already", self.bounds.queue_max)))
        } else {
            None
        };
        if let Some(error) = refused {
            drop(queue);
            job.finish(Some(error));
            return;
        }
        queue.waiting.push_back(job);
        let planner_waits = queue.planning && queue.waiting.len() == queue.worth_planning();
        if queue.background || planner_waits {
            self.moved.notify_all();
        }
    }

    /// Leads groups, or sleeps while others do, until what is awaited has come.
    pub(super) fn lead_until(&self, awaited: &dyn Awaited) {
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        while !awaited.is_done(&waker) {
            if !self.lead() {
                // Woken by its own reply, or by a leader that goes and leaves calls behind.
                thread::park();
            }
        }
        self.hand_over(self.queue());
    }

    /// Wakes somebody who waits for a call that is still in the queue, so that no call is left without a leader.
    fn hand_over(&self, queue: MutexGuard<'_, Queue>) {
        if queue.planning || queue.waiting.is_empty() {
            return;
        }
        if queue.background {
            self.moved.notify_all();
        } else {
            // Who has not come to wait yet will find that nobody plans.
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
            self.lead();
        }
    }

    fn background(&self) {
        loop {
            if self.lead() {
                continue;
            }
            let queue = self.queue();
            if queue.closed {
                return;
            }
            if queue.planning || queue.waiting.is_empty() {
                drop(self.wait(queue));
            }
        }
    }

    /// No new calls; what waits is answered `closed`; groups under way end first.
    pub(super) fn close(&self) {
        let mut queue = self.queue();
        queue.closed = true;
        let left: Vec<_> = queue.waiting.drain(..).collect();
        self.moved.notify_all();
        while !queue.is_idle() {
            queue = self.wait(queue);
        }
        drop(queue);
        left.into_iter().for_each(|job| job.finish(Some(Error::Closed)));
        self.moved.notify_all();
    }

    /// Leads one group; `false` where there is none to lead.
    fn lead(&self) -> bool {
        let mut queue = self.queue();
        if queue.planning || queue.waiting.is_empty() {
            return false;
        }
        queue.planning = true;
        // Nothing is won by planning before the desk is free, as long as that comes in time: more calls may gather.
        while queue.desk.is_none() && queue.waiting.len() < queue.worth_planning() && !queue.closed {
            queue = self.wait(queue);
        }
        let most = self.bounds.group_max.min(queue.waiting.len());
        let jobs: Vec<_> = queue.waiting.drain(..most).collect();
        let base = queue.in_flight.clone();
        drop(queue);
        let planning = Planning(self);
        // A store that panics gives the rights to plan and commit back; the jobs answer for themselves when dropped.
        let done = catch_unwind(AssertUnwindSafe(|| self.plan_and_commit(planning, jobs, base)));
        // Callers are told last, when others can lead already: a waker may do what it likes.
        done.unwrap_or_default().into_iter().for_each(|(job, fault)| job.finish(fault));
        true
    }

    fn plan_and_commit(&self, planning: Planning<'_>, jobs: Vec<Box<dyn Job>>, base: Option<Arc<Flight>>) -> Vec<Done> {
        let mut jobs: Vec<_> = jobs.into_iter().filter(|job| !job.is_withdrawn()).collect();
        let mut planned = self.decide(&mut jobs, Some(&self.cache), base.as_deref());
        let mut at_desk = self.take_desk();
        if base.is_some_and(|base| !base.whole.load(Ordering::Acquire)) {
            // What these decisions were made on did not come through: all again, now that the store has settled.
            planned = self.decide(&mut jobs, None, None);
        }
        let mut done = Vec::with_capacity(jobs.len());
        match planned {
            Ok(Plan { overlay, members, at }) => {
                let flight = Arc::new(Flight { overlay, whole: AtomicBool::new(false) });
                self.take_off(&flight, members.len());
                drop(planning);
                self.commit_all(&mut at_desk.desk, jobs, &flight, Planned { members, at }, &mut done);
            }
            Err(error) => done.extend(jobs.into_iter().map(|job| (job, Some(error.clone().into())))),
        }
        done
    }

    /// Waits for the group before to end and takes its place. It yields for a while before it sleeps: to be woken takes some
    /// tens of microseconds, and with calls waiting every group would pay for it.
    fn take_desk(&self) -> AtDesk<'_> {
        let mut turns = self.bounds.yields_max;
        let mut queue = self.queue();
        loop {
            if let Some(desk) = queue.desk.take() {
                return AtDesk { committer: self, desk };
            }
            if turns == 0 {
                queue = self.wait(queue);
                continue;
            }
            turns -= 1;
            drop(queue);
            thread::yield_now();
            queue = self.queue();
        }
    }

    /// Lets the next group be planned on what this one is about to change.
    fn take_off(&self, flight: &Arc<Flight>, size: usize) {
        let mut queue = self.queue();
        queue.in_flight = Some(Arc::clone(flight));
        queue.sizes.rotate_left(1);
        if let Some(last) = queue.sizes.last_mut() {
            *last = size;
        }
    }

    /// Commits a group; what falls out is decided again from a fresh snapshot until all is answered.
    fn commit_all(
        &self,
        desk: &mut Desk,
        jobs: Vec<Box<dyn Job>>,
        flight: &Flight,
        first: Planned,
        done: &mut Vec<Done>,
    ) {
        let mut unknown = 0;
        let (mut jobs, whole) = self.commit(desk, jobs, &flight.overlay.changesets, &first, &mut unknown, done);
        flight.whole.store(whole, Ordering::Release);
        for _ in 1..ROUNDS_MAX {
            if jobs.is_empty() {
                return;
            }
            // What fell out may have met a control row that is older than the store's: from now on none is taken from the cache.
            let plan = match self.decide(&mut jobs, None, None) {
                Ok(plan) => plan,
                Err(error) => {
                    let error = fault(error, unknown);
                    done.extend(jobs.into_iter().map(|job| (job, Some(error.clone()))));
                    return;
                }
            };
            let Plan { overlay, members, at } = plan;
            (jobs, _) = self.commit(desk, jobs, &overlay.changesets, &Planned { members, at }, &mut unknown, done);
        }
        let busy = "others kept changing what this call needs".to_owned();
        let error = if unknown == 0 { Error::Busy(busy) } else { StoreError::OutcomeUnknown(busy).into() };
        done.extend(jobs.into_iter().map(|job| (job, Some(error.clone()))));
    }

    /// One try: gives back the jobs that are to be decided again, and whether the whole group came through.
    fn commit(
        &self,
        desk: &mut Desk,
        jobs: Vec<Box<dyn Job>>,
        changesets: &[Changeset],
        planned: &Planned,
        unknown: &mut usize,
        done: &mut Vec<Done>,
    ) -> (Vec<Box<dyn Job>>, bool) {
        let outcomes = match changesets.is_empty() {
            true => Ok(Vec::new()),
            false => self.store.commit(Group { writer: desk.writer, first_event: desk.next_event, changesets }),
        };
        match outcomes {
            Ok(outcomes) => {
                let committed = changesets.iter().zip(&outcomes);
                for (changeset, _) in committed.filter(|(_, outcome)| **outcome == CommitOutcome::Committed) {
                    desk.next_event += changeset.events.len() as u64;
                    self.cache.written(changeset, planned.at);
                }
                let whole = outcomes.iter().all(|outcome| *outcome == CommitOutcome::Committed);
                (answer(jobs, &planned.members, &outcomes, done), whole)
            }
            // Absence is not an answer: the same requests run again, and meet their keys if they were done.
            Err(StoreError::OutcomeUnknown(_)) if *unknown < UNKNOWN_MAX => {
                *unknown += 1;
                *desk = Desk::new(&*self.entropy);
                (jobs, false)
            }
            Err(error) => {
                *desk = Desk::new(&*self.entropy);
                fail(jobs, &planned.members, &fault(error, *unknown), done);
                (Vec::new(), false)
            }
        }
    }

    /// Decides all, one after another, each seeing what those before it change. Reads what they miss, then decides anew.
    fn decide(
        &self,
        jobs: &mut [Box<dyn Job>],
        cache: Option<&ControlCache>,
        base: Option<&Flight>,
    ) -> Result<Plan, StoreError> {
        let now = self.clock.now();
        let base = base.map(|flight| &flight.overlay);
        let mut snapshot = Snapshot::new();
        loop {
            let mut overlay = Overlay::default();
            let mut members = Vec::with_capacity(jobs.len());
            let mut missing = BTreeSet::new();
            let crowd = jobs.len();
            for job in jobs.iter_mut() {
                let tenant = job.tenant().clone();
                let mut view = View::new(&tenant, now, &snapshot, &overlay, base, cache);
                view.crowd = crowd;
                let version = Version(self.entropy.next_u64());
                let verdict = catch_unwind(AssertUnwindSafe(|| job.decide(&mut view, version)));
                let after: Vec<usize> = view.after.iter().copied().collect();
                missing.extend(view.missing);
                members.push(match verdict {
                    Ok(Verdict::Change(mut changeset)) => {
                        changeset.after = after;
                        Member::Change(overlay.add(changeset, base, &snapshot))
                    }
                    Ok(Verdict::Answer) => Member::Answer(after),
                    Ok(Verdict::Missing) => Member::Answer(Vec::new()),
                    Err(_) => Member::Panicked,
                });
            }
            if missing.is_empty() {
                return Ok(Plan { overlay, members, at: now });
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

/// A group that was decided.
struct Plan {
    overlay: Overlay,
    members: Vec<Member>,
    at: Instant,
}

/// What is left of a plan while its changes are on their way.
struct Planned {
    members: Vec<Member>,
    at: Instant,
}

enum Member {
    /// The changeset at this place.
    Change(usize),
    /// Nothing to write; rests on the changesets at these places.
    Answer(Vec<usize>),
    /// A bug; nothing was decided.
    Panicked,
}

/// Puts all whose ground is durable among those that are done; gives back the rest.
fn answer(
    jobs: Vec<Box<dyn Job>>,
    members: &[Member],
    outcomes: &[CommitOutcome],
    done: &mut Vec<Done>,
) -> Vec<Box<dyn Job>> {
    let stands = |place: &usize| outcomes.get(*place) == Some(&CommitOutcome::Committed);
    let mut left = Vec::new();
    for (job, member) in jobs.into_iter().zip(members) {
        match member {
            Member::Change(place) if stands(place) => done.push((job, None)),
            Member::Answer(after) if after.iter().all(stands) => done.push((job, None)),
            Member::Change(_) | Member::Answer(_) => left.push(job),
            Member::Panicked => done.push((job, Some(panicked()))),
        }
    }
    left
}

/// Ends a group whose commit failed: what rests on nothing in it stands all the same.
fn fail(jobs: Vec<Box<dyn Job>>, members: &[Member], error: &Error, done: &mut Vec<Done>) {
    done.extend(jobs.into_iter().zip(members).map(|(job, member)| match member {
        Member::Answer(after) if after.is_empty() => (job, None),
        Member::Change(_) | Member::Answer(_) => (job, Some(error.clone())),
        Member::Panicked => (job, Some(panicked())),
    }));
}

/// What a group hears of an error: once a commit of it ended in the dark, no later error says that nothing was written.
fn fault(error: StoreError, unknown: usize) -> Error {
    match error {
        error if unknown == 0 => error.into(),
        StoreError::OutcomeUnknown(what) => StoreError::OutcomeUnknown(what).into(),
        other => StoreError::OutcomeUnknown(other.to_string()).into(),
    }
}

fn panicked() -> Error {
    Error::Internal("a decision panicked; nothing of this request was written".to_owned())
}
