//! A hold that is over is captured while a use of its holder comes back: whether there was one to take is asked of the account when the
//! capture is committed, not when it is read.

use std::sync::Arc;

use cardmint::card::{HoldId, HoldOf, LateCapture, RedeemFrom};
use cardmint::code::{CardRef, CodeFormat};
use cardmint::id::CardId;

use super::finale::{PATIENT, alone, lead_all};
use super::setup::{batch, late};
use super::world::World;
use crate::request::{Asked, Code, Token, What};
use crate::terms::{Basket, Terms};

const ID: &str = "late";

/// Longer than any hold of a second lasts, by whatever clock.
const LATER_MS: i64 = 60_000;

pub fn contest(world: &World) {
    let terms = Terms {
        uses_per_holder: Some(2),
        redeem_from: RedeemFrom::Issued,
        holds: late(LateCapture::Reacquire, 5),
        ..Terms::plain(ID)
    };
    alone(world, What::SaveTemplate { terms });
    alone(world, batch(ID, ID, None, 3, CodeFormat::S16));
    let Some(batch) = world.with(|state| state.judge.model.batches.get(ID).cloned()) else { return };
    let customer = Some("gus".to_owned());
    let code = |serial| {
        let card = CardRef { batch_no: batch.no.number, serial, issue_no: 0 };
        Code::Sealed(Token { format: batch.format, slot: batch.slot, card })
    };
    let basket = |name: &str| Basket::new(format!("late-{name}"), vec![10_000]);
    let (held, amount) = (basket("held"), None);
    let hold = HoldId { order: held.order.clone(), of: HoldOf::Card(CardId { batch: batch.no, serial: 0 }) };
    alone(world, What::Hold { code: code(0), customer: customer.clone(), basket: held, amount, ttl_s: 1 });
    world.with(|state| state.pass(LATER_MS));
    let redeem = |serial, name| {
        alone(
            world,
            What::Redeem { code: code(serial), customer: customer.clone(), basket: basket(name), amount: None },
        )
    };
    let (first, _) = (redeem(1, "one"), redeem(2, "two"));
    let asks = [(0, What::Capture { hold, amount: None }), (1, What::Refund { redemption: first, amount: None })];
    for (engine, what) in asks {
        let asked = world.with(|state| Arc::new(Asked { key: state.shop.key(), what }));
        world.submit(engine, asked, PATIENT);
    }
    lead_all(world);
}
