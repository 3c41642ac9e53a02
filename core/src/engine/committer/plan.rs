//! Deciding a group: one after another, each seeing what those before it change.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::super::error::Error;
use super::super::meter::Meter;
use super::super::trace;
use super::super::view::{ControlCache, Overlay, Snapshot, View, same_row};
use super::desk::Flight;
use super::{Committer, Done, Ticket, Verdict};
use crate::defect::{self, Defect};
use crate::id::Version;
use crate::store::{Lookup, StoreError, Turn};
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
    /// When, by the steady clock.
    pub at_us: u64,
    /// When the oldest control row was read that the decisions rest on, by the steady clock.
    pub control_us: Option<u64>,
}

impl Plan {
    fn new(at_us: u64) -> Self {
        Self { overlay: Overlay::default(), members: Vec::new(), at_us, control_us: None }
    }
}

pub(super) enum Member {
    /// The changeset at this place.
    Change(usize),
    /// Nothing to write; rests on the changesets at these places.
    Answer(Vec<usize>),
    /// The same, and it says no.
    No(Vec<usize>),
    /// The same, and the changeset at this place makes it a fact: an earlier try of the request may still be committed until then.
    Fenced(usize),
    /// A bug; nothing was decided.
    Panicked,
}

/// How often rows are read again at once because they came from several snapshots, and then more were needed.
const SNAPSHOTS_MAX: usize = 20;

/// Of calls that were tried alone, so many have to fail in a row, and none go well, until the rest hears the same.
pub(super) const FAILS_MAX: usize = 3;

/// From where decisions take what they see.
#[derive(Clone, Copy, Default)]
pub(super) struct Sight<'a> {
    /// Control rows that need not be read.
    pub cache: Option<&'a ControlCache>,
    /// What is being committed, taken as done.
    pub base: Option<&'a Flight>,
    /// The turn to write under which they are made; without it rows are read from the store.
    pub turn: Option<&'a dyn Turn>,
}

impl Committer {
    /// Decides a group, as far as it can be seen from here.
    pub(super) fn plan(&self, sight: Sight<'_>, tickets: Vec<Ticket>, done: &mut Vec<Done>) -> Round {
        let mut round = Round { tickets: Vec::with_capacity(tickets.len()), plan: Plan::new(self.age_us()) };
        self.add_to(&mut round, sight, tickets, done);
        round
    }

    /// Decides some more, on what was decided before.
    pub(super) fn plan_more(
        &self,
        round: &mut Round,
        tickets: Vec<Ticket>,
        cache: Option<&ControlCache>,
        base: Option<&Flight>,
        done: &mut Vec<Done>,
    ) {
        self.add_to(round, Sight { cache, base, turn: None }, tickets, done);
    }

    /// Where their rows cannot be read, whoever's own rows cannot be read hears of it, and the others are decided without them.
    fn add_to(&self, round: &mut Round, sight: Sight<'_>, mut tickets: Vec<Ticket>, done: &mut Vec<Done>) {
        let mut decided = self.decide(&mut round.plan, &mut tickets, sight);
        if let Err(StoreError::Unavailable(_) | StoreError::Damaged(_)) = decided
            && tickets.len() > 1
        {
            tickets = self.readable(tickets, sight, done);
            Meter::add(&self.meter.decided_again, tickets.len());
            decided = self.decide(&mut round.plan, &mut tickets, sight);
        }
        match decided {
            Ok(()) => round.tickets.append(&mut tickets),
            Err(error) => tell_all(tickets, &error.into(), done),
        }
    }

