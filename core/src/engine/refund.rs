//! Giving a redemption back, whole or in parts.

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::call::Call;
use super::command::{Command, Context, Meta, Plan, Stop, submit};
use super::give::{TakenBack, taken_back};
use super::limits;
use super::redeem::check_units;
use super::request::Change;
use super::resolve::{Ground, Picked, Resolved};
use super::tenant::Realm;
use super::view::View;
use crate::Invalid;
use crate::card::{
    self, Card, CountedIn, EventKind, Hold, HoldState, Redemption, Refund, RefundTo, Taken, Template, TemplateDraft,
};
use crate::checkout::{Funded, borne, given_back};
use crate::defect::{self, Defect};
use crate::denial::{Denial, Fact};
use crate::id::{CardId, Version, check_key};
use crate::money::{Currency, check_amount};
use crate::store::{Key, Move, Owner, Record};
use crate::subject::SubjectKey;
use crate::time::Instant;

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

impl RefundRedemption {
    /// Gives back all that is left of a redemption.
    pub fn new(meta: Meta, redemption: impl Into<String>) -> Self {
        Self { meta, redemption: redemption.into(), amount_minor: None, units: None }
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
    /// Whether only a share of what it took off came back with lines of its order, and the use stays taken.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub use_stays: bool,
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
    /// What parties get back of what they bear, in proportion, where the template names any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub funded: Vec<Funded>,
    /// Uses that the card has now.
    pub uses_left: u32,
    /// What a gift card holds now, in minor units of the order's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance_minor: Option<i64>,
    /// What may still be given back of a payment by gift card, in minor units of the order's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_minor: Option<i64>,
}

impl Change for RefundRedemption {
    type Reply = RefundReceipt;

    fn change(self, tenant: &Tenant) -> Call<RefundReceipt> {
        submit(&tenant.realm, self)
    }
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
        let giving = Giving::of(view, cx.realm, redemption)?;
        let part = self.part(&giving.redemption, last.as_ref(), &giving.ground.template)?;
        let (plan, receipt) = giving.write(cx, view, part, true)?;
        Ok((Some(plan), receipt))
    }
}

/// A redemption that may be given back, with the card that it was of as it stands now.
pub(super) struct Giving {
    pub redemption: Redemption,
    pub ground: Ground,
    pub card: Card,
    seen: Option<Version>,
}

impl Giving {
    /// # Errors
    /// `void` of a batch, `refund_to_original_only`.
    pub(super) fn of(view: &mut View<'_>, realm: &Realm, redemption: Redemption) -> Result<Self, Stop> {
        let Resolved { ground, card, seen } = Picked::Card(redemption.card).resolve_card(view, realm)?;
        ground.batch.must_live()?;
        let redeemer = view.acting_as(redemption.holder.as_ref(), card.holder.as_ref())?;
        must_be_original(&ground.template.draft, &card, redeemer)?;
        Ok(Self { redemption, ground, card, seen })
    }

    /// Gives a part back, and writes it into a plan. The event `answers` the request where it is to.
    ///
    /// # Errors
    /// `void`, `given_card_touched`.
    pub(super) fn write(
        self,
        cx: &Context<'_>,
        view: &mut View<'_>,
        part: Part,
        answers: bool,
    ) -> Result<(Plan, RefundReceipt), Stop> {
        let Self { redemption, ground, card, seen } = self;
        let draft = &ground.template.draft;
        let now = view.now.max(card.last_at);
        let back = Taken { units: part.units, tender_minor: part.amount_minor };
        let mut next = if part.use_stays() {
            card::nothing_back(&card, now)?
        } else {
            card::give_back(&card, &ground.template, back, now)?
        };
        let is_last = part.is_last();
        // Cards that it gave go back with the last part.
        let gifts = if is_last { taken_back(view, draft, &redemption)? } else { TakenBack::default() };
        let mut plan = Plan::new(cx, view);
        if let Some(limits) = card::check_ins(&ground.template).filter(|_| is_last) {
            let at = if defect::is(Defect::RefundIntoWrongWindow) { now } else { redemption.at };
            let (owner, unit) = (Owner::Card(card.id), card::check_in_unit(&ground.template, limits.per, at));
            view.balance(&owner, &unit)?;
            plan.shift(Some(Move { owner, unit, delta: -1, floor: 0, ceiling: i64::MAX }));
        }
        // The holder's use comes back with the last part.
        if is_last
            && !defect::is(Defect::RefundForgetsCounter)
            && redemption.counts_on_its_holder()
            && let Some(holder) = ground.template.draft.limits.uses_per_holder.and(redemption.holder.clone())
        {
            let (owner, unit) = (Owner::Holder(holder), ground.template.unit("uses"));
            // Those behind it in the group see the account after this move, so the move rests on all before it.
            view.balance(&owner, &unit)?;
            plan.shift(Some(Move { owner, unit, delta: -1, floor: 0, ceiling: i64::MAX }));
        }
        let use_stays = part.use_stays();
        let Part { place, amount_minor, total_minor, units, total_units, left, .. } = part;
        if !defect::is(Defect::RefundForgetsCounter) {
            plan.count(limits::give_back(view, &redemption, (amount_minor, is_last), now)?);
        }
        let of = redemption.key.clone();
        let refund = Refund { redemption: of, place, at: now, amount_minor, total_minor, units, total_units };
        let balance_minor = draft.balance_of(&next);
        let counts_units = draft.usage.is_some();
        // The hold that it was captured from is over, and the same order may hold the card anew.
        if let Some(id) = redemption.hold.as_ref().filter(|_| is_last)
            && let Some((hold, seen)) = view.hold(id)?
            && hold.redemption.as_ref() == Some(&redemption.key)
        {
            plan.write(Some(seen), Record::Hold(Hold { state: HoldState::Refunded, ..hold }));
        }
        let (taken_back, kept) = gifts.write(cx, &mut plan)?;
        // What stored value pays nobody bears.
        let borne = borne(&redemption.pricing);
        let funded = given_back(&borne, total_minor - amount_minor, total_minor);
        let receipt = RefundReceipt {
            redemption: redemption.key.clone(),
            card: next.id,
            at: now,
            amount_minor,
            use_stays,
            units: counts_units.then_some(units),
            units_left: counts_units.then(|| u32::try_from(left).unwrap_or(0)),
            taken_back,
            kept,
            funded,
            uses_left: next.uses_left,
            balance_minor,
            left_minor: balance_minor.map(|_| left),
        };
        let currency = (!receipt.funded.is_empty()).then_some(redemption.currency);
        let facts = RefundedFacts { receipt: &receipt, currency };
        plan.card_answered(cx, &ground, &mut next, EventKind::Refunded, (&facts, answers))?;
        plan.write(seen, Record::Card(next));
        if !defect::is(Defect::GivenBackTwice) {
            plan.write(None, Record::Refund(refund));
        }
        Ok((plan, receipt))
    }
}

