//! What templates that nobody has saved would come to on many orders, each by itself, without effect.

use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct OrderFigures {
    /// What comes off in all.
    pub discount_minor: i64,
    /// What stored value pays.
    pub tender_minor: i64,
    /// What is left to pay, 0 or more.
    pub payable_minor: i64,
    /// For each offer, in the order in which they were given: what it takes off or pays of each line, in the order's own order, and last
    /// of shipping; nothing for one that does not apply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shares: Option<Vec<Option<Vec<i64>>>>,
    /// For each offer, in the order in which they were given: what it takes off or pays; nothing for one that does not apply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offers_minor: Option<Vec<Option<i64>>>,
}

impl OrderFigures {
    fn told(figures: PlanFigures, detail: Detail) -> Self {
        let shares = || figures.shares().map(|of| of.map(<[i64]>::to_vec)).collect();
        let shares = (detail == Detail::ByLine).then(shares);
        let PlanFigures { discount_minor, tender_minor, payable_minor, offers_minor, .. } = figures;
        let offers_minor = (detail == Detail::ByOffer).then_some(offers_minor);
        Self { discount_minor, tender_minor, payable_minor, shares, offers_minor }
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
        Ok(OrderFigures::told(figures, detail))
    });
    Ok(OrdersQuoted { orders: orders.collect::<Result<_, _>>()? })
}
