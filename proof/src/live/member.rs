//! A process of [`endure`](super::endure): callers that claim, redeem and give back on cards that all processes share, tell of every
//! answer, and stand still or leave when they are asked to.

use std::io::Write;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use cardmint::Error;
use cardmint::card::RedeemFrom;
use cardmint::code::{CardRef, CodeFormat};

use super::{Failure, Live, Setup};
use crate::request::{Asked, Code, Take, Token, What};
use crate::terms::{Basket, Terms};

/// Callers of each process.
pub const CALLERS: u64 = 2;
/// Cards that everybody uses, with uses enough for all, and how many of them there are.
pub const SHARED: &str = "shared";
/// How many of them.
pub const SHARED_CARDS: u64 = 4;
/// Uses of each, and of each holder.
pub const USES: u32 = 1_000_000;
/// Cards of two uses that everybody wants, and gives back.
pub const SCARCE: &str = "scarce";
/// How many of them.
pub const SCARCE_CARDS: u64 = 2;
/// Uses of each.
pub const SCARCE_USES: u32 = 2;
/// The batch that is claimed from.
pub const STOCK: &str = "stock";
/// Holders.
pub const HOLDERS: u64 = 8;

/// Makes the shop.
pub fn prepare(live: &Live) -> Result<(), Failure> {
    let bearer = |id, uses_per_card| Terms { redeem_from: RedeemFrom::Issued, uses_per_card, ..Terms::plain(id) };
    let cards = |count| u32::try_from(count).unwrap_or(1);
    live.stock(Terms { uses_per_holder: Some(USES), ..bearer(SHARED, USES) }, cards(SHARED_CARDS), None)?;
    live.stock(bearer(SCARCE, SCARCE_USES), cards(SCARCE_CARDS), None)?;
    live.stock(Terms::plain(STOCK), 100_000_000, None)
}

/// What a step is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The next card of the stock.
    Claim,
    /// A use of this shared card by this holder.
    Use(u64, u64),
    /// That use again, given back.
    Back(u64, u64),
    /// A use of this scarce card.
    Want(u64),
    /// It again, given back.
    Yield(u64),
}

/// Steps of a round; after each round a caller holds nothing scarce.
pub const ROUND: u64 = 5;

/// What the step of a caller is; nothing where there is none. `won` says whether the scarce card of the round was had.
pub fn step(member: u64, caller: u64, number: u64, won: bool) -> Option<Step> {
    let round = number / ROUND;
    let mixed = member * 7 + caller * 3 + round;
    let (shared, holder, scarce) = (mixed % SHARED_CARDS, mixed % HOLDERS, mixed % SCARCE_CARDS);
    match number % ROUND {
        0 => Some(Step::Claim),
        1 => Some(Step::Use(shared, holder)),
        2 => round.is_multiple_of(2).then_some(Step::Back(shared, holder)),
        3 => Some(Step::Want(scarce)),
        _ => won.then_some(Step::Yield(scarce)),
    }
}

/// The request of a step.
pub fn asked(member: u64, caller: u64, number: u64, step: Step) -> Asked {
    let key = |what: &str| format!("m{member}-{caller}-{}-{what}", number / ROUND);
    let redeem = |key: String, batch_no: u32, serial: u64, customer: Option<u64>| {
        let serial = u32::try_from(serial).unwrap_or(0);
        let card = CardRef { batch_no, serial, issue_no: 0 };
        let code = Code::Sealed(Token { format: CodeFormat::S16, slot: 0, card });
        let basket = Basket::new(format!("{key}-order"), vec![12_345, 678]);
        let customer = customer.map(|holder| format!("h{holder}"));
        Asked { key, what: What::Redeem { code, customer, basket, amount: None } }
    };
    let refund = |key: String, redemption: String| Asked { key, what: What::Refund { redemption, amount: None } };
    match step {
        Step::Claim => {
            let take = Take::Batch(STOCK.to_owned());
            Asked { key: key("claim"), what: What::Claim { take, customer: format!("c{member}") } }
        }
        // The batches were issued in this order.
        Step::Use(card, holder) => redeem(key("use"), 0, card, Some(holder)),
        Step::Back(..) => refund(key("back"), key("use")),
        Step::Want(card) => redeem(key("want"), 1, card, None),
        Step::Yield(_) => refund(key("yield"), key("want")),
    }
}

