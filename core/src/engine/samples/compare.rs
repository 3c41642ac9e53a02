//! Two sets of drafts over the same orders, side by side.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use serde::{Deserialize, Serialize};

use super::tally::{Amounts, SavingSpread};
use super::trial::{self, Asked, Drafts, Pricing, Trial, Walk};
use crate::Invalid;
use crate::engine::Tenant;
use crate::engine::error::Error;
use crate::engine::quote_drafts::DraftOffer;
use crate::engine::request::{Begin, Progress};
use crate::money::{Currency, Rounding};
use crate::time::Instant;

/// What two sets of templates, none of which need be saved, would have come to on the orders of a sample, and on which they differ.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CompareDrafts {
    /// The sample's name.
    pub sample: String,
    /// What is offered on one side, as in `quote_drafts`: at most 1,000, in any order.
    pub left: Vec<DraftOffer>,
    /// What is offered on the other.
    pub right: Vec<DraftOffer>,
    /// How many of the orders that differ are told, 0 to 10,000, those that differ most first; 100 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub differing: Option<u32>,
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

impl CompareDrafts {
    /// Over orders of the sample's only currency, each at its own moment, with the 100 that differ most.
    pub fn new(sample: impl Into<String>, left: Vec<DraftOffer>, right: Vec<DraftOffer>) -> Self {
        Self { sample: sample.into(), left, right, differing: None, currency: None, rounding: None, at: None }
    }
}

/// Two sets of drafts side by side. Amounts in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Comparison {
    /// The sample.
    pub sample: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// Orders that were looked at.
    pub orders: u64,
    /// Orders of the sample in another currency, which were not.
    pub other_orders: u64,
    /// Lines and shipping of all orders, before anything comes off.
    pub before_minor: i64,
    /// One side.
    pub left: Side,
    /// The other.
    pub right: Side,
    /// Orders that come to the same on both.
    pub same: u64,
    /// Orders of which less is left to pay on the left.
    pub left_lower: u64,
    /// Orders of which less is left to pay on the right.
    pub right_lower: u64,
    /// What is left to pay on the right less what is on the left, of the orders that differ; nothing where none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<SavingSpread>,
    /// The orders that differ most.
    pub differing: Vec<ComparedOrder>,
}

/// What one side comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Side {
    /// Orders that at least one of its offers applies to.
    pub touched: u64,
    /// What comes off.
    pub discount_minor: i64,
    /// What stored value pays.
    pub tender_minor: i64,
    /// What is left to pay.
    pub payable_minor: i64,
    /// What comes off the orders touched; nothing where none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saving: Option<SavingSpread>,
}

/// An order that comes to different amounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct ComparedOrder {
    /// The order's id.
    pub order: String,
    /// Its lines and shipping.
    pub before_minor: i64,
    /// What is left to pay on the left.
    pub left_payable_minor: i64,
    /// What is left to pay on the right.
    pub right_payable_minor: i64,
}

const DIFFERING: u32 = 100;
const DIFFERING_MAX: u32 = 10_000;

/// A comparison on its way.
pub struct ComparisonRun {
    sample: String,
    pricing: Pricing,
    walk: Walk,
    left: Trial,
    right: Trial,
    same: u64,
    differences: Vec<i64>,
    most: Most,
}

/// The orders that differ most: of those that differ by as much, those of the smaller ids.
struct Most {
    room: usize,
    kept: BinaryHeap<Reverse<Apart>>,
}

/// Ordered by how far apart the sides are, then by the order's id backwards.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Apart {
    by: u64,
    order: Reverse<String>,
    /// Before, left, right.
    amounts: [i64; 3],
}

impl Begin for CompareDrafts {
    type Cursor = ComparisonRun;

