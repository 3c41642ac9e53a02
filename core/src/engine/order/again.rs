//! An order that asks again for what it keeps: the same holds, under another key.

use super::super::command::{Context, Plan, Stop};
use super::super::counters::Sights;
use super::super::hold::{HeldFacts, HoldView, ground_of, state_at};
use super::super::resolve::Ground;
use super::super::view::View;
use super::hold::{HoldOrderPicked, OrderHeld};
use super::table::Table;
use super::{PromotionUse, told};
use crate::card::{Card, EventKind, Hold, HoldState};
use crate::checkout::{Kept, PlanTerms, must_be, plan_of_kept};
use crate::id::Version;
use crate::rule::ProductSets;
use crate::store::{Key, Record};
use crate::time::Instant;

/// A hold that stands, with its card.
struct Standing {
    place: usize,
    hold: Hold,
    ground: Ground,
    card: Card,
    seen: Option<Version>,
    now: Instant,
}

impl HoldOrderPicked {
    /// The holds that the same request made under another key, where all of them stand; nothing where one of them is over, or the order
    /// asks for something else.
    ///
    /// # Errors
    /// `stale` and `quote_changed` of the digest of a quote.
    pub(super) fn again(
        &self,
        cx: &Context<'_>,
        view: &mut View<'_>,
        table: &Table<'_>,
    ) -> Result<Option<(Plan, OrderHeld)>, Stop> {
        // Since then the order may have come not to meet what it holds.
        let table = &table.with_all();
        let Some(all) = self.standing(cx, view, table)? else { return Ok(None) };
        let (sets, rounding) =
            (ProductSets::new(), all.first().map_or(view.rounding()?, |one| one.hold.pricing.rounding));
        let kept = all.iter().map(|one| Kept {
            id: one.hold.id.of.to_string(),
            template: &one.ground.template.draft.id,
            lane: one.ground.template.draft.lane(),
            pricing: &one.hold.pricing,
        });
        let kept: Vec<Kept<'_>> = kept.collect();
        let terms = PlanTerms { sets: &sets, rounding, at: view.now };
        let Some(plan) = plan_of_kept(&self.of.order, &kept, terms) else { return Ok(None) };
        if let Some(quote) = &self.quote {
            let epoch = all.iter().fold(0_u32, |sum, one| sum.wrapping_add(one.card.epoch));
            must_be(quote, &plan.mark(epoch), || plan.as_one())?;
        }
        let holds: Vec<HoldView> = all.iter().map(|one| HoldView::of(&one.hold, HoldState::Open)).collect();
        let promotions = all.iter().enumerate().filter_map(|(at, one)| {
            let (promotion, place) = (table.promotion(one.place)?.to_owned(), u32::try_from(at).unwrap_or(u32::MAX));
            Some(PromotionUse { promotion, place })
        });
        let Some(expires_at) = holds.iter().map(|hold| hold.expires_at).min() else { return Ok(None) };
        let (order, totals, promotions) = (self.of.order.id.clone(), plan.totals(), promotions.collect());
        let reply = OrderHeld { order, totals, holds, promotions, expires_at, left_out: Vec::new() };
        let plan = written(cx, view, all, &reply)?;
        Ok(Some((plan, reply)))
    }

    /// The holds that an order of the same content made of all of its cards, and of promotions.
    fn standing(
        &self,
        cx: &Context<'_>,
        view: &mut View<'_>,
        table: &Table<'_>,
    ) -> Result<Option<Vec<Standing>>, Stop> {
        let (content, mut all) = (self.content(cx)?, Vec::new());
        let mut promotions = Vec::new();
        for place in table.promotion_places() {
            promotions.extend(table.card(place)?.hold_of(view, cx.realm)?.map(|of| Key::Hold(self.id(of))));
        }
        view.want(promotions)?;
        for place in table.places() {
            let is_promotion = table.promotion(place).is_some();
            let before = self.kept_before(cx, view, table, place)?;
            let same =
                before.map(|(hold, _)| hold).filter(|hold| hold.holder == self.of.holder && hold.content == content);
            let Some(hold) = same else {
                if is_promotion {
                    continue;
                }
                return Ok(None);
            };
            // The text must still mean its card before anybody is told of a hold.
            table.card(place)?.picked.resolve(view, cx.realm)?;
            let (ground, card, seen) = ground_of(view, &hold)?;
            let now = Sights::of(view, &hold.counters, view.now.max(card.last_at))?.now;
            if state_at(&hold, &card, now) != HoldState::Open {
                return Ok(None);
            }
            all.push(Standing { place, hold, ground, card, seen, now });
        }
        Ok((!all.is_empty()).then_some(all))
    }
}

/// Each card says that it is held again; the last one carries the reply.
fn written(cx: &Context<'_>, view: &mut View<'_>, all: Vec<Standing>, reply: &OrderHeld) -> Result<Plan, Stop> {
    let (mut plan, last) = (Plan::new(cx, view), all.len().saturating_sub(1));
    for (at, (one, held)) in all.into_iter().zip(&reply.holds).enumerate() {
        let Standing { ground, card, seen, now, .. } = one;
        let mut next = Card { last_at: now, ..card };
        let of_order = if at == last { told(reply)? } else { None };
        let answers = of_order.is_some();
        let facts = HeldFacts { held, of_order };
        plan.card_answered(cx, &ground, &mut next, EventKind::HeldAgain, (&facts, answers))?;
        plan.write(seen, Record::Card(next));
    }
    Ok(plan)
}
