//! What templates that nobody has saved would come to on many orders, each by itself: a back-test, without effect.

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::command::Stop;
use super::error::Error;
use super::quote_drafts::{DraftOffer, Ready, check_offers, made_ready};
use super::request::Read;
use super::view::View;
use crate::Invalid;
use crate::checkout::{Order, PlanFigures, PlanTerms, plan_figures};
use crate::money::Rounding;
use crate::time::Instant;

/// What templates would come to on each of many orders, each by itself, without being saved.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuoteOrders {
    /// 1 to 10,000 orders; at most 200,000 pairs of an order and an offer.
    pub orders: Vec<Order>,
    /// What is offered on each of them, as in `quote_drafts`: at most 1,000, in any order.
    pub offers: Vec<DraftOffer>,
    /// How a share that is not whole becomes whole; as the tenant's settings say by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounding: Option<Rounding>,
    /// The moment of which it is told; by default when each order was placed, and now for one that does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
}

/// What templates come to on each of many orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct OrdersQuoted {
    /// One for each order, in order. `quote_drafts` says of one of them why.
    pub orders: Vec<PlanFigures>,
}

/// Most orders of one request.
const ORDERS_MAX: usize = 10_000;
/// Most pairs of an order and an offer of one request: a large cart with each takes some seconds.
const PAIRS_MAX: usize = 200_000;

/// The path of what is wrong begins with `order` where there is one.
pub(super) fn in_place(place: usize, invalid: Invalid) -> Invalid {
    Invalid { field: format!("orders[{place}]{}", invalid.field.trim_start_matches("order")), ..invalid }
}

impl QuoteOrders {
    fn check(&self) -> Result<(), Invalid> {
        if !(1..=ORDERS_MAX).contains(&self.orders.len()) {
            return Err(Invalid::new("orders", self.orders.len(), format!("1 to {ORDERS_MAX} orders")));
        }
        check_offers(&self.offers)?;
        let pairs = self.orders.len().saturating_mul(self.offers.len());
        if pairs > PAIRS_MAX {
            let allowed = format!("at most {PAIRS_MAX} pairs of an order and an offer");
            return Err(Invalid::new("orders", format!("{pairs} pairs"), allowed));
        }
        for (place, order) in self.orders.iter().enumerate() {
            order.check().map_err(|invalid| in_place(place, invalid))?;
        }
        Ok(())
    }
}

impl Read for QuoteOrders {
    type Reply = OrdersQuoted;

    fn read(self, tenant: &Tenant) -> Result<OrdersQuoted, Error> {
        self.check()?;
        tenant.realm.weigh(|view| quote(view, &self))
    }
}

fn quote(view: &mut View<'_>, asked: &QuoteOrders) -> Result<OrdersQuoted, Stop> {
    if asked.orders.iter().any(Order::has_attributes) {
        let declared = view.attributes()?;
        for (place, order) in asked.orders.iter().enumerate() {
            declared.check_order(order).map_err(|invalid| in_place(place, invalid))?;
        }
    }
    let rounding = asked.rounding.map_or_else(|| view.rounding(), Ok)?;
    let (ready, sets) = made_ready(view, &asked.offers)?;
    let mut orders = Vec::with_capacity(asked.orders.len());
    for (place, order) in asked.orders.iter().enumerate() {
        let at = asked.at.or(order.placed_at).unwrap_or(view.now);
        let offers: Result<Vec<_>, _> = ready.iter().map(|ready: &Ready<'_>| ready.offer(order, &sets, at)).collect();
        let offers = offers.map_err(|invalid| invalid.within(&format!("orders[{place}]")))?;
        orders.push(plan_figures(order, &offers, PlanTerms { sets: &sets, rounding, at }));
    }
    Ok(OrdersQuoted { orders })
}
