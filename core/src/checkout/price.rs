//! What a template's benefit takes off an order, line by line.

use serde::{Deserialize, Serialize};

use super::{Order, allocate};
use crate::card::{Benefit, Parameters, Template, TemplateDraft};
use crate::denial::Denial;
use crate::money::{Rounding, percent_of};
use crate::rule::{ProductSets, first_unmet, select};

/// A line's share of a benefit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Allocation {
    /// The line's id within the order.
    pub line: String,
    /// What it cost before, in minor units.
    pub before_minor: i64,
    /// What comes off, from 0 to `before_minor`.
    pub off_minor: i64,
}

/// What a card gives on an order. Allocations sum to `discount_minor` exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Pricing {
    /// The order's total before, in minor units.
    pub before_minor: i64,
    /// What comes off in all.
    pub discount_minor: i64,
    /// What the card itself pays, in minor units: of gift cards only. Value pays and is no discount, so no line has a share of it.
    #[serde(default, skip_serializing_if = "crate::money::is_nothing")]
    pub tender_minor: i64,
    /// What is left to pay, 0 or more.
    pub payable_minor: i64,
    /// The shares of the lines that get one above 0, in order of the lines.
    pub allocations: Vec<Allocation>,
    /// How a share that was not whole became whole.
    pub rounding: Rounding,
}

/// What a card can pay with: what it holds, and the most that is to be taken, where that was said.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Purse {
    pub balance_minor: i64,
    pub asked_minor: Option<i64>,
}

/// Prices an order that was checked. A pure function: same order, terms, parameters and purse, same result.
///
/// # Errors
/// In this order: `currency_mismatch`, `condition_failed`, `insufficient_balance`, `no_effect`.
pub(crate) fn price(
    template: &Template,
    parameters: &Parameters,
    purse: Purse,
    order: &Order,
    sets: &ProductSets,
    rounding: Rounding,
) -> Result<Pricing, Denial> {
    if let Some(currency) = template.draft.currency
        && currency != order.currency
    {
        return Err(Denial::CurrencyMismatch { card: currency, order: order.currency });
    }
    if let Some(denial) = first_unmet(&template.draft.conditions, order, sets) {
        return Err(denial);
    }
    let Some(over) = template.draft.benefit.over() else {
        return tender(&template.draft, purse, order, rounding);
    };
    let selection = select(over, order, sets);
    let wanted = match &template.draft.benefit {
        Benefit::AmountOff { minor, .. } => minor.resolve(parameters),
        Benefit::PercentOff { off_bp, cap_minor, .. } => {
            let off_bp = u32::try_from(off_bp.resolve(parameters)).unwrap_or(0);
            let off = percent_of(selection.sum, off_bp, rounding);
            cap_minor.map_or(off, |cap| off.min(cap))
        }
        // Is taken over nothing: it pays.
        Benefit::Value { .. } => 0,
    };
    let discount_minor = wanted.min(selection.sum);
    if discount_minor <= 0 {
        return Err(Denial::NoEffect);
    }
    let lines: Vec<_> = selection.lines.iter().filter_map(|&place| order.lines.get(place)).collect();
    let weights: Vec<i64> = lines.iter().map(|line| line.amount_minor).collect();
    let shares = lines.iter().zip(allocate(discount_minor, &weights)).filter(|(_, off)| *off > 0);
    let allocations = shares.map(|(line, off_minor)| Allocation {
        line: line.id.clone(),
        before_minor: line.amount_minor,
        off_minor,
    });
    let before_minor = total_of(order);
    Ok(Pricing {
        before_minor,
        discount_minor,
        tender_minor: 0,
        payable_minor: before_minor - discount_minor,
        allocations: allocations.collect(),
        rounding,
    })
}

/// Stored value pays what was asked, or as much as it can.
fn tender(draft: &TemplateDraft, purse: Purse, order: &Order, rounding: Rounding) -> Result<Pricing, Denial> {
    let before_minor = total_of(order);
    let Purse { balance_minor, asked_minor } = purse;
    if balance_minor == 0 || asked_minor.is_some_and(|asked| asked > balance_minor) {
        return Err(draft.insufficient_balance(balance_minor, asked_minor));
    }
    let tender_minor = asked_minor.unwrap_or(balance_minor).min(before_minor);
    if tender_minor == 0 {
        return Err(Denial::NoEffect);
    }
    let payable_minor = before_minor - tender_minor;
    Ok(Pricing { before_minor, discount_minor: 0, tender_minor, payable_minor, allocations: Vec::new(), rounding })
}

/// The total of an order that was checked: it fits.
fn total_of(order: &Order) -> i64 {
    order.lines.iter().map(|line| line.amount_minor).sum()
}
