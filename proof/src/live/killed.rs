//! The process that is killed: callers that claim, redeem, give back, load and pay on a real database, and tell of every answer that
//! they got.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use cardmint::card::{CardKind, RedeemFrom};
use cardmint::code::{CardRef, CodeFormat};
use cardmint::id::{BatchNo, CardId};
use cardmint::store::Key;

use super::{Failure, Live, Setup};
use crate::request::{Asked, Code, Much, Pick, Reply, Take, Token, What};
use crate::terms::{Basket, Terms};

/// The batch that everybody takes from.
pub const BATCH: &str = "killed";
/// Its public word.
pub const WORD: &str = "SUMMER 20";
/// Callers of each process.
pub const CALLERS: u64 = 3;

/// Gift cards, one for each caller.
const GIFTS: &str = "gifts";
/// What each holds at first.
const GIFT_MINOR: i64 = 10_000;

/// Makes the shop.
pub fn prepare(live: &Live) -> Result<(), Failure> {
    let terms = Terms { uses_per_card: 2, uses_per_holder: Some(1_000_000), ..Terms::plain(BATCH) };
    live.stock(terms, 1_000_000, Some(WORD))?;
    let value_minor = Some(GIFT_MINOR);
    let kind = CardKind::GiftCard;
    let gifts = Terms { kind, value_minor, redeem_from: RedeemFrom::Issued, ..Terms::plain(GIFTS) };
    live.stock(gifts, 1_000_000, None)
}

/// A caller's gift card: the batch is the first of its format.
pub fn gift(run: u64, caller: u64) -> CardId {
    let serial = u32::try_from(run * CALLERS + caller).unwrap_or(u32::MAX);
    CardId { batch: BatchNo { symbols: CodeFormat::S20.symbols(), number: 0 }, serial }
}

/// What a caller's gift card must hold once these of its requests are done.
pub fn gift_minor<'a>(done: impl Iterator<Item = &'a Asked>) -> i64 {
    done.fold(GIFT_MINOR, |minor, asked| match asked.what {
        What::Load { amount, .. } => minor + amount,
        What::Redeem { amount: Some(Much::Minor(amount)), .. } => minor - amount,
        _ => minor,
    })
}

/// The row that says that a request is done.
pub fn key_of(asked: &Asked) -> Key {
    match asked.op() {
        "redeem" => Key::Redemption(asked.key.clone()),
        op => Key::Request(op.to_owned(), asked.key.clone()),
    }
}

/// Whose a caller of a run is.
pub fn customer(run: u64, caller: u64) -> String {
    format!("r{run}-{caller}")
}

/// Steps of a round.
pub const STEPS: u64 = 6;

/// The step of a caller: it claims a card, uses it, sometimes gives that use back, uses the word, loads its gift card and pays with it.
pub fn asked(run: u64, caller: u64, step: u64, card: Option<CardId>) -> Option<Asked> {
    let customer = customer(run, caller);
    let round = step / STEPS;
    let key = |what: &str| format!("{customer}-{round}-{what}");
    let basket = Basket::new(key("order"), vec![12_345, 678]);
    let redeemed = key("redeem");
    let (key, what) = match step % STEPS {
        0 => (key("claim"), What::Claim { take: Take::Batch(BATCH.to_owned()), customer }),
        1 => {
            let CardId { batch, serial } = card?;
            let card = CardRef { batch_no: batch.number, serial, issue_no: 0 };
            let code = Code::Sealed(Token { format: CodeFormat::S16, slot: 0, card });
            (redeemed, What::Redeem { code, customer: Some(customer), basket, amount: None })
        }
        2 if round.is_multiple_of(2) => (key("refund"), What::Refund { redemption: redeemed, amount: None }),
        2 => return None,
        3 => (
            key("word"),
            What::Redeem { code: Code::Word(WORD.to_owned()), customer: Some(customer), basket, amount: None },
        ),
        4 => {
            let amount = 500 + i64::try_from(round % 7).unwrap_or(0);
            (key("load"), What::Load { card: Pick::Id(gift(run, caller)), amount })
        }
        _ => {
            let CardId { batch, serial } = gift(run, caller);
            let card = CardRef { batch_no: batch.number, serial, issue_no: 0 };
            let code = Code::Sealed(Token { format: CodeFormat::S20, slot: 0, card });
            let amount = Some(Much::Minor(300 + i64::try_from(round % 5).unwrap_or(0)));
            (key("pay"), What::Redeem { code, customer: None, basket, amount })
        }
    };
    Some(Asked { key, what })
}

/// What an answer is told as: enough to tell it from any other.
pub fn words(reply: &Reply) -> String {
    match reply {
        Reply::Card(reply) => format!("{:?} {:?}", reply.card, reply.code),
        other => format!("{other:?}"),
    }
}

/// What a process does that may be killed.
#[derive(Debug, Clone, Copy)]
pub struct Work {
    /// Its number: processes of one database ask under different keys.
    pub run: u64,
    /// Whether it makes the shop first.
    pub prepare: bool,
    /// After so many rounds of each caller it ends by itself; without, it is killed.
    pub rounds: Option<u64>,
}

/// Works until it is killed.
///
/// # Errors
/// What kept it from working; a kill is none.
pub fn main(setup: &Setup, work: Work) -> Result<(), Failure> {
    let live = setup.open()?;
    if work.prepare {
        prepare(&live)?;
    }
    let out = Mutex::new(std::io::stdout());
    let failed = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                scope.spawn({
                    let (live, out) = (&live, &out);
                    move || call(live, out, work, caller)
                })
            })
            .collect();
        callers.into_iter().filter_map(|caller| caller.join().ok()?.err()).next()
    });
    failed.map_or(Ok(()), Err)
}

fn call(live: &Live, out: &Mutex<std::io::Stdout>, work: Work, caller: u64) -> Result<(), Failure> {
    let mut card = None;
    for step in 0..work.rounds.map_or(u64::MAX, |rounds| rounds * STEPS) {
        let Some(asked) = asked(work.run, caller, step, card) else { continue };
        let reply = live.ask(&asked)?;
        if let Reply::Card(reply) = &reply {
            card = Some(reply.card.id);
        }
        let line = serde_json::to_string(&(caller, step, words(&reply)))?;
        let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(out, "{line}")?;
        out.flush()?;
    }
    Ok(())
}
