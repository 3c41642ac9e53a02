//! Redemption, and the path by which it, holds and quotes find a card and price an order with it.

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::batch_life::{Growth, refilled};
use super::call::Call;
use super::card_use::CardUse;
use super::cards::{Measure, counted, next_in_stock, next_of};
use super::command::{Command, Context, Meta, Plan, Stop, submit, unread};
use super::counters::Counted;
use super::error::Error;
use super::fence;
use super::give::{GivenCard, foreseen, given_again};
use super::hold::state_at;
use super::limits::{self, User, limits_on};
use super::request::Change;
use super::resolve::{CodeText, Ground, Meaning, Picked, Resolved, check_code};
use super::tenant::{Realm, plain_subject};
use super::view::{Missing, View};
use crate::Invalid;
use crate::card::{
    self, Card, Claimed, CountedOn, EventKind, HeldFor, Hold, HoldId, HoldOf, HoldState, NoUnits, NotGiven, Parameters,
    Redemption, TakenFacts,
};
use crate::checkout::{NextStep, Order, Pricing, Purse, price};
use crate::defect::{self, Defect};
use crate::denial::{Denial, LimitScope};
use crate::id::{CardId, Version, check_name};
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
}

/// Names what a use will read, so that it is read at once.
pub(super) fn foresee_use(
    view: &mut View<'_>,
    realm: &Realm,
    (picked, own): (&Picked, &[CardId]),
    user: &User<'_>,
    guest: &SubjectKey,
) -> Result<(), Stop> {
    let mut keys: Vec<Key> = picked.card_key().into_iter().collect();
    let word = picked.takes_any();
    if word && let Some(batch) = picked.batch_no(view, realm)? {
        keys.push(Key::Stock(batch));
        keys.extend(own.iter().copied().map(Key::Card));
    }
    let holder = if word { Some(user.holder.unwrap_or(guest)) } else { user.holder };
    let template = picked.template(view, realm)?;
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
    if let Some(Key::Card(card)) = picked.card_key()
        && let Some((batch, _)) = view.batch(card.batch)?
        && template.is_some_and(|template| limits::may_be_limited(&batch, &template.draft))
    {
        let ground = Ground::of(view, batch)?;
        // What is not named is denied where it is asked for.
        let limits = limits_on(view, &ground, card, user, view.now).unwrap_or_default();
        let _ = limits::foresee(view, &limits);
    }
    Ok(view.want(keys)?)
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
    pub counted: Option<Counted>,
    /// The person on whom it is counted.
    counted_on: Option<SubjectKey>,
}

impl ClaimParts {
    /// Lays it over what a view sees.
    pub(super) fn lay(&self, view: &mut View<'_>) -> Result<(), Missing> {
        view.lay_record(&self.stock.1, Version(0));
        self.counted.as_ref().map_or(Ok(()), |counted| counted.lay(view))
    }

