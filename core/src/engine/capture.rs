//! What becomes of a hold: captured, released. The card's row and the accounts that it counts on judge whether it still stands.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Tenant;
use super::call::Call;
use super::command::{Command, Context, Meta, Plan, Stop, submit};
use super::counters::{Sights, Takes};
use super::hold::{HoldView, ground_of, state_at};
use super::redeem::Receipt;
use super::request::Change;
use super::resolve::Ground;
use super::view::View;
use crate::Invalid;
use crate::card::{
    self, Card, CardKind, CardState, EventKind, FundedFacts, Hold, HoldId, HoldState, LateCapture, Origin, Redemption,
};
use crate::checkout::borne;
use crate::defect::{self, Defect};
use crate::denial::{Denial, Fact};
use crate::id::Version;
use crate::money::check_amount;
use crate::store::{Key, Record};
use crate::time::Instant;

/// Makes what a hold keeps final: the order was paid. The key becomes the redemption's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaptureHold {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The hold.
    pub hold: HoldId,
    /// How much of a gift card's hold is captured, in minor units of the order's currency, 1 or more; the rest comes back at once.
    /// All by default. Nothing for other cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_minor: Option<i64>,
}

/// Gives back what a hold keeps: the order came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseHold {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The hold.
    pub hold: HoldId,
}

/// What capturing a hold came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaptureOutcome {
    /// The hold stood, and what it kept was used.
    Captured,
    /// The time was over; it was still free and was taken again.
    Reacquired,
    /// The time was over and nothing was free: the order waits. Capture it again when there is something, or release it.
    Backordered,
    /// Nothing was taken: the buyer's money is to be given back.
    RefundRequired,
}

/// The reply to a capture. The same for every repetition of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Captured {
    /// The hold.
    pub hold: HoldId,
    /// What it came to.
    pub outcome: CaptureOutcome,
    /// The redemption, where something was taken.
    pub receipt: Option<Receipt>,
}

impl CaptureHold {
    /// Captures all that a hold keeps.
    pub fn new(meta: Meta, hold: HoldId) -> Self {
        Self { meta, hold, amount_minor: None }
    }
}

/// A hold with its card, its accounts, and the moment of the decision.
pub(super) struct Standing {
    hold: Hold,
    seen_hold: Version,
    ground: Ground,
    card: Card,
    seen: Option<Version>,
    sights: Sights,
    now: Instant,
    state: HoldState,
    /// What stands in the place of the redemption.
    fence: Option<Version>,
}

impl Standing {
    pub(super) fn of(view: &mut View<'_>, id: &HoldId) -> Result<Self, Stop> {
        let Some((hold, seen_hold)) = view.hold(id)? else {
            return Err(Denial::Unknown { kind: "hold", id: id.to_string() }.into());
        };
        let known = Sights::foresee(view, &hold.counters);
        let (ground, card, seen) = ground_of(view, &hold)?;
        known?;
        let revived = defect::is(Defect::ClockRevivesHold);
        let now = if revived { view.now } else { view.now.max(card.last_at) };
        let sights = Sights::of(view, &hold.counters, now)?;
        let own = if defect::is(Defect::CaptureByOwnClock) { view.now } else { sights.now };
        let state = state_at(&hold, &card, own);
        let now = sights.now;
        Ok(Self { hold, seen_hold, ground, card, seen, sights, now, state, fence: None })
    }

    /// The same with what stands in the place of the redemption.
    pub(super) fn behind(self, fence: Option<Version>) -> Self {
        Self { fence, ..self }
    }

    fn kind(&self) -> CardKind {
        self.ground.template.draft.kind
    }
}

impl Command for CaptureHold {
    type Reply = Captured;

    fn op(&self) -> &'static str {
        "capture"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        self.amount_minor.map_or(Ok(()), |amount| check_amount("amount_minor", amount, 1))
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, Captured), Stop> {
        let request = Key::Request(cx.op.to_owned(), self.meta.key.clone());
        view.want([request, Key::Redemption(self.meta.key.clone()), Key::Hold(self.hold.clone())])?;
        if let Some(done) = cx.replay(view)? {
            return Ok((None, done));
        }
        // A redemption's id is the key that made it, whatever made it.
        if view.redemption(&self.meta.key)?.is_some() {
            return Err(Denial::KeyReused.into());
        }
        // A redeem under this key that was denied may have left a fence in its place.
        let fence = view.fence(&self.meta.key)?.map(|(_, version)| version);
        let standing = Standing::of(view, &self.hold)?.behind(fence);
        let mut plan = Plan::new(cx, view);
        let captured = match attempt(view, standing, self.amount_minor)? {
            Attempt::Takes(taking) => taking.write(cx, &mut plan, &self.meta.key, (|_| Ok(None), true))?,
            Attempt::Fails(standing, state) => without(cx, &mut plan, *standing, state, (None, true))?,
        };
        Ok((Some(plan), captured))
    }
}

