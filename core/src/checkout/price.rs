//! What one card comes to on an order: a plan of one, in the shape that a redemption keeps.

use serde::{Deserialize, Serialize};

use super::benefit::{Action, HeldBack, NextStep, Slate, Took, taken};
use super::funding::{Funded, funded};
use super::{Cart, Order};
use crate::card::{Benefit, Parameters, Template, TemplateDraft};
use crate::denial::Denial;
use crate::money::{Rounding, is_nothing};
use crate::rule::{Facts, ProductSets};
use crate::time::Instant;

/// A line's share of a discount: it lowers what the invoice (发票) says of the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Allocation {
    /// The line's id within the order.
    pub line: String,
    /// What it cost before, in minor units.
    pub before_minor: i64,
    /// What comes off, from 0 to `before_minor`.
    pub off_minor: i64,
    /// Who bears what of it, where the template says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub funded: Vec<Funded>,
}

impl Allocation {
    /// A share that nobody in particular bears.
    pub fn new(line: impl Into<String>, before_minor: i64, off_minor: i64) -> Self {
        Self { line: line.into(), before_minor, off_minor, funded: Vec::new() }
    }
}

/// What a card gives on an order. Allocations and what comes off shipping sum to `discount_minor` exactly.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Pricing {
    /// The order's total before, shipping included, in minor units.
    pub before_minor: i64,
    /// What comes off in all.
    pub discount_minor: i64,
    /// What the card itself pays, in minor units: of gift cards only. Value pays and is no discount, so no line has a share of it.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub tender_minor: i64,
    /// What is left to pay, 0 or more.
    pub payable_minor: i64,
    /// The shares of the lines that get one above 0, in order of the lines.
    pub allocations: Vec<Allocation>,
    /// How a share that was not whole became whole.
    pub rounding: Rounding,
    /// What of `discount_minor` comes off shipping.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub shipping_off_minor: i64,
    /// Who bears what of that, where the template says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shipping_funded: Vec<Funded>,
    /// Lines of which less came off than would have, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held_back: Vec<HeldBack>,
    /// What the host is to do beside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
}

/// What a card can pay with: what it holds, and the most that is to be taken, where that was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purse {
    /// What it holds, in minor units.
    pub balance_minor: i64,
    /// The most that is to be taken.
    pub asked_minor: Option<i64>,
    /// How many uses are taken of a card that is counted so.
    pub units: Option<u32>,
}

/// Prices an order that was checked, and says what would bring more. A pure function: same order, terms, parameters, purse and moment,
/// same result.
///
/// # Errors
/// In this order: `currency_mismatch`, `condition_failed`, `insufficient_balance`, `price_held`, `no_effect`.
pub(crate) fn price(
    template: &Template,
    parameters: &Parameters,
    purse: Purse,
    order: &Order,
    sets: &ProductSets,
    rounding: Rounding,
    now: Instant,
) -> Result<(Pricing, Option<Box<NextStep>>), Denial> {
    let cart = Cart::new(order, sets, rounding, now);
    let draft = &template.draft;
    let mut slate = Slate::default();
    match weigh(template, parameters, purse, None, &cart, &mut slate)? {
        Gives::Off(mut took) => {
            let next = took.next.take();
            Ok((Pricing::of(&cart, took, &slate, draft), next))
        }
        Gives::Pays(tender_minor) => {
            let all = Pricing::of(&cart, Took::default(), &slate, draft);
            Ok((Pricing { tender_minor, payable_minor: all.before_minor - tender_minor, ..all }, None))
        }
    }
}

/// What an offer gives on a cart.
pub(super) enum Gives {
    /// Something off: which lines stands on the slate.
    Off(Took),
    /// A part of what is left to pay.
    Pays(i64),
}

impl Gives {
    /// How much that is.
    pub(super) fn minor(&self) -> i64 {
        match self {
            Self::Off(took) => took.minor,
            Self::Pays(minor) => *minor,
        }
    }
}

/// What a template gives on a cart as it stands, at most `cap` off.
pub(super) fn weigh(
    template: &Template,
    parameters: &Parameters,
    purse: Purse,
    cap: Option<i64>,
    cart: &Cart<'_>,
    slate: &mut Slate,
) -> Result<Gives, Denial> {
    let (order, draft) = (cart.order, &template.draft);
    if let Some(currency) = draft.currency
        && currency != order.currency
    {
        return Err(Denial::CurrencyMismatch { card: currency, order: order.currency });
    }
    let facts = Facts::new(order, cart.sets, cart.now, &template.zone);
    if let Some(denial) = template.programs().conditions.first_unmet(&facts) {
        return Err(denial);
    }
    if let Benefit::Value { .. } = draft.benefit {
        slate.clear();
        return tender(draft, purse, cart).map(Gives::Pays);
    }
    // A card that is not counted in units gives once.
    let times = i64::from(purse.units.unwrap_or(1));
    taken(template, parameters, times, cap, cart, slate).map(Gives::Off)
}

/// Stored value pays what was asked, or as much as it can of what is left.
fn tender(draft: &TemplateDraft, purse: Purse, cart: &Cart<'_>) -> Result<i64, Denial> {
    let Purse { balance_minor, asked_minor, .. } = purse;
    if balance_minor == 0 || asked_minor.is_some_and(|asked| asked > balance_minor) {
        return Err(draft.insufficient_balance(balance_minor, asked_minor));
    }
    match asked_minor.unwrap_or(balance_minor).min(cart.payable_minor()) {
        0 => Err(Denial::NoEffect),
        tender_minor => Ok(tender_minor),
    }
}

impl Pricing {
    /// What an order comes to once this is taken off it.
    fn of(cart: &Cart<'_>, took: Took, slate: &Slate, draft: &TemplateDraft) -> Self {
        let before_minor = cart.payable_minor();
        let Took { minor: discount_minor, shipping: shipping_off_minor, held_back, actions, next: _ } = took;
        let mut lines: Vec<_> = slate.lines().collect();
        lines.sort_unstable();
        let parts = lines.iter().map(|(_, off_minor)| *off_minor).chain([shipping_off_minor]);
        let mut funding = funded(&draft.funding, parts);
        let allocations = lines.iter().filter_map(|&(place, off_minor)| {
            let line = cart.order.lines.get(place)?;
            let funded = funding.next().unwrap_or_default();
            Some(Allocation { funded, ..Allocation::new(&line.id, line.amount_minor, off_minor) })
        });
        Self {
            before_minor,
            discount_minor,
            payable_minor: before_minor - discount_minor,
            allocations: allocations.collect(),
            rounding: cart.rounding,
            shipping_off_minor,
            shipping_funded: funding.next().unwrap_or_default(),
            held_back,
            actions,
            tender_minor: 0,
        }
    }
}
