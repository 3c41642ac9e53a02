//! What was bought with the cards of an order, and what came back of it before, from the records.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::super::command::Stop;
use super::super::refund::Left;
use super::super::resolve::Ground;
use super::super::view::View;
use super::SALE_CARDS_MAX;
use crate::card::{Parameters, Redemption};
use crate::checkout::Order;
use crate::checkout::refund::{Ledger, Returned, Sale, SoldCard, Tender};
use crate::denial::Denial;
use crate::id::CardId;
use crate::money::{Rounding, is_nothing};
use crate::rule::ProductSets;
use crate::store::Key;
use crate::time::Instant;

/// Under which operation the refunds of an order are counted in the journal: the key is the order's id and their place. Of two that find
/// the same place free only one is committed.
pub(super) const CHAIN: &str = "order_refunds";

/// How many of them are looked for at once.
const CHAIN_STEP: u32 = 4;

/// What came back of an order so far, as the last of its refunds left it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct SoFar {
    /// The redemptions that the order was bought with.
    pub redemptions: Vec<String>,
    /// What is back.
    #[serde(flatten)]
    pub returned: Returned,
    /// What was paid out to the other way of paying.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub other_minor: i64,
    /// What of that was paid out in the place of a card that could not get it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub instead_of: BTreeMap<String, i64>,
    /// Redemptions whose uses all came back.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub gone: BTreeSet<String>,
}

/// The key under which an order's refund of that place stands.
pub(super) fn chain_key(order: &str, place: u32) -> String {
    format!("{order}#{place}")
}

/// A card of the sale, as it was and as it stands.
pub(super) struct OfSale {
    pub redemption: Redemption,
    pub ground: Ground,
    pub card: CardId,
    parameters: Parameters,
    /// What of it was given back.
    pub left: Left,
}

/// An order as it was bought, and what came back before.
pub(super) struct Bought {
    pub so_far: SoFar,
    /// How many refunds it has.
    pub place: u32,
    /// In the order in which they came off.
    pub cards: Vec<OfSale>,
    sets: ProductSets,
    at: Instant,
    rounding: Rounding,
}

/// What the last refund of an order left, and how many there are.
fn so_far(view: &mut View<'_>, order: &str) -> Result<(Option<SoFar>, u32), Stop> {
    let (mut last, mut place) = (None, 0_u32);
    loop {
        let next = place..place.saturating_add(CHAIN_STEP);
        view.want(next.map(|place| Key::Request(CHAIN.to_owned(), chain_key(order, place))))?;
        for _ in 0..CHAIN_STEP {
            match view.event_at(CHAIN, chain_key(order, place))? {
                Some(event) => last = Some(event),
                None => {
                    let so_far = last.map(|event| serde_json::from_str(&event.facts)).transpose();
                    let so_far = so_far.map_err(|_| Stop::Internal("what came back of an order cannot be read"))?;
                    return Ok((so_far, place));
                }
            }
            place = place.saturating_add(1);
        }
    }
}

impl Bought {
    /// Finds it. `named` are the redemptions that the request names, or that were found where it names none.
    ///
    /// # Errors
    /// `unknown` redemption, `order_changed`, `order_not_kept`.
    pub(super) fn of(
        view: &mut View<'_>,
        order: &Order,
        mark: [u8; 16],
        (found, is_named): (&[String], bool),
    ) -> Result<Self, Stop> {
        let (before, place) = so_far(view, &order.id)?;
        let is_first = before.is_none();
        let so_far = before.unwrap_or_else(|| SoFar { redemptions: found.to_vec(), ..SoFar::default() });
        let changed = |what: &'static str| Stop::from(Denial::OrderChanged { order: order.id.clone(), what });
        let same = |named: &[String]| {
            named.len() == so_far.redemptions.len() && named.iter().all(|key| so_far.redemptions.contains(key))
        };
        if !is_first && is_named && !same(found) {
            return Err(changed("redemptions"));
        }
        if so_far.redemptions.is_empty() {
            return Err(Denial::Unknown { kind: "redemption", id: order.id.clone() }.into());
        }
        if so_far.redemptions.len() > SALE_CARDS_MAX {
            return Err(changed("redemptions"));
        }
        let mut cards = OfSale::all(view, &so_far.redemptions)?;
        for of in &cards {
            let redemption = &of.redemption;
            match redemption.order_mark {
                None => return Err(Denial::OrderNotKept { redemption: redemption.key.clone() }.into()),
                Some(then) if then != mark || redemption.order != order.id => return Err(changed("order")),
                Some(_) => {}
            }
        }
        // Each was priced on what the ones before it left.
        let turn = |of: &OfSale| std::cmp::Reverse(of.redemption.pricing.before_minor);
        cards.sort_by(|one, other| turn(one).cmp(&turn(other)).then(one.redemption.key.cmp(&other.redemption.key)));
        let mut sets = ProductSets::new();
        for of in &cards {
            sets.extend(of.ground.product_sets(view)?);
        }
        let (at, rounding) = priced_at(view, &cards)?;
        Ok(Self { so_far, place, cards, sets, at, rounding })
    }

