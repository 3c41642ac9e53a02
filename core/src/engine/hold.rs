//! Holding a card for an order. What is held, and until when, is in the card's row and in the accounts that count it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Tenant;
use super::batch_life::write_growths;
use super::call::Call;
use super::command::{Command, Context, Meta, Plan, Stop, submit, unread};
use super::counters::{Sights, too_much};
use super::error::Error;
use super::limits::{self, User, limits_on};
use super::redeem::{
    Asked, Usable, UsedBy, check_asked, check_holder, guest_of, kept_subjects, own_cards, price_with, usable,
};
use super::request::Change;
use super::resolve::{CodeText, Ground, Picked, check_code};
use super::tenant::Realm;
use super::view::{Missing, View};
use crate::Invalid;
use crate::card::{
    self, Card, CountedIn, EventKind, HeldFor, HeldOn, Hold, HoldId, HoldOf, HoldState, Origin, TTL_S_MAX,
    TemplateDraft,
};
use crate::checkout::{Covered, Order, Pricing, check_quote_mark, must_be_quoted};
use crate::defect::{self, Defect};
use crate::denial::Denial;
use crate::id::{CardId, Version};
use crate::limit::expiry;
use crate::store::{Key, Owner, Record};
use crate::subject::{Subject, SubjectKey};
use crate::time::Instant;

/// Keeps a card for an order until it is captured, released, or the time is over. The same order asking again gets the same hold.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceHold {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The code, as the shopper typed or scanned it; a public code counts, too, for a holder.
    pub code: CodeText,
    /// Who holds. Needed for cards that have a holder, for limits per holder and for public codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Subject>,
    /// Who else it is, and on what: subjects that limits may count or the card is bound to, such as a `device`. At most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Subject>,
    /// The order, as it will be captured.
    pub order: Order,
    /// The most that a gift card is held for, in minor units of the order's currency, at most the order's total; all that it can by
    /// default. Nothing for other cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_minor: Option<i64>,
    /// How long, in seconds: 1 to what the template allows; the template's own by default. Rounded up by less than a 64th of it,
    /// and at least to a whole second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_s: Option<u32>,
    /// The digest of a quote: the hold is made only if it comes to the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
}

/// A hold as people look at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct HoldView {
    /// The hold's id, for capture and release.
    pub hold: HoldId,
    /// The card.
    pub card: CardId,
    /// The host's order id.
    pub order: String,
    /// Who holds, where the request said so.
    pub holder: Option<SubjectKey>,
    /// Where it stands.
    pub state: HoldState,
    /// When it was made.
    pub at: Instant,
    /// First moment at which what it keeps is free again.
    pub expires_at: Instant,
    /// What the card gives on the order, frozen.
    pub pricing: Pricing,
    /// The redemption that it was captured by.
    pub redemption: Option<String>,
}

impl HoldView {
    pub(super) fn of(hold: &Hold, state: HoldState) -> Self {
        Self {
            hold: hold.id.clone(),
            card: hold.card,
            order: hold.id.order.clone(),
            holder: hold.holder.clone(),
            state,
            at: hold.at,
            expires_at: hold.expires_at,
            pricing: hold.pricing.clone(),
            redemption: hold.redemption.clone(),
        }
    }
}

/// Where a hold stands at a moment that is not before anything written into its card and counters.
pub(super) fn state_at(hold: &Hold, card: &Card, now: Instant) -> HoldState {
    match hold.state {
        HoldState::Open | HoldState::Backordered if hold.epoch < card.holds_from => HoldState::RefundRequired,
        HoldState::Open if hold.expires_at <= now => HoldState::Expired,
        HoldState::Open
        | HoldState::Expired
        | HoldState::Captured
        | HoldState::Released
        | HoldState::Refunded
        | HoldState::Backordered
        | HoldState::RefundRequired => hold.state,
    }
}

/// [`PlaceHold`] after its code was opened.
#[derive(Serialize)]
struct PlacePicked {
    meta: Meta,
    code: CodeText,
    holder: Option<SubjectKey>,
    subjects: Vec<SubjectKey>,
    order: Order,
    amount_minor: Option<i64>,
    ttl_s: Option<u32>,
    quote: Option<String>,
    #[serde(skip)]
    picked: Picked,
    /// Cards of a public code's batch that the holder has already: proposals, read again by key.
    #[serde(skip)]
    own: Vec<CardId>,
}

