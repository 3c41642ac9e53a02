//! A counter that orders share: what is counted on its account, and what of that is only held.
//!
//! The account's balance is captured and held together, lapsed or not: that is what a move's floor and ceiling guard where it is
//! made, so that whoever only counts needs no more than the account. Beside it stand the buckets of what is held, compared and
//! set: whoever holds, settles, or finds the account full and something lapsed, writes them. So what lapsed is given back once.

use super::Buckets;
use crate::defect::{self, Defect};
use crate::time::Instant;

/// A counter as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counter {
    /// Captured and held, lapsed or not.
    pub balance: i64,
    /// What of it is held.
    pub buckets: Buckets,
}

/// What becomes of a counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// By how much the account moves.
    pub delta: i64,
    /// The buckets afterwards, where they change.
    pub buckets: Option<Buckets>,
}

/// What of a ceiling is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stands {
    /// What is captured.
    pub used: i64,
    /// What is held.
    pub held: i64,
    /// What may still be counted.
    pub left: i64,
}

/// Why nothing more can be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// Too much is captured; no waiting for what is held helps.
    Captured {
        /// What is captured.
        used: i64,
        /// What is held.
        held: i64,
        /// When a part of what was asked for fits, where it ever does.
        part_at: Option<Instant>,
    },
    /// What is not captured is held, and enough of it comes back by itself at that moment at the latest.
    Held {
        /// What is captured.
        used: i64,
        /// What is held.
        held: i64,
        /// When enough is free.
        frees_at: Instant,
    },
}

impl Full {
    /// The same where so much was used elsewhere, by which the ceiling was lowered.
    pub(crate) fn beside(self, elsewhere: i64) -> Self {
        match self {
            Self::Captured { used, held, part_at } => Self::Captured { used: used + elsewhere, held, part_at },
            Self::Held { used, held, frees_at } => Self::Held { used: used + elsewhere, held, frees_at },
        }
    }
}

impl Counter {
    /// Whether so much more fits, and what lapsed and is given back with it.
    fn room(&self, amount: i64, ceiling: i64, now: Instant) -> Result<i64, Full> {
        let all = self.buckets.all();
        let held = self.buckets.held(now);
        let (used, lapsed) = (self.balance - all, all - held);
        let over = used + held + amount - ceiling;
        if over <= 0 {
            return Ok(lapsed);
        }
        Err(match self.buckets.frees(over, now) {
            Some(frees_at) => Full::Held { used, held, frees_at },
            None => {
                let part_at = self.buckets.frees(used + held + 1 - ceiling, now);
                Full::Captured { used, held, part_at }
            }
        })
    }

    /// What is held now, and what may still be counted.
    pub(crate) fn stands(&self, ceiling: i64, now: Instant) -> Stands {
        let held = self.buckets.held(now);
        let used = self.balance - self.buckets.all();
        Stands { used, held, left: (ceiling - used - held).max(0) }
    }

    /// Counts so much for good.
    pub(crate) fn take(&self, amount: i64, ceiling: i64, now: Instant) -> Result<Step, Full> {
        let lapsed = self.room(amount, ceiling, now)?;
        let buckets = (lapsed > 0).then(|| self.buckets.living(now));
        Ok(Step { delta: amount - lapsed, buckets })
    }

    /// Holds so much until a moment.
    pub(crate) fn hold(&self, amount: i64, ceiling: i64, expires_at: Instant, now: Instant) -> Result<Step, Full> {
        let lapsed = self.room(amount, ceiling, now)?;
        let mut buckets = self.buckets.living(now);
        buckets.put(expires_at, amount);
        Ok(Step { delta: amount - lapsed, buckets: Some(buckets) })
    }