/// What the event of a refund tells.
#[derive(Serialize)]
struct RefundedFacts<'a> {
    #[serde(flatten)]
    receipt: &'a RefundReceipt,
    /// The currency of what parties get back.
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
}

/// What a refund gives back, and what is left to give back after it. Parts never add up to more than the whole (G-05).
pub(super) struct Part {
    counted_in: CountedIn,
    place: u32,
    pub amount_minor: i64,
    total_minor: i64,
    units: u32,
    total_units: u32,
    /// Minor units, or uses of a times card.
    left: i64,
}

impl Part {
    /// Whether nothing is left to give back.
    fn is_last(&self) -> bool {
        self.left == 0
    }

    /// Whether the card's use stays taken: only a share of what it took off comes back.
    fn use_stays(&self) -> bool {
        let one_use = match self.counted_in {
            CountedIn::Use | CountedIn::Nothing => true,
            CountedIn::Units | CountedIn::Value => false,
        };
        one_use && !self.is_last()
    }
}

/// What of a redemption was given back, and what is left.
pub(super) struct Left {
    counted_in: CountedIn,
    whole: i64,
    before_minor: i64,
    before_units: u32,
    place: u32,
    discount_minor: i64,
    last_at: Option<Instant>,
}

impl Left {
    pub(super) fn of(redemption: &Redemption, last: Option<&Refund>, template: &Template) -> Self {
        let (before_minor, before_units) = last.map_or((0, 0), |last| (last.total_minor, last.total_units));
        Self {
            counted_in: template.draft.kind.terms().counted_in,
            whole: card::whole_of(redemption, template),
            before_minor,
            before_units,
            place: last.map_or(0, |last| last.place.saturating_add(1)),
            discount_minor: redemption.pricing.discount_minor,
            last_at: last.map(|last| last.at),
        }
    }

    /// What was given back: uses of a times card, else minor units.
    pub(super) fn before(&self) -> i64 {
        if self.counted_in == CountedIn::Units { i64::from(self.before_units) } else { self.before_minor }
    }

    /// The place that the next refund has.
    pub(super) fn place(&self) -> u32 {
        self.place
    }

    /// What is left, in the same.
    pub(super) fn left(&self) -> i64 {
        self.whole - self.before()
    }

    /// Whether it was given back before, all of it.
    pub(super) fn over_since(&self) -> Option<Instant> {
        self.last_at.filter(|_| self.left() == 0)
    }

    /// So much of what is left.
    pub(super) fn part(&self, asked: i64) -> Part {
        let (place, counted_in) = (self.place, self.counted_in);
        let left = self.left() - asked;
        if counted_in != CountedIn::Units {
            let total_minor = self.before_minor + asked;
            return Part { counted_in, place, amount_minor: asked, total_minor, units: 0, total_units: 0, left };
        }
        // Of what the uses took off the order, the share that is theirs: the last part brings it to the whole.
        let units = u32::try_from(asked).unwrap_or(u32::MAX);
        let total_units = self.before_units.saturating_add(units);
        let share = i128::from(self.discount_minor) * i128::from(total_units) / i128::from(self.whole.max(1));
        let total_minor = i64::try_from(share).unwrap_or(self.discount_minor);
        let amount_minor = total_minor - self.before_minor;
        Part { counted_in, place, amount_minor, total_minor, units, total_units, left }
    }
}

/// Where a template gives back only to whoever redeemed, the card must not have been handed on since.
fn must_be_original(draft: &TemplateDraft, card: &Card, redeemer: Option<&SubjectKey>) -> Result<(), Denial> {
    let original_only =
        draft.policies.transfer.as_ref().is_some_and(|policy| policy.refund_to == RefundTo::OriginalOnly);
    if original_only && card.transfers > 0 && card.holder.as_ref() != redeemer {
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
        let state = Left::of(redemption, last, template);
        if let Some(at) = state.over_since() {
            return Err(Denial::AlreadyRefunded { at }.into());
        }
        let left = state.left();
        let asked = self.amount_minor.or(self.units.map(i64::from)).unwrap_or(left);
        let bound = if defect::is(Defect::RefundBoundPerCall) { state.whole } else { left };
        if asked > bound {
            let fact = |count: i64| match counted_in {
                CountedIn::Units => Fact::text(format!("{count} uses")),
                CountedIn::Value | CountedIn::Use | CountedIn::Nothing => Fact::money(redemption.currency, count),
            };
            return Err(Denial::RefundTooLarge { asked: fact(asked), left: fact(left) }.into());
        }
        Ok(state.part(asked))
    }
}
