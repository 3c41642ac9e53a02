//! What becomes of several holds of one order: captured or given back, all of them at once.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::Tenant;
use super::super::call::Call;
use super::super::capture::{Attempt, CaptureOutcome, Captured, Standing, attempt, release, without};
use super::super::command::{Command, Context, Meta, Plan, Stop, submit};
use super::super::hold::HoldView;
use super::super::request::Change;
use super::super::view::View;
use super::{Answered, ORDER_CARDS_MAX, check_key_room, key_of, told};
use crate::Invalid;
use crate::card::{HoldId, HoldOf, HoldState};
use crate::defect::{self, Defect};
use crate::denial::Denial;
use crate::money::check_amount;
use crate::store::Key;

/// A hold that is captured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapturePart {
    /// The hold.
    pub hold: HoldId,
    /// How much of a gift card's hold is captured, in minor units of the order's currency, 1 or more; the rest comes back at once.
    /// All by default. Nothing for other cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_minor: Option<i64>,
}

impl From<HoldId> for CapturePart {
    fn from(hold: HoldId) -> Self {
        Self { hold, amount_minor: None }
    }
}

/// Makes what several holds of an order keep final, all of them or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaptureOrder {
    /// Key, reason, origin. The key is at most 124 bytes: that of each hold's redemption is the same with `#` and its place from 1.
    pub meta: Meta,
    /// The holds, 1 to 50 of one order, each once.
    pub holds: Vec<CapturePart>,
}

/// Gives back what several holds of an order keep, all of them or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseOrder {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The holds, 1 to 50 of one order, each once.
    pub holds: Vec<HoldId>,
}

/// What capturing the holds of an order came to. The same for every repetition of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OrderCaptured {
    /// The host's order id.
    pub order: String,
    /// What it came to as a whole: `reacquired` where one of them was; `refund_required` or `backordered` where one of them came to
    /// that, and then nothing was taken.
    pub outcome: CaptureOutcome,
    /// The holds that were captured, all of them or none, and those for which nothing was free, in the order of the request.
    pub holds: Vec<Captured>,
    /// The holds that stood and were given back, since another came to `refund_required`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub released: Vec<HoldView>,
}

/// What an order gave back. The same for every repetition of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OrderReleased {
    /// The host's order id.
    pub order: String,
    /// The holds, in the order of the request.
    pub holds: Vec<HoldView>,
}

impl CaptureOrder {
    /// Captures all that these holds keep.
    pub fn new(meta: Meta, holds: impl IntoIterator<Item = HoldId>) -> Self {
        Self { meta, holds: holds.into_iter().map(CapturePart::from).collect() }
    }
}

fn check_holds<'a>(holds: impl ExactSizeIterator<Item = &'a HoldId>) -> Result<(), Invalid> {
    if !(1..=ORDER_CARDS_MAX).contains(&holds.len()) {
        return Err(Invalid::new("holds", holds.len(), format!("1 to {ORDER_CARDS_MAX} holds")));
    }
    let (mut seen, mut order) = (BTreeSet::new(), None);
    for (place, hold) in holds.enumerate() {
        if *order.get_or_insert(&hold.order) != &hold.order {
            return Err(Invalid::new(format!("holds[{place}]"), "a hold of another order", "holds of one order"));
        }
        if !seen.insert(hold) {
            return Err(Invalid::new(format!("holds[{place}]"), "a hold again", "each hold once"));
        }
    }
    Ok(())
}

/// The denial of one of several holds.
fn of_hold(place: usize, hold: &HoldId, stop: Stop) -> Stop {
    match stop {
        Stop::Denied(why) => {
            let card = match hold.of {
                HoldOf::Card(card) => Some(card),
                HoldOf::Batch(_) => None,
            };
            Denial::CardDenied { place: u32::try_from(place).unwrap_or(u32::MAX), card, why: Box::new(why) }.into()
        }
        Stop::Invalid(invalid) => invalid.within(&format!("holds[{place}]")).into(),
        Stop::Missing | Stop::Internal(_) => stop,
    }
}

/// All standing holds are looked at before one is missed.
fn foresee<'a>(view: &mut View<'_>, holds: impl Iterator<Item = &'a HoldId>) -> Result<(), Stop> {
    let mut missing = std::mem::take(&mut view.missing);
    for hold in holds {
        // What is wrong with one is said later.
        let _ = Standing::of(view, hold);
        missing.append(&mut view.missing);
    }
    view.missing = missing;
    if view.missing.is_empty() { Ok(()) } else { Err(Stop::Missing) }
}