impl PlacePicked {
    /// What is to be kept, as far as the text tells without its card.
    fn hold_of(&self, view: &mut View<'_>, realm: &Realm) -> Result<Option<HoldOf>, Stop> {
        if let Some(Key::Card(card)) = self.picked.card_key() {
            return Ok(Some(HoldOf::Card(card)));
        }
        Ok(self.picked.batch_no(view, realm)?.map(HoldOf::Batch))
    }

    /// Names what will be read, so that it is read at once.
    fn foresee(&self, cx: &Context<'_>, view: &mut View<'_>, of: Option<HoldOf>) -> Result<(), Stop> {
        let mut keys = vec![Key::Request(cx.op.to_owned(), self.meta.key.clone())];
        keys.extend(self.picked.card_key());
        keys.extend(of.map(|of| Key::Hold(self.id(of))));
        if let Some(HoldOf::Batch(batch)) = of {
            keys.push(Key::Stock(batch));
            keys.extend(self.own.iter().copied().map(Key::Card));
        }
        let named = view.want(keys);
        if let (Some(no), Some(template)) = (of.map(HoldOf::batch), self.picked.template(view, cx.realm)?)
            && let Some((batch, _)) = view.batch(no)?
        {
            let ground = Ground::of(view, batch)?;
            let counters = counters(view, &ground, self.holder.as_ref())?;
            let known = Sights::foresee(view, &counters);
            if let Some(HoldOf::Card(card)) = of
                && limits::may_be_limited(&ground.batch, &template.draft)
            {
                // What is not named is denied where it is asked for.
                let limits = limits_on(view, &ground, card, &self.user(), view.now).unwrap_or_default();
                limits::foresee_held(view, &limits)?;
            }
            known?;
            let claims = self.holder.as_ref().filter(|_| matches!(of, Some(HoldOf::Batch(_))));
            let claims = claims.map(|holder| Key::Account(Owner::Holder(holder.clone()), template.unit("claims")));
            view.want(claims)?;
        }
        Ok(named?)
    }

    fn id(&self, of: HoldOf) -> HoldId {
        HoldId { order: self.order.id.clone(), of }
    }

    /// A digest of what is to be held: another one is another content of the same order.
    fn content(&self, cx: &Context<'_>) -> Result<[u8; 16], Stop> {
        let content = serde_json::to_vec(&(&self.order, self.amount_minor));
        Ok(cx.keys.digest("hold_content", &content.map_err(|_| Stop::Internal("an order cannot be written"))?))
    }

    /// The same order asks for the hold that it has.
    fn again(
        &self,
        cx: &Context<'_>,
        view: &mut View<'_>,
        hold: &Hold,
        (ground, card, seen): (&Ground, Card, Option<Version>),
        now: Instant,
    ) -> Result<(Option<Plan>, HoldView), Stop> {
        if hold.holder != self.holder {
            return Err(Denial::NotOwner.into());
        }
        let same = hold.content == self.content(cx)?;
        if !same {
            let unheld = card::unhold(&card, hold.amount, hold.expires_at, now);
            let now = price_with(view, ground, &unheld, &self.order, self.asked())?.pricing;
            return Err(Denial::QuoteChanged { now: Box::new(now) }.into());
        }
        if let Some(quote) = &self.quote {
            // What was quoted before the hold was made is what it came to; afterwards the card has less to give.
            must_be_quoted(quote, hold.id.of, card.epoch, &hold.pricing)?;
        }
        let view_of = HoldView::of(hold, HoldState::Open);
        let mut plan = Plan::new(cx, view);
        let mut next = Card { last_at: now, ..card };
        plan.card_event(cx, ground, &mut next, EventKind::HeldAgain, Some(&view_of))?;
        plan.write(seen, Record::Card(next));
        Ok((Some(plan), view_of))
    }
}

impl HoldOf {
    fn batch(self) -> crate::id::BatchNo {
        match self {
            Self::Card(card) => card.batch,
            Self::Batch(batch) => batch,
        }
    }
}

