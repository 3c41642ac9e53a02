//! As much of an async runtime as tests need: block on one future, or on many that are in flight together.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls all futures from this one thread until each is ready; replies in order.
pub fn join<F: Future + Unpin>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut flying: Vec<_> = futures.into_iter().map(|future| (future, None)).collect();
    loop {
        for (future, reply) in flying.iter_mut().filter(|(_, reply)| reply.is_none()) {
            if let Poll::Ready(ready) = Pin::new(future).poll(&mut context) {
                *reply = Some(ready);
            }
        }
        if flying.iter().all(|(_, reply)| reply.is_some()) {
            return flying.into_iter().filter_map(|(_, reply)| reply).collect();
        }
        thread::park();
    }
}

/// Blocks on one future.
pub fn block_on<F: Future + Unpin>(future: F) -> F::Output {
    join([future]).remove(0)
}
