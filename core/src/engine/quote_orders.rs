//! What templates that nobody has saved would come to on many orders, each by itself, without effect.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize, Serializer};

use super::Tenant;
use super::command::Stop;
use super::error::Error;
use super::quote_drafts::{DraftOffer, check_offers};
use super::request::Read;
use super::samples::{Drafts, Orders, Pieces, Pricing};
use crate::Invalid;
use crate::checkout::PlanFigures;
use crate::json::is_default;
use crate::money::Rounding;
use crate::time::Instant;

/// What templates would come to on each of many orders, each by itself, without being saved.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuoteOrders {
    /// The orders; at most 200,000 pairs of an order and an offer, 5,000,000 where shares are not told by line.
    pub orders: Orders,
    /// What is offered on each of them, as in `quote_drafts`: at most 1,000, in any order.
    pub offers: Vec<DraftOffer>,
    /// How much is told; by line unless said otherwise.
    #[serde(default, skip_serializing_if = "is_default")]
    pub detail: Detail,
    /// How a share that is not whole becomes whole; as the tenant's settings say by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounding: Option<Rounding>,
    /// The moment of which it is told; by default when each order was placed, and now for one that does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
}

/// How much is told of each order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// What comes off in all, and what each offer takes off each line.
    #[default]
    ByLine,
    /// What comes off in all, and what each offer takes off the order.
    ByOffer,
    /// What comes off in all.
    ByOrder,
}

/// What templates come to on each of many orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct OrdersQuoted {
    /// One for each order, in order. `quote_drafts` says of one of them why.
    pub orders: Vec<OrderFigures>,
}

/// What an order comes to with several offers, as bare figures in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFigures {
    /// The figures.
    pub figures: PlanFigures,
    /// How much of them is told.
    pub detail: Detail,
}

/// What an order comes to with several offers, as bare figures in minor units.
// How they are told: the line above is what a reader of the schema sees.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "OrderFigures")]
struct Told<'a> {
    /// What comes off in all.
    discount_minor: i64,
    /// What stored value pays.
    tender_minor: i64,
    /// What is left to pay, 0 or more.
    payable_minor: i64,
    /// For each offer, in the order in which they were given: what it takes off or pays of each line, in the order's own order, and last
    /// of shipping; nothing for one that does not apply.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<Option<Vec<i64>>>>")]
    shares: Option<Shares<'a>>,
    /// For each offer, in the order in which they were given: what it takes off or pays; nothing for one that does not apply.
    #[serde(skip_serializing_if = "Option::is_none")]
    offers_minor: Option<&'a [Option<i64>]>,
}

/// Written as they lie there: 100 offers on an order would be as many small lists.
struct Shares<'a>(&'a PlanFigures);

impl Serialize for Shares<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.shares())
    }
}

impl Serialize for OrderFigures {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { figures, detail } = self;
        let told = Told {
            discount_minor: figures.discount_minor,
            tender_minor: figures.tender_minor,
            payable_minor: figures.payable_minor,
            shares: (*detail == Detail::ByLine).then_some(Shares(figures)),
            offers_minor: (*detail == Detail::ByOffer).then_some(&figures.offers_minor),
        };
        told.serialize(serializer)
    }
}

impl JsonSchema for OrderFigures {
    fn schema_name() -> Cow<'static, str> {
        Told::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Told::json_schema(generator)
    }
}

/// Most pairs of an order and an offer of one request, by line and else: a large cart with each takes some seconds.
const PAIRS_BY_LINE_MAX: usize = 200_000;
const PAIRS_MAX: usize = 5_000_000;

impl Read for QuoteOrders {
    type Reply = OrdersQuoted;

    fn read(self, tenant: &Tenant) -> Result<OrdersQuoted, Error> {
        check_offers(&self.offers)?;
        let Self { orders, offers, detail, rounding, at } = self;
        let pieces = orders.found(tenant)?;
        let pairs = pieces.iter().map(|piece| piece.len()).sum::<usize>().saturating_mul(offers.len());
        let most = if detail == Detail::ByLine { PAIRS_BY_LINE_MAX } else { PAIRS_MAX };
        if pairs > most {
            let allowed = format!("at most {most} pairs of an order and an offer");
            return Err(Invalid::new("orders", format!("{pairs} pairs"), allowed).into());
        }
        tenant.realm.weigh(|view| {
            let (drafts, pricing) = (Drafts::new(view, "offers", &offers)?, Pricing::new(view, rounding, at)?);
            quote(&pieces, &drafts, &pricing, detail).map_err(Stop::from)
        })
    }
}

fn quote(pieces: &Pieces, drafts: &Drafts, pricing: &Pricing, detail: Detail) -> Result<OrdersQuoted, Invalid> {
    let orders = pieces.iter().flat_map(|piece| piece.iter()).enumerate().map(|(place, order)| {
        let figures = drafts.figures(order, pricing).map_err(|invalid| invalid.within(&format!("orders[{place}]")))?;
        Ok(OrderFigures { figures, detail })
    });
    Ok(OrdersQuoted { orders: orders.collect::<Result<_, _>>()? })
}
