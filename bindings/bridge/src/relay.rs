//! Calls that block threads of a host whose interpreter lets one thread run at a time.
//!
//! A group of calls comes to its end at once. Were all its threads woken at once, each would wake only to sleep again before the
//! interpreter's lock, and be woken a second time by the one before it. So a baton goes round: one thread is woken, and when it has
//! the lock it wakes the next, which arrives at about the time when the lock is free. There is no waiting for a thread that has the
//! lock and does not come back: its baton is passed on by then.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use cardmint::Tenant;
use cardmint::operation::{Failure, Kind, Operation, Pending};

use crate::guard::guarded;

/// Whoever waited longer for the interpreter's lock stood behind threads that compute. To stand there one by one would cost each as
/// much again: all go there at once, until one of them has the lock sooner.
const PATIENCE: Duration = Duration::from_millis(1);

/// The threads that block on calls of one engine.
#[derive(Default)]
pub struct Relay {
    blocked: AtomicUsize,
    track: Mutex<Track>,
}

#[derive(Default)]
struct Track {
    /// Their calls came to their end; they sleep until the baton comes to them.
    ready: VecDeque<Arc<Runner>>,
    /// Batons with threads that do not have the interpreter's lock yet.
    under_way: usize,
    /// Whether the last one waited long for the lock.
    is_crowded: bool,
}

/// A thread that waits for one reply.
struct Runner {
    thread: Thread,
    /// Woken, or not waiting any more: whoever wakes it now wakes nobody, and no baton is lost on it.
    is_told: AtomicBool,
    has_baton: AtomicBool,
    relay: Arc<Relay>,
}

/// To be dropped as soon as its thread has the interpreter's lock: then the next is woken.
#[must_use = "the next thread sleeps until the baton is dropped"]
pub struct Baton {
    relay: Arc<Relay>,
    since: Instant,
}

impl Wake for Runner {
    fn wake(self: Arc<Self>) {
        if self.is_told.swap(true, Ordering::AcqRel) {
            return;
        }
        let relay = Arc::clone(&self.relay);
        let mut track = relay.track();
        track.ready.push_back(self);
        track.send();
    }
}

impl Track {
    /// Gives a baton to the first of those who are ready when no other is under way; to all where that would take too long.
    fn send(&mut self) {
        let most = match (self.is_crowded, self.under_way) {
            (true, _) => self.ready.len(),
            (false, 0) => self.ready.len().min(1),
            (false, _) => 0,
        };
        self.under_way += most;
        for runner in self.ready.drain(..most) {
            runner.has_baton.store(true, Ordering::Release);
            runner.thread.unpark();
        }
    }
}

impl Drop for Baton {
    fn drop(&mut self) {
        let is_crowded = self.since.elapsed() > PATIENCE;
        let mut track = self.relay.track();
        track.under_way -= 1;
        track.is_crowded = is_crowded;
        track.send();
    }
}

impl Relay {
    fn track(&self) -> MutexGuard<'_, Track> {
        self.track.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Serves a read or a change, as [`Operation::call`] does, and blocks until the reply is there. A lone caller commits on its own
    /// thread; while several block, a thread of the engine's does it for them. To be called without the interpreter's lock, and in
    /// no forked child.
    pub fn call(
        self: &Arc<Self>,
        tenant: &Tenant,
        operation: &Operation,
        request: &[u8],
    ) -> (Result<Vec<u8>, Failure>, Option<Baton>) {
        if operation.kind != Kind::Change {
            return (guarded(|| operation.call(tenant, request)), None);
        }
        let before = self.blocked.fetch_add(1, Ordering::AcqRel);
        let answered = if before == 0 {
            (guarded(|| operation.call(tenant, request)), None)
        } else {
            match guarded(|| operation.submit(tenant, request)) {
                Ok(pending) => self.wait(pending),
                Err(failure) => (Err(failure), None),
            }
        };
        self.blocked.fetch_sub(1, Ordering::AcqRel);
        answered
    }

    fn runner(self: &Arc<Self>) -> Arc<Runner> {
        let (is_told, has_baton) = (AtomicBool::new(false), AtomicBool::new(false));
        Arc::new(Runner { thread: thread::current(), is_told, has_baton, relay: Arc::clone(self) })
    }

    fn wait(self: &Arc<Self>, mut pending: Pending) -> (Result<Vec<u8>, Failure>, Option<Baton>) {
        let mut baton = None;
        loop {
            let runner = self.runner();
            let waker = Waker::from(Arc::clone(&runner));
            let polled = guarded(|| Ok(Pin::new(&mut pending).poll(&mut Context::from_waker(&waker))));
            let polled = polled.unwrap_or_else(|failure| Poll::Ready(Err(failure)));
            // A reply that came just when it was asked for may have been told all the same: then a baton is on its way here.
            if polled.is_pending() || runner.is_told.swap(true, Ordering::AcqRel) {
                // Woken without a reply, it has a baton already, which would keep the next one from coming.
                drop(baton.take());
                baton = Some(runner.baton());
            }
            if let Poll::Ready(reply) = polled {
                return (reply, baton);
            }
        }
    }
}

