//! A plan again, from what each card of an order kept of it.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::reply::Telling;
use super::stack::Table;
use super::{OfferPlan, Plan, PlanShare, PlanTerms, Verdict};
use crate::card::Lane;
use crate::checkout::{Funded, Order, Pricing};

/// What a card takes off or pays: lines by place, and of shipping.
struct Share {
    lines: Vec<(usize, i64)>,
    shipping: i64,
}

/// What a card of an order kept.
pub(crate) struct Kept<'a> {
    /// What it is called among the offers.
    pub id: String,
    pub template: &'a str,
    pub lane: Lane,
    pub pricing: &'a Pricing,
}

/// The plan of an order that these made, in any order; nothing where one of them is missing: each begins with what the ones before it left.
pub(crate) fn plan_of_kept(order: &Order, kept: &[Kept<'_>], terms: PlanTerms<'_>) -> Option<Plan> {
    let mut turns: Vec<usize> = (0..kept.len()).collect();
    // What takes nothing off begins and ends where its neighbour does.
    turns.sort_by_key(|at| kept.get(*at).map(|one| (-one.pricing.before_minor, -one.pricing.payable_minor)));
    let mut table = Table::new(order, &[], terms);
    let mut left = table.cart.payable_minor();
    let places: BTreeMap<&str, usize> =
        order.lines.iter().enumerate().map(|(at, line)| (line.id.as_str(), at)).collect();
    let (mut telling, mut offers) = (Telling::new(order, &[], terms), vec![None; kept.len()]);
    for (place, at) in turns.into_iter().enumerate() {
        let one = kept.get(at)?;
        if one.pricing.before_minor != left {
            return None;
        }
        left = one.pricing.payable_minor;
        let share = one.share(&table, &places)?;
        table.cart.take(&share.lines, share.shipping);
        telling.take(&share.lines, share.shipping, one.pays());
        *offers.get_mut(at)? = Some(one.offer(order, &share, place));
    }
    Some(Plan { offers: offers.into_iter().collect::<Option<Vec<_>>>()?, ..telling.end() })
}

impl Kept<'_> {
    fn share(&self, table: &Table<'_>, places: &BTreeMap<&str, usize>) -> Option<Share> {
        let Pricing { tender_minor, allocations, shipping_off_minor, .. } = self.pricing;
        if self.pays() {
            // No line has a share of it in what is kept; it is found again as it was found.
            let (lines, shipping) = table.paid(*tender_minor);
            return Some(Share { lines, shipping });
        }
        let lines = allocations.iter().map(|share| Some((*places.get(share.line.as_str())?, share.off_minor)));
        let mut lines = lines.collect::<Option<Vec<_>>>()?;
        lines.sort_unstable();
        Some(Share { lines, shipping: *shipping_off_minor })
    }

    fn pays(&self) -> bool {
        self.pricing.tender_minor > 0
    }

    fn offer(&self, order: &Order, share: &Share, place: usize) -> OfferPlan {
        let pricing = self.pricing;
        let funded = |line: &str| -> Vec<Funded> {
            let of = pricing.allocations.iter().find(|share| share.line == line);
            of.map(|share| share.funded.clone()).unwrap_or_default()
        };
        let shares = share.lines.iter().filter_map(|(at, minor)| {
            let line = &order.lines.get(*at)?.id;
            Some(PlanShare { line: SmolStr::new(line), minor: *minor, funded: funded(line) })
        });
        OfferPlan {
            id: SmolStr::new(&self.id),
            template: SmolStr::new(self.template),
            lane: self.lane,
            verdict: Verdict::Applied,
            place: Some(place),
            denial: None,
            discount_minor: pricing.discount_minor,
            tender_minor: pricing.tender_minor,
            shares: shares.collect(),
            shipping_minor: share.shipping,
            shipping_funded: pricing.shipping_funded.clone(),
            held_back: pricing.held_back.clone(),
            actions: pricing.actions.clone(),
            next: None,
        }
    }
}
