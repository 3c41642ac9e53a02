//! The cards of an order laid beside each other: which of them can be used at all, and what all of them come to.

use std::collections::BTreeMap;

use super::super::redeem::{Usable, UsedBy, check_attributes, purse_of, short_of, usable};
use super::super::resolve::{Meaning, Picked};
use super::super::tenant::Realm;
use super::super::view::View;
use super::promoted::Promoted;
use super::{LeftOut, OrderPicked, PickedCard, Stop};
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
    /// The promotions that run, behind the cards.
    pub promoted: Promoted,
    refused: BTreeMap<usize, Denial>,
    /// The cards that were found, for what is told of those that do not apply.
    known: BTreeMap<usize, CardId>,
}

/// What the cards come to together.
pub(super) struct Planned {
    /// By the card's place in the request; those that were refused are not there.
    pub ready: BTreeMap<usize, Ready>,
    pub plan: Plan,
    /// The place of each offer's card in the request.
    pub(super) places: Vec<usize>,
    pricings: Vec<Option<Pricing>>,
    /// The product sets that the cards' terms name.
    pub sets: ProductSets,
    pub now: Instant,
}

impl<'a> Table<'a> {
    pub(super) fn new(asked: &'a OrderPicked, realm: &'a Realm, purpose: Purpose, leave_out: bool) -> Self {
        let (promoted, refused, known) = (Promoted::default(), BTreeMap::new(), BTreeMap::new());
        Self { asked, realm, purpose, leave_out, promoted, refused, known }
    }

    /// The place of every card, and of every promotion with a seat.
    pub(super) fn places(&self) -> Vec<usize> {
        (0..self.asked.cards.len()).chain(self.promotion_places()).collect()
    }

    /// The card at a place, or the promotion.
    pub(super) fn card(&self, place: usize) -> Result<&PickedCard, Stop> {
        let behind = self.promoted.seats.get(&place).map(|(_, card)| card);
        self.asked.cards.get(place).or(behind).ok_or(Stop::Internal("an order has no such card"))
    }

    /// Looks a card up as it stands in what the view sees now.
    pub(super) fn find(&self, view: &mut View<'_>, place: usize) -> Result<Usable, Stop> {
        let (asked, card) = (self.asked, self.card(place)?);
        let holder = asked.holder.as_ref();
        if self.purpose == Purpose::Hold && card.picked.takes_any() && holder.is_none() {
            // Whether there is such a code comes first.
            card.picked.resolve(view, self.realm)?;
            return Err(Denial::HolderRequired.into());
        }
        let order = (self.purpose == Purpose::Quote).then_some(asked.order.id.as_str());
        let before = if self.purpose == Purpose::Hold { self.held_before(view, place)? } else { None };
        let own: Vec<CardId> = card.own.iter().copied().chain(before).collect();
        let buyer = UsedBy { holder, guest: &asked.guest, subjects: &asked.subjects, own: &own, order };
        let found = usable(view, self.realm, &card.picked, &buyer)?;
        found.must_go_on(view.now)?;
        Ok(found)
    }

    fn ready(&mut self, view: &mut View<'_>, place: usize) -> Result<Ready, Stop> {
        let card = self.card(place)?.clone();
        let found = match (self.promotion(place), card.picked.resolve(view, self.realm)?) {
            (Some(_), Meaning::AnyOf(ground)) => self.promised(view, ground)?,
            (None, Meaning::AnyOf(_)) => self.find(view, place)?,
            (_, Meaning::Card(resolved)) => {
                let found = self.find(view, place);
                self.known.insert(place, resolved.card.id);
                let found = found?;
                if self.purpose == Purpose::Redeem {
                    let choose = card.asked.as_ref().map_or(&[][..], |asked| &asked.choose);
                    card::chosen(&found.ground.template.draft, choose)?;
                }
                found
            }
        };
        self.readied(view, found, &card)
    }

    /// What is found, with all that a plan asks of it.
    pub(super) fn readied(&self, view: &mut View<'_>, found: Usable, card: &PickedCard) -> Result<Ready, Stop> {
        let draft = &found.ground.template.draft;
        if self.purpose == Purpose::Hold {
            must_be_holdable(draft)?;
        }
        let (purse, sets) = purse_of(view, &found.ground, &found.card, &self.asked.order, card.wishes())?;
        let parameters = found.ground.template.complete(&found.ground.batch.parameters, &found.card.parameters);
        let of = if card.picked.takes_any() { HoldOf::Batch(found.card.id.batch) } else { HoldOf::Card(found.card.id) };
        Ok(Ready { found, of, purse, parameters, sets })
    }