impl Runner {
    /// Sleeps until the baton comes.
    fn baton(&self) -> Baton {
        while !self.has_baton.load(Ordering::Acquire) {
            thread::park();
        }
        Baton { relay: Arc::clone(&self.relay), since: Instant::now() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, TryRecvError, channel};
    use std::sync::{Arc, atomic::Ordering};
    use std::task::Wake;
    use std::thread;
    use std::time::{Duration, Instant};

    use super::{Baton, Operation, Relay};
    use crate::gate::{Shop, has, shop, until};

    /// How many are ready, and how many batons are under way.
    fn seen(relay: &Relay) -> (usize, usize) {
        let track = relay.track();
        (track.ready.len(), track.under_way)
    }

    /// Three threads whose replies come at once; what comes is the batons, as each gets its own.
    fn race(relay: &Arc<Relay>) -> Receiver<Baton> {
        let (to_test, batons) = channel();
        let start = || {
            let (relay, to_test, (runner, runners)) = (Arc::clone(relay), to_test.clone(), channel());
            thread::spawn(move || {
                let mine = relay.runner();
                runner.send(Arc::clone(&mine)).unwrap();
                to_test.send(mine.baton()).unwrap();
            });
            runners.recv().unwrap()
        };
        [start(), start(), start()].into_iter().for_each(Wake::wake);
        batons
    }

    #[test]
    fn one_thread_is_woken_at_a_time() {
        let relay = Arc::<Relay>::default();
        let batons = race(&relay);
        for left in [2, 1, 0] {
            let mut baton = batons.recv().unwrap();
            assert_eq!((seen(&relay), batons.try_recv().is_err()), ((left, 1), true));
            // As if it had the lock at once, however long that takes here.
            baton.since = Instant::now() + Duration::from_secs(3600);
        }
        assert_eq!(seen(&relay), (0, 0));
    }

    #[test]
    fn who_waited_long_for_the_lock_lets_all_others_go() {
        let relay = Arc::<Relay>::default();
        let batons = race(&relay);
        let mut first = batons.recv().unwrap();
        assert!(matches!(batons.try_recv(), Err(TryRecvError::Empty)));
        first.since = Instant::now().checked_sub(Duration::from_secs(1)).unwrap();
        drop(first);
        let both = [batons.recv().unwrap(), batons.recv().unwrap()];
        assert_eq!(seen(&relay), (0, 2));
        // As long as it takes long, nobody stays behind.
        let batons = race(&relay);
        let mut more = [batons.recv().unwrap(), batons.recv().unwrap(), batons.recv().unwrap()];
        assert_eq!(seen(&relay), (0, 5));
        more.iter_mut().for_each(|baton| baton.since = Instant::now() + Duration::from_secs(3600));
        drop((both, more));
        assert_eq!((seen(&relay), relay.track().is_crowded), ((0, 0), false));
    }

    #[test]
    fn a_late_word_to_a_thread_that_went_wakes_nobody() {
        let relay = Arc::<Relay>::default();
        let runner = relay.runner();
        runner.is_told.store(true, Ordering::SeqCst);
        runner.wake();
        assert_eq!(seen(&relay), (0, 0));
    }

    #[test]
    fn whoever_blocks_is_answered() {
        let Shop { gate, arrived, tenant } = shop();
        let relay = Arc::<Relay>::default();
        let save = |id: &str| {
            let (reply, baton) = relay.call(&tenant, Operation::named("save_campaign").unwrap(), &Shop::campaign(id));
            drop(baton);
            reply.unwrap();
        };
        thread::scope(|scope| {
            scope.spawn(|| save("a"));
            arrived.recv().unwrap();
            for id in ["b", "c", "d"] {
                let save = &save;
                scope.spawn(move || save(id));
            }
            until(|| relay.blocked.load(Ordering::SeqCst) == 4);
            drop(gate);
        });
        assert_eq!(["a", "b", "c", "d"].map(|id| has(&tenant, id)), [true; 4]);
        assert_eq!((seen(&relay), relay.blocked.load(Ordering::SeqCst)), ((0, 0), 0));
    }

    #[test]
    fn a_refusal_and_a_read_come_without_a_baton() {
        let (shop, relay) = (shop(), Arc::<Relay>::default());
        // As if another thread were in a call.
        relay.blocked.store(1, Ordering::SeqCst);
        let serve = |name, request: &[u8]| relay.call(&shop.tenant, Operation::named(name).unwrap(), request);
        let (refused, none) = serve("save_campaign", b"{}");
        assert_eq!((refused.unwrap_err().code, none.is_none()), ("invalid", true));
        let (read, none) = serve("campaign", br#"{"id":"a"}"#);
        assert_eq!((read.unwrap(), none.is_none()), (b"null".to_vec(), true));
        assert_eq!(relay.blocked.load(Ordering::SeqCst), 1);
    }
}
