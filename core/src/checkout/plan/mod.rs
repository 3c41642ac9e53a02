//! What several offers come to on one order. Pure: the same order, offers and terms give the same plan, whatever the order in which
//! offers and lines stand (G-17, G-24); the order is not changed.
//!
//! Lanes run one after another, in a lane groups by rank, in a group offers by their turn, then by template id, then by their own.

mod charged;
mod figures;
mod kept;
mod reply;
pub(super) mod stack;

pub use charged::OrderTotals;
pub use figures::{PlanFigures, plan_figures};
pub(crate) use kept::{Kept, plan_of_kept};
pub(in crate::checkout) use reply::refusal_json;
pub use reply::{OfferPlan, Plan, PlanLine, PlanShare, PlanShipping, RateShare, Verdict};

use super::{Order, Purse};
use crate::card::{Parameters, Template};
use crate::denial::Denial;
use crate::money::Rounding;
use crate::rule::ProductSets;
use crate::time::Instant;

/// Something that may be used on an order: a card, or a promotion that needs none.
#[derive(Debug, Clone)]
pub struct Offer<'a> {
    /// What it is called among the offers; each once.
    pub id: &'a str,
    /// Its terms, checked, with their product sets pinned.
    pub template: &'a Template,
    /// Values of all its parameters.
    pub parameters: &'a Parameters,
    /// Where it stands in its group: lower ones come first, and of those with the same turn the one with the lesser template id.
    pub turn: u32,
    /// Why it cannot be used, whatever the order is.
    pub refused: Option<Box<Denial>>,
    /// What it can pay with, or how many uses are taken.
    pub purse: Purse,
}

/// What holds for a plan as a whole.
#[derive(Debug, Clone, Copy)]
pub struct PlanTerms<'a> {
    /// The product sets that the offers name, by name and version.
    pub sets: &'a ProductSets,
    /// How a share that is not whole becomes whole.
    pub rounding: Rounding,
    /// The moment of which it is told.
    pub at: Instant,
}

/// Works out what the offers come to on an order that was checked. Each offer gets a verdict; nothing is changed.
pub fn plan(order: &Order, offers: &[Offer<'_>], terms: PlanTerms<'_>) -> Plan {
    let mut telling = reply::Telling::new(order, offers, terms);
    stack::stack(order, offers, terms, &mut telling);
    telling.end()
}
