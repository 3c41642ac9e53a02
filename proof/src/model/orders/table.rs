//! The cards of an order laid beside each other, promotions behind them.

use std::collections::{BTreeMap, BTreeSet};

use cardmint::card::{Card, HoldOf, Promotion, PromotionLife};
use cardmint::checkout::{OrderTotals, Pricing, Verdict};
use cardmint::id::CardId;
use cardmint::subject::SubjectKey;
use cardmint::{Denial, LeftOut, PromotionUse};

use super::super::cards::{Ground, Meaning, key};
use super::super::gifts::opens_into;
use super::super::holds::{free, held_by_others, must_be_holdable};
use super::super::price::{Purse, Wish, wish};
use super::super::{Moment, No, Put};
use super::plan::{Offer, plan};
use crate::request::{Code, Much, OfCard, OfOrder, Pick};

/// A card, what it rests on, and what claims it.
pub(super) type Found = (Ground, Card, Vec<Put>);

/// What the cards are looked at for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Redeem,
    Hold,
    Quote,
}

/// A card that can be used, as far as it alone is looked at.
pub(super) struct Ready {
    ground: Ground,
    card: Card,
    pub of: HoldOf,
    pub wish: Wish,
}

/// A card that applies, and what it gives.
pub(super) struct Applied {
    pub place: usize,
    pub of: HoldOf,
    pub units: Option<u32>,
    pub pricing: Pricing,
}

/// What all of them come to, and why some do not apply.
pub(super) struct Came {
    pub applied: Vec<Applied>,
    pub totals: OrderTotals,
    denied: BTreeMap<usize, Denial>,
}

/// An order's cards, and which of them were found not to apply so far.
pub(super) struct Table<'a> {
    pub asked: &'a OfOrder,
    purpose: Purpose,
    leave_out: bool,
    pub promotions: Vec<Promotion>,
    refused: BTreeMap<usize, Denial>,
    known: BTreeMap<usize, CardId>,
}

impl<'a> Table<'a> {
    pub(super) fn new(asked: &'a OfOrder, purpose: Purpose, leave_out: bool) -> Self {
        let (refused, known) = (BTreeMap::new(), BTreeMap::new());
        Self { asked, purpose, leave_out, promotions: Vec::new(), refused, known }
    }

    /// Seats the promotions that run, unless they are to stay off.
    pub(super) fn invite(&mut self, moment: &Moment<'_>) {
        if !self.asked.no_promotions {
            self.promotions = moment.settings().promotions;
            self.promotions.retain(|one| one.life == PromotionLife::Running);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.asked.cards.len() + self.promotions.len()
    }

    /// The promotion at a place; none for a card.
    pub(super) fn promotion(&self, place: usize) -> Option<&Promotion> {
        self.promotions.get(place.checked_sub(self.asked.cards.len())?)
    }

    pub(super) fn known(&self, place: usize) -> Option<CardId> {
        self.known.get(&place).copied()
    }

    fn card(&self, place: usize) -> Option<&'a OfCard> {
        self.asked.cards.get(place)
    }

    fn meaning(&self, moment: &Moment<'_>, place: usize) -> Result<Meaning, No> {
        match (self.card(place), self.promotion(place)) {
            (Some(card), _) => moment.named(&card.card),
            (None, Some(promotion)) => {
                let batch = moment.names.get(&promotion.no).and_then(|name| moment.batch(name));
                let batch = batch.ok_or(Denial::NotFoundOrInvalid)?;
                Ok(Meaning::Any(Box::new(moment.ground(batch)?)))
            }
            (None, None) => Err(No::Invalid),
        }
    }

    /// The hold that the order may have of what stands at a place.
    pub(super) fn hold_of(&self, moment: &Moment<'_>, place: usize) -> Option<HoldOf> {
        match (self.card(place), self.promotion(place)) {
            (Some(OfCard { card: Pick::Id(id), .. }), _) => Some(HoldOf::Card(*id)),
            // A code of a key that the engine does not have means nothing to it.
            (Some(OfCard { card: Pick::Code(Code::Sealed(token)), .. }), _)
                if !moment.ring.good.contains(&token.slot) =>
            {
                None
            }
            (Some(OfCard { card: Pick::Code(code), .. }), _) => {
                moment.hold_named(code, &self.asked.basket.order).map(|id| id.of)
            }
            (None, promotion) => promotion.map(|promotion| HoldOf::Batch(promotion.no)),
        }
    }

