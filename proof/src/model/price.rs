//! What a card takes off an order, worked out the long way.

use cardmint::card::PartialPolicy;
use cardmint::checkout::{Allocation, Pricing};
use cardmint::limit::UsageUnit;
use cardmint::money::Rounding;
use cardmint::{Denial, Fact};

use super::{No, Template};
use crate::request::Much;
use crate::terms::{Basket, Off, cny};

/// The pricing of an order whose lines all count.
pub(super) fn price(
    template: &Template,
    basket: &Basket,
    rounding: Rounding,
    purse: Purse,
) -> Result<(Pricing, Option<u32>), No> {
    let before: i64 = basket.lines.iter().sum();
    let is_gift = template.terms.value_minor.is_some();
    let asked_minor = match purse.asked {
        Some(Much::Minor(_)) if !is_gift => return Err(No::Invalid),
        Some(Much::Minor(minor)) => Some(minor),
        Some(Much::Uses(_)) if template.terms.usage.is_none() => return Err(No::Invalid),
        Some(Much::Uses(_)) | None => None,
    };
    let units = uses(template, basket, purse)?;
    if let Some(need) = template.terms.min_spend.filter(|need| before < *need) {
        return Err(No::Denied(Denial::ConditionFailed {
            path: "conditions[0].min_spend".to_owned(),
            have: money(before),
            need: money(need),
            short: Some(money(need - before)),
        }));
    }
    if is_gift {
        return Ok((tender(before, rounding, purse.holds, asked_minor)?, None));
    }
    let discount = match template.terms.off {
        Off::Amount(minor) => (minor * i64::from(units.unwrap_or(1))).min(before),
        Off::Percent(bp) => rounded(before * i64::from(bp), rounding),
        Off::Pears(pieces) => return Ok((pears(basket, u64::from(pieces * units.unwrap_or(1)), rounding)?, units)),
        Off::Nothing | Off::Cards { .. } => return Ok((off(basket, Vec::new(), rounding), units)),
    };
    if discount == 0 {
        return Err(No::Denied(Denial::NoEffect));
    }
    Ok((off(basket, shares(discount, &basket.lines), rounding), units))
}

/// An order of which these lines cost less.
fn off(basket: &Basket, allocations: Vec<Allocation>, rounding: Rounding) -> Pricing {
    let before: i64 = basket.lines.iter().sum();
    let discount: i64 = allocations.iter().map(|share| share.off_minor).sum();
    Pricing {
        before_minor: before,
        discount_minor: discount,
        payable_minor: before - discount,
        allocations,
        rounding,
        ..Pricing::default()
    }
}

/// So many pears for nothing, the dearest first, of equal ones the first.
fn pears(basket: &Basket, pieces: u64, rounding: Rounding) -> Result<Pricing, No> {
    let pears: Vec<usize> = (0..basket.lines.len()).filter(|place| Basket::product(*place) == "pear").collect();
    if pears.is_empty() {
        return Err(No::Denied(Denial::ConditionFailed {
            path: "benefit.goods".to_owned(),
            have: Fact::Text(format!("{} lines, none of them", basket.lines.len())),
            need: Fact::Text("a line of products pear".to_owned()),
            short: None,
        }));
    }
    let dearer = |place: usize| {
        let before = |other: usize| {
            basket.lines[other] > basket.lines[place] || (basket.lines[other] == basket.lines[place] && other < place)
        };
        pears.iter().filter(|other| before(**other)).count() as u64
    };
    let free = pears.iter().filter(|place| dearer(**place) < pieces);
    let all = |place: &usize| Allocation::new(format!("l{place}"), basket.lines[*place], basket.lines[*place]);
    Ok(off(basket, free.map(all).collect(), rounding))
}

/// How many uses of a times card an order takes: one for each line, or for the order.
fn uses(template: &Template, basket: &Basket, purse: Purse) -> Result<Option<u32>, No> {
    let Some(usage) = template.terms.usage else { return Ok(None) };
    let all = match usage.unit {
        UsageUnit::Order => 1,
        UsageUnit::Line | UsageUnit::Unit => u32::try_from(basket.lines.len()).unwrap_or(u32::MAX),
    };
    let wanted = match purse.asked {
        Some(Much::Uses(uses)) if uses == 0 || uses > all => return Err(No::Invalid),
        Some(Much::Uses(uses)) => uses,
        Some(Much::Minor(_)) | None => all,
    };
    let left = purse.uses_left;
    if wanted > left && (usage.partial_policy == PartialPolicy::Deny || left == 0) {
        return Err(Denial::InsufficientUses { left: u64::from(left), asked: u64::from(wanted) }.into());
    }
    Ok(Some(wanted.min(left)))
}

/// What a card holds, and how much of it is asked for.
#[derive(Clone, Copy)]
pub(super) struct Purse {
    pub holds: i64,
    pub uses_left: u32,
    pub asked: Option<Much>,
}

pub(super) fn money(minor: i64) -> Fact {
    Fact::Money { minor, currency: cny() }
}

/// A gift card that holds too little.
pub(super) fn insufficient(holds: i64, asked: Option<i64>) -> No {
    let short = asked.map(|asked| money(asked - holds));
    Denial::InsufficientBalance { available: money(holds), asked: asked.map(money), short }.into()
}

/// Value pays what is asked, or all that it can.
fn tender(before: i64, rounding: Rounding, holds: i64, asked: Option<i64>) -> Result<Pricing, No> {
    if holds == 0 || asked.is_some_and(|asked| asked > holds) {
        return Err(insufficient(holds, asked));
    }
    let pays = asked.unwrap_or(holds).min(before);
    if pays == 0 {
        return Err(Denial::NoEffect.into());
    }
    Ok(Pricing {
        before_minor: before,
        tender_minor: pays,
        payable_minor: before - pays,
        rounding,
        ..Pricing::default()
    })
}

/// Ten-thousandths to whole ones.
fn rounded(tenthousandths: i64, rounding: Rounding) -> i64 {
    let (whole, rest) = (tenthousandths / 10_000, tenthousandths % 10_000);
    let up = match rounding {
        Rounding::HalfUp => rest >= 5_000,
        Rounding::HalfEven => rest > 5_000 || (rest == 5_000 && whole % 2 == 1),
    };
    whole + i64::from(up)
}

/// One unit after another goes to the line that is furthest behind its exact share, the first of several.
pub(super) fn spread(total: i64, weights: &[i64]) -> Vec<i64> {
    let whole: i64 = weights.iter().sum();
    let mut parts: Vec<i64> = weights.iter().map(|weight| total * weight / whole).collect();
    let behind = |parts: &[i64], place: usize| weights[place] * total - parts[place] * whole;
    while parts.iter().sum::<i64>() < total {
        let most = (0..weights.len()).map(|place| behind(&parts, place)).max();
        let next = (0..weights.len()).find(|place| Some(behind(&parts, *place)) == most);
        parts[next.unwrap_or(0)] += 1;
    }
    parts
}

fn shares(discount: i64, lines: &[i64]) -> Vec<Allocation> {
    let named = lines.iter().zip(spread(discount, lines)).enumerate().filter(|(_, (_, off))| *off > 0);
    named.map(|(place, (before, off))| Allocation::new(format!("l{place}"), *before, off)).collect()
}
