//! What a card takes off an order, worked out the long way.

use cardmint::checkout::{Allocation, Pricing};
use cardmint::money::Rounding;
use cardmint::{Denial, Fact};

use super::{No, Template};
use crate::terms::{Basket, Off, cny};

/// The pricing of an order whose lines all count.
pub(super) fn price(template: &Template, basket: &Basket, rounding: Rounding, purse: Purse) -> Result<Pricing, No> {
    let before: i64 = basket.lines.iter().sum();
    let is_gift = template.terms.value_minor.is_some();
    if purse.asked.is_some() && !is_gift {
        return Err(No::Invalid);
    }
    if let Some(need) = template.terms.min_spend.filter(|need| before < *need) {
        return Err(No::Denied(Denial::ConditionFailed {
            path: "conditions[0].min_spend".to_owned(),
            have: money(before),
            need: money(need),
            short: Some(money(need - before)),
        }));
    }
    if is_gift {
        return tender(before, rounding, purse);
    }
    let discount = match template.terms.off {
        Off::Amount(minor) => minor.min(before),
        Off::Percent(bp) => rounded(before * i64::from(bp), rounding),
    };
    if discount == 0 {
        return Err(No::Denied(Denial::NoEffect));
    }
    Ok(Pricing {
        before_minor: before,
        discount_minor: discount,
        tender_minor: 0,
        payable_minor: before - discount,
        allocations: shares(discount, before, &basket.lines),
        rounding,
    })
}

/// What a gift card holds, and how much of it is asked for.
#[derive(Clone, Copy)]
pub(super) struct Purse {
    pub holds: i64,
    pub asked: Option<i64>,
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
fn tender(before: i64, rounding: Rounding, purse: Purse) -> Result<Pricing, No> {
    let Purse { holds, asked } = purse;
    if holds == 0 || asked.is_some_and(|asked| asked > holds) {
        return Err(insufficient(holds, asked));
    }
    let pays = asked.unwrap_or(holds).min(before);
    if pays == 0 {
        return Err(Denial::NoEffect.into());
    }
    Ok(Pricing {
        before_minor: before,
        discount_minor: 0,
        tender_minor: pays,
        payable_minor: before - pays,
        allocations: Vec::new(),
        rounding,
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
fn shares(discount: i64, before: i64, lines: &[i64]) -> Vec<Allocation> {
    let mut off: Vec<i64> = lines.iter().map(|line| discount * line / before).collect();
    let behind = |off: &[i64], place: usize| lines[place] * discount - off[place] * before;
    while off.iter().sum::<i64>() < discount {
        let most = (0..lines.len()).map(|place| behind(&off, place)).max();
        let next = (0..lines.len()).find(|place| Some(behind(&off, *place)) == most);
        off[next.unwrap_or(0)] += 1;
    }
    let named = lines.iter().zip(off).enumerate().filter(|(_, (_, off))| *off > 0);
    named
        .map(|(place, (before, off))| Allocation { line: format!("l{place}"), before_minor: *before, off_minor: off })
        .collect()
}
