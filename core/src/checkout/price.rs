//! What a template's benefit takes off an order, line by line.

use serde::{Deserialize, Serialize};

use super::{Order, allocate};
use crate::card::{Benefit, Parameters, Template};
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
    /// What is left to pay, 0 or more.
    pub payable_minor: i64,
    /// The shares of the lines that get one above 0, in order of the lines.
    pub allocations: Vec<Allocation>,
    /// How a share that was not whole became whole.
    pub rounding: Rounding,
}

/// Prices an order that was checked. A pure function: same order, terms and parameters, same result.
///
/// # Errors
/// In this order: `currency_mismatch`, `condition_failed`, `no_effect`.
pub(crate) fn price(
    template: &Template,
    parameters: &Parameters,
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
    let selection = select(template.draft.benefit.over(), order, sets);
    let wanted = match &template.draft.benefit {
        Benefit::AmountOff { minor, .. } => minor.resolve(parameters),
        Benefit::PercentOff { off_bp, cap_minor, .. } => {
            let off_bp = u32::try_from(off_bp.resolve(parameters)).unwrap_or(0);
            let off = percent_of(selection.sum, off_bp, rounding);
            cap_minor.map_or(off, |cap| off.min(cap))
        }
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
    let before_minor = order.lines.iter().map(|line| line.amount_minor).sum::<i64>();
    Ok(Pricing {
        before_minor,
        discount_minor,
        payable_minor: before_minor - discount_minor,
        allocations: allocations.collect(),
        rounding,
    })
}
