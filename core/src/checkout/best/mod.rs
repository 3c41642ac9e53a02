//! Which of several offers to use on one order. Pure, like the plan: the same order, offers and terms give the same answer.
//!
//! A combination is a set of offers that all apply together. The search goes through them in the order in which offers come off
//! ([`search`]), and does not go where a bound says that nothing better can be ([`bound`]). That is exact; beyond a number of steps it
//! ends, says so, and betters what it has by single changes. Value that pays is no matter of the search: it takes nothing off, and pays
//! in the end, what ends first before the rest. So are offers that take nothing off but give something: they are used where that
//! costs no saving.

mod bound;
mod search;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use self::search::Search;
use super::benefit::{Estimate, estimate};
use super::plan::stack::{Group, Table, ranked};
use super::plan::{Offer, Plan, PlanTerms, Verdict, plan};
use super::{Cart, Order};
use crate::card::{Combine, Lane};
use crate::denial::{Denial, Refusal};
use crate::money::WHOLE_BP;
use crate::time::Instant;

/// What makes one combination better than another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// The more comes off, the better; then the fewer offers are used, then the sooner they end.
    #[default]
    Customer,
    /// Of combinations to which no offer can be added: the less of what comes off the shop bears, the better; then the more comes
    /// off, the fewer offers, the sooner they end.
    Shop,
}

/// What holds for a search.
#[derive(Debug, Clone, Copy)]
pub struct BestTerms<'a> {
    /// What holds for plans.
    pub plan: PlanTerms<'a>,
    /// What is better.
    pub objective: Objective,
    /// Whose cost is the shop's: a party of the offers' funding. What an offer without funding takes off, the shop bears.
    pub shop: &'a str,
    /// When each offer ends, by place; nothing for those that do not.
    pub ends_at: &'a [Option<Instant>],
    /// Steps after which the search ends: an offer tried, or a rest looked at.
    pub steps_max: u64,
}

/// The best combination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Best {
    /// The offers to use, in the order in which they were given.
    pub offers: Vec<SmolStr>,
    /// What they come to: those alone.
    pub plan: Plan,
    /// Whether nothing is better. If not, the search ended early: no single offer, and none of the combinations that a step by step choice finds,
    /// takes more off, yet another one may.
    pub exact: bool,
    /// How often an offer was tried or a rest looked at.
    pub steps: u64,
    /// What of it the shop bears, in basis points of a minor unit.
    #[serde(skip)]
    pub(crate) cost: i128,
    /// The second best, if there is any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runner_up: Option<RunnerUp>,
    /// The offers that are not used, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// The second best combination of discounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct RunnerUp {
    /// Its offers, in the order in which they were given.
    pub offers: Vec<SmolStr>,
    /// What they take off, in minor units.
    pub discount_minor: i64,
}

/// An offer that is not used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct LeftOut {
    /// The offer.
    pub id: SmolStr,
    /// What it would come to beside those that are used: `applied` where less would come off in all, or no more.
    pub verdict: Verdict,
    /// Why it does not apply beside them.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "super::plan::refusal_json")]
    #[schemars(with = "Option<Refusal>")]
    pub denial: Option<Box<Denial>>,
    /// What would come off in all with it, in minor units.
    pub discount_minor: i64,
}

/// An offer that may take something off.
#[derive(Debug)]
struct Candidate {
    /// Its place among the offers.
    place: usize,
    group: Group,
    /// Whether it is the only one of its group.
    is_alone: bool,
    /// Whether all about it is as with the candidate before it.
    is_like_the_last: bool,
    /// The most that it takes off.
    alone_minor: i64,
    off_bp: Option<u32>,
    lines: Vec<usize>,
    shipping: bool,
    /// What of it the shop bears, in basis points.
    cost_bp: u32,
    ends_at: Option<Instant>,
}

impl Candidate {
    /// The lines that it takes off, by place; shipping is behind the last.
    fn places(&self, lines: usize) -> Vec<usize> {
        self.lines.iter().copied().chain(self.shipping.then_some(lines)).collect()
    }

    /// What the shop bears of it, in basis points of a minor unit.
    fn cost_of(&self, minor: i64) -> i128 {
        i128::from(minor) * i128::from(self.cost_bp)
    }
}

