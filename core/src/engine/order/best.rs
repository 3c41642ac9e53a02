//! Which cards and promotions to use on an order: the search of [`crate::checkout::best`] over cards as they stand, and what it found
//! looked at as an order's quote looks at it.

use serde::{Deserialize, Serialize};

use super::super::Tenant;
use super::super::best_drafts::{SHOP, STEPS, check_steps};
use super::super::command::Stop;
use super::super::error::Error;
use super::super::request::Read;
use super::super::resolve::{CardPick, Ground};
use super::super::view::View;
use super::super::wallet::{card_in_wallet, each, ends_last, has_ended};
use super::pick::{Found, Pick};
use super::quote::refusal_json;
use super::{OrderCard, OrderPicked, PickedCard, PromotionsAsked, QuotedCard, QuotedPromotion};
use crate::Invalid;
use crate::card::Benefit;
use crate::checkout::{Objective, Order, OrderTotals, Verdict};
use crate::denial::{Denial, Refusal};
use crate::id::{CardId, check_name};
use crate::json::is_default;
use crate::store::{Key, Record, Scan, ScanOf};
use crate::subject::Subject;
use crate::time::Instant;

/// Which cards and promotions are best on an order.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BestOrder {
    /// The order.
    pub order: Order,
    /// Cards that may be used, at most 50, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<OrderCard>,
    /// Whether the holder's own cards may be used, too: the 200 that end first, of the first 5,000 that stand under this holder. Cards that
    /// only give cards or an entitlement are not looked at.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wallet: bool,
    /// Who would redeem. Needed for the wallet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Subject>,
    /// Who else it is, and on what: subjects that limits may count or cards are bound to, such as a `device`. At most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Subject>,
    /// Whether promotions stay off the order. Without it they are offers as cards are; which of those that run stand in the way of
    /// something better, the reply says.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_promotions: bool,
    /// Promotions that stay off the order in any case, by id; at most 1,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promotions_off: Vec<String>,
    /// What is better; for the customer by default.
    #[serde(default, skip_serializing_if = "is_default")]
    pub objective: Objective,
    /// Whose cost counts as the shop's, where the shop's cost decides: a party of the cards' funding; `shop` by default. What a card without
    /// funding takes off, the shop bears.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shop: Option<String>,
    /// Steps after which the search ends, 0 to 10,000,000: a card tried, or a rest looked at; 200,000 by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps_max: Option<u64>,
}

impl BestOrder {
    /// Which of some cards are best on an order, for nobody in particular.
    pub fn new(order: Order, cards: impl IntoIterator<Item = OrderCard>) -> Self {
        Self {
            order,
            cards: cards.into_iter().collect(),
            wallet: false,
            holder: None,
            subjects: Vec::new(),
            no_promotions: false,
            promotions_off: Vec::new(),
            objective: Objective::default(),
            shop: None,
            steps_max: None,
        }
    }

    /// Which of a holder's own cards are.
    pub fn wallet(order: Order, holder: Subject) -> Self {
        Self { wallet: true, holder: Some(holder), ..Self::new(order, []) }
    }
}

/// What is best on an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct BestOfOrder {
    /// What it came to, for a hold or a redemption of these `cards` with these `promotions_off`; nothing where nothing applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// What the order comes to.
    #[serde(flatten)]
    pub totals: OrderTotals,
    /// The cards to use, in the order in which to hand them in: of those that pay, what ends first pays first.
    pub cards: Vec<BestCard>,
    /// The promotions that come off beside them, by id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub promotions: Vec<QuotedPromotion>,
    /// The promotions that have to stay off, where one that runs is in the way; to be handed in with the cards.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub promotions_off: Vec<String>,
    /// Whether nothing is better. If not, the search ended early, or a money budget that several cards share had no room for a better
    /// combination, and another one may be.
    pub exact: bool,
    /// How often a card or promotion was tried, or a rest looked at.
    pub steps: u64,
    /// The second best, if there is any that the limits of all have room for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runner_up: Option<NextBest>,
    /// The cards and promotions that are not used, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<BestLeftOut>,
    /// Whether the holder has cards that were not looked at.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
}

/// A card to use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct BestCard {
    /// Its place among the cards of the request, from 0; none for one of the wallet, to be named by its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<u32>,
    /// What becomes of it beside the others.
    #[serde(flatten)]
    pub card: QuotedCard,
}

/// The second best combination of what takes something off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct NextBest {
    /// Its cards and promotions.
    pub offers: Vec<OfferOf>,
    /// What they take off, in minor units.
    pub discount_minor: i64,
}

/// A card or a promotion that may be used.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, schemars::JsonSchema)]
pub struct OfferOf {
    /// Of a card of the request: its place, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<u32>,
    /// The card, where there is one; none for a public code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<CardId>,
    /// The promotion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion: Option<String>,
}

/// A card or a promotion that is not used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct BestLeftOut {
    /// Which.
    #[serde(flatten)]
    pub of: OfferOf,
    /// What it would come to beside those that are used: `applied` where less would come off in all, or no more.
    pub verdict: Verdict,
    /// Why it does not apply beside them.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "refusal_json")]
    #[schemars(with = "Option<Refusal>")]
    pub denial: Option<Denial>,
    /// What would come off in all with it, in minor units; nothing is told where it is not good at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount_minor: Option<i64>,
}

