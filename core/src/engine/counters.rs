//! Accounts that a decision counts on, with what is held there.

use super::command::Plan;
use super::view::{Missing, View};
use crate::card::{HeldFor, HeldOn};
use crate::defect::{self, Defect};
use crate::denial::{Denial, Fact, LimitScope};
use crate::id::Version;
use crate::limit::{Buckets, Counter, Full, Step};
use crate::store::{AccountHeld, Key, Move, Owner, Record};
use crate::time::Instant;

/// An account as a decision sees it.
pub(super) struct Sight {
    owner: Owner,
    unit: String,
    counter: Counter,
    seen: Option<Version>,
    last_at: Option<Instant>,
}

impl Sight {
    pub(super) fn of(view: &mut View<'_>, owner: Owner, unit: String) -> Result<Self, Missing> {
        view.want([Key::Account(owner.clone(), unit.clone()), Key::AccountHeld(owner.clone(), unit.clone())])?;
        let balance = view.balance(&owner, &unit)?;
        let (held, seen) =
            view.account_held(&owner, &unit)?.map_or((None, None), |(held, seen)| (Some(held), Some(seen)));
        let last_at = held.as_ref().map(|held| held.last_at);
        let buckets = held.map_or_else(Buckets::default, |held| held.buckets);
        Ok(Self { owner, unit, counter: Counter { balance, buckets }, seen, last_at })
    }

    /// Not before anything that was written into it.
    pub(super) fn no_earlier(&self, now: Instant) -> Instant {
        if defect::is(Defect::ClockRevivesHold) {
            return now;
        }
        self.last_at.map_or(now, |last_at| now.max(last_at))
    }

    pub(super) fn take(&self, amount: i64, ceiling: i64, now: Instant) -> Result<Step, Full> {
        self.counter.take(amount, ceiling, now)
    }

    pub(super) fn hold(&self, amount: i64, ceiling: i64, expires_at: Instant, now: Instant) -> Result<Step, Full> {
        self.counter.hold(amount, ceiling, expires_at, now)
    }

    /// The account's step and its new buckets, for the plan.
    pub(super) fn counted(self, step: Step, ceiling: i64, now: Instant) -> Counted {
        let Self { owner, unit, seen, .. } = self;
        let held = step.buckets.map(|buckets| {
            let held = AccountHeld { owner: owner.clone(), unit: unit.clone(), buckets, last_at: now };
            (seen, Record::AccountHeld(held))
        });
        let moved = (step.delta != 0).then_some(Move { owner, unit, delta: step.delta, floor: 0, ceiling });
        Counted { moved, held }
    }
}

/// Why no more can be counted against a ceiling.
pub(super) fn full(scope: LimitScope, ceiling: i64, full: Full) -> Denial {
    match full {
        Full::Captured { used } => {
            Denial::LimitReached { scope, limit: ceiling.unsigned_abs(), used: used.unsigned_abs() }
        }
        Full::Held { held, frees_at, .. } => Denial::Held { scope, held: Fact::text(held.to_string()), frees_at },
    }
}

/// Why no more can be held on one of a hold's accounts.
pub(super) fn too_much(on: &HeldOn, why: Full) -> Denial {
    match (on.counts, why) {
        (HeldFor::OpenHolds, Full::Held { held, frees_at, .. }) => {
            let per = match &on.owner {
                Owner::Holder(_) => "holder",
                Owner::Scope(scope) if scope.starts_with("batch:") => "batch",
                Owner::Scope(_) | Owner::System | Owner::Card(_) | Owner::Channel(_) => "campaign",
            };
            Denial::TooManyHolds { per, limit: on.ceiling.unsigned_abs(), open: held.unsigned_abs(), frees_at }
        }
        (HeldFor::OpenHolds | HeldFor::Uses, why) => full(LimitScope::HolderUses, on.ceiling, why),
    }
}

/// What counting comes to: the move of an account, and what is held there afterwards.
pub(super) struct Counted {
    moved: Option<Move>,
    held: Option<(Option<Version>, Record)>,
}

impl Counted {
    /// Not before anything that was written into what is held.
    pub(super) fn no_earlier(&self, now: Instant) -> Instant {
        match &self.held {
            Some((_, Record::AccountHeld(held))) => now.max(held.last_at),
            Some(_) | None => now,
        }
    }
}

impl From<Move> for Counted {
    fn from(moved: Move) -> Self {
        Self { moved: Some(moved), held: None }
    }
}

impl Plan {
    /// Counts, where there is something to count.
    pub(super) fn count(&mut self, counted: impl IntoIterator<Item = Counted>) {
        for Counted { moved, held } in counted {
            self.shift(moved);
            if let Some((seen, record)) = held {
                self.write(seen, record);
            }
        }
    }
}

/// The accounts that a hold counts on, and the moment of the decision: not before anything that was written into them.
pub(super) struct Sights {
    all: Vec<(HeldOn, Sight)>,
    pub now: Instant,
}

impl Sights {
    /// Names all accounts, so that they are read at once.
    pub(super) fn foresee(view: &mut View<'_>, counters: &[HeldOn]) -> Result<(), Missing> {
        view.want(counters.iter().flat_map(|on| {
            [Key::Account(on.owner.clone(), on.unit.clone()), Key::AccountHeld(on.owner.clone(), on.unit.clone())]
        }))
    }

    pub(super) fn of(view: &mut View<'_>, counters: &[HeldOn], now: Instant) -> Result<Self, Missing> {
        Self::foresee(view, counters)?;
        let look = |on: &HeldOn| Ok((on.clone(), Sight::of(view, on.owner.clone(), on.unit.clone())?));
        let all = counters.iter().map(look).collect::<Result<Vec<_>, Missing>>()?;
        let now = all.iter().fold(now, |now, (_, sight)| sight.no_earlier(now));
        Ok(Self { all, now })
    }

    /// No account.
    pub(super) fn none(now: Instant) -> Self {
        Self { all: Vec::new(), now }
    }

    /// Holds on all of them.
    pub(super) fn hold(self, expires_at: Instant) -> Result<Vec<Counted>, (HeldOn, Full)> {
        let now = self.now;
        let held = self.all.into_iter().map(|(on, sight)| match sight.hold(on.amount, on.ceiling, expires_at, now) {
            Ok(step) => Ok(sight.counted(step, on.ceiling, now)),
            Err(full) => Err((on, full)),
        });
        held.collect()
    }

    /// Ends a hold on all of them that has not lapsed there: a capture leaves what it used, a release nothing.
    pub(super) fn settle(self, expires_at: Instant, captured: bool) -> Vec<Counted> {
        let now = self.now;
        let settle = |(on, sight): (HeldOn, Sight)| {
            let kept = match on.counts {
                HeldFor::Uses if captured => on.amount,
                HeldFor::Uses | HeldFor::OpenHolds => 0,
            };
            let step = sight.counter.settle(on.amount, kept, expires_at, now);
            sight.counted(step, i64::MAX, now)
        };
        if defect::is(Defect::ReleaseForgetsCounter) && !captured {
            return Vec::new();
        }
        self.all.into_iter().map(settle).collect()
    }

    /// Takes again what lapsed, where it is still free; open holds are not counted again.
    pub(super) fn retake(self) -> Result<Vec<Counted>, Full> {
        let now = self.now;
        let uses = self.all.into_iter().filter(|(on, _)| match on.counts {
            HeldFor::Uses => true,
            HeldFor::OpenHolds => false,
        });
        uses.map(|(on, sight)| sight.take(on.amount, on.ceiling, now).map(|step| sight.counted(step, on.ceiling, now)))
            .collect()
    }
}
