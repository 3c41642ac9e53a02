//! Gift cards: what is put on them, set right, paid with and given back.

use cardmint::card::{Card, CardKind, CardState, EventKind, HeldFor, Refund};
use cardmint::money::AMOUNT_MAX;
use cardmint::store::Owner;
use cardmint::{Denial, LimitScope, RefundReceipt, ValueMoved};

use super::cards::{Ground, must_move, must_not_have_ended, wrong_state};
use super::holds::{free, held_by_others};
use super::limits::stretch;
use super::owner::{batch_must_live, batch_must_move, must_be_original};
use super::price::{insufficient, money};
use super::{Effect, Moment, No, Put};
use crate::request::{Much, Pick, Reply};
use crate::terms::cny;

/// A card with another balance: spent when nothing is left of what was there, back where it was when there is something again.
pub(super) fn holding(card: &Card, balance: i64) -> Card {
    let mut next = card.clone();
    next.balance_minor = balance;
    if card.state == CardState::Spent && balance > 0 {
        next.state = card.unspent_state;
        next.uses_left = 1;
    }
    let in_use = matches!(card.state, CardState::Issued | CardState::Claimed | CardState::Bound);
    if in_use && card.balance_minor > 0 && balance == 0 {
        next.state = CardState::Spent;
        next.uses_left = 0;
    }
    next
}

fn put_on(card: &Card, amount: i64, most: i64) -> Result<Card, No> {
    if card.balance_minor + amount > most {
        let (limit, used) = (most.unsigned_abs(), card.balance_minor.unsigned_abs());
        return Err(Denial::LimitReached { scope: LimitScope::Balance, limit, used }.into());
    }
    Ok(holding(card, card.balance_minor + amount))
}

fn most(ground: &Ground) -> i64 {
    ground.template.terms.balance_max_minor.unwrap_or(AMOUNT_MAX)
}

pub(super) fn must_hold_value(ground: &Ground, command: &'static str) -> Result<(), No> {
    if ground.is_gift() {
        return Ok(());
    }
    Err(Denial::WrongKind { kind: ground.template.terms.kind.name(), command }.into())
}

