//! The process that is killed: callers that claim, redeem and give back on a real database, and tell of every answer that they got.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use cardmint::code::{CardRef, CodeFormat};
use cardmint::id::CardId;

use super::{Failure, Live, Setup};
use crate::request::{Asked, Code, Reply, Take, Token, What};
use crate::terms::{Basket, Terms};

/// The batch that everybody takes from.
pub const BATCH: &str = "killed";
/// Its public word.
pub const WORD: &str = "SUMMER 20";
/// Callers of each process.
pub const CALLERS: u64 = 3;

/// Makes the shop.
pub fn prepare(live: &Live) -> Result<(), Failure> {
    let terms = Terms { uses_per_card: 2, uses_per_holder: Some(1_000_000), ..Terms::plain(BATCH) };
    live.stock(terms, 1_000_000, Some(WORD))
}

/// Whose a caller of a run is.
pub fn customer(run: u64, caller: u64) -> String {
    format!("r{run}-{caller}")
}

/// The step of a caller: it claims a card, uses it, sometimes gives that use back, and now and then uses the word.
pub fn asked(run: u64, caller: u64, step: u64, card: Option<CardId>) -> Option<Asked> {
    let customer = customer(run, caller);
    let round = step / 4;
    let key = |what: &str| format!("{customer}-{round}-{what}");
    let basket = Basket { order: key("order"), lines: vec![12_345, 678] };
    let redeemed = key("redeem");
    let (key, what) = match step % 4 {
        0 => (key("claim"), What::Claim { take: Take::Batch(BATCH.to_owned()), customer }),
        1 => {
            let CardId { batch, serial } = card?;
            let card = CardRef { batch_no: batch.number, serial, issue_no: 0 };
            let code = Code::Sealed(Token { format: CodeFormat::S16, slot: 0, card });
            (redeemed, What::Redeem { code, customer: Some(customer), basket, amount: None })
        }
        2 if round.is_multiple_of(2) => (key("refund"), What::Refund { redemption: redeemed, amount: None }),
        2 => return None,
        _ => (
            key("word"),
            What::Redeem { code: Code::Word(WORD.to_owned()), customer: Some(customer), basket, amount: None },
        ),
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

/// Works until it is killed.
///
/// # Errors
/// What kept it from working; a kill is none.
pub fn main(setup: &Setup, run: u64) -> Result<(), Failure> {
    let live = setup.open()?;
    let out = Mutex::new(std::io::stdout());
    let failed = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                scope.spawn({
                    let (live, out) = (&live, &out);
                    move || work(live, out, run, caller)
                })
            })
            .collect();
        callers.into_iter().filter_map(|caller| caller.join().ok()?.err()).next()
    });
    failed.map_or(Ok(()), Err)
}

fn work(live: &Live, out: &Mutex<std::io::Stdout>, run: u64, caller: u64) -> Result<(), Failure> {
    let mut card = None;
    for step in 0.. {
        let Some(asked) = asked(run, caller, step, card) else { continue };
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
