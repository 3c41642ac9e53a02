//! What offers come to on an order: worked cases that a merchant can read, a naive twin, and what holds for any cart.

mod cards;
mod cases;
mod naive;
mod random;
mod strategies;

use cardmint::card::{Parameters, Template, TemplateDraft};
use cardmint::checkout::{Offer, Order, Plan, PlanTerms, Purse, plan};
use cardmint::money::Rounding;
use cardmint::rule::ProductSets;
use cardmint::time::{Instant, Window, Zone};

/// What drafts come to on an order, each called after its template and its place.
fn planned(order: &Order, drafts: &[&TemplateDraft], rounding: Rounding) -> Plan {
    planned_in(order, drafts, rounding, 0)
}

/// The same with the offers standing in another order: the `turn`-th comes first, and then backwards.
fn planned_in(order: &Order, drafts: &[&TemplateDraft], rounding: Rounding, turn: usize) -> Plan {
    let (sets, parameters) = (ProductSets::new(), Parameters::new());
    let ids: Vec<String> = (0..drafts.len()).map(|place| format!("o{place:03}")).collect();
    let saved = |draft: &&TemplateDraft| Template::new(1, (**draft).clone(), Window::default(), Zone::utc());
    let templates: Vec<Template> = drafts.iter().map(saved).collect();
    let mut offers: Vec<Offer<'_>> = templates
        .iter()
        .zip(&ids)
        .map(|(template, id)| {
            let balance_minor = match &template.draft.benefit {
                cardmint::card::Benefit::Value { minor: cardmint::card::Setting::Fixed(minor) } => *minor,
                _ => 0,
            };
            let purse = Purse { balance_minor, ..Purse::default() };
            Offer { id, template, parameters: &parameters, turn: 0, refused: None, purse }
        })
        .collect();
    if turn > 0 {
        let count = offers.len();
        offers.rotate_left(turn % count);
        offers.reverse();
    }
    plan(order, &offers, PlanTerms { sets: &sets, rounding, at: Instant::EPOCH })
}
