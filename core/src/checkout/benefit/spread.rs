//! Spreading what comes off over lines: no line goes below its floor, and parts sum exactly.

use super::off::capped;
use super::pieces::Picked;
use super::{HeldBack, HeldBy, Terms};
use crate::checkout::{Cart, allocate};

/// What is to come off.
pub(super) enum Wanted {
    /// A share of each line: what a line cannot give is not taken from others.
    Shares(Vec<i64>),
    /// A sum: what a line cannot give the others do.
    Total(i64),
}

/// What a line can give.
pub(super) struct Limits {
    /// What its pieces cost now.
    cost: Vec<i64>,
    /// What may come off it: of its cost what lies above its floor, and no more than its cap.
    most: Vec<i64>,
    /// The same without its floor.
    most_unheld: Vec<i64>,
}

impl Limits {
    pub(super) fn of(terms: &Terms<'_>, picked: &[Picked], now: &[i64], cart: &Cart<'_>) -> Self {
        let most_unheld: Vec<i64> = now.iter().map(|now| capped(*now, terms.cap_line)).collect();
        let rooms = picked.iter().map(|picked| cart.room(picked.place));
        let most = most_unheld.iter().zip(rooms).map(|(most, room)| room.min(*most)).collect();
        Self { cost: now.to_vec(), most, most_unheld }
    }
}

/// What comes off each line, by place, and what a floor held back.
pub(super) fn spread(
    wanted: Wanted,
    limits: &Limits,
    cap: Option<i64>,
    picked: &[Picked],
    cart: &Cart<'_>,
) -> (Vec<(usize, i64)>, Vec<HeldBack>) {
    let (off, held) = match wanted {
        Wanted::Shares(shares) => {
            let off: Vec<i64> = shares.iter().zip(&limits.most).map(|(share, most)| *share.min(most)).collect();
            let free = shares.iter().zip(&limits.most_unheld).map(|(share, most)| *share.min(most));
            let held: Vec<i64> = free.zip(&off).map(|(free, off)| free - off).collect();
            (within(off, cap), held)
        }
        Wanted::Total(total) => {
            let total = capped(total, cap);
            let off = fill(total, &limits.cost, &limits.most);
            let unheld = total.min(limits.most_unheld.iter().sum());
            let held = not_given(unheld - off.iter().sum::<i64>(), limits);
            (off, held)
        }
    };
    let lines = picked.iter().zip(off).filter(|(_, off)| *off > 0).map(|(picked, off)| (picked.place, off)).collect();
    let held = picked.iter().zip(held).filter(|(_, held)| *held > 0);
    let held = held.filter_map(|(picked, minor)| {
        let line = cart.line(picked.place)?;
        Some(HeldBack { line: line.id.clone(), by: HeldBy::Floor, minor: Some(minor) })
    });
    (lines, held.collect())
}

/// Lines of those that nothing may come off.
pub(super) fn kept_back<'a>(getting: &'a [usize], cart: &'a Cart<'_>) -> impl Iterator<Item = HeldBack> + 'a {
    let lines = getting.iter().filter_map(|&place| cart.line(place));
    let kept = lines.filter(|line| !line.discountable && line.amount_minor > 0);
    kept.map(|line| HeldBack { line: line.id.clone(), by: HeldBy::NotDiscountable, minor: None })
}

/// The same shares, in proportion, where together they are more than the cap.
fn within(off: Vec<i64>, cap: Option<i64>) -> Vec<i64> {
    let total: i64 = off.iter().sum();
    match cap {
        Some(cap) if total > cap => allocate(cap, &off),
        Some(_) | None => off,
    }
}

/// A sum in proportion to costs, where no line gives more than it can: what is too much for one goes to the others.
fn fill(total: i64, costs: &[i64], most: &[i64]) -> Vec<i64> {
    let mut off = vec![0; costs.len()];
    let mut left = total.min(most.iter().sum());
    let mut open: Vec<usize> = (0..costs.len()).collect();
    while left > 0 && !open.is_empty() {
        let at = |figures: &[i64], place: usize| figures.get(place).copied().unwrap_or_default();
        let weights: Vec<i64> = open.iter().map(|&place| at(costs, place)).collect();
        let parts = allocate(left, &weights);
        let full: Vec<bool> = open.iter().zip(&parts).map(|(&place, part)| *part > at(most, place)).collect();
        let none_full = !full.iter().any(|full| *full);
        for ((&place, part), full) in open.iter().zip(&parts).zip(&full) {
            if let Some(off) = off.get_mut(place).filter(|_| none_full || *full) {
                *off = (*part).min(at(most, place));
                left -= *off;
            }
        }
        if none_full {
            break;
        }
        let mut full = full.into_iter();
        open.retain(|_| !full.next().unwrap_or(false));
    }
    off
}

/// What is not given, on the lines whose floors keep it, the first by id first.
fn not_given(mut minor: i64, limits: &Limits) -> Vec<i64> {
    let kept = limits.most_unheld.iter().zip(&limits.most).map(|(unheld, most)| unheld - most);
    kept.map(|kept| {
        let held = kept.min(minor.max(0));
        minor -= held;
        held
    })
    .collect()
}
