//! A plan as bare figures, for whoever prices many orders.

use super::stack::{Applied, Clerk, stack};
use super::{Offer, PlanTerms};
use crate::checkout::Order;
use crate::denial::Denial;

/// What an order comes to with several offers, as bare figures in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFigures {
    /// What comes off in all.
    pub discount_minor: i64,
    /// What stored value pays.
    pub tender_minor: i64,
    /// What is left to pay, 0 or more.
    pub payable_minor: i64,
    /// For each offer, in the order in which they were given: what it takes off or pays; nothing for one that does not apply.
    pub offers_minor: Vec<Option<i64>>,
    /// What each offer takes off or pays of each line and of shipping, one after another.
    parts: Vec<i64>,
    /// How many lines there are, and shipping.
    width: usize,
}

impl PlanFigures {
    fn new(order: &Order, offers: usize) -> Self {
        let width = order.lines.len() + 1;
        Self {
            discount_minor: 0,
            tender_minor: 0,
            payable_minor: order.lines.iter().map(|line| line.amount_minor).sum::<i64>() + order.shipping_minor,
            offers_minor: vec![None; offers],
            parts: vec![0; offers * width],
            width,
        }
    }

    /// Lines and shipping, before anything comes off.
    pub fn before_minor(&self) -> i64 {
        self.payable_minor + self.discount_minor + self.tender_minor
    }

    /// For each offer, in the order in which they were given: what it takes off or pays of each line, in the order's own order, and last
    /// of shipping; nothing for one that does not apply.
    pub fn shares(&self) -> impl Iterator<Item = Option<&[i64]>> {
        self.offers_minor.iter().zip(self.parts.chunks(self.width)).map(|(minor, parts)| minor.map(|_| parts))
    }
}

impl Clerk for PlanFigures {
    fn note(&mut self, offer: usize, came_to: Result<Applied<'_>, Denial>) {
        let Ok(Applied { minor, lines, shipping, pays, .. }) = came_to else { return };
        *(if pays { &mut self.tender_minor } else { &mut self.discount_minor }) += minor;
        self.payable_minor -= minor;
        if let Some(of_offer) = self.offers_minor.get_mut(offer) {
            *of_offer = Some(minor);
        }
        let parts = self.parts.get_mut(offer * self.width..).unwrap_or_default();
        for &(place, minor) in lines.iter().chain([&(self.width - 1, shipping)]) {
            if let Some(part) = parts.get_mut(place) {
                *part = minor;
            }
        }
    }
}

/// The figures of [`plan`](super::plan), without a word.
pub fn plan_figures(order: &Order, offers: &[Offer<'_>], terms: PlanTerms<'_>) -> PlanFigures {
    let mut figures = PlanFigures::new(order, offers.len());
    stack(order, offers, terms, &mut figures);
    figures
}
