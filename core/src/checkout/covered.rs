//! What of an order a use covers: all that the card gives, or as much of it as limits that cap have left.

use std::collections::{BTreeMap, BTreeSet};

use super::{Allocation, Funded, Order, Pricing, allocate};
use crate::limit::UsageUnit;

/// A price, and the pieces of each line that count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Covered {
    pub pricing: Pricing,
    /// Lines by their place in the order, in that order, with their pieces.
    pieces: Vec<(usize, u32)>,
    /// Whether a part of it may be given.
    divisible: bool,
}

impl Covered {
    /// All that the card gives: the lines that get a share; where it pays, each line of the order.
    pub(crate) fn whole(pricing: Pricing, order: &Order) -> Self {
        // Shares come in the order of the lines.
        let mut shares = pricing.allocations.iter().peekable();
        let lines = order.lines.iter().enumerate().filter(|(_, line)| {
            let has_share = shares.next_if(|share| share.line == line.id).is_some();
            has_share || pricing.tender_minor > 0
        });
        let pieces = lines.map(|(place, line)| (place, line.quantity)).collect();
        Self { pricing, pieces, divisible: false }
    }

    /// The same, of which a part may be given.
    pub(crate) fn divisible(self) -> Self {
        Self { divisible: true, ..self }
    }

    pub(crate) const fn is_divisible(&self) -> bool {
        self.divisible
    }

    /// What is taken off and paid.
    pub(crate) fn money(&self) -> i64 {
        self.pricing.discount_minor + self.pricing.tender_minor
    }

    /// How many uses it is.
    pub(crate) fn uses(&self, unit: UsageUnit) -> i64 {
        match unit {
            UsageUnit::Order => 1,
            // Shipping alone is one thing.
            UsageUnit::Line | UsageUnit::Unit if self.pieces.is_empty() && self.pricing.shipping_off_minor > 0 => 1,
            UsageUnit::Line => i64::try_from(self.pieces.len()).unwrap_or(i64::MAX),
            UsageUnit::Unit => self.pieces.iter().map(|(_, pieces)| i64::from(*pieces)).sum(),
        }
    }

    /// So much money of it, each line in proportion; nothing where nothing would be left.
    pub(crate) fn within_money(&self, left: i64, order: &Order) -> Option<Self> {
        if self.pricing.tender_minor > 0 {
            let tender_minor = left.min(self.pricing.tender_minor);
            return (tender_minor > 0).then(|| Self { pricing: self.paying(tender_minor), ..self.clone() });
        }
        let shares = self.pricing.allocations.iter().map(|share| share.off_minor);
        let shares: Vec<i64> = shares.chain([self.pricing.shipping_off_minor]).collect();
        let discount_minor = left.min(self.pricing.discount_minor);
        let mut shares = allocate(discount_minor.max(0), &shares);
        let shipping_off_minor = shares.pop().unwrap_or_default();
        self.sharing(&shares, shipping_off_minor, order)
    }

    /// So many of its lines or pieces, the first of the order first; nothing where nothing would be left.
    pub(crate) fn within_uses(&self, unit: UsageUnit, left: i64, order: &Order) -> Option<Self> {
        let mut left = u64::try_from(left).unwrap_or(0);
        if left == 0 {
            return None;
        }
        let (mut kept, mut parts) = (Vec::with_capacity(self.pieces.len()), BTreeMap::new());
        for &(place, had) in &self.pieces {
            let counted = if unit == UsageUnit::Unit { u64::from(had) } else { 1 };
            let taken = counted.min(left);
            left -= taken;
            let pieces = if unit == UsageUnit::Unit { u32::try_from(taken).unwrap_or(had) } else { had };
            if taken > 0 {
                kept.push((place, pieces));
                parts.extend(order.lines.get(place).map(|line| (line.id.as_str(), (pieces, had))));
            }
        }
        if self.pricing.tender_minor > 0 {
            let costs = kept.iter().filter_map(|(place, pieces)| {
                order.lines.get(*place).map(|line| part(line.amount_minor, *pieces, line.quantity))
            });
            let tender_minor = self.pricing.tender_minor.min(costs.sum());
            return (tender_minor > 0).then(|| Self { pricing: self.paying(tender_minor), pieces: kept, ..*self });
        }
        let shares = self.pricing.allocations.iter();
        let of_kept = |share: &Allocation| {
            parts.get(share.line.as_str()).map_or(0, |&(pieces, had)| part(share.off_minor, pieces, had))
        };
        let shares: Vec<i64> = shares.map(of_kept).collect();
        Self { pieces: kept, ..self.clone() }.sharing(&shares, self.pricing.shipping_off_minor, order)
    }

