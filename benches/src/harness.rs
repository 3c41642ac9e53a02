//! Rounds: ours and the reference take turns on the same machine in the same minute, at least five times, and the one
//! that began the last round does not begin the next. What slows one round down slows both, so the *ratio* of a round
//! stays put where the times wander.

use std::error::Error;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use crate::figure::Figure;

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    Quick,
    Full,
}

/// What a bench may know.
#[derive(Debug)]
pub struct Context {
    pub depth: Depth,
    /// Folder for files whose durability is measured.
    pub dir: PathBuf,
}

impl Context {
    pub const fn rounds(&self) -> usize {
        match self.depth {
            Depth::Quick => 5,
            Depth::Full => 11,
        }
    }

    /// The size of a round.
    pub const fn size(&self, quick: u64, full: u64) -> u64 {
        match self.depth {
            Depth::Quick => quick,
            Depth::Full => full,
        }
    }
}

pub type Failure = Box<dyn Error>;

/// One comparison. Each lives in a file whose head says what is compared and why that is fair.
pub trait Bench: Sync {
    fn id(&self) -> &'static str;
    /// One line for `--list`.
    fn compares(&self) -> &'static str;
    /// Measures. An error means that the bench broke; a missing peer is a skipped figure.
    fn run(&self, context: &Context) -> Result<Vec<Figure>, Failure>;
}

/// A side of a comparison: one round of work, answered with what was measured (a rate, or a time).
pub type Side<'a> = Box<dyn FnMut() -> Result<f64, Failure> + 'a>;

/// Runs `rounds` rounds of all sides after one round of warming up, and returns the values by side. The order rotates
/// from round to round.
pub fn rounds(rounds: usize, sides: &mut [Side<'_>]) -> Result<Vec<Vec<f64>>, Failure> {
    let count = sides.len();
    let mut values = vec![Vec::with_capacity(rounds); count];
    for round in 0..=rounds {
        for turn in 0..count {
            let which = (round + turn) % count;
            let (Some(side), Some(of_side)) = (sides.get_mut(which), values.get_mut(which)) else { continue };
            let value = side()?;
            // The first round fills caches and wakes the processor up.
            if round > 0 {
                of_side.push(value);
            }
        }
    }
    Ok(values)
}

/// Nanoseconds per iteration of `work`, whose result the optimiser has to produce.
pub fn nanos_each<T>(iterations: u64, mut work: impl FnMut(u64) -> T) -> f64 {
    let start = Instant::now();
    for i in 0..iterations {
        black_box(work(black_box(i)));
    }
    start.elapsed().as_secs_f64() * 1e9 / to_f64(iterations)
}

/// Counts of work stay far below 2^53.
pub const fn to_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::{Side, rounds};

    #[test]
    fn sides_take_turns_in_rotating_order() {
        let order = RefCell::new(String::new());
        let side = |name: char| -> Side<'_> {
            let order = &order;
            Box::new(move || {
                order.borrow_mut().push(name);
                Ok(1.0)
            })
        };
        let values = rounds(2, &mut [side('a'), side('b')]).expect("no side fails");
        assert_eq!(*order.borrow(), "abbaab");
        assert_eq!(values, vec![vec![1.0, 1.0]; 2]);
    }
}
