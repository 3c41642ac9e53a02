//! Minting a million codes on one core.
//!
//! Reference: what one writes by hand in Rust. 80 bits from ChaCha20 (`rand_chacha`, the generator that cardmint uses,
//! too), Crockford base32 by the `base32` crate, 16 symbols grouped in fours, and a `HashSet<String>` of the right size from
//! the start to keep them distinct.
//!
//! Ours: the texts of one batch, streamed. They are distinct because sealing is a permutation, so there is no set to keep;
//! that is checked here once, outside the clock. Both end with every text handed over: the reference in its set, ours
//! passed to the caller. Ours can be opened without a database afterwards, the reference's cannot.
//!
//! Each side runs in a fresh process: what one side leaves in the allocator would otherwise be paid by the other.
//!
//! Two figures, since giving a million strings back to the allocator takes time, too: `mint-1m`
//! leaves that out of the clock (the strictest reading, and the one with the bar); `mint-1m/freed` has it in, so that both
//! sides begin and end with nothing held.

use std::collections::HashSet;
use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::time::Instant;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};

use crate::figure::{Figure, Sense};
use crate::harness::{Bench, Context, Failure, Side, rounds, to_f64};
use crate::{mint_npm, ours_code, peers};

/// The hidden subcommand of the reference: `__mint_by_hand kept|freed COUNT`.
pub const CHILD: &str = "__mint_by_hand";

const COUNT: u64 = 1_000_000;
const SEED: [u8; 32] = [17; 32];
const BAR: f64 = 1.0;

pub struct Mint1m;

impl Bench for Mint1m {
    fn id(&self) -> &'static str {
        "mint-1m"
    }

    fn compares(&self) -> &'static str {
        "10^6 sealed codes, one core, with random base32 codes kept distinct by a HashSet"
    }

    fn run(&self, context: &Context) -> Result<Vec<Figure>, Failure> {
        check()?;
        let in_child = |arguments: &[&str]| -> Result<f64, Failure> {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(arguments).arg(COUNT.to_string()).arg("0");
            Ok(to_f64(COUNT) / peers::read(command, COUNT)?.seconds)
        };
        let mut sides: Vec<Side<'_>> = vec![
            Box::new(|| in_child(&[CHILD, "kept"])),
            Box::new(|| in_child(&[CHILD, "freed"])),
            Box::new(|| in_child(&[mint_npm::CHILD])),
        ];
        let mut values = rounds(context.rounds(), &mut sides)?.into_iter();
        let (kept, freed) = (values.next().unwrap_or_default(), values.next().unwrap_or_default());
        let ours = values.next().unwrap_or_default();
        let figure = |id: &str, reference: &str, theirs: Vec<f64>| {
            Figure::shown(id, "codes minted per second", "/s", COUNT, ours.clone()).against(reference, theirs)
        };
        Ok(vec![
            figure("mint-1m", "ChaCha20 + base32 + HashSet<String>", kept).bar(Sense::Min, BAR),
            figure("mint-1m/freed", "ChaCha20 + base32 + HashSet<String>, freed", freed),
        ])
    }
}

/// The child: mints by hand and prints what mint.mjs prints. `kept` stops the clock before the set is freed, `freed` after.
pub fn child(args: &[String]) -> ExitCode {
    let Some(count) = args.get(1).and_then(|word| word.parse().ok()) else { return ExitCode::from(2) };
    let size = usize::try_from(count).unwrap_or_default();
    let mut rng = ChaCha20Rng::from_seed(SEED);
    let start = Instant::now();
    let mut codes: HashSet<String> = HashSet::with_capacity(size);
    while codes.len() < size {
        codes.insert(random_code(&mut rng));
    }
    let minted = start.elapsed();
    drop(black_box(codes));
    let kept = args.first().is_some_and(|word| word == "kept");
    let seconds = if kept { minted } else { start.elapsed() };
    peers::report(count, seconds.as_secs_f64())
}

/// `XXXX-XXXX-XXXX-XXXX`.
fn random_code(rng: &mut ChaCha20Rng) -> String {
    let mut bits = [0; 10];
    rng.fill_bytes(&mut bits);
    let symbols = base32::encode(base32::Alphabet::Crockford, &bits);
    let mut code = String::with_capacity(19);
    for at in (0..16).step_by(4) {
        if at > 0 {
            code.push('-');
        }
        code.push_str(symbols.get(at..at + 4).unwrap_or_default());
    }
    code
}

/// What our half promises in place of a set: the right number of distinct texts in the right shape.
fn check() -> Result<(), Failure> {
    let mut codes = HashSet::new();
    let mut shapely = true;
    ours_code::mint(COUNT, |text| {
        shapely &= text.len() == 19 && text.split('-').all(|group| group.len() == 4);
        codes.insert(text.to_owned());
    })?;
    if codes.len() as u64 != COUNT || !shapely {
        return Err(format!("{} distinct codes of {COUNT}, shape right: {shapely}", codes.len()).into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{SEED, random_code};
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng as _;

    #[test]
    fn a_reference_code_has_16_symbols_in_fours() {
        let code = random_code(&mut ChaCha20Rng::from_seed(SEED));
        assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [4; 4]);
    }
}
