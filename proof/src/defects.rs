//! Seeded defects: each must be caught within so many seeds, or the simulation proves nothing.

use cardmint::defect::{Defect, choose};
use serde::Serialize;

use crate::sim::{self, Options};

/// Most seeds that a defect may live.
pub const SEEDS_MAX: u64 = 200;

/// Those of the list that wait for a room that is not built yet.
pub const WAITING: [(&str, &str); 7] = [
    ("refund into the wrong window", "limits over windows in the simulation"),
    ("slot merge drops a concurrent take", "slotted ceilings"),
    ("lease handed out twice", "leases of stock"),
    ("lease lost after a crash", "leases of stock"),
    ("multi-card redemption applied in part", "redemptions of several cards"),
    ("host plan returned to counters before it was killed", "the host's own transaction"),
    ("migration in between", "a second schema"),
];

/// One line of the table.
#[derive(Debug, Serialize)]
pub struct Caught {
    /// The defect.
    pub defect: &'static str,
    /// The seed that showed it; nothing where none of them did.
    pub caught_at_seed: Option<u64>,
    /// How many seeds that took.
    pub seeds: u64,
    /// The invariant that broke.
    pub invariant: Option<&'static str>,
}

/// Runs every defect, or the one of this name, from a seed on until it is caught.
///
/// # Errors
/// Words, where there is no defect of that name.
pub fn run(only: Option<&str>, first_seed: u64, tell: impl Fn(&Caught)) -> Result<Vec<Caught>, String> {
    let chosen: Vec<_> =
        Defect::ALL.iter().copied().filter(|defect| only.is_none_or(|name| defect.name() == name)).collect();
    if chosen.is_empty() {
        return Err(format!("no defect is called {}", only.unwrap_or_default()));
    }
    let caught = chosen.into_iter().map(|defect| {
        let caught = hunt(defect, first_seed);
        tell(&caught);
        caught
    });
    Ok(caught.collect())
}

fn hunt(defect: Defect, first_seed: u64) -> Caught {
    choose(Some(defect));
    let seeds = first_seed..first_seed.saturating_add(SEEDS_MAX);
    let found = seeds.into_iter().find_map(|seed| {
        let violation = sim::run(Options::of(seed)).violation?;
        Some((seed, violation.invariant))
    });
    choose(None);
    Caught {
        defect: defect.name(),
        caught_at_seed: found.map(|(seed, _)| seed),
        seeds: found.map_or(SEEDS_MAX, |(seed, _)| seed - first_seed + 1),
        invariant: found.map(|(_, invariant)| invariant),
    }
}

/// Seeds a defect for all that follows.
///
/// # Errors
/// Words, where there is no defect of that name.
pub fn seed(name: &str) -> Result<(), String> {
    let defect = Defect::ALL.iter().copied().find(|defect| defect.name() == name);
    choose(Some(defect.ok_or_else(|| format!("no defect is called {name}"))?));
    Ok(())
}