/// Candidates that apply together, and what they come to.
#[derive(Debug, Clone, Default)]
struct Outcome {
    /// By place among the candidates, in order.
    taken: Vec<usize>,
    minor: i64,
    cost: i128,
    ends: Vec<Option<Instant>>,
}

impl Outcome {
    fn is_before(&self, other: &Self, objective: Objective) -> bool {
        self.order(other, objective).is_lt()
    }

    /// Which is better, that one first; what is left of that is decided by the order of the offers.
    fn order(&self, other: &Self, objective: Objective) -> std::cmp::Ordering {
        let off = || other.minor.cmp(&self.minor);
        let fewer = || self.taken.len().cmp(&other.taken.len());
        let order = match objective {
            Objective::Customer => off(),
            Objective::Shop => self.cost.cmp(&other.cost).then_with(off),
        };
        order.then_with(fewer).then_with(|| self.ends().cmp(&other.ends())).then_with(|| self.taken.cmp(&other.taken))
    }

    /// When its offers end, the soonest first, those that never do last.
    fn ends(&self) -> Vec<(bool, Option<Instant>)> {
        let mut ends: Vec<_> = self.ends.iter().map(|end| (end.is_none(), *end)).collect();
        ends.sort_unstable();
        ends
    }
}

impl Best {
    /// Whether it is better than what another search found, as far as money goes.
    pub(crate) fn is_before(&self, other: &Self, objective: Objective) -> bool {
        let off = || other.plan.discount_minor.cmp(&self.plan.discount_minor);
        let order = match objective {
            Objective::Customer => off(),
            Objective::Shop => self.cost.cmp(&other.cost).then_with(off),
        };
        order.then_with(|| self.offers.len().cmp(&other.offers.len())).is_lt()
    }
}