    /// What makes the batch larger that runs low with this card.
    pub(super) fn refilled(&self, view: &mut View<'_>, ground: &Ground) -> Result<Option<Growth>, Stop> {
        refilled(view, ground, next_of(&self.stock.1))
    }

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
    pub(super) fn own_hold(&self, view: &mut View<'_>, card: &Card) -> Result<Option<Hold>, Stop> {
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
pub(super) fn use_of_person(
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
    pub units: Option<u32>,
    /// What would bring more.
    pub next: Option<Box<NextStep>>,
    sets: ProductSets,
}

/// Refuses an order whose attributes are not as they are declared. Most orders have none, and nothing is read for them.
pub(super) fn check_attributes(view: &mut View<'_>, order: &Order) -> Result<(), Stop> {
    if order.has_attributes() {
        view.attributes()?.check_order(order)?;
    }
    Ok(())
}

/// What a card whose own state was looked at can give on an order: what it can pay with, or how many uses are taken, and the product sets
/// that its terms name. What other orders hold is not there for it.
pub(super) fn purse_of(
    view: &mut View<'_>,
    ground: &Ground,
    card: &Card,
    order: &Order,
    asked: Asked,
) -> Result<(Purse, ProductSets), Stop> {
    let draft = &ground.template.draft;
    if asked.amount_minor.is_some() && !draft.kind.holds_value() {
        return Err(Invalid::new("amount_minor", "an amount", "nothing, for a card that holds no value").into());
    }
    let free = card::free(card, draft.kind, view.now.max(card.last_at));
    let sets = ground.product_sets(view)?;
    let units =
        match card::units_of(&ground.template, order, &sets, asked.units, u32::try_from(free).unwrap_or(u32::MAX)) {
            Ok(units) => units,
            Err(NoUnits::Denied(denial)) => return Err(denial.into()),
            Err(NoUnits::Invalid(invalid)) => return Err(invalid.into()),
        };
    Ok((Purse { balance_minor: free, asked_minor: asked.amount_minor, units }, sets))
}

/// Why a card has too little: where only what other orders hold is missing, it is `held`.
pub(super) fn short_of(ground: &Ground, card: &Card, asked_minor: Option<i64>, denial: Denial, now: Instant) -> Denial {
    let frees_at = card::frees_at(card, ground.template.draft.kind, asked_minor.unwrap_or(1), now);
    match (&denial, frees_at) {
        (Denial::InsufficientBalance { .. }, Some(frees_at)) => card::held(card, &ground.template, frees_at, now),
        _ => denial,
    }
}

/// Prices an order with a card whose own state was looked at.
pub(super) fn price_with(
    view: &mut View<'_>,
    ground: &Ground,
    card: &Card,
    order: &Order,
    asked: Asked,
) -> Result<Priced, Stop> {
    check_attributes(view, order)?;
    let (purse, sets) = purse_of(view, ground, card, order, asked)?;
    let rounding = view.rounding()?;
    let parameters = ground.template.complete(&ground.batch.parameters, &card.parameters);
    let now = view.now.max(card.last_at);
    let priced = price(&ground.template, &parameters, purse, order, &sets, rounding, now);
    let (pricing, next) = priced.map_err(|denial| short_of(ground, card, asked.amount_minor, denial, now))?;
    Ok(Priced { pricing, units: purse.units, next, sets })
}

/// One more check-in of a membership card in the period of this moment: the move that counts it, where there is a limit.
pub(super) fn checked_in(
    view: &mut View<'_>,
    ground: &Ground,
    card: &Card,
    now: Instant,
) -> Result<Option<Move>, Stop> {
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
        check_choose(&self.choose)?;
        check_asked(self.amount_minor, &self.order)
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, Receipt), Stop> {
        let guest = guest_of(&self.order);
        let seen = foresee_use(view, cx.realm, (&self.picked, &self.own), &self.user(), &guest);
        view.want([Key::Redemption(self.meta.key.clone())])?;
        seen?;
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
        card::chosen(&found.ground.template.draft, &self.choose)?;
        let asked = Asked { amount_minor: self.amount_minor, units: self.units };
        let Priced { pricing, units, sets, .. } = price_with(view, &found.ground, &found.card, &self.order, asked)?;
        let holder = found.holder.clone();
        let user = User { holder: holder.as_ref(), ..self.user() };
        let covered = limits::covered(view, (&found.ground, &found.card), &user, pricing, self.amount_minor, &[])?;
        let mut plan = Plan::new(cx, view);
        let (key, choose) = (self.meta.key.as_str(), self.choose.as_slice());
        let mark = cx.order_mark(&self.order)?;
        let of = CardUse { key, found, user, covered, units, sets: &sets, choose, mark, of_order: None };
        let receipt = of.write(cx, view, &mut plan)?;
        Ok((Some(plan), receipt))
    }

    fn fence(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<Option<Plan>, Stop> {
        fence::of_redemption(cx, view)
    }
}

impl Change for Redeem {
    type Reply = Receipt;

    fn change(self, tenant: &Tenant) -> Call<Receipt> {
        let retry = self.meta.retry;
        match self.picked(&tenant.realm) {
            Ok(picked) => submit(&tenant.realm, picked),
            Err(error) => unread(retry, error),
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

/// Most subjects of one request, beside the holder.
const SUBJECTS_MAX: usize = 16;

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

pub(super) fn check_holder(holder: Option<&Subject>) -> Result<(), Invalid> {
    holder.map_or(Ok(()), |holder| holder.check("holder"))
}

/// What is chosen of a choice.
pub(super) fn check_choose(choose: &[String]) -> Result<(), Invalid> {
    if choose.len() > 100 {
        return Err(Invalid::new("choose", choose.len(), "at most 100 batches"));
    }
    choose.iter().try_for_each(|batch| check_name("choose", batch))
}

pub(super) fn check_units(units: Option<u32>) -> Result<(), Invalid> {
    match units {
        Some(0) => Err(Invalid::new("units", 0, "1 or more uses")),
        Some(_) | None => Ok(()),
    }
}
