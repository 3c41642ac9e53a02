//! What can be said of a benefit before others have come off.

use crate::card::{Base, Benefit, Counted, Deal, Every, Off, On, Parameters, Template};
use crate::checkout::Cart;
use crate::money::WHOLE_BP;

/// Where a benefit takes off, and how far it can be foreseen.
#[derive(Debug)]
pub(crate) struct Estimate {
    /// Lines by place.
    pub lines: Vec<usize>,
    pub shipping: bool,
    /// A share of what all of that costs by then, in basis points, and nothing else.
    pub off_bp: Option<u32>,
    /// The less everything costs, the less comes off.
    pub is_steady: bool,
}

/// Looks at a benefit on a cart of which nothing came off yet.
pub(crate) fn estimate(template: &Template, parameters: &Parameters, cart: &Cart<'_>) -> Estimate {
    let picks = &template.programs().picks;
    let is_plain = cart.order.lines.iter().all(|line| line.discountable && line.floor_minor == 0);
    let lines = |filter: Option<&_>| cart.picked(filter).into_owned();
    let over = || lines(picks.over.as_ref());
    match &template.draft.benefit {
        Benefit::AmountOff { .. } => Estimate { lines: over(), shipping: false, off_bp: None, is_steady: true },
        Benefit::PercentOff { off_bp, cap_minor, .. } => {
            let share = u32::try_from(off_bp.resolve(parameters)).ok().filter(|_| cap_minor.is_none() && is_plain);
            Estimate { lines: over(), shipping: false, off_bp: share.map(|bp| bp.min(WHOLE_BP)), is_steady: true }
        }
        // Which pieces are the dearest may change, and so may the floors below them.
        Benefit::Goods { .. } => Estimate { lines: over(), shipping: false, off_bp: None, is_steady: is_plain },
        Benefit::Deal(deal) => {
            let (lines, shipping) = match &deal.on {
                On::Counted => (over(), false),
                On::Lines(_) => (lines(picks.on.as_ref()), false),
                On::Shipping => (Vec::new(), true),
            };
            let whole_lines = super::Terms::of(deal, picks).takes_whole_lines();
            // Fewer times, or a lower step, may be worth more.
            let stays = deal.steps.len() == 1 && !matches!(deal.every, Some(Every::Minor(_)));
            let is_counted_before = deal.counted == Counted::Before || stays;
            let is_steady = is_counted_before && (is_plain || whole_lines || shipping);
            let off_bp = share_of(deal, parameters).filter(|_| whole_lines && (is_plain || shipping));
            Estimate { lines, shipping, off_bp, is_steady }
        }
        Benefit::Value { .. } | Benefit::Entitlement { .. } | Benefit::Cards { .. } => {
            Estimate { lines: Vec::new(), shipping: false, off_bp: None, is_steady: true }
        }
    }
}

/// The share that a deal takes off what things cost by then, if it does nothing else.
fn share_of(deal: &Deal, parameters: &Parameters) -> Option<u32> {
    let [step] = deal.steps.as_slice() else { return None };
    let Off::OffBp(off_bp) = &step.off else { return None };
    let is_free = deal.cap_minor.is_none() && deal.cap_line_minor.is_none() && deal.base == Base::Running;
    u32::try_from(off_bp.resolve(parameters)).ok().filter(|_| is_free).map(|bp| bp.min(WHOLE_BP))
}
