//! Several cards on one order: one plan, one write. Each card that applies has a redemption or a hold of its own, so that all that is
//! done with one later is done as ever; one changeset makes them together or not at all (decision 0028).

mod again;
mod best;
mod capture;
mod hold;
mod pick;
mod promoted;
mod quote;
mod redeem;
mod table;

pub use best::{BestCard, BestLeftOut, BestOfOrder, BestOrder, NextBest, OfferOf};
pub use capture::{CaptureOrder, CapturePart, OrderCaptured, OrderReleased, ReleaseOrder};
pub use hold::{HoldOrder, OrderHeld};
pub(super) use quote::refusal_json;
pub use quote::{OrderQuoted, QuoteOrder, QuotedCard, QuotedPromotion};
pub use redeem::{OrderReceipt, RedeemOrder};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::command::{Meta, Stop};
use super::error::Error;
use super::limits::User;
use super::redeem::{
    Asked, check_asked, check_choose, check_holder, check_units, foresee_use, guest_of, kept_subjects, own_cards,
};
use super::resolve::{CardPick, Picked, check_pick};
use super::tenant::Realm;
use super::view::View;
use crate::Invalid;
use crate::card::{HoldOf, Promotions};
use crate::checkout::{Order, Verdict};
use crate::denial::Denial;
use crate::id::{BatchNo, CardId, KEY_BYTES_MAX, check_name};
use crate::store::Key;
use crate::subject::{Subject, SubjectKey};

/// Most cards of one order.
pub const ORDER_CARDS_MAX: usize = 50;

/// A card that an order uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderCard {
    /// By its code, as the shopper typed or scanned it, a public one too; by id or number where the shopper picked it from a list of theirs.
    pub card: CardPick,
    /// The most that a gift card pays, in minor units of the order's currency, at most the order's total; all that it can by default.
    /// Nothing for other cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_minor: Option<i64>,
    /// How many uses of a times card are taken; all that the order has by default. Nothing for other cards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<u32>,
    /// Which batches of those that a choice lists its holder chooses. Nothing for other cards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choose: Vec<String>,
}

impl From<CardPick> for OrderCard {
    fn from(card: CardPick) -> Self {
        Self { card, amount_minor: None, units: None, choose: Vec::new() }
    }
}

impl OrderCard {
    /// The card of a code.
    pub fn code(code: impl Into<String>) -> Self {
        CardPick::code(code).into()
    }

    fn check(&self, order: &Order) -> Result<(), Invalid> {
        check_pick("card", &self.card)?;
        check_units(self.units)?;
        check_choose(&self.choose)?;
        check_asked(self.amount_minor, order)
    }
}

/// A card of an order that does not apply, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LeftOut {
    /// Its place among the cards of the request, from 0.
    pub place: u32,
    /// The card, where the request found one; none for a public code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardId>,
    /// What became of it, in one word.
    pub verdict: Verdict,
    /// The code of the denial.
    pub code: String,
    /// Its facts.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub facts: Map<String, Value>,
}

impl LeftOut {
    fn of(place: usize, card: Option<CardId>, denial: &Denial) -> Self {
        let (code, facts) = (denial.code().to_owned(), denial.facts());
        Self { place: u32::try_from(place).unwrap_or(u32::MAX), card, verdict: Verdict::of(denial), code, facts }
    }
}

/// A card once its code was opened.
#[derive(Clone, Serialize)]
struct PickedCard {
    /// As the request has it; none for a promotion.
    #[serde(flatten)]
    asked: Option<OrderCard>,
    #[serde(skip)]
    picked: Picked,
    /// Cards of a public code's batch that the holder has already: proposals, read again by key.
    #[serde(skip)]
    own: Vec<CardId>,
}

impl PickedCard {
    /// A use of a promotion.
    fn next_of(batch: BatchNo) -> Self {
        Self { asked: None, picked: Picked::Next(batch), own: Vec::new() }
    }

    /// What the request asks of it.
    fn wishes(&self) -> Asked {
        self.asked.as_ref().map_or(Asked { amount_minor: None, units: None }, |asked| Asked {
            amount_minor: asked.amount_minor,
            units: asked.units,
        })
    }

    /// What a hold of it would keep, as far as the text tells without its card.
    fn hold_of(&self, view: &mut View<'_>, realm: &Realm) -> Result<Option<HoldOf>, Stop> {
        if let Some(Key::Card(card)) = self.picked.card_key() {
            return Ok(Some(HoldOf::Card(card)));
        }
        Ok(self.picked.batch_no(view, realm)?.map(HoldOf::Batch))
    }
}

