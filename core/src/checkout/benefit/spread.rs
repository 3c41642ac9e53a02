//! Spreading what comes off over lines: no line goes below its floor, and parts sum exactly.

use super::off::capped;
use super::{HeldBack, HeldBy};
use crate::checkout::Cart;
use crate::checkout::allocate::{Remainders, allocate_rows};
use crate::checkout::cart::CartLine;

/// What is to come off.
pub(super) enum Wanted {
    /// Each row's share: what a line cannot give is not taken from others.
    Shares,
    /// A sum: what a line cannot give the others do.
    Total(i64),
}

/// A line of which something comes off.
#[derive(Debug)]
pub(super) struct Row {
    pub place: usize,
    /// What its pieces cost at the price that the benefit is of.
    pub cost: i64,
    /// What they cost now.
    pub now: i64,
    /// What may come off it: of its cost what lies above its floor, and no more than its cap.
    pub most: i64,
    /// The same without its floor.
    pub most_unheld: i64,
    /// Its share of what is to come off.
    pub share: i64,
    /// What does come off it.
    pub off: i64,
    /// How much a floor held back.
    pub held: i64,
    /// Whether it gives all that it can.
    pub full: bool,
}

impl Row {
    /// What list prices and earlier discounts took of it already.
    pub(super) fn gone(&self) -> i64 {
        (self.cost - self.now).max(0)
    }
}

/// What a benefit is worked out on, kept from one to the next.
#[derive(Debug, Default)]
pub(crate) struct Slate {
    /// By the ids of their lines.
    pub(super) rows: Vec<Row>,
    remainders: Remainders,
}

impl Slate {
    /// Wipes it: nothing comes off.
    pub(crate) fn clear(&mut self) {
        self.rows.clear();
    }

    /// Shares of a total in proportion to what rows cost.
    pub(super) fn share_out(&mut self, total: i64) {
        allocate_rows(total, &mut self.rows, |row| row.cost, |row| &mut row.share, &mut self.remainders);
    }

    /// What comes off each line, and what a floor held back, from shares or a sum.
    pub(super) fn spread(&mut self, wanted: &Wanted, cap: Option<i64>) {
        match *wanted {
            Wanted::Shares => {
                for row in &mut self.rows {
                    row.off = row.share.min(row.most);
                    row.held = row.share.min(row.most_unheld) - row.off;
                }
                self.keep_within(cap);
            }
            Wanted::Total(total) => {
                let total = capped(total, cap);
                self.fill(total);
                let unheld = total.min(self.sum(|row| row.most_unheld));
                self.tell_held(unheld - self.sum(|row| row.off));
            }
        }
    }

    fn sum(&self, of: impl Fn(&Row) -> i64) -> i64 {
        self.rows.iter().map(of).sum()
    }

    /// The same parts, in proportion, where together they are more than the cap.
    fn keep_within(&mut self, cap: Option<i64>) {
        if let Some(cap) = cap.filter(|cap| self.sum(|row| row.off) > *cap) {
            allocate_rows(cap, &mut self.rows, |row| row.off, |row| &mut row.off, &mut self.remainders);
        }
    }

    /// A sum in proportion to what rows cost now, where no line gives more than it can: what is too much for one goes to the others.
    fn fill(&mut self, total: i64) {
        let mut left = total.min(self.sum(|row| row.most));
        while left > 0 {
            let weight = |row: &Row| if row.full { 0 } else { row.now };
            allocate_rows(left, &mut self.rows, weight, |row| &mut row.share, &mut self.remainders);
            let mut some_full = false;
            for row in self.rows.iter_mut().filter(|row| !row.full && row.share > row.most) {
                (row.full, row.off) = (true, row.most);
                left -= row.most;
                some_full = true;
            }
            if !some_full {
                self.rows.iter_mut().filter(|row| !row.full).for_each(|row| row.off = row.share);
                return;
            }
        }
    }

    /// What is not given, on the lines whose floors keep it, the first by id first.
    fn tell_held(&mut self, mut minor: i64) {
        for row in &mut self.rows {
            row.held = (row.most_unheld - row.most).min(minor.max(0));
            minor -= row.held;
        }
    }

    /// What comes off each line, by place.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, i64)> {
        self.rows.iter().filter(|row| row.off > 0).map(|row| (row.place, row.off))
    }

    /// What comes off all lines.
    pub(super) fn off_minor(&self) -> i64 {
        self.sum(|row| row.off)
    }

    /// What floors held back.
    pub(super) fn held_back(&self, cart: &Cart<'_>) -> Vec<HeldBack> {
        let held = self.rows.iter().filter(|row| row.held > 0).filter_map(|row| {
            Some(HeldBack { line: cart.id(row.place)?.to_owned(), by: HeldBy::Floor, minor: Some(row.held) })
        });
        held.collect()
    }
}

/// Lines of those that nothing may come off.
pub(super) fn kept_back<'a>(getting: &'a [usize], cart: &'a Cart<'_>) -> impl Iterator<Item = HeldBack> + 'a {
    let getting = if cart.some_kept { getting } else { &[] };
    let kept = getting.iter().filter(|place| cart.line(**place).is_some_and(CartLine::is_kept));
    let ids = kept.filter_map(|place| cart.id(*place));
    ids.map(|line| HeldBack { line: line.to_owned(), by: HeldBy::NotDiscountable, minor: None })
}