/// The accounts that a hold of such a card counts on: the holder's uses, and open holds of the holder and the pool.
fn counters(view: &mut View<'_>, ground: &Ground, holder: Option<&SubjectKey>) -> Result<Vec<HeldOn>, Missing> {
    let draft = &ground.template.draft;
    let on = |owner, unit, ceiling: u32, counts| {
        let ceiling = i64::from(ceiling);
        HeldOn { owner, unit, amount: 1, ceiling, elsewhere: 0, counts, rolling_s: None, refill: true }
    };
    let main = holder.map(|holder| view.counts_of(holder)).transpose()?.map(|counts| Owner::Holder(counts.main));
    let uses = match draft.limits.uses_per_holder.zip(holder) {
        Some((limit, holder)) => {
            let unit = ground.template.unit("uses");
            let (owner, elsewhere) = view.account_of(holder, &unit, view.now)?;
            let on = on(owner, unit, limit, HeldFor::HolderUses);
            Some(HeldOn { ceiling: on.ceiling - elsewhere, elsewhere, ..on })
        }
        None => None,
    };
    let open = |owner, ceiling| on(owner, ground.template.unit("holds"), ceiling, HeldFor::OpenHolds);
    let batch = &ground.batch;
    let scope = |kind: &str, id: &str| Owner::Scope(format!("{kind}:{id}"));
    let per_campaign = draft.holds.open_per_campaign.zip(batch.campaign.as_ref());
    let caps = [
        main.map(|main| open(main, draft.holds.open_per_holder)),
        draft.holds.open_per_batch.map(|most| open(scope("batch", &HoldOf::Batch(batch.no).to_string()), most)),
        per_campaign.map(|(most, campaign)| open(scope("campaign", campaign), most)),
    ];
    Ok(uses.into_iter().chain(caps.into_iter().flatten()).collect())
}

impl Command for PlacePicked {
    type Reply = HoldView;

    fn op(&self) -> &'static str {
        "hold"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        check_code("code", &self.code.0)?;
        self.order.check()?;
        check_asked(self.amount_minor, &self.order)?;
        match self.ttl_s {
            Some(ttl_s) if !(1..=TTL_S_MAX).contains(&ttl_s) => {
                return Err(Invalid::new("ttl_s", ttl_s, format!("1 to {TTL_S_MAX}")));
            }
            Some(_) | None => {}
        }
        self.quote.as_deref().map_or(Ok(()), |quote| check_quote_mark("quote", quote))
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, HoldView), Stop> {
        let of = self.hold_of(view, cx.realm)?;
        self.foresee(cx, view, of)?;
        if let Some(done) = cx.replay(view)? {
            return Ok((None, done));
        }
        let before = match of {
            Some(of) => view.hold(&self.id(of))?,
            None => None,
        };
        if let Some((hold, _)) = &before {
            // The text must still mean its card before anybody is told of a hold.
            self.picked.resolve(view, cx.realm)?;
            let (ground, card, seen) = ground_of(view, hold)?;
            let sights = Sights::of(view, &hold.counters, view.now.max(card.last_at))?;
            match state_at(hold, &card, sights.now) {
                HoldState::Open => return self.again(cx, view, hold, (&ground, card, seen), sights.now),
                HoldState::Captured => {
                    let redemption = hold.redemption.clone().unwrap_or_default();
                    return Err(Denial::AlreadyCaptured { redemption }.into());
                }
                HoldState::Expired
                | HoldState::Released
                | HoldState::Refunded
                | HoldState::Backordered
                | HoldState::RefundRequired => {}
            }
        }
        let seen_hold = before.map(|(_, seen)| seen);
        self.hold_anew(cx, view, seen_hold)
    }
}

/// Whether an order may keep such a card: one that is counted in uses or value, and gives nothing but what is on the order.
pub(super) fn must_be_holdable(draft: &TemplateDraft) -> Result<(), Denial> {
    let kept = match draft.kind.terms().counted_in {
        CountedIn::Use | CountedIn::Value => draft.batches().next().is_none(),
        CountedIn::Units | CountedIn::Nothing => false,
    };
    if kept { Ok(()) } else { Err(Denial::WrongKind { kind: draft.kind.name(), command: "hold" }) }
}

