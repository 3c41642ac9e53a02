//! What accounts hold, and what moved on them.

use serde::{Deserialize, Serialize};

use super::super::Tenant;
use super::super::error::Error;
use super::super::reads::{Listed, Paging, RequestKey};
use super::super::request::Read;
use super::accounts::AccountPick;
use crate::Invalid;
use crate::card::{Event, Origin};
use crate::ledger::{OWN, check_unit_name, is_counter};
use crate::store::{Owner, Record, ScanOf};
use crate::time::Instant;

/// Asks what an account holds in a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BalanceNow {
    /// A holder's or channel's account.
    pub account: AccountPick,
    /// The unit.
    pub unit: String,
}

/// Asks for the accounts of a holder or channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListAccounts {
    /// A holder's or channel's account.
    pub account: AccountPick,
    /// Which page.
    #[serde(default)]
    pub page: Paging,
}

/// Asks what moved on the accounts of a holder or channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListMovements {
    /// A holder's or channel's account.
    pub account: AccountPick,
    /// Which page.
    #[serde(default)]
    pub page: Paging,
}

/// What an account holds in a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Balance {
    /// The unit.
    pub unit: String,
    /// In its smallest part; never below 0.
    pub balance_minor: i64,
}

/// What moved on an account at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Movement {
    /// When.
    pub at: Instant,
    /// In which unit.
    pub unit: String,
    /// By how much, in its smallest part; below 0 where it was taken away.
    pub delta_minor: i64,
    /// What the account held afterwards.
    pub balance_minor: i64,
    /// The account of the tenant's that stands against it; `between` where it was another holder's or channel's.
    pub against: String,
    /// Why.
    pub reason: Option<String>,
    /// Where the request came from.
    pub origin: Origin,
    /// The operation and key that it is the effect of; of two sides the one that it was taken from has it.
    pub request: Option<RequestKey>,
}

impl AccountPick {
    /// The owner of an account that is a row.
    fn row(&self, tenant: &Tenant) -> Result<Owner, Error> {
        let refused = || Invalid::new("account", "an account of the tenant's own", "a holder's or a channel's");
        self.keyed("account", &tenant.realm)?.owner().ok_or_else(|| refused().into())
    }
}

impl Read for BalanceNow {
    type Reply = Balance;

    fn read(self, tenant: &Tenant) -> Result<Balance, Error> {
        check_unit_name("unit", &self.unit)?;
        let owner = self.account.row(tenant)?;
        let balance_minor = tenant.realm.look(|view| view.balance(&owner, &self.unit))?;
        Ok(Balance { unit: self.unit, balance_minor })
    }
}

impl Read for ListAccounts {
    type Reply = Listed<Balance>;

    fn read(self, tenant: &Tenant) -> Result<Listed<Balance>, Error> {
        let owner = self.account.row(tenant)?;
        tenant.scan_map(ScanOf::AccountsOf(owner), &self.page, |record| match record {
            Record::Account(account) if !is_counter(&account.unit) => {
                Some(Balance { unit: account.unit.clone(), balance_minor: account.balance })
            }
            _ => None,
        })
    }
}

impl Read for ListMovements {
    type Reply = Listed<Movement>;

    fn read(self, tenant: &Tenant) -> Result<Listed<Movement>, Error> {
        let owner = self.account.row(tenant)?;
        tenant.scan_map(ScanOf::EventsNamed(owner.text()), &self.page, |record| match record {
            Record::Event(stored) => Movement::of(&stored.event),
            _ => None,
        })
    }
}

impl Movement {
    fn of(event: &Event) -> Option<Self> {
        let entry = event.moved()?;
        let transfer = entry.transfers.first()?;
        let against = if transfer.from == OWN { &transfer.to } else { &transfer.from };
        let request = event.request.as_ref();
        Some(Self {
            at: event.at,
            unit: entry.unit.clone(),
            delta_minor: entry.delta_minor(),
            balance_minor: entry.holds_minor,
            against: against.clone(),
            reason: event.reason.clone(),
            origin: event.origin.clone(),
            request: request.map(|mark| RequestKey { op: mark.op.clone(), key: mark.host_key().to_owned() }),
        })
    }
}
