//! An order while it is priced: what each line and shipping still cost.

use std::borrow::Cow;

use crate::money::Rounding;
use crate::rule::{Filter, Line, Order, ProductSets};
use crate::time::Instant;

/// What an order still costs, line by line. Lines are known by their place in it.
pub(crate) struct Cart<'a> {
    pub order: &'a Order,
    pub sets: &'a ProductSets,
    pub rounding: Rounding,
    /// The moment of which it is.
    pub now: Instant,
    /// By place.
    lines: Vec<CartLine>,
    /// What shipping still costs.
    pub shipping: i64,
    /// Whether it has lines of which nothing may come off.
    pub(super) some_kept: bool,
    /// Places by the ids of their lines: whoever is first gets the odd cent, whatever the order of the lines is.
    by_id: Vec<usize>,
}

/// What is asked of a line again and again.
#[derive(Debug, Clone, Copy)]
pub(super) struct CartLine {
    /// What it still costs.
    pub running: i64,
    initial: i64,
    list: i64,
    floor: i64,
    /// How many pieces, 1 at least.
    pub quantity: u32,
    /// Whether anything may come off.
    pub discountable: bool,
}

/// Which price of a line is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PriceOf {
    Running,
    Initial,
    List,
}

impl<'a> Cart<'a> {
    pub fn new(order: &'a Order, sets: &'a ProductSets, rounding: Rounding, now: Instant) -> Self {
        let lines: Vec<CartLine> = order.lines.iter().map(CartLine::of).collect();
        let mut by_id: Vec<usize> = (0..lines.len()).collect();
        by_id.sort_unstable_by_key(|&place| order.lines.get(place).map(|line| line.id.as_str()));
        let some_kept = lines.iter().any(CartLine::is_kept);
        Self { order, sets, rounding, now, lines, shipping: order.shipping_minor, some_kept, by_id }
    }

    /// The figures of the line at a place.
    pub(super) fn line(&self, place: usize) -> Option<&CartLine> {
        self.lines.get(place)
    }

    /// The id of the line at a place.
    pub(super) fn id(&self, place: usize) -> Option<&'a str> {
        self.order.lines.get(place).map(|line| line.id.as_str())
    }

    /// What a line costs.
    pub(super) fn price(&self, place: usize, of: PriceOf) -> i64 {
        self.line(place).map_or(0, |line| line.price(of))
    }

    /// What a line costs now.
    pub(super) fn running(&self, place: usize) -> i64 {
        self.line(place).map_or(0, |line| line.running)
    }

    /// What may come off in all.
    pub(super) fn room_minor(&self) -> i64 {
        let shipping = if self.order.shipping_discountable { self.shipping } else { 0 };
        self.lines.iter().map(CartLine::room).sum::<i64>() + shipping
    }

    /// The lines that a filter picks, or all, by id.
    pub(super) fn picked(&self, filter: Option<&Filter>) -> Cow<'_, [usize]> {
        match filter {
            None => Cow::Borrowed(&self.by_id),
            Some(filter) => self.by_id.iter().copied().filter(|&place| self.picks(filter, place)).collect(),
        }
    }

    /// Whether a filter picks the line at a place.
    pub(super) fn picks(&self, filter: &Filter, place: usize) -> bool {
        self.order.lines.get(place).is_some_and(|line| filter.picks(line, self.sets))
    }

    /// Takes something off, or pays a part.
    pub(super) fn take(&mut self, lines: &[(usize, i64)], shipping: i64) {
        for &(place, minor) in lines {
            if let Some(line) = self.lines.get_mut(place) {
                line.running -= minor;
            }
        }
        self.shipping -= shipping;
    }

    /// Gives back what was taken.
    pub(super) fn give_back(&mut self, lines: impl Iterator<Item = (usize, i64)>, shipping: i64) {
        for (place, minor) in lines {
            if let Some(line) = self.lines.get_mut(place) {
                line.running += minor;
            }
        }
        self.shipping += shipping;
    }

    /// What is left to pay.
    pub(super) fn payable_minor(&self) -> i64 {
        self.lines.iter().map(|line| line.running).sum::<i64>() + self.shipping
    }

    /// What is left of each line, by id.
    pub(super) fn left(&self) -> Vec<(usize, i64)> {
        self.by_id.iter().map(|&place| (place, self.price(place, PriceOf::Running))).collect()
    }
}

impl CartLine {
    fn of(line: &Line) -> Self {
        let Line { amount_minor, floor_minor, quantity, discountable, .. } = *line;
        Self {
            running: amount_minor,
            initial: amount_minor,
            list: line.at_list_minor(),
            floor: floor_minor,
            quantity: quantity.max(1),
            discountable,
        }
    }

    /// What it costs.
    pub(super) fn price(&self, of: PriceOf) -> i64 {
        match of {
            PriceOf::Running => self.running,
            PriceOf::Initial => self.initial,
            PriceOf::List => self.list,
        }
    }

    /// Whether nothing may come off it, though it costs something.
    pub(super) fn is_kept(&self) -> bool {
        !self.discountable && self.initial > 0
    }

    /// What may come off it still.
    pub(super) fn room(&self) -> i64 {
        if self.discountable { (self.running - self.floor).max(0) } else { 0 }
    }
}
