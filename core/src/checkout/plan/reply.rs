//! A plan as it is told: totals, what became of each line, and of each offer.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use smol_str::SmolStr;

use super::stack::{Applied, Clerk};
use super::{Offer, PlanTerms};
use crate::card::Lane;
use crate::checkout::funding::funded;
use crate::checkout::{Action, Funded, HeldBack, NextStep, Order};
use crate::denial::{Denial, Refusal};
use crate::money::{Currency, Rounding, is_nothing};
use crate::rule::Line;

/// What an order comes to with several offers. What lines and shipping say sums to the totals exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Plan {
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping: Option<PlanShipping>,
    /// The lines by their tax rates, where they name any; shipping has none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by_tax_rate: Vec<RateShare>,
    /// Every offer, in the order in which they were given.
    pub offers: Vec<OfferPlan>,
}

/// What becomes of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PlanLine {
    /// The line's id within the order.
    pub line: SmolStr,
    /// What it cost before, in minor units.
    pub before_minor: i64,
    /// What comes off: it lowers the invoice.
    pub discount_minor: i64,
    /// What stored value pays of it: it does not.
    pub tender_minor: i64,
    /// What is left to pay.
    pub payable_minor: i64,
}

/// What becomes of shipping, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PlanShipping {
    /// What it cost before.
    pub before_minor: i64,
    /// What comes off.
    pub discount_minor: i64,
    /// What stored value pays of it.
    pub tender_minor: i64,
    /// What is left to pay.
    pub payable_minor: i64,
}

/// What becomes of the lines of one tax rate, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RateShare {
    /// The rate in basis points; nothing for lines that name none.
    pub tax_rate_bp: Option<u32>,
    /// What they cost before.
    pub before_minor: i64,
    /// What comes off.
    pub discount_minor: i64,
    /// What stored value pays of them.
    pub tender_minor: i64,
    /// What is left to pay.
    pub payable_minor: i64,
}

/// What became of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It applies.
    Applied,
    /// It would, were there a little more of something: `denial` says of what, and how much.
    NearMiss,
    /// It could apply, and takes nothing off.
    NoEffect,
    /// It does not: `denial` says why.
    Refused,
}

/// What an offer comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct OfferPlan {
    /// The offer.
    pub id: SmolStr,
    /// The template's id.
    pub template: SmolStr,
    /// The lane in which it comes off.
    pub lane: Lane,
    /// What became of it.
    pub verdict: Verdict,
    /// Its place among those that apply: each takes of what the ones before it left.
    #[serde(skip)]
    pub(super) place: Option<usize>,
    /// Why it does not apply.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "refusal_json")]
    #[schemars(with = "Option<Refusal>")]
    pub denial: Option<Box<Denial>>,
    /// What it takes off.
    #[serde(skip_serializing_if = "is_nothing")]
    pub discount_minor: i64,
    /// What it pays.
    #[serde(skip_serializing_if = "is_nothing")]
    pub tender_minor: i64,
    /// Its share of each line that has one, in the order's own order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<PlanShare>,
    /// What of it falls on shipping.
    #[serde(skip_serializing_if = "is_nothing")]
    pub shipping_minor: i64,
    /// Who bears what of that, where the template says so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shipping_funded: Vec<Funded>,
    /// Lines of which less came off than would have, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub held_back: Vec<HeldBack>,
    /// What the host is to do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
    /// What would bring more (凑单).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Box<NextStep>>,
}

/// A line's share of an offer: what comes off it, or what is paid of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct PlanShare {
    /// The line's id within the order.
    pub line: SmolStr,
    /// How much, in minor units.
    pub minor: i64,
    /// Who bears what of it, where the template says so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub funded: Vec<Funded>,
}

pub(in crate::checkout) fn refusal_json<S: serde::Serializer>(
    denial: &Option<Box<Denial>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    denial.as_deref().map(Denial::refusal).serialize(serializer)
}

/// A plan while it is put into words.
pub(super) struct Telling<'a> {
    order: &'a Order,
    offers: &'a [Offer<'a>],
    terms: PlanTerms<'a>,
    lines: Vec<PlanLine>,
    shipping: PlanShipping,
    told: Vec<Option<OfferPlan>>,
}