    fn paying(&self, tender_minor: i64) -> Pricing {
        let before = &self.pricing;
        let payable_minor = before.payable_minor + before.tender_minor - tender_minor;
        Pricing { tender_minor, payable_minor, ..before.clone() }
    }

    /// The same with other shares; lines without one do not count any more.
    fn sharing(&self, shares: &[i64], shipping_off_minor: i64, order: &Order) -> Option<Self> {
        let before = &self.pricing;
        let allocations: Vec<Allocation> = before
            .allocations
            .iter()
            .zip(shares)
            .filter(|(_, off_minor)| **off_minor > 0)
            .map(|(share, off_minor)| {
                let funded = less_funded(&share.funded, *off_minor);
                Allocation { funded, ..Allocation::new(&share.line, share.before_minor, *off_minor) }
            })
            .collect();
        let discount_minor = allocations.iter().map(|share| share.off_minor).sum::<i64>() + shipping_off_minor;
        let shared: BTreeSet<&str> = allocations.iter().map(|share| share.line.as_str()).collect();
        let has_share = |place: usize| order.lines.get(place).is_some_and(|line| shared.contains(line.id.as_str()));
        let pieces = self.pieces.iter().copied().filter(|(place, _)| has_share(*place)).collect();
        let payable_minor = before.payable_minor + before.discount_minor - discount_minor;
        let shipping_funded = less_funded(&before.shipping_funded, shipping_off_minor);
        let pricing = Pricing {
            discount_minor,
            payable_minor,
            allocations,
            shipping_off_minor,
            shipping_funded,
            ..before.clone()
        };
        (discount_minor > 0).then_some(Self { pricing, pieces, ..*self })
    }
}

/// What parties bear of a share that became smaller, in proportion.
fn less_funded(funded: &[Funded], off_minor: i64) -> Vec<Funded> {
    let parts = allocate(off_minor, &funded.iter().map(|part| part.off_minor).collect::<Vec<_>>());
    let parts = funded.iter().zip(parts).filter(|(_, off_minor)| *off_minor > 0);
    parts.map(|(part, off_minor)| Funded { party: part.party.clone(), off_minor }).collect()
}

