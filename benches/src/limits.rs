//! What limits cost a durable redemption on SQLite with `synchronous=FULL`, 64 calls outstanding.
//!
//! Ours, whole: bearer cards with a ceiling per holder and a limit per holder and month, from sealed code to receipt, with journal,
//! chains and idempotency. Reference: the same rows by hand (see `limits_reference`), in transactions of the size that the engine's
//! groups had on average in the round before. It decides nothing, opens no code, computes no chain and recognises no retry.
//!
//! A hot ceiling: the same with a limit of the campaign on top, one account that every redemption counts on, beside ours without it.
//! Once in one process, 64 calls from 4 threads; once in four processes on one file, 16 calls each.
//!
//! Holds: every order holds its card and captures it when it is held, beside redeeming at once; as times. `limits/hold-bare` is the
//! same with cards without any ceiling, whose holds still count as open ones of their holder.

use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use cardmint::card::{Audience, Life, Limits as Ceilings, TemplateDraft};
use cardmint::limit::{Limit, LimitWindow, Measure, Period, Scope, UsageUnit};
use cardmint::{Meta, Redeem, SaveCampaign, Tenant};

use crate::figure::{Figure, Sense};
use crate::harness::{Bench, Context, Failure, Side, rounds, to_f64};
use crate::redeem::{OUTSTANDING, Round, open_with, requests, round};
use crate::shop::{self, Errand};
use crate::{limits_reference, manner, tills};

/// The hidden subcommand of a process that redeems its share: `__limits FOLDER NUMBER`.
pub const CHILD: &str = "__limits";

/// Redemptions per second, at least this share of the hand-written ones.
const BAR_FULL: f64 = 0.5;
/// And with a hot ceiling, at least this share of those without.
const BAR_CEILING: f64 = 0.8;
/// Time of a hold and its capture, at most so many times that of a redemption.
const BAR_HOLD: f64 = 2.2;
const THREADS: u64 = 4;

pub struct Limits;

impl Bench for Limits {
    fn id(&self) -> &'static str {
        "limits"
    }

    fn compares(&self) -> &'static str {
        "redemptions under limits with their rows by hand; with a hot ceiling, and held first, with those without"
    }

    fn run(&self, context: &Context) -> Result<Vec<Figure>, Failure> {
        let many = context.size(12_000, 64_000);
        let shared = context.size(6_000, 32_000);
        let dir = context.dir.as_path();
        // The mean group of the engine's last round, in thousandths: what the hand-written side of the next round uses.
        let group = AtomicU64::new(32_000);
        let (bytes_ours, bytes_hand) = (AtomicU64::new(0), AtomicU64::new(0));
        let mut sides: Vec<Side<'_>> = vec![
            Box::new(|| {
                let round = redeem(dir, many, limited(), None)?;
                group.store((round.group_mean * 1_000.0) as u64, Ordering::Relaxed);
                bytes_ours.store(round.bytes_each as u64, Ordering::Relaxed);
                Ok(round.rate)
            }),
            Box::new(|| {
                let same = (group.load(Ordering::Relaxed) + 500) / 1_000;
                let round = limits_reference::run(dir, many, same)?;
                bytes_hand.store(round.bytes_each as u64, Ordering::Relaxed);
                Ok(round.rate)
            }),
            Box::new(|| Ok(redeem(dir, many, limited(), Some(hot()))?.rate)),
            Box::new(|| hold(dir, many / 2, limited(), None)),
            Box::new(|| hold(dir, many / 2, limited(), Some(hot()))),
            Box::new(|| Ok(redeem(dir, many, bare(), None)?.rate)),
            Box::new(|| hold(dir, many / 2, bare(), None)),
            Box::new(|| processes(dir, shared, None)),
            Box::new(|| processes(dir, shared, Some(hot()))),
        ];
        let values = rounds(context.rounds(), &mut sides)?;
        drop(sides);
        let [full, hand, hot, held, held_hot, bare, held_bare, shared_full, shared_hot] = values.as_slice() else {
            return Err("a side is missing".into());
        };
        let rate = |id: &str, metric, values: &[f64], n| Figure::shown(id, metric, "/s", n, values.to_vec());
        let time = |id: &str, metric, values: &[f64]| Figure::shown(id, metric, "µs", many / 2, micros(values));
        let bytes = |count: &AtomicU64| vec![to_f64(count.load(Ordering::Relaxed))];
        Ok(vec![
            rate("limits/full", "durable redemptions per second under limits, 64 outstanding", full, many)
                .against("by hand, transactions of the same size", hand.clone())
                .bar(Sense::Min, BAR_FULL),
            Figure::shown("limits/bytes", "bytes on disk per redemption", "B", many, bytes(&bytes_ours))
                .against("by hand", bytes(&bytes_hand)),
            rate("limits/ceiling", "the same with a hot ceiling of the campaign", hot, many)
                .against("ours without it", full.clone())
                .bar(Sense::Min, BAR_CEILING),
            rate("limits/ceiling/4-processes", "the same from 4 processes", shared_hot, shared)
                .against("ours without it, from 4 processes", shared_full.clone())
                .bar(Sense::Min, BAR_CEILING),
            time("limits/hold", "time of a hold and its capture, 64 outstanding", held)
                .against("ours, redeemed at once", micros(full))
                .bar(Sense::Max, BAR_HOLD),
            time("limits/hold-bare", "the same without ceilings", held_bare)
                .against("ours, redeemed at once", micros(bare))
                .bar(Sense::Max, BAR_HOLD),
            time("limits/hold-ceiling", "time of a hold and its capture with a hot ceiling", held_hot)
                .against("ours, redeemed at once", micros(hot)),
        ])
    }
}

