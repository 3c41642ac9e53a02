//! The cards of an order laid beside each other: which of them can be used at all, and what all of them come to.

use std::collections::BTreeMap;

use super::super::redeem::{Asked, Usable, UsedBy, check_attributes, purse_of, short_of, usable};
use super::super::resolve::Picked;
use super::super::tenant::Realm;
use super::super::view::View;
use super::{LeftOut, OrderPicked, Stop};
use crate::Invalid;
use crate::card::{self, HoldOf, Parameters};
use crate::checkout::{Offer, Plan, PlanTerms, Pricing, Purse, plan};
use crate::denial::Denial;
use crate::engine::hold::must_be_holdable;
use crate::id::CardId;
use crate::rule::ProductSets;
use crate::time::Instant;

/// What the cards are looked at for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Redeem,
    Hold,
    /// What the order itself holds is free to it.
    Quote,
}

/// A card that can be used, as far as it alone is looked at.
pub(super) struct Ready {
    pub found: Usable,
    pub of: HoldOf,
    pub purse: Purse,
    parameters: Parameters,
    sets: ProductSets,
}

/// An order's cards, and which of them were found not to apply so far.
pub(super) struct Table<'a> {
    pub asked: &'a OrderPicked,
    pub realm: &'a Realm,
    pub purpose: Purpose,
    /// Whether a card that is denied is left out, and does not refuse the whole.
    pub leave_out: bool,
    refused: BTreeMap<usize, Denial>,
    /// The cards that were found, for what is told of those that do not apply.
    known: BTreeMap<usize, CardId>,
}

/// What the cards come to together.
pub(super) struct Planned {
    /// By the card's place in the request; none for one that was refused.
    pub ready: Vec<Option<Ready>>,
    pub plan: Plan,
    /// The place of each offer's card in the request.
    places: Vec<usize>,
    pricings: Vec<Option<Pricing>>,
    /// The product sets that the cards' terms name.
    pub sets: ProductSets,
    pub now: Instant,
}

impl<'a> Table<'a> {
    pub(super) fn new(asked: &'a OrderPicked, realm: &'a Realm, purpose: Purpose, leave_out: bool) -> Self {
        Self { asked, realm, purpose, leave_out, refused: BTreeMap::new(), known: BTreeMap::new() }
    }

    /// Looks a card up as it stands in what the view sees now.
    pub(super) fn find(&self, view: &mut View<'_>, place: usize) -> Result<Usable, Stop> {
        let asked = self.asked;
        let Some(card) = asked.cards.get(place) else { return Err(Stop::Internal("an order has no such card")) };
        let holder = asked.holder.as_ref();
        if self.purpose == Purpose::Hold && matches!(card.picked, Picked::Word { .. }) && holder.is_none() {
            // Whether there is such a code comes first.
            card.picked.resolve(view, self.realm)?;
            return Err(Denial::HolderRequired.into());
        }
        let order = (self.purpose == Purpose::Quote).then_some(asked.order.id.as_str());
        let buyer = UsedBy { holder, guest: &asked.guest, subjects: &asked.subjects, own: &card.own, order };
        let found = usable(view, self.realm, &card.picked, &buyer)?;
        found.must_go_on(view.now)?;
        Ok(found)
    }

    fn ready(&mut self, view: &mut View<'_>, place: usize) -> Result<Ready, Stop> {
        let Some(card) = self.asked.cards.get(place) else { return Err(Stop::Internal("an order has no such card")) };
        let word = matches!(card.picked, Picked::Word { .. });
        if !word {
            let card = card.picked.resolve_card(view, self.realm)?.card.id;
            self.known.insert(place, card);
        }
        let found = self.find(view, place)?;
        let draft = &found.ground.template.draft;
        match self.purpose {
            Purpose::Hold => must_be_holdable(draft)?,
            Purpose::Redeem => {
                card::chosen(draft, &card.asked.choose)?;
            }
            Purpose::Quote => {}
        }
        let asked = Asked { amount_minor: card.asked.amount_minor, units: card.asked.units };
        let (purse, sets) = purse_of(view, &found.ground, &found.card, &self.asked.order, asked)?;
        let parameters = found.ground.template.complete(&found.ground.batch.parameters, &found.card.parameters);
        let of = if word { HoldOf::Batch(found.card.id.batch) } else { HoldOf::Card(found.card.id) };
        Ok(Ready { found, of, purse, parameters, sets })
    }

    /// All cards that can be used, by their place.
    fn all_ready(&mut self, view: &mut View<'_>) -> Result<Vec<Option<Ready>>, Stop> {
        let mut all: Vec<Option<Ready>> = Vec::with_capacity(self.asked.cards.len());
        let (mut missing, mut missed) = (false, std::mem::take(&mut view.missing));
        for place in 0..self.asked.cards.len() {
            let one = if self.refused.contains_key(&place) { None } else { Some(self.ready(view, place)) };
            missed.append(&mut view.missing);
            all.push(match one {
                None => None,
                Some(Ok(ready)) => {
                    let twice = |other: &Ready| other.of == ready.of || other.found.card.id == ready.found.card.id;
                    if all.iter().flatten().any(twice) {
                        return Err(
                            Invalid::new(format!("cards[{place}].card"), "a card again", "each card once").into()
                        );
                    }
                    Some(ready)
                }
                // The others name what they miss as well.
                Some(Err(Stop::Missing)) => {
                    missing = true;
                    None
                }
                Some(Err(_)) if missing => None,
                Some(Err(stop)) => {
                    self.refuse(place, stop)?;
                    None
                }
            });
        }
        view.missing = missed;
        if missing { Err(Stop::Missing) } else { Ok(all) }
    }

