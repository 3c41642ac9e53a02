//! A clock per engine: one true time for all, and for each engine how far its own is off.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use cardmint::time::{Clock, Instant};

/// When every world begins: 2026-05-31T23:59:45Z, a Sunday.
pub const OPENING_MS: i64 = 1_780_271_985_000;

/// So much later a day, a week and a month begin.
pub const MIDNIGHT_MS: i64 = 15_000;

/// The clock of one engine.
#[derive(Clone, Default)]
pub struct SimClock {
    true_ms: Arc<AtomicI64>,
    skew_ms: Arc<AtomicI64>,
}

impl SimClock {
    /// Another clock over the same true time.
    pub fn beside(&self, skew_ms: i64) -> Self {
        Self { true_ms: Arc::clone(&self.true_ms), skew_ms: Arc::new(AtomicI64::new(skew_ms)) }
    }

    /// Milliseconds of true time since the world began.
    pub fn true_ms(&self) -> i64 {
        self.true_ms.load(Ordering::Relaxed)
    }

    /// Lets true time go on.
    pub fn pass(&self, millis: i64) {
        self.true_ms.fetch_add(millis, Ordering::Relaxed);
    }

    /// How far this clock is off.
    pub fn skew_ms(&self) -> i64 {
        self.skew_ms.load(Ordering::Relaxed)
    }

    /// Sets how far it is off.
    pub fn set_skew(&self, millis: i64) {
        self.skew_ms.store(millis, Ordering::Relaxed);
    }
}

impl Clock for SimClock {
    fn now(&self) -> Instant {
        Instant::EPOCH.plus_millis(OPENING_MS + self.true_ms() + self.skew_ms())
    }

    fn steady_us(&self) -> u64 {
        // A clock for waiting knows nothing of the wall's: it never goes back and never leaps.
        u64::try_from(self.true_ms()).unwrap_or(0).saturating_mul(1_000)
    }
}
