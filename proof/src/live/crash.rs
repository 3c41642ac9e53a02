//! Real crashes: a process is killed at a random moment while it redeems, and the database is asked what became of it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use cardmint::CardPick;
use cardmint::id::CardId;
use cardmint::store::{Key, Record, ScanOf};
use serde::Serialize;

pub use super::killed::Work;
use super::killed::{self, BATCH, CALLERS, asked, customer, words};
use super::{Failure, Live, Setup, counted};
use crate::dice::Dice;
use crate::request::Reply;

/// The shop is audited after each of so many kills, and after every fiftieth: an audit reads all that ever happened.
const AUDITED: u64 = 50;

/// What a run of kills came to.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Processes that were killed.
    pub kills: u64,
    /// Of them before their first answer.
    pub kills_before_any_answer: u64,
    /// What was found after them.
    #[serde(flatten)]
    pub found: Found,
    /// What may not be.
    pub violations: Vec<String>,
}

/// What was found of what processes asked before they ended.
#[derive(Debug, Default, Serialize)]
pub struct Found {
    /// Answers that were told before the end, and found again.
    pub acknowledged: u64,
    /// Requests that were on their way: found done.
    pub found_done: u64,
    /// Requests that were on their way: not done, and done when they were asked again.
    pub found_undone: u64,
}

/// Kills so many processes on one database, one after another. `program` is this program.
///
/// # Errors
/// What kept it from being run.
pub fn run(program: &Path, setup: &Setup, kills: u64, seed: u64, tell: impl Fn(&Report)) -> Result<Report, Failure> {
    let mut report = Report::default();
    let mut dice = Dice::new(seed, 9);
    killed::prepare(&setup.open()?)?;
    for run in 0..kills {
        let told = kill_one(program, setup, run, &mut dice)?;
        report.kills += 1;
        report.kills_before_any_answer += u64::from(told.is_empty());
        let live = setup.open()?;
        if run < AUDITED || run % 50 == 49 || run + 1 == kills {
            report.violations.extend(counted::audited(&live)?);
        }
        for caller in 0..CALLERS {
            let wrong = look_at(&live, run, caller, &told, &mut report.found)?;
            report.violations.extend(wrong);
        }
        if run % 50 == 49 || run + 1 == kills {
            report.violations.extend(everything(&live, 17)?);
            tell(&report);
        }
        if !report.violations.is_empty() {
            break;
        }
    }
    Ok(report)
}

/// What the process does that is killed.
///
/// # Errors
/// What kept it from working.
pub fn killed_main(setup: &Setup, work: Work) -> Result<(), Failure> {
    killed::main(setup, work)
}

/// What a process told before it ended: caller, step and answer.
pub(super) type Told = Vec<(u64, u64, String)>;

