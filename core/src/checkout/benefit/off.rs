//! What comes off the pieces that get a benefit. It is rounded once, on its own total.

use super::pieces::{Picked, pieces, whole_lines};
use super::spread::{Row, Slate, Wanted, kept_back};
use super::{Figure, Terms, Took};
use crate::card::{Apply, Base, On, Pick};
use crate::checkout::Cart;
use crate::checkout::cart::{CartLine, PriceOf};
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
    slate: &mut Slate,
) -> Result<Took, Denial> {
    let took = match terms.on {
        On::Shipping => off_shipping(terms, figure, times, cart),
        On::Counted | On::Lines(_) => off_lines(terms, figure, times, getting, cart, slate),
    };
    if took.minor > 0 {
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
    let shipping = capped(off, terms.cap).min(room);
    Took { minor: shipping, shipping, ..Took::default() }
}

fn off_lines(
    terms: &Terms<'_>,
    figure: Figure,
    mut times: u64,
    getting: &[usize],
    cart: &Cart<'_>,
    slate: &mut Slate,
) -> Took {
    let price = match terms.base {
        Base::Running => PriceOf::Running,
        Base::Initial => PriceOf::Initial,
        Base::List => PriceOf::List,
    };
    let set_price = match (figure, terms.apply) {
        (Figure::Price(minor), Apply::Across) => Some(minor),
        (Figure::Price(_) | Figure::Minor(_) | Figure::OffBp(_), _) => None,
    };
    if terms.takes_whole_lines() {
        // Nobody asks what a piece costs, unless the figure is one of each piece.
        slate.rows.reserve(getting.len());
        for (place, line) in whole_lines(getting, cart) {
            let share = off_each(terms, figure, || Picked::whole(place, price, cart));
            slate.rows.push(row(terms, place, [line.price(price), line.running, share], line.room()));
        }
    } else {
        let (picked, worthwhile) = pieces(terms, times, getting, price, set_price, cart);
        times = worthwhile;
        let rows = picked.iter().map(|&picked| {
            let figures = [picked.cost(), picked.at(PriceOf::Running, cart), off_each(terms, figure, || picked)];
            row(terms, picked.place, figures, cart.line(picked.place).map_or(0, CartLine::room))
        });
        slate.rows.extend(rows);
    }
    let wanted = wanted(terms, figure, times, cart, slate);
    slate.spread(&wanted, terms.cap);
    let (minor, mut held_back) = (slate.off_minor(), slate.held_back(cart));
    // Percentages and prices are of what may be discounted alone: say which lines were left out.
    let left_out = terms.pick == Pick::All && !matches!(figure, Figure::Minor(_));
    if left_out || minor == 0 {
        held_back.extend(kept_back(getting, cart));
    }
    held_back.sort_by(|one, other| one.line.cmp(&other.line));
    Took { minor, held_back, ..Took::default() }
}

fn row(terms: &Terms<'_>, place: usize, [cost, now, share]: [i64; 3], room: i64) -> Row {
    let most_unheld = capped(now, terms.cap_line);
    Row { place, cost, now, most: room.min(most_unheld), most_unheld, share, off: 0, held: 0, full: false }
}

/// What comes off pieces of which each gets the figure; nothing yet where all get it together.
fn off_each(terms: &Terms<'_>, figure: Figure, picked: impl FnOnce() -> Picked) -> i64 {
    match (figure, terms.apply) {
        (Figure::Minor(minor), Apply::Each | Apply::Once) => picked().sum(|price| minor.min(price)),
        (Figure::Price(minor), Apply::Each | Apply::Once) => picked().sum(|price| (price - minor).max(0)),
        (Figure::Minor(_) | Figure::Price(_), Apply::Across) | (Figure::OffBp(_), _) => 0,
    }
}

fn wanted(terms: &Terms<'_>, figure: Figure, times: u64, cart: &Cart<'_>, slate: &mut Slate) -> Wanted {
    // Where prices are those of the list, what earlier cuts took counts.
    let gone = |row: &Row| if terms.base == Base::List { row.gone() } else { 0 };
    let whole = slate.rows.iter().map(|row| row.cost).sum::<i64>();
    let taken = slate.rows.iter().map(gone).sum::<i64>();
    match (figure, terms.apply) {
        (Figure::OffBp(off_bp), _) => {
            let off = percent_of(whole, off_bp, cart.rounding);
            // Where earlier cuts count, the cap is for what is left to come off.
            slate.share_out(if terms.base == Base::List { off } else { capped(off, terms.cap) });
        }
        (Figure::Minor(minor), Apply::Across) => return Wanted::Total((times_over(minor, times) - taken).max(0)),
        (Figure::Price(minor), Apply::Across) => {
            return Wanted::Total((whole - taken - times_over(minor, times)).max(0));
        }
        (Figure::Minor(_) | Figure::Price(_), Apply::Each | Apply::Once) => {}
    }
    slate.rows.iter_mut().for_each(|row| row.share = (row.share - gone(row)).max(0));
    Wanted::Shares
}

/// So many times a figure; an order cannot cost more than the largest amount.
fn times_over(minor: i64, times: u64) -> i64 {
    minor.saturating_mul(i64::try_from(times).unwrap_or(i64::MAX)).min(crate::money::AMOUNT_MAX)
}

pub(super) fn capped(minor: i64, cap: Option<i64>) -> i64 {
    cap.map_or(minor, |cap| minor.min(cap))
}