impl Command for CaptureOrder {
    type Reply = OrderCaptured;

    fn op(&self) -> &'static str {
        "capture_order"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        check_key_room(&self.meta)?;
        for (place, part) in self.holds.iter().enumerate() {
            let amount = part.amount_minor.map_or(Ok(()), |amount| check_amount("amount_minor", amount, 1));
            amount.map_err(|invalid| invalid.within(&format!("holds[{place}]")))?;
        }
        check_holds(self.holds.iter().map(|part| &part.hold))
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, OrderCaptured), Stop> {
        let request = Key::Request(cx.op.to_owned(), self.meta.key.clone());
        let redemptions = (0..self.holds.len()).map(|place| Key::Redemption(key_of(&self.meta.key, place)));
        let done = view.want(std::iter::once(request).chain(redemptions));
        foresee(view, self.holds.iter().map(|part| &part.hold))?;
        done?;
        if let Some(Answered { of_order }) = cx.replay::<Answered<OrderCaptured>>(view)? {
            return Ok((None, of_order));
        }
        for place in 0..self.holds.len() {
            // A redemption's id is the key that made it, whatever made it.
            if view.redemption(&key_of(&self.meta.key, place))?.is_some() {
                return Err(Denial::KeyReused.into());
            }
        }
        let (outcome, failed) = self.outcome(cx, view)?;
        view.unlay();
        let (plan, reply) = match outcome {
            CaptureOutcome::Captured | CaptureOutcome::Reacquired => self.taken(cx, view, outcome)?,
            CaptureOutcome::Backordered => self.failed(cx, view, outcome, &failed, &[])?,
            CaptureOutcome::RefundRequired => {
                let stood = (0..self.holds.len()).filter(|place| !failed.contains(place));
                let stood: Vec<usize> = stood.filter(|_| !defect::is(Defect::OthersStayHeld)).collect();
                self.failed(cx, view, outcome, &failed, &stood)?
            }
        };
        Ok((Some(plan), reply))
    }
}

impl CaptureOrder {
    fn order(&self) -> String {
        self.holds.first().map(|part| part.hold.order.clone()).unwrap_or_default()
    }

    /// The hold at a place and what capturing it comes to, on what those before it changed.
    fn attempt(&self, view: &mut View<'_>, place: usize) -> Result<Attempt, Stop> {
        let Some(part) = self.holds.get(place) else { return Err(Stop::Internal("an order has no such hold")) };
        let key = key_of(&self.meta.key, place);
        // What was denied under this key may have left a fence in its place.
        let fence = view.fence(&key)?.map(|(_, version)| version);
        let attempted = Standing::of(view, &part.hold)
            .and_then(|standing| attempt(view, standing.behind(fence), part.amount_minor))
            .map(|attempt| attempt.keeping_the_rest(defect::is(Defect::OrderCaptureKeeps)));
        attempted.map_err(|stop| of_hold(place, &part.hold, stop))
    }

