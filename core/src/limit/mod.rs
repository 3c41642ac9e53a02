//! Ceilings and what is counted against them: amounts that are held for a while, and counters that orders share.
//!
//! Nothing here reads or writes: a counter as it stands goes in, a step comes out.

mod buckets;
mod counter;

pub use buckets::Buckets;
pub(crate) use buckets::expiry;
pub(crate) use counter::{Counter, Full, Step};