/// What capturing a hold would come to.
pub(super) enum Attempt {
    /// It takes something.
    Takes(Box<Taking>),
    /// It takes nothing, and the hold is left in that state.
    Fails(Box<Standing>, HoldState),
}

impl Attempt {
    /// A seeded mistake: what is not used of a hold that stood stays held.
    pub(super) fn keeping_the_rest(mut self, is_so: bool) -> Self {
        if let (true, Self::Takes(taking)) = (is_so, &mut self) {
            let Taking { next, hold, used, now, outcome, .. } = &mut **taking;
            if *outcome == CaptureOutcome::Captured && hold.amount > *used && hold.expires_at > *now {
                next.held.put(hold.expires_at, hold.amount - *used);
            }
        }
        self
    }
}

/// What a capture takes.
pub(super) struct Taking {
    ground: Ground,
    hold: Hold,
    seen: Seen,
    now: Instant,
    pub outcome: CaptureOutcome,
    next: Card,
    takes: Takes,
    used: i64,
}

/// The versions that a capture was decided on.
struct Seen {
    hold: Version,
    card: Option<Version>,
    fence: Option<Version>,
}

/// Says what a capture of a hold comes to, all of it or an amount.
///
/// # Errors
/// `already_captured`, `stale`, `capture_too_large`.
pub(super) fn attempt(view: &mut View<'_>, standing: Standing, amount_minor: Option<i64>) -> Result<Attempt, Stop> {
    match standing.state {
        HoldState::Captured => {
            let redemption = standing.hold.redemption.unwrap_or_default();
            return Err(Denial::AlreadyCaptured { redemption }.into());
        }
        HoldState::Released | HoldState::Refunded => return Err(Denial::Stale.into()),
        HoldState::Open | HoldState::Expired | HoldState::Backordered | HoldState::RefundRequired => {}
    }
    let used = standing.used(amount_minor)?;
    match standing.state {
        HoldState::Open => Ok(standing.in_time(used)),
        HoldState::Expired | HoldState::Backordered => standing.late(view, used),
        HoldState::RefundRequired | HoldState::Captured | HoldState::Released | HoldState::Refunded => {
            Ok(Attempt::Fails(Box::new(standing), HoldState::RefundRequired))
        }
    }
}

impl Standing {
    /// How much is captured: never more than is held.
    fn used(&self, amount_minor: Option<i64>) -> Result<i64, Stop> {
        let hold = &self.hold;
        match (amount_minor, self.kind()) {
            (None, _) => Ok(hold.amount),
            (Some(_), kind) if !kind.holds_value() => {
                Err(Invalid::new("amount_minor", "an amount", "nothing, for a card that holds no value").into())
            }
            (Some(asked), _) if asked > hold.amount => {
                let fact = |minor| Fact::money(hold.currency, minor);
                Err(Denial::CaptureTooLarge { asked: fact(asked), held: fact(hold.amount) }.into())
            }
            (Some(asked), _) => Ok(asked),
        }
    }

    fn in_time(self, used: i64) -> Attempt {
        let kind = self.kind();
        let Self { hold, seen_hold, ground, card, seen, sights, now, fence, .. } = self;
        let taken = if defect::is(Defect::SettleByQuote) { hold.amount } else { used };
        let next = card::capture(&card, kind, hold.amount, taken, hold.expires_at, now);
        let takes = sights.settle(hold.expires_at, hold.pricing.discount_minor + money(kind, taken));
        let (outcome, seen) = (CaptureOutcome::Captured, Seen { hold: seen_hold, card: seen, fence });
        Attempt::Takes(Box::new(Taking { ground, hold, seen, now, outcome, next, takes, used }))
    }

