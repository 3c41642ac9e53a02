//! Redemption, refund, quote: one path prices all three.

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::call::Call;
use super::cards::{Measure, counted, next_in_stock};
use super::command::{Command, Context, Meta, Plan, Stop, submit};
use super::error::Error;
use super::request::{Change, Read};
use super::resolve::{CardPick, CodeText, Ground, Meaning, Picked, Resolved, check_code, check_pick};
use super::tenant::{Realm, plain_subject};
use super::view::View;
use crate::Invalid;
use crate::card::{self, Card, Claimed, EventKind, Origin, Parameters, Redemption, Refund};
use crate::checkout::{Order, Pricing, price};
use crate::defect::{self, Defect};
use crate::denial::{Denial, Refusal};
use crate::id::{CardId, Version, check_key};
use crate::store::{Key, Move, Owner, Record, Scan, ScanOf};
use crate::subject::{Subject, SubjectKey};
use crate::time::Instant;

/// Uses a card on an order. The order is charged what the reply says, or nothing happened.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Redeem {
    /// Key, reason, origin. The key becomes the redemption's id.
    pub meta: Meta,
    /// The code, as the shopper typed or scanned it; a public code counts, too.
    pub code: CodeText,
    /// Who redeems. Needed for cards that have a holder and for limits per holder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Subject>,
    /// The order.
    pub order: Order,
}

/// What a card would give on an order, without changing anything.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quote {
    /// The card.
    pub card: CardPick,
    /// Who would redeem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Subject>,
    /// The order.
    pub order: Order,
}

/// What a redemption came to. The same for every repetition of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Receipt {
    /// The redemption's id: the idempotency key it was made under.
    pub redemption: String,
    /// The card.
    pub card: CardId,
    /// When.
    pub at: Instant,
    /// The host's order id.
    pub order: String,
    /// Totals, the discount and its share per line.
    pub pricing: Pricing,
}

impl Receipt {
    fn of(redemption: &Redemption) -> Self {
        Self {
            redemption: redemption.key.clone(),
            card: redemption.card,
            at: redemption.at,
            order: redemption.order.clone(),
            pricing: redemption.pricing.clone(),
        }
    }
}

/// What a refund gave back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RefundReceipt {
    /// The redemption that was given back.
    pub redemption: String,
    /// The card, which has its use again.
    pub card: CardId,
    /// When.
    pub at: Instant,
    /// In minor units of the order's currency.
    pub amount_minor: i64,
    /// Uses that the card has now.
    pub uses_left: u32,
}

/// [`Redeem`] after its code was opened.
#[derive(Serialize)]
struct RedeemPicked {
    meta: Meta,
    code: CodeText,
    holder: Option<SubjectKey>,
    order: Order,
    #[serde(skip)]
    picked: Picked,
    /// Cards of a public code's batch that the holder has already: proposals, read again by key.
    #[serde(skip)]
    own: Vec<CardId>,
}

impl RedeemPicked {
    /// Names what will be read, so that it is read at once.
    fn foresee(&self, view: &mut View<'_>, realm: &Realm, guest: &SubjectKey) -> Result<(), Stop> {
        let mut keys = vec![Key::Redemption(self.meta.key.clone())];
        keys.extend(self.picked.card_key());
        let word = matches!(self.picked, Picked::Word { .. });
        if word && let Some(batch) = self.picked.batch_no(view, realm)? {
            keys.push(Key::Stock(batch));
            keys.extend(self.own.iter().copied().map(Key::Card));
        }
        let holder = if word { Some(self.holder.as_ref().unwrap_or(guest)) } else { self.holder.as_ref() };
        if let (Some(template), Some(holder)) = (self.picked.template(view, realm)?, holder) {
            let limits = &template.draft.limits;
            let uses = limits.uses_per_holder.map(|_| "uses");
            let claims = limits.claims_per_holder.filter(|_| word).map(|_| "claims");
            let account = |measure| Key::Account(Owner::Holder(holder.clone()), template.unit(measure));
            keys.extend(uses.into_iter().chain(claims).map(account));
        }
        Ok(view.want(keys)?)
    }
}

/// A card that may be redeemed.
struct Usable {
    ground: Ground,
    card: Card,
    seen: Option<Version>,
    holder: Option<SubjectKey>,
    /// With a public code that takes a fresh card: what claims it in the same commit.
    claim: Option<ClaimParts>,
}

