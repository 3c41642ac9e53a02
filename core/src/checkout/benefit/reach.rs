//! What of a deal an order reaches: which step, and how many times.

use std::borrow::Cow;

use super::{Action, NextStep, Took};
use crate::card::{Counted, Deal, Every, Least, Off, SetPart};
use crate::checkout::Cart;
use crate::checkout::cart::PriceOf;
use crate::denial::{Denial, Fact};
use crate::rule::{Filter, Picks, nothing_picked};

/// What of a deal an order reaches.
pub(super) struct Reached<'a> {
    pub off: &'a Off,
    pub times: u64,
    /// The lines that count.
    pub lines: Cow<'a, [usize]>,
    pub next: Option<Box<NextStep>>,
}

impl Reached<'_> {
    /// What is given and takes nothing off.
    pub(super) fn giving(&self, action: Action) -> Took {
        Took { actions: vec![action], next: self.next.clone(), ..Took::default() }
    }
}

/// What counts of a deal.
struct Have {
    minor: i64,
    pieces: u64,
}

/// The step that an order reaches.
///
/// # Errors
/// `condition_failed`: what the first step, or one time of `every`, is short of.
pub(super) fn reached<'a>(deal: &'a Deal, picks: &Picks, cart: &'a Cart<'_>) -> Result<Reached<'a>, Denial> {
    let mut lines = cart.picked(picks.over.as_ref());
    if let Some(apart) = &picks.on {
        lines.to_mut().retain(|&place| !cart.picks(apart, place));
    }
    if lines.is_empty() {
        return Err(nothing_picked("benefit.deal.over", deal.over.filter(), cart.order));
    }
    let have = counted(deal, &lines, cart);
    let last = deal.steps.iter().rposition(|step| step.from.is_none_or(|from| have.is_short_of(from) <= 0));
    let Some((place, step)) = last.and_then(|place| deal.steps.get(place).map(|step| (place, step))) else {
        let first = deal.steps.first().and_then(|step| step.from);
        return Err(
            first.map_or(Denial::NoEffect, |first| failed(have.lacks(first, "benefit.deal.steps[0].from", cart)))
        );
    };
    let (times, next_time) = match &deal.every {
        None => (1, None),
        Some(every) => times(deal, every, &picks.parts, &have, &lines, cart)?,
    };
    let next_step = place + 1;
    let next = deal.steps.get(next_step).and_then(|step| step.from);
    let next = next.map(|from| have.lacks(from, &format!("benefit.deal.steps[{next_step}].from"), cart));
    Ok(Reached { off: &step.off, times, lines, next: next.or(next_time).map(Box::new) })
}

fn counted(deal: &Deal, lines: &[usize], cart: &Cart<'_>) -> Have {
    let of = match deal.counted {
        Counted::Before => PriceOf::Initial,
        Counted::After => PriceOf::Running,
    };
    let quantities = lines.iter().filter_map(|&place| cart.line(place)).map(|line| u64::from(line.quantity));
    Have { minor: lines.iter().map(|&place| cart.price(place, of)).sum(), pieces: quantities.sum() }
}

impl Have {
    fn is_short_of(&self, from: Least) -> i64 {
        match from {
            Least::Minor(minor) => minor - self.minor,
            Least::Pieces(pieces) => i64::from(pieces) - i64::try_from(self.pieces).unwrap_or(i64::MAX),
        }
    }

    fn lacks(&self, need: Least, path: &str, cart: &Cart<'_>) -> NextStep {
        let fact = |figure: i64| match need {
            Least::Minor(_) => Fact::money(cart.order.currency, figure),
            Least::Pieces(_) => Fact::Number(figure),
        };
        let (have, need_figure) = match need {
            Least::Minor(minor) => (self.minor, minor),
            Least::Pieces(pieces) => (i64::try_from(self.pieces).unwrap_or(i64::MAX), i64::from(pieces)),
        };
        let short = fact(need_figure - have);
        NextStep { path: path.to_owned(), have: fact(have), need: fact(need_figure), short }
    }
}

/// How many times `every` is there, and what one more time would need; at least once, or the denial.
fn times(
    deal: &Deal,
    every: &Every,
    of_parts: &[Filter],
    have: &Have,
    lines: &[usize],
    cart: &Cart<'_>,
) -> Result<(u64, Option<NextStep>), Denial> {
    let path = "benefit.deal.every";
    let most = deal.times_max.map_or(u64::MAX, u64::from);
    let (times, lack) = match every {
        Every::Minor(each) => {
            let times = u64::try_from(have.minor / each).unwrap_or(0);
            let next = each.checked_mul(i64::try_from(times).unwrap_or(i64::MAX).saturating_add(1));
            (times, next.map(|next| have.lacks(Least::Minor(next), path, cart)))
        }
        Every::Pieces(each) => {
            let sets = Have { pieces: pieces_that_may(lines, cart), ..*have };
            let times = sets.pieces / u64::from(*each);
            let next = u32::try_from((times + 1).saturating_mul(u64::from(*each))).ok();
            (times, next.map(|next| sets.lacks(Least::Pieces(next), path, cart)))
        }
        Every::Set(parts) => sets_of(parts, of_parts, lines, cart)?,
    };
    let next = lack.clone().filter(|_| times < most);
    match times.min(most) {
        0 => Err(lack.map_or(Denial::NoEffect, failed)),
        times => Ok((times, next)),
    }
}

/// Sets are made of pieces that something may come off.
fn pieces_that_may(lines: &[usize], cart: &Cart<'_>) -> u64 {
    let lines = lines.iter().filter_map(|&place| cart.line(place)).filter(|line| line.discountable);
    lines.map(|line| u64::from(line.quantity)).sum()
}

/// How many sets of all parts there are: as many as the scarcest part gives, and what that lacks for one more.
fn sets_of(
    parts: &[SetPart],
    of_parts: &[Filter],
    lines: &[usize],
    cart: &Cart<'_>,
) -> Result<(u64, Option<NextStep>), Denial> {
    let mut least: Option<(u64, NextStep)> = None;
    for (place, (part, lines)) in parts.iter().zip(part_lines(of_parts, lines, cart)).enumerate() {
        let path = format!("benefit.deal.every.set[{place}]");
        let have = Have { minor: 0, pieces: pieces_that_may(&lines, cart) };
        let times = have.pieces / u64::from(part.pieces.max(1));
        let next = u32::try_from((times + 1).saturating_mul(u64::from(part.pieces))).unwrap_or(u32::MAX);
        if least.as_ref().is_none_or(|(fewest, _)| times < *fewest) {
            least = Some((times, have.lacks(Least::Pieces(next), &path, cart)));
        }
    }
    Ok(least.map_or((0, None), |(times, lack)| (times, Some(lack))))
}

/// The lines of each part: each line belongs to the first part that picks it.
pub(super) fn part_lines(parts: &[Filter], lines: &[usize], cart: &Cart<'_>) -> Vec<Vec<usize>> {
    let mut of_parts = vec![Vec::new(); parts.len()];
    for &place in lines {
        let first = parts
            .iter()
            .position(|part| cart.line(place).is_some_and(|line| line.discountable) && cart.picks(part, place));
        if let Some(of_part) = first.and_then(|first| of_parts.get_mut(first)) {
            of_part.push(place);
        }
    }
    of_parts
}

fn failed(lack: NextStep) -> Denial {
    let NextStep { path, have, need, short } = lack;
    Denial::ConditionFailed { path, have, need, short: Some(short) }
}