impl Moment<'_> {
    pub(super) fn load(&self, pick: &Pick, amount: i64) -> Result<Effect, No> {
        let (ground, card) = self.one(pick)?;
        batch_must_move(&ground.batch)?;
        must_hold_value(&ground, "load")?;
        must_move(&card)?;
        if card.state == CardState::Minted {
            return Err(wrong_state(&card, "load"));
        }
        must_not_have_ended(card.expires_at, self.now.max(card.last_at))?;
        let next = put_on(&card, amount, most(&ground))?;
        self.moved(next, amount, EventKind::Loaded)
    }

    pub(super) fn adjust(&self, pick: &Pick, delta: i64) -> Result<Effect, No> {
        let (ground, card) = self.one(pick)?;
        batch_must_live(&ground.batch)?;
        must_hold_value(&ground, "adjust")?;
        if card.state == CardState::Void {
            return Err(Denial::Void.into());
        }
        let now = self.now.max(card.last_at);
        let free = free(&ground, &card, now);
        if delta < 0 && free + delta < 0 {
            held_by_others(&ground, &card, -delta, now)?;
            return Err(insufficient(free, Some(-delta)));
        }
        let next =
            if delta > 0 { put_on(&card, delta, most(&ground))? } else { holding(&card, card.balance_minor + delta) };
        self.moved(next, delta, EventKind::Adjusted)
    }

    fn moved(&self, mut card: Card, delta_minor: i64, event: EventKind) -> Result<Effect, No> {
        card.last_at = self.now.max(card.last_at);
        card.events += 1;
        let (at, balance_minor) = (card.last_at, card.balance_minor);
        let reply = Reply::Moved(ValueMoved { card: card.id, at, delta_minor, balance_minor, currency: cny() });
        Ok(Effect::of(reply, vec![Put::Card(Box::new(card))], vec![event]))
    }

    pub(super) fn refund(&self, id: &str, amount: Option<Much>) -> Result<Effect, No> {
        let Some(redemption) = self.model.redemptions.get(id) else {
            return Err(Denial::Unknown { kind: "redemption", id: id.to_owned() }.into());
        };
        let (ground, card) = self.one(&Pick::Id(redemption.card))?;
        batch_must_live(&ground.batch)?;
        let redeemer = self.acting_as(redemption.holder.as_ref(), card.holder.as_ref());
        must_be_original(&ground, &card, redeemer.as_ref())?;
        let counts_uses = ground.template.terms.usage.is_some();
        let amount = match amount {
            Some(Much::Minor(minor)) if ground.is_gift() => Some(minor),
            Some(Much::Uses(uses)) if counts_uses && uses > 0 => Some(i64::from(uses)),
            Some(_) => return Err(No::Invalid),
            None => None,
        };
        let pricing = &redemption.pricing;
        // In uses of a times card, else in minor units.
        let whole = match redemption.units {
            Some(units) => i64::from(units),
            None if ground.is_gift() => pricing.tender_minor,
            None => pricing.discount_minor,
        };
        let last = self.model.refunds.get(id);
        let gone = last.map_or(0, |last| if counts_uses { i64::from(last.total_units) } else { last.total_minor });
        let left = whole - gone;
        if let Some(last) = last.filter(|_| left == 0) {
            return Err(Denial::AlreadyRefunded { at: last.at }.into());
        }
        let amount = amount.unwrap_or(left);
        if amount > left {
            let fact = |count: i64| {
                if counts_uses { cardmint::Fact::Text(format!("{count} uses")) } else { money(count) }
            };
            return Err(Denial::RefundTooLarge { asked: fact(amount), left: fact(left) }.into());
        }
        if card.state == CardState::Void {
            return Err(Denial::Void.into());
        }
        let uses = if counts_uses { u32::try_from(amount).unwrap_or(0) } else { 1 };
        let terms = &ground.template.terms;
        let mut next = match terms.kind {
            CardKind::GiftCard => put_on(&card, amount, AMOUNT_MAX)?,
            CardKind::Membership => card.clone(),
            _ => unspent(&card, uses),
        };
        // What was given out of it goes back with the last part.
        let is_last = left == amount;
        let (dead, stay) = if is_last { self.taken_back(terms, redemption)? } else { Default::default() };
        next.last_at = self.now.max(card.last_at);
        next.events += 1;
        next.epoch += 1;
        // What came off goes back with the uses, in proportion, rounded down but for the last.
        let before = last.map_or(0, |last| last.total_minor);
        let minor = if counts_uses { pricing.discount_minor * (gone + amount) / whole - before } else { amount };
        let refund = Refund {
            redemption: id.to_owned(),
            place: last.map_or(0, |last| last.place + 1),
            at: next.last_at,
            amount_minor: minor,
            total_minor: before + minor,
            units: if counts_uses { uses } else { 0 },
            total_units: if counts_uses { u32::try_from(gone).unwrap_or(0) + uses } else { 0 },
        };
        let balance = ground.is_gift().then_some(next.balance_minor);
        let reply = RefundReceipt {
            redemption: id.to_owned(),
            card: next.id,
            at: next.last_at,
            amount_minor: minor,
            use_stays: false,
            units: counts_uses.then_some(uses),
            units_left: counts_uses.then(|| u32::try_from(left - amount).unwrap_or(0)),
            taken_back: dead.iter().map(|card| card.id).collect(),
            kept: stay,
            // No template of a simulated shop names parties.
            funded: Vec::new(),
            uses_left: next.uses_left,
            balance_minor: balance,
            left_minor: balance.map(|_| left - amount),
        };
        let now = next.last_at;
        let mut puts = vec![Put::Card(Box::new(next)), Put::Refund(refund)];
        let on_person = redemption.counted.iter().any(|on| on.counts == HeldFor::HolderUses);
        if let (Some(_), Some(holder), true) = (terms.uses_per_holder, &redemption.holder, is_last && !on_person) {
            puts.push(Put::Move { owner: Owner::Holder(holder.clone()), unit: ground.unit("uses"), delta: -1 });
        }
        if let Some(limits) = terms.check_ins {
            let unit = format!("check_ins:{}", stretch(limits.per, redemption.at));
            puts.push(Put::Move { owner: Owner::Card(card.id), unit, delta: -1 });
        }
        puts.extend(self.uncount(&redemption.counted, minor, is_last, now));
        if is_last {
            puts.extend(self.given_back(redemption.hold.as_ref(), id));
        }
        let events = dead.iter().map(|_| EventKind::Voided).chain([EventKind::Refunded]).collect();
        puts.extend(dead.into_iter().map(|card| Put::Card(Box::new(card))));
        Ok(Effect::of(Reply::Refund(reply), puts, events))
    }
}

/// A card with more uses, back where it was if the last of them was taken.
fn unspent(card: &Card, uses: u32) -> Card {
    let mut next = card.clone();
    next.uses_left += uses;
    if card.state == CardState::Spent {
        next.state = card.unspent_state;
    }
    next
}