    /// The same for `checkout::refund`.
    pub(super) fn sale<'a>(&'a self, order: &'a Order) -> Sale<'a> {
        let cards = self.cards.iter().map(|of| SoldCard {
            redemption: &of.redemption.key,
            pricing: &of.redemption.pricing,
            template: &of.ground.template,
            parameters: &of.parameters,
            units: of.redemption.units,
            is_gone: self.so_far.gone.contains(&of.redemption.key),
        });
        Sale { order, cards: cards.collect(), rounding: self.rounding, sets: &self.sets, at: self.at }
    }

    /// What was paid out so far.
    pub(super) fn paid_out_minor(&self) -> i64 {
        let to_cards = self.cards.iter().filter(|of| of.pays()).map(|of| of.left.before());
        self.so_far.other_minor + to_cards.sum::<i64>()
    }

    /// What it was paid with, and what may still go back there: cards in the order in which they paid, and the other way of paying last.
    pub(super) fn tenders(&self, ledger: &Ledger<'_>) -> Vec<Tender<'_>> {
        let instead = |key: &str| self.so_far.instead_of.get(key).copied().unwrap_or_default();
        let cards = self.cards.iter().filter(|of| of.pays()).map(|of| {
            let key = of.redemption.key.as_str();
            Tender { redemption: Some(key), left_minor: of.left.left() - instead(key) }
        });
        let instead_of_any: i64 = self.so_far.instead_of.values().sum();
        let other = ledger.other_minor() - (self.so_far.other_minor - instead_of_any);
        cards.chain([Tender { redemption: None, left_minor: other }]).collect()
    }
}

impl OfSale {
    /// Whether it paid, and took nothing off.
    pub(super) fn pays(&self) -> bool {
        self.ground.template.draft.kind.holds_value()
    }

    /// All that these redemptions rest on, read at once.
    fn all(view: &mut View<'_>, keys: &[String]) -> Result<Vec<Self>, Stop> {
        let mut missing = std::mem::take(&mut view.missing);
        let mut cards = Vec::with_capacity(keys.len());
        let mut whole = Ok(());
        for key in keys {
            // Each names what it misses as if it were alone.
            match Self::of(view, key) {
                Ok(card) => cards.push(card),
                Err(stop) => whole = whole.and(Err(stop)),
            }
            missing.append(&mut view.missing);
        }
        view.missing = missing;
        if !view.missing.is_empty() {
            return Err(Stop::Missing);
        }
        whole.map(|()| cards)
    }

    fn of(view: &mut View<'_>, key: &str) -> Result<Self, Stop> {
        let last = view.last_refund(key);
        let Some((redemption, _)) = view.redemption(key)? else {
            return Err(Denial::Unknown { kind: "redemption", id: key.to_owned() }.into());
        };
        let card = view.want([Key::Card(redemption.card)]);
        let Some((batch, _)) = view.batch(redemption.card.batch)? else {
            return Err(Stop::Internal("a redemption names a batch that is not there"));
        };
        let ground = Ground::of(view, batch)?;
        let (last, ()) = (last?, card?);
        let (card, _) = ground.card(view, redemption.card.serial)?;
        let parameters = ground.template.complete(&ground.batch.parameters, &card.parameters);
        let left = Left::of(&redemption, last.as_ref(), &ground.template);
        Ok(Self { redemption, ground, card: card.id, parameters, left })
    }
}

/// When and how it was rounded: with the hold, where there was one.
fn priced_at(view: &mut View<'_>, cards: &[OfSale]) -> Result<(Instant, Rounding), Stop> {
    let Some(OfSale { redemption, .. }) = cards.first() else {
        return Err(Stop::Internal("an order without redemptions"));
    };
    let mut at = redemption.at;
    if let Some(id) = &redemption.hold
        && let Some((hold, _)) = view.hold(id)?
        && hold.redemption.as_ref() == Some(&redemption.key)
    {
        at = hold.at;
    }
    Ok((at, redemption.pricing.rounding))
}
