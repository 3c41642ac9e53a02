//! What callers ask of holds.

use cardmint::card::{HoldId, HoldOf, HoldState};
use cardmint::id::CardId;

use super::requests::{amount, basket, code_and_customer};
use crate::dice::Dice;
use crate::model::Model;
use crate::request::{Code, Much, What};

/// A hold of some card, or what becomes of one.
pub fn some(model: &Model, dice: &mut Dice) -> Option<What> {
    if !model.holds.is_empty() && dice.in_thousand(550) {
        let standing = |id: &HoldId| {
            let state = model.holds.get(id).map(|kept| kept.hold.state);
            matches!(state, Some(HoldState::Open | HoldState::Backordered))
        };
        let open: Vec<_> = model.holds.keys().filter(|id| standing(id)).collect();
        let any: Vec<_> = model.holds.keys().collect();
        let from = if dice.in_thousand(850) { open } else { any };
        let id = (*dice.pick(&from)?).clone();
        return ended(model, id, dice);
    }
    let (code, customer) = code_and_customer(model, dice)?;
    if matches!(code, Code::Word(_)) {
        // Words claim a card with the hold; tests of their own look at that.
        return None;
    }
    Some(held(model, code, customer, dice))
}

/// The same for this card.
pub fn of_card(model: &Model, card: CardId, code: Code, whose: String, dice: &mut Dice) -> Option<What> {
    let holds: Vec<_> = model.holds.keys().filter(|id| id.of == HoldOf::Card(card)).collect();
    match dice.pick(&holds) {
        Some(id) if dice.in_thousand(600) => ended(model, (*id).clone(), dice),
        _ => Some(held(model, code, Some(whose), dice)),
    }
}

fn ended(model: &Model, hold: HoldId, dice: &mut Dice) -> Option<What> {
    if dice.in_thousand(350) {
        return Some(What::Release { hold });
    }
    let held = model.holds.get(&hold)?.hold.amount;
    let in_part = held > 1 && dice.in_thousand(500);
    let amount = in_part.then(|| 1 + i64::try_from(dice.below(held.unsigned_abs() + 1)).unwrap_or(0));
    Some(What::Capture { hold, amount })
}

/// A hold: mostly of a new order, sometimes that of an order that holds the card, as it was asked for then or otherwise.
fn held(model: &Model, code: Code, customer: Option<String>, dice: &mut Dice) -> What {
    let of = match &code {
        Code::Sealed(token) => Some(HoldOf::Card(token.card_id())),
        Code::Word(_) => None,
    };
    let before: Vec<_> = model.holds.values().filter(|kept| Some(kept.hold.id.of) == of).collect();
    let ttl_s = 1 + u32::try_from(dice.below(6)).unwrap_or(0);
    if let Some(kept) = dice.pick(&before).filter(|_| dice.in_thousand(300)) {
        let mut basket = kept.basket.clone();
        if dice.in_thousand(250) {
            basket.lines.push(500);
        }
        return What::Hold { code, customer, basket, amount: kept.asked, ttl_s };
    }
    let basket = basket(dice);
    let amount = match amount(model, &code, &basket, dice) {
        Some(Much::Minor(minor)) => Some(minor),
        Some(Much::Uses(_)) | None => None,
    };
    What::Hold { code, customer, basket, amount, ttl_s }
}
