//! What a card takes off an order, worked out the long way.

use cardmint::card::PartialPolicy;
use cardmint::checkout::{Allocation, Pricing};
use cardmint::limit::UsageUnit;
use cardmint::money::Rounding;
use cardmint::{Denial, Fact};

use super::asks::must_hold;
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
    let wish = wish(template, basket, purse)?;
    let share = gives(template, basket, &basket.lines, rounding, wish)?;
    Ok((share.pricing(&basket.lines, rounding), wish.units))
}

/// What is asked of a card once it is known whether that fits it.
#[derive(Clone, Copy)]
pub(super) struct Wish {
    holds: i64,
    minor: Option<i64>,
    pub units: Option<u32>,
}

/// What a card is asked for on an order, and how many uses that takes.
pub(super) fn wish(template: &Template, basket: &Basket, purse: Purse) -> Result<Wish, No> {
    let is_gift = template.terms.value_minor.is_some();
    let minor = match purse.asked {
        Some(Much::Minor(_)) if !is_gift => return Err(No::Invalid),
        Some(Much::Minor(minor)) => Some(minor),
        Some(Much::Uses(_)) if template.terms.usage.is_none() => return Err(No::Invalid),
        Some(Much::Uses(_)) | None => None,
    };
    Ok(Wish { holds: purse.holds, minor, units: uses(template, basket, purse)? })
}

/// What comes off each line, or is paid of all of them.
#[derive(Debug, Clone)]
pub(super) struct Share {
    pub off: Vec<i64>,
    pub pays: i64,
}

impl Share {
    /// The same as a redemption keeps it, of lines of which so much was left.
    pub(super) fn pricing(&self, left: &[i64], rounding: Rounding) -> Pricing {
        let before: i64 = left.iter().sum();
        let discount: i64 = self.off.iter().sum();
        let named = self.off.iter().zip(left).enumerate().filter(|(_, (off, _))| **off > 0);
        Pricing {
            before_minor: before,
            discount_minor: discount,
            tender_minor: self.pays,
            payable_minor: before - discount - self.pays,
            allocations: named.map(|(place, (off, had))| Allocation::new(format!("l{place}"), *had, *off)).collect(),
            rounding,
            ..Pricing::default()
        }
    }
}

/// What a card gives on an order of whose lines so much is left.
pub(super) fn gives(
    template: &Template,
    basket: &Basket,
    left: &[i64],
    rounding: Rounding,
    wish: Wish,
) -> Result<Share, No> {
    // Conditions ask the order as it came, whatever came off it since.
    let whole: i64 = basket.lines.iter().sum();
    if let Some(need) = template.terms.min_spend.filter(|need| whole < *need) {
        return Err(No::Denied(Denial::ConditionFailed {
            path: "conditions[0].min_spend".to_owned(),
            have: money(whole),
            need: money(need),
            short: Some(money(need - whole)),
        }));
    }
    if let Some(asks) = &template.terms.asks {
        must_hold(asks, usize::from(template.terms.min_spend.is_some()), basket)?;
    }
    let nothing = vec![0; left.len()];
    let before: i64 = left.iter().sum();
    if template.terms.value_minor.is_some() {
        return Ok(Share { off: nothing, pays: tender(before, wish.holds, wish.minor)? });
    }
    let times = wish.units.unwrap_or(1);
    let off = match template.terms.off {
        Off::Amount(minor) => cut((minor * i64::from(times)).min(before), left),
        Off::Percent(bp) => cut(rounded(before * i64::from(bp), rounding), left),
        Off::Pears(pieces) => pears(left, u64::from(pieces * times))?,
        Off::Nothing | Off::Cards { .. } => return Ok(Share { off: nothing, pays: 0 }),
    };
    if off.iter().sum::<i64>() == 0 {
        return Err(No::Denied(Denial::NoEffect));
    }
    Ok(Share { off, pays: 0 })
}

fn cut(discount: i64, left: &[i64]) -> Vec<i64> {
    if discount == 0 { vec![0; left.len()] } else { spread(discount, left) }
}

/// So many pears for nothing, the dearest first, of equal ones the first.
fn pears(left: &[i64], pieces: u64) -> Result<Vec<i64>, No> {
    let pears: Vec<usize> = (0..left.len()).filter(|place| Basket::product(*place) == "pear").collect();
    if pears.is_empty() {
        return Err(No::Denied(Denial::ConditionFailed {
            path: "benefit.goods".to_owned(),
            have: Fact::Text(format!("{} lines, none of them", left.len())),
            need: Fact::Text("a line of products pear".to_owned()),
            short: None,
        }));
    }
    let dearer = |place: usize| {
        let before = |other: usize| left[other] > left[place] || (left[other] == left[place] && other < place);
        pears.iter().filter(|other| before(**other)).count() as u64
    };
    let is_free = |place: usize| pears.contains(&place) && dearer(place) < pieces;
    Ok((0..left.len()).map(|place| if is_free(place) { left[place] } else { 0 }).collect())
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

/// Value pays what is asked, or all that it can of what is left.
fn tender(before: i64, holds: i64, asked: Option<i64>) -> Result<i64, No> {
    if holds == 0 || asked.is_some_and(|asked| asked > holds) {
        return Err(insufficient(holds, asked));
    }
    match asked.unwrap_or(holds).min(before) {
        0 => Err(Denial::NoEffect.into()),
        pays => Ok(pays),
    }
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
