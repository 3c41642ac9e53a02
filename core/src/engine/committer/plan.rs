//! Deciding a group: one after another, each seeing what those before it change.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::super::error::Error;
use super::super::meter::Meter;
use super::super::trace;
use super::super::view::{ControlCache, Overlay, Snapshot, View};
use super::desk::Flight;
use super::{Committer, Done, Ticket, Verdict};
use crate::id::Version;
use crate::store::{Lookup, StoreError};
use crate::time::Instant;

/// A group that was decided, and to which more may be added.
pub(super) struct Round {
    pub tickets: Vec<Ticket>,
    pub plan: Plan,
}

pub(super) struct Plan {
    pub overlay: Overlay,
    /// What each ticket came to, in order.
    pub members: Vec<Member>,
    pub at: Instant,
    /// When the oldest control row was read that the decisions rest on.
    pub control_at: Option<Instant>,
    /// All that was read for them.
    snapshot: Snapshot,
}

impl Plan {
    fn new(at: Instant) -> Self {
        Self { overlay: Overlay::default(), members: Vec::new(), at, control_at: None, snapshot: Snapshot::new() }
    }
}

pub(super) enum Member {
    /// The changeset at this place.
    Change(usize),
    /// Nothing to write; rests on the changesets at these places.
    Answer(Vec<usize>),
    /// The same, and it says no.
    No(Vec<usize>),
    /// A bug; nothing was decided.
    Panicked,
}

/// Of calls that were tried alone, so many have to fail in a row, and none go well, until the rest hears the same.
pub(super) const FAILS_MAX: usize = 3;

impl Committer {
    /// Decides a group.
    pub(super) fn plan(
        &self,
        tickets: Vec<Ticket>,
        cache: Option<&ControlCache>,
        base: Option<&Flight>,
        done: &mut Vec<Done>,
    ) -> Round {
        let mut round = Round { tickets: Vec::with_capacity(tickets.len()), plan: Plan::new(self.clock.now()) };
        self.plan_more(&mut round, tickets, cache, base, done);
        round
    }

    /// Decides some more, on what was decided before. Where their rows cannot be read, whoever's own rows cannot be read hears of
    /// it, and the others are decided without them.
    pub(super) fn plan_more(
        &self,
        round: &mut Round,
        mut tickets: Vec<Ticket>,
        cache: Option<&ControlCache>,
        base: Option<&Flight>,
        done: &mut Vec<Done>,
    ) {
        let mut decided = self.decide(&mut round.plan, &mut tickets, cache, base);
        if let Err(StoreError::Unavailable(_) | StoreError::Damaged(_)) = decided
            && tickets.len() > 1
        {
            tickets = self.readable(tickets, cache, base, done);
            Meter::add(&self.meter.decided_again, tickets.len());
            decided = self.decide(&mut round.plan, &mut tickets, cache, base);
        }
        match decided {
            Ok(()) => round.tickets.append(&mut tickets),
            Err(error) => tell_all(tickets, &error.into(), done),
        }
    }

    /// Those whose rows can be read when each is decided alone.
    fn readable(
        &self,
        tickets: Vec<Ticket>,
        cache: Option<&ControlCache>,
        base: Option<&Flight>,
        done: &mut Vec<Done>,
    ) -> Vec<Ticket> {
        let mut good = Vec::with_capacity(tickets.len());
        let mut failed = 0;
        let mut rest = tickets.into_iter();
        while let Some(ticket) = rest.next() {
            let mut alone = vec![ticket];
            match self.decide(&mut Plan::new(self.clock.now()), &mut alone, cache, base) {
                Ok(()) => good.append(&mut alone),
                Err(error) => {
                    failed += 1;
                    let is_down = good.is_empty() && failed >= FAILS_MAX;
                    let error = Error::from(error);
                    tell_all(alone, &error, done);
                    if is_down {
                        tell_all(rest.by_ref().collect(), &error, done);
                    }
                }
            }
        }
        good
    }

    /// Decides all, one after another, each seeing what those before it change. Reads what they miss, then decides anew. An error
    /// leaves the plan as it was.
    fn decide(
        &self,
        plan: &mut Plan,
        tickets: &mut [Ticket],
        cache: Option<&ControlCache>,
        base: Option<&Flight>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let base = base.map(|flight| &flight.overlay);
        loop {
            let missing = self.decide_once(plan, tickets, now, cache, base);
            if missing.is_empty() {
                return Ok(());
            }
            plan.members.truncate(plan.members.len() - tickets.len());
            plan.overlay.drop_layer();
            let lookups: Vec<_> = missing.into_iter().collect();
            let writes = self.cache.writes();
            Meter::add(&self.meter.loads, 1);
            let rows = {
                let _span = trace::load(lookups.len());
                self.store.load(&lookups)?
            };
            for (lookup, row) in lookups.into_iter().zip(rows) {
                self.cache.put(&lookup, row.clone(), now, writes);
                plan.snapshot.insert(lookup, row);
            }
        }
    }

    /// One layer of decisions, and what they missed.
    fn decide_once(
        &self,
        plan: &mut Plan,
        tickets: &mut [Ticket],
        now: Instant,
        cache: Option<&ControlCache>,
        base: Option<&Overlay>,
    ) -> BTreeSet<Lookup> {
        let mut missing = BTreeSet::new();
        let crowd = tickets.len();
        plan.overlay.begin_layer();
        for ticket in tickets {
            let tenant = ticket.job.tenant().clone();
            let mut view = View::new(&tenant, now, &plan.snapshot, &plan.overlay, base, cache);
            view.crowd = crowd;
            let version = Version(self.entropy.next_u64());
            let verdict = catch_unwind(AssertUnwindSafe(|| ticket.job.decide(&mut view, version)));
            let after: Vec<usize> = view.after.iter().copied().collect();
            missing.extend(view.missing);
            plan.control_at = [plan.control_at, view.control_at].into_iter().flatten().min();
            plan.members.push(match verdict {
                Ok(Verdict::Change(mut changeset)) => {
                    changeset.after = after;
                    Member::Change(plan.overlay.add(changeset, base, &plan.snapshot))
                }
                Ok(Verdict::Answer) => Member::Answer(after),
                Ok(Verdict::No) => Member::No(after),
                Ok(Verdict::Missing) => Member::No(Vec::new()),
                Err(_) => Member::Panicked,
            });
        }
        missing
    }
}

/// Ends all of them in the same error.
pub(super) fn tell_all(tickets: Vec<Ticket>, error: &Error, done: &mut Vec<Done>) {
    done.extend(tickets.into_iter().map(|ticket| {
        let fault = ticket.fault(error.clone());
        (ticket, Some(fault))
    }));
}