/// Most cards of a wallet that are searched.
const WALLET_CARDS_MAX: usize = 200;
/// Most cards of a wallet that are looked at.
const WALLET_ROWS_MAX: usize = 5_000;
const SCAN_ROWS: usize = 1_000;

impl BestOrder {
    fn check(&self) -> Result<(), Invalid> {
        check_steps(self.steps_max)?;
        if self.wallet && self.holder.is_none() {
            return Err(Invalid::new("holder", "nobody", "whose wallet it is"));
        }
        self.shop.as_ref().map_or(Ok(()), |shop| check_name("shop", shop))
    }
}

impl Read for BestOrder {
    type Reply = BestOfOrder;

    fn read(self, tenant: &Tenant) -> Result<BestOfOrder, Error> {
        self.check()?;
        let realm = &*tenant.realm;
        let Self { order, cards, wallet, holder, subjects, no_promotions, promotions_off, .. } = self;
        let given = cards.len();
        let promotions = PromotionsAsked { none: no_promotions, off: promotions_off };
        let mut of = OrderPicked::open(realm, order, (cards, promotions), (holder.as_ref(), &subjects), 0)?;
        let mut more = false;
        if wallet {
            let own;
            (own, more) = wallet_of(tenant, &of)?;
            of.cards.extend(own);
        }
        let shop = self.shop.as_deref().unwrap_or(SHOP);
        let steps_max = self.steps_max.unwrap_or(STEPS);
        let pick = Pick { of: &of, realm, objective: self.objective, shop, steps_max, given };
        let Found { quoted, places, promotions_off, exact, steps, runner_up, left_out } =
            realm.weigh(|view| pick.find(view))?;
        let cards = places.iter().map(|place| pick.request_place(*place)).zip(quoted.cards);
        let promotions = quoted.promotions.into_iter().filter(|one| one.card.verdict == Verdict::Applied);
        Ok(BestOfOrder {
            digest: quoted.digest,
            totals: quoted.totals,
            cards: cards.map(|(place, card)| BestCard { place, card }).collect(),
            promotions: promotions.collect(),
            promotions_off,
            exact,
            steps,
            runner_up,
            left_out,
            more,
        })
    }
}

/// The cards of a holder that may be worth something on an order, what ends first in front, and whether there are more.
fn wallet_of(tenant: &Tenant, of: &OrderPicked) -> Result<(Vec<PickedCard>, bool), Error> {
    let realm = &*tenant.realm;
    let Some(holder) = &of.holder else { return Ok((Vec::new(), false)) };
    let named = |id: &CardId| {
        let is = |card: &PickedCard| card.picked.card_key() == Some(Key::Card(*id)) || card.own.contains(id);
        of.cards.iter().any(is)
    };
    let (mut ids, mut after, mut rows) = (Vec::new(), None, 0);
    loop {
        let scan = ScanOf::CardsOfHolder(holder.clone());
        let page = realm.store.scan(&Scan { tenant: realm.key.clone(), of: scan, after, limit: SCAN_ROWS })?;
        rows += page.items.len();
        ids.extend(page.items.iter().filter_map(|stored| match &stored.record {
            Record::Card(card) if !named(&card.id) => Some(card.id),
            _ => None,
        }));
        after = page.next;
        if after.is_none() || rows >= WALLET_ROWS_MAX {
            break;
        }
    }
    let mut cards = realm.weigh(|view| each(view, &ids, |view, id| worth_a_look(view, *id, of)))?;
    cards.sort_by_key(|(ends_at, id)| (ends_last(*ends_at), *id));
    let more = after.is_some() || cards.len() > WALLET_CARDS_MAX;
    let picked = cards.into_iter().take(WALLET_CARDS_MAX).map(|(_, id)| {
        let pick = CardPick::Id(id);
        let picked = realm.pick(&pick)?;
        Ok(PickedCard { asked: Some(pick.into()), picked, own: Vec::new() })
    });
    Ok((picked.collect::<Result<Vec<_>, Error>>()?, more))
}

/// A card that has not ended and may take something off or pay, and when it ends.
fn worth_a_look(view: &mut View<'_>, id: CardId, of: &OrderPicked) -> Result<Option<(Option<Instant>, CardId)>, Stop> {
    let Some(card) = card_in_wallet(view, id, of.holder.as_ref())? else { return Ok(None) };
    if has_ended(&card, view.now) {
        return Ok(None);
    }
    let Some((batch, _)) = view.batch(id.batch)? else { return Ok(None) };
    // What gives cards or an entitlement would be used up for nothing on this order.
    let gives_money = match Ground::of(view, batch)?.template.draft.benefit {
        Benefit::Cards { .. } | Benefit::Entitlement { .. } => false,
        Benefit::AmountOff { .. }
        | Benefit::PercentOff { .. }
        | Benefit::Goods { .. }
        | Benefit::Value { .. }
        | Benefit::Deal(_) => true,
    };
    Ok(gives_money.then_some((card.expires_at, card.id)))
}
