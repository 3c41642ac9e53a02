//! Ceilings and what is counted against them: amounts that are held for a while, and counters that orders share.
//!
//! Nothing here reads or writes: a counter as it stands goes in, a step comes out.

mod buckets;
mod counter;
mod terms;
mod window;

pub use buckets::Buckets;
pub(crate) use buckets::expiry;
pub(crate) use counter::{Counter, Full, Stands, Step};
pub(crate) use terms::check_limits;
pub use terms::{LIMITS_MAX, Limit, LimitWindow, Measure, Period, ROLLING_S_MAX, Scope, UsageUnit};
pub(crate) use window::Stretch;
