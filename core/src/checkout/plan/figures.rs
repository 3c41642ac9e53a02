//! A plan as bare figures, for whoever prices many orders.

use super::stack::{Seat, Share, stacked};
use super::{Offer, PlanTerms};
use crate::checkout::Order;

/// What an order comes to with several offers, as bare figures in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFigures {
    /// What comes off in all.
    pub discount_minor: i64,
    /// What stored value pays.
    pub tender_minor: i64,
    /// What is left to pay, 0 or more.
    pub payable_minor: i64,
    /// For each offer, in the order in which they were given: what it takes off or pays of each line, in the order's own order, and last
    /// of shipping; nothing for one that does not apply.
    pub shares: Vec<Option<Vec<i64>>>,
}

impl PlanFigures {
    /// Lines and shipping, before anything comes off.
    pub fn before_minor(&self) -> i64 {
        self.payable_minor + self.discount_minor + self.tender_minor
    }
}

/// The figures of [`plan`](super::plan), without a word.
pub fn plan_figures(order: &Order, offers: &[Offer<'_>], terms: PlanTerms<'_>) -> PlanFigures {
    let before = order.lines.iter().map(|line| line.amount_minor).sum::<i64>() + order.shipping_minor;
    let (mut discount_minor, mut tender_minor) = (0, 0);
    let shares = stacked(order, offers, terms).into_iter().map(|seat| {
        let Seat::Applied(share) = seat else { return None };
        *(if share.pays { &mut tender_minor } else { &mut discount_minor }) += share.minor();
        Some(in_full(&share, order.lines.len()))
    });
    let shares = shares.collect();
    PlanFigures { discount_minor, tender_minor, payable_minor: before - discount_minor - tender_minor, shares }
}

fn in_full(share: &Share, lines: usize) -> Vec<i64> {
    let mut full = vec![0; lines + 1];
    for &(place, minor) in &share.lines {
        if let Some(of_line) = full.get_mut(place) {
            *of_line = minor;
        }
    }
    if let Some(of_shipping) = full.last_mut() {
        *of_shipping = share.shipping;
    }
    full
}
