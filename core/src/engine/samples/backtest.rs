//! What drafts would have come to on the orders of a sample.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::tally::{Amounts, SavingSpread, Tally};
use super::trial::{self, Asked, Drafts, Pricing, Trial, Walk};
use crate::Invalid;
use crate::checkout::{Funded, PlanFigures, funded};
use crate::engine::Tenant;
use crate::engine::error::Error;
use crate::engine::quote_drafts::{DraftOffer, Ready};
use crate::engine::request::{Begin, Progress};
use crate::money::{AMOUNT_MAX, Currency, Rounding};
use crate::rule::{Segment, SegmentBy, Segmented};
use crate::time::Instant;

/// What templates that need not be saved would have come to on the orders of a sample, all together: what they cost, whom they reach, by segment.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Backtest {
    /// The sample's name.
    pub sample: String,
    /// What is offered on each order, as in `quote_drafts`: at most 1,000, in any order.
    pub offers: Vec<DraftOffer>,
    /// By what orders are told apart, at most 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<SegmentBy>,
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

impl Backtest {
    /// Without segments, over orders of the sample's only currency, each at its own moment.
    pub fn new(sample: impl Into<String>, offers: Vec<DraftOffer>) -> Self {
        Self { sample: sample.into(), offers, segments: Vec::new(), currency: None, rounding: None, at: None }
    }
}

/// What drafts would have come to. Amounts in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct BacktestReport {
    /// The sample.
    pub sample: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// Orders that were looked at.
    pub orders: u64,
    /// Orders of the sample in another currency, which were not.
    pub other_orders: u64,
    /// Orders that at least one offer applies to.
    pub touched: u64,
    /// Lines and shipping of all orders, before anything comes off.
    pub before_minor: i64,
    /// What comes off.
    pub discount_minor: i64,
    /// What stored value pays.
    pub tender_minor: i64,
    /// What is left to pay.
    pub payable_minor: i64,
    /// What comes off the orders touched; nothing where none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saving: Option<SavingSpread>,
    /// Each offer, in the order in which they were given.
    pub offers: Vec<BacktestOffer>,
    /// Each segmentation that was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segments>,
}

/// What one offer comes to beside the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct BacktestOffer {
    /// Its id.
    pub id: String,
    /// Orders that it applies to.
    pub orders: u64,
    /// What it takes off in all.
    pub discount_minor: i64,
    /// What it pays in all.
    pub tender_minor: i64,
    /// Who bears what it takes off, where its template says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub funding: Vec<Funded>,
}

/// Orders by one fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Segments {
    /// The fact.
    pub fact: String,
    /// One for each value that occurs, at most 1,000; bands and days in order, orders without the fact last. An order lies in one for each text of a set.
    pub each: Vec<SegmentFigures>,
    /// Orders, one for each text of a set, whose values found no room among the 1,000.
    #[serde(default, skip_serializing_if = "crate::json::is_default")]
    pub left_out: u64,
}

/// What drafts come to on the orders of a segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct SegmentFigures {
    /// What the fact says; nothing for a band, and for orders that lack the fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Of a band: the least number of it; nothing for the lowest band.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
    /// Of a band: the least number beyond it; nothing for the highest band.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub below: Option<i64>,
    /// Its orders.
    pub orders: u64,
    /// Those that at least one offer applies to.
    pub touched: u64,
    /// Lines and shipping.
    pub before_minor: i64,
    /// What comes off.
    pub discount_minor: i64,
    /// What stored value pays.
    pub tender_minor: i64,
    /// What is left to pay.
    pub payable_minor: i64,
    /// What comes off an order touched, on average, rounded half up; 0 where none is.
    pub average_minor: i64,
}

const SEGMENTS_MAX: usize = 10;
const VALUES_MAX: usize = 1_000;

/// A back-test on its way.
pub struct BacktestRun {
    sample: String,
    pricing: Pricing,
    walk: Walk,
    trial: Trial,
    offers: Vec<OfOffer>,
    segments: Vec<OfSegments>,
}

#[derive(Default)]
struct OfOffer {
    orders: u64,
    off: i128,
    /// What each party bears.
    borne: BTreeMap<String, i64>,
}

struct OfSegments {
    by: Segmented,
    each: BTreeMap<Segment, Tally>,
    left_out: u64,
}

impl Begin for Backtest {
    type Cursor = BacktestRun;

    fn begin(self, tenant: &Tenant) -> Result<BacktestRun, Error> {
        trial::check("offers", &self.offers)?;
        if self.segments.len() > SEGMENTS_MAX {
            let allowed = format!("at most {SEGMENTS_MAX}");
            return Err(Invalid::new("segments", self.segments.len(), allowed).into());
        }
        let asked = Asked { sample: &self.sample, currency: self.currency };
        let walk = Walk::new(tenant, &asked, self.offers.len())?;
        let (drafts, pricing, segments) = tenant.realm.weigh(|view| {
            let declared = view.attributes()?;
            let segments = self.segments.iter().enumerate().map(|(place, by)| {
                let by = Segmented::new(&format!("segments[{place}]"), by.clone(), &declared)?;
                Ok(OfSegments { by, each: BTreeMap::new(), left_out: 0 })
            });
            let segments = segments.collect::<Result<Vec<_>, Invalid>>()?;
            Ok((Drafts::new(view, "offers", &self.offers)?, Pricing::new(view, self.rounding, self.at)?, segments))
        })?;
        let offers = self.offers.iter().map(|_| OfOffer::default()).collect();
        let trial = Trial::new(drafts);
        Ok(BacktestRun { sample: self.sample, pricing, walk, trial, offers, segments })
    }
}

