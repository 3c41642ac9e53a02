//! An audit of a whole shop.
//!
//! `audit/time`: working everything out again from the journal, chains and all, beside a plain scan of the same rows through the same
//! store: cards, events, redemptions, accounts and what they rest on, page by page in the order in which each table lies. Both in fresh
//! processes over the same file, in the same round.
//!
//! `audit/peak`: the peak memory of the process that audits ten times as many events.

use std::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use cardmint::code::{Keyring, World};
use cardmint::store::{Record, Scan, ScanOf, Store, TenantKey};
use cardmint::{ChaChaEntropy, Engine, Redeem, Tenant};
use cardmint_sqlite::{Durability, Options, SqliteStore};
use cardmint_system::{SystemClock, system_entropy};

use crate::figure::{Figure, Sense};
use crate::harness::{Bench, Context, Failure, Side, rounds, to_f64};
use crate::shop::{self, Errand};
use crate::{manner, peers};

/// The hidden subcommand of both sides: `__audit audit|scan PATH EVENTS`.
pub const CHILD: &str = "__audit";

const BAR_TIME: f64 = 3.0;
const BAR_PEAK: f64 = 1.1;
const OUTSTANDING: usize = 256;

pub struct Audit;

impl Bench for Audit {
    fn id(&self) -> &'static str {
        "audit"
    }

    fn compares(&self) -> &'static str {
        "an audit with a plain scan of the same rows, and its peak memory with ten times as many events"
    }

    fn run(&self, context: &Context) -> Result<Vec<Figure>, Failure> {
        let small = context.size(20_000, 100_000);
        let large = 10 * small;
        let folder = tempfile::tempdir_in(&context.dir)?;
        let (few, many) = (folder.path().join("few.db"), folder.path().join("many.db"));
        fill(&few, small)?;
        fill(&many, large)?;
        let mut sides: Vec<Side<'_>> = vec![
            Box::new(|| Ok(child_of("audit", &many, large)?.seconds)),
            Box::new(|| Ok(child_of("scan", &many, large)?.seconds)),
            Box::new(|| Ok(child_of("audit", &many, large)?.peak_rss_bytes)),
            Box::new(|| Ok(child_of("audit", &few, small)?.peak_rss_bytes)),
        ];
        let values = rounds(context.rounds(), &mut sides)?;
        let [audit, scan, peak_many, peak_few] = values.as_slice() else { return Err("a side is missing".into()) };
        let rates: Vec<f64> = audit.iter().map(|seconds| to_f64(large) / seconds).collect();
        Ok(vec![
            Figure::shown("audit/time", "audit of the whole shop", "s", large, audit.clone())
                .against("plain scan of the same rows", scan.clone())
                .bar(Sense::Max, BAR_TIME),
            Figure::shown("audit/peak", "peak memory of the process", "B", large, peak_many.clone())
                .against("ours, a tenth of the events", peak_few.clone())
                .bar(Sense::Max, BAR_PEAK),
            Figure::shown("audit/rate", "events audited per second", "/s", large, rates),
        ])
    }
}

fn open(path: &Path) -> Result<Tenant, Failure> {
    let options = Options { durability: Durability::Normal, ..Options::default() };
    let store = SqliteStore::open(path, options)?;
    let keyring = Keyring::generate(&ChaChaEntropy::from_seed([42; 32]));
    Ok(Engine::new(store, keyring, SystemClock, system_entropy()?).tenant("default", World::Live)?)
}

/// A shop in which every card of its batch was redeemed.
fn fill(path: &Path, count: u64) -> Result<(), Failure> {
    let tenant = open(path)?;
    shop::furnish(&tenant, count)?;
    let requests: Result<Vec<Redeem>, Failure> = shop::errands(&tenant)?.into_iter().map(Errand::request).collect();
    manner::window(&tenant, requests?.into_iter().map(Ok), OUTSTANDING)?;
    Ok(())
}

fn child_of(side: &str, path: &Path, count: u64) -> Result<peers::Minted, Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(CHILD).arg(side).arg(path).arg(count.to_string());
    peers::read(command, count)
}

/// The child: audits or scans, and prints what mint.mjs prints.
pub fn child(args: &[String]) -> ExitCode {
    let [side, path, count] = args else { return ExitCode::from(2) };
    let done = count.parse().map_err(Failure::from).and_then(|count: u64| match side.as_str() {
        "audit" => audit(Path::new(path), count),
        _ => scan(Path::new(path), count),
    });
    match done {
        Ok((events, seconds)) => peers::report(events, seconds),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn audit(path: &Path, count: u64) -> Result<(u64, f64), Failure> {
    let tenant = open(path)?;
    let start = Instant::now();
    let report = tenant.audit(())?.wait()?;
    if report.findings_total > 0 || report.redemptions != count || !report.chains_checked {
        return Err(format!("the audit is not clean: {report:?}").into());
    }
    Ok((report.events, start.elapsed().as_secs_f64()))
}

fn scan(path: &Path, count: u64) -> Result<(u64, f64), Failure> {
    let store = SqliteStore::open_read_only(path)?;
    let start = Instant::now();
    let mut writers = Vec::new();
    pages(&store, ScanOf::Writers, |record| {
        if let Record::Writer(writer) = record {
            writers.push(writer.bits);
        }
    })?;
    let mut events = 0;
    let others = [ScanOf::EveryCard, ScanOf::Redemptions, ScanOf::Refunds, ScanOf::Accounts, ScanOf::Stocks];
    for of in writers.into_iter().map(ScanOf::EventsOfWriter).chain(others) {
        pages(&store, of, |record| {
            events += u64::from(
                matches!(black_box(record), Record::Event(event) if event.event.kind == cardmint::card::EventKind::Redeemed),
            )
        })?;
    }
    if events != count {
        return Err(format!("{events} redemptions in the journal, not {count}").into());
    }
    Ok((events, start.elapsed().as_secs_f64()))
}

fn pages(store: &SqliteStore, of: ScanOf, mut each: impl FnMut(&Record)) -> Result<(), Failure> {
    let mut scan = Scan { tenant: TenantKey::new("default", World::Live), of, after: None, limit: 1_000 };
    loop {
        let page = store.scan(&scan)?;
        page.items.iter().for_each(|stored| each(&stored.record));
        match page.next {
            Some(next) => scan.after = Some(next),
            None => return Ok(()),
        }
    }
}
