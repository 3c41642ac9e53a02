//! What the cards of a sale would give on what is left of it, under the terms that they were sold with.

use super::pieces::of_first;
use super::{Returned, Sale};
use crate::checkout::plan::plan_figures;
use crate::checkout::{Line, Offer, Order, PlanTerms, Purse};

/// What each card takes off what is not back, planned together: by place of the line in the whole order, shipping last. A card that pays
/// takes nothing off.
pub(super) fn earned(sale: &Sale<'_>, returned: &Returned) -> Vec<Vec<i64>> {
    let (rest, places) = rest_of(sale.order, returned);
    let (mut cards, mut offers) = (Vec::new(), Vec::new());
    for (turn, card) in
        sale.cards.iter().enumerate().filter(|(_, card)| !card.is_gone && !card.template.draft.kind.holds_value())
    {
        cards.push(turn);
        offers.push(Offer {
            id: card.redemption,
            template: card.template,
            parameters: card.parameters,
            // As they came off then.
            turn: u32::try_from(turn).unwrap_or(u32::MAX),
            refused: None,
            purse: Purse { units: card.units, ..Purse::default() },
        });
    }
    let terms = PlanTerms { sets: sale.sets, rounding: sale.rounding, at: sale.at };
    let shipping_at = sale.order.lines.len();
    let mut all = vec![vec![0; shipping_at + 1]; sale.cards.len()];
    let figures = plan_figures(&rest, &offers, terms);
    for (card, shares) in cards.into_iter().zip(figures.shares()).filter_map(|(card, shares)| Some((card, shares?))) {
        let Some(of_card) = all.get_mut(card) else { continue };
        for (place, minor) in places.iter().copied().chain([shipping_at]).zip(shares) {
            if let Some(to) = of_card.get_mut(place) {
                *to = *minor;
            }
        }
    }
    all
}

/// The order without what is back, and the places that its lines had.
fn rest_of(order: &Order, returned: &Returned) -> (Order, Vec<usize>) {
    let (mut lines, mut places) = (Vec::new(), Vec::new());
    for (place, line) in order.lines.iter().enumerate() {
        let back = returned.pieces(&line.id).min(line.quantity);
        if back == line.quantity {
            continue;
        }
        let rest = |minor: i64| minor - of_first(minor, back, line.quantity);
        lines.push(Line {
            quantity: line.quantity - back,
            amount_minor: rest(line.amount_minor),
            list_minor: line.list_minor.map(rest),
            floor_minor: rest(line.floor_minor),
            ..line.clone()
        });
        places.push(place);
    }
    let shipping_minor = if returned.shipping { 0 } else { order.shipping_minor };
    (Order { lines, shipping_minor, ..order.clone() }, places)
}