fn kill_one(program: &Path, setup: &Setup, run: u64, dice: &mut Dice) -> Result<Told, Failure> {
    let mut child = Command::new(program)
        .arg("killed")
        .args(setup.args())
        .arg(format!("--run={run}"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().ok_or("no output of a process")?;
    let reader = std::thread::spawn(move || BufReader::new(stdout).lines().map_while(Result::ok).collect::<Vec<_>>());
    // Any moment will do; that it is a different one each time is the point.
    std::thread::sleep(Duration::from_micros(dice.below(60_000)));
    child.kill()?;
    child.wait()?;
    let lines = reader.join().map_err(|_| "the reader of a process panicked")?;
    // A line that was cut off by the kill was told to nobody.
    Ok(lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

/// One caller's steps, one after another: what was told is there and stays the same, what was on its way is done wholly or not at all,
/// and nothing beyond it is.
pub(super) fn look_at(
    live: &Live,
    run: u64,
    caller: u64,
    told: &Told,
    found: &mut Found,
) -> Result<Option<String>, Failure> {
    let of_caller: Vec<_> = told.iter().filter(|(whose, _, _)| *whose == caller).collect();
    let last = of_caller.last().map(|(_, step, _)| *step);
    let mut card: Option<CardId> = None;
    let (mut step, mut done) = (0, Vec::new());
    loop {
        let Some(asked) = asked(run, caller, step, card) else {
            step += 1;
            continue;
        };
        let was_done = counted::row(&*live.store, killed::key_of(&asked))?.is_some();
        let was_told = of_caller.iter().find(|(_, at, _)| *at == step).map(|(_, _, words)| words);
        if was_told.is_some() && !was_done {
            return Ok(Some(format!("{asked:?} was acknowledged and is gone")));
        }
        let reply = live.ask(&asked)?;
        if let Some(told) = was_told
            && *told != words(&reply)
        {
            return Ok(Some(format!("{asked:?} was told as {told}, and is {} now", words(&reply))));
        }
        if let Reply::Card(reply) = &reply {
            card = Some(reply.card.id);
        }
        if was_told.is_some() {
            found.acknowledged += 1;
        } else {
            let counter = if was_done { &mut found.found_done } else { &mut found.found_undone };
            *counter += 1;
        }
        done.push(asked);
        if was_told.is_none() {
            break;
        }
        step += 1;
    }
    if last.is_some_and(|last| last > step) {
        return Ok(Some(format!("caller {caller} of run {run} was told of step {last:?}, and step {step} never was")));
    }
    if let Some(wrong) = count_of(live, run, caller)? {
        return Ok(Some(wrong));
    }
    let (holds, must) = (gift_of(live, run, caller)?, killed::gift_minor(done.iter()));
    if holds != must {
        return Ok(Some(format!("the gift card of caller {caller} holds {holds:?}, its requests say {must}")));
    }
    // The same keys once more change nothing.
    let before = count_words(live, run, caller)?;
    card = None;
    for again in 0..=step {
        let Some(asked) = asked(run, caller, again, card) else { continue };
        if let Reply::Card(reply) = live.ask(&asked)? {
            card = Some(reply.card.id);
        }
    }
    let after = count_words(live, run, caller)?;
    Ok((before != after).then(|| format!("the same keys again changed {before} to {after}")))
}

/// Uses of a caller that stand, by its redemptions, against its account.
fn count_of(live: &Live, run: u64, caller: u64) -> Result<Option<String>, Failure> {
    let whose = customer(run, caller);
    let (standing, account, _) = counts(live, &whose)?;
    if standing == account {
        return Ok(None);
    }
    Ok(Some(format!("{whose} stands at {account} uses, the redemptions say {standing}")))
}

fn count_words(live: &Live, run: u64, caller: u64) -> Result<String, Failure> {
    Ok(format!("{:?} {}", counts(live, &customer(run, caller))?, gift_of(live, run, caller)?))
}

/// What a caller's gift card holds.
fn gift_of(live: &Live, run: u64, caller: u64) -> Result<i64, Failure> {
    let row = counted::row(&*live.store, Key::Card(killed::gift(run, caller)))?;
    Ok(match row {
        Some(Record::Card(card)) => card.balance_minor,
        // One that nobody touched has no row.
        _ => killed::gift_minor(std::iter::empty()),
    })
}

/// Of a customer: uses that stand, the account, and every card with its events.
fn counts(live: &Live, whose: &str) -> Result<(i64, i64, String), Failure> {
    let holder = cardmint::subject::SubjectKey::from_stored(format!("customer:{whose}"));
    let mut standing = 0;
    let mut cards = String::new();
    for record in counted::all(&*live.store, &ScanOf::CardsOfHolder(holder))? {
        let Record::Card(card) = record else { continue };
        let mut used = 0;
        for redemption in counted::all(&*live.store, &ScanOf::RedemptionsOfCard(card.id))? {
            let Record::Redemption(redemption) = redemption else { continue };
            used += i64::from(counted::row(&*live.store, Key::Refund(redemption.key, 0))?.is_none());
        }
        if used + i64::from(card.uses_left) != 2 {
            return Err(format!("{} was used {used} times and has {} left of 2", card.id, card.uses_left).into());
        }
        standing += used;
        cards.push_str(&format!("{} {} {}; ", card.id, card.uses_left, card.events));
    }
    Ok((standing, counted::account(&*live.store, whose, &format!("uses:{BATCH}"))?, cards))
}

/// What only a look at all of it tells: chains hold (of every so-manieth card), and no serial before the cursor is without its card.
pub(super) fn everything(live: &Live, every: usize) -> Result<Option<String>, Failure> {
    let batch = live.tenant.batch(BATCH)?.ok_or("the batch is gone")?;
    let next = match counted::row(&*live.store, Key::Stock(batch.no))? {
        Some(Record::Stock(stock)) => stock.next,
        _ => 0,
    };
    let of = ScanOf::Cards { batch: batch.no, state: None, channel: None, below: batch.size };
    let cards = counted::all(&*live.store, &of)?;
    if cards.len() as u64 != u64::from(next) {
        return Ok(Some(format!("the cursor stands at {next}, and {} cards were taken", cards.len())));
    }
    for serial in (0..next).step_by(every) {
        let id = CardId { batch: batch.no, serial };
        let history = live.tenant.history(CardPick::Id(id))?;
        if history.iter().any(|entry| entry.chained != Some(true)) {
            return Ok(Some(format!("the chain of {id} does not hold")));
        }
    }
    Ok(None)
}
