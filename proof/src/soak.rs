//! Many seeds, one after another on each thread; what fails is shrunk and printed with the command that replays it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::sim::{self, Fault, FaultSet, Options, StoreKind, Tally, Violation};

/// What to run.
#[derive(Debug, Clone, Copy)]
pub struct Soak {
    /// The first seed.
    pub first_seed: u64,
    /// How many, where time does not say.
    pub seeds: Option<u64>,
    /// For how long, where the number does not say.
    pub minutes: Option<u64>,
    /// Seeds that run at the same time, each on a thread of its own.
    pub jobs: usize,
    /// On which store.
    pub store: StoreKind,
    /// Most open calls, steps and faults of a seed.
    pub like: Options,
}

/// What a soak came to: its last line is this as JSON.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Seeds that were run.
    pub seeds: u64,
    /// Steps that they took.
    pub steps: u64,
    /// Trouble by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// Changesets that were committed.
    pub commits: u64,
    /// Decisions on a control row as it was a moment ago, and lawfully so.
    pub stale: u64,
    /// Fences that were written, so that a denial after an unknown outcome stays true.
    pub fences: u64,
    /// Replies by status.
    pub replies: BTreeMap<&'static str, u64>,
    /// What was done, by operation.
    pub done: BTreeMap<&'static str, u64>,
    /// What may not be.
    pub violations: Vec<Found>,
}

/// A violation and how to see it again.
#[derive(Debug, Serialize)]
pub struct Found {
    /// The invariant.
    pub invariant: &'static str,
    /// What happened.
    pub detail: String,
    /// The seed.
    pub seed: u64,
    /// The command that replays it, shrunk.
    pub replay: String,
}

/// Most violations that are worth shrinking; after them the soak ends.
const FOUND_MAX: usize = 3;

/// Fewest successes in a hundred replies, over all seeds.
const SUCCESSES_PERCENT: u64 = 30;

/// Runs it, telling on stderr how far it has come.
pub fn run(soak: Soak) -> Report {
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let report = Mutex::new(Report::default());
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..soak.jobs.max(1) {
            scope.spawn(|| worker(soak, &next, &stop, &report, began));
        }
    });
    report.into_inner().unwrap_or_else(PoisonError::into_inner).ended(soak)
}

fn worker(soak: Soak, next: &AtomicU64, stop: &AtomicBool, report: &Mutex<Report>, began: Instant) {
    let most = soak.minutes.map_or(Duration::MAX, |minutes| Duration::from_secs(minutes.saturating_mul(60)));
    while !stop.load(Ordering::Relaxed) && began.elapsed() < most {
        let place = next.fetch_add(1, Ordering::Relaxed);
        if soak.seeds.is_some_and(|seeds| place >= seeds) {
            return;
        }
        let options = Options { seed: soak.first_seed + place, store: soak.store, ..soak.like };
        let outcome = sim::run(options);
        let found = outcome.violation.map(|violation| {
            let small = shrink(options, violation.invariant);
            Found {
                invariant: violation.invariant,
                detail: violation.detail,
                seed: options.seed,
                replay: replay(small),
            }
        });
        let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
        report.add(&outcome.tally);
        if let Some(found) = found {
            eprintln!("seed {}: {}: {}\n  {}", found.seed, found.invariant, found.detail, found.replay);
            report.violations.push(found);
            stop.store(report.violations.len() >= FOUND_MAX, Ordering::Relaxed);
        }
        if report.seeds.is_multiple_of(500) {
            let seconds = began.elapsed().as_secs();
            eprintln!("{} seeds, {} steps, {} commits, {seconds} s", report.seeds, report.steps, report.commits);
        }
    }
}

impl Report {
    fn add(&mut self, tally: &Tally) {
        self.seeds += 1;
        self.steps += tally.steps;
        self.commits += tally.commits;
        self.stale += tally.stale;
        self.fences += tally.fences;
        tally.faults.iter().for_each(|(name, count)| *self.faults.entry(name).or_default() += count);
        tally.done.iter().for_each(|(name, count)| *self.done.entry(name).or_default() += count);
        tally.replies.iter().for_each(|(name, count)| *self.replies.entry(name).or_default() += count);
    }

    /// What only shows in all seeds together: too few successes.
    fn ended(mut self, soak: Soak) -> Self {
        let (good, all) = (self.replies.get("ok").copied().unwrap_or(0), self.replies.values().sum::<u64>());
        if good * 100 < all * SUCCESSES_PERCENT {
            self.violations.push(Found {
                invariant: "enough_went_well",
                detail: format!("{good} of {all} calls succeeded"),
                seed: soak.first_seed,
                replay: format!("cargo xtask soak --seeds {} --first-seed {}", self.seeds, soak.first_seed),
            });
        }
        self
    }

    /// Kinds of trouble that never came.
    pub fn missing_faults(&self) -> Vec<&'static str> {
        Fault::ALL.iter().map(|fault| fault.name()).filter(|name| !self.faults.contains_key(name)).collect()
    }
}

/// Fewer steps, callers and faults, as long as the same invariant breaks.
pub fn shrink(options: Options, invariant: &str) -> Options {
    let breaks = |options: Options| -> Option<Violation> {
        sim::run(options).violation.filter(|violation| violation.invariant == invariant)
    };
    let mut small = options;
    let keep = |small: &mut Options, tried: Options| {
        if let Some(violation) = breaks(tried) {
            // Nothing after the violation matters.
            *small = Options { steps: violation.step.min(tried.steps), ..tried };
        }
    };
    keep(&mut small, options);
    for fault in Fault::ALL.into_iter().filter(|fault| options.faults.has(*fault)) {
        let tried = Options { faults: small.faults.without(fault), ..small };
        keep(&mut small, tried);
    }
    for callers in [1, 2, 3, 4, 6, 8] {
        if callers < small.callers {
            let tried = Options { callers, ..small };
            keep(&mut small, tried);
        }
    }
    for part in [2, 4, 8] {
        let tried = Options { steps: small.steps - small.steps / part, ..small };
        keep(&mut small, tried);
    }
    small
}

/// The command that runs these options again.
pub fn replay(options: Options) -> String {
    let without: Vec<_> =
        Fault::ALL.iter().filter(|fault| !options.faults.has(**fault)).map(|fault| fault.name()).collect();
    let mut command = format!(
        "cargo xtask soak --seeds 1 --first-seed {} --steps {} --callers {}",
        options.seed, options.steps, options.callers
    );
    if options.store == StoreKind::Sqlite {
        command.push_str(" --store sqlite");
    }
    if without.len() == Fault::ALL.len() {
        command.push_str(" --without all");
    } else if !without.is_empty() {
        command.push_str(&format!(" --without {}", without.join(",")));
    }
    command
}

/// Reads a list of kinds that are to be left out.
///
/// # Errors
/// Words, where a name is unknown.
pub fn without(list: &str) -> Result<FaultSet, String> {
    if list == "all" {
        return Ok(FaultSet::NONE);
    }
    list.split(',').try_fold(FaultSet::ALL, |set, name| {
        Fault::named(name).map(|fault| set.without(fault)).ok_or_else(|| format!("no kind of fault is called {name}"))
    })
}