    /// Ends a hold that has not lapsed: so much of it is captured, for good or until it leaves a rolling window, the rest comes back.
    pub(crate) fn settle(
        &self,
        held: i64,
        captured: i64,
        expires_at: Instant,
        leaves_at: Option<Instant>,
        now: Instant,
    ) -> Step {
        let lapsed = self.buckets.all() - self.buckets.held(now);
        let mut buckets = self.buckets.living(now);
        buckets.take(expires_at, held);
        if let Some(leaves_at) = leaves_at {
            buckets.put(leaves_at, captured);
        }
        let rest = if defect::is(Defect::CaptureKeepsRest) { 0 } else { held - captured };
        Step { delta: -rest - lapsed, buckets: Some(buckets) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> Instant {
        Instant::EPOCH.plus_millis(millis)
    }

    /// What somebody could do to a counter.
    #[derive(Debug, Clone)]
    enum Act {
        Take(i64),
        Hold {
            amount: i64,
            ttl: i64,
        },
        /// Captures so many hundredths of the n-th hold, or releases it with 0.
        Settle {
            which: usize,
            part: i64,
        },
        Wait(i64),
    }

    fn act() -> impl Strategy<Value = Act> {
        prop_oneof![
            (1_i64..8).prop_map(Act::Take),
            (1_i64..8, 1_i64..20).prop_map(|(amount, ttl)| Act::Hold { amount, ttl }),
            (0_usize..10, 0_i64..=100).prop_map(|(which, part)| Act::Settle { which, part }),
            (0_i64..10).prop_map(Act::Wait),
        ]
    }

    proptest! {
        /// Beside a list of holds and a sum: whatever is done, the same fits, and the account is what is captured and held.
        #[test]
        fn g10_every_hold_comes_back_once_or_is_captured(acts in proptest::collection::vec(act(), 1..60), ceiling in 1_i64..30) {
            let mut counter = Counter { balance: 0, buckets: Buckets::default() };
            let (mut captured, mut holds, mut now) = (0_i64, Vec::<(i64, i64)>::new(), 0_i64);
            for act in acts {
                let held: i64 = holds.iter().filter(|(expires, _)| *expires > now).map(|(_, amount)| amount).sum();
                let fits = |amount: i64| captured + held + amount <= ceiling;
                let step = match act {
                    Act::Wait(millis) => { now += millis; continue }
                    Act::Take(amount) => {
                        let step = counter.take(amount, ceiling, at(now));
                        prop_assert_eq!(step.is_ok(), fits(amount));
                        if step.is_ok() { captured += amount; }
                        step
                    }
                    Act::Hold { amount, ttl } => {
                        let step = counter.hold(amount, ceiling, at(now + ttl), at(now));
                        prop_assert_eq!(step.is_ok(), fits(amount));
                        if step.is_ok() { holds.push((now + ttl, amount)); }
                        step
                    }
                    Act::Settle { which, part } => {
                        if holds.get(which).is_none_or(|(expires, _)| *expires <= now) { continue }
                        let (expires, amount) = holds.remove(which);
                        captured += amount * part / 100;
                        Ok(counter.settle(amount, amount * part / 100, at(expires), None, at(now)))
                    }
                };
                match step {
                    Ok(step) => {
                        counter.balance += step.delta;
                        if let Some(buckets) = step.buckets { counter.buckets = buckets; }
                        prop_assert!((0..=ceiling).contains(&counter.balance));
                    }
                    Err(Full::Captured { used, held: said, .. }) => prop_assert_eq!((used, said), (captured, held)),
                    Err(Full::Held { used, held: said, frees_at }) => {
                        prop_assert_eq!((used, said), (captured, held));
                        let left: i64 = holds.iter().filter(|(expires, _)| at(*expires) > frees_at).map(|(_, amount)| amount).sum();
                        prop_assert!(left < held, "something comes back by then");
                    }
                }
                prop_assert_eq!(counter.balance - counter.buckets.all(), captured);
                let living: i64 = holds.iter().filter(|(expires, _)| *expires > now).map(|(_, amount)| amount).sum();
                prop_assert_eq!(counter.buckets.held(at(now)), living);
            }
        }
    }

    #[test]
    fn what_is_full_says_whether_waiting_helps() {
        let counter = Counter { balance: 10, buckets: Buckets::of([(at(100), 2), (at(50), 1)]) };
        assert_eq!(counter.take(1, 10, at(0)), Err(Full::Held { used: 7, held: 3, frees_at: at(50) }));
        assert_eq!(counter.take(2, 10, at(0)), Err(Full::Held { used: 7, held: 3, frees_at: at(100) }));
        assert_eq!(counter.take(4, 10, at(0)), Err(Full::Captured { used: 7, held: 3, part_at: Some(at(50)) }));
        let most = counter.take(4, 7, at(0));
        assert_eq!(most, Err(Full::Captured { used: 7, held: 3, part_at: None }), "never");
        let step = counter.take(1, 10, at(50)).unwrap();
        assert_eq!(
            step,
            Step { delta: 0, buckets: Some(Buckets::of([(at(100), 2)])) },
            "what lapsed is given back with it"
        );
    }
}