    /// All cards that can be used, by their place.
    fn all_ready(&mut self, view: &mut View<'_>) -> Result<BTreeMap<usize, Ready>, Stop> {
        let mut all = BTreeMap::<usize, Ready>::new();
        let (mut missing, mut missed) = (false, std::mem::take(&mut view.missing));
        for place in self.places() {
            if self.refused.contains_key(&place) {
                continue;
            }
            let one = view.watched(self.to_watch(place), |view| self.ready(view, place));
            missed.append(&mut view.missing);
            match one {
                Ok(ready) => {
                    match all.values().find(|other| other.is_of_same(&ready)).map(|other| other.of.to_string()) {
                        None => drop(all.insert(place, ready)),
                        // A card before it may refuse the whole once it is read: what is said hangs on no cache.
                        Some(_) if missing => {}
                        // A card of its batch was named.
                        Some(with) if self.promotion(place).is_some() => {
                            self.refused.insert(place, Denial::NotCombinable { with, why: "excludes" });
                        }
                        Some(_) => {
                            let field = format!("cards[{place}].card");
                            return Err(Invalid::new(field, "a card again", "each card once").into());
                        }
                    }
                }
                // The others name what they miss as well.
                Err(Stop::Missing) => missing = true,
                Err(_) if missing => {}
                Err(stop) => self.refuse(place, stop)?,
            }
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
        let narrowing = self.narrowing(view, &ready)?;
        let rounding = view.rounding()?;
        let now = ready.values().fold(view.now, |now, ready| now.max(ready.found.card.last_at));
        let mut sets = ProductSets::new();
        let (mut places, mut ids) = (Vec::new(), Vec::new());
        for (place, ready) in &ready {
            sets.extend(ready.sets.iter().map(|(name, set)| (name.clone(), set.clone())));
            places.push(*place);
            ids.push(ready.of.to_string());
        }
        let unseated: Vec<String> = narrowing.iter().map(|one| one.of.to_string()).collect();
        let seated = ready.iter().zip(&ids).map(|((place, ready), id)| ready.offer(*place, id));
        let behind = narrowing.iter().zip(&unseated).map(|(one, id)| {
            // The index says so: which of its needs is not met is nobody's question here.
            Offer { refused: Some(Box::new(Denial::NoEffect)), ..one.offer(usize::MAX, id) }
        });
        let offers: Vec<Offer<'_>> = seated.chain(behind).collect();
        let plan = plan(order, &offers, PlanTerms { sets: &sets, rounding, at: now });
        let pricings = plan.pricings();
        let planned = Planned { ready, plan, places, pricings, sets, now };
        for (place, ready, denial) in planned.denied() {
            if !self.may_be_left_out(place) {
                let asked = self.card(place)?.wishes().amount_minor;
                let denial = short_of(&ready.found.ground, &ready.found.card, asked, denial.clone(), now);
                return Err(self.denied(place, denial));
            }
        }
        Ok(planned)
    }

    /// Whether what is denied at a place does not refuse the whole.
    fn may_be_left_out(&self, place: usize) -> bool {
        self.leave_out || self.promotion(place).is_some()
    }

    /// The place, where what is read for it may have to be guarded: of a quote nothing is committed.
    pub(super) fn to_watch(&self, place: usize) -> Option<usize> {
        Some(place).filter(|place| self.purpose != Purpose::Quote && self.may_be_left_out(*place))
    }

    /// What is left out has no writes that compare what it was left out for: the order guards it.
    pub(super) fn rest_on_left_out(&self, view: &mut View<'_>, planned: &Planned) {
        self.denials(planned).keys().for_each(|place| view.rely_on_place(*place));
    }

    /// Takes note of why a card does not apply, where that does not refuse the whole.
    pub(super) fn refuse(&mut self, place: usize, stop: Stop) -> Result<(), Stop> {
        match stop {
            Stop::Denied(denial) if self.may_be_left_out(place) => {
                self.refused.insert(place, denial);
                Ok(())
            }
            Stop::Denied(denial) => Err(self.denied(place, denial)),
            Stop::Invalid(invalid) => Err(invalid.within(&format!("cards[{place}]")).into()),
            Stop::Missing | Stop::Internal(_) => Err(stop),
        }
    }

    fn denied(&self, place: usize, why: Denial) -> Stop {
        // Who names a card by its id knows it already; of a code nothing is told before it was found good.
        let named = self.card(place).ok().and_then(|card| match card.picked {
            Picked::Card(card) => Some(card),
            Picked::Sealed(_) | Picked::Word { .. } | Picked::Next(_) | Picked::Nothing => None,
        });
        let card = self.known(place).or(named);
        Denial::CardDenied { place: u32::try_from(place).unwrap_or(u32::MAX), card, why: Box::new(why) }.into()
    }

    /// Why each card that does not apply does not.
    pub(super) fn denials(&self, planned: &Planned) -> BTreeMap<usize, Denial> {
        let mut all = self.refused.clone();
        all.extend(planned.denied().map(|(place, ready, denial)| {
            let asked = self.card(place).ok().and_then(|card| card.wishes().amount_minor);
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
        all.iter()
            .filter(|(place, _)| self.promotion(**place).is_none())
            .map(|(place, denial)| LeftOut::of(*place, self.known(*place), denial))
            .collect()
    }

    /// What an order is refused with on which no card applies: what the first of them is.
    pub(super) fn nothing_applies(&self, planned: &Planned) -> Stop {
        match self.denials(planned).into_iter().find(|(place, _)| self.promotion(*place).is_none()) {
            Some((place, why)) => self.denied(place, why),
            None => Denial::NoEffect.into(),
        }
    }
}

impl Ready {
    /// Whether both would use the same.
    pub(super) fn is_of_same(&self, other: &Self) -> bool {
        self.of == other.of || self.found.card.id == other.found.card.id
    }

    /// Discounts in the order of their groups; what pays behind them, in the order of the request.
    pub(super) fn offer<'a>(&'a self, place: usize, id: &'a str) -> Offer<'a> {
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
            Some((place, self.ready.get(&place)?, self.pricings.get(at)?.as_ref()?))
        })
    }

    fn denied(&self) -> impl Iterator<Item = (usize, &Ready, &Denial)> {
        self.places
            .iter()
            .zip(&self.plan.offers)
            .filter_map(|(place, offer)| Some((*place, self.ready.get(place)?, offer.denial.as_deref()?)))
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