struct ClaimParts {
    stock: (Option<Version>, Record),
    counted: Option<Move>,
}

/// Finds the card that a picked text lets this holder use now. `guest` stands for a buyer whom only the order names.
fn usable(
    view: &mut View<'_>,
    realm: &Realm,
    picked: &Picked,
    holder: Option<&SubjectKey>,
    guest: &SubjectKey,
    own: &[CardId],
) -> Result<Usable, Stop> {
    let ground = match picked.resolve(view, realm)? {
        Meaning::Card(resolved) => {
            let Resolved { ground, card, seen } = *resolved;
            card::redeemable(&card, &ground.template, holder, view.now.max(card.last_at))?;
            return Ok(Usable { ground, card, seen, holder: holder.cloned(), claim: None });
        }
        Meaning::AnyOf(ground) => ground,
    };
    let holder = holder.unwrap_or(guest);
    for id in own {
        let (card, seen) = ground.card(view, id.serial)?;
        if card::redeemable(&card, &ground.template, Some(holder), view.now.max(card.last_at)).is_ok() {
            return Ok(Usable { ground, card, seen, holder: Some(holder.clone()), claim: None });
        }
    }
    let taken = next_in_stock(view, &ground)?;
    ground.must_be_meant_for(view, holder)?;
    let counted = counted(view, &ground, Measure::Claims, Some(holder))?;
    let now = view.now.max(taken.card.last_at);
    let none = Parameters::new();
    let to = Claimed { holder, parameters: &none, campaign_end: ground.campaign_end() };
    let card = card::claim(&taken.card, &ground.template, &ground.batch.parameters, &to, now)?;
    card::redeemable(&card, &ground.template, Some(holder), now)?;
    let claim = Some(ClaimParts { stock: taken.stock, counted });
    Ok(Usable { ground, card, seen: taken.seen, holder: Some(holder.clone()), claim })
}

/// The subject that stands for a buyer whom only the order names.
fn guest_of(order: &Order) -> SubjectKey {
    plain_subject(&Subject::new("order", order.id.clone()))
}

/// Prices an order with a card whose own state was looked at.
fn price_with(view: &mut View<'_>, ground: &Ground, card: &Card, order: &Order) -> Result<Pricing, Stop> {
    let sets = ground.product_sets(view)?;
    let rounding = view.rounding()?;
    let parameters = ground.template.complete(&ground.batch.parameters, &card.parameters);
    Ok(price(&ground.template, &parameters, order, &sets, rounding)?)
}

impl Command for RedeemPicked {
    type Reply = Receipt;

    fn op(&self) -> &'static str {
        "redeem"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        check_code("code", &self.code.0)?;
        self.order.check()
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, Receipt), Stop> {
        let guest = guest_of(&self.order);
        self.foresee(view, cx.realm, &guest)?;
        if let Some((done, _)) = view.redemption(&self.meta.key)?
            && !defect::is(Defect::UnknownRunBlindly)
        {
            let same = done.digest == cx.digest || defect::is(Defect::DigestNotCompared);
            return if same { Ok((None, Receipt::of(&done))) } else { Err(Denial::KeyReused.into()) };
        }
        let usable = usable(view, cx.realm, &self.picked, self.holder.as_ref(), &guest, &self.own)?;
        let Usable { ground, mut card, seen, holder, claim } = usable;
        match &claim {
            Some(_) => ground.must_run(view.now)?,
            None => ground.must_let_use(view.now)?,
        }
        let pricing = price_with(view, &ground, &card, &self.order)?;
        let used = counted(view, &ground, Measure::Uses, holder.as_ref())?;
        // From here on nothing refuses.
        let now = if defect::is(Defect::TimeGoesBack) { view.now } else { view.now.max(card.last_at) };
        let mut plan = Plan::new(cx, view);
        plan.shift(used);
        if let Some(ClaimParts { stock: (stock_seen, stock), counted }) = claim {
            plan.write(stock_seen, stock);
            plan.shift(counted);
            card.origin = cx.meta.origin.clone();
            plan.card_event::<()>(cx, &mut card, EventKind::Claimed, None)?;
        }
        let mut next = card::spend(&card, now);
        let redemption = self.redemption(cx, &ground, &next, holder, pricing, now);
        let receipt = Receipt::of(&redemption);
        plan.card_event::<()>(cx, &mut next, EventKind::Redeemed, None)?;
        plan.write(seen, Record::Card(next));
        plan.write(None, Record::Redemption(redemption));
        Ok((Some(plan), receipt))
    }
}

