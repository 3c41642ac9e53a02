//! What a benefit takes off a cart: what counts (`reach`), which pieces get it (`pieces`), what comes off them (`off`), and how that is
//! spread so that nothing goes below a floor (`spread`). Pure functions; quantities are worked in runs, never piece by piece.

mod estimate;
mod off;
mod pieces;
mod reach;
mod spread;

use std::borrow::Cow;

pub(super) use estimate::{Estimate, estimate};
use serde::{Deserialize, Serialize};
pub(crate) use spread::Slate;

use super::Cart;
use crate::card::{Among, Apply, Base, Benefit, Deal, Every, GiftItem, Off, On, Parameters, Pick, Template};
use crate::denial::{Denial, Fact};
use crate::money::AMOUNT_MAX;
use crate::rule::{Filter, Picks, nothing_picked};

/// What held something back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeldBy {
    /// The line's `floor_minor`.
    Floor,
    /// Nothing may come off the line.
    NotDiscountable,
}

/// A line of which less came off than would have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct HeldBack {
    /// The line's id within the order.
    pub line: String,
    /// Why.
    pub by: HeldBy,
    /// How much less, in minor units, where a floor held it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minor: Option<i64>,
}

/// Something that the host is to do: nothing comes off for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Presents, of which the shopper chooses.
    Gifts {
        /// What there is.
        of: Vec<GiftItem>,
        /// How many entries may be chosen each time.
        choose: u32,
        /// How many times.
        times: u64,
    },
    /// A benefit of the host's own.
    Host {
        /// The host's name for it.
        name: String,
        /// What it is to know.
        #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
        data: serde_json::Value,
        /// How many times.
        times: u64,
    },
}

/// What would bring more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct NextStep {
    /// Which part of the template asks for it.
    pub path: String,
    /// What the order has: money, or pieces.
    pub have: Fact,
    /// What it would need.
    pub need: Fact,
    /// The difference.
    pub short: Fact,
}

/// What a benefit takes off a cart: what comes off which line stands on the slate.
#[derive(Debug, Default)]
pub(super) struct Took {
    /// What comes off in all.
    pub minor: i64,
    /// What of it comes off shipping.
    pub shipping: i64,
    pub held_back: Vec<HeldBack>,
    pub actions: Vec<Action>,
    pub next: Option<Box<NextStep>>,
}

/// What comes off, as a figure.
#[derive(Debug, Clone, Copy)]
enum Figure {
    Minor(i64),
    OffBp(u32),
    Price(i64),
}

/// What a benefit is worked out by: a deal's own terms, or what the plain benefits mean in them.
struct Terms<'a> {
    on: &'a On,
    every: Option<&'a Every>,
    parts: &'a [Filter],
    pick: Pick,
    pieces: u64,
    among: Among,
    apply: Apply,
    pieces_max: Option<u64>,
    cap: Option<i64>,
    cap_line: Option<i64>,
    base: Base,
}

impl<'a> Terms<'a> {
    const PLAIN: Self = Terms {
        on: &On::Counted,
        every: None,
        parts: &[],
        pick: Pick::All,
        pieces: 1,
        among: Among::Each,
        apply: Apply::Across,
        pieces_max: None,
        cap: None,
        cap_line: None,
        base: Base::Running,
    };

    fn of(deal: &'a Deal, picks: &'a Picks) -> Self {
        // One piece of each time is a pick of its own.
        let once = deal.apply == Apply::Once;
        Self {
            on: &deal.on,
            every: deal.every.as_ref(),
            parts: &picks.parts,
            pick: if once && deal.pick == Pick::All { Pick::Dearest } else { deal.pick },
            pieces: u64::from(deal.pieces.unwrap_or(1)),
            among: deal.among,
            apply: if once { Apply::Each } else { deal.apply },
            pieces_max: deal.pieces_max.map(u64::from),
            cap: deal.cap_minor,
            cap_line: deal.cap_line_minor,
            base: deal.base,
        }
    }

    /// Whether lines get it as they are, and no pieces are picked of them.
    fn takes_whole_lines(&self) -> bool {
        let in_sets = matches!((self.every, self.on), (Some(Every::Pieces(_) | Every::Set(_)), On::Counted));
        self.pick == Pick::All && self.pieces_max.is_none() && !in_sets
    }

