//! Keeping several cards for an order at once.

use serde::{Deserialize, Serialize};

use super::super::Tenant;
use super::super::call::Call;
use super::super::command::{Command, Context, Meta, Plan, Stop, submit, unread};
use super::super::counters::Sights;
use super::super::error::Error;
use super::super::hold::{HoldView, Keep, ground_of, state_at};
use super::super::request::Change;
use super::super::tenant::Realm;
use super::super::view::View;
use super::table::{Planned, Purpose, Table};
use super::{Answered, LeftOut, OrderCard, OrderPicked, PromotionUse, PromotionsAsked};
use crate::Invalid;
use crate::card::{Hold, HoldId, HoldOf, HoldState, TTL_S_MAX};
use crate::checkout::{Covered, Order, OrderTotals, check_quote_mark, must_be};
use crate::denial::Denial;
use crate::id::Version;
use crate::store::Key;
use crate::subject::Subject;
use crate::time::Instant;

/// Keeps several cards for an order, all of them or none, until they are captured, released, or their time is over.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldOrder {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The cards, at most 50, each once; none where promotions alone are meant. Discounts come off in the order that their templates say; what pays, pays in this order.
    pub cards: Vec<OrderCard>,
    /// Who holds. Needed for cards that have a holder, for limits per holder and for public codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Subject>,
    /// Who else it is, and on what: subjects that limits may count or cards are bound to, such as a `device`. At most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Subject>,
    /// The order, as it will be captured.
    pub order: Order,
    /// How long, in seconds: 1 to what each template allows; each template's own by default. Rounded up by less than a 64th of it, and at
    /// least to a whole second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_s: Option<u32>,
    /// Whether a card that is denied is left out, and told; without it the first one refuses the whole.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub leave_out: bool,
    /// Whether promotions stay off the order; they come off it by themselves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_promotions: bool,
    /// Promotions that stay off the order, by id, as `best_order` says; at most 1,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promotions_off: Vec<String>,
    /// The digest of a quote: the holds are made only if the order comes to the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
}

/// What an order keeps. The same for every repetition of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OrderHeld {
    /// The host's order id.
    pub order: String,
    /// What the order comes to.
    #[serde(flatten)]
    pub totals: OrderTotals,
    /// A hold for each card that applies, in the order of the request, and behind them for each promotion, by its id.
    pub holds: Vec<HoldView>,
    /// Which holds are of promotions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promotions: Vec<PromotionUse>,
    /// The first moment at which one of them is free again.
    pub expires_at: Instant,
    /// The cards that do not apply, where they may be left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

impl HoldOrder {
    /// Keeps cards for an order, for nobody in particular, as far as that goes and for as long as their templates say.
    pub fn new(meta: Meta, order: Order, cards: impl IntoIterator<Item = OrderCard>) -> Self {
        let cards = cards.into_iter().collect();
        Self {
            meta,
            cards,
            holder: None,
            subjects: Vec::new(),
            order,
            ttl_s: None,
            leave_out: false,
            no_promotions: false,
            promotions_off: Vec::new(),
            quote: None,
        }
    }

    /// The same by a holder.
    #[must_use]
    pub fn by(self, holder: Subject) -> Self {
        Self { holder: Some(holder), ..self }
    }
}

/// [`HoldOrder`] after its codes were opened.
#[derive(Serialize)]
pub(super) struct HoldOrderPicked {
    meta: Meta,
    #[serde(flatten)]
    pub(super) of: OrderPicked,
    ttl_s: Option<u32>,
    leave_out: bool,
    pub(super) quote: Option<String>,
}

impl Command for HoldOrderPicked {
    type Reply = OrderHeld;

