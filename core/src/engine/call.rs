//! A call on its way: awaited by async hosts, blocked on by all others.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use super::committer::{Awaited, Committer};
use super::error::Error;
use super::sync::{Mutex, MutexGuard};

/// Where the reply of one call is put.
pub(super) struct Slot<R>(Mutex<Inner<R>>);

struct Inner<R> {
    reply: Option<Result<R, Error>>,
    waker: Option<Waker>,
}

impl<R> Slot<R> {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Inner { reply: None, waker: None })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner<R>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn fill(&self, reply: Result<R, Error>) {
        let mut inner = self.inner();
        inner.reply = Some(reply);
        let waker = inner.waker.take();
        drop(inner);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn take(&self) -> Option<Result<R, Error>> {
        self.inner().reply.take()
    }

    fn is_filled(&self) -> bool {
        self.inner().reply.is_some()
    }

    /// Wakes whoever waits for this call, though it is not done; `false` when nobody does.
    pub(super) fn nudge(&self) -> bool {
        let waker = self.inner().waker.clone();
        match waker {
            Some(waker) => {
                waker.wake();
                true
            }
            None => false,
        }
    }
}

impl<R> Awaited for Slot<R> {
    fn is_done(&self, waker: &Waker) -> bool {
        let mut inner = self.inner();
        inner.waker = Some(waker.clone());
        inner.reply.is_some()
    }
}

/// A call that was handed in. It is a future; [`Call::wait`] blocks instead.
///
/// A call that is dropped before it was decided is withdrawn. One that was decided stays done; its idempotency key
/// tells what came of it.
#[must_use = "a call is decided when it is awaited or waited for"]
pub struct Call<R> {
    state: State<R>,
}

enum State<R> {
    /// Refused before it reached the queue, or answered without it.
    Ready(Option<Result<R, Error>>),
    Queued {
        slot: Arc<Slot<R>>,
        committer: Arc<Committer>,
    },
}

impl<R> Call<R> {
    pub(crate) fn ready(reply: Result<R, Error>) -> Self {
        Self { state: State::Ready(Some(reply)) }
    }

    pub(super) fn queued(slot: Arc<Slot<R>>, committer: Arc<Committer>) -> Self {
        Self { state: State::Queued { slot, committer } }
    }

    /// Blocks until the reply is durable. While no other thread does, this one commits for all that wait.
    ///
    /// # Errors
    /// See each operation.
    pub fn wait(self) -> Result<R, Error> {
        match self.state {
            State::Ready(reply) => reply.unwrap_or(Err(Error::Closed)),
            State::Queued { committer, .. } if !committer.is_home() => Err(Error::Forked),
            State::Queued { slot, committer } => {
                if !slot.is_filled() {
                    committer.lead_until(&*slot);
                }
                slot.take().unwrap_or(Err(Error::Closed))
            }
        }
    }

    /// Whether the reply is there.
    pub fn is_done(&self) -> bool {
        match &self.state {
            State::Ready(_) => true,
            State::Queued { slot, committer } => !committer.is_home() || slot.is_filled(),
        }
    }
}

impl<R> Future for Call<R> {
    type Output = Result<R, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.state {
            State::Ready(reply) => Poll::Ready(reply.take().unwrap_or(Err(Error::Closed))),
            State::Queued { committer, .. } if !committer.is_home() => Poll::Ready(Err(Error::Forked)),
            State::Queued { slot, committer } => {
                if let Some(reply) = slot.take() {
                    return Poll::Ready(reply);
                }
                slot.inner().waker = Some(context.waker().clone());
                // The reply may have come between the look and the waker.
                if let Some(reply) = slot.take() {
                    return Poll::Ready(reply);
                }
                // Nobody may be blocking on this engine: a thread of its own leads for those who await.
                committer.lead_in_background();
                Poll::Pending
            }
        }
    }
}

// A call holds no self-references.
impl<R> Unpin for Call<R> {}
