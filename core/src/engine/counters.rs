//! Accounts that a decision counts on, with what is held there.

use super::command::Plan;
use super::view::{Missing, View};
use crate::card::{CountedOn, HeldFor, HeldOn};
use crate::defect::{self, Defect};
use crate::denial::{Denial, Fact, LimitScope};
use crate::id::Version;
use crate::limit::{Buckets, Counter, Full, LimitWindow, Stands, Step};
use crate::store::{AccountHeld, Key, Move, Owner, Record};
use crate::time::{Instant, Zone};

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
        // Both are asked for before either is missed.
        let (balance, held) = (view.balance(&owner, &unit), view.account_held(&owner, &unit));
        let balance = balance?;
        let (held, seen) = held?.map_or((None, None), |(held, seen)| (Some(held), Some(seen)));
        let last_at = held.as_ref().map(|held| held.last_at);
        let buckets = held.map_or_else(Buckets::default, |held| held.buckets);
        Ok(Self { owner, unit, counter: Counter { balance, buckets }, seen, last_at })
    }

    /// Notes that the decision rests on all that the account says, also where it does not touch it.
    pub(super) fn rely(&self, view: &mut View<'_>) {
        view.rely_on_balance(&self.owner, &self.unit, self.counter.balance);
        self.rely_on_held(view);
    }

    /// The same of what is held, and of when anything was written there last.
    pub(super) fn rely_on_held(&self, view: &mut View<'_>) {
        view.rely_on_held(&self.owner, &self.unit, self.seen);
    }

    /// Both rows of an account: what it counts, and what of that is held.
    pub(super) fn rows(owner: &Owner, unit: &str) -> [Key; 2] {
        [Key::Account(owner.clone(), unit.to_owned()), Key::AccountHeld(owner.clone(), unit.to_owned())]
    }

    /// What is used, and held and not lapsed.
    pub(super) fn stands(&self, now: Instant) -> i64 {
        let Counter { balance, buckets } = &self.counter;
        balance - buckets.all() + buckets.held(now)
    }

    /// Not before anything that was written into it.
    pub(super) fn no_earlier(&self, now: Instant) -> Instant {
        if defect::is(Defect::ClockRevivesHold) {
            return now;
        }
        self.last_at.map_or(now, |last_at| now.max(last_at))
    }

    /// What of a ceiling is taken.
    pub(super) fn stands_under(&self, ceiling: i64, now: Instant) -> Stands {
        self.counter.stands(ceiling, now)
    }

    pub(super) fn take(&self, amount: i64, ceiling: i64, now: Instant) -> Result<Step, Full> {
        self.counter.take(amount, ceiling, now)
    }

    pub(super) fn hold(&self, amount: i64, ceiling: i64, expires_at: Instant, now: Instant) -> Result<Step, Full> {
        self.counter.hold(amount, ceiling, expires_at, now)
    }

    /// Gives back what was used, as far as it has not left a rolling window by itself.
    pub(super) fn give_back(self, amount: i64, leaves_at: Option<Instant>, now: Instant) -> Option<Counted> {
        let step = match leaves_at {
            None => Step { delta: -amount, buckets: None },
            Some(leaves_at) if leaves_at > now => self.counter.settle(amount, 0, leaves_at, None, now),
            Some(_) => return None,
        };
        Some(self.counted(step, i64::MAX, now))
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
        Full::Captured { used, .. } => {
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
                Owner::Scope(_) | Owner::System | Owner::Book(_) | Owner::Card(_) | Owner::Channel(_) => "campaign",
            };
            Denial::TooManyHolds { per, limit: on.ceiling.unsigned_abs(), open: held.unsigned_abs(), frees_at }
        }
        (HeldFor::OpenHolds | HeldFor::HolderUses | HeldFor::Uses | HeldFor::Money, why) => {
            full(LimitScope::HolderUses, on.ceiling + on.elsewhere, why.beside(on.elsewhere))
        }
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

