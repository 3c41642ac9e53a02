//! What it costs to call cardmint from another language.
//!
//! **Redemptions.** Every side redeems the same errands (see `shop`) on a SQLite file of its own with `synchronous=FULL`, in a
//! process of its own, and times from the first request to the last reply: the request is written from the same four words,
//! in the plain data of its language. Afterwards the file is looked into: as many redemptions as errands.
//! The reference is Rust calling the engine in the *same manner*, so that the figure is what the language adds:
//! - 64 calls from one thread that awaits: Rust polls 64 futures on one thread, since asyncio and Node's loop are one thread
//!   with 64 tasks. C has no loop; it hands 64 calls in and waits for the oldest, and stands beside the faster of two
//!   manners in Rust: the futures, and one thread that waits for the oldest of 64 calls.
//! - 64 calls from 64 threads that block: Rust does the same with 64 threads.
//! - a lone caller: Rust's lone caller, who blocks and so leads its own groups. What a lone caller of Node who awaits pays
//!   stands beside Rust's lone future, where a thread of the engine's leads, too.
//!
//! **Opening many.** 100,000 genuine codes in one call, beside the fastest check that the language brings along: one bare
//! HMAC-SHA-256 for each code, precomputed bytes, compared in constant time (see `open_many.py`, `open_many.mjs`). Both sides
//! run in one process, ours and theirs and once more the other way round.
//!
//! **Sizes** have no bar: they are shown, so that growth is seen.

pub mod packages;
mod sizes;
mod till;

pub use till::{CHILD, child};

use std::path::Path;

use crate::figure::{Figure, Sense};
use crate::harness::{Bench, Context, Failure, Side, rounds, to_f64};
use packages::{Packages, Program};
use till::redeem;

/// Time of a redemption, at most so many times Rust's.
const BAR_MANY: f64 = 1.15;
const BAR_ALONE: f64 = 1.25;
/// Codes opened per second, at least so many times bare HMACs in the host's language.
const BAR_OPEN: f64 = 2.0;
const CODES: u64 = 100_000;

pub struct Bindings;

impl Bench for Bindings {
    fn id(&self) -> &'static str {
        "bindings"
    }

    fn compares(&self) -> &'static str {
        "durable redemptions from C, Python and Node with Rust in the same manner; opening many codes with HMACs of theirs"
    }

    fn run(&self, context: &Context) -> Result<Vec<Figure>, Failure> {
        let packages = Packages::install();
        let rust = packages::rust()?;
        let (many, few) = (context.size(16_000, 64_000), context.size(3_000, 6_000));
        let awaited = Race {
            count: many,
            bar: BAR_MANY,
            references: &[(&rust, "futures"), (&rust, "window")],
            entrants: &[
                entrant("bindings/c/64", &packages.c, "submitted", Beside::Fastest),
                entrant("bindings/python-asyncio/64", &packages.python, "asyncio", Beside::First),
                entrant("bindings/node/64", &packages.node, "promises", Beside::First),
            ],
        };
        let threads = Race {
            count: many,
            bar: BAR_MANY,
            references: &[(&rust, "threads")],
            entrants: &[entrant("bindings/python-threads/64", &packages.python, "threads", Beside::First)],
        };
        let alone = Race {
            count: few,
            bar: BAR_ALONE,
            references: &[(&rust, "alone"), (&rust, "alone-awaited")],
            entrants: &[
                entrant("bindings/c/alone", &packages.c, "alone", Beside::First),
                entrant("bindings/python/alone", &packages.python, "alone", Beside::First),
                entrant("bindings/node/alone", &packages.node, "alone", Beside::First),
                entrant("bindings/node/alone-awaited", &packages.node, "alone-awaited", Beside::Second),
            ],
        };
        let mut figures = Vec::new();
        for race in [awaited, threads, alone] {
            figures.extend(race.run(context)?);
        }
        figures.push(open_many(context, "bindings/python/open-many", "hmac.digest of Python", &packages.python)?);
        figures.push(open_many(context, "bindings/node/open-many", "createHmac of Node", &packages.node)?);
        figures.extend(sizes::figures(context, &packages)?);
        Ok(figures)
    }
}

/// Which reference an entrant is put beside.
#[derive(Clone, Copy)]
enum Beside {
    First,
    Second,
    /// The fastest of each round.
    Fastest,
}

/// One side of ours.
struct Entrant<'a> {
    id: &'static str,
    program: &'a Result<Program, String>,
    mode: &'static str,
    beside: Beside,
}

