//! Redemption, refund, quote: one path prices all three.

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::batch_life::{refilled, write_growths};
use super::call::Call;
use super::cards::{Measure, counted, next_in_stock, next_of};
use super::command::{Command, Context, Meta, Plan, Stop, submit};
use super::counters::{Counted, Takes};
use super::error::Error;
use super::fence;
use super::give::{GivenCard, Handed, Occasion, TakenBack, foreseen, gifts, given_again, taken_back};
use super::hold::state_at;
use super::limits::{self, User, limits_on};
use super::quoted::{QuotedLimit, Use, ceilings};
use super::request::{Change, Read};
use super::resolve::{CardPick, CodeText, Ground, Meaning, Picked, Resolved, check_code, check_pick};
use super::tenant::{Realm, plain_subject};
use super::view::{Missing, View};
use crate::Invalid;
use crate::card::{
    self, Card, Claimed, CountedIn, CountedOn, EventKind, HeldFor, Hold, HoldId, HoldOf, HoldState, NoUnits, NotGiven,
    Origin, Parameters, RedeemedFacts, Redemption, Refund, RefundTo, Taken, TakenFacts, Template, TemplateDraft,
};
use crate::checkout::{Order, Pricing, Purse, price, quote_mark};
use crate::defect::{self, Defect};
use crate::denial::{Denial, Fact, LimitScope, Refusal};
use crate::id::{CardId, Version, check_key, check_name};
use crate::money::check_amount;
use crate::rule::ProductSets;
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
    /// Who else it is, and on what: subjects that limits may count or the card is bound to, such as a `device`. At most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Subject>,
    /// The order.
    pub order: Order,
    /// The most that a gift card pays, in minor units of the order's currency, at most the order's total; all that it can by
    /// default. Nothing for other cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_minor: Option<i64>,
    /// How many uses of a times card are taken; all that the order has by default. Nothing for other cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<u32>,
    /// Which batches of those that a choice lists its holder chooses. Nothing for other cards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choose: Vec<String>,
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
    /// Who else it is, and on what: subjects that limits may count or the card is bound to, such as a `device`. At most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Subject>,
    /// The order.
    pub order: Order,
    /// The most that a gift card would pay, in minor units; all that it can by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_minor: Option<i64>,
    /// How many uses of a times card would be taken; all that the order has by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<u32>,
}

/// Most subjects of one request, beside the holder.
const SUBJECTS_MAX: usize = 16;

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
    /// How many uses were taken of a times card: fewer than were asked for where its template caps them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<u32>,
    /// The cards that the holder was given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<GivenCard>,
    /// What the template gives but could not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_given: Vec<NotGiven>,
    /// What a gift card holds now, in minor units of the order's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance_minor: Option<i64>,
}

impl Receipt {
    pub(super) fn of(redemption: &Redemption, given: Vec<GivenCard>) -> Self {
        Self {
            units: redemption.units,
            given,
            not_given: redemption.not_given.clone(),
            redemption: redemption.key.clone(),
            card: redemption.card,
            at: redemption.at,
            order: redemption.order.clone(),
            pricing: redemption.pricing.clone(),
            balance_minor: redemption.balance_minor,
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
    /// How many uses of a times card went back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<u32>,
    /// How many more may go back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units_left: Option<u32>,
    /// Cards that the redemption had given, and that died with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taken_back: Vec<CardId>,
    /// Cards that it had given beside, and that stay: they have been used or moved since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<CardId>,
    /// Uses that the card has now.
    pub uses_left: u32,
    /// What a gift card holds now, in minor units of the order's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance_minor: Option<i64>,
    /// What may still be given back of a payment by gift card, in minor units of the order's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_minor: Option<i64>,
}

/// [`Redeem`] after its code was opened.
#[derive(Serialize)]
struct RedeemPicked {
    meta: Meta,
    code: CodeText,
    holder: Option<SubjectKey>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subjects: Vec<SubjectKey>,
    order: Order,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount_minor: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    units: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    choose: Vec<String>,
    #[serde(skip)]
    picked: Picked,
    /// Cards of a public code's batch that the holder has already: proposals, read again by key.
    #[serde(skip)]
    own: Vec<CardId>,
}

impl RedeemPicked {
    fn user(&self) -> User<'_> {
        let (holder, channel) = (self.holder.as_ref(), self.meta.origin.channel.as_deref());
        User { holder, subjects: &self.subjects, order: &self.order, channel }
    }

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
        let template = self.picked.template(view, realm)?;
        if let Some(template) = &template {
            keys.extend(foreseen(view, &template.draft)?);
        }
        if let (Some(template), Some(holder)) = (&template, holder) {
            let limits = &template.draft.limits;
            let uses = limits.uses_per_holder.map(|_| "uses");
            let claims = limits.claims_per_holder.filter(|_| word).map(|_| "claims");
            let account = |measure| Key::Account(Owner::Holder(holder.clone()), template.unit(measure));
            keys.extend(uses.into_iter().chain(claims).map(account));
        }
        if let Some(Key::Card(card)) = self.picked.card_key()
            && let Some((batch, _)) = view.batch(card.batch)?
            && template.is_some_and(|template| limits::may_be_limited(&batch, &template.draft))
        {
            let ground = Ground::of(view, batch)?;
            // What is not named is denied where it is asked for.
            let limits = limits_on(view, &ground, card, &self.user(), view.now).unwrap_or_default();
            let _ = limits::foresee(view, &limits);
        }
        Ok(view.want(keys)?)
    }
}