    /// Those whose rows can be read when each is decided alone.
    fn readable(&self, tickets: Vec<Ticket>, sight: Sight<'_>, done: &mut Vec<Done>) -> Vec<Ticket> {
        let mut good = Vec::with_capacity(tickets.len());
        let mut failed = 0;
        let mut rest = tickets.into_iter();
        while let Some(ticket) = rest.next() {
            let mut alone = vec![ticket];
            match self.decide(&mut Plan::new(self.age_us()), &mut alone, sight) {
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

    /// The clock by which control rows grow old.
    pub(super) fn age_us(&self) -> u64 {
        if defect::is(Defect::ControlRowsByWallClock) {
            return u64::try_from(self.clock.now().millis()).unwrap_or(0).saturating_mul(1_000);
        }
        self.clock.steady_us()
    }

    /// Decides all, one after another, each seeing what those before it change. Reads what they miss, then decides anew. An error
    /// leaves the plan as it was.
    ///
    /// What changes something is compared with its rows when it is committed; a *no* is not. So it rests on one snapshot, and on
    /// none that was read before its call: where its rows came from several, all are read again at once, and nothing is taken over
    /// from what was read for those that were planned before. All that is read under one turn to write is one snapshot.
    fn decide(&self, plan: &mut Plan, tickets: &mut [Ticket], sight: Sight<'_>) -> Result<(), StoreError> {
        let moment = (self.clock.now(), self.age_us());
        // Drawn once: what one names after its version, and others look for, is named the same when they are decided anew.
        let versions: Vec<Version> = tickets.iter().map(|_| self.fresh_version()).collect();
        let mut snapshot = Snapshot::new();
        let (mut loads, mut again) = (0, 0);
        loop {
            let mut missing = self.decide_once(plan, (tickets, &versions), moment, &snapshot, sight);
            if missing.is_empty() {
                let before = plan.members.len() - tickets.len();
                let says_no =
                    plan.members.iter().skip(before).any(|member| matches!(member, Member::No(_) | Member::Fenced(_)));
                let one_snapshot = loads < 2 || sight.turn.is_some();
                if one_snapshot || !says_no || defect::is(Defect::DenialFromTwoMoments) {
                    return Ok(());
                }
                missing = std::mem::take(&mut snapshot).into_keys().collect();
                (loads, again) = (0, again + 1);
            }
            plan.members.truncate(plan.members.len() - tickets.len());
            plan.overlay.drop_layer();
            if again > SNAPSHOTS_MAX {
                return Err(StoreError::Busy("others kept changing what these calls need".to_owned()));
            }
            loads += 1;
            let lookups: Vec<_> = missing.into_iter().collect();
            let writes = self.cache.writes();
            Meter::add(&self.meter.loads, 1);
            let rows = {
                let _span = trace::load(lookups.len());
                sight.turn.map_or_else(|| self.store.load(&lookups), |turn| turn.load(&lookups))?
            };
            for (lookup, row) in lookups.into_iter().zip(rows) {
                self.cache.put(&lookup, row.clone(), moment.1, writes);
                for lookup in same_row(&lookup, row.as_deref()) {
                    snapshot.insert(lookup, row.clone());
                }
            }
        }
    }

    /// One layer of decisions, and what they missed.
    fn decide_once(
        &self,
        plan: &mut Plan,
        (tickets, versions): (&mut [Ticket], &[Version]),
        (now, now_us): (Instant, u64),
        snapshot: &Snapshot,
        sight: Sight<'_>,
    ) -> BTreeSet<Lookup> {
        let base = sight.base.map(|flight| &flight.overlay);
        let mut missing = BTreeSet::new();
        let crowd = tickets.len();
        plan.overlay.begin_layer();
        for (ticket, version) in tickets.iter_mut().zip(versions.iter().copied()) {
            let tenant = ticket.job.tenant().clone();
            let mut view = View::new(&tenant, now, snapshot, &plan.overlay, base, sight.cache);
            (view.now_us, view.crowd) = (now_us, crowd);
            let may_come = ticket.unknown && !self.store.settles() && !defect::is(Defect::FenceNotWritten);
            let verdict = catch_unwind(AssertUnwindSafe(|| {
                let verdict = ticket.job.decide(&mut view, version);
                // One that rests on others of its group is decided again in any case.
                let alone = may_come && matches!(verdict, Verdict::No) && view.after.is_empty();
                let fence = alone.then(|| ticket.job.fence(&mut view, version)).flatten();
                (verdict, fence)
            }));
            let after: Vec<usize> = view.after.iter().copied().collect();
            missing.extend(view.missing);
            plan.control_us = [plan.control_us, view.control_us].into_iter().flatten().min();
            plan.members.push(match verdict {
                Ok((Verdict::No, Some(mut fence))) => {
                    fence.after = after;
                    Member::Fenced(plan.overlay.add(fence, base, snapshot))
                }
                Ok((Verdict::Change(mut changeset), _)) => {
                    changeset.after = after;
                    Member::Change(plan.overlay.add(changeset, base, snapshot))
                }
                Ok((Verdict::Answer, _)) => Member::Answer(after),
                Ok((Verdict::No, None)) => Member::No(after),
                Ok((Verdict::Missing, _)) => Member::No(Vec::new()),
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