    /// The hold is over; the template's policy says what comes of it (G-08).
    fn late(self, view: &mut View<'_>, used: i64) -> Result<Attempt, Stop> {
        let failed = match self.ground.template.draft.holds.late {
            LateCapture::Refund => return Ok(Attempt::Fails(Box::new(self), HoldState::RefundRequired)),
            LateCapture::Reacquire => HoldState::RefundRequired,
            // A dead card will never have anything to give, whoever killed it.
            LateCapture::Backorder if self.card.state == CardState::Void || self.ground.batch.must_live().is_err() => {
                HoldState::RefundRequired
            }
            LateCapture::Backorder => HoldState::Backordered,
        };
        let (hold, card, now) = (&self.hold, &self.card, self.now);
        let (template, kind) = (&self.ground.template, self.kind());
        let as_holder = view.acting_as(hold.holder.as_ref(), card.holder.as_ref())?;
        let usable = self.ground.batch.must_move().is_ok()
            && card::redeemable(card, template, as_holder, now).is_ok()
            && card::free(card, kind, now) >= used
            && self.ground.must_let_use(now).is_ok();
        if !usable {
            return Ok(Attempt::Fails(Box::new(self), failed));
        }
        let next = card::used_up(card, kind, used, now);
        let Self { hold, seen_hold, ground, card, seen, sights, now, state, fence } = self;
        Ok(match sights.retake(view, hold.pricing.discount_minor + money(kind, used)) {
            Ok(takes) => {
                let (outcome, seen) = (CaptureOutcome::Reacquired, Seen { hold: seen_hold, card: seen, fence });
                Attempt::Takes(Box::new(Taking { ground, hold, seen, now, outcome, next, takes, used }))
            }
            Err(_) => {
                let sights = Sights::none(now);
                let standing = Self { hold, seen_hold, ground, card, seen, sights, now, state, fence };
                Attempt::Fails(Box::new(standing), failed)
            }
        })
    }
}

/// What the event of a capture tells.
#[derive(Serialize)]
struct CapturedFacts<'a> {
    #[serde(flatten)]
    captured: &'a Captured,
    /// Of the last hold of an order of several: what the request came to as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    of_order: Option<Value>,
    #[serde(flatten)]
    funded: FundedFacts,
}

impl Taking {
    /// Takes what is captured, and makes the redemption. The event `answers` the request where it is to.
    pub(super) fn write(
        self,
        cx: &Context<'_>,
        plan: &mut Plan,
        key: &str,
        (of_order, answers): (impl FnOnce(&Captured) -> Result<Option<Value>, Stop>, bool),
    ) -> Result<Captured, Stop> {
        let mut redemption = self.redemption(cx, key);
        let Self { ground, hold, seen, outcome, mut next, takes, .. } = self;
        redemption.counted = takes.returns;
        let captured = Captured { hold: hold.id.clone(), outcome, receipt: Some(Receipt::of(&redemption, Vec::new())) };
        plan.count(takes.counted);
        let funded = FundedFacts::new(borne(&redemption.pricing), redemption.currency);
        let facts = CapturedFacts { captured: &captured, of_order: of_order(&captured)?, funded };
        plan.card_answered(cx, &ground, &mut next, EventKind::Captured, (&facts, answers))?;
        plan.write(seen.card, Record::Card(next));
        let hold = Hold { state: HoldState::Captured, redemption: Some(redemption.key.clone()), ..hold };
        plan.write(Some(seen.hold), Record::Hold(hold));
        plan.write(seen.fence, Record::Redemption(redemption));
        Ok(captured)
    }

    fn redemption(&self, cx: &Context<'_>, key: &str) -> Redemption {
        let Self { ground, hold, now, next: card, used, .. } = self;
        let Origin { operator, channel, source, .. } = cx.meta.origin.clone();
        let mut pricing = hold.pricing.clone();
        if ground.template.draft.kind.holds_value() {
            pricing.payable_minor += pricing.tender_minor - used;
            pricing.tender_minor = *used;
        }
        Redemption {
            key: key.to_owned(),
            digest: cx.digest,
            order_mark: hold.order_mark,
            card: card.id,
            at: *now,
            order: hold.id.order.clone(),
            holder: hold.holder.clone(),
            currency: hold.currency,
            pricing,
            units: None,
            given: Vec::new(),
            not_given: Vec::new(),
            balance_minor: ground.template.draft.balance_of(card),
            hold: Some(hold.id.clone()),
            counted: Vec::new(),
            campaign: ground.batch.campaign.clone(),
            store: hold.store.clone(),
            channel: hold.channel.clone().or(channel),
            source: hold.source.clone().or(source),
            operator,
            ordered_at: hold.ordered_at,
            new_customer: hold.new_customer,
            segments: hold.segments.clone(),
        }
    }
}

