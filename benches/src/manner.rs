//! Manners in which a Rust host keeps calls going. Each redeems all that it is given and returns how many went well; the first
//! that does not ends it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Wake, Waker};
use std::thread::{self, Thread};

use cardmint::{Call, CaptureHold, Captured, HoldView, Meta, PlaceHold, Redeem, Tenant};

use crate::harness::Failure;

/// One thread that blocks on the oldest of so many calls: with one, a lone caller.
pub fn window(
    tenant: &Tenant,
    mut requests: impl Iterator<Item = Result<Redeem, Failure>>,
    size: usize,
) -> Result<usize, String> {
    let mut calls = VecDeque::with_capacity(size);
    let mut done = 0;
    loop {
        while calls.len() < size
            && let Some(request) = requests.next()
        {
            calls.push_back(tenant.redeem(request.map_err(in_words)?));
        }
        match calls.pop_front() {
            Some(call) => call.wait().map_err(in_words)?,
            None => return Ok(done),
        };
        done += 1;
    }
}

/// One thread that keeps so many orders going: each holds its card, and captures it when it is held.
pub fn holds(tenant: &Tenant, orders: Vec<(PlaceHold, String)>, size: usize) -> Result<usize, String> {
    enum Step {
        Held(Call<HoldView>, String),
        Captured(Call<Captured>),
    }
    let mut orders = orders.into_iter();
    let mut steps = VecDeque::with_capacity(size);
    let mut done = 0;
    loop {
        while steps.len() < size
            && let Some((hold, key)) = orders.next()
        {
            steps.push_back(Step::Held(tenant.hold(hold), key));
        }
        match steps.pop_front() {
            Some(Step::Held(call, key)) => {
                let held = call.wait().map_err(in_words)?;
                steps.push_back(Step::Captured(tenant.capture(CaptureHold::new(Meta::key(key), held.hold))));
            }
            Some(Step::Captured(call)) => {
                call.wait().map_err(in_words)?;
                done += 1;
            }
            None => return Ok(done),
        }
    }
}

/// So many threads, each of which blocks on one call after another.
pub fn threads(
    tenant: &Tenant,
    requests: impl Iterator<Item = Result<Redeem, Failure>> + Send,
    count: usize,
) -> Result<usize, String> {
    let requests = Mutex::new(requests);
    let till = || -> Result<usize, String> {
        let mut done = 0;
        loop {
            let next = locked(&requests).next();
            let Some(request) = next else { return Ok(done) };
            tenant.redeem(request.map_err(in_words)?).wait().map_err(in_words)?;
            done += 1;
        }
    };
    thread::scope(|scope| {
        let tills: Vec<_> = (0..count).map(|_| scope.spawn(till)).collect();
        tills.into_iter().map(|till| till.join().map_err(|_| "a thread panicked".to_owned())?).sum()
    })
}

/// So many futures on one thread, each of which awaits one call after another.
pub fn futures(
    tenant: &Tenant,
    requests: impl Iterator<Item = Result<Redeem, Failure>>,
    count: usize,
) -> Result<usize, String> {
    let requests = RefCell::new(requests);
    let till = async || -> Result<usize, String> {
        let mut done = 0;
        loop {
            let next = requests.borrow_mut().next();
            let Some(request) = next else { return Ok(done) };
            tenant.redeem(request.map_err(in_words)?).await.map_err(in_words)?;
            done += 1;
        }
    };
    let ready = Arc::new(Ready { woken: Mutex::default(), thread: thread::current() });
    let mut tills: Vec<_> = (0..count).map(|_| Some(Box::pin(till()))).collect();
    let wakers: Vec<_> =
        (0..count).map(|place| Waker::from(Arc::new(Woken { place, ready: Arc::clone(&ready) }))).collect();
    let mut woken: Vec<usize> = (0..count).collect();
    let (mut open, mut done) = (count, 0);
    while open > 0 {
        for place in woken.drain(..) {
            let (Some(slot), Some(waker)) = (tills.get_mut(place), wakers.get(place)) else { continue };
            if let Some(ended) = poll(slot, waker) {
                done += ended?;
                open -= 1;
            }
        }
        while open > 0 && woken.is_empty() {
            std::mem::swap(&mut woken, &mut locked(&ready.woken));
            if woken.is_empty() {
                thread::park();
            }
        }
    }
    Ok(done)
}

/// Polls a future that has not ended yet, and lets it go once it has.
fn poll<F: Future>(slot: &mut Option<Pin<Box<F>>>, waker: &Waker) -> Option<F::Output> {
    let future = slot.as_mut()?;
    match future.as_mut().poll(&mut Context::from_waker(waker)) {
        std::task::Poll::Ready(output) => {
            *slot = None;
            Some(output)
        }
        std::task::Poll::Pending => None,
    }
}

/// Futures that may go on, and the thread that polls them.
struct Ready {
    woken: Mutex<Vec<usize>>,
    thread: Thread,
}

struct Woken {
    place: usize,
    ready: Arc<Ready>,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        let mut woken = locked(&self.ready.woken);
        woken.push(self.place);
        let first = woken.len() == 1;
        drop(woken);
        if first {
            self.ready.thread.unpark();
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn in_words(error: impl std::fmt::Display) -> String {
    error.to_string()
}