impl RedeemPicked {
    fn redemption(
        &self,
        cx: &Context<'_>,
        ground: &Ground,
        card: &Card,
        holder: Option<SubjectKey>,
        pricing: Pricing,
        at: Instant,
    ) -> Redemption {
        let Origin { operator, channel, source, .. } = self.meta.origin.clone();
        Redemption {
            key: self.meta.key.clone(),
            digest: cx.digest,
            card: card.id,
            at,
            order: self.order.id.clone(),
            holder,
            currency: self.order.currency,
            pricing,
            campaign: ground.batch.campaign.clone(),
            store: self.order.store.clone(),
            channel: self.order.channel.clone().or(channel),
            source: self.order.source.clone().or(source),
            operator,
            ordered_at: self.order.placed_at,
            new_customer: self.order.new_customer,
            segments: self.order.segments.clone(),
        }
    }
}

/// Gives a redemption back in full.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundRedemption {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The redemption's id.
    pub redemption: String,
}

impl Command for RefundRedemption {
    type Reply = RefundReceipt;

    fn op(&self) -> &'static str {
        "refund"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        check_key("redemption", &self.redemption)
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, RefundReceipt), Stop> {
        if let Some(done) = cx.replay(view)? {
            return Ok((None, done));
        }
        view.want([Key::Redemption(self.redemption.clone()), Key::Refund(self.redemption.clone(), 0)])?;
        let Some((redemption, _)) = view.redemption(&self.redemption)? else {
            return Err(Denial::Unknown { kind: "redemption", id: self.redemption.clone() }.into());
        };
        if let Some((refund, _)) = view.refund(&self.redemption, 0)?
            && !defect::is(Defect::GivenBackTwice)
        {
            return Err(Denial::AlreadyRefunded { at: refund.at }.into());
        }
        let Resolved { ground, card, seen } = Picked::Card(redemption.card).resolve_card(view, cx.realm)?;
        let now = view.now.max(card.last_at);
        let mut next = card::unspend(&card, now)?;
        let mut plan = Plan::new(cx, view);
        if let Some(holder) = ground.template.draft.limits.uses_per_holder.and(redemption.holder.clone())
            && !defect::is(Defect::RefundForgetsCounter)
        {
            let (owner, unit) = (Owner::Holder(holder), ground.template.unit("uses"));
            // Those behind it in the group see the account after this move, so the move rests on all before it.
            view.balance(&owner, &unit)?;
            plan.shift(Some(Move { owner, unit, delta: -1, floor: 0, ceiling: i64::MAX }));
        }
        let amount_minor = redemption.pricing.discount_minor;
        let refund = Refund { redemption: self.redemption.clone(), place: 0, at: now, amount_minor };
        let receipt = RefundReceipt {
            redemption: self.redemption.clone(),
            card: next.id,
            at: now,
            amount_minor,
            uses_left: next.uses_left,
        };
        plan.card_event(cx, &mut next, EventKind::Refunded, Some(&receipt))?;
        plan.write(seen, Record::Card(next));
        if !defect::is(Defect::GivenBackTwice) {
            plan.write(None, Record::Refund(refund));
        }
        Ok((Some(plan), receipt))
    }
}

/// What a quote came to: the price with the card, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Quoted {
    /// The card, where the code is good; `None` for a public code, which takes any card of its batch.
    pub card: Option<CardId>,
    /// The pricing, or the denial that a redemption at this moment would meet.
    #[serde(serialize_with = "outcome_json")]
    #[schemars(with = "QuoteOutcome")]
    pub outcome: Result<Pricing, Denial>,
}

/// The outcome of a quote on the wire.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
enum QuoteOutcome<'a> {
    /// What the card gives.
    Applies(&'a Pricing),
    /// Why it does not.
    Denied(Refusal),
}

