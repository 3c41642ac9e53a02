//! Durable redemptions.
//!
//! Ours: bearer cards of one batch with a ceiling per holder, on SQLite with `synchronous=FULL`, from sealed code to receipt;
//! every order has two lines, every request its own key. 64 calls are outstanding, from 4 threads with 16 each (the figure
//! with the bars) or from 64 threads with one each (shown); `alone` is one caller with one call. While the log of a new file
//! grows to its full length a sync costs the file system two writes instead of one: with one redemption in each transaction
//! both sides therefore first let so many go ahead untimed that the log begins anew, one for each holder: as the reference's
//! counters are there before the clock starts, so are ours.
//!
//! Reference: the same rows by hand (see `redeem_reference`), in transactions of the size that the engine's groups had on
//! average in the round before, and in transactions of one. It decides nothing, opens no code, computes no chain and
//! recognises no retry.
//!
//! `redeem/bytes` compares what both leave on the disk, so that neither side wins by writing less.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use cardmint::code::{Keyring, World};
use cardmint::{ChaChaEntropy, Engine, Redeem as Request, Tenant};
use cardmint_sqlite::{Options, SqliteStore};
use cardmint_system::{SystemClock, system_entropy};

use crate::figure::{Figure, Sense};
use crate::harness::{Bench, Context, Failure, Side, rounds, to_f64};
use crate::redeem_reference::{HOLDERS, run as by_hand, used_bytes};
use crate::shop::{self, Errand};
use crate::{machine, manner};

/// Redemptions per second, at least this share of the hand-written ones in transactions of the same size.
const BAR_SAME_SIZE: f64 = 0.6;
/// And so many times those in transactions of one.
const BAR_ONE_EACH: f64 = 5.0;
/// Bytes per redemption, at most so many times the hand-written ones.
const BAR_BYTES: f64 = 1.2;
/// A lone caller's time, at most 1.3 times that of one hand-written transaction.
const BAR_ALONE: f64 = 0.77;
pub const OUTSTANDING: u64 = 64;
/// Redemptions, one in each transaction, after which the log has been filled once (`checkpoint_pages` by about 10 pages each), and
/// each holder has redeemed once: the reference finds all its counters there, too.
const LOG_FILLED: u64 = HOLDERS;
const SYNCS: usize = 64;

pub struct Redeem;

impl Bench for Redeem {
    fn id(&self) -> &'static str {
        "redeem"
    }

    fn compares(&self) -> &'static str {
        "durable redemptions on SQLite with the same rows written by hand, in transactions of the same size and of one"
    }

    fn run(&self, context: &Context) -> Result<Vec<Figure>, Failure> {
        let many = context.size(16_000, 64_000);
        let few = context.size(500, 2_000);
        let dir = context.dir.as_path();
        // The mean group of the engine's last round, in thousandths: what the hand-written side of the next round uses.
        let group = AtomicU64::new(32_000);
        let (bytes_ours, bytes_hand) = (AtomicU64::new(0), AtomicU64::new(0));
        let mut groups = Vec::new();
        let mut sides: Vec<Side<'_>> = vec![
            Box::new(|| {
                let round = ours(dir, many, 4)?;
                group.store((round.group_mean * 1_000.0) as u64, Ordering::Relaxed);
                bytes_ours.store(round.bytes_each as u64, Ordering::Relaxed);
                groups.push(round.group_mean);
                Ok(round.rate)
            }),
            Box::new(|| {
                let same = (group.load(Ordering::Relaxed) + 500) / 1_000;
                let round = by_hand(dir, 0, many, same)?;
                bytes_hand.store(round.bytes_each as u64, Ordering::Relaxed);
                Ok(round.rate)
            }),
            Box::new(|| Ok(by_hand(dir, LOG_FILLED, few, 1)?.rate)),
            Box::new(|| Ok(ours(dir, many, OUTSTANDING)?.rate)),
            Box::new(|| alone(dir, few)),
        ];
        let values = rounds(context.rounds(), &mut sides)?;
        drop(sides);
        let [from_4, same_size, one_each, from_64, alone] = values.as_slice() else {
            return Err("a side is missing".into());
        };
        let figure = |id: &str, metric, values: &[f64]| Figure::shown(id, metric, "/s", many, values.to_vec());
        let bytes = |count: &AtomicU64| vec![to_f64(count.load(Ordering::Relaxed))];
        let syncs = machine::sync_micros(dir, SYNCS)?;
        Ok(vec![
            figure("redeem/64-from-4", "durable redemptions per second, 64 outstanding from 4 threads", from_4)
                .against("by hand, transactions of the same size", same_size.clone())
                .bar(Sense::Min, BAR_SAME_SIZE),
            figure(
                "redeem/64-from-4/one-each",
                "durable redemptions per second, 64 outstanding from 4 threads",
                from_4,
            )
            .against("by hand, one transaction each", one_each.clone())
            .bar(Sense::Min, BAR_ONE_EACH),
            figure("redeem/64-from-64", "durable redemptions per second, 64 threads", from_64)
                .against("by hand, transactions of the same size", same_size.clone()),
            figure("redeem/alone", "durable redemptions per second, one caller", alone)
                .against("by hand, one transaction each", one_each.clone())
                .bar(Sense::Min, BAR_ALONE),
            Figure::shown("redeem/bytes", "bytes on disk per redemption", "B", many, bytes(&bytes_ours))
                .against("by hand", bytes(&bytes_hand))
                .bar(Sense::Max, BAR_BYTES),
            Figure::shown("redeem/group", "mean size of the engine's groups", "", many, groups),
            Figure::shown("redeem/fdatasync", "time of one sync", "µs", 1, syncs),
        ])
    }
}

