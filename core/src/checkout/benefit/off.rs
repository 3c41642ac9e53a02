//! What comes off the pieces that get a benefit. It is rounded once, on its own total.

use super::pieces::{Picked, pieces};
use super::spread::{Limits, Wanted, kept_back, spread};
use super::{Figure, Terms, Took};
use crate::card::{Apply, Base, On, Pick};
use crate::checkout::cart::PriceOf;
use crate::checkout::{Cart, allocate};
use crate::denial::Denial;
use crate::money::percent_of;

/// How many lines a denial names.
const LINES_TOLD: usize = 20;

/// Takes a figure off those who get it.
///
/// # Errors
/// `price_held` where only floors and lines that nothing comes off are in the way, `no_effect`.
pub(super) fn comes_off(
    terms: &Terms<'_>,
    figure: Figure,
    times: u64,
    getting: &[usize],
    cart: &Cart<'_>,
) -> Result<Took, Denial> {
    let took = match terms.on {
        On::Shipping => off_shipping(terms, figure, times, cart),
        On::Counted | On::Lines(_) => off_lines(terms, figure, times, getting, cart),
    };
    if took.minor() > 0 {
        return Ok(took);
    }
    let held: Vec<String> = took.held_back.into_iter().map(|held| held.line).take(LINES_TOLD).collect();
    let shipping_held = matches!(terms.on, On::Shipping) && !cart.order.shipping_discountable && cart.shipping > 0;
    if held.is_empty() && !shipping_held { Err(Denial::NoEffect) } else { Err(Denial::PriceHeld { lines: held }) }
}

fn off_shipping(terms: &Terms<'_>, figure: Figure, times: u64, cart: &Cart<'_>) -> Took {
    let price = if terms.base == Base::Initial { cart.order.shipping_minor } else { cart.shipping };
    let off = match figure {
        Figure::Minor(minor) => times_over(minor, times),
        Figure::OffBp(off_bp) => percent_of(price, off_bp, cart.rounding),
        Figure::Price(minor) => (price - minor).max(0),
    };
    let room = if cart.order.shipping_discountable { cart.shipping } else { 0 };
    Took { shipping: capped(off, terms.cap).min(room), ..Took::default() }
}

fn off_lines(terms: &Terms<'_>, figure: Figure, times: u64, getting: &[usize], cart: &Cart<'_>) -> Took {
    let price = match terms.base {
        Base::Running => PriceOf::Running,
        Base::Initial => PriceOf::Initial,
        Base::List => PriceOf::List,
    };
    let set_price = match (figure, terms.apply) {
        (Figure::Price(minor), Apply::Across) => Some(minor),
        (Figure::Price(_) | Figure::Minor(_) | Figure::OffBp(_), _) => None,
    };
    let (picked, times) = pieces(terms, times, getting, price, set_price, cart);
    let now: Vec<i64> = picked.iter().map(|picked| picked.at(PriceOf::Running, cart)).collect();
    // What list prices and earlier discounts took of them already.
    let gone: Vec<i64> = match terms.base {
        Base::Running | Base::Initial => Vec::new(),
        Base::List => picked.iter().zip(&now).map(|(picked, now)| (picked.cost() - now).max(0)).collect(),
    };
    let wanted = wanted(terms, figure, times, &picked, &gone, cart);
    let limits = Limits::of(terms, &picked, &now, cart);
    let (lines, mut held_back) = spread(wanted, &limits, terms.cap, &picked, cart);
    // Percentages and prices are of what may be discounted alone: say which lines were left out.
    let left_out = terms.pick == Pick::All && !matches!(figure, Figure::Minor(_));
    if left_out || lines.is_empty() {
        held_back.extend(kept_back(getting, cart));
    }
    held_back.sort_by(|one, other| one.line.cmp(&other.line));
    Took { lines, held_back, ..Took::default() }
}

fn wanted(terms: &Terms<'_>, figure: Figure, times: u64, picked: &[Picked], gone: &[i64], cart: &Cart<'_>) -> Wanted {
    let less_gone = |mut off: Vec<i64>| {
        off.iter_mut().zip(gone).for_each(|(off, gone)| *off = (*off - gone).max(0));
        off
    };
    let costs = || picked.iter().map(Picked::cost).collect::<Vec<_>>();
    let taken = gone.iter().sum::<i64>();
    match (figure, terms.apply) {
        (Figure::OffBp(off_bp), _) => {
            let costs = costs();
            let off = percent_of(costs.iter().sum(), off_bp, cart.rounding);
            // Where earlier cuts count, the cap is for what is left to come off.
            let off = if terms.base == Base::List { off } else { capped(off, terms.cap) };
            Wanted::Shares(less_gone(allocate(off, &costs)))
        }
        (Figure::Minor(minor), Apply::Across) => Wanted::Total((times_over(minor, times) - taken).max(0)),
        (Figure::Price(minor), Apply::Across) => {
            let whole = costs().iter().sum::<i64>();
            Wanted::Total((whole - taken - times_over(minor, times)).max(0))
        }
        (Figure::Minor(minor), Apply::Each | Apply::Once) => {
            Wanted::Shares(less_gone(picked.iter().map(|picked| picked.sum(|price| minor.min(price))).collect()))
        }
        (Figure::Price(minor), Apply::Each | Apply::Once) => {
            Wanted::Shares(less_gone(picked.iter().map(|picked| picked.sum(|price| (price - minor).max(0))).collect()))
        }
    }
}

/// So many times a figure; an order cannot cost more than the largest amount.
fn times_over(minor: i64, times: u64) -> i64 {
    minor.saturating_mul(i64::try_from(times).unwrap_or(i64::MAX)).min(crate::money::AMOUNT_MAX)
}

pub(super) fn capped(minor: i64, cap: Option<i64>) -> i64 {
    cap.map_or(minor, |cap| minor.min(cap))
}
