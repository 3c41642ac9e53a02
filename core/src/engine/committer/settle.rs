//! Committing a group, and what becomes of those that did not come through at once.

use super::super::error::Error;
use super::super::meter::Meter;
use super::super::trace;
use super::desk::Desk;
use super::plan::{FAILS_MAX, Member, Plan, Round, Sight, tell_all};
use super::{Committer, Done, Ticket};
use crate::defect::{self, Defect};
use crate::store::{Changeset, CommitOutcome, Group, Stands, StoreError, Turn};

/// How often calls are decided again because others changed what they rest on, before they are answered `busy`. Of several that
/// keep changing one row somebody gets through each time, so this many in a row are no bad luck; a deadline ends it before.
const CONFLICTS_MAX: usize = 200;

/// How often calls whose outcome is unknown run again before they are told so.
const UNKNOWN_MAX: usize = 3;

/// Members of a group, when it was decided, and when the oldest control row was read that it rests on; both by the steady clock.
type Planned = (Vec<Member>, u64, Option<u64>);

/// What a commit left over.
pub(super) struct Left {
    tickets: Vec<Ticket>,
    why: Why,
}

enum Why {
    /// All came through that wanted to.
    Nothing,
    /// Others changed what these rest on.
    Conflict,
    /// The store failed; nothing was written, or nobody knows.
    Failed(StoreError),
}

impl Left {
    pub(super) fn is_whole(&self) -> bool {
        matches!(self.why, Why::Nothing)
    }
}

/// Calls that are to be decided again, and what they went through.
struct Rest {
    tickets: Vec<Ticket>,
    conflicts: usize,
    unknown: usize,
}

impl Committer {
    /// One try, in the turn under which it was planned, if it was. Whoever is through with it is done; the others are left.
    pub(super) fn commit(
        &self,
        desk: &mut Desk,
        tickets: Vec<Ticket>,
        changesets: &[Changeset],
        (turn, planned): (Option<Box<dyn Turn + '_>>, &Planned),
        done: &mut Vec<Done>,
    ) -> Left {
        let commit = |group: Group<'_>| match turn {
            Some(turn) => turn.commit(group),
            None => self.store.commit(group),
        };
        let outcomes = self.try_commit(desk, changesets, planned.2, commit);
        self.sort_out(desk, tickets, changesets, planned, outcomes, done)
    }

    /// What a try came to.
    fn sort_out(
        &self,
        desk: &mut Desk,
        mut tickets: Vec<Ticket>,
        changesets: &[Changeset],
        (members, decided_us, _): &Planned,
        outcomes: Result<Vec<CommitOutcome>, StoreError>,
        done: &mut Vec<Done>,
    ) -> Left {
        match outcomes {
            Ok(outcomes) => {
                let committed = changesets.iter().zip(&outcomes);
                for (changeset, _) in committed.filter(|(_, outcome)| **outcome == CommitOutcome::Committed) {
                    if !defect::is(Defect::EventPlaceReused) {
                        desk.next_event += changeset.events.len() as u64;
                    }
                    self.cache.written(changeset, *decided_us);
                }
                let fell = outcomes.iter().filter(|outcome| **outcome != CommitOutcome::Committed).count();
                Meter::add(&self.meter.conflicts, fell);
                let why = if fell == 0 { Why::Nothing } else { Why::Conflict };
                Left { tickets: self.answer(tickets, members, &outcomes, done), why }
            }
            Err(error) => {
                Meter::add(&self.meter.commits_failed, 1);
                // Nobody knows how many events were written; and no writer has a gap in its events.
                *desk = Desk::new(&*self.entropy);
                if matches!(error, StoreError::OutcomeUnknown(_)) {
                    Meter::add(&self.meter.outcomes_unknown, 1);
                    let changes = tickets.iter_mut().zip(members);
                    let changes = changes.filter(|(_, member)| matches!(member, Member::Change(_)));
                    changes.for_each(|(ticket, _)| ticket.unknown = true);
                }
                // What rests on nothing in this group stands all the same.
                Left { tickets: self.answer(tickets, members, &[], done), why: Why::Failed(error) }
            }
        }
    }

