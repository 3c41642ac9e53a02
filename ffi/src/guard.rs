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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{cardmint_text_data, cardmint_text_free};

    #[test]
    fn a_panic_is_an_answer_and_tells_nothing() {
        let mut error = std::ptr::null_mut();
        // SAFETY: the place is there, and the text is one of ours.
        unsafe {
            assert!(matches!(answer(&raw mut error, || panic!("hush")), cardmint_status::Panic));
            let said = std::ffi::CStr::from_ptr(cardmint_text_data(error)).to_str().unwrap().to_owned();
            cardmint_text_free(error);
            assert!(said.contains(r#""code":"panic""#) && !said.contains("hush"), "{said}");
            assert!(matches!(answer(std::ptr::null_mut(), || panic!("hush")), cardmint_status::Panic));
            assert!(matches!(answer(std::ptr::null_mut(), || Ok(Status::End)), cardmint_status::End));
        }
    }

    #[test]
    fn every_status_keeps_its_number() {
        for status in Status::ALL {
            assert_eq!(cardmint_status::of(status.number()) as i32, i32::from(status.number()));
        }
    }
}
