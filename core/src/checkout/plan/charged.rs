//! What a plan charges, card by card: the shape that a redemption keeps of each offer, and the mark that a later request compares.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{OfferPlan, Plan, PlanLine, PlanShare, PlanShipping, RateShare, Verdict};
use crate::checkout::{Action, Allocation, Pricing};
use crate::money::{Currency, Rounding};

/// What an order comes to. What lines and shipping say sums to the totals exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OrderTotals {
    /// The currency of every amount.
    pub currency: Currency,
    /// The order's total before, shipping included, in minor units.
    pub before_minor: i64,
    /// What comes off in all: it lowers the invoice (发票).
    pub discount_minor: i64,
    /// What stored value pays: it does not.
    pub tender_minor: i64,
    /// What is left to pay, 0 or more.
    pub payable_minor: i64,
    /// Whether nothing is left to pay: most ways to pay refuse an amount of 0.
    pub nothing_to_pay: bool,
    /// How a share that was not whole became whole.
    pub rounding: Rounding,
    /// Every line, in the order's own order.
    pub lines: Vec<PlanLine>,
    /// Shipping, where the order has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping: Option<PlanShipping>,
    /// The lines by their tax rates, where they name any; shipping has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_tax_rate: Vec<RateShare>,
}

/// What of an offer is charged, for the mark.
#[derive(Serialize)]
struct Charged<'a> {
    id: &'a str,
    discount_minor: i64,
    tender_minor: i64,
    shares: &'a [PlanShare],
    shipping_minor: i64,
    actions: &'a [Action],
}

impl OfferPlan {
    /// Whether it applies.
    pub(crate) fn applies(&self) -> bool {
        self.verdict == Verdict::Applied
    }
}

impl Plan {
    /// What the order comes to.
    pub(crate) fn totals(&self) -> OrderTotals {
        OrderTotals {
            currency: self.currency,
            before_minor: self.before_minor,
            discount_minor: self.discount_minor,
            tender_minor: self.tender_minor,
            payable_minor: self.payable_minor,
            nothing_to_pay: self.nothing_to_pay,
            rounding: self.rounding,
            lines: self.lines.clone(),
            shipping: self.shipping.clone(),
            by_tax_rate: self.by_tax_rate.clone(),
        }
    }

    /// The places of the offers that apply, in the order in which they do.
    fn in_turn(&self) -> Vec<usize> {
        let mut applied: Vec<_> =
            self.offers.iter().enumerate().filter_map(|(at, offer)| Some((offer.place?, at))).collect();
        applied.sort_unstable();
        applied.into_iter().map(|(_, at)| at).collect()
    }

    /// What each offer that applies found and what it left, in the shape that a redemption keeps: of two that apply one after the other
    /// the second begins with what the first left to pay, so that each sums up by itself.
    pub(crate) fn pricings(&self) -> Vec<Option<Pricing>> {
        let mut left: BTreeMap<&str, i64> =
            self.lines.iter().map(|line| (line.line.as_str(), line.before_minor)).collect();
        let mut payable = self.before_minor;
        let mut all = vec![None; self.offers.len()];
        for at in self.in_turn() {
            let (Some(offer), Some(place)) = (self.offers.get(at), all.get_mut(at)) else { continue };
            let before_minor = payable;
            payable -= offer.discount_minor + offer.tender_minor;
            let mut allocations = Vec::with_capacity(offer.shares.len());
            for share in &offer.shares {
                let had = left.get(share.line.as_str()).copied().unwrap_or_default();
                left.insert(&share.line, had - share.minor);
                let funded = share.funded.clone();
                allocations.push(Allocation { funded, ..Allocation::new(share.line.as_str(), had, share.minor) });
            }
            // Value pays and is no discount, so no line has a share of it.
            let pays = offer.tender_minor > 0;
            *place = Some(Pricing {
                before_minor,
                discount_minor: offer.discount_minor,
                tender_minor: offer.tender_minor,
                payable_minor: payable,
                allocations: if pays { Vec::new() } else { allocations },
                rounding: self.rounding,
                shipping_off_minor: if pays { 0 } else { offer.shipping_minor },
                shipping_funded: offer.shipping_funded.clone(),
                held_back: offer.held_back.clone(),
                actions: offer.actions.clone(),
            });
        }
        all
    }

    /// The order as a whole, as if one card gave it all.
    pub(crate) fn as_one(&self) -> Pricing {
        let lines = self.lines.iter().filter(|line| line.discount_minor > 0);
        let applied = self.offers.iter().filter(|offer| offer.applies());
        Pricing {
            before_minor: self.before_minor,
            discount_minor: self.discount_minor,
            tender_minor: self.tender_minor,
            payable_minor: self.payable_minor,
            allocations: lines
                .map(|line| Allocation::new(line.line.as_str(), line.before_minor, line.discount_minor))
                .collect(),
            rounding: self.rounding,
            shipping_off_minor: self.shipping.as_ref().map_or(0, |shipping| shipping.discount_minor),
            actions: applied.flat_map(|offer| offer.actions.iter().cloned()).collect(),
            ..Pricing::default()
        }
    }

    /// Stands for what the plan charges, whatever it says of what does not apply; in front how often the cards were released or refunded
    /// in all, so that a quote of before is told from one that came to something else.
    pub(crate) fn mark(&self, epoch: u32) -> String {
        let charged = self.in_turn().into_iter().filter_map(|at| self.offers.get(at)).map(|offer| Charged {
            id: &offer.id,
            discount_minor: offer.discount_minor,
            tender_minor: offer.tender_minor,
            shares: &offer.shares,
            shipping_minor: offer.shipping_minor,
            actions: &offer.actions,
        });
        let said = (self.totals(), charged.collect::<Vec<_>>());
        // Plain data: it is always written.
        let hash = Sha256::digest(serde_json::to_vec(&said).unwrap_or_default());
        let front: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        format!("{epoch}.{front}")
    }
}