/// A card that may be redeemed.
pub(super) struct Usable {
    pub ground: Ground,
    pub card: Card,
    pub seen: Option<Version>,
    pub holder: Option<SubjectKey>,
    /// With a public code that takes a fresh card: what claims it in the same commit.
    pub claim: Option<ClaimParts>,
}

impl Usable {
    /// The campaign must run where a card is taken, and let its cards be used where it is there.
    pub(super) fn must_go_on(&self, now: Instant) -> Result<(), Denial> {
        match &self.claim {
            Some(_) => self.ground.must_run(now),
            None => self.ground.must_let_use(now),
        }
    }
}

pub(super) struct ClaimParts {
    stock: (Option<Version>, Record),
    counted: Option<Counted>,
    /// The person on whom it is counted.
    counted_on: Option<SubjectKey>,
}

impl ClaimParts {
    /// Claims the card in the plan that uses it.
    pub(super) fn add_to(
        self,
        cx: &Context<'_>,
        ground: &Ground,
        plan: &mut Plan,
        card: &mut Card,
    ) -> Result<(), Stop> {
        let Self { stock: (seen, stock), counted, counted_on } = self;
        plan.write(seen, stock);
        plan.count(counted);
        card.origin = cx.meta.origin.clone();
        let (holder, expires_at) = (card.holder.as_ref(), card.expires_at);
        let taken = TakenFacts { holder, expires_at, origin: None, counted_on };
        let facts = serde_json::to_value(taken).map_err(|_| Stop::Internal("facts cannot be written"))?;
        plan.card_told(cx, ground, card, EventKind::Claimed, &facts)
    }
}

/// Who is about to use a card.
pub(super) struct UsedBy<'a> {
    pub holder: Option<&'a SubjectKey>,
    /// Stands for a buyer whom only the order names.
    pub guest: &'a SubjectKey,
    /// What else is presented.
    pub subjects: &'a [SubjectKey],
    /// Cards of a public code's batch that the holder has already: proposals, read again by key.
    pub own: &'a [CardId],
    /// The order whose own hold is not in its way.
    pub order: Option<&'a str>,
}

impl UsedBy<'_> {
    /// The card as this order sees it: what it holds itself is free to it.
    fn without_own_hold(&self, view: &mut View<'_>, card: Card) -> Result<Card, Stop> {
        if card.held.is_empty() {
            return Ok(card);
        }
        let now = view.now.max(card.last_at);
        let own = self.own_hold(view, &card)?;
        Ok(own.map_or(card.clone(), |hold| card::unhold(&card, hold.amount, hold.expires_at, now)))
    }

    /// The open hold that this order has of the card.
    fn own_hold(&self, view: &mut View<'_>, card: &Card) -> Result<Option<Hold>, Stop> {
        let Some(order) = self.order else { return Ok(None) };
        let id = HoldId { order: order.to_owned(), of: HoldOf::Card(card.id) };
        let now = view.now.max(card.last_at);
        let of_holder = |hold: &Hold| hold.holder.as_ref() == self.holder;
        let open = |hold: &Hold| of_holder(hold) && state_at(hold, card, now) == HoldState::Open;
        Ok(view.hold(&id)?.map(|(hold, _)| hold).filter(open))
    }
}

