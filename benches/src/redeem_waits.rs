//! How long a redemption takes from being handed in to its receipt, durable on SQLite with `synchronous=FULL`: one caller, and
//! 8, 64 and 512 calls outstanding from 4 threads; 64 threads with one call each; 4 processes on one file with one caller each.
//!
//! Shown, without a bar: a latency is mostly what the disk takes to flush, so it is told beside the same minute's flush. With a
//! window of calls a thread takes replies in the order in which it handed the calls in, and a wait ends when it is taken.

use std::collections::VecDeque;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::Instant;

use cardmint::code::{Keyring, World};
use cardmint::{ChaChaEntropy, Engine, Redeem as Request, Tenant};
use cardmint_sqlite::{Options, SqliteStore};
use cardmint_system::{SystemClock, system_entropy};

use crate::figure::Figure;
use crate::harness::{Bench, Context, Failure};
use crate::machine;
use crate::shop::{self, Errand};

/// The hidden subcommand of a process that redeems its share: `__redeem_waits FOLDER NUMBER`.
pub const CHILD: &str = "__redeem_waits";

const PROCESSES: usize = 4;
const SYNCS: usize = 64;

pub struct RedeemWaits;

impl Bench for RedeemWaits {
    fn id(&self) -> &'static str {
        "redeem-waits"
    }

    fn compares(&self) -> &'static str {
        "how long a durable redemption takes with 1 to 512 outstanding, from 64 threads, and from 4 processes (shown)"
    }

    fn run(&self, context: &Context) -> Result<Vec<Figure>, Failure> {
        let (few, many) = (context.size(300, 2_000), context.size(4_000, 32_000));
        let dir = context.dir.as_path();
        let mut figures = Vec::new();
        for (id, count, threads, outstanding) in [
            ("1", few, 1, 1),
            ("8-from-4", few, 4, 8),
            ("64-from-4", many, 4, 64),
            ("512-from-4", many, 4, 512),
            ("64-from-64", many, 64, 64),
        ] {
            let each = || threads_wait(dir, count, threads, outstanding / threads);
            figures.extend(spread(context, id, count, each)?);
        }
        // Enough that what happens once in each process, when it opens and closes, is not the 99th percentile.
        let shared = 4 * few;
        figures.extend(spread(context, "4-processes", shared, || processes_wait(dir, shared))?);
        let syncs = machine::sync_micros(dir, SYNCS)?;
        figures.push(Figure::shown("redeem-waits/fdatasync", "time of one sync", "µs", 1, syncs));
        Ok(figures)
    }
}

/// Median and 99th percentile of each round.
fn spread(
    context: &Context,
    id: &str,
    count: u64,
    each: impl Fn() -> Result<Vec<f64>, Failure>,
) -> Result<[Figure; 2], Failure> {
    let (mut p50, mut p99) = (Vec::new(), Vec::new());
    for _ in 0..context.rounds() {
        let mut waits = each()?;
        waits.sort_by(f64::total_cmp);
        let at = |percent: usize| waits.get(waits.len().saturating_sub(1) * percent / 100).copied();
        p50.extend(at(50));
        p99.extend(at(99));
    }
    let figure =
        |which, metric, values| Figure::shown(format!("redeem-waits/{id}/{which}"), metric, "µs", count, values);
    Ok([figure("p50", "median wait of a redemption", p50), figure("p99", "99 in 100 redemptions wait at most", p99)])
}

fn threads_wait(dir: &Path, count: u64, threads: usize, window: usize) -> Result<Vec<f64>, Failure> {
    let folder = tempfile::tempdir_in(dir)?;
    let tenant = open(folder.path())?;
    shop::furnish(&tenant, count)?;
    let mut hands: Vec<Vec<Request>> = (0..threads).map(|_| Vec::new()).collect();
    for (errand, seat) in shop::errands(&tenant)?.into_iter().zip((0..threads).cycle()) {
        hands.get_mut(seat).ok_or("there are no threads")?.push(errand.request()?);
    }
    let waits = thread::scope(|scope| -> Result<Vec<f64>, String> {
        let tenant = &tenant;
        let workers: Vec<_> = hands.into_iter().map(|hand| scope.spawn(move || waits(tenant, hand, window))).collect();
        let mut all = Vec::new();
        for worker in workers {
            all.extend(worker.join().map_err(|_| "a thread panicked".to_owned())??);
        }
        Ok(all)
    })?;
    Ok(waits)
}

/// Redeems all of a hand, so many calls at a time, and says how long each took, in microseconds.
fn waits(tenant: &Tenant, hand: Vec<Request>, window: usize) -> Result<Vec<f64>, String> {
    let mut calls = VecDeque::with_capacity(window);
    let mut waits = Vec::with_capacity(hand.len());
    let mut hand = hand.into_iter();
    loop {
        while calls.len() < window.max(1)
            && let Some(request) = hand.next()
        {
            calls.push_back((Instant::now(), tenant.redeem(request)));
        }
        let Some((began, call)) = calls.pop_front() else { return Ok(waits) };
        call.wait().map_err(|error| error.to_string())?;
        waits.push(began.elapsed().as_secs_f64() * 1e6);
    }
}

fn open(folder: &Path) -> Result<Tenant, Failure> {
    let store = SqliteStore::open(folder.join("shop.db"), Options::default())?;
    let keyring = Keyring::generate(&ChaChaEntropy::from_seed([42; 32]));
    Ok(Engine::new(store, keyring, SystemClock, system_entropy()?).tenant("default", World::Live)?)
}

fn processes_wait(dir: &Path, count: u64) -> Result<Vec<f64>, Failure> {
    let folder = tempfile::tempdir_in(dir)?;
    let tenant = open(folder.path())?;
    shop::furnish(&tenant, count)?;
    let errands = shop::errands(&tenant)?;
    shop::write(&folder.path().join("errands"), &errands)?;
    drop(tenant);
    let begin = |number: usize| {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(CHILD).arg(folder.path()).arg(number.to_string());
        command.stdout(Stdio::piped()).spawn()
    };
    let children = (0..PROCESSES).map(begin).collect::<Result<Vec<_>, _>>()?;
    let mut waits = Vec::new();
    for child in children {
        let output = child.wait_with_output()?;
        if !output.status.success() {
            return Err(format!("a process ended with {}", output.status).into());
        }
        let said = String::from_utf8(output.stdout)?;
        waits.extend(said.lines().map(str::parse::<f64>).collect::<Result<Vec<_>, _>>()?);
    }
    if waits.len() != errands.len() {
        return Err(format!("{} redeemed of {}", waits.len(), errands.len()).into());
    }
    Ok(waits)
}

/// The child: redeems every fourth errand and prints how long each took.
pub fn child(args: &[String]) -> ExitCode {
    let (Some(folder), Some(number)) = (args.first(), args.get(1).and_then(|word| word.parse().ok())) else {
        return ExitCode::from(2);
    };
    match share(Path::new(folder), number) {
        Ok(waits) => {
            waits.iter().for_each(|wait| println!("{wait:.1}"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn share(folder: &Path, number: usize) -> Result<Vec<f64>, Failure> {
    let tenant = open(folder)?;
    let errands = shop::read(&folder.join("errands"))?.into_iter().skip(number).step_by(PROCESSES);
    let hand = errands.map(Errand::request).collect::<Result<Vec<_>, _>>()?;
    Ok(waits(&tenant, hand, 1)?)
}
