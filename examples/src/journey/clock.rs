//! The story's time: moved by hand from basket to basket.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cardmint::time::{Clock, Instant};

/// A clock that stands where it was put. Clones share their time.
#[derive(Debug, Clone)]
pub struct HandClock(Arc<Mutex<Instant>>);

impl HandClock {
    /// A clock that stands at this moment.
    pub fn at(moment: Instant) -> Self {
        Self(Arc::new(Mutex::new(moment)))
    }

    /// Moves it, forwards or back.
    pub fn set(&self, moment: Instant) {
        *self.moment() = moment;
    }

    fn moment(&self) -> MutexGuard<'_, Instant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for HandClock {
    fn now(&self) -> Instant {
        *self.moment()
    }
}