fn micros(rates: &[f64]) -> Vec<f64> {
    rates.iter().map(|rate| 1e6 / rate).collect()
}

/// Cards with a ceiling per holder, and a limit per holder and month.
fn limited() -> TemplateDraft {
    let month = Limit {
        scope: vec![Scope::Holder],
        window: LimitWindow::Calendar(Period::Month),
        ..uses("monthly", 1_000_000)
    };
    let template = shop::template();
    TemplateDraft { limits: Ceilings { list: vec![month], ..template.limits.clone() }, ..template }
}

/// Cards without any ceiling.
fn bare() -> TemplateDraft {
    TemplateDraft { limits: Ceilings::default(), ..shop::template() }
}

fn uses(name: &str, most: i64) -> Limit {
    Limit::new(name, Measure::Uses { usage_unit: UsageUnit::Order }, most)
}

/// A campaign whose ceiling every redemption counts on.
fn hot() -> SaveCampaign {
    SaveCampaign {
        meta: Meta::key("c"),
        id: "c".to_owned(),
        title: "c".to_owned(),
        life: Life::Running,
        start: None,
        end: None,
        goal: None,
        audience: Audience::Open,
        limits: vec![uses("all", 1_000_000_000)],
    }
}

fn redeem(dir: &Path, count: u64, template: TemplateDraft, campaign: Option<SaveCampaign>) -> Result<Round, Failure> {
    let furnish = |tenant: &Tenant| shop::furnish_with(tenant, count, template.clone(), campaign.clone());
    let shop = open_with(dir, furnish)?;
    let work = requests(&shop.tenant)?;
    round(shop, work, THREADS, |tenant, hand, window| manner::window(tenant, hand.into_iter().map(Ok), window))
}

/// Orders per second, each held and captured.
fn hold(dir: &Path, count: u64, template: TemplateDraft, campaign: Option<SaveCampaign>) -> Result<f64, Failure> {
    let furnish = |tenant: &Tenant| shop::furnish_with(tenant, count, template.clone(), campaign.clone());
    let shop = open_with(dir, furnish)?;
    let work = shop::errands(&shop.tenant)?.into_iter().map(Errand::hold).collect::<Result<Vec<_>, _>>()?;
    Ok(round(shop, work, THREADS, manner::holds)?.rate)
}

/// Redemptions per second of four processes on one file.
fn processes(dir: &Path, count: u64, campaign: Option<SaveCampaign>) -> Result<f64, Failure> {
    let folder = tempfile::tempdir_in(dir)?;
    let tenant = tills::open(&folder.path().join(tills::FILE))?;
    shop::furnish_with(&tenant, count, limited(), campaign)?;
    shop::write(&folder.path().join("errands"), &shop::errands(&tenant)?)?;
    drop(tenant);
    let (seconds, said) = tills::race(CHILD, folder.path())?;
    let done = said.iter().map(|said| said.parse::<u64>()).sum::<Result<u64, _>>()?;
    if done != count {
        return Err(format!("{done} redeemed of {count}").into());
    }
    Ok(to_f64(count) / seconds)
}

/// The child: redeems every fourth errand, and prints how many.
pub fn child(args: &[String]) -> ExitCode {
    let ready = |folder: &Path, number: usize| -> Result<(Tenant, Vec<Redeem>), Failure> {
        let errands = shop::read(&folder.join("errands"))?.into_iter().skip(number).step_by(tills::PROCESSES);
        Ok((tills::open(&folder.join(tills::FILE))?, errands.map(Errand::request).collect::<Result<_, _>>()?))
    };
    let window = usize::try_from(OUTSTANDING).unwrap_or(0) / tills::PROCESSES;
    tills::child(args, ready, |(tenant, hand)| {
        Ok(manner::window(&tenant, hand.into_iter().map(Ok), window)?.to_string())
    })
}
