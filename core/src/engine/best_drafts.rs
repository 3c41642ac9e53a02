//! Which of several templates that nobody has saved to use on an order, without effect.

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::command::Stop;
use super::error::Error;
use super::quote_drafts::{DraftOffer, check_offers, made_ready};
use super::redeem::check_attributes;
use super::request::Read;
use super::view::View;
use crate::Invalid;
use crate::checkout::{Best, BestTerms, Objective, Offer, Order, PlanTerms, best};
use crate::id::check_name;
use crate::json::is_default;
use crate::money::Rounding;
use crate::time::Instant;

/// Which of several templates, none of which need be saved, are best on an order.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BestDrafts {
    /// The order.
    pub order: Order,
    /// What is offered, as in `quote_drafts`: at most 200, in any order. An offer ends when its template's validity does.
    pub offers: Vec<DraftOffer>,
    /// What is better; for the customer by default.
    #[serde(default, skip_serializing_if = "is_default")]
    pub objective: Objective,
    /// Whose cost counts as the shop's, where the shop's cost decides: a party of the offers' funding; `shop` by default. What an offer
    /// without funding takes off, the shop bears.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shop: Option<String>,
    /// Steps after which the search ends, 0 to 10,000,000: an offer tried, or a rest looked at; 200,000 by default, which wallets of 20
    /// cards come nowhere near.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps_max: Option<u64>,
    /// How a share that is not whole becomes whole; as the tenant's settings say by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounding: Option<Rounding>,
    /// The moment of which it is told; now by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
}

/// The best of several templates on an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct BestOfDrafts {
    /// Stands for all that the plan says, as in `quote_drafts`.
    pub digest: String,
    /// What to use, what it comes to, and what was left out.
    #[serde(flatten)]
    pub best: Best,
}

const OFFERS_MAX: usize = 200;
pub(super) const STEPS: u64 = 200_000;
const STEPS_MAX: u64 = 10_000_000;
/// Whose cost is the shop's where nobody says.
pub(super) const SHOP: &str = "shop";

pub(super) fn check_steps(steps_max: Option<u64>) -> Result<(), Invalid> {
    match steps_max.filter(|steps| *steps > STEPS_MAX) {
        Some(steps) => Err(Invalid::new("steps_max", steps, format!("at most {STEPS_MAX}"))),
        None => Ok(()),
    }
}

impl BestDrafts {
    fn check(&self) -> Result<(), Invalid> {
        self.order.check()?;
        if self.offers.len() > OFFERS_MAX {
            return Err(Invalid::new("offers", self.offers.len(), format!("at most {OFFERS_MAX} offers")));
        }
        check_steps(self.steps_max)?;
        self.shop.as_ref().map_or(Ok(()), |shop| check_name("shop", shop))?;
        check_offers(&self.offers)
    }
}

impl Read for BestDrafts {
    type Reply = BestOfDrafts;

    fn read(self, tenant: &Tenant) -> Result<BestOfDrafts, Error> {
        self.check()?;
        tenant.realm.weigh(|view| find(view, &self))
    }
}

fn find(view: &mut View<'_>, asked: &BestDrafts) -> Result<BestOfDrafts, Stop> {
    check_attributes(view, &asked.order)?;
    let rounding = asked.rounding.map_or_else(|| view.rounding(), Ok)?;
    let at = asked.at.unwrap_or(view.now);
    let (ready, sets) = made_ready(view, &asked.offers)?;
    let offers: Result<Vec<Offer<'_>>, _> = ready.iter().map(|ready| ready.offer(&asked.order, &sets, at)).collect();
    let offers = offers?;
    let ends_at: Vec<Option<Instant>> = offers.iter().map(|offer| offer.template.window.end).collect();
    let terms = BestTerms {
        plan: PlanTerms { sets: &sets, rounding, at },
        objective: asked.objective,
        shop: asked.shop.as_deref().unwrap_or(SHOP),
        ends_at: &ends_at,
        steps_max: asked.steps_max.unwrap_or(STEPS),
    };
    let best = best(&asked.order, &offers, terms);
    Ok(BestOfDrafts { digest: best.plan.digest(), best })
}
