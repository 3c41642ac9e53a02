//! Schedules of two groups, one planned on the other, which then does not come through: another process takes what it rested on, or the
//! store fails. Meanwhile calls are withdrawn, and time runs out for some.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Waker};

use shuttle::thread;

use super::committer::Committer;
use super::error::Error;
use super::fake::{committer_on, foreign_take, take, take_within, taken};
use crate::store::{CommitOutcome, Group, Lookup, MemoryStore, Page, Scan, Stands, Store, StoreError, Stored};
use crate::time::{Clock, Instant};

const SCHEDULES: usize = 1_000;

/// How many may take.
const CEILING: i64 = 3;

/// What happens at a commit, before it.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    /// Another process takes one.
    ForeignTake,
    /// It takes all that is left.
    ForeignTakes,
    /// The disk is full: nothing of it is written.
    Fails,
}

/// A store, its clock, and one commit at which something happens.
struct Troubled {
    inner: MemoryStore,
    commits: AtomicUsize,
    at: usize,
    then: Then,
    /// Time that this commit takes.
    lasts_us: u64,
    now_us: AtomicU64,
    foreign: AtomicI64,
}

impl Troubled {
    fn foreign_take(&self) -> bool {
        let changesets = [foreign_take(CEILING)];
        let group = Group { writer: 1, first_event: 0, changesets: &changesets, stands: Stands::default() };
        let taken = self.inner.commit(group) == Ok(vec![CommitOutcome::Committed]);
        self.foreign.fetch_add(i64::from(taken), Ordering::SeqCst);
        taken
    }
}

impl Store for Troubled {
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError> {
        self.inner.load(lookups)
    }

    fn commit(&self, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        // The next group is planned now, or is not.
        thread::yield_now();
        if self.commits.fetch_add(1, Ordering::SeqCst) == self.at {
            self.now_us.fetch_add(self.lasts_us, Ordering::SeqCst);
            match self.then {
                Then::ForeignTake => drop(self.foreign_take()),
                Then::ForeignTakes => while self.foreign_take() {},
                Then::Fails => return Err(StoreError::Unavailable("disk full".to_owned())),
            }
        }
        let outcomes = self.inner.commit(group);
        thread::yield_now();
        outcomes
    }

    fn scan(&self, scan: &Scan) -> Result<Page, StoreError> {
        self.inner.scan(scan)
    }
}

struct ItsClock(Arc<Troubled>);

impl Clock for ItsClock {
    fn now(&self) -> Instant {
        Instant::EPOCH
    }

    fn steady_us(&self) -> u64 {
        self.0.now_us.load(Ordering::SeqCst)
    }
}

fn troubled(at: usize, then: Then, lasts_us: u64) -> (Arc<Committer>, Arc<Troubled>) {
    let (inner, commits, now_us, foreign) = Default::default();
    let store = Arc::new(Troubled { inner, commits, at, then, lasts_us, now_us, foreign });
    let committer = committer_on(Arc::clone(&store) as Arc<dyn Store>, Arc::new(ItsClock(Arc::clone(&store))), 2, 100);
    (committer, store)
}

/// Runs a test under many schedules; in some of them decisions were made again, or it tried nothing.
fn explore(test: impl Fn() -> u64 + Send + Sync + Copy + 'static) {
    let again = Arc::new(AtomicU64::new(0));
    let counted = {
        let again = Arc::clone(&again);
        move || {
            again.fetch_add(test(), Ordering::SeqCst);
        }
    };
    shuttle::check_random(counted.clone(), SCHEDULES);
    shuttle::check_pct(counted, SCHEDULES, 3);
    assert!(again.load(Ordering::SeqCst) > 0, "no group had to be decided again");
}