    /// The card that can be used now with what claims it, and by whom: of texts that take any card by a guest, too.
    pub(super) fn find(&self, moment: &Moment<'_>, place: usize) -> Result<(Found, Option<SubjectKey>), No> {
        let mut holder = self.asked.customer.as_deref().map(key);
        let meaning = self.meaning(moment, place)?;
        if self.purpose == Purpose::Hold && holder.is_none() && matches!(meaning, Meaning::Any(_)) {
            return Err(Denial::HolderRequired.into());
        }
        // Promotions have no cards of the holder's, but for the one that a hold of the same order had.
        let mut own = if self.promotion(place).is_some() { Vec::new() } else { moment.own.to_vec() };
        own.extend(self.held_before(moment, place));
        let is_quote = self.purpose == Purpose::Quote;
        let found = moment.usable_of(meaning, &mut holder, &self.asked.basket, is_quote, &own)?;
        Ok((found, holder))
    }

    fn held_before(&self, moment: &Moment<'_>, place: usize) -> Option<CardId> {
        if self.purpose != Purpose::Hold || self.promotion(place).is_none() {
            return None;
        }
        let hold = moment.hold_at(&self.asked.basket.order, self.hold_of(moment, place)?)?;
        let holder = self.asked.customer.as_deref().map(key);
        (hold.holder == holder && !moment.stale.contains(&hold.card)).then_some(hold.card)
    }

    /// A use of a promotion as it would be.
    fn promised(&self, moment: &Moment<'_>, ground: Ground) -> Result<(Ground, Card), No> {
        super::super::owner::batch_must_move(&ground.batch)?;
        ground.must_run(moment.now)?;
        let holder = match &self.asked.customer {
            Some(customer) => key(customer),
            None if self.purpose == Purpose::Hold => return Err(Denial::HolderRequired.into()),
            None => self.asked.guest(),
        };
        moment.must_be_listed(&ground, &holder)?;
        let untouched = super::super::owner::prolonged(&ground, ground.untouched(0));
        let card = moment.taken(&ground, &untouched, &holder)?;
        moment.redeemable(&ground, &card, Some(&holder), moment.now.max(untouched.last_at))?;
        Ok((ground, card))
    }

    fn ready(&mut self, moment: &Moment<'_>, place: usize) -> Result<Ready, No> {
        let wishes = self.card(place);
        let (any, (ground, card)) = match (self.promotion(place), self.meaning(moment, place)?) {
            (Some(_), Meaning::Any(ground)) => (true, self.promised(moment, *ground)?),
            (_, Meaning::Any(_)) => (true, self.find(moment, place).map(|((ground, card, _), _)| (ground, card))?),
            (_, Meaning::One(named)) => {
                self.known.insert(place, named.1.id);
                let ((ground, card, _), _) = self.find(moment, place)?;
                if self.purpose == Purpose::Redeem {
                    opens_into(&ground.template.terms, wishes.map_or(&[], |card| card.choose.as_slice()))?;
                }
                (false, (ground, card))
            }
        };
        if self.purpose == Purpose::Hold {
            must_be_holdable(&ground)?;
        }
        let free = free(&ground, &card, moment.now.max(card.last_at));
        let purse = Purse {
            holds: if ground.is_gift() { free } else { 0 },
            uses_left: u32::try_from(free).unwrap_or(0),
            asked: wishes.and_then(|card| card.amount),
        };
        let wish = wish(&ground.template, &self.asked.basket, purse)?;
        let of = if any { HoldOf::Batch(card.id.batch) } else { HoldOf::Card(card.id) };
        Ok(Ready { ground, card, of, wish })
    }

