//! Which ways of paying a pay-out goes back to.

use serde::{Deserialize, Serialize};

use super::allocate;

/// In which order a pay-out goes back to what the order was paid with. Nothing gets more than it paid.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TenderOrder {
    /// To cards of value first, in the order in which they paid; what they did not pay to the other way of paying. So no value becomes cash
    /// before it has to.
    #[default]
    CardsFirst,
    /// To the other way of paying first, then to cards of value, in the order in which they paid.
    CardsLast,
    /// To each in proportion to what it paid and did not get back yet.
    InProportion,
    /// In this order: redemptions of cards of value, and `other`. What is not named comes behind, cards first.
    Listed(Vec<String>),
}

/// The name of all that was not paid with cards.
pub(crate) const OTHER: &str = "other";

/// A way of paying, and what it paid and did not get back yet, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tender<'a> {
    /// The redemption of a card of value; nothing for the other way of paying.
    pub redemption: Option<&'a str>,
    /// What may still go back to it.
    pub left_minor: i64,
}

impl Tender<'_> {
    fn name(&self) -> &str {
        self.redemption.unwrap_or(OTHER)
    }
}

/// Splits a pay-out over ways of paying, cards in the order in which they paid: what goes back to each, by place. It sums to the pay-out
/// where they paid that much.
pub fn split(payout_minor: i64, tenders: &[Tender<'_>], order: &TenderOrder) -> Vec<i64> {
    let lefts: Vec<i64> = tenders.iter().map(|tender| tender.left_minor.max(0)).collect();
    let cards_first = |tender: &Tender<'_>| tender.redemption.is_none();
    let mut places: Vec<usize> = (0..tenders.len()).collect();
    let turn = |place: &usize| {
        let Some(tender) = tenders.get(*place) else { return (usize::MAX, false) };
        match order {
            TenderOrder::CardsFirst => (0, cards_first(tender)),
            TenderOrder::CardsLast => (0, !cards_first(tender)),
            TenderOrder::InProportion => (0, false),
            TenderOrder::Listed(names) => {
                let named = names.iter().position(|name| name == tender.name());
                (named.unwrap_or(names.len()), cards_first(tender))
            }
        }
    };
    if *order == TenderOrder::InProportion {
        return allocate(payout_minor.min(lefts.iter().sum()), &lefts);
    }
    places.sort_by_key(turn);
    let (mut parts, mut left) = (vec![0; tenders.len()], payout_minor);
    for place in places {
        let part = lefts.get(place).copied().unwrap_or_default().min(left);
        if let Some(to) = parts.get_mut(place) {
            *to = part;
        }
        left -= part;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tender(redemption: Option<&str>, left_minor: i64) -> Tender<'_> {
        Tender { redemption, left_minor }
    }

    #[test]
    fn g18_each_way_of_paying_gets_what_it_paid_in_the_declared_order() {
        let tenders = [tender(Some("a"), 30), tender(Some("b"), 20), tender(None, 50)];
        let listed = |names: &[&str]| TenderOrder::Listed(names.iter().map(|name| (*name).to_owned()).collect());
        let cases = [
            (TenderOrder::CardsFirst, 40, [30, 10, 0]),
            (TenderOrder::CardsFirst, 100, [30, 20, 50]),
            (TenderOrder::CardsLast, 40, [0, 0, 40]),
            (TenderOrder::CardsLast, 65, [15, 0, 50]),
            (TenderOrder::InProportion, 10, [3, 2, 5]),
            (TenderOrder::InProportion, 1, [0, 0, 1]),
            (listed(&["b", "other"]), 75, [5, 20, 50]),
            (listed(&["other"]), 60, [10, 0, 50]),
            (listed(&[]), 40, [30, 10, 0]),
        ];
        for (order, payout, parts) in cases {
            assert_eq!(split(payout, &tenders, &order), parts, "{order:?} {payout}");
        }
    }
}