impl BacktestRun {
    /// Tries the next orders; the report once all were tried.
    ///
    /// # Errors
    /// `invalid`: `orders`, whose amounts sum to more than 2^53 − 1; units of a times card that an order cannot take.
    pub fn step(&mut self) -> Result<Option<BacktestReport>, Error> {
        let Self { pricing, walk, trial, offers, segments, .. } = self;
        let goes_on = walk.step(|order| {
            let (figures, drafts) = (trial.add(order, pricing)?, &trial.drafts);
            for ((offer, ready), shares) in offers.iter_mut().zip(&drafts.ready).zip(figures.shares()) {
                offer.add(ready, shares);
            }
            let facts = drafts.facts(order, pricing);
            segments.iter_mut().for_each(|segments| {
                let OfSegments { by, each, left_out } = segments;
                by.each(&facts, |segment| add(each, left_out, segment, &figures));
            });
            Ok(())
        })?;
        if goes_on { Ok(None) } else { Ok(Some(self.report()?)) }
    }

    fn report(&self) -> Result<BacktestReport, Invalid> {
        let Amounts { before_minor, discount_minor, tender_minor, payable_minor } = self.trial.all.amounts()?;
        let offers = self.offers.iter().zip(&self.trial.drafts.ready).map(|(offer, ready)| offer.told(ready));
        Ok(BacktestReport {
            sample: self.sample.clone(),
            currency: self.walk.currency,
            orders: self.trial.all.orders,
            other_orders: self.walk.others,
            touched: self.trial.all.touched,
            before_minor,
            discount_minor,
            tender_minor,
            payable_minor,
            saving: self.trial.saving(),
            offers: offers.collect(),
            segments: self.segments.iter().map(OfSegments::told).collect::<Result<_, _>>()?,
        })
    }

    /// Orders, out of all of the sample.
    pub fn progress(&self) -> Progress {
        self.walk.progress()
    }

    /// Works to the end.
    ///
    /// # Errors
    /// As [`BacktestRun::step`].
    pub fn wait(mut self) -> Result<BacktestReport, Error> {
        loop {
            if let Some(report) = self.step()? {
                return Ok(report);
            }
        }
    }
}

impl std::fmt::Debug for BacktestRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BacktestRun").field("sample", &self.sample).finish_non_exhaustive()
    }
}

/// Adds an order to its segment, or to those for which there is no room.
fn add(each: &mut BTreeMap<Segment, Tally>, left_out: &mut u64, segment: Segment, figures: &PlanFigures) {
    if each.len() >= VALUES_MAX && !each.contains_key(&segment) {
        *left_out += 1;
        return;
    }
    each.entry(segment).or_default().add(figures);
}

impl OfOffer {
    fn add(&mut self, ready: &Ready, shares: Option<&[i64]>) {
        let Some(shares) = shares else { return };
        self.orders += 1;
        self.off += shares.iter().copied().map(i128::from).sum::<i128>();
        // As a plan splits them: what a party bears of an order depends on the order alone.
        for part in funded(&ready.template.draft.funding, shares.iter().copied()).flatten() {
            // Part of a sum that is checked at the end.
            let borne = self.borne.entry(part.party).or_default();
            *borne = borne.saturating_add(part.off_minor);
        }
    }

    fn told(&self, ready: &Ready) -> BacktestOffer {
        // Each is part of a sum that was checked.
        let minor = i64::try_from(self.off).unwrap_or(AMOUNT_MAX);
        let pays = ready.template.draft.kind.holds_value();
        let borne = self.borne.iter().map(|(party, off_minor)| Funded { party: party.clone(), off_minor: *off_minor });
        BacktestOffer {
            id: ready.id.clone(),
            orders: self.orders,
            discount_minor: if pays { 0 } else { minor },
            tender_minor: if pays { minor } else { 0 },
            funding: borne.collect(),
        }
    }
}

impl OfSegments {
    fn told(&self) -> Result<Segments, Invalid> {
        let each = self.each.iter().map(|(segment, tally)| {
            let Amounts { before_minor, discount_minor, tender_minor, payable_minor } = tally.amounts()?;
            let (value, (from, below)) = match segment {
                Segment::Value(value) => (Some(value.to_string()), (None, None)),
                Segment::Band(place) => (None, self.by.band(*place)),
                Segment::Lacking => (None, (None, None)),
            };
            Ok(SegmentFigures {
                value,
                from,
                below,
                orders: tally.orders,
                touched: tally.touched,
                before_minor,
                discount_minor,
                tender_minor,
                payable_minor,
                average_minor: tally.average_minor(),
            })
        });
        let each = each.collect::<Result<_, Invalid>>()?;
        Ok(Segments { fact: self.by.fact().to_owned(), each, left_out: self.left_out })
    }
}
