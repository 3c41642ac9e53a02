//! Seeded defects: each must be caught within so many seeds, or the simulation proves nothing.

use std::ops::Range;
use std::panic::resume_unwind;
use std::thread::ScopedJoinHandle;

use cardmint::defect::{Defect, choose};
use serde::Serialize;

use crate::sim::{self, Options};

/// Most seeds that a defect may live.
pub const SEEDS_MAX: u64 = 200;

/// How many seeds are run at the same time.
const SIDE_BY_SIDE: usize = 2;

/// Those of the list that wait for a room that is not built yet.
pub const WAITING: [(&str, &str); 5] = [
    ("slot merge drops a concurrent take", "slotted ceilings"),
    ("lease handed out twice", "leases of stock"),
    ("lease lost after a crash", "leases of stock"),
    ("host plan returned to counters before it was killed", "the host's own transaction"),
    ("migration in between", "a second schema"),
];

/// Those that no hunt has caught yet: they are hunted by name only, until they are seen to be caught.
pub const UNPROVEN: [&str; 1] = ["order_guards_itself"];

/// One line of the table.
#[derive(Debug, Serialize)]
pub struct Caught {
    /// The defect.
    pub defect: &'static str,
    /// What it is.
    #[serde(skip)]
    pub words: &'static str,
    /// The seed that showed it; nothing where none of them did.
    pub caught_at_seed: Option<u64>,
    /// How many seeds that took.
    pub seeds: u64,
    /// The invariant that broke.
    pub invariant: Option<&'static str>,
}

/// Some of each room that are caught soon, for a short test.
pub const QUICK: [&str; 10] = [
    "version_not_checked",
    "key_outside_transaction",
    "unknown_run_blindly",
    "given_back_twice",
    "chain_head_not_moved",
    "release_forgets_counter",
    "clock_revives_hold",
    "feed_skips_late_writer",
    "code_lives_after_transfer",
    "moved_to_nobody",
];

/// Runs every defect but the unproven, or those of these names, from a seed on until it is caught.
///
/// # Errors
/// Words, where there is no defect of a name.
pub fn run(only: &[&str], first_seed: u64, tell: impl Fn(&Caught)) -> Result<Vec<Caught>, String> {
    let known = |name: &&str| Defect::ALL.iter().any(|defect| defect.name() == *name);
    if let Some(unknown) = only.iter().find(|name| !known(name)) {
        return Err(format!("no defect is called {unknown}"));
    }
    let is_asked = |name| if only.is_empty() { !UNPROVEN.contains(&name) } else { only.contains(&name) };
    let chosen: Vec<_> = Defect::ALL.iter().copied().filter(|defect| is_asked(defect.name())).collect();
    let caught = chosen.into_iter().map(|defect| {
        let caught = hunt(defect, first_seed);
        tell(&caught);
        caught
    });
    Ok(caught.collect())
}

fn hunt(defect: Defect, first_seed: u64) -> Caught {
    choose(Some(defect));
    let end = first_seed.saturating_add(SEEDS_MAX);
    let mut some = (first_seed..end).step_by(SIDE_BY_SIDE).map(|seed| seed..end.min(seed + SIDE_BY_SIDE as u64));
    let found = some.find_map(first_of);
    choose(None);
    Caught {
        defect: defect.name(),
        words: defect.words().trim(),
        caught_at_seed: found.map(|(seed, _)| seed),
        seeds: found.map_or(SEEDS_MAX, |(seed, _)| seed - first_seed + 1),
        invariant: found.map(|(_, invariant)| invariant),
    }
}

/// The first of some seeds that shows it, all run at the same time: the defect is one for the whole process, seeds are not.
fn first_of(seeds: Range<u64>) -> Option<(u64, &'static str)> {
    std::thread::scope(|scope| {
        let look = |seed| move || Some((seed, sim::run(Options::of(seed)).violation?.invariant));
        let running: Vec<_> = seeds.map(|seed| scope.spawn(look(seed))).collect();
        // All are waited for, and the first in order counts: which is done sooner is no matter.
        let end = |run: ScopedJoinHandle<'_, _>| run.join().unwrap_or_else(|panic| resume_unwind(panic));
        let found: Vec<_> = running.into_iter().map(end).collect();
        found.into_iter().flatten().next()
    })
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

const TABLE_BEGINS: &str = "<!-- defects: written by `cargo xtask soak --defects --table docs/testing.md` -->";
const TABLE_ENDS: &str = "<!-- defects end -->";

/// A text with the table of what was caught, in the place that it has for it.
///
/// # Errors
/// Words, where it has none.
pub fn with_table(text: &str, caught: &[Caught]) -> Result<String, String> {
    let place = || text.split_once(TABLE_BEGINS).zip(text.split_once(TABLE_ENDS));
    let ((before, _), (_, behind)) = place().ok_or_else(|| format!("no `{TABLE_BEGINS}` and `{TABLE_ENDS}`"))?;
    let rows = caught.iter().map(|one| {
        let seed = one.caught_at_seed.map_or_else(|| "missed".to_owned(), |seed| seed.to_string());
        format!("| `{}` | {} | `{}` | {seed} |\n", one.defect, one.words, one.invariant.unwrap_or_default())
    });
    let rows: String = rows.collect();
    Ok(format!(
        "{before}{TABLE_BEGINS}\n\n| defect | what it is | caught by | at seed |\n|---|---|---|---|\n{rows}\n{TABLE_ENDS}{behind}"
    ))
}

#[cfg(test)]
mod tests {
    use super::{Caught, TABLE_BEGINS, TABLE_ENDS, with_table};

    #[test]
    fn a_table_takes_the_place_of_the_one_before() {
        let caught = |seed| Caught {
            defect: "end_included",
            words: "So.",
            caught_at_seed: Some(seed),
            seeds: 1,
            invariant: Some("feed"),
        };
        let empty = format!("a\n{TABLE_BEGINS}\n{TABLE_ENDS}\nb");
        let once = with_table(&empty, &[caught(3)]).unwrap();
        assert!(
            once.starts_with("a\n")
                && once.ends_with("\nb")
                && once.contains("| `end_included` | So. | `feed` | 3 |\n")
        );
        let twice = with_table(&once, &[caught(4)]).unwrap();
        assert!(twice.contains("| 4 |") && !twice.contains("| 3 |"));
        assert!(with_table("nothing", &[]).is_err());
    }
}
