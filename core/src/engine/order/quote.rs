//! What several cards would come to on an order, without effect.

use serde::{Deserialize, Serialize};

use super::super::Tenant;
use super::super::card_use::CountsOf;
use super::super::ceilings::{QuotedLimit, Use, ceilings};
use super::super::command::Stop;
use super::super::counters::Sights;
use super::super::error::Error;
use super::super::limits::User;
use super::super::request::Read;
use super::super::resolve::Meaning;
use super::super::tenant::Realm;
use super::super::view::View;
use super::table::{Planned, Purpose, Table};
use super::{OrderCard, OrderPicked, PromotionsAsked};
use crate::card::{HoldId, HoldState};
use crate::checkout::{Covered, NextStep, Order, OrderTotals, Pricing, Verdict};
use crate::denial::{Denial, Refusal};
use crate::engine::hold::{ground_of, state_at};
use crate::id::CardId;
use crate::store::Key;
use crate::subject::Subject;

/// What several cards would come to on an order, without changing anything.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuoteOrder {
    /// The cards, at most 50, each once.
    pub cards: Vec<OrderCard>,
    /// Who would redeem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Subject>,
    /// Who else it is, and on what: subjects that limits may count or cards are bound to, such as a `device`. At most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Subject>,
    /// The order.
    pub order: Order,
    /// Whether promotions stay off the order; they come off it by themselves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_promotions: bool,
    /// Promotions that stay off the order, by id, as `best_order` says; at most 1,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promotions_off: Vec<String>,
}

impl QuoteOrder {
    /// What cards would come to on an order, for nobody in particular.
    pub fn new(order: Order, cards: impl IntoIterator<Item = OrderCard>) -> Self {
        let (cards, subjects, promotions_off) = (cards.into_iter().collect(), Vec::new(), Vec::new());
        Self { cards, holder: None, subjects, order, no_promotions: false, promotions_off }
    }

    /// The same for a holder.
    #[must_use]
    pub fn by(self, holder: Subject) -> Self {
        Self { holder: Some(holder), ..self }
    }
}

/// What several cards come to on an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct OrderQuoted {
    /// What it came to, for a hold or a redemption that is to come to the same; nothing where no card applies. Cards that do not apply
    /// have to be left out, or be allowed to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// What the order comes to.
    #[serde(flatten)]
    pub totals: OrderTotals,
    /// Every card, in the order of the request.
    pub cards: Vec<QuotedCard>,
    /// Every promotion that runs, by its id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub promotions: Vec<QuotedPromotion>,
}

/// What becomes of a promotion on an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct QuotedPromotion {
    /// The promotion.
    pub promotion: String,
    /// The same that is told of a card.
    #[serde(flatten)]
    pub card: QuotedCard,
}

/// What becomes of a card of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct QuotedCard {
    /// The card, where the code is good; none for a public code, which takes any card of its batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<CardId>,
    /// What becomes of it, in one word.
    pub verdict: Verdict,
    /// Why it does not apply.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "refusal_json")]
    #[schemars(with = "Option<Refusal>")]
    pub denial: Option<Denial>,
    /// What it gives of what the ones before it left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Pricing>,
    /// What would bring more (凑单).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<NextStep>,
    /// The ceilings that a use meets, in the order in which they are looked at, where the code is good: as the cards before it leave them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<QuotedLimit>,
}

pub(in crate::engine) fn refusal_json<S: serde::Serializer>(
    denial: &Option<Denial>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    denial.as_ref().map(Denial::refusal).serialize(serializer)
}

impl Read for QuoteOrder {
    type Reply = OrderQuoted;

    fn read(self, tenant: &Tenant) -> Result<OrderQuoted, Error> {
        let realm = &*tenant.realm;
        let Self { cards, holder, subjects, order, no_promotions, promotions_off } = self;
        let least = usize::from(no_promotions);
        let promotions = PromotionsAsked { none: no_promotions, off: promotions_off };
        let of = OrderPicked::open(realm, order, (cards, promotions), (holder.as_ref(), &subjects), least)?;
        realm.weigh(|view| quote(view, realm, &of))
    }
}