#[test]
fn a_group_planned_on_one_that_loses_its_ground_is_decided_again() {
    for (at, then) in [(0, Then::ForeignTake), (1, Then::ForeignTake), (0, Then::ForeignTakes), (1, Then::ForeignTakes)]
    {
        explore(move || {
            let (committer, store) = troubled(at, then, 0);
            let threads: Vec<_> = (0..3)
                .map(|_| {
                    let committer = Arc::clone(&committer);
                    thread::spawn(move || {
                        let (first, second) = (take(&committer, CEILING), take(&committer, CEILING));
                        i64::from(second.wait().unwrap()) + i64::from(first.wait().unwrap())
                    })
                })
                .collect();
            let good: i64 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
            // Six wanted, and there are three: every no was true, and nobody was told yes twice for one.
            assert_eq!((good + store.foreign.load(Ordering::SeqCst), taken(&store.inner)), (CEILING, CEILING));
            committer.figures().decided_again
        });
    }
}

#[test]
fn a_call_withdrawn_from_a_group_that_is_decided_again_takes_nothing_from_the_others() {
    explore(|| {
        let (committer, store) = troubled(0, Then::ForeignTake, 0);
        let stays: Vec<_> = (0..3)
            .map(|_| {
                let committer = Arc::clone(&committer);
                thread::spawn(move || i64::from(take(&committer, CEILING).wait().unwrap()))
            })
            .collect();
        let goes = {
            let committer = Arc::clone(&committer);
            thread::spawn(move || {
                let mut call = take(&committer, CEILING);
                let polled = Pin::new(&mut call).poll(&mut Context::from_waker(Waker::noop()));
                i64::from(polled.is_ready())
            })
        };
        let good: i64 = stays.into_iter().map(|thread| thread.join().unwrap()).sum();
        let told = goes.join().unwrap();
        committer.close();
        let (all, foreign) = (taken(&store.inner), store.foreign.load(Ordering::SeqCst));
        // The one that went may have taken without hearing of it; nobody else may.
        assert!(
            (good + foreign..=good + foreign + 1).contains(&all),
            "{all} taken: {good} here, {foreign} there, {told} told"
        );
        assert_eq!(all, CEILING, "three stayed and one came from elsewhere: all is taken");
        committer.figures().decided_again
    });
}

#[test]
fn a_call_whose_time_runs_out_while_its_group_waits_is_not_written() {
    explore(|| {
        // The first commit takes 50 ms, and another process is quicker.
        let (committer, store) = troubled(0, Then::ForeignTake, 50_000);
        let threads: Vec<_> = (0..3)
            .map(|n| {
                let committer = Arc::clone(&committer);
                thread::spawn(move || {
                    let hurries = take_within(&committer, CEILING, 10);
                    let waits =
                        if n == 0 { take(&committer, CEILING) } else { take_within(&committer, CEILING, 60_000) };
                    let answers = [hurries.wait(), waits.wait()];
                    answers.map(|answer| match answer {
                        Ok(took) => i64::from(took),
                        Err(error) => {
                            assert_eq!(error, Error::DeadlinePassed);
                            0
                        }
                    })
                })
            })
            .collect();
        let good: i64 = threads.into_iter().flat_map(|thread| thread.join().unwrap()).sum();
        // Three had the time: with one from elsewhere that is enough for all there is.
        assert_eq!((good + store.foreign.load(Ordering::SeqCst), taken(&store.inner)), (CEILING, CEILING));
        committer.figures().decided_again
    });
}

#[test]
fn a_group_planned_on_one_whose_commit_fails_stands_on_its_own() {
    explore(|| {
        let (committer, store) = troubled(0, Then::Fails, 0);
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let committer = Arc::clone(&committer);
                thread::spawn(move || match take(&committer, CEILING + 1).wait() {
                    Ok(took) => (i64::from(took), 0),
                    Err(Error::Store(StoreError::Unavailable(_))) => (0, 1),
                    Err(error) => panic!("{error}"),
                })
            })
            .collect();
        let told: Vec<(i64, i64)> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        let (good, failed) = told.into_iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        assert_eq!((good, good + failed), (taken(&store.inner), 3));
        assert!(failed <= 1, "a lone call hears of the disk, and nobody beside it");
        committer.figures().decided_again
    });
}