/// Does a step until there is an answer: whether it was done, or denied because nothing was left of what is scarce.
///
/// # Errors
/// Every other answer.
pub fn done(live: &Live, asked: &Asked, step: Step) -> Result<bool, Failure> {
    match (live.ask(asked), step) {
        (Ok(_), _) => Ok(true),
        (Err(Error::Denied(cardmint::Denial::LimitReached { .. })), Step::Want(_)) => Ok(false),
        (Err(error), _) => Err(format!("{step:?} {asked:?}: {error}").into()),
    }
}

#[derive(Default)]
struct Wish {
    pause: bool,
    leave: bool,
    waiting: u64,
}

/// Where callers stand still when they are asked to.
#[derive(Default)]
struct Gate {
    wish: Mutex<Wish>,
    moved: Condvar,
}

impl Gate {
    fn wish(&self) -> MutexGuard<'_, Wish> {
        self.wish.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Between two steps; `false` when it is time to leave.
    fn pass(&self) -> bool {
        let mut wish = self.wish();
        if wish.pause && !wish.leave {
            wish.waiting += 1;
            self.moved.notify_all();
            let going = self.moved.wait_while(wish, |wish| wish.pause && !wish.leave);
            wish = going.unwrap_or_else(PoisonError::into_inner);
            wish.waiting -= 1;
        }
        !wish.leave
    }

    fn set(&self, set: impl FnOnce(&mut Wish)) {
        set(&mut self.wish());
        self.moved.notify_all();
    }

    fn until_all_wait(&self) {
        drop(self.moved.wait_while(self.wish(), |wish| wish.waiting < CALLERS));
    }
}

/// Works until it is killed, or told by a line on its input: `pause`, `go`, `leave`.
///
/// # Errors
/// What kept it from working.
pub fn main(setup: &Setup, member: u64) -> Result<(), Failure> {
    let live = setup.open()?;
    let (gate, out) = (Gate::default(), Mutex::new(std::io::stdout()));
    std::thread::scope(|scope| {
        for caller in 0..CALLERS {
            let (live, gate, out) = (&live, &gate, &out);
            scope.spawn(move || {
                if let Err(error) = work(live, gate, out, member, caller) {
                    eprintln!("member {member}: {error}");
                    // The others may be waiting for it.
                    std::process::exit(3);
                }
            });
        }
        for line in std::io::stdin().lines().map_while(Result::ok) {
            match line.as_str() {
                "pause" => {
                    gate.set(|wish| wish.pause = true);
                    gate.until_all_wait();
                    tell(&out, "\"paused\"")?;
                }
                "go" => gate.set(|wish| wish.pause = false),
                _ => break,
            }
        }
        gate.set(|wish| wish.leave = true);
        Ok(())
    })
}

fn work(live: &Live, gate: &Gate, out: &Mutex<std::io::Stdout>, member: u64, caller: u64) -> Result<(), Failure> {
    let mut won = false;
    for number in 0.. {
        let Some(step) = step(member, caller, number, won) else { continue };
        if !gate.pass() {
            break;
        }
        let good = done(live, &asked(member, caller, number, step), step)?;
        won = if matches!(step, Step::Want(_)) { good } else { won };
        tell(out, &serde_json::to_string(&(caller, number, good))?)?;
    }
    Ok(())
}

fn tell(out: &Mutex<std::io::Stdout>, line: &str) -> Result<(), Failure> {
    let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