/// Finds the card that a picked text lets this buyer use now.
pub(super) fn usable(view: &mut View<'_>, realm: &Realm, picked: &Picked, buyer: &UsedBy<'_>) -> Result<Usable, Stop> {
    let (holder, subjects) = (buyer.holder, buyer.subjects);
    let ground = match picked.resolve(view, realm)? {
        Meaning::Card(resolved) => {
            let Resolved { ground, card, seen } = *resolved;
            ground.batch.must_move()?;
            let card = buyer.without_own_hold(view, card)?;
            let as_holder = view.acting_as(holder, card.holder.as_ref())?;
            card::redeemable(&card, &ground.template, as_holder, view.now.max(card.last_at))?;
            card::must_present(&card, holder, subjects)?;
            return Ok(Usable { ground, card, seen, holder: holder.cloned(), claim: None });
        }
        Meaning::AnyOf(ground) => ground,
    };
    ground.batch.must_move()?;
    let holder = holder.unwrap_or(buyer.guest);
    for id in buyer.own {
        let (card, seen) = ground.card(view, id.serial)?;
        let now = view.now.max(card.last_at);
        let redeemable = card::redeemable(&card, &ground.template, Some(holder), now);
        if redeemable.and_then(|()| card::must_present(&card, Some(holder), subjects)).is_ok() {
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
    let counted_on = view.person_counting(holder)?;
    let claim = Some(ClaimParts { stock: taken.stock, counted, counted_on });
    Ok(Usable { ground, card, seen: taken.seen, holder: Some(holder.clone()), claim })
}

/// The use of a holder who is one of several subjects, for the redemption's row: it is counted on the person.
fn use_of_person(
    view: &mut View<'_>,
    ground: &Ground,
    holder: Option<&SubjectKey>,
) -> Result<Option<CountedOn>, Missing> {
    let template = &ground.template;
    let Some(holder) = holder.filter(|_| template.draft.limits.uses_per_holder.is_some()) else { return Ok(None) };
    let person = view.person_counting(holder)?;
    Ok(person.map(|person| CountedOn {
        owner: Owner::Holder(person),
        unit: template.unit("uses"),
        amount: 1,
        counts: HeldFor::HolderUses,
        refill: true,
        leaves_at: None,
    }))
}

/// The subject that stands for a buyer whom only the order names.
pub(super) fn guest_of(order: &Order) -> SubjectKey {
    plain_subject(&Subject::new("order", order.id.clone()))
}

/// What is asked of a card beside its order.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub amount_minor: Option<i64>,
    pub units: Option<u32>,
}

/// What an order comes to with a card.
pub(super) struct Priced {
    pub pricing: Pricing,
    /// The uses that are taken, where the card is counted so.
    units: Option<u32>,
    sets: ProductSets,
}

/// Prices an order with a card whose own state was looked at. What other orders hold is not there for it.
pub(super) fn price_with(
    view: &mut View<'_>,
    ground: &Ground,
    card: &Card,
    order: &Order,
    asked: Asked,
) -> Result<Priced, Stop> {
    let draft = &ground.template.draft;
    if asked.amount_minor.is_some() && !draft.kind.holds_value() {
        return Err(Invalid::new("amount_minor", "an amount", "nothing, for a card that holds no value").into());
    }
    let now = view.now.max(card.last_at);
    let free = card::free(card, draft.kind, now);
    let sets = ground.product_sets(view)?;
    let units = match card::units_of(draft, order, &sets, asked.units, u32::try_from(free).unwrap_or(u32::MAX)) {
        Ok(units) => units,
        Err(NoUnits::Denied(denial)) => return Err(denial.into()),
        Err(NoUnits::Invalid(invalid)) => return Err(invalid.into()),
    };
    let purse = Purse { balance_minor: free, asked_minor: asked.amount_minor, units };
    let rounding = view.rounding()?;
    let parameters = ground.template.complete(&ground.batch.parameters, &card.parameters);
    let asked_minor = asked.amount_minor;
    let priced = price(&ground.template, &parameters, purse, order, &sets, rounding).map_err(|denial| {
        let asked = asked_minor.unwrap_or(1);
        match (&denial, card::frees_at(card, ground.template.draft.kind, asked, now)) {
            (Denial::InsufficientBalance { .. }, Some(frees_at)) => {
                Stop::from(card::held(card, &ground.template, frees_at, now))
            }
            _ => denial.into(),
        }
    });
    Ok(Priced { pricing: priced?, units, sets })
}

/// One more check-in of a membership card in the period of this moment: the move that counts it, where there is a limit.
fn checked_in(view: &mut View<'_>, ground: &Ground, card: &Card, now: Instant) -> Result<Option<Move>, Stop> {
    let Some(limits) = card::check_ins(&ground.template) else { return Ok(None) };
    let (owner, unit) = (Owner::Card(card.id), card::check_in_unit(&ground.template, limits.per, now));
    let (used, limit) = (view.balance(&owner, &unit)?, i64::from(limits.limit));
    if used >= limit {
        let (limit, used) = (limit.unsigned_abs(), used.unsigned_abs());
        return Err(Denial::LimitReached { scope: LimitScope::CheckIns, limit, used }.into());
    }
    Ok(Some(Move { owner, unit, delta: 1, floor: 0, ceiling: limit }))
}

/// An amount to pay is of the order's: more cannot be meant.
pub(super) fn check_asked(asked_minor: Option<i64>, order: &Order) -> Result<(), Invalid> {
    let total = order.total_minor()?;
    match asked_minor {
        Some(asked) if !(1..=total).contains(&asked) => {
            Err(Invalid::new("amount_minor", asked, format!("1 to {total}, the order's total")))
        }
        Some(_) | None => Ok(()),
    }
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
        self.order.check()?;
        check_units(self.units)?;
        if self.choose.len() > 100 {
            return Err(Invalid::new("choose", self.choose.len(), "at most 100 batches"));
        }
        self.choose.iter().try_for_each(|batch| check_name("choose", batch))?;
        check_asked(self.amount_minor, &self.order)
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, Receipt), Stop> {
        let guest = guest_of(&self.order);
        self.foresee(view, cx.realm, &guest)?;
        if let Some((done, _)) = view.redemption(&self.meta.key)?
            && !defect::is(Defect::UnknownRunBlindly)
        {
            let same = done.digest == cx.digest || defect::is(Defect::DigestNotCompared);
            if !same {
                return Err(Denial::KeyReused.into());
            }
            let given = given_again(cx, view, &done)?;
            return Ok((None, Receipt::of(&done, given)));
        }
        let buyer = UsedBy {
            holder: self.holder.as_ref(),
            guest: &guest,
            subjects: &self.subjects,
            own: &self.own,
            order: None,
        };
        let found = usable(view, cx.realm, &self.picked, &buyer)?;
        found.must_go_on(view.now)?;
        let Usable { ground, mut card, seen, holder, claim } = found;
        let draft = &ground.template.draft;
        let opens_into = card::chosen(draft, &self.choose)?;
        let asked = Asked { amount_minor: self.amount_minor, units: self.units };
        let Priced { pricing, units, sets } = price_with(view, &ground, &card, &self.order, asked)?;
        let user = User { holder: holder.as_ref(), ..self.user() };
        let covered = limits::covered(view, (&ground, &card), &user, pricing, self.amount_minor, &[])?;
        let used = counted(view, &ground, Measure::Uses, holder.as_ref())?;
        let now = if defect::is(Defect::TimeGoesBack) { view.now } else { view.now.max(card.last_at) };
        let limits = limits_on(view, &ground, card.id, &user, now)?;
        let Takes { counted, mut returns } = limits::take(view, &limits, &covered, &self.order, now)?;
        returns.extend(use_of_person(view, &ground, holder.as_ref())?);
        let pricing = covered.pricing;
        let now = used.iter().chain(&counted).fold(now, |now, counted| counted.no_earlier(now));
        let checked_in = checked_in(view, &ground, &card, now)?;
        let occasion = Occasion {
            holder: holder.as_ref(),
            parent: card.id,
            redemption: &self.meta.key,
            order: &self.order,
            sets: &sets,
        };
        let gifts = gifts(view, cx, draft, &opens_into, &occasion)?;
        // From here on nothing refuses.
        let (mut plan, mut growths) = (Plan::new(cx, view), Vec::new());
        plan.count(used.into_iter().chain(counted));
        plan.shift(checked_in);
        if let Some(claim) = claim {
            growths.extend(refilled(view, &ground, next_of(&claim.stock.1))?);
            claim.add_to(cx, &ground, &mut plan, &mut card)?;
        }
        let taken = Taken { units: units.unwrap_or(1), tender_minor: pricing.tender_minor };
        let mut next = card::take(&card, &ground.template, taken, now);
        growths.extend(gifts.growths(view)?);
        write_growths(growths, cx, &mut plan)?;
        let Handed { given, not_given, told } = gifts.give(cx, &mut plan)?;
        let counted = returns;
        let redemption = self.redemption(cx, &ground, &next, holder, pricing, now);
        let redemption = Redemption { units, given, not_given, counted, ..redemption };
        let receipt = Receipt::of(&redemption, told);
        let facts = RedeemedFacts {
            redemption: &self.meta.key,
            taken_minor: receipt.pricing.tender_minor + receipt.pricing.discount_minor,
            units,
            expires_at: next.expires_at.filter(|_| next.events == 0),
        };
        plan.card_told(cx, &ground, &mut next, EventKind::Redeemed, &facts)?;
        plan.write(seen, Record::Card(next));
        // In the place of a fence, where an earlier try was denied.
        let fence = view.fence(&self.meta.key)?.map(|(_, version)| version);
        plan.write(fence, Record::Redemption(redemption));
        Ok((Some(plan), receipt))
    }

    fn fence(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<Option<Plan>, Stop> {
        fence::of_redemption(cx, view)
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
            units: None,
            given: Vec::new(),
            not_given: Vec::new(),
            balance_minor: ground.template.draft.balance_of(card),
            hold: None,
            counted: Vec::new(),
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

/// Gives a redemption back: a use in full; of a payment by gift card all that is left of it, or an amount.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundRedemption {
    /// Key, reason, origin.
    pub meta: Meta,
    /// The redemption's id.
    pub redemption: String,
    /// How much goes back to a gift card, in minor units of the order's currency; all that is left by default. Nothing for other
    /// cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_minor: Option<i64>,
    /// How many uses go back to a times card; all that are left by default. Nothing for other cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<u32>,
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
        check_key("redemption", &self.redemption)?;
        check_units(self.units)?;
        self.amount_minor.map_or(Ok(()), |amount| check_amount("amount_minor", amount, 1))
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, RefundReceipt), Stop> {
        if let Some(done) = cx.replay(view)? {
            return Ok((None, done));
        }
        let last = view.last_refund(&self.redemption);
        view.want([Key::Redemption(self.redemption.clone())])?;
        let last = last?;
        let Some((redemption, _)) = view.redemption(&self.redemption)? else {
            return Err(Denial::Unknown { kind: "redemption", id: self.redemption.clone() }.into());
        };
        let Resolved { ground, card, seen } = Picked::Card(redemption.card).resolve_card(view, cx.realm)?;
        ground.batch.must_live()?;
        let draft = &ground.template.draft;
        must_be_original(draft, &card, &redemption)?;
        let part = self.part(&redemption, last.as_ref(), &ground.template)?;
        let now = view.now.max(card.last_at);
        let back = Taken { units: part.units, tender_minor: part.amount_minor };
        let mut next = card::give_back(&card, &ground.template, back, now)?;
        // Cards that it gave go back with the last part.
        let gifts = if part.left == 0 { taken_back(view, draft, &redemption)? } else { TakenBack::default() };
        let mut plan = Plan::new(cx, view);
        if let Some(limits) = card::check_ins(&ground.template) {
            let at = if defect::is(Defect::RefundIntoWrongWindow) { now } else { redemption.at };
            let (owner, unit) = (Owner::Card(card.id), card::check_in_unit(&ground.template, limits.per, at));
            view.balance(&owner, &unit)?;
            plan.shift(Some(Move { owner, unit, delta: -1, floor: 0, ceiling: i64::MAX }));
        }
        // The holder's use comes back with the last part.
        if part.left == 0
            && !defect::is(Defect::RefundForgetsCounter)
            && redemption.counts_on_its_holder()
            && let Some(holder) = ground.template.draft.limits.uses_per_holder.and(redemption.holder.clone())
        {
            let (owner, unit) = (Owner::Holder(holder), ground.template.unit("uses"));
            // Those behind it in the group see the account after this move, so the move rests on all before it.
            view.balance(&owner, &unit)?;
            plan.shift(Some(Move { owner, unit, delta: -1, floor: 0, ceiling: i64::MAX }));
        }
        let Part { place, amount_minor, total_minor, units, total_units, left } = part;
        if !defect::is(Defect::RefundForgetsCounter) {
            plan.count(limits::give_back(view, &redemption, (amount_minor, left == 0), now)?);
        }
        let of = self.redemption.clone();
        let refund = Refund { redemption: of, place, at: now, amount_minor, total_minor, units, total_units };
        let balance_minor = draft.balance_of(&next);
        let counts_units = draft.usage.is_some();
        // The hold that it was captured from is over, and the same order may hold the card anew.
        if let Some(id) = redemption.hold.as_ref().filter(|_| left == 0)
            && let Some((hold, seen)) = view.hold(id)?
            && hold.redemption.as_ref() == Some(&redemption.key)
        {
            plan.write(Some(seen), Record::Hold(Hold { state: HoldState::Refunded, ..hold }));
        }
        let (taken_back, kept) = gifts.write(cx, &mut plan)?;
        let receipt = RefundReceipt {
            redemption: self.redemption.clone(),
            card: next.id,
            at: now,
            amount_minor,
            units: counts_units.then_some(units),
            units_left: counts_units.then(|| u32::try_from(left).unwrap_or(0)),
            taken_back,
            kept,
            uses_left: next.uses_left,
            balance_minor,
            left_minor: balance_minor.map(|_| left),
        };
        plan.card_event(cx, &ground, &mut next, EventKind::Refunded, Some(&receipt))?;
        plan.write(seen, Record::Card(next));
        if !defect::is(Defect::GivenBackTwice) {
            plan.write(None, Record::Refund(refund));
        }
        Ok((Some(plan), receipt))
    }
}

/// What a refund gives back, and what is left to give back after it. Parts never add up to more than the whole (G-05).
struct Part {
    place: u32,
    amount_minor: i64,
    total_minor: i64,
    units: u32,
    total_units: u32,
    /// Minor units, or uses of a times card.
    left: i64,
}

/// Where a template gives back only to whoever redeemed, the card must not have been handed on since.
fn must_be_original(draft: &TemplateDraft, card: &Card, redemption: &Redemption) -> Result<(), Denial> {
    let original_only =
        draft.policies.transfer.as_ref().is_some_and(|policy| policy.refund_to == RefundTo::OriginalOnly);
    if original_only && card.transfers > 0 && card.holder != redemption.holder {
        return Err(Denial::RefundToOriginalOnly);
    }
    Ok(())
}

impl RefundRedemption {
    fn part(&self, redemption: &Redemption, last: Option<&Refund>, template: &Template) -> Result<Part, Stop> {
        let counted_in = template.draft.kind.terms().counted_in;
        if self.amount_minor.is_some() && counted_in != CountedIn::Value {
            return Err(Invalid::new("amount_minor", "an amount", "nothing: a use is given back whole").into());
        }
        if self.units.is_some() && counted_in != CountedIn::Units {
            return Err(Invalid::new("units", "uses", "nothing, for a card that is no times card").into());
        }
        let (before_minor, before_units) = last.map_or((0, 0), |last| (last.total_minor, last.total_units));
        let whole = card::whole_of(redemption, template);
        let before = if counted_in == CountedIn::Units { i64::from(before_units) } else { before_minor };
        let left = whole - before;
        if let Some(last) = last
            && left == 0
        {
            return Err(Denial::AlreadyRefunded { at: last.at }.into());
        }
        let asked = self.amount_minor.or(self.units.map(i64::from)).unwrap_or(left);
        let bound = if defect::is(Defect::RefundBoundPerCall) { whole } else { left };
        if asked > bound {
            let fact = |count: i64| match counted_in {
                CountedIn::Units => Fact::text(format!("{count} uses")),
                CountedIn::Value | CountedIn::Use | CountedIn::Nothing => Fact::money(redemption.currency, count),
            };
            return Err(Denial::RefundTooLarge { asked: fact(asked), left: fact(left) }.into());
        }
        let place = last.map_or(0, |last| last.place.saturating_add(1));
        let left = left - asked;
        if counted_in != CountedIn::Units {
            let total_minor = before_minor + asked;
            return Ok(Part { place, amount_minor: asked, total_minor, units: 0, total_units: 0, left });
        }
        // Of what the uses took off the order, the share that is theirs: the last part brings it to the whole.
        let units = u32::try_from(asked).unwrap_or(u32::MAX);
        let total_units = before_units.saturating_add(units);
        let share = i128::from(redemption.pricing.discount_minor) * i128::from(total_units) / i128::from(whole.max(1));
        let total_minor = i64::try_from(share).unwrap_or(redemption.pricing.discount_minor);
        Ok(Part { place, amount_minor: total_minor - before_minor, total_minor, units, total_units, left })
    }
}

/// What a quote came to: the price with the card, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Quoted {
    /// The card, where the code is good; `None` for a public code, which takes any card of its batch.
    pub card: Option<CardId>,
    /// What it came to, for a hold that is to come to the same; nothing where the card would not apply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The pricing, or the denial that a redemption at this moment would meet.
    #[serde(serialize_with = "outcome_json")]
    #[schemars(with = "QuoteOutcome")]
    pub outcome: Result<Pricing, Denial>,
    /// The ceilings that a use meets, in the order in which they are looked at, where the code is good.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<QuotedLimit>,
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
    /// Uses a card on an order, by nobody in particular, as far as it goes.
    pub fn new(meta: Meta, code: impl Into<CodeText>, order: Order) -> Self {
        let (choose, subjects) = (Vec::new(), Vec::new());
        Self { meta, code: code.into(), holder: None, order, amount_minor: None, units: None, choose, subjects }
    }

    /// The same by a holder.
    #[must_use]
    pub fn by(self, holder: Subject) -> Self {
        Self { holder: Some(holder), ..self }
    }

    fn picked(self, realm: &Realm) -> Result<RedeemPicked, Error> {
        check_code("code", &self.code.0)?;
        check_holder(self.holder.as_ref())?;
        self.meta.check()?;
        let picked = realm.open(&self.code)?;
        let holder = self.holder.as_ref().map(|holder| realm.subject(holder)).transpose()?;
        let own = own_cards(realm, &picked, holder.as_ref(), &self.order)?;
        let subjects = kept_subjects(realm, &self.subjects)?;
        let Self { meta, code, order, amount_minor, units, choose, .. } = self;
        Ok(RedeemPicked { meta, code, holder, subjects, order, amount_minor, units, choose, picked, own })
    }
}

