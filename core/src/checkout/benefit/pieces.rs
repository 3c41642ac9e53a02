//! Which pieces get a benefit, in runs: a line of a million pieces costs what a line of one does.

use std::cmp::Reverse;

use super::Terms;
use super::reach::part_lines;
use crate::card::{Among, Every, On, Pick};
use crate::checkout::Cart;
use crate::checkout::cart::{CartLine, PriceOf};

/// How the pieces of a line share its price: the cents that do not go out evenly lie on its first pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    pub each: i64,
    /// So many first pieces cost one more.
    pub dearer: u64,
    pub quantity: u64,
}

impl Unit {
    pub(super) fn of(place: usize, price: PriceOf, cart: &Cart<'_>) -> Self {
        let quantity = cart.line(place).map_or(1, |line| i64::from(line.quantity));
        let minor = cart.price(place, price);
        let dearer = u64::try_from(minor % quantity).unwrap_or(0);
        Self { each: minor / quantity, dearer, quantity: quantity.unsigned_abs() }
    }

    /// What its first pieces cost.
    fn first(self, pieces: u64) -> i64 {
        self.cost(pieces.min(self.dearer), pieces.saturating_sub(self.dearer))
    }

    fn cost(self, dear: u64, plain: u64) -> i64 {
        // No more than the whole line, which is an amount.
        let pieces = i128::from(dear + plain) * i128::from(self.each) + i128::from(dear);
        i64::try_from(pieces).unwrap_or(i64::MAX)
    }
}

/// Pieces of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Picked {
    pub place: usize,
    pub unit: Unit,
    /// Of those that cost one more.
    pub dear: u64,
    /// Of the others.
    pub plain: u64,
}

impl Picked {
    /// All pieces of a line.
    pub(super) fn whole(place: usize, price: PriceOf, cart: &Cart<'_>) -> Self {
        let unit = Unit::of(place, price, cart);
        Self { place, unit, dear: unit.dearer, plain: unit.quantity - unit.dearer }
    }

    pub(super) fn cost(&self) -> i64 {
        self.unit.cost(self.dear, self.plain)
    }

    /// What the same pieces come to where `minor` of each price stays or goes: `of(price)` for each of them.
    pub(super) fn sum(&self, of: impl Fn(i64) -> i64) -> i64 {
        let sum = i128::from(self.dear) * i128::from(of(self.unit.each + i64::from(self.dear > 0)))
            + i128::from(self.plain) * i128::from(of(self.unit.each));
        i64::try_from(sum).unwrap_or(i64::MAX)
    }

    /// The same pieces at another price of the line.
    pub(super) fn at(&self, price: PriceOf, cart: &Cart<'_>) -> i64 {
        let (pieces, minor) = (self.dear + self.plain, cart.price(self.place, price));
        if pieces == self.unit.quantity { minor } else { Unit::of(self.place, price, cart).first(pieces) }
    }
}

