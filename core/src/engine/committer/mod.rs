//! Group commit: callers on many threads meet at one committer. While one group is being made durable the next is decided.
//!
//! There is no thread to begin with: whoever blocks on a call leads a group for all that wait. Only when a call is
//! awaited instead is one thread started, which leads whenever nobody else does.
//!
//! A leader first *plans* ([`plan`]): takes the calls that wait and decides them. Then it *commits* ([`settle`]), one group at a
//! time. At most one group is planned while another is committed; its decisions see what that one changes, as if it had happened
//! already, and are made again if it did not come through whole.

mod desk;
mod plan;
mod settle;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use std::task::{Wake, Waker};

use self::desk::{AtDesk, Desk, Flight, Planning, Queue};
use self::plan::{Round, Sight};
use super::error::Error;
use super::meter::{EngineFigures, Meter};
use super::sync::{Condvar, Mutex, MutexGuard, Ordering, Thread, thread};
use super::trace;
use super::view::{ControlCache, View};
use crate::defect::{self, Defect};
use crate::entropy::Entropy;
use crate::id::Version;
use crate::status::Status;
use crate::store::{Changeset, Store, StoreError, TenantKey, Turn};
use crate::time::Clock;

/// What a decision says of one request.
pub(super) enum Verdict {
    /// Something must be read first; the view knows what.
    Missing,
    /// It changes something. The job keeps its reply until the change is durable.
    Change(Changeset),
    /// It changes nothing, since it was done before: the same reply again.
    Answer,
    /// It changes nothing: a denial, or a request that does not fit what it speaks of.
    No,
}

/// One request in the queue.
pub(super) trait Job: Send {
    /// Decides against the view. May be called again: only the last verdict counts.
    fn decide(&mut self, view: &mut View<'_>, version: Version) -> Verdict;

    /// After a *no*: what keeps earlier tries of the request, whose outcome is unknown, from ever being committed. Nothing where its
    /// key is taken, or something must be read first, which the view knows.
    fn fence(&self, view: &mut View<'_>, version: Version) -> Option<Changeset>;

    /// Whose records it touches.
    fn tenant(&self) -> &TenantKey;

    /// Gives the caller what the last verdict led to, or the fault that came between; and says which it was.
    fn finish(self: Box<Self>, fault: Option<Error>) -> Status;

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
    /// How long a call waits that names no deadline of its own; 0 for as long as it takes.
    pub deadline_ms: u32,
}

/// How often the thread of the engine's own yields for the next call of several that keep coming.
const GATHER_YIELDS: usize = 100;

/// How often it yields for a call before it sleeps: about as long as a caller takes that awaits one call after another.
const LINGER_YIELDS: usize = 1_000;

pub(super) struct Committer {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    pub(super) cache: ControlCache,
    pub(super) meter: Meter,
    bounds: Bounds,
    queue: Mutex<Queue>,
    /// Told when the desk is free again, when the calls came that a planner waits for, and when the engine closes.
    moved: Condvar,
    /// The process that it was made in.
    home: u32,
    /// The engine among all that write to the store: the bits of its first desk. The tenants' books are kept apart by it.
    engine: u64,
}

/// A call that waits for its group, and since when.
struct Ticket {
    job: Box<dyn Job>,
    since_us: u64,
    /// After this moment nothing of it is committed any more.
    due_us: u64,
    /// A commit with its change, or an earlier try, ended in the dark: from then on no error and no denial says that nothing was written.
    unknown: bool,
}

/// A call and what it ends in: its own verdict, or the fault.
type Done = (Ticket, Option<Error>);

impl Committer {
    pub(super) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        cache: ControlCache,
        bounds: Bounds,
    ) -> Self {
        let desk = Desk::new(&*entropy);
        let engine = desk.writer;
        let queue = Mutex::new(Queue::new(desk));
        let home = clock.process();
        let (meter, moved) = (Meter::default(), Condvar::new());
        Self { store, clock, entropy, cache, meter, bounds, queue, moved, home, engine }
    }

    /// Whether this is the process that made it. Asked before any lock is taken: in a forked child another thread of the parent
    /// may seem to hold it for ever.
    pub(super) fn is_home(&self) -> bool {
        self.clock.process() == self.home
    }

    /// The engine among all that write to the store.
    pub(super) fn engine(&self) -> u64 {
        self.engine
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // No code of ours panics under this lock; a poisoned queue is still whole.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, mut queue: MutexGuard<'a, Queue>) -> MutexGuard<'a, Queue> {
        queue.asleep += 1;
        let mut queue = self.moved.wait(queue).unwrap_or_else(PoisonError::into_inner);
        queue.asleep -= 1;
        queue
    }

    pub(super) fn figures(&self) -> EngineFigures {
        let queued = self.queue().waiting.len();
        self.meter.figures(queued)
    }

    /// Hands a request in, or answers it at once when it cannot be taken. `unknown` says that it was tried before, here or elsewhere,
    /// and that nobody knows what became of that.
    pub(super) fn submit(&self, job: Box<dyn Job>, deadline_ms: Option<u32>, unknown: bool) {
        Meter::add(&self.meter.calls, 1);
        let since_us = self.clock.steady_us();
        let due_us = match deadline_ms.unwrap_or(self.bounds.deadline_ms) {
            0 => u64::MAX,
            millis => since_us.saturating_add(u64::from(millis) * 1_000),
        };
        let ticket = Ticket { job, since_us, due_us, unknown };
        let mut queue = self.queue();
        let refused = if defect::is(Defect::BusyToAll) {
            Some(Error::Busy("a seeded defect".to_owned()))
        } else if queue.closed {
            Some(Error::Closed)
        } else if queue.waiting.len() >= self.bounds.queue_max {
            Some(Error::Busy(format!("{} calls wait already", self.bounds.queue_max)))
        } else {
            None
        };
        if let Some(error) = refused {
            drop(queue);
            let fault = ticket.fault(error);
            self.finish((ticket, Some(fault)));
            return;
        }
        queue.waiting.push_back(ticket);
        let planner_waits = queue.planning && queue.waiting.len() == queue.worth_planning();
        if queue.sleeping || planner_waits {
            self.moved.notify_all();
        }
    }

    fn finish(&self, (ticket, fault): Done) {
        self.meter.reply_us.add(self.clock.steady_us().saturating_sub(ticket.since_us));
        let status = ticket.job.finish(fault);
        self.meter.ended(status);
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
            let _ = queue.waiting.iter().any(|ticket| ticket.job.nudge());
        }
    }

