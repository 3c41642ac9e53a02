//! What of a price is given where limits that cap have less left than it asks for.

use cardmint::card::{Card, CardKind, HeldOn, PartialPolicy};
use cardmint::checkout::{Allocation, Pricing};
use cardmint::limit::Measure;
use cardmint::subject::SubjectKey;

use super::cards::Ground;
use super::limits::LimitOn;
use super::price::spread;
use super::{Moment, No};
use crate::terms::Basket;

/// A price, and the lines of the order that it counts.
#[derive(Debug, Clone)]
pub(super) struct Gives {
    pub pricing: Pricing,
    pub lines: Vec<usize>,
    /// Whether a part of it may be given.
    pub divisible: bool,
}

impl Gives {
    /// All that the card gives: on the lines with a share, or paying for any.
    pub(super) fn all(pricing: Pricing, basket: &Basket) -> Self {
        let pays = pricing.tender_minor > 0;
        let counts = |place: &usize| pays || share(&pricing, *place) > 0;
        let lines = (0..basket.lines.len()).filter(counts).collect();
        Self { pricing, lines, divisible: false }
    }

    /// What it takes off and pays.
    pub(super) fn money(&self) -> i64 {
        self.pricing.discount_minor + self.pricing.tender_minor
    }

    /// Not more money than that; nothing where none would be left.
    fn at_most(&self, left: i64) -> Option<Self> {
        if self.pricing.tender_minor > 0 {
            return self.paying(left.min(self.pricing.tender_minor));
        }
        let weights: Vec<i64> = self.lines.iter().map(|place| share(&self.pricing, *place)).collect();
        let total = left.min(self.pricing.discount_minor);
        let parts = if total > 0 { spread(total, &weights) } else { vec![0; weights.len()] };
        self.taking_off(self.lines.iter().copied().zip(parts))
    }

    /// So many lines of it, the first of the order first.
    fn first(&self, left: i64, basket: &Basket) -> Option<Self> {
        let left = usize::try_from(left).unwrap_or(0);
        let kept: Vec<usize> = self.lines.iter().copied().take(left).collect();
        if self.pricing.tender_minor > 0 {
            let costs: i64 = kept.iter().map(|place| basket.lines[*place]).sum();
            return Self { lines: kept, ..self.clone() }.paying(costs.min(self.pricing.tender_minor));
        }
        self.taking_off(kept.into_iter().map(|place| (place, share(&self.pricing, place))))
    }

    fn paying(&self, tender_minor: i64) -> Option<Self> {
        let before = &self.pricing;
        let payable_minor = before.payable_minor + before.tender_minor - tender_minor;
        let pricing = Pricing { tender_minor, payable_minor, ..before.clone() };
        (tender_minor > 0).then(|| Self { pricing, ..self.clone() })
    }

    fn taking_off(&self, shares: impl Iterator<Item = (usize, i64)>) -> Option<Self> {
        let shares: Vec<(usize, i64)> = shares.filter(|(_, off)| *off > 0).collect();
        let of = |place: usize| self.pricing.allocations.iter().find(move |had| had.line == format!("l{place}"));
        let allocations = shares
            .iter()
            .filter_map(|(place, off_minor)| of(*place).map(|had| Allocation { off_minor: *off_minor, ..had.clone() }));
        let discount_minor: i64 = shares.iter().map(|(_, off)| off).sum();
        let payable_minor = self.pricing.payable_minor + self.pricing.discount_minor - discount_minor;
        let allocations = allocations.collect();
        let pricing = Pricing { discount_minor, payable_minor, allocations, ..self.pricing.clone() };
        let lines = shares.iter().map(|(place, _)| *place).collect();
        (discount_minor > 0).then_some(Self { pricing, lines, ..*self })
    }
}

/// What comes off a line.
fn share(pricing: &Pricing, place: usize) -> i64 {
    let line = format!("l{place}");
    pricing.allocations.iter().filter(|share| share.line == line).map(|share| share.off_minor).sum()
}

impl Moment<'_> {
    /// As much of a price as limits that cap leave, beside what the order holds already; all of it where none caps.
    pub(super) fn given(
        &self,
        (ground, card): (&Ground, &Card),
        holder: Option<&SubjectKey>,
        basket: &Basket,
        pricing: Pricing,
        asked: bool,
        own: &[HeldOn],
    ) -> Gives {
        let mut gives = Gives::all(pricing, basket);
        let can = matches!(ground.template.terms.kind, CardKind::Coupon | CardKind::GiftCard);
        if asked || !can {
            return gives;
        }
        let now = self.now.max(card.last_at);
        // What a limit counts apart and nobody named is denied where it is counted.
        let on = self.limits_on(ground, card.id, holder, basket, now);
        gives.divisible = ground.limits().any(|(_, _, limit)| limit.partial_policy == PartialPolicy::Cap);
        for on in on.unwrap_or_default().iter().filter(|on| on.limit.partial_policy == PartialPolicy::Cap) {
            let left = self.left(on, own, now);
            if on.amount(&gives) > left {
                let less = match on.limit.measure {
                    Measure::Money { .. } => gives.at_most(left),
                    Measure::Uses { .. } => gives.first(left, basket),
                };
                gives = less.unwrap_or(gives);
            }
        }
        gives
    }

    /// What a limit has left for an order, with what that holds already.
    fn left(&self, on: &LimitOn, own: &[HeldOn], now: cardmint::time::Instant) -> i64 {
        let held = on.on(0, self.beside(on, now));
        let own: i64 = own.iter().filter(|of| of.owner == held.owner && of.unit == held.unit).map(|of| of.amount).sum();
        (held.ceiling - self.stands(&held, self.no_earlier(now, std::slice::from_ref(&held)))).max(0) + own
    }

    /// The limits of a use that an order's quote finds too small, beside what the order holds already.
    pub(super) fn weighed(
        &self,
        limits: &[LimitOn],
        gives: &Gives,
        own: &[HeldOn],
        now: cardmint::time::Instant,
    ) -> Result<(), No> {
        for on in limits {
            if on.amount(gives) > self.left(on, own, now) {
                self.count_limits(std::slice::from_ref(on), gives, now)?;
            }
        }
        Ok(())
    }
}
