//! Looking at holds. Whether one is over is read off the clock, its card and its accounts.

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::counters::Sights;
use super::error::Error;
use super::hold::{HoldView, ground_of, state_at};
use super::reads::{Listed, Paging};
use super::request::Read;
use crate::card::{Hold, HoldId};
use crate::id::check_name;
use crate::store::{Record, ScanOf};

/// Asks for a hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetHold {
    /// Its id.
    pub hold: HoldId,
}

/// The holds of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldsOfOrder {
    /// The host's order id.
    pub order: String,
    /// Which page.
    #[serde(default)]
    pub page: Paging,
}

impl From<HoldId> for GetHold {
    fn from(hold: HoldId) -> Self {
        Self { hold }
    }
}

impl From<&str> for HoldsOfOrder {
    fn from(order: &str) -> Self {
        Self { order: order.to_owned(), page: Paging::default() }
    }
}

fn looked_at(tenant: &Tenant, id: &HoldId) -> Result<Option<HoldView>, Error> {
    tenant.realm.weigh(|view| {
        let Some((hold, _)) = view.hold(id)? else { return Ok(None) };
        let (_, card, _) = ground_of(view, &hold)?;
        let now = Sights::of(view, &hold.counters, view.now.max(card.last_at))?.now;
        Ok(Some(HoldView::of(&hold, state_at(&hold, &card, now))))
    })
}

impl Read for GetHold {
    type Reply = Option<HoldView>;

    fn read(self, tenant: &Tenant) -> Result<Option<HoldView>, Error> {
        looked_at(tenant, &self.hold)
    }
}

impl Read for HoldsOfOrder {
    type Reply = Listed<HoldView>;

    fn read(self, tenant: &Tenant) -> Result<Listed<HoldView>, Error> {
        check_name("order", &self.order)?;
        let of = ScanOf::HoldsOfOrder(self.order);
        let found: Listed<Hold> = tenant.scan_map(of, &self.page, |record| match record {
            Record::Hold(hold) => Some(hold.clone()),
            _ => None,
        })?;
        let mut items = Vec::with_capacity(found.items.len());
        for hold in found.items {
            items.extend(looked_at(tenant, &hold.id)?);
        }
        Ok(Listed { items, next: found.next })
    }
}