    /// Makes sure that a thread leads for calls that nobody blocks on.
    pub(super) fn lead_in_background(self: &Arc<Self>) {
        let mut queue = self.queue();
        if queue.background || queue.closed {
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
            self.gather();
            if self.lead() || self.linger() {
                continue;
            }
            let mut queue = self.queue();
            if queue.closed {
                return;
            }
            if queue.planning || queue.waiting.is_empty() {
                queue.sleeping = true;
                queue = self.wait(queue);
                queue.sleeping = false;
            }
        }
    }

    /// Calls that are awaited come one by one from the thread that makes them: as long as they keep coming, they gather, so that
    /// a small group does not go ahead of every large one. A lone caller's never wait here.
    fn gather(&self) {
        let (mut seen, mut turns) = (0, 0);
        while turns < GATHER_YIELDS {
            let queue = self.queue();
            let waiting = queue.waiting.len();
            if waiting == 0 || waiting >= queue.worth_gathering() || queue.planning || queue.closed {
                return;
            }
            drop(queue);
            turns = if waiting > seen { 0 } else { turns + 1 };
            seen = waiting;
            thread::yield_now();
        }
    }

    /// Whether a call came before it was worth sleeping: to be woken takes some tens of microseconds, which a caller that awaits
    /// one call after another would pay for each.
    fn linger(&self) -> bool {
        for _ in 0..LINGER_YIELDS {
            let queue = self.queue();
            if queue.closed || queue.planning {
                return false;
            }
            if !queue.waiting.is_empty() {
                return true;
            }
            drop(queue);
            thread::yield_now();
        }
        false
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
        for ticket in left {
            let fault = ticket.fault(Error::Closed);
            self.finish((ticket, Some(fault)));
        }
        self.moved.notify_all();
    }

    /// Leads one group; `false` where there is none to lead.
    fn lead(&self) -> bool {
        let mut queue = self.queue();
        if queue.planning || queue.waiting.is_empty() {
            return false;
        }
        queue.planning = true;
        // While the desk is taken, a few calls at a time are worth it: more come while these are decided.
        while queue.desk.is_none() && queue.waiting.len() < queue.worth_planning() && !queue.closed {
            queue = self.wait(queue);
        }
        let most = self.bounds.group_max.min(queue.waiting.len());
        let tickets: Vec<_> = queue.waiting.drain(..most).collect();
        let base = queue.in_flight.clone();
        drop(queue);
        let _span = trace::group(tickets.len());
        let planning = Planning(self);
        // A store that panics gives the rights to plan and commit back; the jobs answer for themselves when dropped.
        let done = catch_unwind(AssertUnwindSafe(|| self.plan_and_commit(planning, tickets, base)));
        if done.is_err() {
            Meter::add(&self.meter.panics, 1);
        }
        // Callers are told last, when others can lead already: a waker may do what it likes.
        done.unwrap_or_default().into_iter().for_each(|done| self.finish(done));
        true
    }

