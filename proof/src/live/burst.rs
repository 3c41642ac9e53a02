//! A burst: generated orders against a template, on a host's settings and database, with counts and latencies.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use cardmint::card::{RedeemFrom, TemplateDraft};
use cardmint::code::{CardRef, CodeFormat};
use cardmint::{CodeText, Entropy, IssueBatch, Meta, Redeem, SaveTemplate};
use serde::Serialize;

use super::{Failure, Live, Setup};
use crate::dice::Dice;
use crate::terms::{Basket, Terms};

/// What to send.
#[derive(Debug, Clone)]
pub struct Burst {
    /// The template; one of bearer cards with a fifth off where there is none.
    pub template: Option<TemplateDraft>,
    /// How many orders.
    pub orders: u64,
    /// From how many threads.
    pub threads: u64,
    /// What the orders come from.
    pub seed: u64,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Orders that were sent.
    pub orders: u64,
    /// Answers by status: `ok`, denials, faults.
    pub answers: BTreeMap<&'static str, u64>,
    /// From the first to the last, in milliseconds.
    pub took_ms: u64,
    /// Answers in a second.
    pub per_second: u64,
    /// Half of the answers came within so many microseconds.
    pub p50_us: u64,
    /// 95 in a hundred.
    pub p95_us: u64,
    /// 99 in a hundred.
    pub p99_us: u64,
    /// The slowest.
    pub max_us: u64,
    /// Discounts of the receipts, in minor units.
    pub discount_minor: i64,
}

/// Status, wait in microseconds, discount.
type Answer = (&'static str, u64, i64);

/// Sends it.
///
/// # Errors
/// What kept it from being sent.
pub fn run(setup: &Setup, burst: &Burst) -> Result<Report, Failure> {
    let live = setup.open()?;
    let (run, codes) = prepare(&live, burst)?;
    let (next, began) = (AtomicU64::new(0), Instant::now());
    let parts = std::thread::scope(|scope| {
        let running: Vec<_> =
            (0..burst.threads.max(1)).map(|_| scope.spawn(|| send(&live, burst, &run, &codes, &next))).collect();
        running.into_iter().map(|thread| thread.join()).collect::<Vec<_>>()
    });
    let took = began.elapsed();
    let mut answers: Vec<Answer> = Vec::new();
    for part in parts {
        answers.extend(part.map_err(|_| "a thread of the burst panicked")?);
    }
    Ok(summed(answers, u64::try_from(took.as_micros()).unwrap_or(u64::MAX)))
}

fn summed(answers: Vec<Answer>, took_us: u64) -> Report {
    let mut waits: Vec<u64> = answers.iter().map(|(_, wait, _)| *wait).collect();
    waits.sort_unstable();
    let at = |percent: usize| waits.get((waits.len().saturating_sub(1)) * percent / 100).copied().unwrap_or(0);
    let mut by_status: BTreeMap<&'static str, u64> = BTreeMap::new();
    answers.iter().for_each(|(status, _, _)| *by_status.entry(status).or_default() += 1);
    let orders = answers.len() as u64;
    Report {
        orders,
        answers: by_status,
        took_ms: took_us / 1_000,
        per_second: orders.saturating_mul(1_000_000) / took_us.max(1),
        p50_us: at(50),
        p95_us: at(95),
        p99_us: at(99),
        max_us: at(100),
        discount_minor: answers.iter().map(|(_, _, off)| off).sum(),
    }
}

/// A batch with a card for every order; personal cards are claimed first.
fn prepare(live: &Live, burst: &Burst) -> Result<(String, Vec<CodeText>), Failure> {
    let bearer = Terms { redeem_from: RedeemFrom::Issued, ..Terms::plain("burst") };
    let template = burst.template.clone().unwrap_or_else(|| bearer.draft());
    // A database may see many bursts: each has its own names.
    let run = format!("burst-{:016x}", cardmint_system::system_entropy()?.next_u64());
    let template = TemplateDraft { id: run.clone(), ..template };
    let personal = template.redeem_from == RedeemFrom::Claimed;
    let size = u32::try_from(burst.orders.max(1))?;
    let meta = |what: &str| Meta::key(format!("{run}-{what}"));
    live.tenant.save_template(SaveTemplate { meta: meta("template"), template }).wait()?;
    let batch = IssueBatch::new(meta("batch"), run.as_str(), run.as_str(), size, CodeFormat::S16);
    let batch = live.tenant.issue_batch(batch).wait()?;
    let cards = (0..size).map(|serial| CardRef { batch_no: batch.no.number, serial, issue_no: 0 });
    let codes: Result<Vec<_>, _> = live.book.seal_all(&batch.format, batch.slot, cards)?.collect();
    if personal {
        let claims: Vec<_> = (0..size)
            .map(|place| {
                let take = cardmint::ClaimFrom::Batch(run.clone());
                let holder = customer(u64::from(place));
                live.tenant.claim(cardmint::Claim {
                    meta: meta(&format!("claim-{place}")),
                    take,
                    holder,
                    channel: None,
                })
            })
            .collect();
        for claim in claims {
            claim.wait()?;
        }
    }
    Ok((run, codes?.into_iter().map(CodeText).collect()))
}

fn customer(place: u64) -> cardmint::subject::Subject {
    cardmint::subject::Subject::customer(format!("c{place}"))
}

fn send(live: &Live, burst: &Burst, run: &str, codes: &[CodeText], next: &AtomicU64) -> Vec<Answer> {
    let mut answers = Vec::new();
    loop {
        let place = next.fetch_add(1, Ordering::Relaxed);
        let Some(code) = usize::try_from(place).ok().and_then(|place| codes.get(place)) else { return answers };
        let mut dice = Dice::new(burst.seed.wrapping_add(place), 11);
        let lines = (0..=dice.below(5)).map(|_| i64::try_from(dice.below(50_000)).unwrap_or(0) + 1).collect();
        let order = Basket::new(format!("o{place}"), lines).order();
        let meta = Meta::key(format!("{run}-order-{place}"));
        let redeem = Redeem::new(meta, code.clone(), order).by(customer(place));
        let began = Instant::now();
        let answer = live.tenant.redeem(redeem).wait();
        let wait = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        answers.push(match answer {
            Ok(receipt) => ("ok", wait, receipt.pricing.discount_minor),
            Err(error) => (error.status().code(), wait, 0),
        });
    }
}
