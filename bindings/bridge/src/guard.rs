//! The one guard against panics.

use std::panic::{AssertUnwindSafe, catch_unwind};

use cardmint::Status;
use cardmint::operation::Failure;

/// Runs `body`; a panic in it becomes the failure `panic`. The message of the panic is not repeated: it may hold anything.
///
/// # Errors
/// What `body` ends in.
pub fn guarded<T>(body: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    caught(body).unwrap_or_else(|| Err(Failure::fault(Status::Panic, Status::Panic.doc())))
}

/// Runs `body`; `None` when it panicked. State that the panic left behind guards itself: locks here take over what is poisoned,
/// and the engine answers `internal` or `outcome_unknown` for calls that were under way.
pub fn caught<T>(body: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(body)).ok()
}