    fn plan_and_commit(&self, planning: Planning<'_>, tickets: Vec<Ticket>, base: Option<Arc<Flight>>) -> Vec<Done> {
        let mut done = Vec::with_capacity(tickets.len());
        let tickets = self.first_sift(tickets, &mut done);
        let turn = self.turn_alone(&tickets, base.as_deref());
        let sight = Sight { cache: Some(&self.cache), base: base.as_deref(), turn: turn.as_deref() };
        let mut round = self.plan(sight, tickets, &mut done);
        let mut at_desk = self.take_desk(&mut round, base.as_deref(), &mut done);
        let lost_ground = base.is_some_and(|base| !base.whole.load(Ordering::Acquire));
        let now = self.clock.steady_us();
        if lost_ground || round.tickets.iter().any(|ticket| ticket.is_over(now)) {
            // What these decisions were made on did not come through, or one of them came too late: all again.
            let tickets = self.sift(round.tickets, &mut done);
            Meter::add(&self.meter.decided_again, tickets.len());
            round = self.plan(Sight { turn: turn.as_deref(), ..Sight::default() }, tickets, &mut done);
        }
        let flight = Arc::new(Flight::new(round.plan.overlay));
        self.take_off(&flight, round.plan.members.len());
        drop(planning);
        let planned = (round.plan.members, round.plan.at_us, round.plan.control_us);
        let changesets = &flight.overlay.changesets;
        let left = self.commit(&mut at_desk.desk, round.tickets, changesets, (turn, &planned), &mut done);
        flight.whole.store(left.is_whole(), Ordering::Release);
        self.settle(&mut at_desk.desk, left, &mut done);
        done
    }

    /// For a call that is alone, with nobody committing: the turn to write, if it can be had at once. One transaction is cheaper than
    /// one to read and one to write, and nobody can come between. Many calls would keep others out of the store for longer than one.
    fn turn_alone(&self, tickets: &[Ticket], base: Option<&Flight>) -> Option<Box<dyn Turn + '_>> {
        if tickets.len() != 1 || base.is_some() {
            return None;
        }
        // What is wrong with the store is met, and told, on the ordinary way.
        self.store.turn_if_free().unwrap_or_default()
    }

    /// What was just taken from the queue, without those that need not be decided.
    fn first_sift(&self, tickets: Vec<Ticket>, done: &mut Vec<Done>) -> Vec<Ticket> {
        let now = self.clock.steady_us();
        tickets.iter().for_each(|ticket| self.meter.wait_us.add(now.saturating_sub(ticket.since_us)));
        self.sift(tickets, done)
    }

    /// Leaves out whoever went away or may wait no longer.
    fn sift(&self, tickets: Vec<Ticket>, done: &mut Vec<Done>) -> Vec<Ticket> {
        let now = self.clock.steady_us();
        let mut left = Vec::with_capacity(tickets.len());
        for ticket in tickets {
            if ticket.job.is_withdrawn() {
                Meter::add(&self.meter.withdrawn, 1);
                // Nobody waits for it; it is finished in turn all the same.
                done.push((ticket, Some(Error::Closed)));
            } else if ticket.is_over(now) {
                let late = ticket.fault(Error::DeadlinePassed);
                done.push((ticket, Some(late)));
            } else {
                left.push(ticket);
            }
        }
        left
    }

    /// Waits for the group before to end and takes its place; meanwhile adds to the round what comes into the queue. It yields
    /// for a while before it sleeps: to be woken takes some tens of microseconds, and with calls waiting every group would pay.
    fn take_desk(&self, round: &mut Round, base: Option<&Flight>, done: &mut Vec<Done>) -> AtDesk<'_> {
        let mut turns = self.bounds.yields_max;
        let mut queue = self.queue();
        loop {
            if let Some(desk) = queue.desk.take() {
                return AtDesk { committer: self, desk };
            }
            let room = self.bounds.group_max.saturating_sub(round.tickets.len());
            if room > 0 && queue.waiting.len() >= queue.worth_planning() {
                let most = room.min(queue.waiting.len());
                let more: Vec<_> = queue.waiting.drain(..most).collect();
                drop(queue);
                let more = self.first_sift(more, done);
                self.plan_more(round, more, Some(&self.cache), base, done);
                queue = self.queue();
                continue;
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
}

impl Ticket {
    fn is_over(&self, now_us: u64) -> bool {
        self.due_us < now_us
    }

    /// What its caller hears of an error: once a commit of it ended in the dark, no later one says that nothing was written.
    fn fault(&self, error: Error) -> Error {
        match error {
            Error::Store(StoreError::OutcomeUnknown(_)) => error,
            other if self.unknown && !defect::is(Defect::UnknownForgotten) => {
                StoreError::OutcomeUnknown(other.to_string()).into()
            }
            other => other,
        }
    }
}
