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
    /// What each line still costs.
    lines: Vec<i64>,
    /// What shipping still costs.
    pub shipping: i64,
    /// Places by the ids of their lines: whoever is first gets the odd cent, whatever the order of the lines is.
    by_id: Vec<usize>,
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
        let lines: Vec<i64> = order.lines.iter().map(|line| line.amount_minor).collect();
        let mut by_id: Vec<usize> = (0..lines.len()).collect();
        by_id.sort_unstable_by_key(|&place| order.lines.get(place).map(|line| line.id.as_str()));
        Self { order, sets, rounding, now, lines, shipping: order.shipping_minor, by_id }
    }

    /// The line at a place.
    pub(super) fn line(&self, place: usize) -> Option<&'a Line> {
        self.order.lines.get(place)
    }

    /// What a line costs.
    pub(super) fn price(&self, place: usize, of: PriceOf) -> i64 {
        self.line(place).map_or(0, |line| self.price_of(place, line, of))
    }

    /// The same of a line that is at hand.
    pub(super) fn price_of(&self, place: usize, line: &Line, of: PriceOf) -> i64 {
        match of {
            PriceOf::Running => self.running(place),
            PriceOf::Initial => line.amount_minor,
            PriceOf::List => line.at_list_minor(),
        }
    }

    /// What a line costs now.
    pub(super) fn running(&self, place: usize) -> i64 {
        self.lines.get(place).copied().unwrap_or_default()
    }

    /// What may come off a line still.
    pub(super) fn room(&self, place: usize) -> i64 {
        self.line(place).map_or(0, |line| self.room_of(place, line))
    }

    /// The same of a line that is at hand.
    pub(super) fn room_of(&self, place: usize, line: &Line) -> i64 {
        if line.discountable { (self.running(place) - line.floor_minor).max(0) } else { 0 }
    }

    /// What may come off in all.
    pub(super) fn room_minor(&self) -> i64 {
        let shipping = if self.order.shipping_discountable { self.shipping } else { 0 };
        (0..self.lines.len()).map(|place| self.room(place)).sum::<i64>() + shipping
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
        self.line(place).is_some_and(|line| filter.picks(line, self.sets))
    }

    /// Takes something off, or pays a part.
    pub(super) fn take(&mut self, lines: &[(usize, i64)], shipping: i64) {
        for &(place, minor) in lines {
            if let Some(line) = self.lines.get_mut(place) {
                *line -= minor;
            }
        }
        self.shipping -= shipping;
    }

    /// What is left to pay.
    pub(super) fn payable_minor(&self) -> i64 {
        self.lines.iter().sum::<i64>() + self.shipping
    }

    /// What is left of each line, by id.
    pub(super) fn left(&self) -> Vec<(usize, i64)> {
        self.by_id.iter().map(|&place| (place, self.price(place, PriceOf::Running))).collect()
    }
}