impl<'a> Telling<'a> {
    pub(super) fn new(order: &'a Order, offers: &'a [Offer<'a>], terms: PlanTerms<'a>) -> Self {
        let shipping = PlanShipping {
            before_minor: order.shipping_minor,
            payable_minor: order.shipping_minor,
            ..PlanShipping::default()
        };
        let (lines, told) = (order.lines.iter().map(PlanLine::of).collect(), vec![None; offers.len()]);
        Self { order, offers, terms, lines, shipping, told }
    }

    /// Takes what an offer takes off or pays, lines by place.
    pub(super) fn take(&mut self, lines: &[(usize, i64)], shipping: i64, pays: bool) {
        for &(place, minor) in lines {
            if let Some(line) = self.lines.get_mut(place) {
                let to = if pays { &mut line.tender_minor } else { &mut line.discount_minor };
                *to += minor;
                line.payable_minor -= minor;
            }
        }
        let to = if pays { &mut self.shipping.tender_minor } else { &mut self.shipping.discount_minor };
        *to += shipping;
        self.shipping.payable_minor -= shipping;
    }

    pub(super) fn end(self) -> Plan {
        let Self { order, terms, lines, shipping, told, .. } = self;
        let sum = |of: fn(&PlanLine) -> i64| lines.iter().map(of).sum::<i64>();
        let payable_minor = sum(|line| line.payable_minor) + shipping.payable_minor;
        Plan {
            currency: order.currency,
            before_minor: sum(|line| line.before_minor) + shipping.before_minor,
            discount_minor: sum(|line| line.discount_minor) + shipping.discount_minor,
            tender_minor: sum(|line| line.tender_minor) + shipping.tender_minor,
            payable_minor,
            nothing_to_pay: payable_minor == 0,
            rounding: terms.rounding,
            by_tax_rate: by_tax_rate(order, &lines),
            offers: told.into_iter().flatten().collect(),
            lines,
            shipping: (order.shipping_minor > 0).then_some(shipping),
        }
    }
}

impl Clerk for Telling<'_> {
    fn note(&mut self, offer: usize, came_to: Result<Applied<'_>, Denial>) {
        if let Ok(Applied { lines, shipping, pays, .. }) = &came_to {
            self.take(lines, *shipping, *pays);
        }
        if let (Some(of), Some(told)) = (self.offers.get(offer), self.told.get_mut(offer)) {
            *told = Some(match came_to {
                Ok(applied) => OfferPlan::applied(&self.lines, of, applied),
                Err(denial) => OfferPlan::denied(of, denial),
            });
        }
    }
}

fn by_tax_rate(order: &Order, lines: &[PlanLine]) -> Vec<RateShare> {
    if order.lines.iter().all(|line| line.tax_rate_bp.is_none()) {
        return Vec::new();
    }
    let mut rates = std::collections::BTreeMap::<_, RateShare>::new();
    for (of, line) in order.lines.iter().zip(lines) {
        let rate = rates.entry(of.tax_rate_bp).or_default();
        rate.tax_rate_bp = of.tax_rate_bp;
        rate.before_minor += line.before_minor;
        rate.discount_minor += line.discount_minor;
        rate.tender_minor += line.tender_minor;
        rate.payable_minor += line.payable_minor;
    }
    rates.into_values().collect()
}

impl PlanLine {
    fn of(line: &Line) -> Self {
        let (before_minor, payable_minor) = (line.amount_minor, line.amount_minor);
        Self { line: SmolStr::new(&line.id), before_minor, discount_minor: 0, tender_minor: 0, payable_minor }
    }
}

impl OfferPlan {
    fn applied(lines: &[PlanLine], offer: &Offer<'_>, applied: Applied<'_>) -> Self {
        let Applied { minor, lines: taken, shipping, pays, place, held_back, actions, next } = applied;
        let parts = taken.iter().map(|(_, minor)| *minor).chain([shipping]);
        let mut funding = funded(if pays { &[] } else { &offer.template.draft.funding }, parts);
        let mut shares = Vec::with_capacity(taken.len());
        shares.extend(taken.iter().filter_map(|&(place, minor)| {
            let line = lines.get(place)?.line.clone();
            Some(PlanShare { line, minor, funded: funding.next().unwrap_or_default() })
        }));
        Self {
            place: Some(place),
            discount_minor: if pays { 0 } else { minor },
            tender_minor: if pays { minor } else { 0 },
            shares,
            shipping_minor: shipping,
            shipping_funded: funding.next().unwrap_or_default(),
            held_back,
            actions,
            next,
            ..Self::nothing(offer, Verdict::Applied)
        }
    }

    fn denied(offer: &Offer<'_>, denial: Denial) -> Self {
        let verdict = Verdict::of(&denial);
        Self { denial: Some(Box::new(denial)), ..Self::nothing(offer, verdict) }
    }

    fn nothing(offer: &Offer<'_>, verdict: Verdict) -> Self {
        Self {
            id: SmolStr::new(offer.id),
            template: SmolStr::new(&offer.template.draft.id),
            lane: offer.template.draft.lane(),
            verdict,
            place: None,
            denial: None,
            discount_minor: 0,
            tender_minor: 0,
            shares: Vec::new(),
            shipping_minor: 0,
            shipping_funded: Vec::new(),
            held_back: Vec::new(),
            actions: Vec::new(),
            next: None,
        }
    }
}

impl Verdict {
    /// What a denial makes of an offer.
    pub(crate) fn of(denial: &Denial) -> Self {
        match denial {
            Denial::NoEffect => Self::NoEffect,
            Denial::ConditionFailed { short: Some(_), .. } => Self::NearMiss,
            _ => Self::Refused,
        }
    }
}

impl Plan {
    /// Stands for all that the plan says: two plans with one digest are the same. No secret is in it, and none is needed.
    pub fn digest(&self) -> String {
        // Plain data: it is always written.
        let hash = Sha256::digest(serde_json::to_vec(self).unwrap_or_default());
        hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The order as the plan leaves it: lines and shipping cost what is left of them before value pays, and nothing more may come off.
    /// Planning it again with any offers takes nothing off (G-17).
    pub fn settled(&self, order: &Order) -> Order {
        let lines = order.lines.iter().zip(&self.lines).map(|(line, planned)| {
            let amount_minor = planned.before_minor - planned.discount_minor;
            Line { amount_minor, discountable: false, ..line.clone() }
        });
        let off_shipping = self.shipping.as_ref().map_or(0, |shipping| shipping.discount_minor);
        Order {
            lines: lines.collect(),
            shipping_minor: order.shipping_minor - off_shipping,
            shipping_discountable: false,
            ..order.clone()
        }
    }
}