/// The lines that something may come off, of those that get a benefit.
pub(super) fn whole_lines<'a>(
    getting: &'a [usize],
    cart: &'a Cart<'_>,
) -> impl Iterator<Item = (usize, &'a CartLine)> + use<'a> {
    let lines = getting.iter().filter_map(|&place| Some((place, cart.line(place)?)));
    lines.filter(|(_, line)| line.discountable)
}

/// The pieces that get a benefit, by the ids of their lines, and how many times it gives: sets that cost no more than `set_price`
/// are left alone.
pub(super) fn pieces(
    terms: &Terms<'_>,
    mut times: u64,
    getting: &[usize],
    price: PriceOf,
    set_price: Option<i64>,
    cart: &Cart<'_>,
) -> (Vec<Picked>, u64) {
    let units = |lines: &[usize]| -> Vec<(usize, Unit)> {
        whole_lines(lines, cart).map(|(place, _)| (place, Unit::of(place, price, cart))).collect()
    };
    let mut picked = match (terms.every, terms.on) {
        (Some(Every::Set(parts)), On::Counted) => {
            let parts = parts.iter().zip(part_lines(terms.parts, getting, cart));
            let rows: Vec<_> =
                parts.map(|(part, lines)| (Row::dearest(units(&lines)), u64::from(part.pieces))).collect();
            times = worthwhile(&rows, times, set_price);
            rows.iter().flat_map(|(row, each)| row.take(|end| end.min(times.saturating_mul(*each)))).collect()
        }
        (Some(Every::Pieces(each)), On::Counted) => {
            let (each, row) = (u64::from(*each), Row::dearest(units(getting)));
            let rows = [(row, each)];
            if terms.pick == Pick::All {
                times = worthwhile(&rows, times, set_price);
            }
            let [(row, _)] = rows;
            of_sets(terms, row, each, times)
        }
        (Some(Every::Pieces(_) | Every::Set(_) | Every::Minor(_)) | None, _) => of_all(terms, units(getting), times),
    };
    if let Some(most) = terms.pieces_max {
        keep_first(&mut picked, most);
    }
    // What is picked is in the order of its prices: odd cents go by id.
    picked.sort_unstable_by_key(|picked| cart.id(picked.place));
    (picked, times)
}

/// Pieces of sets that are made of the dearest first.
fn of_sets(terms: &Terms<'_>, row: Row, each: u64, times: u64) -> Vec<Picked> {
    let (ends, wanted) = (times.saturating_mul(each), terms.pieces.min(each));
    match (terms.pick, terms.among) {
        (Pick::All, _) => row.take(|end| end.min(ends)),
        (Pick::Dearest, Among::Each) => {
            row.take(|end| (end.min(ends) / each) * wanted + (end.min(ends) % each).min(wanted))
        }
        (Pick::Cheapest, Among::Each) => row.take(|end| {
            let end = end.min(ends);
            (end / each) * wanted + (end % each).saturating_sub(each - wanted)
        }),
        (Pick::Dearest | Pick::Cheapest, Among::All) => of_all(terms, row.0, times),
    }
}

/// Pieces of all lines together.
fn of_all(terms: &Terms<'_>, units: Vec<(usize, Unit)>, times: u64) -> Vec<Picked> {
    let wanted = times.saturating_mul(terms.pieces);
    match terms.pick {
        Pick::All => Row::dearest(units).take(|end| end),
        Pick::Dearest => Row::dearest(units).take(|end| end.min(wanted)),
        Pick::Cheapest => Row::cheapest(units).take(|end| end.min(wanted)),
    }
}

/// Lines in a row, piece after piece.
struct Row(Vec<(usize, Unit)>);

impl Row {
    /// Lines come by id, and stay so where they cost the same.
    fn dearest(mut units: Vec<(usize, Unit)>) -> Self {
        units.sort_by_key(|(_, unit)| Reverse(unit.each));
        Self(units)
    }

    fn cheapest(mut units: Vec<(usize, Unit)>) -> Self {
        units.sort_by_key(|(_, unit)| unit.each);
        Self(units)
    }

    /// The pieces that `before` counts: it says how many of the first so many are meant.
    fn take(&self, before: impl Fn(u64) -> u64) -> Vec<Picked> {
        let mut start = 0_u64;
        let mut picked = Vec::with_capacity(self.0.len());
        for &(place, unit) in &self.0 {
            let (middle, end) = (start + unit.dearer, start + unit.quantity);
            let (dear, plain) = (before(middle) - before(start), before(end) - before(middle));
            if dear + plain > 0 {
                picked.push(Picked { place, unit, dear, plain });
            }
            start = end;
        }
        picked
    }

    /// What the first pieces of the row cost.
    fn first(&self, mut pieces: u64) -> i128 {
        let mut cost = 0;
        for (_, unit) in &self.0 {
            let taken = pieces.min(unit.quantity);
            cost += i128::from(unit.first(taken));
            pieces -= taken;
        }
        cost
    }
}

/// How many of the sets cost more than their price. They are made of the dearest first, so those that do come first.
fn worthwhile(rows: &[(Row, u64)], times: u64, set_price: Option<i64>) -> u64 {
    let Some(price) = set_price else { return times };
    let of_first = |sets: u64| rows.iter().map(|(row, each)| row.first(sets.saturating_mul(*each))).sum::<i128>();
    let (mut good, mut bad) = (0, times.saturating_add(1));
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        if of_first(middle) - of_first(middle - 1) > i128::from(price) { good = middle } else { bad = middle }
    }
    good
}

/// Keeps so many pieces, the first ones.
fn keep_first(picked: &mut Vec<Picked>, mut most: u64) {
    for one in picked.iter_mut() {
        one.dear = one.dear.min(most);
        most -= one.dear;
        one.plain = one.plain.min(most);
        most -= one.plain;
    }
    picked.retain(|one| one.dear + one.plain > 0);
}
