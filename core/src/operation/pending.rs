//! A change on its way, its reply as bytes.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use serde::Serialize;

use super::failure::Failure;
use super::request::reply_json;
use crate::engine::{Call, Error};

/// A call that was handed in. It is a future; [`Pending::wait`] blocks instead. Dropped before it was decided, it is withdrawn.
#[must_use = "a call is decided when it is awaited or waited for"]
pub struct Pending(State);

enum State {
    Ready(Option<Result<Vec<u8>, Error>>),
    Called(Box<dyn Called>),
}

/// A call whatever its reply.
trait Called: Send {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Vec<u8>, Error>>;

    fn wait(self: Box<Self>) -> Result<Vec<u8>, Error>;
}

impl<R: Serialize + Send + 'static> Called for Call<R> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Vec<u8>, Error>> {
        Pin::new(self).poll(context).map(|reply| reply_json(&reply?))
    }

    fn wait(self: Box<Self>) -> Result<Vec<u8>, Error> {
        reply_json(&Self::wait(*self)?)
    }
}

impl Pending {
    pub(super) fn ready(reply: Result<Vec<u8>, Error>) -> Self {
        Self(State::Ready(Some(reply)))
    }

    pub(super) fn called<R: Serialize + Send + 'static>(call: Call<R>) -> Self {
        Self(State::Called(Box::new(call)))
    }

    /// Blocks until the reply is durable.
    ///
    /// # Errors
    /// What the operation can end in.
    pub fn wait(self) -> Result<Vec<u8>, Failure> {
        let reply = match self.0 {
            State::Ready(reply) => reply.unwrap_or(Err(Error::Closed)),
            State::Called(call) => call.wait(),
        };
        reply.map_err(Failure::from)
    }
}

impl Future for Pending {
    type Output = Result<Vec<u8>, Failure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = match &mut self.0 {
            State::Ready(reply) => Poll::Ready(reply.take().unwrap_or(Err(Error::Closed))),
            State::Called(call) => call.poll(context),
        };
        polled.map(|reply| reply.map_err(Failure::from))
    }
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pending(…)")
    }
}
