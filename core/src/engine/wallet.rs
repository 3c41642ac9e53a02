//! A holder's cards beside an order: which can be used, which cannot and why, what ends first in front.

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::cards::CardView;
use super::command::Stop;
use super::error::Error;
use super::limits::User;
use super::quote::{Quoted, quote_card};
use super::reads::{Listed, Paging};
use super::redeem::{Asked, kept_subjects};
use super::request::Read;
use super::resolve::{Ground, Picked};
use super::tenant::Realm;
use super::view::View;
use crate::card::CardState;
use crate::checkout::{Action, NextStep, Order, Pricing, Verdict};
use crate::denial::{Denial, Refusal};
use crate::id::CardId;
use crate::money::is_nothing;
use crate::store::{Record, ScanOf};
use crate::subject::{Subject, SubjectKey};
use crate::time::Instant;

/// What each of a holder's cards would come to on an order, alone.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuoteWallet {
    /// Whose cards. Of a person of several subjects, those that stand under this one.
    pub holder: Subject,
    /// Who else it is, and on what: subjects that limits may count or cards are bound to, such as a `device`. At most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Subject>,
    /// The order.
    pub order: Order,
    /// Whether cards that are void, used up or expired are told, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ended: bool,
    /// Which page. Cards come page by page in the order of batch and serial, and are sorted within their page: whoever wants all of them in
    /// one order asks for a page that holds them.
    #[serde(default)]
    pub page: Paging,
}

impl QuoteWallet {
    /// The first page of a holder's cards on an order, without those that have ended.
    pub fn new(holder: Subject, order: Order) -> Self {
        Self { holder, subjects: Vec::new(), order, ended: false, page: Paging::default() }
    }
}

/// One of a holder's cards on an order, alone: no other card and no promotion beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct WalletCard {
    /// The card.
    pub card: CardView,
    /// What becomes of it, in one word: it can be used where it is `applied`.
    pub verdict: Verdict,
    /// Why it cannot be used.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "super::order::refusal_json")]
    #[schemars(with = "Option<Refusal>")]
    pub denial: Option<Denial>,
    /// What it would take off, in minor units of the order's currency.
    #[serde(skip_serializing_if = "is_nothing")]
    pub discount_minor: i64,
    /// What it would pay.
    #[serde(skip_serializing_if = "is_nothing")]
    pub tender_minor: i64,
    /// What the host would have to do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
    /// What would bring more (凑单).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<NextStep>,
}

impl Read for QuoteWallet {
    type Reply = Listed<WalletCard>;

    fn read(self, tenant: &Tenant) -> Result<Listed<WalletCard>, Error> {
        self.holder.check("holder")?;
        self.order.check()?;
        let realm = &*tenant.realm;
        let holder = realm.subject(&self.holder)?;
        let subjects = kept_subjects(realm, &self.subjects)?;
        // Rows of a list are proposals: each is read again by its key, all of them from one snapshot.
        let page = tenant.scan_map(ScanOf::CardsOfHolder(holder.clone()), &self.page, |record| match record {
            Record::Card(card) => Some(card.id),
            _ => None,
        })?;
        let user = User { holder: Some(&holder), subjects: &subjects, order: &self.order, channel: None };
        let weigh = |view: &mut View<'_>| each(view, &page.items, |view, card| self.weigh(view, realm, *card, &user));
        let mut items = realm.weigh(weigh)?;
        items.sort_by_key(|one| (one.verdict != Verdict::Applied, ends_last(one.card.expires_at), one.card.id));
        Ok(Listed { items, next: page.next })
    }
}

impl QuoteWallet {
    /// One card, alone; nothing where it is none of those that are asked for.
    fn weigh(
        &self,
        view: &mut View<'_>,
        realm: &Realm,
        id: CardId,
        user: &User<'_>,
    ) -> Result<Option<WalletCard>, Stop> {
        let Some(card) = card_in_wallet(view, id, user.holder)? else { return Ok(None) };
        if !self.ended && has_ended(&card, view.now) {
            return Ok(None);
        }
        let asked = Asked { amount_minor: None, units: None };
        let Quoted { verdict, outcome, next, .. } = quote_card(view, realm, &Picked::Card(id), user, &[], asked)?;
        let (pricing, denial) = match outcome {
            Ok(pricing) => (pricing, None),
            Err(denial) => (Pricing::default(), Some(denial)),
        };
        let Pricing { discount_minor, tender_minor, actions, .. } = pricing;
        Ok(Some(WalletCard { card, verdict, denial, discount_minor, tender_minor, actions, next }))
    }
}

/// What a look at each comes to. All of them name what they miss before it is read.
pub(super) fn each<T, U>(
    view: &mut View<'_>,
    items: &[T],
    mut look: impl FnMut(&mut View<'_>, &T) -> Result<Option<U>, Stop>,
) -> Result<Vec<U>, Stop> {
    let (mut all, mut missed) = (Vec::with_capacity(items.len()), std::mem::take(&mut view.missing));
    for item in items {
        let one = look(view, item);
        missed.append(&mut view.missing);
        match one {
            Ok(one) => all.extend(one),
            Err(Stop::Missing) => {}
            Err(stop) => return Err(stop),
        }
    }
    view.missing = missed;
    if view.missing.is_empty() { Ok(all) } else { Err(Stop::Missing) }
}

/// A card as it stands, where it is the holder's still. What released holds of promotions left in a wallet is nobody's to use: they come off
/// by themselves.
pub(super) fn card_in_wallet(
    view: &mut View<'_>,
    id: CardId,
    holder: Option<&SubjectKey>,
) -> Result<Option<CardView>, Stop> {
    let Some((batch, _)) = view.batch(id.batch)? else { return Ok(None) };
    if view.promotions()?.are_counted_by(&batch.id) {
        return Ok(None);
    }
    let ground = Ground::of(view, batch)?;
    let (card, _) = ground.card(view, id.serial)?;
    let is_theirs = card.holder.as_ref() == holder;
    Ok(is_theirs.then(|| CardView::of(&ground, &card)))
}

/// What never ends comes last.
pub(super) fn ends_last(ends_at: Option<Instant>) -> (bool, Option<Instant>) {
    (ends_at.is_none(), ends_at)
}

/// Whether a card is over for good.
pub(super) fn has_ended(card: &CardView, now: Instant) -> bool {
    matches!(card.state, CardState::Void | CardState::Spent) || card.expires_at.is_some_and(|ends_at| ends_at <= now)
}
