//! What offers come to on an order: worked cases that a merchant can read, a naive twin, and what holds for any cart.

mod best;
mod cards;
mod cases;
mod index;
mod many;
mod naive;
mod random;
mod refund_cases;
mod refunds;
mod samples;
mod strategies;

use cardmint::card::{Parameters, Template, TemplateDraft};
use cardmint::checkout::{Offer, Order, Plan, PlanTerms, Purse, plan};
use cardmint::money::Rounding;
use cardmint::rule::ProductSets;
use cardmint::time::{Instant, Window, Zone};

/// What drafts come to on an order, each called after its place.
fn planned(order: &Order, drafts: &[&TemplateDraft], rounding: Rounding) -> Plan {
    planned_in(order, drafts, rounding, 0)
}

/// The same with the offers standing in another order: the `turn`-th comes first, and then backwards.
fn planned_in(order: &Order, drafts: &[&TemplateDraft], rounding: Rounding, turn: usize) -> Plan {
    offered(drafts, |offers| {
        let mut offers = offers.to_vec();
        if turn > 0 {
            let count = offers.len();
            offers.rotate_left(turn % count);
            offers.reverse();
        }
        plan(order, &offers, terms(rounding))
    })
}

fn terms(rounding: Rounding) -> PlanTerms<'static> {
    static NONE: ProductSets = ProductSets::new();
    PlanTerms { sets: &NONE, rounding, at: Instant::EPOCH }
}

/// Does something with drafts as offers.
fn offered<T>(drafts: &[&TemplateDraft], with: impl FnOnce(&[Offer<'_>]) -> T) -> T {
    let parameters = Parameters::new();
    let ids: Vec<String> = (0..drafts.len()).map(|place| format!("o{place:03}")).collect();
    let saved = |draft: &&TemplateDraft| Template::new(1, (**draft).clone(), Window::default(), Zone::utc());
    let templates: Vec<Template> = drafts.iter().map(saved).collect();
    let offers = templates.iter().zip(&ids).map(|(template, id)| {
        let balance_minor = match &template.draft.benefit {
            cardmint::card::Benefit::Value { minor: cardmint::card::Setting::Fixed(minor) } => *minor,
            _ => 0,
        };
        let purse = Purse { balance_minor, ..Purse::default() };
        Offer { id, template, parameters: &parameters, turn: 0, refused: None, purse }
    });
    with(&offers.collect::<Vec<_>>())
}