impl PlacePicked {
    fn user(&self) -> User<'_> {
        let (holder, channel) = (self.holder.as_ref(), self.meta.origin.channel.as_deref());
        User { holder, subjects: &self.subjects, order: &self.order, channel }
    }

    fn asked(&self) -> Asked {
        Asked { amount_minor: self.amount_minor, units: None }
    }

    fn hold_anew(
        &self,
        cx: &Context<'_>,
        view: &mut View<'_>,
        seen_hold: Option<Version>,
    ) -> Result<(Option<Plan>, HoldView), Stop> {
        let word = matches!(self.picked, Picked::Word { .. });
        let holder = self.holder.as_ref();
        if word && holder.is_none() {
            // A card is claimed with the hold and stays its holder's when that is over; whether there is one comes first.
            self.picked.resolve(view, cx.realm)?;
            return Err(Denial::HolderRequired.into());
        }
        let buyer =
            UsedBy { holder, guest: &guest_of(&self.order), subjects: &self.subjects, own: &self.own, order: None };
        let found = usable(view, cx.realm, &self.picked, &buyer)?;
        found.must_go_on(view.now)?;
        must_be_holdable(&found.ground.template.draft)?;
        let (user, order) = (self.user(), &self.order);
        let pricing = price_with(view, &found.ground, &found.card, order, self.asked())?.pricing;
        let ground_card = (&found.ground, &found.card);
        let covered = limits::covered(view, ground_card, &user, pricing, self.amount_minor, &[])?;
        let of = if word { HoldOf::Batch(found.card.id.batch) } else { HoldOf::Card(found.card.id) };
        if let Some(quote) = &self.quote {
            must_be_quoted(quote, of, found.card.epoch, &covered.pricing)?;
        }
        let (content, mark, ttl_s) = (self.content(cx)?, cx.order_mark(order)?, self.ttl_s);
        let keep = Keep { id: self.id(of), found, user, covered, ttl_s, content, mark, seen: seen_hold };
        let mut plan = Plan::new(cx, view);
        let held = keep.write(cx, view, &mut plan, (|_| Ok(None), true))?;
        Ok((Some(plan), held))
    }
}

/// A card that an order is about to keep, priced.
pub(super) struct Keep<'a> {
    pub id: HoldId,
    pub found: Usable,
    pub user: User<'a>,
    pub covered: Covered,
    pub ttl_s: Option<u32>,
    /// A digest of what is asked for.
    pub content: [u8; 16],
    /// A digest of the order.
    pub mark: [u8; 16],
    /// The row of a hold that is over.
    pub seen: Option<Version>,
}

/// What the event of a hold tells.
#[derive(Serialize)]
pub(super) struct HeldFacts<'a> {
    #[serde(flatten)]
    pub held: &'a HoldView,
    /// Of the last card of an order of several: what the request came to as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_order: Option<Value>,
}

