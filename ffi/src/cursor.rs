//! Streams and jobs on their way.

use std::sync::{Mutex, MutexGuard, PoisonError};

use cardmint_bridge::{Cursor, Failure, Owned, Progress, Status, Step};

use crate::args::{Out, borrow, free, give};
use crate::guard::answer;
use crate::status::cardmint_status;
use crate::text::cardmint_text;

/// A stream or a job on its way. No thread of ours works ahead. One thread at a time; where several use it all the same, they
/// wait for each other.
pub struct cardmint_cursor {
    cursor: Owned<Mutex<Cursor>>,
}

impl cardmint_cursor {
    pub(crate) fn new(cursor: Cursor) -> *mut Self {
        give(Self { cursor: Owned::new(Mutex::new(cursor)) })
    }

    fn cursor(&self) -> Result<MutexGuard<'_, Cursor>, Failure> {
        Ok(self.cursor.get()?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Does the next piece of work: at most `most` items of a stream (1 to 100,000), or one step of a job.
///
/// `CARDMINT_STATUS_OK` with the next items of a stream as a JSON array, or with the reply of a job; `CARDMINT_STATUS_PENDING`
/// while a job goes on; `CARDMINT_STATUS_END` when nothing is left. After a failure the place stays: ask again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_cursor_next(
    cursor: *const cardmint_cursor,
    most: usize,
    reply: *mut *mut cardmint_text,
    error: *mut *mut cardmint_text,
) -> cardmint_status {
    // SAFETY: the caller vouches for every pointer that is not NULL.
    unsafe {
        answer(error, || {
            let (cursor, reply) = (borrow(cursor, "cursor")?, Out::new(reply, "reply")?);
            match cursor.cursor()?.next(most)? {
                Step::Reply(said) => {
                    reply.put(cardmint_text::new(said));
                    Ok(Status::Ok)
                }
                Step::Working => Ok(Status::Pending),
                Step::End => Ok(Status::End),
            }
        })
    }
}

/// How far it has come, and how far there is to go in all, in the unit of the stream or job: serials, cards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_cursor_progress(
    cursor: *const cardmint_cursor,
    done: *mut u64,
    total: *mut u64,
    error: *mut *mut cardmint_text,
) -> cardmint_status {
    // SAFETY: the caller vouches for every pointer that is not NULL.
    unsafe {
        answer(error, || {
            let (cursor, done, total) = (borrow(cursor, "cursor")?, Out::new(done, "done")?, Out::new(total, "total")?);
            let progress: Progress = cursor.cursor()?.progress();
            done.put(progress.done);
            total.put(progress.total);
            Ok(Status::Ok)
        })
    }
}

/// Ends a stream or a job wherever it is, and frees it; NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_cursor_free(cursor: *mut cardmint_cursor) {
    // SAFETY: NULL, or a cursor of ours that was not freed.
    unsafe { free(cursor) }
}
