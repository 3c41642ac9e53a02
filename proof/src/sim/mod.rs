//! Deterministic simulation: one seed, many callers, several engines on one store, and trouble.
//!
//! Everything happens on one thread. A call that is handed in waits in its engine's queue until somebody blocks on it; the world
//! decides when, and whoever blocks leads the whole queue through decision and commit. Engines interleave where they touch the
//! store: at every load, scan and commit the fault layer may first let something else happen, other engines' whole groups
//! included, before it lets the call pass, fail or lose its answer. Clocks are numbers that the world sets, entropy and dice come
//! from the seed, and no set or map of random order decides anything: the same options give the same run, byte for byte.

mod accounts;
pub mod clock;
mod erased;
pub mod faults;
mod fences;
mod finale;
mod holds;
mod judge;
mod late;
mod matching;
mod orders;
mod owner;
mod persons;
mod reader;
mod recount;
mod requests;
mod retries;
mod rooms;
mod setup;
mod store;
mod succeed;
mod world;

use std::collections::BTreeMap;

pub use faults::{Fault, FaultSet};

/// What a run is made of. The same options, the same run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Everything else follows from it.
    pub seed: u64,
    /// Most calls that are open at once.
    pub callers: usize,
    /// How many steps the world takes before the faults end.
    pub steps: usize,
    /// What may go wrong.
    pub faults: FaultSet,
    /// On which store.
    pub store: StoreKind,
}

/// The store that the engines share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreKind {
    /// In memory.
    Memory,
    /// A new SQLite file.
    Sqlite,
}

impl Options {
    /// A full run of this seed.
    pub fn of(seed: u64) -> Self {
        Self { seed, callers: 12, steps: 600, faults: FaultSet::ALL, store: StoreKind::Memory }
    }
}

/// What was seen that may not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The invariant, by name.
    pub invariant: &'static str,
    /// What happened, in words.
    pub detail: String,
    /// At which step.
    pub step: usize,
}

/// What happened in a run, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Steps taken.
    pub steps: u64,
    /// Changesets that were committed.
    pub commits: u64,
    /// Trouble by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// What was done, by operation.
    pub done: BTreeMap<&'static str, u64>,
    /// Replies by status code, denials and faults among them.
    pub replies: BTreeMap<&'static str, u64>,
    /// Decisions that rested on a control row as it was, not as it is.
    pub stale: u64,
    /// Fences that were written, so that a denial after an unknown outcome stays true.
    pub fences: u64,
    /// Changes with every answer and every commit: equal for equal runs.
    pub trace: u64,
}

impl Tally {
    /// Adds another run's.
    pub fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.commits += other.commits;
        self.stale += other.stale;
        self.fences += other.fences;
        other.faults.iter().for_each(|(name, count)| *self.faults.entry(name).or_default() += count);
        other.done.iter().for_each(|(name, count)| *self.done.entry(name).or_default() += count);
        other.replies.iter().for_each(|(name, count)| *self.replies.entry(name).or_default() += count);
    }
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Counts.
    pub tally: Tally,
    /// The first thing that may not be.
    pub violation: Option<Violation>,
}

/// Runs one world to its end, or to the first violation.
pub fn run(options: Options) -> Outcome {
    world::run(options)
}