impl Keep<'_> {
    /// Decides it, and writes it into a plan. The event `answers` the request where it is to; what it says of an order of several may rest
    /// on the hold itself.
    ///
    /// # Errors
    /// `holder_required`, `scope_required` and `currency_mismatch` of limits, then `limit_reached`, `held` or `too_many_holds`.
    pub(super) fn write(
        self,
        cx: &Context<'_>,
        view: &mut View<'_>,
        plan: &mut Plan,
        (of_order, answers): (impl FnOnce(&HoldView) -> Result<Option<Value>, Stop>, bool),
    ) -> Result<HoldView, Stop> {
        let Self { id, found, user, covered, ttl_s, content, mark, seen: seen_hold } = self;
        let Usable { ground, card, seen, claim, .. } = found;
        let template = &ground.template.draft;
        if template.limits.uses_per_holder.is_some() && user.holder.is_none() {
            return Err(Denial::HolderRequired.into());
        }
        let now = view.now.max(card.last_at);
        let limits = limits_on(view, &ground, card.id, &user, now)?;
        let mut counters = counters(view, &ground, user.holder)?;
        counters.extend(limits::held_on(view, &limits, &covered, user.order, now)?);
        let sights = Sights::of(view, &counters, view.now.max(card.last_at))?;
        let now = sights.now;
        let ttl_s = ttl_s.unwrap_or(template.holds.ttl_s);
        if ttl_s > template.holds.ttl_max_s {
            return Err(Invalid::new("ttl_s", ttl_s, format!("1 to {}", template.holds.ttl_max_s)).into());
        }
        let expires_at = expiry(now, ttl_s);
        let counted = sights
            .hold(expires_at)
            .map_err(|(on, why)| limits::refused(&limits, &covered, &on, why).unwrap_or_else(|| too_much(&on, why)))?;
        // From here on nothing refuses.
        let pricing = covered.pricing;
        let amount = card::taken(template.kind, &pricing);
        plan.count(counted);
        let mut next = card;
        if let Some(mut claim) = claim {
            if defect::is(Defect::ClaimOfHoldNotCounted) {
                claim.counted = None;
            }
            let growth = claim.refilled(view, &ground)?;
            claim.add_to(cx, &ground, plan, &mut next)?;
            write_growths(growth.into_iter().collect(), cx, plan)?;
        }
        next = card::hold(&next, amount, expires_at, now);
        let Origin { channel, source, .. } = cx.meta.origin.clone();
        let order = user.order;
        let hold = Hold {
            id,
            card: next.id,
            holder: user.holder.cloned(),
            state: HoldState::Open,
            epoch: next.epoch,
            content,
            order_mark: Some(mark),
            at: now,
            expires_at,
            amount,
            counters,
            currency: order.currency,
            pricing,
            redemption: None,
            store: order.store.clone(),
            channel: order.channel.clone().or(channel),
            source: order.source.clone().or(source),
            ordered_at: order.placed_at,
            new_customer: order.new_customer,
            segments: order.segments.clone(),
        };
        let held = HoldView::of(&hold, HoldState::Open);
        let facts = HeldFacts { held: &held, of_order: of_order(&held)? };
        plan.card_answered(cx, &ground, &mut next, EventKind::Held, (&facts, answers))?;
        plan.write(seen, Record::Card(next));
        plan.write(seen_hold, Record::Hold(hold));
        Ok(held)
    }
}

/// What a hold's card rests on, and the card as it stands.
pub(super) fn ground_of(view: &mut View<'_>, hold: &Hold) -> Result<(Ground, Card, Option<Version>), Stop> {
    view.want([Key::Batch(hold.card.batch), Key::Card(hold.card)])?;
    let Some((batch, _)) = view.batch(hold.card.batch)? else {
        return Err(Stop::Internal("a hold names a batch that is not there"));
    };
    let ground = Ground::of(view, batch)?;
    let (card, seen) = ground.card(view, hold.card.serial)?;
    Ok((ground, card, seen))
}

impl Change for PlaceHold {
    type Reply = HoldView;

    fn change(self, tenant: &Tenant) -> Call<HoldView> {
        let retry = self.meta.retry;
        match self.picked(&tenant.realm) {
            Ok(picked) => submit(&tenant.realm, picked),
            Err(error) => unread(retry, error),
        }
    }
}

impl PlaceHold {
    /// Keeps a card for an order, for nobody in particular, as far as it goes and for as long as the template says.
    pub fn new(meta: Meta, code: impl Into<CodeText>, order: Order) -> Self {
        Self {
            meta,
            code: code.into(),
            holder: None,
            subjects: Vec::new(),
            order,
            amount_minor: None,
            ttl_s: None,
            quote: None,
        }
    }

    /// The same by a holder.
    #[must_use]
    pub fn by(self, holder: Subject) -> Self {
        Self { holder: Some(holder), ..self }
    }

    fn picked(self, realm: &Realm) -> Result<PlacePicked, Error> {
        check_code("code", &self.code.0)?;
        check_holder(self.holder.as_ref())?;
        self.meta.check()?;
        let picked = realm.open(&self.code)?;
        let holder = self.holder.as_ref().map(|holder| realm.subject(holder)).transpose()?;
        let own = match &holder {
            Some(holder) => own_cards(realm, &picked, Some(holder), &self.order)?,
            None => Vec::new(),
        };
        let subjects = kept_subjects(realm, &self.subjects)?;
        let Self { meta, code, order, amount_minor, ttl_s, quote, .. } = self;
        Ok(PlacePicked { meta, code, holder, subjects, order, amount_minor, ttl_s, quote, picked, own })
    }
}