/// Takes nothing, and says so for good.
pub(super) fn without(
    cx: &Context<'_>,
    plan: &mut Plan,
    standing: Standing,
    state: HoldState,
    (of_order, answers): (Option<Value>, bool),
) -> Result<Captured, Stop> {
    let Standing { hold, seen_hold, ground, card, seen, sights, now, .. } = standing;
    let outcome = match state {
        HoldState::Backordered => CaptureOutcome::Backordered,
        HoldState::Open
        | HoldState::Expired
        | HoldState::Captured
        | HoldState::Released
        | HoldState::Refunded
        | HoldState::RefundRequired => CaptureOutcome::RefundRequired,
    };
    let captured = Captured { hold: hold.id.clone(), outcome, receipt: None };
    // Of a hold that was killed the accounts still count what it held, until it would have come back by itself.
    if hold.state == HoldState::Open && hold.expires_at > now {
        plan.count(sights.release(hold.expires_at));
    }
    let mut next = Card { last_at: now, ..card };
    let facts = CapturedFacts { captured: &captured, of_order, funded: FundedFacts::default() };
    plan.card_answered(cx, &ground, &mut next, EventKind::CapturedLate, (&facts, answers))?;
    plan.write(seen, Record::Card(next));
    plan.write(Some(seen_hold), Record::Hold(Hold { state, ..hold }));
    Ok(captured)
}

/// What of a card's amount is money.
fn money(kind: CardKind, amount: i64) -> i64 {
    if kind.holds_value() { amount } else { 0 }
}

/// What the event of a release tells.
#[derive(Serialize)]
struct ReleasedFacts<'a> {
    #[serde(flatten)]
    released: &'a HoldView,
    /// Of the last hold of an order of several: what the request came to as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    of_order: Option<Value>,
}

/// Gives back what a hold keeps. The event `answers` the request where it is to.
///
/// # Errors
/// `already_captured`, `stale`.
pub(super) fn release(
    cx: &Context<'_>,
    plan: &mut Plan,
    standing: Standing,
    (of_order, answers): (impl FnOnce(&HoldView) -> Result<Option<Value>, Stop>, bool),
) -> Result<HoldView, Stop> {
    let Standing { hold, seen_hold, ground, card, seen, sights, now, state, .. } = standing;
    let again = state == HoldState::Released && defect::is(Defect::ReleasedTwice);
    let mut next = match state {
        HoldState::Captured => {
            let redemption = hold.redemption.unwrap_or_default();
            return Err(Denial::AlreadyCaptured { redemption }.into());
        }
        HoldState::Released | HoldState::Refunded if !again => return Err(Denial::Stale.into()),
        // A killed one is in no bucket of its card; the accounts may still count it.
        HoldState::RefundRequired if hold.state != HoldState::Open => return Err(Denial::Stale.into()),
        HoldState::RefundRequired => card::aged(&Card { last_at: now, ..card }),
        HoldState::Open | HoldState::Released | HoldState::Refunded => {
            card::release(&card, hold.amount, hold.expires_at, now)
        }
        // It came back by itself; nobody has it to give.
        HoldState::Expired | HoldState::Backordered => card::aged(&Card { last_at: now, ..card }),
    };
    if (hold.state == HoldState::Open || again) && hold.expires_at > now {
        plan.count(sights.release(hold.expires_at));
    }
    let released = HoldView::of(&hold, HoldState::Released);
    let facts = ReleasedFacts { released: &released, of_order: of_order(&released)? };
    plan.card_answered(cx, &ground, &mut next, EventKind::Released, (&facts, answers))?;
    plan.write(seen, Record::Card(next));
    plan.write(Some(seen_hold), Record::Hold(Hold { state: HoldState::Released, ..hold }));
    Ok(released)
}

impl Command for ReleaseHold {
    type Reply = HoldView;

    fn op(&self) -> &'static str {
        "release"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, HoldView), Stop> {
        view.want([Key::Request(cx.op.to_owned(), self.meta.key.clone()), Key::Hold(self.hold.clone())])?;
        if let Some(done) = cx.replay(view)? {
            return Ok((None, done));
        }
        let standing = Standing::of(view, &self.hold)?;
        let mut plan = Plan::new(cx, view);
        let released = release(cx, &mut plan, standing, (|_| Ok(None), true))?;
        Ok((Some(plan), released))
    }
}

impl Change for CaptureHold {
    type Reply = Captured;

    fn change(self, tenant: &Tenant) -> Call<Captured> {
        submit(&tenant.realm, self)
    }
}

impl Change for ReleaseHold {
    type Reply = HoldView;

    fn change(self, tenant: &Tenant) -> Call<HoldView> {
        submit(&tenant.realm, self)
    }
}

impl From<(Meta, HoldId)> for ReleaseHold {
    fn from((meta, hold): (Meta, HoldId)) -> Self {
        Self { meta, hold }
    }
}