/// What the cards of an order come to.
pub(super) fn quote(view: &mut View<'_>, realm: &Realm, of: &OrderPicked) -> Result<OrderQuoted, Stop> {
    of.foresee(view, realm, None)?;
    let mut table = Table::new(of, realm, Purpose::Quote, true);
    table.invite(view)?;
    let (planned, limits) = loop {
        view.unlay();
        free_own_holds(view, &table)?;
        let planned = table.planned(view)?;
        table.foresee_promotions(view, &planned, None, |_| None)?;
        match weighed(view, &table, &planned) {
            Ok(limits) => break (planned, limits),
            Err((Some(place), stop)) => table.refuse(place, stop)?,
            Err((None, stop)) => return Err(stop),
        }
    };
    view.unlay();
    let denials = table.denials(&planned);
    let mut all = Vec::new();
    let mut limits = limits.into_iter();
    for place in table.places() {
        let denial = denials.get(&place);
        let limits = match denial {
            None => limits.next().unwrap_or_default(),
            Some(_) => unchecked(view, &table, place)?,
        };
        let pricing = planned.applied().find(|(at, ..)| *at == place).map(|(.., pricing)| pricing.clone());
        all.push(QuotedCard {
            card: table.known(place),
            verdict: denial.map_or(Verdict::Applied, Verdict::of),
            denial: denial.cloned(),
            pricing,
            next: planned.offer(place).and_then(|offer| offer.next.as_deref().cloned()),
            limits,
        });
    }
    let some = planned.applied().next().is_some();
    let of_promotions = all.split_off(of.cards.len());
    let promotions = table
        .promotion_places()
        .zip(of_promotions)
        .filter_map(|(place, card)| Some(QuotedPromotion { promotion: table.promotion(place)?.to_owned(), card }));
    Ok(OrderQuoted {
        digest: some.then(|| planned.mark()),
        totals: planned.plan.totals(),
        cards: all,
        promotions: promotions.collect(),
    })
}

/// Looks whether all that counts the cards that apply has room for them, one after another, and tells how it stands.
fn weighed(
    view: &mut View<'_>,
    table: &Table<'_>,
    planned: &Planned,
) -> Result<Vec<Vec<QuotedLimit>>, (Option<usize>, Stop)> {
    let of = table.asked;
    let mut all = Vec::new();
    for (place, ready, pricing) in planned.applied() {
        let mut weigh = || {
            let found = table.find(view, place)?;
            let (ground, holder) = (&found.ground, found.holder.clone());
            let user = User { holder: holder.as_ref(), ..of.user(None) };
            let covered = Covered::whole(pricing.clone(), &of.order);
            let now = view.now.max(found.card.last_at);
            let asked = Use { usable: &found, covered: &covered, units: ready.purse.units, own: &[], now };
            let limits = ceilings(view, ground, &user, Some(&asked))?;
            let counts = CountsOf::weigh(view, (ground, &found.card), &user, &covered)?;
            if let Some(claim) = &found.claim {
                claim.lay(view)?;
            }
            counts.lay(view)?;
            Ok(limits)
        };
        all.push(weigh().map_err(|stop| (Some(place), stop))?);
    }
    Ok(all)
}

/// The ceilings of a card that does not apply: named, not looked at.
fn unchecked(view: &mut View<'_>, table: &Table<'_>, place: usize) -> Result<Vec<QuotedLimit>, Stop> {
    let card = table.card(place)?;
    let ground = match card.picked.resolve(view, table.realm) {
        Ok(Meaning::Card(resolved)) => resolved.ground,
        Ok(Meaning::AnyOf(ground)) => ground,
        Err(Stop::Denied(_)) => return Ok(Vec::new()),
        Err(stop) => return Err(stop),
    };
    ceilings(view, &ground, &table.asked.user(None), None)
}

/// What the order itself holds of its cards is free to it.
pub(super) fn free_own_holds(view: &mut View<'_>, table: &Table<'_>) -> Result<(), Stop> {
    let of = table.asked;
    let mut ids = Vec::new();
    for place in table.places() {
        let kept = table.card(place)?.hold_of(view, table.realm)?;
        ids.extend(kept.map(|of_card| HoldId { order: of.order.id.clone(), of: of_card }));
    }
    view.want(ids.iter().cloned().map(Key::Hold))?;
    for id in &ids {
        let Some((hold, _)) = view.hold(id)? else { continue };
        if hold.holder != of.holder {
            continue;
        }
        let (_, card, _) = ground_of(view, &hold)?;
        let sights = Sights::of(view, &hold.counters, view.now.max(card.last_at))?;
        if state_at(&hold, &card, sights.now) == HoldState::Open {
            sights.release(hold.expires_at).iter().try_for_each(|counted| counted.lay(view))?;
        }
    }
    Ok(())
}