    /// What it comes to as a whole, and the holds for which nothing is free.
    fn outcome(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(CaptureOutcome, Vec<usize>), Stop> {
        let (mut outcome, mut failed) = (CaptureOutcome::Captured, Vec::new());
        for place in 0..self.holds.len() {
            match self.attempt(view, place)? {
                Attempt::Takes(taking) => {
                    if taking.outcome == CaptureOutcome::Reacquired && failed.is_empty() {
                        outcome = CaptureOutcome::Reacquired;
                    }
                    let mut step = Plan::new(cx, view);
                    taking.write(cx, &mut step, &key_of(&self.meta.key, place), (|_| Ok(None), false))?;
                    step.lay(view)?;
                }
                Attempt::Fails(_, state) => {
                    failed.push(place);
                    // What will never be free decides over what may be.
                    let waits = state == HoldState::Backordered && outcome != CaptureOutcome::RefundRequired;
                    outcome = if waits { CaptureOutcome::Backordered } else { CaptureOutcome::RefundRequired };
                }
            }
        }
        Ok((outcome, failed))
    }

    fn taken(
        &self,
        cx: &Context<'_>,
        view: &mut View<'_>,
        outcome: CaptureOutcome,
    ) -> Result<(Plan, OrderCaptured), Stop> {
        let mut plan = Plan::new(cx, view);
        let mut reply = OrderCaptured { order: self.order(), outcome, holds: Vec::new(), released: Vec::new() };
        for place in 0..self.holds.len() {
            let Attempt::Takes(taking) = self.attempt(view, place)? else {
                return Err(Stop::Internal("a hold stood and then did not"));
            };
            let (answers, before) = (place + 1 == self.holds.len(), reply.clone());
            let of_order = |captured: &Captured| {
                let holds = before.holds.iter().chain([captured]).cloned().collect();
                if answers { told(&OrderCaptured { holds, ..before.clone() }) } else { Ok(None) }
            };
            let mut step = Plan::new(cx, view);
            reply.holds.push(taking.write(cx, &mut step, &key_of(&self.meta.key, place), (of_order, answers))?);
            step.lay(view)?;
            plan.absorb(step);
        }
        Ok((plan, reply))
    }

    /// Takes nothing: the holds that stood are given back, then those for which nothing is free are left as they came out.
    fn failed(
        &self,
        cx: &Context<'_>,
        view: &mut View<'_>,
        outcome: CaptureOutcome,
        failed: &[usize],
        stood: &[usize],
    ) -> Result<(Plan, OrderCaptured), Stop> {
        let mut plan = Plan::new(cx, view);
        let mut reply = OrderCaptured { order: self.order(), outcome, holds: Vec::new(), released: Vec::new() };
        for part in stood.iter().filter_map(|place| self.holds.get(*place)) {
            let mut step = Plan::new(cx, view);
            let standing = Standing::of(view, &part.hold)?;
            reply.released.push(release(cx, &mut step, standing, (|_| Ok(None), false))?);
            step.lay(view)?;
            plan.absorb(step);
        }
        let state =
            if outcome == CaptureOutcome::Backordered { HoldState::Backordered } else { HoldState::RefundRequired };
        for (at, place) in failed.iter().enumerate() {
            let Some(part) = self.holds.get(*place) else { continue };
            reply.holds.push(Captured { hold: part.hold.clone(), outcome, receipt: None });
            let answers = at + 1 == failed.len();
            let of_order = if answers { told(&reply)? } else { None };
            let mut step = Plan::new(cx, view);
            // It failed beside those that stood. What they give back might be enough for it, and is not asked: nothing is taken.
            let standing = Standing::of(view, &part.hold)?;
            without(cx, &mut step, standing, state, (of_order, answers))?;
            step.lay(view)?;
            plan.absorb(step);
        }
        Ok((plan, reply))
    }
}

impl Command for ReleaseOrder {
    type Reply = OrderReleased;

    fn op(&self) -> &'static str {
        "release_order"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        check_holds(self.holds.iter())
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, OrderReleased), Stop> {
        let done = view.want([Key::Request(cx.op.to_owned(), self.meta.key.clone())]);
        foresee(view, self.holds.iter())?;
        done?;
        if let Some(Answered { of_order }) = cx.replay::<Answered<OrderReleased>>(view)? {
            return Ok((None, of_order));
        }
        let order = self.holds.first().map(|hold| hold.order.clone()).unwrap_or_default();
        let (mut plan, mut reply) = (Plan::new(cx, view), OrderReleased { order, holds: Vec::new() });
        for (place, hold) in self.holds.iter().enumerate() {
            let (answers, before) = (place + 1 == self.holds.len(), reply.clone());
            let of_order = |released: &HoldView| {
                let holds = before.holds.iter().chain([released]).cloned().collect();
                if answers { told(&OrderReleased { holds, ..before.clone() }) } else { Ok(None) }
            };
            let mut step = Plan::new(cx, view);
            let released = Standing::of(view, hold)
                .and_then(|standing| release(cx, &mut step, standing, (of_order, answers)))
                .map_err(|stop| of_hold(place, hold, stop))?;
            reply.holds.push(released);
            step.lay(view)?;
            if place > 0 || answers || !defect::is(Defect::OrderReleasedInPart) {
                plan.absorb(step);
            }
        }
        Ok((Some(plan), reply))
    }
}

impl Change for CaptureOrder {
    type Reply = OrderCaptured;

    fn change(self, tenant: &Tenant) -> Call<OrderCaptured> {
        submit(&tenant.realm, self)
    }
}

impl Change for ReleaseOrder {
    type Reply = OrderReleased;

    fn change(self, tenant: &Tenant) -> Call<OrderReleased> {
        submit(&tenant.realm, self)
    }
}

impl From<(Meta, Vec<HoldId>)> for ReleaseOrder {
    fn from((meta, holds): (Meta, Vec<HoldId>)) -> Self {
        Self { meta, holds }
    }
}
