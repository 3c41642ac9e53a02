//! What an engine counts of itself. Numbers and status codes only: nothing here knows a code, a key or a holder.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::error::Error;
use super::request::Read;
use crate::status::Status;

/// Counters of one engine, from its opening on.
#[derive(Default)]
pub(super) struct Meter {
    pub calls: AtomicU64,
    pub withdrawn: AtomicU64,
    pub loads: AtomicU64,
    pub conflicts: AtomicU64,
    pub decided_again: AtomicU64,
    pub commits_failed: AtomicU64,
    pub outcomes_unknown: AtomicU64,
    pub panics: AtomicU64,
    pub group_size: Counted,
    pub wait_us: Counted,
    pub commit_us: Counted,
    pub reply_us: Counted,
    ended: Ended,
}

/// How often each status came, in the order of [`Status::ALL`].
struct Ended([AtomicU64; Status::ALL.len()]);

impl Default for Ended {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl Meter {
    pub(super) fn add(counter: &AtomicU64, by: usize) {
        counter.fetch_add(u64::try_from(by).unwrap_or(0), Ordering::Relaxed);
    }

    pub(super) fn ended(&self, status: Status) {
        let place = Status::ALL.iter().position(|known| *known == status);
        if let Some(counter) = place.and_then(|place| self.ended.0.get(place)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn figures(&self, queued: usize) -> EngineFigures {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let ended =
            Status::ALL.iter().zip(&self.ended.0).map(|(status, count)| (status.code().to_owned(), read(count)));
        EngineFigures {
            queued: u64::try_from(queued).unwrap_or(u64::MAX),
            calls: read(&self.calls),
            ended: ended.filter(|(_, count)| *count > 0).collect(),
            withdrawn: read(&self.withdrawn),
            loads: read(&self.loads),
            conflicts: read(&self.conflicts),
            decided_again: read(&self.decided_again),
            commits_failed: read(&self.commits_failed),
            outcomes_unknown: read(&self.outcomes_unknown),
            panics: read(&self.panics),
            group_size: self.group_size.spread(),
            wait_us: self.wait_us.spread(),
            commit_us: self.commit_us.spread(),
            reply_us: self.reply_us.spread(),
        }
    }
}

/// Powers of two up to 2^40: microseconds of twelve days.
const STEPS: usize = 41;

/// A spread that is being counted.
pub(super) struct Counted {
    steps: [AtomicU64; STEPS],
    sum: AtomicU64,
    max: AtomicU64,
}

impl Default for Counted {
    fn default() -> Self {
        Self { steps: std::array::from_fn(|_| AtomicU64::new(0)), sum: AtomicU64::new(0), max: AtomicU64::new(0) }
    }
}

impl Counted {
    pub(super) fn add(&self, value: u64) {
        // The lowest power of two that is not below it: 0 and 1 in the first step, 2 in the second, 3 and 4 in the third.
        let step = usize::try_from(64 - value.saturating_sub(1).leading_zeros()).unwrap_or(STEPS);
        if let Some(counter) = self.steps.get(step.min(STEPS - 1)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        self.sum.fetch_add(value, Ordering::Relaxed);
        self.max.fetch_max(value, Ordering::Relaxed);
    }

    fn spread(&self) -> Spread {
        let steps = (0..)
            .zip(&self.steps)
            .map(|(step, count)| SpreadStep { up_to: 1_u64 << step, count: count.load(Ordering::Relaxed) });
        let steps: Vec<_> = steps.filter(|step| step.count > 0).collect();
        Spread {
            count: steps.iter().map(|step| step.count).sum(),
            sum: self.sum.load(Ordering::Relaxed),
            max: self.max.load(Ordering::Relaxed),
            steps,
        }
    }
}

/// Asks an engine what it counted of itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetEngineFigures {}

/// What an engine counted of itself since it was opened, over all tenants. Counts only grow until the engine is opened again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct EngineFigures {
    /// Changes that wait to be decided at this moment.
    pub queued: u64,
    /// Changes that were handed in.
    pub calls: u64,
    /// How many changes ended in each status, by code: `ok`, denials, faults.
    pub ended: BTreeMap<String, u64>,
    /// Changes whose callers went away before they were decided.
    pub withdrawn: u64,
    /// Reads that groups needed.
    pub loads: u64,
    /// Changesets that fell out of their group because another process had changed what they rest on, or with one that did.
    pub conflicts: u64,
    /// Changes that were decided once more, for whatever reason.
    pub decided_again: u64,
    /// Commits that the store answered with an error, unknown outcomes among them.
    pub commits_failed: u64,
    /// Commits whose outcome was unknown at first.
    pub outcomes_unknown: u64,
    /// Decisions and groups that panicked: bugs.
    pub panics: u64,
    /// Changesets in each commit.
    pub group_size: Spread,
    /// From being handed in to being decided first, in microseconds.
    pub wait_us: Spread,
    /// Commits of the store, in microseconds.
    pub commit_us: Spread,
    /// From being handed in to the reply, in microseconds.
    pub reply_us: Spread,
}

/// How values are spread, in steps of powers of two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Spread {
    /// How many values.
    pub count: u64,
    /// Their sum.
    pub sum: u64,
    /// The largest.
    pub max: u64,
    /// How many lie above the step before and up to this one; steps without any are left out.
    pub steps: Vec<SpreadStep>,
}

/// One step of a [`Spread`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SpreadStep {
    /// The upper end of the step, included.
    pub up_to: u64,
    /// How many values.
    pub count: u64,
}

impl Read for GetEngineFigures {
    type Reply = EngineFigures;

    fn read(self, tenant: &Tenant) -> Result<EngineFigures, Error> {
        Ok(tenant.realm.committer.figures())
    }
}

impl From<()> for GetEngineFigures {
    fn from((): ()) -> Self {
        Self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_counted_in_the_lowest_step_that_holds_it() {
        let counted = Counted::default();
        [0, 1, 2, 3, 4, 5, 1_000, u64::MAX].into_iter().for_each(|value| counted.add(value.min(1 << 50)));
        let spread = counted.spread();
        let steps: Vec<_> = spread.steps.iter().map(|step| (step.up_to, step.count)).collect();
        assert_eq!(steps, [(1, 2), (2, 1), (4, 2), (8, 1), (1_024, 1), (1 << 40, 1)]);
        assert_eq!((spread.count, spread.max), (8, 1 << 50));
    }
}
