//! What several cards come to on one order: one after another, each of what the ones before it left.

use cardmint::OrderReceipt;
use cardmint::checkout::{OrderTotals, PlanLine, Pricing};
use cardmint::money::Rounding;

use super::super::price::{Share, Wish, gives, spread};
use super::super::{No, Template};
use crate::terms::{Basket, Off, cny};

/// A card that wants to come off an order.
pub(super) struct Offer<'a> {
    pub place: usize,
    /// What it is called among the others.
    pub name: String,
    pub template: &'a Template,
    pub wish: Wish,
}

/// What came of each, and the order as a whole.
pub(super) struct Planned {
    pub came: Vec<(usize, Result<Pricing, No>)>,
    pub totals: OrderTotals,
}

/// Pears first, then what comes off the order, then what pays.
fn lane(template: &Template) -> u8 {
    match template.terms.off {
        _ if template.terms.value_minor.is_some() => 2,
        Off::Pears(_) => 0,
        Off::Percent(_) | Off::Amount(_) | Off::Nothing | Off::Cards { .. } => 1,
    }
}

/// Plans them: by lane; of discounts by template and name, of what pays in the order of the request.
pub(super) fn plan(basket: &Basket, rounding: Rounding, mut offers: Vec<Offer<'_>>) -> Planned {
    let turn = |offer: &Offer<'_>| if lane(offer.template) == 2 { offer.place } else { 0 };
    offers
        .sort_by_key(|offer| (lane(offer.template), turn(offer), offer.template.terms.id.clone(), offer.name.clone()));
    let mut lines: Vec<PlanLine> = basket.lines.iter().enumerate().map(line).collect();
    let mut came = Vec::new();
    for offer in &offers {
        let left: Vec<i64> = lines.iter().map(|line| line.payable_minor).collect();
        let share = gives(offer.template, basket, &left, rounding, offer.wish);
        if let Ok(share) = &share {
            take(&mut lines, share, &left);
        }
        came.push((offer.place, share.map(|share| share.pricing(&left, rounding))));
    }
    came.sort_by_key(|(place, _)| *place);
    Planned { came, totals: totals(lines, rounding) }
}

fn line((place, minor): (usize, &i64)) -> PlanLine {
    let (before_minor, payable_minor) = (*minor, *minor);
    PlanLine { line: format!("l{place}").into(), before_minor, discount_minor: 0, tender_minor: 0, payable_minor }
}

fn take(lines: &mut [PlanLine], share: &Share, left: &[i64]) {
    let paid = if share.pays == 0 { vec![0; left.len()] } else { spread(share.pays, left) };
    for ((line, off), pays) in lines.iter_mut().zip(&share.off).zip(paid) {
        line.discount_minor += off;
        line.tender_minor += pays;
        line.payable_minor -= off + pays;
    }
}

fn totals(lines: Vec<PlanLine>, rounding: Rounding) -> OrderTotals {
    let sum = |of: fn(&PlanLine) -> i64| lines.iter().map(of).sum::<i64>();
    let payable_minor = sum(|line| line.payable_minor);
    OrderTotals {
        currency: cny(),
        before_minor: sum(|line| line.before_minor),
        discount_minor: sum(|line| line.discount_minor),
        tender_minor: sum(|line| line.tender_minor),
        payable_minor,
        nothing_to_pay: payable_minor == 0,
        rounding,
        shipping: None,
        by_tax_rate: Vec::new(),
        lines,
    }
}

/// A receipt as its event keeps it: receipts of cards are told by their redemptions.
pub fn kept_receipt(receipt: &OrderReceipt) -> serde_json::Value {
    let mut told = serde_json::to_value(receipt).unwrap_or_default();
    let keys = receipt.receipts.iter().map(|receipt| serde_json::json!(receipt.redemption)).collect();
    if let Some(told) = told.as_object_mut() {
        told.remove("receipts");
        told.insert("redemptions".to_owned(), serde_json::Value::Array(keys));
    }
    told
}
