//! The search for the best cards of an order. What `best` finds over offers is looked at as a quote of the order: where limits that cards
//! share have no room, combinations without one of its members are searched, the best of them first.

use std::collections::{BTreeMap, BTreeSet};

use super::super::command::Stop;
use super::super::redeem::short_of;
use super::super::tenant::Realm;
use super::super::view::View;
use super::super::wallet::ends_last;
use super::best::{BestLeftOut, NextBest, OfferOf};
use super::quote::{OrderQuoted, free_own_holds, quote};
use super::table::{Planned, Purpose, Table};
use super::{ORDER_CARDS_MAX, OrderPicked};
use crate::checkout::{Best, BestTerms, Objective, Offer, PlanTerms, Verdict, best};
use crate::denial::Denial;
use crate::time::Instant;

/// Searches after searches that met a limit; beyond them only the card that was refused is left out.
const SEARCHES_MAX: usize = 64;

pub(super) struct Pick<'a> {
    /// The order with all cards that may be used: those of the request, behind them those of the wallet.
    pub of: &'a OrderPicked,
    pub realm: &'a Realm,
    pub objective: Objective,
    pub shop: &'a str,
    pub steps_max: u64,
    /// How many cards the request names.
    pub given: usize,
}

/// What was found.
pub(super) struct Found {
    /// The quote of the order with what is used, in the order of `places`.
    pub quoted: OrderQuoted,
    /// The cards to use.
    pub places: Vec<usize>,
    pub promotions_off: Vec<String>,
    pub exact: bool,
    pub steps: u64,
    pub runner_up: Option<NextBest>,
    pub left_out: Vec<BestLeftOut>,
}

/// What may be used, cards and promotions by their places at the table.
struct Field<'a> {
    table: &'a Table<'a>,
    planned: &'a Planned,
    /// The place of each offer at the table.
    places: Vec<usize>,
    offers: Vec<Offer<'a>>,
    ends_at: Vec<Option<Instant>>,
}

/// A search in which some offers are out.
struct Node {
    out: BTreeSet<usize>,
    best: Best,
}

/// A combination quoted as an order.
struct Tried {
    quoted: OrderQuoted,
    cards: Vec<usize>,
    promotions_off: Vec<String>,
    /// Which of its members does not apply, and why.
    fault: Option<(usize, Option<Denial>)>,
}

