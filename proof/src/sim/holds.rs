//! What callers ask of holds.

use cardmint::card::{HoldId, HoldOf, HoldState};
use cardmint::id::{BatchNo, CardId};

use super::requests::{amount, basket, code_and_customer};
use crate::dice::Dice;
use crate::model::Model;
use crate::model::holds::KeptFor;
use crate::request::{Code, Much, What};
use crate::terms::Basket;

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

/// Now and then an order that holds the card of this code, and whose it is.
pub fn order_that_holds(model: &Model, code: &Code, dice: &mut Dice) -> Option<(Basket, Option<String>)> {
    let Code::Sealed(token) = code else { return None };
    let of = HoldOf::Card(token.card_id());
    let holds: Vec<_> = model.holds.values().filter(|kept| kept.hold.id.of == of).collect();
    let kept = dice.pick(&holds).filter(|_| dice.in_thousand(600))?;
    let holder = kept.hold.holder.as_ref().and_then(|holder| holder.as_str().strip_prefix("customer:"));
    Some((kept.basket.clone(), holder.map(str::to_owned)))
}

/// A hold: mostly of a new order, sometimes that of an order that holds the card, as it was asked for then or otherwise.
fn held(model: &Model, code: Code, customer: Option<String>, dice: &mut Dice) -> What {
    let of = match &code {
        Code::Sealed(token) => Some(HoldOf::Card(token.card_id())),
        Code::Word(word) => batch_of(model, word).map(HoldOf::Batch),
    };
    let before: Vec<_> = model.holds.values().filter(|kept| Some(kept.hold.id.of) == of).collect();
    let ttl_s = 1 + u32::try_from(dice.below(6)).unwrap_or(0);
    if let Some(kept) = dice.pick(&before).filter(|_| dice.in_thousand(300)) {
        let mut basket = kept.basket.clone();
        if dice.in_thousand(250) {
            basket.lines.push(500);
        }
        // With a word anybody might come: mostly whoever holds.
        let holder = kept.hold.holder.as_ref().and_then(|holder| holder.as_str().strip_prefix("customer:"));
        let same = matches!(code, Code::Word(_)) && dice.in_thousand(850);
        let customer = if same { holder.map(str::to_owned) } else { customer };
        let amount = match kept.asked {
            KeptFor::Alone(amount) => amount,
            KeptFor::Order => None,
        };
        return What::Hold { code, customer, basket, amount, ttl_s };
    }
    let basket = basket(dice);
    let amount = match amount(model, &code, &basket, dice) {
        Some(Much::Minor(minor)) => Some(minor),
        Some(Much::Uses(_)) | None => None,
    };
    What::Hold { code, customer, basket, amount, ttl_s }
}

fn batch_of(model: &Model, word: &str) -> Option<BatchNo> {
    model.words.get(word).and_then(|id| model.batches.get(id)).map(|batch| batch.no)
}
