//! Exporting a batch holds one stretch of codes, however large the batch.
//!
//! Ours at 10^7 codes beside ours at 10^5, each in a fresh process with a store of its own: from the engine's export, event
//! and all, to the last code handed to the caller. The figure is the peak memory of the process (`VmHWM`); the rate is shown.

use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::figure::{Figure, Sense};
use crate::harness::{Bench, Context, Failure, Side, rounds, to_f64};
use crate::{peers, redeem, shop};

/// The hidden subcommand that exports in a child: `__export COUNT`.
pub const CHILD: &str = "__export";

const SMALL: u64 = 100_000;
const LARGE: u64 = 10_000_000;
/// Peak at [`LARGE`] over peak at [`SMALL`]: equal but for the noise of an allocator.
const BAR: f64 = 1.1;

pub struct Export;

impl Bench for Export {
    fn id(&self) -> &'static str {
        "export"
    }

    fn compares(&self) -> &'static str {
        "peak memory of exporting 10^7 codes with that of exporting 10^5"
    }

    fn run(&self, context: &Context) -> Result<Vec<Figure>, Failure> {
        let mut rates = Vec::new();
        let mut sides: Vec<Side<'_>> = vec![
            Box::new(|| {
                let large = export(LARGE)?;
                rates.push(to_f64(LARGE) / large.seconds);
                Ok(large.peak_rss_bytes)
            }),
            Box::new(|| Ok(export(SMALL)?.peak_rss_bytes)),
        ];
        let values = rounds(context.rounds(), &mut sides)?;
        drop(sides);
        let [large, small] = values.as_slice() else { return Err("a side is missing".into()) };
        Ok(vec![
            Figure::shown("export/peak", "peak memory of the process, 10^7 codes", "B", LARGE, large.clone())
                .against("ours, 10^5 codes", small.clone())
                .bar(Sense::Max, BAR),
            Figure::shown("export/rate", "codes exported per second", "/s", LARGE, rates),
        ])
    }
}

fn export(count: u64) -> Result<peers::Minted, Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(CHILD).arg(count.to_string());
    peers::read(command, count)
}

/// The child: exports and prints what mint.mjs prints.
pub fn child(args: &[String]) -> ExitCode {
    let Some(count) = args.first().and_then(|word| word.parse().ok()) else { return ExitCode::from(2) };
    match run(count) {
        Ok((codes, seconds)) => peers::report(codes, seconds),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(count: u64) -> Result<(u64, f64), Failure> {
    let open = redeem::open(&std::env::temp_dir(), count)?;
    let start = Instant::now();
    let mut stream = shop::export(&open.tenant)?;
    let (mut code, mut codes) = (String::new(), 0);
    while stream.next_into(&mut code)?.is_some() {
        black_box(&code);
        codes += 1;
    }
    Ok((codes, start.elapsed().as_secs_f64()))
}