/// Subjects as records hold them, each kind once.
pub(super) fn kept_subjects(realm: &Realm, subjects: &[Subject]) -> Result<Vec<SubjectKey>, Error> {
    if subjects.len() > SUBJECTS_MAX {
        return Err(Invalid::new("subjects", subjects.len(), format!("at most {SUBJECTS_MAX} subjects")).into());
    }
    let mut kept = Vec::with_capacity(subjects.len());
    for (place, subject) in subjects.iter().enumerate() {
        let field = format!("subjects[{place}]");
        subject.check(&field)?;
        if subjects.iter().take(place).any(|other| other.kind == subject.kind) {
            return Err(Invalid::new(format!("{field}.kind"), &subject.kind, "each kind once").into());
        }
        kept.push(realm.subject(subject)?);
    }
    Ok(kept)
}

/// Cards that the holder, or the order of a guest, has of a public code's batch: at most a page, as proposals.
pub(super) fn own_cards(
    realm: &Realm,
    picked: &Picked,
    holder: Option<&SubjectKey>,
    order: &Order,
) -> Result<Vec<CardId>, Error> {
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

impl Quote {
    /// What a card would give on an order, to nobody in particular.
    pub fn new(card: CardPick, order: Order) -> Self {
        Self { card, holder: None, order, amount_minor: None, units: None, subjects: Vec::new() }
    }
}

impl RefundRedemption {
    /// Gives back all that is left of a redemption.
    pub fn new(meta: Meta, redemption: impl Into<String>) -> Self {
        Self { meta, redemption: redemption.into(), amount_minor: None, units: None }
    }
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
        check_asked(self.amount_minor, &self.order)?;
        check_units(self.units)?;
        let realm = &*tenant.realm;
        let picked = realm.pick(&self.card)?;
        let holder = self.holder.as_ref().map(|holder| realm.subject(holder)).transpose()?;
        let own = own_cards(realm, &picked, holder.as_ref(), &self.order)?;
        let subjects = kept_subjects(realm, &self.subjects)?;
        let user = User { holder: holder.as_ref(), subjects: &subjects, order: &self.order, channel: None };
        realm.weigh(|view| quote(view, realm, &picked, &user, &own, &self))
    }
}

