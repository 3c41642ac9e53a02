//! Several cards on one order: one after another, each in the state that the one before it left, and all of them or none.

mod plan;
mod table;

pub use plan::kept_receipt;
pub(super) use table::of_one_order;

use cardmint::card::{Hold, HoldId, HoldOf, HoldState};
use cardmint::checkout::{OrderTotals, Pricing, Verdict};
use cardmint::id::CardId;
use cardmint::{CaptureOutcome, Captured, Denial, HoldView, OrderCaptured, OrderHeld, OrderReceipt, OrderReleased};

use self::table::{Came, Purpose, Table, verdict};
use super::asks::is_same;
use super::caps::Gives;
use super::cards::key;
use super::holds::{Attempt, KeptFor};
use super::steps::Steps;
use super::{Effect, Moment, No};
use crate::request::{Much, OfCard, OfOrder, Reply};

/// What a quote tells of a card or a promotion.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "named as the quote's fields are")]
pub struct ToldCard {
    pub card: Option<CardId>,
    pub verdict: Verdict,
    pub denial: Option<Denial>,
    pub pricing: Option<Pricing>,
}

impl PartialEq for ToldCard {
    fn eq(&self, other: &Self) -> bool {
        let same = match (&self.denial, &other.denial) {
            (Some(one), Some(other)) => is_same(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        same && self.card == other.card && self.verdict == other.verdict && self.pricing == other.pricing
    }
}

/// What a quote of several cards tells.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "named as the quote's fields are")]
pub struct ToldOrder {
    pub totals: OrderTotals,
    pub cards: Vec<ToldCard>,
    pub promotions: Vec<(String, ToldCard)>,
}

/// Whether it is looked at at all: an order with something that may come off it, and amounts that it can take.
pub(super) fn makes_sense(of: &OfOrder) -> bool {
    let whole: i64 = of.basket.lines.iter().sum();
    let fits = |card: &OfCard| match card.amount {
        Some(Much::Minor(amount)) => (1..=whole).contains(&amount),
        Some(Much::Uses(_)) | None => true,
    };
    of.cards.iter().all(fits) && !(of.cards.is_empty() && of.no_promotions)
}

/// The key of what a request makes of one of its cards.
fn key_of(key: &str, place: usize) -> String {
    format!("{key}#{}", place + 1)
}

/// Why one of several holds says no.
fn of_hold(place: usize, hold: &HoldId, no: No) -> No {
    let No::Denied(why) = no else { return no };
    let card = match hold.of {
        HoldOf::Card(card) => Some(card),
        HoldOf::Batch(_) => None,
    };
    Denial::CardDenied { place: u32::try_from(place).unwrap_or(u32::MAX), card, why: Box::new(why) }.into()
}

/// Which card says no, where it is one.
type Refused = (Option<usize>, No);

impl Moment<'_> {
    /// The row of a hold that an order has, or had.
    fn hold_at(&self, order: &str, of: HoldOf) -> Option<Hold> {
        self.model.holds.get(&HoldId { order: order.to_owned(), of }).map(|kept| kept.hold.clone())
    }

    fn must_be_free(&self, key: &str) -> Result<(), No> {
        if self.model.redemptions.contains_key(key) { Err(Denial::KeyReused.into()) } else { Ok(()) }
    }

    pub(super) fn redeem_order(&self, id: &str, of: &OfOrder, leave_out: bool) -> Result<Effect, No> {
        (0..of.cards.len()).try_for_each(|place| self.must_be_free(&key_of(id, place)))?;
        let mut table = Table::new(of, Purpose::Redeem, leave_out);
        table.invite(self);
        loop {
            let came = table.planned(self)?;
            match self.all_used(id, &table, &came) {
                Err((Some(place), no)) => table.refuse(place, no)?,
                done => return done.map_err(|(_, no)| no),
            }
        }
    }

    fn all_used(&self, id: &str, table: &Table<'_>, came: &Came) -> Result<Effect, Refused> {
        if came.applied.is_empty() {
            return Err((None, table.nothing_applies(came)));
        }
        let (mut steps, mut receipts) = (Steps::new(self), Vec::new());
        let basket = &table.asked.basket;
        for applied in &came.applied {
            let (place, key) = (applied.place, key_of(id, applied.place));
            let moment = steps.moment();
            moment.must_be_free(&key).map_err(|no| (None, no))?;
            let of_card = |no| (Some(place), no);
            let (found, holder) = table.find(&moment, place).map_err(of_card)?;
            let choose = table.asked.cards.get(place).map_or(&[][..], |card| card.choose.as_slice());
            let gives = Gives::all(applied.pricing.clone(), basket);
            let step = moment.used(&key, found, holder, basket, (choose, applied.units), gives).map_err(of_card)?;
            if let Reply::Receipt(receipt) = &step.reply {
                receipts.push(receipt.clone());
            }
            steps.add(step);
        }
        let reply = OrderReceipt {
            order: basket.order.clone(),
            totals: came.totals.clone(),
            receipts,
            promotions: table.promotions_of(came),
            left_out: table.left_out(came),
        };
        Ok(steps.into_one(Reply::OrderReceipt(Box::new(reply)), 0))
    }

    pub(super) fn hold_order(&self, of: &OfOrder, leave_out: bool, ttl_s: u32) -> Result<Effect, No> {
        let mut table = Table::new(of, Purpose::Hold, leave_out);
        for place in 0..of.cards.len() {
            if let Err(no) = self.must_not_be_kept(&table, place) {
                table.refuse(place, no)?;
            }
        }
        table.invite(self);
        loop {
            let came = table.planned(self)?;
            let promotions = came.applied.iter().filter(|applied| table.promotion(applied.place).is_some());
            promotions.map(|applied| self.must_not_be_kept(&table, applied.place)).collect::<Result<Vec<_>, No>>()?;
            match self.all_kept(&table, &came, ttl_s) {
                Err((Some(place), no)) => table.refuse(place, no)?,
                done => return done.map_err(|(_, no)| no),
            }
        }
    }

    /// An order keeps a card once.
    fn must_not_be_kept(&self, table: &Table<'_>, place: usize) -> Result<(), No> {
        let order = &table.asked.basket.order;
        let Some(of) = table.hold_of(self, place) else { return Ok(()) };
        let id = HoldId { order: order.clone(), of };
        let Some(kept) = self.model.holds.get(&id).cloned() else { return Ok(()) };
        if let Some(card) = table.asked.cards.get(place) {
            self.named(&card.card)?;
        }
        let standing = self.as_it_stands(kept)?;
        let hold = &standing.kept.hold;
        match standing.state {
            HoldState::Open if hold.holder != table.asked.customer.as_deref().map(key) => Err(Denial::NotOwner.into()),
            HoldState::Open => Err(Denial::HasOpenHold { until: hold.expires_at }.into()),
            HoldState::Captured => {
                Err(Denial::AlreadyCaptured { redemption: hold.redemption.clone().unwrap_or_default() }.into())
            }
            _ => Ok(()),
        }
    }

    fn all_kept(&self, table: &Table<'_>, came: &Came, ttl_s: u32) -> Result<Effect, Refused> {
        if came.applied.is_empty() {
            return Err((None, table.nothing_applies(came)));
        }
        let (mut steps, mut holds) = (Steps::new(self), Vec::new());
        let basket = &table.asked.basket;
        let holder = table.asked.customer.as_deref().map(key);
        for applied in &came.applied {
            let of_card = |no| (Some(applied.place), no);
            let moment = steps.moment();
            let (found, _) = table.find(&moment, applied.place).map_err(of_card)?;
            let gives = Gives::all(applied.pricing.clone(), basket);
            let step = moment.kept(found, applied.of, holder.clone(), (basket, KeptFor::Order), gives, ttl_s);
            let step = step.map_err(of_card)?;
            if let Reply::Hold(hold) = &step.reply {
                holds.push(hold.clone());
            }
            steps.add(step);
        }
        let first = holds.iter().map(|hold: &HoldView| hold.expires_at).min();
        let reply = OrderHeld {
            order: basket.order.clone(),
            totals: came.totals.clone(),
            expires_at: first.unwrap_or(self.now),
            promotions: table.promotions_of(came),
            left_out: table.left_out(came),
            holds,
        };
        let last = reply.holds.len() - 1;
        Ok(steps.into_one(Reply::OrderHeld(Box::new(reply)), last))
    }

    pub(super) fn capture_order(&self, id: &str, holds: &[(HoldId, Option<i64>)]) -> Result<Effect, No> {
        (0..holds.len()).try_for_each(|place| self.must_be_free(&key_of(id, place)))?;
        let (mut steps, mut failed, mut taken) = (Steps::new(self), Vec::new(), Vec::new());
        let (mut some_again, mut some_for_good) = (false, false);
        for (place, (hold, amount)) in holds.iter().enumerate() {
            let attempt = steps.moment().attempt(&key_of(id, place), hold, *amount);
            match attempt.map_err(|no| of_hold(place, hold, no))? {
                Attempt::Takes(step) => {
                    if let Reply::Captured(captured) = &step.reply {
                        some_again |= captured.outcome == CaptureOutcome::Reacquired;
                        taken.push(captured.clone());
                    }
                    steps.add(*step);
                }
                Attempt::Fails(_, state) => {
                    some_for_good |= state != HoldState::Backordered;
                    failed.push(place);
                }
            }
        }
        let order = holds.first().map(|(hold, _)| hold.order.clone()).unwrap_or_default();
        if failed.is_empty() {
            let outcome = if some_again { CaptureOutcome::Reacquired } else { CaptureOutcome::Captured };
            let reply = OrderCaptured { order, outcome, holds: taken, released: Vec::new() };
            return Ok(steps.into_one(Reply::OrderCaptured(reply), holds.len() - 1));
        }
        self.none_taken(order, holds, &failed, some_for_good)
    }

    /// Nothing is taken: where one is over for good the others are given back, where it waits they stand as long as they can.
    fn none_taken(
        &self,
        order: String,
        holds: &[(HoldId, Option<i64>)],
        failed: &[usize],
        for_good: bool,
    ) -> Result<Effect, No> {
        let (mut steps, mut released, mut told) = (Steps::new(self), Vec::new(), Vec::new());
        let (outcome, state) = match for_good {
            true => (CaptureOutcome::RefundRequired, HoldState::RefundRequired),
            false => (CaptureOutcome::Backordered, HoldState::Backordered),
        };
        for (place, (hold, _)) in holds.iter().enumerate().filter(|(place, _)| !failed.contains(place)) {
            if for_good {
                let step = steps.moment().release(hold).map_err(|no| of_hold(place, hold, no))?;
                if let Reply::Hold(hold) = &step.reply {
                    released.push(hold.clone());
                }
                steps.add(step);
            }
        }
        for (hold, _) in failed.iter().filter_map(|place| holds.get(*place)) {
            let moment = steps.moment();
            let step = moment.not_taken(moment.standing(hold)?, state);
            told.push(Captured { hold: hold.clone(), outcome, receipt: None });
            steps.add(step);
        }
        let last = released.len() + told.len() - 1;
        let reply = OrderCaptured { order, outcome, holds: told, released };
        Ok(steps.into_one(Reply::OrderCaptured(reply), last))
    }

    pub(super) fn release_order(&self, holds: &[HoldId]) -> Result<Effect, No> {
        let (mut steps, mut told) = (Steps::new(self), Vec::new());
        for (place, hold) in holds.iter().enumerate() {
            let step = steps.moment().release(hold).map_err(|no| of_hold(place, hold, no))?;
            if let Reply::Hold(hold) = &step.reply {
                told.push(hold.clone());
            }
            steps.add(step);
        }
        let order = holds.first().map(|hold| hold.order.clone()).unwrap_or_default();
        let reply = OrderReleased { order, holds: told };
        Ok(steps.into_one(Reply::OrderReleased(reply), holds.len() - 1))
    }

    /// What a quote of several cards says.
    pub fn quote_order(&self, of: &OfOrder) -> Result<ToldOrder, No> {
        if !makes_sense(of) {
            return Err(No::Invalid);
        }
        let mut table = Table::new(of, Purpose::Quote, true);
        table.invite(self);
        let came = loop {
            let mut steps = Steps::new(self);
            self.free_own_holds(&table, &mut steps)?;
            let came = table.planned(&steps.moment())?;
            match weighed(&table, &came, steps) {
                Ok(()) => break came,
                Err((place, no)) => table.refuse(place, no)?,
            }
        };
        let denials = table.denials(&came);
        let told = |place: usize| ToldCard {
            card: table.known(place),
            verdict: verdict(denials.get(&place)),
            denial: denials.get(&place).cloned(),
            pricing: came.applied.iter().find(|one| one.place == place).map(|one| one.pricing.clone()),
        };
        let cards = (0..of.cards.len()).map(told).collect();
        let behind = (of.cards.len()..table.len()).map(told);
        let promotions = table.promotions.iter().map(|one| one.id.clone()).zip(behind).collect();
        Ok(ToldOrder { totals: came.totals, cards, promotions })
    }

    /// What the order itself holds of its cards is free to it.
    fn free_own_holds(&self, table: &Table<'_>, steps: &mut Steps<'_>) -> Result<(), No> {
        for place in 0..table.len() {
            let Some(of) = table.hold_of(self, place) else { continue };
            let id = HoldId { order: table.asked.basket.order.clone(), of };
            let moment = steps.moment();
            let Some(kept) = moment.model.holds.get(&id).cloned() else { continue };
            if kept.hold.holder != table.asked.customer.as_deref().map(key) {
                continue;
            }
            let standing = moment.as_it_stands(kept)?;
            if standing.state == HoldState::Open {
                let (puts, _) = moment.settled(&standing.kept.hold, None, standing.now);
                steps.lay(&puts);
            }
        }
        Ok(())
    }
}

/// Whether all that counts the cards that apply has room for them, one after another.
fn weighed(table: &Table<'_>, came: &Came, mut steps: Steps<'_>) -> Result<(), (usize, No)> {
    for applied in &came.applied {
        let weigh = |moment: &Moment<'_>| {
            let ((ground, card, mut puts), holder) = table.find(moment, applied.place)?;
            let gives = Gives::all(applied.pricing.clone(), &table.asked.basket);
            puts.extend(moment.counts(&ground, &card, holder.as_ref(), &table.asked.basket, &gives)?.puts);
            Ok::<_, No>(puts)
        };
        let puts = weigh(&steps.moment()).map_err(|no| (applied.place, no))?;
        steps.lay(&puts);
    }
    Ok(())
}