impl Pick<'_> {
    /// The place among the cards of the request; none for a card of the wallet.
    pub(super) fn request_place(&self, place: usize) -> Option<u32> {
        (place < self.given).then(|| u32::try_from(place).unwrap_or(u32::MAX))
    }

    pub(super) fn find(&self, view: &mut View<'_>) -> Result<Found, Stop> {
        self.of.foresee(view, self.realm, None)?;
        let mut table = Table::new(self.of, self.realm, Purpose::Quote, true);
        table.invite(view)?;
        view.unlay();
        free_own_holds(view, &table)?;
        let planned = table.planned(view)?;
        view.unlay();
        let ids: Vec<String> = planned.ready.values().map(|ready| ready.of.to_string()).collect();
        let ready = planned.places.iter().zip(&ids);
        let offers = ready.filter_map(|(place, id)| Some(planned.ready.get(place)?.offer(*place, id)));
        let ends = |place: &usize| planned.ready.get(place)?.found.card.expires_at;
        let ends_at: Vec<Option<Instant>> = planned.places.iter().map(ends).collect();
        let offers = paying_in_turn(offers.collect(), &ends_at);
        let places = planned.places.clone();
        self.search(view, &Field { table: &table, planned: &planned, places, offers, ends_at })
    }

    fn search(&self, view: &mut View<'_>, field: &Field<'_>) -> Result<Found, Stop> {
        let (mut steps, mut exact, mut searches) = (0, true, 1);
        let mut seen = BTreeSet::from([BTreeSet::new()]);
        let mut open = vec![self.node(view, field, BTreeSet::new(), &mut steps)?];
        while let Some(node) = self.next(&mut open) {
            exact &= node.best.exact;
            let used = field.places_of(&node.best.offers);
            let tried = self.tried(view, field, &used, Some(node.best.plan.discount_minor), None)?;
            let Some((place, why)) = tried.fault else {
                let runner_up = self.runner_up(view, field, &node.best)?;
                let left_out = self.left_out(view, field, &node, &used)?;
                let (quoted, places, promotions_off) = (tried.quoted, tried.cards, tried.promotions_off);
                return Ok(Found { quoted, places, promotions_off, exact, steps, runner_up, left_out });
            };
            // What a budget has room for hangs on what the others take: a combination of more may fit where this one does not.
            exact &= why.as_ref().is_some_and(|why| !is_of_a_budget(why));
            let members = if searches < SEARCHES_MAX { used } else { vec![place] };
            exact &= searches < SEARCHES_MAX;
            for member in members {
                let out: BTreeSet<usize> = node.out.iter().copied().chain([member]).collect();
                if seen.insert(out.clone()) {
                    searches += 1;
                    open.push(self.node(view, field, out, &mut steps)?);
                }
            }
        }
        Err(Stop::Internal("a search for the best cards came to nothing"))
    }

    /// The most promising of the searches that are left.
    fn next(&self, open: &mut Vec<Node>) -> Option<Node> {
        let mut first = 0;
        for (at, node) in open.iter().enumerate() {
            if open.get(first).is_some_and(|best| node.best.is_before(&best.best, self.objective)) {
                first = at;
            }
        }
        (first < open.len()).then(|| open.remove(first))
    }

    fn node(
        &self,
        view: &mut View<'_>,
        field: &Field<'_>,
        out: BTreeSet<usize>,
        steps: &mut u64,
    ) -> Result<Node, Stop> {
        let mut offers = field.offers.clone();
        for (offer, place) in offers.iter_mut().zip(&field.places) {
            if out.contains(place) {
                offer.refused = Some(Box::new(Denial::NoEffect));
            }
        }
        let terms = BestTerms {
            plan: PlanTerms { sets: &field.planned.sets, rounding: view.rounding()?, at: field.planned.now },
            objective: self.objective,
            shop: self.shop,
            ends_at: &field.ends_at,
            steps_max: self.steps_max.saturating_sub(*steps),
        };
        let best = best(&self.of.order, &offers, terms);
        *steps = steps.saturating_add(best.steps);
        Ok(Node { out, best })
    }

    /// Quotes the order with some of its cards and promotions; what is to come last is handed in behind the others.
    fn tried(
        &self,
        view: &mut View<'_>,
        field: &Field<'_>,
        used: &[usize],
        discount_minor: Option<i64>,
        last: Option<usize>,
    ) -> Result<Tried, Stop> {
        let (mut cards, promotions): (Vec<usize>, Vec<usize>) =
            used.iter().copied().partition(|place| field.table.promotion(*place).is_none());
        cards.sort_by_key(|place| (Some(*place) == last, ends_last(field.ends_at(*place)), *place));
        let wanted: BTreeSet<&str> = promotions.iter().filter_map(|place| field.table.promotion(*place)).collect();
        let others = field.table.promotion_places().filter_map(|place| field.table.promotion(place));
        let others: Vec<String> = others.filter(|id| !wanted.contains(id)).map(str::to_owned).collect();
        let picked = cards.iter().filter_map(|place| self.of.cards.get(*place)).cloned().collect();
        let mut of = OrderPicked { cards: picked, ..self.of.clone() };
        let mut quoted = quote(view, self.realm, &of)?;
        let is_as_planned = |quoted: &OrderQuoted| {
            let applied = |one: &&super::QuotedPromotion| one.card.verdict == Verdict::Applied;
            let applied = quoted.promotions.iter().filter(applied).map(|one| one.promotion.as_str());
            applied.collect::<BTreeSet<_>>() == wanted
                && discount_minor.is_none_or(|minor| quoted.totals.discount_minor == minor)
        };
        let mut promotions_off = Vec::new();
        if !is_as_planned(&quoted) {
            promotions_off = others;
            of.promotions_off.extend(promotions_off.iter().cloned());
            quoted = quote(view, self.realm, &of)?;
        }
        let fault = self.fault(field, (&cards, &promotions), &quoted);
        Ok(Tried { quoted, cards, promotions_off, fault })
    }

    fn fault(
        &self,
        field: &Field<'_>,
        (cards, promotions): (&[usize], &[usize]),
        quoted: &OrderQuoted,
    ) -> Option<(usize, Option<Denial>)> {
        let of_promotion = |place: &usize| {
            let id = field.table.promotion(*place)?;
            quoted.promotions.iter().find(|one| one.promotion == id).map(|one| (*place, &one.card))
        };
        let of_cards = cards.iter().copied().zip(&quoted.cards);
        let mut all = of_cards.chain(promotions.iter().filter_map(of_promotion));
        let refused = all.find(|(_, card)| card.verdict != Verdict::Applied);
        let fault = refused.map(|(place, card)| (place, card.denial.clone()));
        // More cards than an order takes: the last of them stays out.
        fault.or_else(|| cards.get(ORDER_CARDS_MAX).map(|place| (*place, None)))
    }

    fn runner_up(&self, view: &mut View<'_>, field: &Field<'_>, best: &Best) -> Result<Option<NextBest>, Stop> {
        let Some(second) = &best.runner_up else { return Ok(None) };
        let used = field.places_of(&second.offers);
        let tried = self.tried(view, field, &used, Some(second.discount_minor), None)?;
        let offers = used.iter().map(|place| self.offer_of(field, *place)).collect();
        Ok(tried.fault.is_none().then_some(NextBest { offers, discount_minor: second.discount_minor }))
    }

    /// Every offer that is not used, and why, by its place.
    fn left_out(
        &self,
        view: &mut View<'_>,
        field: &Field<'_>,
        node: &Node,
        used: &[usize],
    ) -> Result<Vec<BestLeftOut>, Stop> {
        let mut all = BTreeMap::new();
        for (place, denial) in field.table.denials(field.planned) {
            if field.at(place).is_none() {
                let (of, verdict) = (self.offer_of(field, place), Verdict::of(&denial));
                all.insert(place, BestLeftOut { of, verdict, denial: Some(denial), discount_minor: None });
            }
        }
        for left_out in &node.best.left_out {
            let Some(place) = field.place_of(&left_out.id) else { continue };
            let told = if node.out.contains(&place) {
                self.beside(view, field, used, place)?
            } else {
                let denial = left_out.denial.as_deref().map(|denial| self.short_of(field, place, denial.clone()));
                let discount_minor = Some(left_out.discount_minor);
                BestLeftOut { of: self.offer_of(field, place), verdict: left_out.verdict, denial, discount_minor }
            };
            all.insert(place, told);
        }
        Ok(all.into_values().collect())
    }

    /// What one that a limit kept out comes to behind those that are used.
    fn beside(
        &self,
        view: &mut View<'_>,
        field: &Field<'_>,
        used: &[usize],
        place: usize,
    ) -> Result<BestLeftOut, Stop> {
        let with: Vec<usize> = used.iter().copied().chain([place]).collect();
        let Tried { quoted, cards, .. } = self.tried(view, field, &with, None, Some(place))?;
        let card = match field.table.promotion(place) {
            Some(id) => quoted.promotions.iter().find(|one| one.promotion == id).map(|one| &one.card),
            None => cards.iter().position(|other| *other == place).and_then(|at| quoted.cards.get(at)),
        };
        let verdict = card.map_or(Verdict::NoEffect, |card| card.verdict);
        let denial = card.and_then(|card| card.denial.clone());
        let discount_minor = Some(quoted.totals.discount_minor);
        Ok(BestLeftOut { of: self.offer_of(field, place), verdict, denial, discount_minor })
    }

    fn short_of(&self, field: &Field<'_>, place: usize, denial: Denial) -> Denial {
        let asked = self.of.cards.get(place).and_then(|card| card.wishes().amount_minor);
        match field.planned.ready.get(&place) {
            Some(ready) => short_of(&ready.found.ground, &ready.found.card, asked, denial, field.planned.now),
            None => denial,
        }
    }

    fn offer_of(&self, field: &Field<'_>, place: usize) -> OfferOf {
        match field.table.promotion(place) {
            Some(id) => OfferOf { promotion: Some(id.to_owned()), ..OfferOf::default() },
            None => OfferOf { place: self.request_place(place), card: field.table.known(place), promotion: None },
        }
    }
}

