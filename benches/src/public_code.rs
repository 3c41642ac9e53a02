//! A public code of 1,000 uses that everybody tries at once.
//!
//! Four processes on one file, 16 calls outstanding from each, 50,000 buyers in all. Exactly 1,000 get a card and use it in the same commit; all
//! others hear `sold_out`; anything else breaks the bench. A use of the word claims a card and redeems it, so it is to leave the rows of
//! a sealed card that was claimed and redeemed: counted afterwards in the file, table by table, beside a file in which that was done.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::process::ExitCode;

use cardmint::card::{RedeemFrom, TemplateDraft};
use cardmint::code::Normalisation;
use cardmint::subject::Subject;
use cardmint::{Claim, ClaimFrom, Meta, Redeem, SavePublicCode, Tenant};
use rusqlite::Connection;

use crate::figure::{Figure, Sense};
use crate::harness::{Bench, Context, Failure, to_f64};
use crate::shop::{self, Errand};
use crate::tills;

/// The hidden subcommand of a process that tries its share: `__public_code FOLDER NUMBER`.
pub const CHILD: &str = "__public_code";

const USES: u64 = 1_000;
const TRIES: u64 = 50_000;
const WINDOW: usize = 16;
const WORD: &str = "SUMMER20";
/// Rows of a redemption by word, at most so many times those of a sealed card's.
const BAR_ROWS: f64 = 1.0;

pub struct PublicCode;

impl Bench for PublicCode {
    fn id(&self) -> &'static str {
        "public-code"
    }

    fn compares(&self) -> &'static str {
        "1,000 uses of one public code, 50,000 tries from 4 processes: exactly 1,000, and their rows with those of sealed cards"
    }

    fn run(&self, context: &Context) -> Result<Vec<Figure>, Failure> {
        let (mut rates, mut by_word, mut sealed) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..context.rounds().min(5) {
            let (rate, rows) = word(&context.dir)?;
            rates.push(rate);
            let of_sealed = one_by_one(&context.dir)?;
            if rows != of_sealed {
                eprintln!("rows by word {rows:?}, of sealed cards {of_sealed:?}");
            }
            let each = |rows: &BTreeMap<&str, i64>| rows.values().sum::<i64>() as f64 / to_f64(USES);
            by_word.push(each(&rows));
            sealed.push(each(&of_sealed));
        }
        Ok(vec![
            Figure::shown("public-code/rows", "rows that a use of the word leaves", "", USES, by_word)
                .against("ours, a sealed card claimed and redeemed", sealed)
                .bar(Sense::Max, BAR_ROWS),
            Figure::shown("public-code/tries", "tries per second from 4 processes", "/s", TRIES, rates),
        ])
    }
}

/// A batch of a thousand cards that are claimed first.
fn furnish(tenant: &Tenant) -> Result<(), Failure> {
    let template = TemplateDraft { redeem_from: RedeemFrom::Claimed, ..shop::template() };
    shop::furnish_with(tenant, USES, template, None)
}

fn buyer(number: u64) -> Subject {
    Subject::customer(format!("{number:05}"))
}

/// Every try has a buyer of its own.
fn request(number: u64, code: String) -> Result<Redeem, Failure> {
    Ok(Redeem { holder: Some(buyer(number)), ..Errand::nth(number, code).request()? })
}

/// Tries per second, and the rows that all of them left.
fn word(dir: &Path) -> Result<(f64, BTreeMap<&'static str, i64>), Failure> {
    let folder = tempfile::tempdir_in(dir)?;
    let path = folder.path().join(tills::FILE);
    let tenant = tills::open(&path)?;
    furnish(&tenant)?;
    let word = SavePublicCode::new(Meta::key("w"), shop::BATCH, WORD, Normalisation::Word);
    tenant.save_public_code(word).wait()?;
    drop(tenant);
    let before = rows(&path)?;
    let (seconds, said) = tills::race(CHILD, folder.path())?;
    let used = said.iter().map(|said| said.parse::<u64>()).sum::<Result<u64, _>>()?;
    let left = since(&before, rows(&path)?);
    if used != USES || left.get("redemption") != Some(&i64::try_from(USES)?) {
        return Err(format!("{used} uses of a word of {USES}: {left:?}").into());
    }
    Ok((to_f64(TRIES) / seconds, left))
}

/// The rows that as many sealed cards left, each claimed and redeemed.
fn one_by_one(dir: &Path) -> Result<BTreeMap<&'static str, i64>, Failure> {
    let folder = tempfile::tempdir_in(dir)?;
    let path = folder.path().join(tills::FILE);
    let tenant = tills::open(&path)?;
    furnish(&tenant)?;
    let before = rows(&path)?;
    for number in 0..USES {
        let take = ClaimFrom::Batch(shop::BATCH.to_owned());
        let claim = Claim { meta: Meta::key(format!("c{number}")), take, holder: buyer(number), channel: None };
        let code = tenant.claim(claim).wait()?.code.ok_or("a fresh card has a code")?;
        tenant.redeem(request(number, code)?).wait()?;
    }
    drop(tenant);
    Ok(since(&before, rows(&path)?))
}

/// Rows of every table in which a use may leave one.
fn rows(path: &Path) -> Result<BTreeMap<&'static str, i64>, Failure> {
    let db = Connection::open(path)?;
    let tables = ["account", "account_held", "card", "event", "hold", "redemption", "refund", "stock"];
    let count = |table: &'static str| -> Result<(&'static str, i64), Failure> {
        // Books are rollups: one for each day and engine.
        let but = if table == "account" { "WHERE owner NOT GLOB 'book:*'" } else { "" };
        Ok((table, db.query_row(&format!("SELECT count(*) FROM {table} {but}"), [], |row| row.get(0))?))
    };
    tables.into_iter().map(count).collect()
}

fn since(before: &BTreeMap<&'static str, i64>, after: BTreeMap<&'static str, i64>) -> BTreeMap<&'static str, i64> {
    after.into_iter().map(|(table, rows)| (table, rows - before.get(table).copied().unwrap_or(0))).collect()
}

/// The child: tries its share, and prints how many uses it had.
pub fn child(args: &[String]) -> ExitCode {
    let ready = |folder: &Path, number: usize| Ok((tills::open(&folder.join(tills::FILE))?, number as u64));
    tills::child(args, ready, |(tenant, number)| Ok(tries(&tenant, number)?.to_string()))
}

fn tries(tenant: &Tenant, number: u64) -> Result<u64, Failure> {
    let mut numbers = (number..TRIES).step_by(tills::PROCESSES);
    let mut calls = VecDeque::with_capacity(WINDOW);
    let mut used = 0;
    loop {
        while calls.len() < WINDOW
            && let Some(number) = numbers.next()
        {
            calls.push_back(tenant.redeem(request(number, WORD.to_owned())?));
        }
        match calls.pop_front().map(cardmint::Call::wait) {
            Some(Ok(_)) => used += 1,
            Some(Err(cardmint::Error::Denied(cardmint::Denial::SoldOut { .. }))) => {}
            Some(Err(error)) => return Err(error.into()),
            None => return Ok(used),
        }
    }
}