/// A shop on a store of its own.
pub struct Open {
    pub tenant: Tenant,
    folder: tempfile::TempDir,
}

/// Opens a shop with a batch of so many cards.
pub fn open(dir: &Path, count: u64) -> Result<Open, Failure> {
    open_with(dir, |tenant| shop::furnish(tenant, count))
}

/// Opens a shop that is furnished like this.
pub fn open_with(dir: &Path, furnish: impl Fn(&Tenant) -> Result<(), Failure>) -> Result<Open, Failure> {
    let folder = tempfile::tempdir_in(dir)?;
    let store = SqliteStore::open(folder.path().join("ours.db"), Options::default())?;
    let keyring = Keyring::generate(&ChaChaEntropy::from_seed([42; 32]));
    let tenant = Engine::new(store, keyring, SystemClock, system_entropy()?).tenant("default", World::Live)?;
    furnish(&tenant)?;
    Ok(Open { tenant, folder })
}

/// A request for each card of the batch.
pub fn requests(tenant: &Tenant) -> Result<Vec<Request>, Failure> {
    shop::errands(tenant)?.into_iter().map(Errand::request).collect()
}

pub struct Round {
    /// Pieces of work per second.
    pub rate: f64,
    pub group_mean: f64,
    pub bytes_each: f64,
}

/// One round of the engine: 64 calls outstanding, spread over so many threads.
fn ours(dir: &Path, count: u64, threads: u64) -> Result<Round, Failure> {
    let shop = open(dir, count)?;
    let requests = requests(&shop.tenant)?;
    round(shop, requests, threads, |tenant, hand, window| manner::window(tenant, hand.into_iter().map(Ok), window))
}

/// Does all of this work in a shop, and looks at what it left.
pub fn round<T: Send>(
    shop: Open,
    work: Vec<T>,
    threads: u64,
    manner: impl Fn(&Tenant, Vec<T>, usize) -> Result<usize, String> + Sync,
) -> Result<Round, Failure> {
    let Open { tenant, folder } = shop;
    let path = folder.path().join("ours.db");
    let empty = bytes(&path)?;
    let count = work.len() as u64;
    let before = groups(&tenant)?;
    let seconds = seconds(&tenant, work, threads, manner)?;
    let groups = groups(&tenant)? - before;
    drop(tenant);
    let bytes_each = to_f64(bytes(&path)?.saturating_sub(empty)) / to_f64(count);
    Ok(Round { rate: to_f64(count) / seconds, group_mean: to_f64(count) / to_f64(groups), bytes_each })
}

/// How long all of this work takes, 64 pieces at a time spread over so many threads, each in this manner.
pub fn seconds<T: Send>(
    tenant: &Tenant,
    work: Vec<T>,
    threads: u64,
    manner: impl Fn(&Tenant, Vec<T>, usize) -> Result<usize, String> + Sync,
) -> Result<f64, Failure> {
    let count = work.len();
    let window = usize::try_from(OUTSTANDING / threads)?;
    let threads = usize::try_from(threads)?;
    // Dealt out in turn, so that cards and orders come about as they were issued: as the hand-written side has them.
    let mut hands: Vec<Vec<T>> = (0..threads).map(|_| Vec::new()).collect();
    for (piece, seat) in work.into_iter().zip((0..threads).cycle()) {
        hands.get_mut(seat).ok_or("there are no threads")?.push(piece);
    }
    let start = Instant::now();
    let done = thread::scope(|scope| -> Result<usize, String> {
        let manner = &manner;
        let spawn = |hand: Vec<T>| scope.spawn(move || manner(tenant, hand, window));
        let workers: Vec<_> = hands.into_iter().map(spawn).collect();
        let done = workers.into_iter().map(|worker| worker.join().map_err(|_| "a thread panicked".to_owned())?);
        done.sum()
    })?;
    let seconds = start.elapsed().as_secs_f64();
    if done == count { Ok(seconds) } else { Err(format!("{done} done of {count}").into()) }
}

/// How many groups were committed so far.
fn groups(tenant: &Tenant) -> Result<u64, Failure> {
    Ok(tenant.engine_figures(())?.group_size.count)
}

/// One caller, one call at a time.
fn alone(dir: &Path, count: u64) -> Result<f64, Failure> {
    let shop = open(dir, LOG_FILLED + count)?;
    let mut requests = requests(&shop.tenant)?.into_iter().map(Ok);
    let before = requests.by_ref().take(usize::try_from(LOG_FILLED)?);
    manner::window(&shop.tenant, before, 1)?;
    let start = Instant::now();
    manner::window(&shop.tenant, requests, 1)?;
    Ok(to_f64(count) / start.elapsed().as_secs_f64())
}

fn bytes(path: &Path) -> Result<u64, Failure> {
    used_bytes(&rusqlite::Connection::open(path)?)
}
