//! What drafts would have come to on each order of a sample, one after another.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::trial::{self, Asked, Drafts, Pricing, Walk};
use crate::checkout::{Order, PlanFigures};
use crate::engine::Tenant;
use crate::engine::error::Error;
use crate::engine::quote_drafts::DraftOffer;
use crate::engine::request::{Begin, Progress};
use crate::money::{Currency, Rounding};
use crate::time::Instant;

/// What templates that need not be saved would have come to on each order of a sample: the rows that `backtest` sums up.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BacktestOrders {
    /// The sample's name.
    pub sample: String,
    /// What is offered on each order, as in `quote_drafts`: at most 1,000, in any order.
    pub offers: Vec<DraftOffer>,
    /// Of which currency orders are looked at; needed where the sample holds several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// How a share that is not whole becomes whole; as the tenant's settings say by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounding: Option<Rounding>,
    /// The moment of which it is told; by default when each order was placed, and now for one that does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
}

impl BacktestOrders {
    /// Over orders of the sample's only currency, each at its own moment.
    pub fn new(sample: impl Into<String>, offers: Vec<DraftOffer>) -> Self {
        Self { sample: sample.into(), offers, currency: None, rounding: None, at: None }
    }
}

/// What an order would have come to. Amounts in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct BacktestedOrder {
    /// The order's id.
    pub order: String,
    /// When it was placed, where it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placed_at: Option<Instant>,
    /// Where it was sold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// Through which channel it was sold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Lines and shipping, before anything comes off.
    pub before_minor: i64,
    /// What comes off.
    pub discount_minor: i64,
    /// What stored value pays.
    pub tender_minor: i64,
    /// What is left to pay.
    pub payable_minor: i64,
    /// For each offer, in the order in which they were given: what it takes off or pays; nothing for one that does not apply.
    pub offers_minor: Vec<Option<i64>>,
}

/// Orders of a back-test one after another. Holds the figures of some at a time, however many there are.
pub struct BacktestOrdersRun {
    drafts: Drafts,
    pricing: Pricing,
    walk: Walk,
    ready: VecDeque<BacktestedOrder>,
}

impl Begin for BacktestOrders {
    type Cursor = BacktestOrdersRun;

    fn begin(self, tenant: &Tenant) -> Result<BacktestOrdersRun, Error> {
        trial::check("offers", &self.offers)?;
        let asked = Asked { sample: &self.sample, currency: self.currency };
        let walk = Walk::new(tenant, &asked, self.offers.len())?;
        let (drafts, pricing) = tenant.realm.weigh(|view| {
            Ok((Drafts::new(view, "offers", &self.offers)?, Pricing::new(view, self.rounding, self.at)?))
        })?;
        Ok(BacktestOrdersRun { drafts, pricing, walk, ready: VecDeque::new() })
    }
}

impl BacktestOrdersRun {
    /// Orders given out, out of all of the sample; those in another currency count once they were passed over.
    pub fn progress(&self) -> Progress {
        let Progress { done, total } = self.walk.progress();
        Progress { done: done - self.ready.len() as u64, total }
    }
}

impl Iterator for BacktestOrdersRun {
    type Item = Result<BacktestedOrder, Error>;

    /// The next order. An error is `invalid`: units of a times card that an order cannot take.
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(order) = self.ready.pop_front() {
                return Some(Ok(order));
            }
            let Self { drafts, pricing, walk, ready, .. } = self;
            let goes_on = walk.step(|order| {
                ready.push_back(BacktestedOrder::of(order, drafts.figures(order, pricing)?));
                Ok(())
            });
            match goes_on {
                Ok(true) => {}
                Ok(false) => return None,
                Err(invalid) => {
                    // The next call meets it again.
                    ready.clear();
                    return Some(Err(invalid.into()));
                }
            }
        }
    }
}

impl BacktestedOrder {
    fn of(order: &Order, figures: PlanFigures) -> Self {
        let before_minor = figures.before_minor();
        let PlanFigures { discount_minor, tender_minor, payable_minor, offers_minor, .. } = figures;
        Self {
            order: order.id.clone(),
            placed_at: order.placed_at,
            store: order.store.clone(),
            channel: order.channel.clone(),
            before_minor,
            discount_minor,
            tender_minor,
            payable_minor,
            offers_minor,
        }
    }
}

impl std::fmt::Debug for BacktestOrdersRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BacktestOrdersRun").field("progress", &self.progress()).finish_non_exhaustive()
    }
}