pub(super) fn check_holder(holder: Option<&Subject>) -> Result<(), Invalid> {
    holder.map_or(Ok(()), |holder| holder.check("holder"))
}

fn check_units(units: Option<u32>) -> Result<(), Invalid> {
    match units {
        Some(0) => Err(Invalid::new("units", 0, "1 or more uses")),
        Some(_) | None => Ok(()),
    }
}

fn quote(
    view: &mut View<'_>,
    realm: &Realm,
    picked: &Picked,
    user: &User<'_>,
    own: &[CardId],
    asked: &Quote,
) -> Result<Quoted, Stop> {
    let guest = guest_of(&asked.order);
    let (mut card, mut ground, mut limits) = (None, None, None);
    let mut outcome = || {
        match picked.resolve(view, realm)? {
            Meaning::Card(resolved) => {
                card = Some(resolved.card.id);
                ground = Some(resolved.ground);
            }
            Meaning::AnyOf(of) => ground = Some(of),
        }
        let order = Some(asked.order.id.as_str());
        let buyer = UsedBy { holder: user.holder, guest: &guest, subjects: user.subjects, own, order };
        let usable = usable(view, realm, picked, &buyer)?;
        usable.must_go_on(view.now)?;
        let (ground, now) = (&usable.ground, view.now.max(usable.card.last_at));
        let of_card = Asked { amount_minor: asked.amount_minor, units: asked.units };
        let Priced { pricing, units, .. } = price_with(view, ground, &usable.card, &asked.order, of_card)?;
        let held = buyer.own_hold(view, &usable.card)?.map_or(Vec::new(), |hold| hold.counters);
        let user = User { holder: usable.holder.as_ref(), ..*user };
        let covered = limits::covered(view, (ground, &usable.card), &user, pricing, asked.amount_minor, &held)?;
        let of = Use { usable: &usable, covered: &covered, units, own: &held, now };
        limits = Some(ceilings(view, ground, &user, Some(&of))?);
        // The order's own hold has the holder's use already.
        if !held.iter().any(|on| on.counts == HeldFor::HolderUses) {
            counted(view, ground, Measure::Uses, usable.holder.as_ref())?;
        }
        let on = limits_on(view, ground, usable.card.id, &user, now)?;
        limits::weigh(view, &on, &covered, &asked.order, &held, now)?;
        checked_in(view, ground, &usable.card, now)?;
        let of = card.map_or(HoldOf::Batch(usable.card.id.batch), HoldOf::Card);
        Ok((quote_mark(of, usable.card.epoch, &covered.pricing), covered.pricing))
    };
    let (digest, outcome) = match outcome() {
        Ok((digest, pricing)) => (Some(digest), Ok(pricing)),
        Err(Stop::Denied(denial)) => (None, Err(denial)),
        Err(stop) => return Err(stop),
    };
    let limits = match (limits, ground) {
        (Some(limits), _) => limits,
        (None, Some(ground)) => ceilings(view, &ground, user, None)?,
        (None, None) => Vec::new(),
    };
    Ok(Quoted { card, digest, outcome, limits })
}