/// A promotion that came off an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PromotionUse {
    /// The promotion.
    pub promotion: String,
    /// Where its receipt or its hold stands among those of the reply, from 0.
    pub place: u32,
}

/// An order with its cards and whoever buys, as records hold them.
#[derive(Clone, Serialize)]
struct OrderPicked {
    order: Order,
    holder: Option<SubjectKey>,
    subjects: Vec<SubjectKey>,
    cards: Vec<PickedCard>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    no_promotions: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    promotions_off: Vec<String>,
    #[serde(skip)]
    guest: SubjectKey,
}

/// Which promotions stay off an order.
struct PromotionsAsked {
    none: bool,
    off: Vec<String>,
}

impl PromotionsAsked {
    fn check(&self) -> Result<(), Invalid> {
        if self.off.len() > Promotions::MAX {
            let allowed = format!("at most {} promotions", Promotions::MAX);
            return Err(Invalid::new("promotions_off", self.off.len(), allowed));
        }
        self.off.iter().try_for_each(|id| check_name("promotions_off", id))
    }
}

impl OrderPicked {
    fn open(
        realm: &Realm,
        order: Order,
        (cards, promotions): (Vec<OrderCard>, PromotionsAsked),
        (holder, subjects): (Option<&Subject>, &[Subject]),
        least: usize,
    ) -> Result<Self, Error> {
        order.check()?;
        promotions.check()?;
        if !(least..=ORDER_CARDS_MAX).contains(&cards.len()) {
            return Err(Invalid::new("cards", cards.len(), format!("{least} to {ORDER_CARDS_MAX} cards")).into());
        }
        for (place, card) in cards.iter().enumerate() {
            card.check(&order).map_err(|invalid| invalid.within(&format!("cards[{place}]")))?;
        }
        check_holder(holder)?;
        let holder = holder.map(|holder| realm.subject(holder)).transpose()?;
        let subjects = kept_subjects(realm, subjects)?;
        let picked = cards.into_iter().map(|asked| {
            let picked = realm.pick(&asked.card)?;
            let own = own_cards(realm, &picked, holder.as_ref(), &order)?;
            Ok(PickedCard { asked: Some(asked), picked, own })
        });
        let cards = picked.collect::<Result<Vec<_>, Error>>()?;
        let guest = guest_of(&order);
        let PromotionsAsked { none: no_promotions, off: promotions_off } = promotions;
        Ok(Self { order, holder, subjects, cards, no_promotions, promotions_off, guest })
    }

    fn user<'a>(&'a self, channel: Option<&'a str>) -> User<'a> {
        User { holder: self.holder.as_ref(), subjects: &self.subjects, order: &self.order, channel }
    }

    /// Names what its cards will read, so that it is read at once.
    fn foresee(&self, view: &mut View<'_>, realm: &Realm, channel: Option<&str>) -> Result<(), Stop> {
        let mut missing = std::mem::take(&mut view.missing);
        let mut all = Ok(());
        for card in &self.cards {
            // Each names what it misses as if it were alone: none ends early for what another does.
            let one = foresee_use(view, realm, (&card.picked, &card.own), &self.user(channel), &self.guest);
            missing.append(&mut view.missing);
            all = all.and(one);
        }
        view.missing = missing;
        all
    }
}

/// The key of what a request makes of one of its cards: behind the request's own, so that it is known before anything is read.
fn key_of(key: &str, place: usize) -> String {
    format!("{key}#{}", place.saturating_add(1))
}

/// Keys of requests about several cards leave room for those of each.
fn check_key_room(meta: &Meta) -> Result<(), Invalid> {
    let most = KEY_BYTES_MAX - 4;
    if meta.key.len() <= most {
        return Ok(());
    }
    let given = format!("{} bytes", meta.key.len());
    Err(Invalid::new("meta.key", given, format!("1 to {most} bytes, since each card's redemption has a key behind it")))
}

/// A reply as the event keeps it that carries it.
fn told<T: Serialize>(reply: &T) -> Result<Option<Value>, Stop> {
    serde_json::to_value(reply).map(Some).map_err(|_| Stop::Internal("a reply cannot be written"))
}

/// The facts of an event that carries the reply to a request about several cards.
#[derive(Deserialize)]
struct Answered<T> {
    of_order: T,
}
