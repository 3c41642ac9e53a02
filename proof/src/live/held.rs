//! What one caller of the race of holds does: holds that are given back or left to themselves, then one that is captured.

use cardmint::card::Batch;
use cardmint::code::CardRef;
use cardmint::store::StoreError;
use cardmint::subject::Subject;
use cardmint::{CaptureHold, Denial, Error, HoldView, Meta, PlaceHold, Receipt};

use super::Live;
use crate::request::{Code, Token, code_text};
use crate::terms::Basket;

/// How long a hold lasts that nobody captures or releases, in seconds.
const LEFT_S: u32 = 1;

/// Asks until there is an answer: others in the way and lost outcomes are no answers.
fn patiently<T>(mut ask: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
    loop {
        match ask() {
            Err(Error::Busy(_) | Error::Store(StoreError::Busy(_) | StoreError::OutcomeUnknown(_))) => {
                std::thread::yield_now();
            }
            answer => return answer,
        }
    }
}

fn hold(live: &Live, code: &str, order: &str, key: &str, ttl_s: u32) -> Result<HoldView, Error> {
    let basket = Basket::new(order, vec![10_000, 2_505]);
    patiently(|| {
        let asked = PlaceHold::new(Meta::key(key), code, basket.order()).by(Subject::customer("ann"));
        live.tenant.hold(PlaceHold { ttl_s: Some(ttl_s), ..asked }).wait()
    })
}

/// The `place`-th attempt: the receipt, or the first reason that waiting does not cure.
pub(super) fn attempt(live: &Live, batch: &Batch, place: u64) -> Result<Receipt, Error> {
    let card = CardRef { batch_no: batch.no.number, serial: 0, issue_no: 0 };
    let code = code_text(&live.book, &Code::Sealed(Token { format: batch.format, slot: batch.slot, card }));
    match place % 5 {
        0 => {
            let _ = hold(live, &code, &format!("left-{place}"), &format!("left-{place}"), LEFT_S);
        }
        1 => {
            if let Ok(held) = hold(live, &code, &format!("back-{place}"), &format!("back-{place}"), 60) {
                let give = || live.tenant.release((Meta::key(format!("back-{place}")), held.hold.clone())).wait();
                patiently(give)?;
            }
        }
        _ => {}
    }
    for again in 0_u32.. {
        match hold(live, &code, &format!("o-{place}"), &format!("hold-{place}-{again}"), 60) {
            Ok(held) => {
                let key = format!("capture-{place}");
                let take = || live.tenant.capture(CaptureHold::new(Meta::key(&*key), held.hold.clone())).wait();
                let lost = || Error::Internal("a hold that stands was not captured".to_owned());
                return patiently(take)?.receipt.ok_or_else(lost);
            }
            // What is held comes back: it may still be had.
            Err(Error::Denied(Denial::Held { .. } | Denial::TooManyHolds { .. })) => {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            Err(no) => return Err(no),
        }
    }
    unreachable!("it is asked until there is an answer")
}
