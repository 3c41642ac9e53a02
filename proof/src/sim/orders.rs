//! What callers ask of several cards on one order, and of promotions.

use std::collections::BTreeMap;
use std::sync::Arc;

use cardmint::card::{Card, CardState, HoldId, HoldState, PromotionLife};

use super::requests::{self, amount, basket, code_and_customer, customer};
use super::world::World;
use crate::dice::Dice;
use crate::model::{Model, ToldCard, ToldOrder};
use crate::request::{Asked, Code, OfCard, OfOrder, Pick, PromotionMove, What};
use crate::terms::Basket;

/// Some cards of an order, what becomes of those that one holds, or a promotion that is moved.
pub fn next(model: &Model, dice: &mut Dice) -> Option<What> {
    if !model.settings.promotions.is_empty() && dice.in_thousand(110) {
        return promotion(model, dice);
    }
    if dice.in_thousand(380)
        && let Some(what) = ended(model, dice)
    {
        return Some(what);
    }
    let of = some_order(model, dice)?;
    let leave_out = dice.in_thousand(550);
    if dice.in_thousand(550) {
        return Some(What::RedeemOrder { of, leave_out });
    }
    Some(What::HoldOrder { of, leave_out, ttl_s: 1 + u32::try_from(dice.below(6)).unwrap_or(0) })
}

/// Cards of one holder mostly, one of them perhaps behind a word; now and then one twice.
pub fn some_order(model: &Model, dice: &mut Dice) -> Option<OfOrder> {
    let basket = order(model, dice);
    let (first, whose) = code_and_customer(model, dice)?;
    let whose = whose.or_else(|| dice.in_thousand(500).then(|| customer(dice)));
    let mut codes = vec![first];
    let usable = |card: &&Card| {
        let holder = card.holder.as_ref().map(|holder| holder.as_str());
        let is_own = holder.is_none_or(|holder| holder.strip_prefix("customer:") == whose.as_deref());
        is_own && card.uses_left > 0 && card.frozen.is_none() && card.state != CardState::Minted
    };
    let own: Vec<_> = model.cards.values().filter(usable).collect();
    for _ in 0..dice.weighed(&[2, 6, 4, 2]) {
        let card = dice.pick(&own)?;
        let batch = model.batches.values().find(|batch| batch.no == card.id.batch)?;
        let code = requests::sealed(model, batch, card.id.serial, dice);
        // One that is there already is refused as a whole: rarely.
        if !codes.contains(&code) || dice.in_thousand(20) {
            codes.push(code);
        }
    }
    let card = |code: Code, dice: &mut Dice| {
        let amount = amount(model, &code, &basket, dice).filter(|_| dice.in_thousand(600));
        let choose = requests::choose(model, &code, dice);
        let card = match code {
            Code::Sealed(token) if dice.in_thousand(150) => Pick::Id(token.card_id()),
            code => Pick::Code(code),
        };
        OfCard { card, amount, choose }
    };
    let mut cards: Vec<_> = codes.into_iter().map(|code| card(code, dice)).collect();
    if !model.settings.promotions.is_empty() && dice.in_thousand(150) {
        cards.clear();
    }
    let no_promotions = dice.in_thousand(150);
    Some(OfOrder { cards, customer: whose, basket, no_promotions })
}

/// An order: now and then one that holds something already, as it was or a little larger.
fn order(model: &Model, dice: &mut Dice) -> Basket {
    let held: Vec<_> = model.holds.values().collect();
    let Some(kept) = dice.pick(&held).filter(|_| dice.in_thousand(150)) else { return basket(dice) };
    let mut basket = kept.basket.clone();
    if dice.in_thousand(300) {
        basket.lines.push(700);
    }
    basket
}