/// Cards pay in the order in which they are handed in: what ends first before the rest.
fn paying_in_turn<'a>(mut offers: Vec<Offer<'a>>, ends_at: &[Option<Instant>]) -> Vec<Offer<'a>> {
    let mut turns: Vec<usize> = (0..offers.len()).collect();
    turns.sort_by_key(|at| (ends_last(ends_at.get(*at).copied().flatten()), *at));
    for (turn, at) in (0..).zip(turns) {
        if let Some(offer) = offers.get_mut(at).filter(|offer| offer.template.draft.kind.holds_value()) {
            offer.turn = turn;
        }
    }
    offers
}

fn is_of_a_budget(denial: &Denial) -> bool {
    match denial {
        Denial::LimitUsedUp(facts) | Denial::LimitHeld(facts) => facts.currency.is_some(),
        _ => false,
    }
}

impl Field<'_> {
    /// Where an offer stands among the offers.
    fn at(&self, place: usize) -> Option<usize> {
        self.places.iter().position(|other| *other == place)
    }

    fn place_of(&self, id: &str) -> Option<usize> {
        self.offers.iter().position(|offer| offer.id == id).and_then(|at| self.places.get(at)).copied()
    }

    fn places_of(&self, ids: &[smol_str::SmolStr]) -> Vec<usize> {
        ids.iter().filter_map(|id| self.place_of(id)).collect()
    }

    fn ends_at(&self, place: usize) -> Option<Instant> {
        self.at(place).and_then(|at| self.ends_at.get(at)).copied().flatten()
    }
}