const fn entrant<'a>(
    id: &'static str,
    program: &'a Result<Program, String>,
    mode: &'static str,
    beside: Beside,
) -> Entrant<'a> {
    Entrant { id, program, mode, beside }
}

/// Sides that take turns at the same errands.
struct Race<'a> {
    count: u64,
    bar: f64,
    references: &'a [(&'a Program, &'static str)],
    entrants: &'a [Entrant<'a>],
}

impl Race<'_> {
    fn run(&self, context: &Context) -> Result<Vec<Figure>, Failure> {
        let dir = context.dir.as_path();
        let present = self.entrants.iter().filter_map(|entrant| Some((entrant.program.as_ref().ok()?, entrant.mode)));
        let running = self.references.iter().copied().chain(present);
        let mut sides: Vec<Side<'_>> = running.map(|(program, mode)| self.side(dir, program, mode)).collect();
        // Not one side is worth a round without another.
        let mut references = match sides.len() > self.references.len() {
            true => rounds(context.rounds(), &mut sides)?,
            false => vec![Vec::new(); self.references.len()],
        };
        let mut present = references.split_off(self.references.len()).into_iter();
        let figures = self.entrants.iter().map(|entrant| {
            let figure = |times| self.figure(entrant, times, &references);
            match entrant.program {
                Ok(_) => figure(present.next().unwrap_or_default()),
                Err(why) => figure(Vec::new()).skipped(why),
            }
        });
        let mut figures: Vec<Figure> = figures.collect();
        // A manner of Rust beside the one that most are put beside.
        for ((_, mode), times) in self.references.iter().zip(&references).skip(1) {
            let first = references.first().cloned().unwrap_or_default();
            let id = format!("bindings/rust/{mode}");
            figures.push(Figure::shown(id, METRIC, "µs", self.count, times.clone()).against(self.named(0), first));
        }
        Ok(figures)
    }

    fn side<'s>(&'s self, dir: &'s Path, program: &'s Program, mode: &'static str) -> Side<'s> {
        Box::new(move || Ok(redeem(dir, self.count, program, mode)? * 1e6 / to_f64(self.count)))
    }

    fn figure(&self, entrant: &Entrant<'_>, times: Vec<f64>, references: &[Vec<f64>]) -> Figure {
        let (name, reference) = match entrant.beside {
            Beside::First => (self.named(0), references.first().cloned().unwrap_or_default()),
            Beside::Second => (self.named(1), references.get(1).cloned().unwrap_or_default()),
            Beside::Fastest => ("the faster of both manners in Rust".to_owned(), fastest(references)),
        };
        Figure::shown(entrant.id, METRIC, "µs", self.count, times).against(name, reference).bar(Sense::Max, self.bar)
    }

    fn named(&self, place: usize) -> String {
        format!("Rust, {}", self.references.get(place).map_or("", |(_, mode)| mode))
    }
}

const METRIC: &str = "time of a durable redemption";

/// The smallest time of each round.
fn fastest(references: &[Vec<f64>]) -> Vec<f64> {
    let length = references.iter().map(Vec::len).min().unwrap_or_default();
    let round = |at: usize| references.iter().filter_map(|times| times.get(at)).copied().reduce(f64::min);
    (0..length).filter_map(round).collect()
}

/// Opens many codes in one call, once in each round.
fn open_many(
    context: &Context,
    id: &'static str,
    native: &str,
    program: &Result<Program, String>,
) -> Result<Figure, Failure> {
    let figure = |ours, theirs| {
        Figure::shown(id, "codes opened per second in one call", "/s", CODES, ours)
            .against(native, theirs)
            .bar(Sense::Min, BAR_OPEN)
    };
    let program = match program {
        Ok(program) => program,
        Err(why) => return Ok(figure(Vec::new(), Vec::new()).skipped(why)),
    };
    let shop = till::Shop::make(&context.dir, CODES)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..context.rounds() {
        let told = till::tell(program.open_many(&shop))?;
        let rate = |name: &str| Ok::<_, Failure>(to_f64(CODES) / told.seconds(name)?);
        ours.push(rate("ours")?);
        theirs.push(rate("native")?);
    }
    Ok(figure(ours, theirs))
}

#[cfg(test)]
mod tests {
    use super::fastest;

    #[test]
    fn the_fastest_is_found_round_by_round() {
        assert_eq!(fastest(&[vec![1.0, 5.0], vec![3.0, 2.0]]), [1.0, 2.0]);
        assert_eq!(fastest(&[vec![], vec![3.0]]), Vec::<f64>::new());
    }
}