    fn op(&self) -> &'static str {
        "hold_order"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        match self.ttl_s {
            Some(ttl_s) if !(1..=TTL_S_MAX).contains(&ttl_s) => {
                return Err(Invalid::new("ttl_s", ttl_s, format!("1 to {TTL_S_MAX}")));
            }
            Some(_) | None => {}
        }
        self.quote.as_deref().map_or(Ok(()), |quote| check_quote_mark("quote", quote))
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, OrderHeld), Stop> {
        self.foresee(cx, view)?;
        if let Some(Answered { of_order }) = cx.replay::<Answered<OrderHeld>>(view)? {
            return Ok((None, of_order));
        }
        let mut table = Table::new(&self.of, cx.realm, Purpose::Hold, self.leave_out);
        table.invite(view)?;
        for place in 0..self.of.cards.len() {
            match view.watched(table.to_watch(place), |view| self.must_not_be_kept(cx, view, &table, place)) {
                Ok(()) => {}
                Err(stop) => match self.unless_again(cx, view, &table, stop)? {
                    Ok((plan, held)) => return Ok((Some(plan), held)),
                    Err(stop) => table.refuse(place, stop)?,
                },
            }
        }
        loop {
            view.unlay();
            let planned = table.planned(view)?;
            table.foresee_promotions(view, &planned, self.channel(), |_| None)?;
            let applied = planned.applied().filter(|(place, ..)| table.promotion(*place).is_some());
            let kept = applied.map(|(place, ..)| self.must_not_be_kept(cx, view, &table, place)).find_map(Result::err);
            if let Some(stop) = kept {
                let (plan, held) = self.unless_again(cx, view, &table, stop)??;
                return Ok((Some(plan), held));
            }
            match self.written(cx, view, &table, &planned) {
                Ok((plan, held)) => {
                    table.rest_on_left_out(view, &planned);
                    if let Some(quote) = &self.quote {
                        must_be(quote, &planned.mark(), || planned.plan.as_one())?;
                    }
                    return Ok((Some(plan), held));
                }
                // What is left is planned anew without it.
                Err((Some(place), stop)) => table.refuse(place, stop)?,
                Err((None, stop)) => return Err(stop),
            }
        }
    }
}

/// Which card refuses, where one does.
type Refused = (Option<usize>, Stop);

impl HoldOrderPicked {
    fn channel(&self) -> Option<&str> {
        self.meta.origin.channel.as_deref()
    }