    fn begin(self, tenant: &Tenant) -> Result<ComparisonRun, Error> {
        trial::check("left", &self.left)?;
        trial::check("right", &self.right)?;
        let room = self.differing.unwrap_or(DIFFERING);
        if room > DIFFERING_MAX {
            return Err(Invalid::new("differing", room, format!("0 to {DIFFERING_MAX}")).into());
        }
        let asked = Asked { sample: &self.sample, currency: self.currency };
        let walk = Walk::new(tenant, &asked, self.left.len() + self.right.len())?;
        let (left, right, pricing) = tenant.realm.weigh(|view| {
            let left = Drafts::new(view, "left", &self.left)?;
            Ok((left, Drafts::new(view, "right", &self.right)?, Pricing::new(view, self.rounding, self.at)?))
        })?;
        let most = Most { room: usize::try_from(room).unwrap_or_default(), kept: BinaryHeap::new() };
        let (left, right) = (Trial::new(left), Trial::new(right));
        Ok(ComparisonRun { sample: self.sample, pricing, walk, left, right, same: 0, differences: Vec::new(), most })
    }
}

impl ComparisonRun {
    /// Tries the next orders; the comparison once all were tried.
    ///
    /// # Errors
    /// `invalid`: `orders`, whose amounts sum to more than 2^53 − 1; units of a times card that an order cannot take.
    pub fn step(&mut self) -> Result<Option<Comparison>, Error> {
        let Self { pricing, walk, left, right, same, differences, most, .. } = self;
        let goes_on = walk.step(|order| {
            let (left, right) = (left.add(order, pricing)?, right.add(order, pricing)?);
            let amounts = [left.before_minor(), left.payable_minor, right.payable_minor];
            if left.payable_minor == right.payable_minor {
                *same += 1;
            } else {
                differences.push(right.payable_minor - left.payable_minor);
                most.add(&order.id, amounts);
            }
            Ok(())
        })?;
        if goes_on { Ok(None) } else { Ok(Some(self.told()?)) }
    }

    fn told(&self) -> Result<Comparison, Invalid> {
        let left_lower = self.differences.iter().filter(|difference| **difference > 0).count() as u64;
        Ok(Comparison {
            sample: self.sample.clone(),
            currency: self.walk.currency,
            orders: self.left.all.orders,
            other_orders: self.walk.others,
            before_minor: self.left.all.amounts()?.before_minor,
            left: Side::of(&self.left)?,
            right: Side::of(&self.right)?,
            same: self.same,
            left_lower,
            right_lower: self.differences.len() as u64 - left_lower,
            difference: SavingSpread::of(self.differences.clone()),
            differing: self.most.told(),
        })
    }

    /// Orders, out of all of the sample.
    pub fn progress(&self) -> Progress {
        self.walk.progress()
    }

    /// Works to the end.
    ///
    /// # Errors
    /// As [`ComparisonRun::step`].
    pub fn wait(mut self) -> Result<Comparison, Error> {
        loop {
            if let Some(comparison) = self.step()? {
                return Ok(comparison);
            }
        }
    }
}

impl std::fmt::Debug for ComparisonRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ComparisonRun").field("sample", &self.sample).finish_non_exhaustive()
    }
}

impl Side {
    fn of(trial: &Trial) -> Result<Self, Invalid> {
        let Amounts { discount_minor, tender_minor, payable_minor, .. } = trial.all.amounts()?;
        Ok(Self { touched: trial.all.touched, discount_minor, tender_minor, payable_minor, saving: trial.saving() })
    }
}

impl Most {
    fn add(&mut self, order: &str, amounts: [i64; 3]) {
        let [_, left, right] = amounts;
        let by = left.abs_diff(right);
        let least = self.kept.peek().map_or(0, |Reverse(one)| one.by);
        if self.kept.len() == self.room && by < least {
            return;
        }
        self.kept.push(Reverse(Apart { by, order: Reverse(order.to_owned()), amounts }));
        if self.kept.len() > self.room {
            self.kept.pop();
        }
    }

    fn told(&self) -> Vec<ComparedOrder> {
        let mut kept: Vec<_> = self.kept.iter().collect();
        kept.sort();
        let told = kept.into_iter().map(|Reverse(Apart { order: Reverse(order), amounts, .. })| {
            let [before_minor, left_payable_minor, right_payable_minor] = *amounts;
            ComparedOrder { order: order.clone(), before_minor, left_payable_minor, right_payable_minor }
        });
        told.collect()
    }
}