    /// What all that are not refused come to. Where none may be left out, the first that does not apply refuses the whole.
    pub(super) fn planned(&mut self, moment: &Moment<'_>) -> Result<Came, No> {
        let mut all: BTreeMap<usize, Ready> = BTreeMap::new();
        for place in (0..self.len()).filter(|place| !self.refused.contains_key(place)).collect::<Vec<_>>() {
            let ready = match self.ready(moment, place) {
                Ok(ready) => ready,
                Err(no) => {
                    self.refuse(place, no)?;
                    continue;
                }
            };
            let twice = all.values().find(|other| other.of == ready.of || other.card.id == ready.card.id);
            match (twice, self.promotion(place)) {
                (None, _) => drop(all.insert(place, ready)),
                (Some(other), Some(_)) => {
                    let with = other.of.to_string();
                    self.refused.insert(place, Denial::NotCombinable { with, why: "excludes" });
                }
                (Some(_), None) => return Err(No::Invalid),
            }
        }
        let offer = |(place, ready): (&usize, &'_ Ready)| {
            let (place, name) = (*place, ready.of.to_string());
            (place, name, ready.wish)
        };
        let offers = all.iter().map(|seat| {
            let (place, name, wish) = offer(seat);
            Offer { place, name, template: &seat.1.ground.template, wish }
        });
        let planned = plan(&self.asked.basket, moment.rounding(), offers.collect());
        let now = all.values().fold(moment.now, |now, ready| now.max(ready.card.last_at));
        let (mut applied, mut denied) = (Vec::new(), BTreeMap::new());
        for (place, came) in planned.came {
            let Some(Ready { ground, card, of, wish }) = all.get(&place) else { continue };
            match came {
                Ok(pricing) => applied.push(Applied { place, of: *of, units: wish.units, pricing }),
                Err(No::Invalid) => return Err(No::Invalid),
                Err(No::Denied(denial)) => {
                    let asked = match self.card(place).and_then(|card| card.amount) {
                        Some(Much::Minor(minor)) => minor,
                        Some(Much::Uses(_)) | None => 1,
                    };
                    let held = match &denial {
                        Denial::InsufficientBalance { .. } => held_by_others(ground, card, asked, now).err(),
                        _ => None,
                    };
                    let denial = match held {
                        Some(No::Denied(held)) => held,
                        _ => denial,
                    };
                    if !self.leave_out && self.promotion(place).is_none() {
                        return Err(self.denied(place, denial));
                    }
                    denied.insert(place, denial);
                }
            }
        }
        Ok(Came { applied, totals: planned.totals, denied })
    }

    /// Takes note of why a card does not apply, where that does not refuse the whole.
    pub(super) fn refuse(&mut self, place: usize, no: No) -> Result<(), No> {
        match no {
            No::Denied(denial) if self.leave_out || self.promotion(place).is_some() => {
                self.refused.insert(place, denial);
                Ok(())
            }
            No::Denied(denial) => Err(self.denied(place, denial)),
            No::Invalid => Err(No::Invalid),
        }
    }

    fn denied(&self, place: usize, why: Denial) -> No {
        let named = match self.card(place) {
            Some(OfCard { card: Pick::Id(id), .. }) => Some(*id),
            Some(OfCard { card: Pick::Code(Code::Sealed(_) | Code::Word(_)), .. }) | None => None,
        };
        let card = self.known(place).or(named);
        Denial::CardDenied { place: u32::try_from(place).unwrap_or(u32::MAX), card, why: Box::new(why) }.into()
    }

    /// Why each that does not apply does not.
    pub(super) fn denials(&self, came: &Came) -> BTreeMap<usize, Denial> {
        self.refused.iter().chain(&came.denied).map(|(place, why)| (*place, why.clone())).collect()
    }

    pub(super) fn left_out(&self, came: &Came) -> Vec<LeftOut> {
        let all = self.denials(came);
        let cards = all.iter().filter(|(place, _)| self.promotion(**place).is_none());
        cards
            .map(|(place, why)| LeftOut {
                place: u32::try_from(*place).unwrap_or(u32::MAX),
                card: self.known(*place),
                verdict: verdict(Some(why)),
                code: why.code().to_owned(),
                facts: why.facts(),
            })
            .collect()
    }

    pub(super) fn promotions_of(&self, came: &Came) -> Vec<PromotionUse> {
        let uses = came.applied.iter().enumerate().filter_map(|(at, applied)| {
            let (promotion, place) = (self.promotion(applied.place)?.id.clone(), u32::try_from(at).ok()?);
            Some(PromotionUse { promotion, place })
        });
        uses.collect()
    }

    /// What an order is refused with on which nothing applies.
    pub(super) fn nothing_applies(&self, came: &Came) -> No {
        match self.denials(came).into_iter().find(|(place, _)| self.promotion(*place).is_none()) {
            Some((place, why)) => self.denied(place, why),
            None => Denial::NoEffect.into(),
        }
    }
}

/// What became of a card, in one word.
pub(super) fn verdict(denial: Option<&Denial>) -> Verdict {
    match denial {
        None => Verdict::Applied,
        Some(Denial::NoEffect) => Verdict::NoEffect,
        Some(Denial::ConditionFailed { short: Some(_), .. }) => Verdict::NearMiss,
        Some(_) => Verdict::Refused,
    }
}

/// Whether these are holds of one order, each once.
pub(in crate::model) fn of_one_order<'a>(holds: impl Iterator<Item = &'a cardmint::card::HoldId>) -> bool {
    let holds: Vec<_> = holds.collect();
    let orders: BTreeSet<_> = holds.iter().map(|hold| &hold.order).collect();
    let each: BTreeSet<_> = holds.iter().collect();
    orders.len() == 1 && each.len() == holds.len()
}
