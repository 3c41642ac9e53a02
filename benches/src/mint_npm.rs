//! Minting beside the two npm packages that shops use for it, `referral-codes` and `voucher-code-generator`.
//!
//! Each side runs in a fresh process and times only the minting: starting Node, loading the module and three warm-up calls
//! (so that the peer runs compiled) are left out. Same shape: 16 symbols of the same alphabet in four groups. The peers
//! return an array of distinct texts, ours streams distinct texts to the caller; the peers draw from `Math.random`, which
//! is faster than a generator fit for secrets. The bar is against the faster of the two, round by round.
//!
//! Peak memory is that of the whole process (`VmHWM` on both sides), measured without warm-up; Node itself takes some
//! 45 MB of it, which is why it is shown at two sizes: what matters is how it grows.

use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::figure::{Figure, Sense};
use crate::harness::{Bench, Context, Failure, rounds, to_f64};
use crate::ours_code;
use crate::peers::{self, Minted};

/// The hidden subcommand that mints in a child: `__mint COUNT WARM_UPS`.
pub const CHILD: &str = "__mint";

const PEERS: [&str; 2] = ["referral-codes", "voucher-code-generator"];
const SIZES: [(u64, &str); 2] = [(100_000, "1e5"), (1_000_000, "1e6")];
const WARM_UPS: u64 = 3;
/// Codes in one warm-up call, as in mint.mjs.
const WARM_UP_COUNT: u64 = 10_000;
const BAR: f64 = 2.5;

pub struct MintNpm;

impl Bench for MintNpm {
    fn id(&self) -> &'static str {
        "mint-npm"
    }

    fn compares(&self) -> &'static str {
        "10^5 and 10^6 codes with npm's referral-codes and voucher-code-generator: rate and peak memory"
    }

    fn run(&self, context: &Context) -> Result<Vec<Figure>, Failure> {
        if let Err(why) = peers::install("") {
            let skipped = |(count, size)| rate(size, count, &[], &[]).bar(Sense::Min, BAR).skipped(why.clone());
            return Ok(SIZES.map(skipped).to_vec());
        }
        let mut figures = Vec::new();
        for (count, size) in SIZES {
            let timed = measure(context, |by| Ok(to_f64(count) / by.mint(count, WARM_UPS)?.seconds))?;
            let fastest = of_rounds(&timed.peers, f64::max);
            figures.push(rate(size, count, &timed.ours, &fastest).bar(Sense::Min, BAR));
            for (peer, values) in PEERS.iter().zip(timed.peers) {
                let id = format!("mint-npm/rate-{size}/{peer}");
                figures.push(Figure::shown(id, "codes minted per second by the peer", "/s", count, values));
            }

            let memory = measure(context, |by| Ok(by.mint(count, 0)?.peak_rss_bytes))?;
            let id = format!("mint-npm/peak-{size}");
            let leanest = of_rounds(&memory.peers, f64::min);
            let figure = Figure::shown(id, "peak memory of the process", "B", count, memory.ours);
            figures.push(figure.against("the leaner of the two", leanest));
        }
        Ok(figures)
    }
}

fn rate(size: &str, count: u64, ours: &[f64], fastest: &[f64]) -> Figure {
    Figure::shown(format!("mint-npm/rate-{size}"), "codes minted per second", "/s", count, ours.to_vec())
        .against("the faster of referral-codes and voucher-code-generator", fastest.to_vec())
}

/// Who mints.
#[derive(Clone, Copy)]
enum By {
    Ours,
    Peer(&'static str),
}

impl By {
    fn mint(self, count: u64, warm_ups: u64) -> Result<Minted, Failure> {
        match self {
            Self::Peer(peer) => peers::mint(peer, count, warm_ups),
            Self::Ours => {
                let mut command = Command::new(std::env::current_exe()?);
                command.arg(CHILD).args([count.to_string(), warm_ups.to_string()]);
                peers::read(command, count)
            }
        }
    }
}

struct Measured {
    ours: Vec<f64>,
    peers: Vec<Vec<f64>>,
}

fn measure(context: &Context, one: impl Fn(By) -> Result<f64, Failure> + Copy) -> Result<Measured, Failure> {
    let who = PEERS.map(By::Peer).into_iter().chain([By::Ours]);
    let mut sides: Vec<_> = who.map(|by| -> Box<dyn FnMut() -> _> { Box::new(move || one(by)) }).collect();
    let mut peers = rounds(context.rounds(), &mut sides)?;
    let ours = peers.pop().unwrap_or_default();
    Ok(Measured { ours, peers })
}

/// Folds the peers' values of each round into one.
fn of_rounds(peers: &[Vec<f64>], pick: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let length = peers.iter().map(Vec::len).min().unwrap_or_default();
    let round = |at: usize| peers.iter().filter_map(|values| values.get(at)).copied().reduce(&pick);
    (0..length).filter_map(round).collect()
}

/// The child: mints and prints what mint.mjs prints.
pub fn child(args: &[String]) -> ExitCode {
    let number = |at: usize| args.get(at).and_then(|word| word.parse::<u64>().ok());
    let (Some(count), Some(warm_ups)) = (number(0), number(1)) else { return ExitCode::from(2) };
    let mint = |count| -> Result<u64, Failure> {
        let mut codes = 0;
        ours_code::mint(count, |text| {
            black_box(text);
            codes += 1;
        })?;
        Ok(codes)
    };
    let warmed = (0..warm_ups).try_for_each(|_| mint(WARM_UP_COUNT).map(|_| ()));
    let start = Instant::now();
    let minted = warmed.and_then(|()| mint(count));
    let seconds = start.elapsed().as_secs_f64();
    let Ok(codes) = minted else { return ExitCode::FAILURE };
    peers::report(codes, seconds)
}

#[cfg(test)]
mod tests {
    use super::of_rounds;
    use crate::peers::peak_rss_bytes;

    #[test]
    fn peers_are_folded_round_by_round() {
        let peers = [vec![1.0, 5.0], vec![3.0, 2.0]];
        assert_eq!(of_rounds(&peers, f64::max), [3.0, 5.0]);
        assert_eq!(of_rounds(&peers, f64::min), [1.0, 2.0]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_peak_is_read() {
        assert!(peak_rss_bytes().is_some_and(|bytes| bytes > 100_000));
    }
}
