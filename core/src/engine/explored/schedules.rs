//! Schedules of queue, groups, withdrawal, panics and shutdown.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use shuttle::sync::Mutex;
use shuttle::thread;

use super::call::Call;
use super::error::Error;
use super::fake::{committer, panic_in_decision, take, taken};

/// Schedules of each test, drawn at random and by priorities. A failing one is printed as a text that replays it.
const SCHEDULES: usize = 2_000;

fn explore(test: impl Fn() + Send + Sync + Copy + 'static) {
    shuttle::check_random(test, SCHEDULES);
    shuttle::check_pct(test, SCHEDULES, 3);
}

fn polled(call: &mut Call<bool>, context: &mut Context<'_>) -> Poll<Result<bool, Error>> {
    Pin::new(call).poll(context)
}

#[test]
fn all_calls_are_answered_and_the_ceiling_is_met_exactly() {
    explore(|| {
        let (committer, store) = committer(2, 100);
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let committer = Arc::clone(&committer);
                thread::spawn(move || {
                    let (first, second) = (take(&committer, 4), take(&committer, 4));
                    usize::from(second.wait().unwrap()) + usize::from(first.wait().unwrap())
                })
            })
            .collect();
        let good: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
        assert_eq!((good, taken(&store)), (4, 4));
    });
}

#[test]
fn calls_that_are_awaited_and_calls_that_block_get_their_replies() {
    explore(|| {
        let (committer, store) = committer(2, 100);
        let blocks = {
            let committer = Arc::clone(&committer);
            thread::spawn(move || take(&committer, 9).wait().unwrap())
        };
        let awaits = {
            let committer = Arc::clone(&committer);
            thread::spawn(move || shuttle::future::block_on(take(&committer, 9)).unwrap())
        };
        assert!(blocks.join().unwrap() && awaits.join().unwrap());
        assert_eq!(taken(&store), 2);
        // The background thread comes to its end, or shuttle finds the test hanging.
        committer.close();
    });
}

#[test]
fn a_withdrawn_call_is_done_wholly_or_not_at_all_and_leaves_no_other_waiting() {
    explore(|| {
        let (committer, store) = committer(2, 100);
        let goes = {
            let committer = Arc::clone(&committer);
            thread::spawn(move || {
                // Somebody began to wait for it, and gave up.
                let mut call = take(&committer, 9);
                let polled = polled(&mut call, &mut Context::from_waker(std::task::Waker::noop()));
                matches!(polled, Poll::Ready(Ok(true)))
            })
        };
        let stays = {
            let committer = Arc::clone(&committer);
            thread::spawn(move || take(&committer, 9).wait().unwrap())
        };
        let told = goes.join().unwrap();
        assert!(stays.join().unwrap());
        committer.close();
        let least = 1 + i64::from(told);
        assert!((least..=2).contains(&taken(&store)));
    });
}

#[test]
fn shutdown_answers_everybody_and_what_was_promised_is_there() {
    explore(|| {
        let (committer, store) = committer(1, 100);
        let told = Arc::new(Mutex::new(0));
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let (committer, told) = (Arc::clone(&committer), Arc::clone(&told));
                thread::spawn(move || {
                    for call in [take(&committer, 9), take(&committer, 9)] {
                        match call.wait() {
                            Ok(true) => *told.lock().unwrap() += 1,
                            Ok(false) => panic!("nine may take"),
                            Err(error) => assert_eq!(error, Error::Closed),
                        }
                    }
                })
            })
            .collect();
        committer.close();
        // Nothing is written once it is closed.
        let at_close = taken(&store);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(taken(&store), at_close);
        assert_eq!(*told.lock().unwrap(), at_close);
    });
}

#[test]
fn a_full_queue_and_a_panic_leave_nobody_waiting() {
    explore(|| {
        let (committer, store) = committer(2, 2);
        let threads: Vec<_> = (0..3)
            .map(|n| {
                let committer = Arc::clone(&committer);
                thread::spawn(move || {
                    let call = if n == 0 { panic_in_decision(&committer) } else { take(&committer, 9) };
                    match call.wait() {
                        Ok(taken) => i64::from(taken),
                        Err(Error::Internal(_)) if n == 0 => 0,
                        Err(Error::Busy(_)) => 0,
                        Err(error) => panic!("{error}"),
                    }
                })
            })
            .collect();
        let good: i64 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
        assert_eq!(taken(&store), good);
    });
}

#[test]
fn a_panic_in_a_decision_is_that_requests_internal_and_no_others() {
    shuttle::check_random(
        || {
            let (committer, store) = committer(10, 10);
            let calls = [take(&committer, 9), panic_in_decision(&committer), take(&committer, 9), take(&committer, 2)];
            let [first, panicked, second, third] = calls.map(Call::wait);
            assert_eq!((first, second, third), (Ok(true), Ok(true), Ok(false)));
            assert!(matches!(panicked, Err(Error::Internal(_))));
            assert_eq!(taken(&store), 2);
            assert_eq!(take(&committer, 9).wait(), Ok(true));
            let figures = committer.figures();
            let ended = |code: &str| figures.ended.get(code).copied();
            assert_eq!((figures.panics, figures.calls, ended("internal"), ended("ok")), (1, 5, Some(1), Some(4)));
        },
        1,
    );
}
