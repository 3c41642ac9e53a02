//! What is held for a while, by the moment at which it comes back by itself.

use serde::{Deserialize, Serialize};

use crate::time::Instant;

/// Most steps of a hold's life: expiries are rounded up to whole steps, so that many holds share few buckets.
const STEPS: i64 = 64;

/// When a hold that is made now, for so many seconds, comes back by itself. The rounded moment *is* its expiry.
///
/// A step is the greatest power of two seconds that fits 64 times into the time to live, and at least one second: the instants of
/// longer steps are instants of shorter ones, so that holds of different lives meet in the same buckets.
pub(crate) fn expiry(now: Instant, ttl_s: u32) -> Instant {
    let mut step_ms = 1_000;
    while step_ms * 2 * STEPS <= i64::from(ttl_s) * 1_000 {
        step_ms *= 2;
    }
    let ends = now.plus_millis(i64::from(ttl_s) * 1_000);
    ends.plus_millis((-ends.millis()).rem_euclid(step_ms))
}

/// Amounts that are held, by the first moment at which each is free again. Short, in order, without empty buckets.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Buckets(Vec<(Instant, i64)>);

impl Buckets {
    /// Buckets of these moments and amounts; those of one moment are added up, those of nothing left out.
    pub fn of(all: impl IntoIterator<Item = (Instant, i64)>) -> Self {
        let mut buckets = Self::default();
        all.into_iter().for_each(|(expires_at, amount)| buckets.put(expires_at, amount));
        buckets
    }

    /// Moments and amounts, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Instant, i64)> + '_ {
        self.0.iter().copied()
    }

    /// Whether nothing is held, lapsed or not.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is held at a moment: all buckets later than it.
    pub fn held(&self, now: Instant) -> i64 {
        self.iter().filter(|(expires_at, _)| *expires_at > now).map(|(_, amount)| amount).sum()
    }

    /// All that stands in buckets, lapsed or not.
    pub(crate) fn all(&self) -> i64 {
        self.iter().map(|(_, amount)| amount).sum()
    }

    /// Until when anything is held, at most.
    pub(crate) fn until(&self, now: Instant) -> Option<Instant> {
        self.0.last().map(|(expires_at, _)| *expires_at).filter(|last| *last > now)
    }

    /// The first moment at which so much of what is held now is free again.
    pub(crate) fn frees(&self, amount: i64, now: Instant) -> Option<Instant> {
        let mut freed = 0;
        self.iter().filter(|(expires_at, _)| *expires_at > now).find_map(|(expires_at, held)| {
            freed += held;
            (freed >= amount).then_some(expires_at)
        })
    }

    /// The same without what has lapsed.
    #[must_use]
    pub(crate) fn living(&self, now: Instant) -> Self {
        Self(self.iter().filter(|(expires_at, _)| *expires_at > now).collect())
    }

    /// Holds so much more until a moment.
    pub(crate) fn put(&mut self, expires_at: Instant, amount: i64) {
        if amount == 0 {
            return;
        }
        match self.0.binary_search_by_key(&expires_at, |(at, _)| *at) {
            Ok(place) => {
                if let Some((_, held)) = self.0.get_mut(place) {
                    *held += amount;
                }
            }
            Err(place) => self.0.insert(place, (expires_at, amount)),
        }
    }

    /// Takes an amount out of its bucket; where the bucket holds less, it was never put there.
    pub(crate) fn take(&mut self, expires_at: Instant, amount: i64) {
        if let Ok(place) = self.0.binary_search_by_key(&expires_at, |(at, _)| *at)
            && let Some((_, held)) = self.0.get_mut(place)
        {
            *held -= amount;
            if *held <= 0 {
                self.0.remove(place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> Instant {
        Instant::EPOCH.plus_millis(millis)
    }

    #[test]
    fn expiries_lie_on_a_grid_of_a_64th_of_their_life() {
        assert_eq!(expiry(at(1), 1), at(2_000), "at least a second");
        assert_eq!(expiry(at(0), 900), at(904_000), "steps of 8 seconds");
        assert_eq!(expiry(at(4_000), 900), at(904_000), "on the grid already");
        assert_eq!(expiry(at(4_001), 900), at(912_000));
        assert_eq!(expiry(at(-1), 1), at(1_000), "before 1970, too");
    }

    proptest! {
        #[test]
        fn g09_a_hold_lasts_as_long_as_it_was_asked_for_and_hardly_longer(now in -10_i64..4_000_000_000_000, ttl_s in 1_u32..2_592_000) {
            let (now, ttl_ms) = (at(now), i64::from(ttl_s) * 1_000);
            let lasts = expiry(now, ttl_s).millis() - now.millis();
            prop_assert!(lasts >= ttl_ms && lasts < ttl_ms + 1_000.max(ttl_ms / STEPS + 1));
        }

        #[test]
        fn holds_of_one_life_share_few_buckets(start in 0_i64..4_000_000_000_000, ttl_s in 1_u32..2_592_000, offsets in proptest::collection::vec(0_i64..2_592_000_000, 400)) {
            let life = i64::from(ttl_s) * 1_000;
            let all = offsets.into_iter().map(|offset| (expiry(at(start + offset % life), ttl_s), 1));
            prop_assert!(Buckets::of(all).0.len() <= 130);
        }

        #[test]
        fn what_goes_in_comes_out_once(amounts in proptest::collection::vec((0_i64..50, 1_i64..1_000), 1..40), now in 0_i64..50) {
            let now = at(now);
            let mut buckets = Buckets::of(amounts.iter().map(|(expires, amount)| (at(*expires), *amount)));
            let sum = |living: bool| amounts.iter().filter(|(expires, _)| !living || at(*expires) > now).map(|(_, amount)| amount).sum::<i64>();
            prop_assert_eq!((buckets.held(now), buckets.all()), (sum(true), sum(false)));
            prop_assert_eq!(buckets.living(now).all(), sum(true));
            if let Some(free_at) = buckets.frees(buckets.held(now), now) {
                prop_assert_eq!(Some(free_at), buckets.until(now));
                prop_assert_eq!(buckets.held(free_at), 0);
            }
            for (expires, amount) in &amounts {
                buckets.take(at(*expires), *amount);
            }
            prop_assert!(buckets.is_empty());
        }
    }
}
