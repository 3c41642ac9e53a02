//! Calls that a host awaits: handed in without blocking, their replies gathered until the host comes for them.
//!
//! The thread that commits only puts a number on a list and, when the list was empty, tells the host once. It never runs the
//! host's code beyond that one notification, so a host whose interpreter has a lock of its own never holds up a commit.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use cardmint::Tenant;
use cardmint::operation::{Failure, Operation, Pending};

use crate::fork::Owned;

/// A call that came to its end: the number that [`Completions::submit`] gave, and what it ended in.
pub type Completed = (u64, Result<Vec<u8>, Failure>);

/// Calls under way for one host. Dropping it withdraws those that were not decided yet. In a forked child nothing is under way:
/// what is submitted there is nowhere answered, and what the parent submitted is the parent's.
pub struct Completions {
    shared: Owned<Arc<Shared>>,
}

impl Drop for Completions {
    fn drop(&mut self) {
        // Nobody is left who could take a reply. A call that stayed here would hold the list by its waker, and the list the call.
        if let Ok(shared) = self.shared.get() {
            let pending = std::mem::take(&mut shared.calls().pending);
            drop(pending);
        }
    }
}

struct Shared {
    /// Told once when the first number comes onto an empty list; must not block.
    notify: Box<dyn Fn() + Send + Sync>,
    done: Mutex<Vec<u64>>,
    calls: Mutex<Calls>,
}

#[derive(Default)]
struct Calls {
    last: u64,
    pending: HashMap<u64, Pending>,
    /// Calls that were answered before they could be waited for.
    ready: Vec<Completed>,
}

struct Done {
    number: u64,
    shared: Arc<Shared>,
}

impl Wake for Done {
    fn wake(self: Arc<Self>) {
        self.shared.put(self.number);
    }
}

impl Shared {
    fn done(&self) -> MutexGuard<'_, Vec<u64>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, number: u64) {
        let mut done = self.done();
        done.push(number);
        let first = done.len() == 1;
        drop(done);
        if first {
            (self.notify)();
        }
    }
}

impl Completions {
    /// An empty list. `notify` is called from whatever thread commits, once for each time that something came onto an empty list;
    /// once more, it may be, when the list was dropped under a call that was decided already.
    pub fn new(notify: impl Fn() + Send + Sync + 'static) -> Self {
        let shared = Shared { notify: Box::new(notify), done: Mutex::default(), calls: Mutex::default() };
        Self { shared: Owned::new(Arc::new(shared)) }
    }

    /// Hands a call in and returns its number. Whatever it ends in comes with [`Completions::take`], a refusal at once, too.
    ///
    /// # Errors
    /// `forked`.
    pub fn submit(&self, tenant: &Tenant, operation: &Operation, request: &[u8]) -> Result<u64, Failure> {
        let shared = self.shared.get()?;
        let submitted = operation.submit(tenant, request);
        let mut calls = shared.calls();
        calls.last += 1;
        let number = calls.last;
        // The first poll leaves the waker behind. The lock is held, so that a reply which comes at once finds its call.
        let ended = submitted.map_or_else(
            |failure| Some(Err(failure)),
            |mut pending| match Self::poll(shared, number, &mut pending) {
                Poll::Ready(reply) => Some(reply),
                Poll::Pending => {
                    calls.pending.insert(number, pending);
                    None
                }
            },
        );
        if let Some(reply) = ended {
            calls.ready.push((number, reply));
            drop(calls);
            shared.put(number);
        }
        Ok(number)
    }

    fn poll(shared: &Arc<Shared>, number: u64, pending: &mut Pending) -> Poll<Result<Vec<u8>, Failure>> {
        let waker = Waker::from(Arc::new(Done { number, shared: Arc::clone(shared) }));
        Pin::new(pending).poll(&mut Context::from_waker(&waker))
    }