    /// What all cards that are not refused come to. Where none may be left out, the first that does not apply refuses the whole.
    ///
    /// # Errors
    /// `card_denied`; of orders `invalid`.
    pub(super) fn planned(&mut self, view: &mut View<'_>) -> Result<Planned, Stop> {
        let order = &self.asked.order;
        check_attributes(view, order)?;
        let ready = self.all_ready(view)?;
        let rounding = view.rounding()?;
        let now = ready.iter().flatten().fold(view.now, |now, ready| now.max(ready.found.card.last_at));
        let mut sets = ProductSets::new();
        let (mut places, mut ids) = (Vec::new(), Vec::new());
        for (place, ready) in ready.iter().enumerate().filter_map(|(place, ready)| Some((place, ready.as_ref()?))) {
            sets.extend(ready.sets.iter().map(|(name, set)| (name.clone(), set.clone())));
            places.push(place);
            ids.push(ready.of.to_string());
        }
        let offers: Vec<Offer<'_>> = ready
            .iter()
            .enumerate()
            .filter_map(|(place, ready)| Some((place, ready.as_ref()?)))
            .zip(&ids)
            .map(|((place, ready), id)| ready.offer(place, id))
            .collect();
        let plan = plan(order, &offers, PlanTerms { sets: &sets, rounding, at: now });
        let pricings = plan.pricings();
        let planned = Planned { ready, plan, places, pricings, sets, now };
        for (place, ready, denial) in planned.denied() {
            let asked = self.asked.cards.get(place).and_then(|card| card.asked.amount_minor);
            let denial = short_of(&ready.found.ground, &ready.found.card, asked, denial.clone(), now);
            if !self.leave_out {
                return Err(self.denied(place, denial));
            }
        }
        Ok(planned)
    }

    /// Takes note of why a card does not apply, where that does not refuse the whole.
    pub(super) fn refuse(&mut self, place: usize, stop: Stop) -> Result<(), Stop> {
        match stop {
            Stop::Denied(denial) if self.leave_out => {
                self.refused.insert(place, denial);
                Ok(())
            }
            Stop::Denied(denial) => Err(self.denied(place, denial)),
            Stop::Invalid(invalid) => Err(invalid.within(&format!("cards[{place}]")).into()),
            Stop::Missing | Stop::Internal(_) => Err(stop),
        }
    }

    fn denied(&self, place: usize, why: Denial) -> Stop {
        let card = self.known.get(&place).copied();
        Denial::CardDenied { place: u32::try_from(place).unwrap_or(u32::MAX), card, why: Box::new(why) }.into()
    }

    /// Why each card that does not apply does not.
    pub(super) fn denials(&self, planned: &Planned) -> BTreeMap<usize, Denial> {
        let mut all = self.refused.clone();
        all.extend(planned.denied().map(|(place, ready, denial)| {
            let asked = self.asked.cards.get(place).and_then(|card| card.asked.amount_minor);
            (place, short_of(&ready.found.ground, &ready.found.card, asked, denial.clone(), planned.now))
        }));
        all
    }

    pub(super) fn known(&self, place: usize) -> Option<CardId> {
        self.known.get(&place).copied()
    }

    /// What is told of the cards that do not apply.
    pub(super) fn left_out(&self, planned: &Planned) -> Vec<LeftOut> {
        let all = self.denials(planned);
        all.iter().map(|(place, denial)| LeftOut::of(*place, self.known(*place), denial)).collect()
    }

    /// What an order is refused with on which no card applies: what the first of them is.
    pub(super) fn nothing_applies(&self, planned: &Planned) -> Stop {
        match self.denials(planned).into_iter().next() {
            Some((place, why)) => self.denied(place, why),
            None => Denial::NoEffect.into(),
        }
    }
}

impl Ready {
    /// Discounts in the order of their groups; what pays behind them, in the order of the request.
    fn offer<'a>(&'a self, place: usize, id: &'a str) -> Offer<'a> {
        let template = &self.found.ground.template;
        let pays = template.draft.kind.holds_value();
        let turn = if pays { u32::try_from(place).unwrap_or(u32::MAX) } else { 0 };
        Offer { id, template, parameters: &self.parameters, turn, refused: None, purse: self.purse }
    }
}

impl Planned {
    /// The cards that apply, in the order of the request, with what each gives.
    pub(super) fn applied(&self) -> impl Iterator<Item = (usize, &Ready, &Pricing)> {
        let of = |(place, pricing): (&usize, &'_ Option<Pricing>)| pricing.is_some().then_some(*place);
        self.places.iter().zip(&self.pricings).filter_map(of).filter_map(|place| {
            let at = self.places.iter().position(|other| *other == place)?;
            Some((place, self.ready.get(place)?.as_ref()?, self.pricings.get(at)?.as_ref()?))
        })
    }

    fn denied(&self) -> impl Iterator<Item = (usize, &Ready, &Denial)> {
        self.places
            .iter()
            .zip(&self.plan.offers)
            .filter_map(|(place, offer)| Some((*place, self.ready.get(*place)?.as_ref()?, offer.denial.as_ref()?)))
    }

    /// The mark of what is charged.
    pub(super) fn mark(&self) -> String {
        let epoch = self.applied().fold(0_u32, |sum, (_, ready, _)| sum.wrapping_add(ready.found.card.epoch));
        self.plan.mark(epoch)
    }

    /// What would bring more of a card that applies.
    pub(super) fn offer(&self, place: usize) -> Option<&crate::checkout::OfferPlan> {
        let at = self.places.iter().position(|other| *other == place)?;
        self.plan.offers.get(at)
    }
}
