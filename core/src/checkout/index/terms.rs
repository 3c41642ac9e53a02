//! What an order must have for a template to take anything off it, or to give anything.

use crate::card::{Benefit, Deal, Every, Least, Off, On, Template};
use crate::rule::{Needs, Picks, says_currency};
use crate::time::Window;

/// When it may be used: an end that can be put off is none.
pub(super) fn window_of(template: &Template) -> Window {
    let Window { start, end } = template.window;
    Window { start, end: end.filter(|_| template.draft.policies.extend.is_none()) }
}

pub(super) fn needs_of(template: &Template) -> Needs {
    let programs = template.programs();
    let currency = template.draft.currency.map(|currency| says_currency(currency.code())).unwrap_or_default();
    let of_benefit = match &template.draft.benefit {
        Benefit::AmountOff { .. } | Benefit::PercentOff { .. } | Benefit::Goods { .. } => over(&programs.picks),
        Benefit::Deal(deal) => of_deal(deal, &programs.picks),
        // They take nothing off lines: whatever these are, they apply.
        Benefit::Value { .. } | Benefit::Entitlement { .. } | Benefit::Cards { .. } => Needs::default(),
    };
    programs.conditions.needs().and(of_benefit).and(currency)
}

fn over(picks: &Picks) -> Needs {
    picks.over.as_ref().map(crate::rule::Filter::needs).unwrap_or_default()
}

fn of_deal(deal: &Deal, picks: &Picks) -> Needs {
    let from = |least: Option<Least>| match least {
        Some(Least::Minor(minor)) => minor,
        Some(Least::Pieces(_)) | None => 0,
    };
    let least = deal.steps.iter().map(|step| from(step.from)).min().unwrap_or(0);
    let each = match &deal.every {
        Some(Every::Minor(minor)) => *minor,
        Some(Every::Pieces(_) | Every::Set(_)) | None => 0,
    };
    let parts = picks.parts.iter().map(crate::rule::Filter::needs).fold(Needs::default(), Needs::and);
    // Whoever gets presents needs no line of those that get something off.
    let takes_off = deal.steps.iter().all(|step| match step.off {
        Off::Minor(_) | Off::OffBp(_) | Off::PriceMinor(_) => true,
        Off::Gifts(_) | Off::Host(_) => false,
    });
    let on = match (&deal.on, &picks.on) {
        (On::Lines(_), Some(on)) if takes_off => on.needs(),
        (On::Lines(_) | On::Counted | On::Shipping, _) => Needs::default(),
    };
    over(picks).and(parts).and(on).and(Needs::least(least.max(each)))
}