    /// Names what will be read, so that it is read at once.
    fn foresee(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(), Stop> {
        let mut done = view.want([Key::Request(cx.op.to_owned(), self.meta.key.clone())]);
        for card in &self.of.cards {
            if let Some(of) = card.hold_of(view, cx.realm)? {
                done = done.and(view.want([Key::Hold(self.id(of))]));
            }
        }
        self.of.foresee(view, cx.realm, self.channel())?;
        Ok(done?)
    }

    pub(super) fn id(&self, of: HoldOf) -> HoldId {
        HoldId { order: self.of.order.id.clone(), of }
    }

    /// The row of an earlier hold that this order had of the card.
    pub(super) fn kept_before(
        &self,
        cx: &Context<'_>,
        view: &mut View<'_>,
        table: &Table<'_>,
        place: usize,
    ) -> Result<Option<(Hold, Version)>, Stop> {
        match table.card(place)?.hold_of(view, cx.realm)? {
            Some(of) => Ok(view.hold(&self.id(of))?),
            None => Ok(None),
        }
    }

    /// An order keeps a card once.
    ///
    /// # Errors
    /// `not_owner`, `has_open_hold`, `already_captured` of the order's own hold.
    fn must_not_be_kept(
        &self,
        cx: &Context<'_>,
        view: &mut View<'_>,
        table: &Table<'_>,
        place: usize,
    ) -> Result<(), Stop> {
        let Some((hold, _)) = self.kept_before(cx, view, table, place)? else { return Ok(()) };
        // The text must still mean its card before anybody is told of a hold.
        table.card(place)?.picked.resolve(view, cx.realm)?;
        let (_, card, _) = ground_of(view, &hold)?;
        let now = Sights::of(view, &hold.counters, view.now.max(card.last_at))?.now;
        match state_at(&hold, &card, now) {
            HoldState::Open if hold.holder != self.of.holder => Err(Denial::NotOwner.into()),
            HoldState::Open => Err(Denial::HasOpenHold { until: hold.expires_at }.into()),
            HoldState::Captured => {
                Err(Denial::AlreadyCaptured { redemption: hold.redemption.unwrap_or_default() }.into())
            }
            HoldState::Expired
            | HoldState::Released
            | HoldState::Refunded
            | HoldState::Backordered
            | HoldState::RefundRequired => Ok(()),
        }
    }

    /// Why a card cannot be held for the order, unless the order asks for the holds that it has.
    fn unless_again(
        &self,
        cx: &Context<'_>,
        view: &mut View<'_>,
        table: &Table<'_>,
        why: Stop,
    ) -> Result<Result<(Plan, OrderHeld), Stop>, Stop> {
        if !matches!(why, Stop::Denied(Denial::HasOpenHold { .. })) {
            return Ok(Err(why));
        }
        view.unlay();
        Ok(self.again(cx, view, table)?.ok_or(why))
    }

    /// A digest of what is to be held: another one is another content of the same order.
    pub(super) fn content(&self, cx: &Context<'_>) -> Result<[u8; 16], Stop> {
        let OrderPicked { order, cards, no_promotions, promotions_off, .. } = &self.of;
        let content = if *no_promotions || !promotions_off.is_empty() {
            serde_json::to_vec(&(order, cards, no_promotions, promotions_off))
        } else {
            serde_json::to_vec(&(order, cards))
        };
        Ok(cx.keys.digest("hold_content", &content.map_err(|_| Stop::Internal("an order cannot be written"))?))
    }

    /// Writes a hold for each card that applies, each on what the ones before it changed. The last event carries the reply.
    fn written(
        &self,
        cx: &Context<'_>,
        view: &mut View<'_>,
        table: &Table<'_>,
        planned: &Planned,
    ) -> Result<(Plan, OrderHeld), Refused> {
        let whole = |stop| (None, stop);
        let applied: Vec<_> = planned.applied().collect();
        let Some(last) = applied.last().map(|(place, ..)| *place) else {
            return Err(whole(table.nothing_applies(planned)));
        };
        let (content, mark) = (self.content(cx).map_err(whole)?, cx.order_mark(&self.of.order).map_err(whole)?);
        let (mut plan, mut told) = (Plan::new(cx, view), None);
        let mut holds: Vec<HoldView> = Vec::with_capacity(applied.len());
        for (place, ready, pricing) in applied {
            let of_card = |stop| (Some(place), stop);
            let found = view.watched(table.to_watch(place), |view| table.find(view, place)).map_err(of_card)?;
            let seen = self.kept_before(cx, view, table, place).map_err(whole)?.map(|(_, seen)| seen);
            let covered = Covered::whole(pricing.clone(), &self.of.order);
            let user = self.of.user(self.channel());
            let keep = Keep { id: self.id(ready.of), found, user, covered, ttl_s: self.ttl_s, content, mark, seen };
            let answers = place == last;
            let of_order = |held: &HoldView| {
                if !answers {
                    return Ok(None);
                }
                let all: Vec<_> = holds.iter().chain([held]).cloned().collect();
                let reply = self.reply(table, planned, all, held.expires_at);
                let value = serde_json::to_value(&reply);
                told = Some(reply);
                value.map(Some).map_err(|_| Stop::Internal("what an order keeps cannot be written"))
            };
            let mut step = Plan::new(cx, view);
            let write = |view: &mut View<'_>| keep.write(cx, view, &mut step, (of_order, answers));
            let held = view.watched(table.to_watch(place), write).map_err(of_card)?;
            holds.push(held);
            step.lay(view).map_err(|missing| whole(missing.into()))?;
            plan.absorb(step);
        }
        told.map(|reply| (plan, reply)).ok_or(whole(Stop::Internal("the holds of an order came to no reply")))
    }

    fn reply(&self, table: &Table<'_>, planned: &Planned, holds: Vec<HoldView>, last: Instant) -> OrderHeld {
        let expires_at = holds.iter().fold(last, |first, hold| first.min(hold.expires_at));
        let (order, totals) = (self.of.order.id.clone(), planned.plan.totals());
        let (promotions, left_out) = (table.promotions_of(planned), table.left_out(planned));
        OrderHeld { order, totals, holds, expires_at, promotions, left_out }
    }
}

impl Change for HoldOrder {
    type Reply = OrderHeld;

    fn change(self, tenant: &Tenant) -> Call<OrderHeld> {
        let retry = self.meta.retry;
        match self.picked(&tenant.realm) {
            Ok(picked) => submit(&tenant.realm, picked),
            Err(error) => unread(retry, error),
        }
    }
}

impl HoldOrder {
    fn picked(self, realm: &Realm) -> Result<HoldOrderPicked, Error> {
        self.meta.check()?;
        let Self { meta, cards, holder, subjects, order, ttl_s, leave_out, no_promotions, promotions_off, quote } =
            self;
        let least = usize::from(no_promotions);
        let promotions = PromotionsAsked { none: no_promotions, off: promotions_off };
        let of = OrderPicked::open(realm, order, (cards, promotions), (holder.as_ref(), &subjects), least)?;
        Ok(HoldOrderPicked { meta, of, ttl_s, leave_out, quote })
    }
}