fn outcome_json<S: serde::Serializer>(outcome: &Result<Pricing, Denial>, serializer: S) -> Result<S::Ok, S::Error> {
    let outcome = match outcome {
        Ok(pricing) => QuoteOutcome::Applies(pricing),
        Err(denial) => QuoteOutcome::Denied(denial.refusal()),
    };
    outcome.serialize(serializer)
}

impl Change for Redeem {
    type Reply = Receipt;

    fn change(self, tenant: &Tenant) -> Call<Receipt> {
        match self.picked(&tenant.realm) {
            Ok(picked) => submit(&tenant.realm, picked),
            Err(error) => Call::ready(Err(error)),
        }
    }
}

impl Redeem {
    fn picked(self, realm: &Realm) -> Result<RedeemPicked, Error> {
        check_code("code", &self.code.0)?;
        check_holder(self.holder.as_ref())?;
        self.meta.check()?;
        let picked = realm.open(&self.code)?;
        let holder = self.holder.as_ref().map(|holder| realm.subject(holder)).transpose()?;
        let own = own_cards(realm, &picked, holder.as_ref(), &self.order)?;
        let Self { meta, code, order, .. } = self;
        Ok(RedeemPicked { meta, code, holder, order, picked, own })
    }
}

/// Cards that the holder, or the order of a guest, has of a public code's batch: at most a page, as proposals.
fn own_cards(realm: &Realm, picked: &Picked, holder: Option<&SubjectKey>, order: &Order) -> Result<Vec<CardId>, Error> {
    if !matches!(picked, Picked::Word { .. }) {
        return Ok(Vec::new());
    }
    order.check()?;
    let holder = holder.cloned().unwrap_or_else(|| guest_of(order));
    let Some(batch) = realm.look(|view| picked.batch_no(view, realm))? else { return Ok(Vec::new()) };
    let of = ScanOf::CardsOfHolder(holder);
    let page = realm.store.scan(&Scan { tenant: realm.key.clone(), of, after: None, limit: 200 })?;
    let cards = page.items.iter().filter_map(|stored| match &stored.record {
        Record::Card(card) if card.id.batch == batch => Some(card.id),
        _ => None,
    });
    Ok(cards.collect())
}

impl Change for RefundRedemption {
    type Reply = RefundReceipt;

    fn change(self, tenant: &Tenant) -> Call<RefundReceipt> {
        submit(&tenant.realm, self)
    }
}

impl Read for Quote {
    type Reply = Quoted;

    fn read(self, tenant: &Tenant) -> Result<Quoted, Error> {
        check_pick("card", &self.card)?;
        check_holder(self.holder.as_ref())?;
        self.order.check()?;
        let realm = &*tenant.realm;
        let picked = realm.pick(&self.card)?;
        let holder = self.holder.as_ref().map(|holder| realm.subject(holder)).transpose()?;
        let own = own_cards(realm, &picked, holder.as_ref(), &self.order)?;
        realm.weigh(|view| quote(view, realm, &picked, holder.as_ref(), &own, &self.order))
    }
}

fn check_holder(holder: Option<&Subject>) -> Result<(), Invalid> {
    holder.map_or(Ok(()), |holder| holder.check("holder"))
}

fn quote(
    view: &mut View<'_>,
    realm: &Realm,
    picked: &Picked,
    holder: Option<&SubjectKey>,
    own: &[CardId],
    order: &Order,
) -> Result<Quoted, Stop> {
    let guest = guest_of(order);
    let mut card = None;
    let mut outcome = || {
        if let Meaning::Card(resolved) = picked.resolve(view, realm)? {
            card = Some(resolved.card.id);
        }
        let usable = usable(view, realm, picked, holder, &guest, own)?;
        match &usable.claim {
            Some(_) => usable.ground.must_run(view.now)?,
            None => usable.ground.must_let_use(view.now)?,
        }
        let pricing = price_with(view, &usable.ground, &usable.card, order)?;
        counted(view, &usable.ground, Measure::Uses, usable.holder.as_ref())?;
        Ok(pricing)
    };
    match outcome() {
        Ok(pricing) => Ok(Quoted { card, outcome: Ok(pricing) }),
        Err(Stop::Denied(denial)) => Ok(Quoted { card, outcome: Err(denial) }),
        Err(stop) => Err(stop),
    }
}
