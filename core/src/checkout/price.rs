//! What a template's benefit takes off an order, line by line.

use serde::{Deserialize, Serialize};

use super::{Line, Order, allocate};
use crate::card::{Benefit, Parameters, Template, TemplateDraft};
use crate::denial::Denial;
use crate::money::{AMOUNT_MAX, Rounding, percent_of};
use crate::rule::{Facts, Over, ProductSets, nothing_picked, select};
use crate::time::Instant;

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
    /// How many uses are taken of a card that is counted so.
    pub units: Option<u32>,
}

/// Prices an order that was checked. A pure function: same order, terms, parameters, purse and moment, same result.
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
    now: Instant,
) -> Result<Pricing, Denial> {
    if let Some(currency) = template.draft.currency
        && currency != order.currency
    {
        return Err(Denial::CurrencyMismatch { card: currency, order: order.currency });
    }
    if let Some(denial) = template.programs().conditions.first_unmet(&Facts::new(order, sets, now, &template.zone)) {
        return Err(denial);
    }
    // A card that is not counted in units gives once.
    let times = i64::from(purse.units.unwrap_or(1));
    let discounted = |over: &Over, wanted: &dyn Fn(i64) -> i64| {
        let selection = select(over, order, sets);
        let off_minor = wanted(selection.sum).min(selection.sum);
        let lines: Vec<_> = selection.lines.iter().filter_map(|&place| order.lines.get(place)).collect();
        let weights: Vec<i64> = lines.iter().map(|line| line.amount_minor).collect();
        let shares = allocate(off_minor.max(0), &weights);
        less(order, lines.into_iter().zip(shares).collect(), rounding)
    };
    match &template.draft.benefit {
        Benefit::AmountOff { minor, over } => {
            discounted(over, &|_| minor.resolve(parameters).saturating_mul(times).min(AMOUNT_MAX))
        }
        Benefit::PercentOff { off_bp, cap_minor, over } => {
            let off_bp = u32::try_from(off_bp.resolve(parameters)).unwrap_or(0);
            discounted(over, &|sum| {
                let off = percent_of(sum, off_bp, rounding);
                cap_minor.map_or(off, |cap| off.min(cap))
            })
        }
        Benefit::Value { .. } => tender(&template.draft, purse, order, rounding),
        Benefit::Goods { quantity, lines } => {
            let pieces = u64::from(*quantity).saturating_mul(times.unsigned_abs());
            let picked = select(&Over::Lines(lines.clone()), order, sets).lines;
            let picked: Vec<_> = picked.iter().filter_map(|&place| order.lines.get(place)).collect();
            if picked.is_empty() {
                return Err(nothing_picked("benefit.goods", Some(lines), order));
            }
            less(order, free_pieces(&picked, pieces), rounding)
        }
        Benefit::Entitlement { .. } | Benefit::Cards { .. } => Ok(Pricing::nothing_off(order, rounding)),
    }
}

/// The price of an order of which these lines cost less.
fn less(order: &Order, shares: Vec<(&Line, i64)>, rounding: Rounding) -> Result<Pricing, Denial> {
    let discount_minor: i64 = shares.iter().map(|(_, off_minor)| off_minor).sum();
    if discount_minor <= 0 {
        return Err(Denial::NoEffect);
    }
    let allocations = shares.into_iter().filter(|(_, off)| *off > 0).map(|(line, off_minor)| Allocation {
        line: line.id.clone(),
        before_minor: line.amount_minor,
        off_minor,
    });
    let allocations = allocations.collect();
    let all = Pricing::nothing_off(order, rounding);
    Ok(Pricing { discount_minor, payable_minor: all.before_minor - discount_minor, allocations, ..all })
}

/// What comes off each line when so many pieces cost nothing, the dearest first, ties by order of the lines. The cents that a line
/// does not share out evenly lie on its first pieces, so that a whole line is free to the last cent.
fn free_pieces<'a>(lines: &[&'a Line], pieces: u64) -> Vec<(&'a Line, i64)> {
    let each = |line: &Line| line.amount_minor / i64::from(line.quantity.max(1));
    let mut dearest: Vec<usize> = (0..lines.len()).collect();
    dearest.sort_by_key(|&place| std::cmp::Reverse(lines.get(place).map(|line| each(line))));
    let mut shares: Vec<_> = lines.iter().map(|line| (*line, 0)).collect();
    let mut left = pieces;
    for place in dearest {
        let Some((line, off_minor)) = shares.get_mut(place) else { continue };
        let free = left.min(u64::from(line.quantity));
        left -= free;
        let free = i64::try_from(free).unwrap_or(i64::MAX);
        *off_minor = each(line) * free + (line.amount_minor % i64::from(line.quantity.max(1))).min(free);
    }
    shares
}

impl Pricing {
    /// An order that costs what it costs.
    fn nothing_off(order: &Order, rounding: Rounding) -> Self {
        let before_minor = total_of(order);
        let (discount_minor, tender_minor, payable_minor) = (0, 0, before_minor);
        Self { before_minor, discount_minor, tender_minor, payable_minor, allocations: Vec::new(), rounding }
    }
}

/// Stored value pays what was asked, or as much as it can.
fn tender(draft: &TemplateDraft, purse: Purse, order: &Order, rounding: Rounding) -> Result<Pricing, Denial> {
    let before_minor = total_of(order);
    let Purse { balance_minor, asked_minor, .. } = purse;
    if balance_minor == 0 || asked_minor.is_some_and(|asked| asked > balance_minor) {
        return Err(draft.insufficient_balance(balance_minor, asked_minor));
    }
    let tender_minor = asked_minor.unwrap_or(balance_minor).min(before_minor);
    if tender_minor == 0 {
        return Err(Denial::NoEffect);
    }
    let payable_minor = before_minor - tender_minor;
    Ok(Pricing { tender_minor, payable_minor, ..Pricing::nothing_off(order, rounding) })
}

/// The total of an order that was checked: it fits.
fn total_of(order: &Order) -> i64 {
    order.lines.iter().map(|line| line.amount_minor).sum()
}