    /// Everything that came to its end since the last time.
    ///
    /// # Errors
    /// `forked`.
    pub fn take(&self) -> Result<Vec<Completed>, Failure> {
        let shared = self.shared.get()?;
        let numbers = std::mem::take(&mut *shared.done());
        let mut calls = shared.calls();
        let mut completed = std::mem::take(&mut calls.ready);
        for number in numbers {
            // One that was answered at once is among the ready; one that was withdrawn is nowhere.
            let Some(pending) = calls.pending.get_mut(&number) else { continue };
            // Woken without a reply, when a leader looks for another one: the new waker stays behind.
            if let Poll::Ready(reply) = Self::poll(shared, number, pending) {
                calls.pending.remove(&number);
                completed.push((number, reply));
            }
        }
        Ok(completed)
    }

    /// Withdraws a call that was not decided yet. One that was decided stays done; its idempotency key tells what came of it.
    ///
    /// # Errors
    /// `forked`.
    pub fn withdraw(&self, number: u64) -> Result<(), Failure> {
        let withdrawn = self.shared.get()?.calls().pending.remove(&number);
        drop(withdrawn);
        Ok(())
    }

    /// How many calls are under way.
    ///
    /// # Errors
    /// `forked`.
    pub fn outstanding(&self) -> Result<usize, Failure> {
        let calls = self.shared.get()?.calls();
        Ok(calls.pending.len() + calls.ready.len())
    }
}

impl std::fmt::Debug for Completions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Completions").field("outstanding", &self.outstanding().unwrap_or_default()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::channel;

    use super::{Completions, Operation};
    use crate::gate::{Shop, shop, until};

    fn submit(shop: &Shop, calls: &Completions, id: &str) -> u64 {
        calls.submit(&shop.tenant, Operation::named("save_campaign").unwrap(), &Shop::campaign(id)).unwrap()
    }

    fn counted() -> (Completions, Arc<AtomicUsize>) {
        let rings = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&rings);
        let notify = move || {
            count.fetch_add(1, Ordering::SeqCst);
        };
        (Completions::new(notify), rings)
    }

    #[test]
    fn replies_come_under_their_numbers_and_the_host_is_told_once() {
        let shop = shop();
        let (calls, rings) = counted();
        let first = submit(&shop, &calls, "a");
        shop.arrived.recv().unwrap();
        let rest = [submit(&shop, &calls, "b"), submit(&shop, &calls, "c")];
        assert_eq!((calls.outstanding().unwrap(), rings.load(Ordering::SeqCst)), (3, 0));
        shop.gate.send(()).unwrap();
        shop.gate.send(()).unwrap();
        until(|| calls.shared.get().unwrap().done().len() == 3);
        assert_eq!(rings.load(Ordering::SeqCst), 1);
        let mut numbers: Vec<u64> =
            calls.take().unwrap().into_iter().map(|(number, reply)| reply.map(|_| number).unwrap()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [first, rest[0], rest[1]]);
        assert_eq!((calls.outstanding().unwrap(), calls.take().unwrap().len()), (0, 0));
    }

    #[test]
    fn what_is_refused_is_told_like_a_reply() {
        let (shop, (calls, rings)) = (shop(), counted());
        let number = calls.submit(&shop.tenant, Operation::named("save_campaign").unwrap(), b"{}").unwrap();
        assert_eq!((calls.outstanding().unwrap(), rings.load(Ordering::SeqCst)), (1, 1));
        let [(told, Err(failure))] = &calls.take().unwrap()[..] else { panic!("no refusal") };
        assert_eq!((*told, failure.code), (number, "invalid"));
    }

    #[test]
    fn what_was_not_decided_is_withdrawn_one_by_one_and_with_the_list() {
        let mut shop = shop();
        let ((kept, _), (dropped, _)) = (counted(), counted());
        submit(&shop, &kept, "a");
        shop.arrived.recv().unwrap();
        let b = submit(&shop, &kept, "b");
        submit(&shop, &dropped, "c");
        let list = Arc::downgrade(dropped.shared.get().unwrap());
        kept.withdraw(b).unwrap();
        drop(dropped);
        submit(&shop, &kept, "d");
        drop(std::mem::replace(&mut shop.gate, channel().0));
        until(|| {
            kept.take().unwrap();
            kept.outstanding().unwrap() == 0 && list.upgrade().is_none()
        });
        assert_eq!(["a", "b", "c", "d"].map(|id| shop.has(id)), [true, false, false, true]);
    }
}