    /// The same with another cap: the lower one counts.
    fn capped(self, cap: Option<i64>) -> Self {
        Self { cap: self.cap.into_iter().chain(cap).min(), ..self }
    }
}

/// What a benefit takes off a cart, `times` over where it is counted so, and at most `cap`.
///
/// # Errors
/// `condition_failed`, `price_held`, `no_effect`.
pub(super) fn taken(
    template: &Template,
    parameters: &Parameters,
    times: i64,
    cap: Option<i64>,
    cart: &Cart<'_>,
    slate: &mut Slate,
) -> Result<Took, Denial> {
    slate.clear();
    let picks = &template.programs().picks;
    match &template.draft.benefit {
        Benefit::AmountOff { minor, .. } => {
            let minor = minor.resolve(parameters).saturating_mul(times).min(AMOUNT_MAX);
            off::comes_off(
                &Terms::PLAIN.capped(cap),
                Figure::Minor(minor),
                1,
                &cart.picked(picks.over.as_ref()),
                cart,
                slate,
            )
        }
        Benefit::PercentOff { off_bp, cap_minor, .. } => {
            let figure = Figure::OffBp(bp(off_bp.resolve(parameters)));
            let terms = Terms { cap: *cap_minor, ..Terms::PLAIN };
            off::comes_off(&terms.capped(cap), figure, 1, &cart.picked(picks.over.as_ref()), cart, slate)
        }
        Benefit::Goods { quantity, lines } => {
            let picked = cart.picked(picks.over.as_ref());
            if picked.is_empty() {
                return Err(nothing_picked("benefit.goods", Some(lines), cart.order));
            }
            let pieces = u64::from(*quantity).saturating_mul(times.unsigned_abs());
            let terms = Terms { pick: Pick::Dearest, pieces, apply: Apply::Each, ..Terms::PLAIN };
            off::comes_off(&terms.capped(cap), Figure::OffBp(crate::money::WHOLE_BP), 1, &picked, cart, slate)
        }
        Benefit::Deal(deal) => of_deal(deal, picks, parameters, cap, cart, slate),
        Benefit::Value { .. } | Benefit::Entitlement { .. } | Benefit::Cards { .. } => Ok(Took::default()),
    }
}

fn of_deal(
    deal: &Deal,
    picks: &Picks,
    parameters: &Parameters,
    cap: Option<i64>,
    cart: &Cart<'_>,
    slate: &mut Slate,
) -> Result<Took, Denial> {
    let reached = reach::reached(deal, picks, cart)?;
    let figure = match reached.off {
        Off::Minor(minor) => Figure::Minor(minor.resolve(parameters)),
        Off::OffBp(off_bp) => Figure::OffBp(bp(off_bp.resolve(parameters))),
        Off::PriceMinor(minor) => Figure::Price(minor.resolve(parameters)),
        Off::Gifts(gifts) => {
            let all = u32::try_from(gifts.of.len()).unwrap_or(u32::MAX);
            let (of, choose) = (gifts.of.clone(), gifts.choose.unwrap_or(all));
            return Ok(reached.giving(Action::Gifts { of, choose, times: reached.times }));
        }
        Off::Host(host) => {
            let (name, data) = (host.name.clone(), host.data.clone());
            return Ok(reached.giving(Action::Host { name, data, times: reached.times }));
        }
    };
    let getting = match &deal.on {
        On::Counted => reached.lines,
        On::Lines(_) => cart.picked(picks.on.as_ref()),
        On::Shipping => Cow::Borrowed(&[][..]),
    };
    if let (On::Lines(filter), true) = (&deal.on, getting.is_empty()) {
        return Err(nothing_picked("benefit.deal.on.lines", Some(filter), cart.order));
    }
    let terms = Terms::of(deal, picks).capped(cap);
    let took = off::comes_off(&terms, figure, reached.times, &getting, cart, slate)?;
    Ok(Took { next: reached.next, ..took })
}

/// A saved share is 1 to 10,000.
fn bp(setting: i64) -> u32 {
    u32::try_from(setting).unwrap_or(0)
}
