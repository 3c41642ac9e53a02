//! What a card would give on an order, without effect.

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::cards::{Measure, counted};
use super::ceilings::{QuotedLimit, Use, ceilings};
use super::command::Stop;
use super::error::Error;
use super::limits::{self, User, limits_on};
use super::redeem::{
    Asked, Priced, UsedBy, check_asked, check_holder, check_units, checked_in, guest_of, kept_subjects, own_cards,
    price_with, usable,
};
use super::request::Read;
use super::resolve::{CardPick, Meaning, Picked, check_pick};
use super::tenant::Realm;
use super::view::View;
use crate::card::{HeldFor, HoldOf};
use crate::checkout::{NextStep, Order, Pricing, Verdict, quote_mark};
use crate::denial::{Denial, Refusal};
use crate::id::CardId;
use crate::subject::Subject;

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

impl Quote {
    /// What a card would give on an order, to nobody in particular.
    pub fn new(card: CardPick, order: Order) -> Self {
        Self { card, holder: None, order, amount_minor: None, units: None, subjects: Vec::new() }
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
    /// What became of it, in one word.
    pub verdict: Verdict,
    /// The pricing, or the denial that a redemption at this moment would meet.
    #[serde(serialize_with = "outcome_json")]
    #[schemars(with = "QuoteOutcome")]
    pub outcome: Result<Pricing, Denial>,
    /// What would bring more (凑单), where it applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<NextStep>,
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
        let asked = Asked { amount_minor: self.amount_minor, units: self.units };
        realm.weigh(|view| quote_card(view, realm, &picked, &user, &own, asked))
    }
}

/// What a card would come to on the user's order, alone.
pub(super) fn quote_card(
    view: &mut View<'_>,
    realm: &Realm,
    picked: &Picked,
    user: &User<'_>,
    own: &[CardId],
    asked: Asked,
) -> Result<Quoted, Stop> {
    let guest = guest_of(user.order);
    let (mut card, mut ground, mut limits) = (None, None, None);
    let mut outcome = || {
        match picked.resolve(view, realm)? {
            Meaning::Card(resolved) => {
                card = Some(resolved.card.id);
                ground = Some(resolved.ground);
            }
            Meaning::AnyOf(of) => ground = Some(of),
        }
        let order = Some(user.order.id.as_str());
        let buyer = UsedBy { holder: user.holder, guest: &guest, subjects: user.subjects, own, order };
        let usable = usable(view, realm, picked, &buyer)?;
        usable.must_go_on(view.now)?;
        let (ground, now) = (&usable.ground, view.now.max(usable.card.last_at));
        let Priced { pricing, units, next, .. } = price_with(view, ground, &usable.card, user.order, asked)?;
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
        limits::weigh(view, &on, &covered, user.order, &held, now)?;
        checked_in(view, ground, &usable.card, now)?;
        let of = card.map_or(HoldOf::Batch(usable.card.id.batch), HoldOf::Card);
        Ok((quote_mark(of, usable.card.epoch, &covered.pricing), covered.pricing, next.map(|next| *next)))
    };
    let (digest, next, outcome) = match outcome() {
        Ok((digest, pricing, next)) => (Some(digest), next, Ok(pricing)),
        Err(Stop::Denied(denial)) => (None, None, Err(denial)),
        Err(stop) => return Err(stop),
    };
    let limits = match (limits, ground) {
        (Some(limits), _) => limits,
        (None, Some(ground)) => ceilings(view, &ground, user, None)?,
        (None, None) => Vec::new(),
    };
    let verdict = outcome.as_ref().map_or_else(Verdict::of, |_| Verdict::Applied);
    Ok(Quoted { card, digest, verdict, outcome, next, limits })
}