/// What becomes of the holds of an order: mostly of those that stand.
fn ended(model: &Model, dice: &mut Dice) -> Option<What> {
    let mut orders: BTreeMap<&str, Vec<&HoldId>> = BTreeMap::new();
    let all = dice.in_thousand(100);
    for (id, kept) in model.holds.iter() {
        if all || matches!(kept.hold.state, HoldState::Open | HoldState::Backordered) {
            orders.entry(&id.order).or_default().push(id);
        }
    }
    let several = orders.values().any(|holds| holds.len() > 1) && dice.in_thousand(850);
    let from: Vec<_> = orders.into_values().filter(|holds| !several || holds.len() > 1).collect();
    let mut holds: Vec<HoldId> = dice.pick(&from)?.iter().map(|id| (*id).clone()).collect();
    if holds.len() > 1 && dice.in_thousand(150) {
        holds.remove(0);
    }
    if dice.in_thousand(500) {
        holds.reverse();
    }
    if dice.in_thousand(15) {
        holds.push(holds[0].clone());
    }
    if dice.in_thousand(300) {
        return Some(What::ReleaseOrder { holds });
    }
    let part = |hold: HoldId, dice: &mut Dice| {
        let held = model.holds.get(&hold).map_or(0, |kept| kept.hold.amount);
        let in_part = held > 1 && dice.in_thousand(500);
        let amount = in_part.then(|| 1 + i64::try_from(dice.below(held.unsigned_abs() + 1)).unwrap_or(0));
        (hold, amount)
    };
    Some(What::CaptureOrder { holds: holds.into_iter().map(|hold| part(hold, dice)).collect() })
}

/// A promotion that is paused, resumed or revised; rarely one that is over, or a new one.
fn promotion(model: &Model, dice: &mut Dice) -> Option<What> {
    let promotion = dice.pick(&model.settings.promotions)?;
    let id = promotion.id.clone();
    let step = match promotion.life {
        _ if dice.in_thousand(20) => PromotionMove::Archive,
        PromotionLife::Paused => PromotionMove::Resume,
        PromotionLife::Running | PromotionLife::Archived => PromotionMove::Pause,
    };
    let revised = promotion.life == PromotionLife::Running && dice.in_thousand(400);
    let (fresh, odd) = (dice.in_thousand(30), dice.in_thousand(40));
    if !revised && !fresh && !odd {
        return Some(What::MovePromotion { id, step });
    }
    let limits = model.batches.get(&promotion.batch).map(|batch| batch.limits.clone()).unwrap_or_default();
    let campaign = promotion.campaign.clone();
    // Now and then of a template that cannot be one.
    let template = if odd { "gift".to_owned() } else { promotion.template.clone() };
    let id = if fresh { format!("new-{}", dice.below(3)) } else { id };
    Some(What::SavePromotion { id, template, campaign, limits })
}

/// Asks what several cards would come to, and the judge whether that could be so.
pub fn quote(world: &World, engine: usize) {
    let prepared = world.with(|state| {
        let model = Arc::clone(&state.judge.model);
        let mut of = some_order(&model, &mut state.dice)?;
        if let Some((OfCard { card: Pick::Code(code), .. }, true)) =
            of.cards.first().map(|card| (card, state.dice.in_thousand(600)))
            && let Some((held, whose)) = super::holds::order_that_holds(&model, code, &mut state.dice)
        {
            (of.basket, of.customer) = (held, whose);
        }
        let asked = Asked { key: "quote".to_owned(), what: What::RedeemOrder { of: of.clone(), leave_out: true } };
        let (tenant, record) = requests::looks(state, engine, asked)?;
        Some((tenant, record, of))
    });
    let Some((tenant, mut record, of)) = prepared else { return };
    let reply = tenant.quote_order(of.clone().quoted(&world.book));
    record.own = world.with(|state| state.proposed.last().cloned().unwrap_or_default());
    let seen = match reply {
        Ok(quoted) => Ok(Ok(told(quoted))),
        Err(cardmint::Error::Denied(denial)) => Ok(Err(crate::model::No::Denied(denial))),
        Err(cardmint::Error::Invalid(_)) => Ok(Err(crate::model::No::Invalid)),
        Err(error) => Err(error),
    };
    let wrong = requests::judged(world, &record, seen, |moment| moment.quote_order(&of));
    requests::looked(world, engine, &record, wrong);
}

/// What of a quote the model tells, too: all but its mark, the ceilings and what would bring more.
fn told(quoted: cardmint::OrderQuoted) -> ToldOrder {
    let card = |card: cardmint::QuotedCard| ToldCard {
        card: card.card,
        verdict: card.verdict,
        denial: card.denial,
        pricing: card.pricing,
    };
    ToldOrder {
        totals: quoted.totals,
        cards: quoted.cards.into_iter().map(card).collect(),
        promotions: quoted.promotions.into_iter().map(|one| (one.promotion, card(one.card))).collect(),
    }
}
