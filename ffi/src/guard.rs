//! The one guard around every entry.

use cardmint_bridge::{Failure, Status, caught, guarded};

use crate::status::cardmint_status;
use crate::text::cardmint_text;

/// How an entry that did not fail ended: `Ok`, `Pending` or `End`.
pub(crate) type Ended = Result<Status, Failure>;

/// Runs an entry and says how it ended. A failure goes to `error`, where the caller wants it; a panic is a failure.
pub(crate) unsafe fn answer(error: *mut *mut cardmint_text, body: impl FnOnce() -> Ended) -> cardmint_status {
    let failure = match guarded(body) {
        Ok(status) => return cardmint_status::of(status.number()),
        Err(failure) => failure,
    };
    // Once more under guard: writing the failure is code of ours, too.
    if !error.is_null()
        && let Some(text) = caught(|| cardmint_text::new(failure.to_json().into_bytes()))
    {
        // SAFETY: not NULL, and the caller vouches for the rest.
        unsafe { error.write(text) };
    }
    cardmint_status::of(failure.status)
}