/// Finds the best combination of the offers on an order that was checked.
pub fn best(order: &Order, offers: &[Offer<'_>], terms: BestTerms<'_>) -> Best {
    let candidates = candidates(order, offers, terms);
    let table = Table::new(order, offers, terms.plan);
    let mut search = Search::new(table, &candidates, terms.objective, terms.steps_max);
    let exact = search.run();
    let places = |outcome: &Outcome| -> Vec<usize> {
        outcome.taken.iter().filter_map(|at| candidates.get(*at)).map(|candidate| candidate.place).collect()
    };
    let first = search.podium.first.as_ref().map(places).unwrap_or_default();
    let used = and_what_costs_nothing(order, offers, terms, first);
    let plan = of(order, offers, terms, &used);
    let runner_up = search
        .podium
        .second
        .as_ref()
        .map(|second| RunnerUp { offers: names(offers, &mut places(second)), discount_minor: second.minor });
    let rest = (0..offers.len()).filter(|place| !used.contains(place));
    Best {
        left_out: rest.filter_map(|place| left_out(order, offers, terms, (&used, place))).collect(),
        offers: names(offers, &mut used.clone()),
        plan,
        cost: search.podium.first.as_ref().map_or(0, |first| first.cost),
        exact,
        steps: search.steps,
        runner_up,
    }
}

fn names(offers: &[Offer<'_>], places: &mut [usize]) -> Vec<SmolStr> {
    places.sort_unstable();
    places.iter().filter_map(|place| offers.get(*place)).map(|offer| SmolStr::new(offer.id)).collect()
}

/// The plan of some of the offers.
fn of(order: &Order, offers: &[Offer<'_>], terms: BestTerms<'_>, used: &[usize]) -> Plan {
    let mut used = used.to_vec();
    used.sort_unstable();
    let some: Vec<Offer<'_>> = used.iter().filter_map(|place| offers.get(*place)).cloned().collect();
    plan(order, &some, terms.plan)
}

/// The offers that may take something off, in the order in which they come off.
fn candidates(order: &Order, offers: &[Offer<'_>], terms: BestTerms<'_>) -> Vec<Candidate> {
    let cart = Cart::new(order, terms.plan.sets, terms.plan.rounding, terms.plan.at);
    let mut table = Table::new(order, offers, terms.plan);
    let mut all: Vec<Candidate> = Vec::new();
    for (group, place) in ranked(offers) {
        let Some(offer) = offers.get(place).filter(|offer| group.0 != Lane::Tender && offer.refused.is_none()) else {
            continue;
        };
        let Estimate { lines, shipping, off_bp, is_steady } = estimate(offer.template, offer.parameters, &cart);
        let trial = table.try_on(place);
        let alone_minor = match &trial {
            // What takes most off where others came off before it takes no more than there is.
            _ if !is_steady => cart.room_minor(),
            Some(trial) => trial.minor,
            None => continue,
        };
        trial.into_iter().for_each(|trial| table.take_back(trial));
        let draft = &offer.template.draft;
        let last = all.last().and_then(|last: &Candidate| offers.get(last.place));
        let parts = draft.funding.iter().filter(|part| part.party == terms.shop).map(|part| part.off_bp);
        all.push(Candidate {
            place,
            group,
            is_alone: draft.stacking.as_ref().is_some_and(|stacking| stacking.combine != Combine::All),
            is_like_the_last: last.is_some_and(|last| is_like(last, offer)),
            alone_minor,
            off_bp,
            lines,
            shipping,
            cost_bp: if draft.funding.is_empty() { WHOLE_BP } else { parts.sum() },
            ends_at: terms.ends_at.get(place).copied().flatten(),
        });
    }
    // Which of several that are alike makes no difference but when they end.
    for alike in all.chunk_by_mut(|_, next| next.is_like_the_last) {
        let mut ends: Vec<_> = alike.iter().map(|candidate| (candidate.ends_at, candidate.place)).collect();
        ends.sort_by_key(|(ends_at, place)| (ends_at.is_none(), *ends_at, *place));
        for (candidate, (ends_at, place)) in alike.iter_mut().zip(ends) {
            (candidate.ends_at, candidate.place) = (ends_at, place);
        }
    }
    all
}

fn is_like(one: &Offer<'_>, other: &Offer<'_>) -> bool {
    let same = std::ptr::eq(one.template, other.template) || one.template == other.template;
    same && one.parameters == other.parameters && one.purse == other.purse
}

/// Adds offers that take nothing off where they apply beside the others, and value that pays while something is left to pay.
fn and_what_costs_nothing(
    order: &Order,
    offers: &[Offer<'_>],
    terms: BestTerms<'_>,
    mut used: Vec<usize>,
) -> Vec<usize> {
    let mut rest: Vec<usize> = (0..offers.len()).filter(|place| !used.contains(place)).collect();
    rest.sort_by_key(|place| {
        let ends_at = terms.ends_at.get(*place).copied().flatten();
        (ends_at.is_none(), ends_at, *place)
    });
    let mut now = of(order, offers, terms, &used);
    for place in rest {
        let gives = offers.get(place).is_some_and(|offer| offer.refused.is_none() && takes_nothing_off(offer));
        if !gives {
            continue;
        }
        used.push(place);
        let with = of(order, offers, terms, &used);
        let all_apply = with.offers.iter().all(|offer| offer.verdict == Verdict::Applied);
        if all_apply && with.discount_minor == now.discount_minor {
            now = with;
        } else {
            used.pop();
        }
    }
    used
}

/// Whether it gives something else than money off.
fn takes_nothing_off(offer: &Offer<'_>) -> bool {
    use crate::card::{Benefit, Off};
    match &offer.template.draft.benefit {
        Benefit::Value { .. } | Benefit::Entitlement { .. } | Benefit::Cards { .. } => true,
        Benefit::Deal(deal) => deal.steps.iter().any(|step| matches!(step.off, Off::Gifts(_) | Off::Host(_))),
        Benefit::AmountOff { .. } | Benefit::PercentOff { .. } | Benefit::Goods { .. } => false,
    }
}

/// Why an offer is not used: what it comes to beside those that are.
fn left_out(
    order: &Order,
    offers: &[Offer<'_>],
    terms: BestTerms<'_>,
    (used, place): (&[usize], usize),
) -> Option<LeftOut> {
    let with = of(order, offers, terms, &used.iter().copied().chain([place]).collect::<Vec<_>>());
    let id = offers.get(place)?.id;
    let offer = with.offers.into_iter().find(|offer| offer.id == id)?;
    Some(LeftOut { id: offer.id, verdict: offer.verdict, denial: offer.denial, discount_minor: with.discount_minor })
}