/// So many of a line's pieces, of what all of them come to.
fn part(minor: i64, pieces: u32, of: u32) -> i64 {
    let share = i128::from(minor) * i128::from(pieces.min(of)) / i128::from(of.max(1));
    i64::try_from(share).unwrap_or(minor)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::checkout::Line;
    use crate::money::Currency;

    fn order(lines: &[(u32, i64)]) -> Order {
        let line = |(place, (quantity, amount_minor)): (usize, &(u32, i64))| {
            Line::new(place.to_string(), "tea", *quantity, *amount_minor)
        };
        Order::new("o", Currency::parse("currency", "CNY").unwrap(), lines.iter().enumerate().map(line))
    }

    fn taking_off(order: &Order, discount_minor: i64) -> Covered {
        let weights: Vec<i64> = order.lines.iter().map(|line| line.amount_minor).collect();
        let shares = order.lines.iter().zip(allocate(discount_minor, &weights)).filter(|(_, off)| *off > 0);
        let allocations =
            shares.map(|(line, off_minor)| Allocation::new(&line.id, line.amount_minor, off_minor)).collect();
        let before_minor = weights.iter().sum::<i64>();
        let payable_minor = before_minor - discount_minor;
        let pricing = Pricing { before_minor, discount_minor, payable_minor, allocations, ..Pricing::default() };
        Covered::whole(pricing, order)
    }

    fn paying(order: &Order, tender_minor: i64) -> Covered {
        let before_minor = order.lines.iter().map(|line| line.amount_minor).sum::<i64>();
        let payable_minor = before_minor - tender_minor;
        let pricing = Pricing { before_minor, tender_minor, payable_minor, ..Pricing::default() };
        Covered::whole(pricing, order)
    }

    #[test]
    fn g12_the_first_pieces_of_the_order_are_covered_first() {
        // 20 % off three pieces of 10.00 and two of 5.00, of which four pieces are left.
        let order = order(&[(3, 3_000), (2, 1_000)]);
        let whole = taking_off(&order, 800);
        assert_eq!((whole.uses(UsageUnit::Unit), whole.uses(UsageUnit::Line)), (5, 2));
        let capped = whole.within_uses(UsageUnit::Unit, 4, &order).unwrap();
        let shares: Vec<i64> = capped.pricing.allocations.iter().map(|share| share.off_minor).collect();
        assert_eq!((shares, capped.uses(UsageUnit::Unit)), (vec![600, 100], 4));
        assert_eq!((capped.pricing.discount_minor, capped.pricing.payable_minor), (700, 3_300));
        let line = whole.within_uses(UsageUnit::Line, 1, &order).unwrap();
        assert_eq!((line.pricing.discount_minor, line.uses(UsageUnit::Unit)), (600, 3));
        assert_eq!(whole.within_uses(UsageUnit::Unit, 0, &order), None);
    }

    #[test]
    fn g12_a_gift_card_pays_what_the_covered_pieces_cost() {
        let order = order(&[(3, 3_000), (2, 1_000)]);
        let capped = paying(&order, 3_500).within_uses(UsageUnit::Unit, 2, &order).unwrap();
        assert_eq!((capped.pricing.tender_minor, capped.pricing.payable_minor), (2_000, 2_000));
        let capped = paying(&order, 3_500).within_money(1, &order).unwrap();
        assert_eq!((capped.pricing.tender_minor, capped.uses(UsageUnit::Line)), (1, 2));
        assert_eq!(paying(&order, 3_500).within_money(0, &order), None);
    }

    #[test]
    fn shipping_is_covered_with_the_lines() {
        // 3.00 off a line of 30.00 and 6.00 off shipping, half borne by each of two, of which 4.50 are left.
        let order = Order { shipping_minor: 600, ..order(&[(3, 3_000)]) };
        let half = |off_minor: i64| ["a", "b"].map(|party| Funded { party: party.to_owned(), off_minor }).to_vec();
        let allocations = vec![Allocation { funded: half(150), ..Allocation::new("0", 3_000, 300) }];
        let pricing = Pricing {
            before_minor: 3_600,
            discount_minor: 900,
            payable_minor: 2_700,
            allocations,
            ..Pricing::default()
        };
        let pricing = Pricing { shipping_off_minor: 600, shipping_funded: half(300), ..pricing };
        let whole = Covered::whole(pricing, &order);
        let capped = whole.within_money(450, &order).unwrap().pricing;
        assert_eq!((capped.discount_minor, capped.shipping_off_minor, capped.payable_minor), (450, 300, 3_150));
        assert_eq!((&capped.allocations[0].funded, &capped.shipping_funded), (&half(75), &half(150)));
        let one_piece = whole.within_uses(UsageUnit::Unit, 1, &order).unwrap().pricing;
        assert_eq!((one_piece.discount_minor, one_piece.shipping_off_minor), (700, 600));
        let alone = Pricing { allocations: Vec::new(), discount_minor: 600, payable_minor: 3_000, ..whole.pricing };
        let alone = Covered::whole(alone, &order);
        assert_eq!((alone.uses(UsageUnit::Line), alone.within_uses(UsageUnit::Line, 0, &order)), (1, None));
    }

    proptest! {
        #[test]
        fn g14_what_is_covered_still_sums_up_and_is_never_more(
            lines in proptest::collection::vec((1_u32..6, 0_i64..5_000), 1..6),
            share in 1_i64..=100,
            pays in any::<bool>(),
            (money, uses, by_piece) in (0_i64..8_000, 0_i64..20, any::<bool>()),
        ) {
            let order = order(&lines);
            let total: i64 = lines.iter().map(|(_, minor)| minor).sum();
            let off = total * share / 100;
            prop_assume!(off > 0);
            let unit = if by_piece { UsageUnit::Unit } else { UsageUnit::Line };
            let whole = if pays { paying(&order, off) } else { taking_off(&order, off) };
            let cut = [whole.within_money(money, &order), whole.within_uses(unit, uses, &order)];
            let both = cut[0].as_ref().and_then(|cut| cut.within_uses(unit, uses, &order));
            for (covered, least_money) in [(&cut[0], Some(money)), (&cut[1], None), (&both, Some(money))] {
                let Some(covered) = covered else { continue };
                let pricing = &covered.pricing;
                prop_assert!(covered.money() > 0 && covered.money() <= whole.money());
                prop_assert!(least_money.is_none_or(|most| covered.money() <= most));
                prop_assert_eq!(pricing.payable_minor + covered.money(), pricing.before_minor);
                prop_assert!(covered.uses(UsageUnit::Unit) <= whole.uses(UsageUnit::Unit));
                if !pays {
                    let sum: i64 = pricing.allocations.iter().map(|share| share.off_minor).sum();
                    prop_assert_eq!(sum, pricing.discount_minor);
                    for share in &pricing.allocations {
                        let had = whole.pricing.allocations.iter().find(|had| had.line == share.line).unwrap();
                        prop_assert!(share.off_minor > 0 && share.off_minor <= had.off_minor);
                    }
                }
            }
            for covered in [&cut[1], &both].into_iter().flatten() {
                prop_assert!(covered.uses(unit) <= uses);
            }
        }
    }
}
