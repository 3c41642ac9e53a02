//! Calls on their way.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::task::{Context, Poll, Waker};

use cardmint_bridge::{Failure, Owned, Pending, Status};

use crate::args::{Out, borrow, free, give};
use crate::guard::{Ended, answer};
use crate::status::cardmint_status;
use crate::text::cardmint_text;

/// A call that was handed in. One thread at a time; where several use it all the same, they wait for each other.
pub struct cardmint_call {
    state: Owned<Mutex<State>>,
}

enum State {
    Pending(Pending),
    /// Kept, so that asking again gets the same answer.
    Done(Result<Vec<u8>, Failure>),
}

impl State {
    fn withdrawn() -> Self {
        Self::Done(Err(Failure::fault(Status::Closed, Status::Closed.doc())))
    }

    /// Looks whether the reply is there. Nobody is woken: in C, the caller asks again.
    fn poll(&mut self) {
        if let Self::Pending(pending) = self
            && let Poll::Ready(reply) = Pin::new(pending).poll(&mut Context::from_waker(Waker::noop()))
        {
            *self = Self::Done(reply);
        }
    }

    fn wait(&mut self) {
        // A panic while waiting leaves a call behind that was withdrawn, as far as anybody knows.
        *self = match std::mem::replace(self, Self::withdrawn()) {
            Self::Pending(pending) => Self::Done(pending.wait()),
            done => done,
        };
    }

    fn tell(&self, reply: Out<*mut cardmint_text>) -> Ended {
        match self {
            Self::Pending(_) => Ok(Status::Pending),
            Self::Done(Ok(said)) => {
                reply.put(cardmint_text::new(said.clone()));
                Ok(Status::Ok)
            }
            Self::Done(Err(failure)) => Err(failure.clone()),
        }
    }
}

impl cardmint_call {
    /// Not polled yet: that would set a thread of the engine's to work, which a host that waits is faster without.
    pub(crate) fn new(pending: Pending) -> *mut Self {
        give(Self { state: Owned::new(Mutex::new(State::Pending(pending))) })
    }

    fn state(&self) -> Result<MutexGuard<'_, State>, Failure> {
        Ok(self.state.get()?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// `CARDMINT_STATUS_PENDING` until the reply is there; then the reply, or what the call failed with, as often as asked. Never
/// blocks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_call_poll(
    call: *const cardmint_call,
    reply: *mut *mut cardmint_text,
    error: *mut *mut cardmint_text,
) -> cardmint_status {
    // SAFETY: the caller vouches for every pointer that is not NULL.
    unsafe {
        answer(error, || {
            let (call, reply) = (borrow(call, "call")?, Out::new(reply, "reply")?);
            let mut state = match call.state.get()?.try_lock() {
                Ok(state) => state,
                Err(TryLockError::Poisoned(state)) => state.into_inner(),
                // Another thread waits for it.
                Err(TryLockError::WouldBlock) => return Ok(Status::Pending),
            };
            state.poll();
            state.tell(reply)
        })
    }
}

/// Blocks until the reply is there and gives it, or what the call failed with, as often as asked.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_call_wait(
    call: *const cardmint_call,
    reply: *mut *mut cardmint_text,
    error: *mut *mut cardmint_text,
) -> cardmint_status {
    // SAFETY: the caller vouches for every pointer that is not NULL.
    unsafe {
        answer(error, || {
            let (call, reply) = (borrow(call, "call")?, Out::new(reply, "reply")?);
            let mut state = call.state()?;
            state.wait();
            state.tell(reply)
        })
    }
}

/// Withdraws a call that was not decided yet; from now on it is answered `closed`. One that was decided stays done: the same
/// request under the same key tells what came of it. A reply that was taken already stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_call_cancel(
    call: *const cardmint_call,
    error: *mut *mut cardmint_text,
) -> cardmint_status {
    // SAFETY: the caller vouches for every pointer that is not NULL.
    unsafe {
        answer(error, || {
            let mut state = borrow(call, "call")?.state()?;
            if matches!(*state, State::Pending(_)) {
                *state = State::withdrawn();
            }
            Ok(Status::Ok)
        })
    }
}

/// Frees a call, withdrawing it as `cardmint_call_cancel` does; NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cardmint_call_free(call: *mut cardmint_call) {
    // SAFETY: NULL, or a call of ours that was not freed.
    unsafe { free(call) }
}
