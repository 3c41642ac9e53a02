//! What every binding shares, so that a binding holds conversions only: an engine is opened from JSON options, operations are
//! called with bytes and answered with bytes, a queue of completions settles promises and futures without a thread for each, and
//! threads that block come back one after another where an interpreter lets only one of them run.
//!
//! Nothing here panics on bad input. A binding still guards its entries with [`guarded`], which turns a panic of ours into the
//! failure `panic`.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod completions;
mod elsewhere;
mod fork;
#[cfg(test)]
mod gate;
mod guard;
mod keyring;
mod open;
mod relay;

pub use cardmint::operation::{Cursor, Failure, Kind, Operation, Pending, REQUEST_BYTES_MAX, Step};
pub use cardmint::{Progress, Status, Tenant};
pub use completions::{Completed, Completions};
pub use elsewhere::DroppedElsewhere;
pub use fork::Owned;
pub use guard::{caught, guarded};
pub use keyring::{create_keyring, forget_key, retire_key, rotate_keyring};
pub use open::{Engine, open};
pub use relay::{Baton, Relay};

/// The milliseconds since 1970 of an instant as replies have it.
pub fn millis(instant: &str) -> Option<i64> {
    cardmint::time::Instant::parse("instant", instant).ok().map(cardmint::time::Instant::millis)
}

/// JSON that we wrote, as text.
///
/// # Errors
/// `internal`, which no reply meets.
pub fn text(json: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(json).map_err(|_| Failure::fault(Status::Internal, "a reply is not UTF-8"))
}