impl Counted {
    /// Lays it over what a view sees, for what is counted next in the same decision.
    pub(super) fn lay(&self, view: &mut View<'_>) -> Result<(), Missing> {
        if let Some((_, record)) = &self.held {
            view.lay_record(record, Version(0));
        }
        self.moved.as_ref().map_or(Ok(()), |step| view.lay_move(step))
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
        view.want(counters.iter().flat_map(|on| Sight::rows(&on.owner, &on.unit)))
    }

    pub(super) fn of(view: &mut View<'_>, counters: &[HeldOn], now: Instant) -> Result<Self, Missing> {
        let look = |on: &HeldOn| Sight::of(view, on.owner.clone(), on.unit.clone());
        let seen: Vec<_> = counters.iter().map(look).collect();
        let seen = seen.into_iter().collect::<Result<Vec<_>, Missing>>()?;
        let all: Vec<_> = counters.iter().cloned().zip(seen).collect();
        // Whether a hold is over, and when, is read off these, whether they are written or not.
        all.iter().for_each(|(_, sight)| sight.rely_on_held(view));
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

    /// Gives back what a hold that has not lapsed holds on all of them.
    pub(super) fn release(self, expires_at: Instant) -> Vec<Counted> {
        if defect::is(Defect::ReleaseForgetsCounter) {
            return Vec::new();
        }
        let now = self.now;
        let release = |(on, sight): (HeldOn, Sight)| {
            let step = sight.counter.settle(on.amount, 0, expires_at, None, now);
            sight.counted(step, i64::MAX, now)
        };
        self.all.into_iter().map(release).collect()
    }

    /// Captures on all of them a hold that has not lapsed: its uses, and so much money.
    pub(super) fn settle(self, expires_at: Instant, minor: i64) -> Takes {
        let now = self.now;
        let mut takes = Takes::default();
        for (on, sight) in self.all {
            let kept = on.kept(minor);
            let leaves_at = on.leaves_at(now);
            let step = sight.counter.settle(on.amount, kept, expires_at, leaves_at, now);
            takes.counted.push(sight.counted(step, i64::MAX, now));
            takes.returns.extend(on.captured(kept, leaves_at));
        }
        takes
    }

    /// Takes again what lapsed, where it is still free; open holds are not counted again. Where it is not, that is what is decided, so it
    /// has to stay so.
    pub(super) fn retake(self, view: &mut View<'_>, minor: i64) -> Result<Takes, Full> {
        let now = self.now;
        let mut takes = Takes::default();
        for (on, sight) in self.all {
            let (amount, leaves_at) = (on.kept(minor), on.leaves_at(now));
            if amount == 0 {
                continue;
            }
            let step = match leaves_at {
                Some(leaves_at) => sight.hold(amount, on.ceiling, leaves_at, now),
                None => sight.take(amount, on.ceiling, now),
            };
            let step = step.inspect_err(|_| sight.rely(view))?;
            takes.counted.push(sight.counted(step, on.ceiling, now));
            takes.returns.extend(on.captured(amount, leaves_at));
        }
        Ok(takes)
    }
}

/// What a use takes of the accounts that count it.
#[derive(Default)]
pub(super) struct Takes {
    pub counted: Vec<Counted>,
    /// What a refund gives back, and where.
    pub returns: Vec<CountedOn>,
}

impl HeldOn {
    /// What a capture leaves of it.
    fn kept(&self, minor: i64) -> i64 {
        match self.counts {
            HeldFor::OpenHolds => 0,
            HeldFor::Uses | HeldFor::HolderUses => self.amount,
            HeldFor::Money if defect::is(Defect::SettleByQuote) => self.amount,
            HeldFor::Money => self.amount.min(minor),
        }
    }

    /// When what is captured now leaves a rolling window.
    fn leaves_at(&self, now: Instant) -> Option<Instant> {
        self.rolling_s.and_then(|seconds| LimitWindow::RollingS(seconds).at(now, &Zone::utc()).leaves_at)
    }
}
