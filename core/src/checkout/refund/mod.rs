//! What an order pays out when pieces of it come back. Pure: from what was bought and frozen, what is back and what was paid out before,
//! to what is paid out now, to whom, and what of each card comes back.
//!
//! Everything is told by where the order stands, never by the steps that led there: what was paid out in all after some pieces are back
//! is the same whatever the order and split, and with the last piece it is what was paid (G-15).

mod anew;
mod pieces;
mod stands;
mod tender;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
pub use stands::Ledger;
pub(crate) use tender::OTHER;
pub use tender::{Tender, TenderOrder, split};

use super::{Funded, Order, Pricing, allocate};
use crate::card::{Parameters, RefundLines, Template};
use crate::money::{Rounding, is_nothing};
use crate::rule::ProductSets;
use crate::time::Instant;

/// An order as it was bought.
#[derive(Debug, Clone)]
pub struct Sale<'a> {
    /// As the cards were used on it.
    pub order: &'a Order,
    /// Its cards, in the order in which they came off; promotions are among them.
    pub cards: Vec<SoldCard<'a>>,
    /// How a share that was not whole became whole.
    pub rounding: Rounding,
    /// The product sets that the cards' terms name.
    pub sets: &'a ProductSets,
    /// The moment at which it was priced.
    pub at: Instant,
}

/// A card that was used on an order, as it was then.
#[derive(Debug, Clone)]
pub struct SoldCard<'a> {
    /// Its redemption's id.
    pub redemption: &'a str,
    /// What it gave, frozen.
    pub pricing: &'a Pricing,
    /// Its terms, of the version that it was sold under.
    pub template: &'a Template,
    /// Values of all its parameters.
    pub parameters: &'a Parameters,
    /// How many uses were taken of a times card.
    pub units: Option<u32>,
    /// Whether all of its uses came back with lines before: from then on it gives nothing, whatever the rest would earn again.
    pub is_gone: bool,
}

/// What is back of an order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Returned {
    /// Lines of which something is back, with how many pieces.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lines: BTreeMap<String, u32>,
    /// Whether shipping is back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shipping: bool,
}

impl Returned {
    /// How many pieces of a line are back.
    pub fn pieces(&self, line: &str) -> u32 {
        self.lines.get(line).copied().unwrap_or_default()
    }

    /// All of an order.
    pub fn all_of(order: &Order) -> Self {
        let lines = order.lines.iter().map(|line| (line.id.clone(), line.quantity));
        Self { lines: lines.collect(), shipping: order.shipping_minor > 0 }
    }
}

/// What comes back of a line, and what is paid out for it, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LineBack {
    /// The line's id within the order; of shipping nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// How many pieces come back.
    pub pieces: u32,
    /// What they cost before cards.
    pub before_minor: i64,
    /// What of that came off.
    pub discount_minor: i64,
    /// What was paid for them, by cards of value and otherwise: the rest.
    pub paid_minor: i64,
    /// Their share of what is paid out.
    pub payout_minor: i64,
}

/// What becomes of a card's discount, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DiscountBack {
    /// The card's redemption.
    pub redemption: String,
    /// What its terms say of refunds of lines.
    pub lines: RefundLines,
    /// Its shares of the pieces that come back.
    pub of_pieces_minor: i64,
    /// What the pieces that stay do not earn any more and is taken off the pay-out; below 0 where they earn more than their shares.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub taken_back_minor: i64,
    /// What is left of its discount.
    pub left_minor: i64,
    /// What comes back to whoever bears the discount, where its terms say so: at the rates of the purchase.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub funded: Vec<Funded>,
}

/// What pieces that come back come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// What is paid out, in minor units.
    pub payout_minor: i64,
    /// What could not be taken off the pay-out, which is never below 0; it is made up for as more comes back.
    pub short_minor: i64,
    /// What of the paid total is not paid out yet, this not counted any more.
    pub left_minor: i64,
    /// The lines of which something comes back, in the order's own order, and last shipping.
    pub lines: Vec<LineBack>,
    /// Each card that took something off, in the order of the sale.
    pub discounts: Vec<DiscountBack>,
    /// Of each card of the sale what of its discount is undone by now, this counted: all of it or less, so that its use is not given back
    /// while a shopper keeps a part.
    pub undone_minor: Vec<i64>,
    /// Whether everything is back.
    pub is_whole: bool,
}

/// What is paid out for what comes back: `before` is what was back before, `after` what is back with this; `paid_out_minor` was paid out so far.
/// `lines` says how each card's discount is refunded.
pub fn settle(
    ledger: &Ledger<'_>,
    (before, after): (&Returned, &Returned),
    paid_out_minor: i64,
    lines: impl Fn(&SoldCard<'_>) -> RefundLines,
) -> Settlement {
    let stood = ledger.stands(before, &lines);
    let stands = ledger.stands(after, &lines);
    let most = (ledger.paid_minor() - paid_out_minor).max(0);
    let due = ledger.paid_minor() - stands.worth_minor - paid_out_minor;
    let (payout_minor, short_minor) = (due.clamp(0, most), (-due).max(0));
    let is_whole = ledger.is_whole(after);
    let (mut discounts, mut undone) = (Vec::new(), Vec::new());
    for (card, (was, is)) in ledger.sale().cards.iter().zip(stood.cards.iter().zip(&stands.cards)) {
        let whole = card.pricing.discount_minor;
        undone.push((whole - is.left_minor - short_minor).clamp(0, whole));
        let of_pieces_minor = was.kept_minor - is.kept_minor;
        let taken_back_minor = was.left_minor - is.left_minor - of_pieces_minor;
        if whole > 0 {
            let (redemption, left_minor) = (card.redemption.to_owned(), is.left_minor);
            let funded = funded_back(&was.funded, &is.funded);
            let lines = lines(card);
            discounts.push(DiscountBack { redemption, lines, of_pieces_minor, taken_back_minor, left_minor, funded });
        }
    }
    Settlement {
        payout_minor,
        short_minor,
        left_minor: most - payout_minor,
        lines: shared_out(payout_minor, ledger.lines_back(before, after)),
        discounts,
        undone_minor: undone,
        is_whole,
    }
}

fn funded_back(was: &BTreeMap<String, i64>, is: &BTreeMap<String, i64>) -> Vec<Funded> {
    let parties = was.iter().map(|(party, minor)| (party, minor - is.get(party).copied().unwrap_or_default()));
    let parties = parties.filter(|(_, minor)| *minor != 0);
    parties.map(|(party, off_minor)| Funded { party: party.clone(), off_minor }).collect()
}

/// Gives each line its share of the pay-out: by what was paid for it; where nothing was, by what it cost.
fn shared_out(payout_minor: i64, mut lines: Vec<LineBack>) -> Vec<LineBack> {
    let by = |of: fn(&LineBack) -> i64| lines.iter().map(of).collect::<Vec<i64>>();
    let (paid, cost) = (by(|line| line.paid_minor), by(|line| line.before_minor));
    let weights = if paid.iter().any(|minor| *minor > 0) { paid } else { cost };
    let parts = allocate(payout_minor, &weights);
    lines.iter_mut().zip(&parts).for_each(|(line, part)| line.payout_minor = *part);
    // What nothing can carry lies on the first.
    if let Some(first) = lines.first_mut() {
        first.payout_minor += payout_minor - parts.iter().sum::<i64>();
    }
    lines
}