    fn try_commit(
        &self,
        desk: &Desk,
        changesets: &[Changeset],
        control_us: Option<u64>,
        commit: impl FnOnce(Group<'_>) -> Result<Vec<CommitOutcome>, StoreError>,
    ) -> Result<Vec<CommitOutcome>, StoreError> {
        if changesets.is_empty() {
            return Ok(Vec::new());
        }
        let stands = || control_us.is_none_or(|read_us| self.cache.stands(read_us, self.age_us()));
        let group = Group {
            writer: desk.writer,
            first_event: desk.next_event,
            changesets,
            stands: Stands::while_true(&stands),
        };
        let _span = trace::commit(changesets.len());
        let began = self.clock.steady_us();
        let outcomes =
            if defect::is(Defect::KeyOutsideTransaction) { self.commit_in_two(group) } else { commit(group) };
        self.meter.commit_us.add(self.clock.steady_us().saturating_sub(began));
        self.meter.group_size.add(changesets.len() as u64);
        outcomes
    }

    /// The defect of that name: first what is done, then the events, which carry the keys.
    fn commit_in_two(&self, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        let without = |changeset: &Changeset| Changeset { events: Vec::new(), ..changeset.clone() };
        let changesets: Vec<_> = group.changesets.iter().map(without).collect();
        let outcomes = self.store.commit(Group { changesets: &changesets, ..group })?;
        let committed = group.changesets.iter().zip(&outcomes).filter(|(_, one)| **one == CommitOutcome::Committed);
        let events: Vec<_> = committed
            .map(|(one, _)| Changeset {
                after: Vec::new(),
                guards: Vec::new(),
                writes: Vec::new(),
                moves: Vec::new(),
                ..one.clone()
            })
            .collect();
        self.store.commit(Group { changesets: &events, ..group })?;
        Ok(outcomes)
    }

    /// Decides again from fresh snapshots what a commit left over, until all is answered. No control row is taken from the cache
    /// any more: what fell out may have met one that is older than the store's. Who fell out once is decided under the turn to
    /// write, where the store gives one: nobody can change a second time what it rests on.
    pub(super) fn settle(&self, desk: &mut Desk, left: Left, done: &mut Vec<Done>) {
        let mut rests = Vec::new();
        self.go_on(desk, left, (0, 0), &mut rests, done);
        while let Some(Rest { tickets, conflicts, unknown }) = rests.pop() {
            let left =
                if conflicts > 0 { self.again_in_turn(desk, tickets, done) } else { self.again(desk, tickets, done) };
            self.go_on(desk, left, (conflicts, unknown), &mut rests, done);
        }
    }

    /// Decides and commits once more.
    fn again(&self, desk: &mut Desk, tickets: Vec<Ticket>, done: &mut Vec<Done>) -> Left {
        let tickets = self.sift(tickets, done);
        Meter::add(&self.meter.decided_again, tickets.len());
        let Round { tickets, plan } = self.plan(Sight::default(), tickets, done);
        let Plan { overlay, members, at_us, control_us } = plan;
        self.commit(desk, tickets, &overlay.changesets, (None, &(members, at_us, control_us)), done)
    }

    /// The same, with everybody else kept from committing between what is read and what is written.
    fn again_in_turn(&self, desk: &mut Desk, tickets: Vec<Ticket>, done: &mut Vec<Done>) -> Left {
        let turn = match self.store.turn() {
            Ok(Some(turn)) => turn,
            Ok(None) => return self.again(desk, tickets, done),
            Err(error) => return Left { tickets, why: Why::Failed(error) },
        };
        // Only now: whoever's time is over has waited for the turn, too.
        let tickets = self.sift(tickets, done);
        Meter::add(&self.meter.decided_again, tickets.len());
        let sight = Sight { turn: Some(&*turn), ..Sight::default() };
        let Round { tickets, plan } = self.plan(sight, tickets, done);
        let Plan { overlay, members, at_us, control_us } = plan;
        self.commit(desk, tickets, &overlay.changesets, (Some(turn), &(members, at_us, control_us)), done)
    }

    /// Says how those that are left go on.
    fn go_on(
        &self,
        desk: &mut Desk,
        left: Left,
        (mut conflicts, mut unknown): (usize, usize),
        rests: &mut Vec<Rest>,
        done: &mut Vec<Done>,
    ) {
        let Left { mut tickets, why } = left;
        if tickets.is_empty() {
            return;
        }
        match why {
            // Nothing is left where nothing went wrong.
            Why::Nothing | Why::Conflict => {
                conflicts += 1;
                if conflicts >= CONFLICTS_MAX {
                    let busy = Error::Busy("others kept changing what this call needs".to_owned());
                    return tell_all(tickets, &busy, done);
                }
                // Twice is no accident: fewer at a time are decided sooner, and others have less time to come between.
                let half = if conflicts > 1 { tickets.len() / 2 } else { 0 };
                if half > 0 {
                    rests.push(Rest { tickets: tickets.split_off(half), conflicts, unknown });
                }
                rests.push(Rest { tickets, conflicts, unknown });
            }
            // Absence is not an answer: the same requests run again, and meet their keys if they were done.
            Why::Failed(StoreError::OutcomeUnknown(what)) => {
                unknown += 1;
                if unknown > UNKNOWN_MAX {
                    return tell_all(tickets, &StoreError::OutcomeUnknown(what).into(), done);
                }
                // At first all together, since connections get lost; then each alone, since one of them may be why.
                let alone = if unknown > 1 { tickets.split_off(1) } else { Vec::new() };
                let alone = alone.into_iter().map(|ticket| Rest { tickets: vec![ticket], conflicts, unknown });
                rests.extend(alone.rev());
                rests.push(Rest { tickets, conflicts, unknown });
            }
            Why::Failed(error @ (StoreError::Unavailable(_) | StoreError::Damaged(_))) if tickets.len() > 1 => {
                self.one_by_one(desk, tickets, &error, done);
            }
            Why::Failed(error) => tell_all(tickets, &error.into(), done),
        }
    }

    /// One of these may be why the store failed: each is committed alone, so that only that one hears of it, and every other has
    /// lost no more than one try. When the first few all fail it is the store itself, and the rest is not kept waiting.
    fn one_by_one(&self, desk: &mut Desk, tickets: Vec<Ticket>, error: &StoreError, done: &mut Vec<Done>) {
        let mut failed = 0;
        let mut any_well = false;
        let mut rest = tickets.into_iter();
        for ticket in rest.by_ref() {
            let before = done.len();
            let left = self.again(desk, vec![ticket], done);
            self.settle(desk, left, done);
            let fails = |(_, fault): &Done| matches!(fault, Some(Error::Store(_)));
            if done.get(before..).is_some_and(|done| done.iter().any(fails)) {
                failed += 1;
            } else {
                any_well = true;
            }
            if failed >= FAILS_MAX && !any_well {
                break;
            }
        }
        tell_all(rest.collect(), &error.clone().into(), done);
    }

    /// Puts all whose ground is durable among those that are done; gives back the rest.
    ///
    /// A *no* that saw what others of its group change is given back, too, though all of that came through: the other rows that it
    /// saw were read before, and may have changed since. It is decided again on what is durable now.
    fn answer(
        &self,
        tickets: Vec<Ticket>,
        members: &[Member],
        outcomes: &[CommitOutcome],
        done: &mut Vec<Done>,
    ) -> Vec<Ticket> {
        let came = |place: &usize| outcomes.get(*place) == Some(&CommitOutcome::Committed);
        let stands = |place: &usize| came(place) || defect::is(Defect::ReplyBeforeCommit);
        let mut left = Vec::new();
        for (ticket, member) in tickets.into_iter().zip(members) {
            match member {
                Member::Change(place) | Member::Fenced(place) if stands(place) => done.push((ticket, None)),
                Member::Answer(after) if after.iter().all(stands) || defect::is(Defect::DependantsKept) => {
                    done.push((ticket, None))
                }
                Member::No(after) if after.is_empty() || defect::is(Defect::DenialSentEarly) => {
                    done.push((ticket, None));
                }
                Member::Change(_) | Member::Fenced(_) | Member::Answer(_) | Member::No(_) => left.push(ticket),
                Member::Panicked => {
                    Meter::add(&self.meter.panics, 1);
                    let what = "a decision panicked; nothing of this request was written";
                    let fault = ticket.fault(Error::Internal(what.to_owned()));
                    done.push((ticket, Some(fault)));
                }
            }
        }
        left
    }
}
