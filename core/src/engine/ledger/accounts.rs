//! Moving value between accounts of holders, channels and the tenant itself.

use serde::{Deserialize, Serialize};

use super::super::Tenant;
use super::super::call::Call;
use super::super::command::{Command, Context, Meta, Plan, Stop, submit};
use super::super::error::Error;
use super::super::request::Change;
use super::super::tenant::Realm;
use super::super::view::View;
use super::units::{fact, unit_named};
use crate::Invalid;
use crate::card::{EventKind, Target};
use crate::defect::{self, Defect};
use crate::denial::{Denial, LimitScope};
use crate::id::check_name;
use crate::ledger::{BookName, Entry, OWN, Transfer, Unit, check_unit_name};
use crate::money::{AMOUNT_MAX, check_amount};
use crate::store::{Move, Owner};
use crate::subject::{Subject, SubjectKey};
use crate::time::Instant;

/// An account, as a request names it. What cards hold is moved by redeeming, loading and adjusting them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AccountPick {
    /// A holder's.
    Holder(Subject),
    /// A channel's.
    Channel(String),
    /// One of the tenant's own, by a name of the host's: `promotion`, `spent`, `sold`. It may go below 0.
    System(String),
}

/// An account, as records hold it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountOf {
    /// A holder's.
    Holder(SubjectKey),
    /// A channel's.
    Channel(String),
    /// One of the tenant's own.
    System(String),
}

impl AccountPick {
    pub(super) fn keyed(&self, field: &str, realm: &Realm) -> Result<AccountOf, Error> {
        Ok(match self {
            Self::Holder(subject) => {
                subject.check(&format!("{field}.holder"))?;
                AccountOf::Holder(realm.subject(subject)?)
            }
            Self::Channel(name) => {
                check_name(&format!("{field}.channel"), name)?;
                AccountOf::Channel(name.clone())
            }
            Self::System(name) => {
                BookName::of_host(&format!("{field}.system"), name)?;
                AccountOf::System(name.clone())
            }
        })
    }
}

impl AccountOf {
    /// Whose row it is; the tenant's own accounts have none.
    pub(super) fn owner(&self) -> Option<Owner> {
        match self {
            Self::Holder(subject) => Some(Owner::Holder(subject.clone())),
            Self::Channel(name) => Some(Owner::Channel(name.clone())),
            Self::System(_) => None,
        }
    }
}

/// Moves value from one account to another; needs a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveValue {
    /// Key, reason, origin.
    pub meta: Meta,
    /// In which unit: a declared one, or the code of a currency.
    pub unit: String,
    /// How much, in the smallest part of the unit; 1 or more.
    pub amount_minor: i64,
    /// From which account.
    pub from_account: AccountPick,
    /// To which; not both are the tenant's own.
    pub to_account: AccountPick,
}

/// Value that went from one account to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ValueTransfer {
    /// When.
    pub at: Instant,
    /// In which unit.
    pub unit: String,
    /// How much, in the smallest part of the unit.
    pub amount_minor: i64,
    /// From which account.
    pub from: AccountOf,
    /// What that holds now; nothing is told of the tenant's own.
    pub from_balance_minor: Option<i64>,
    /// To which account.
    pub to: AccountOf,
    /// What that holds now; nothing is told of the tenant's own.
    pub to_balance_minor: Option<i64>,
}

/// [`MoveValue`] with the accounts as records hold them.
#[derive(Serialize)]
struct MoveKeyed {
    meta: Meta,
    unit: String,
    amount_minor: i64,
    from: AccountOf,
    to: AccountOf,
}

impl Command for MoveKeyed {
    type Reply = ValueTransfer;

    fn op(&self) -> &'static str {
        "move_value"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        check_unit_name("unit", &self.unit)?;
        check_amount("amount_minor", self.amount_minor, 1)?;
        if self.meta.reason.is_none() {
            return Err(Invalid::new("meta.reason", "nothing", "a reason, for the journal"));
        }
        if self.from == self.to {
            return Err(Invalid::new("to_account", "the account that it comes from", "another account"));
        }
        if self.from.owner().is_none() && self.to.owner().is_none() {
            return Err(Invalid::new(
                "to_account",
                "the tenant's own account",
                "a holder's or a channel's, or take it from one",
            ));
        }
        Ok(())
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, ValueTransfer), Stop> {
        if let Some(done) = cx.replay(view)? {
            return Ok((None, done));
        }
        let unit = unit_named(view, &self.unit)?;
        if let (AccountOf::Holder(_), AccountOf::Holder(_), false) = (&self.from, &self.to, unit.between_holders) {
            return Err(Denial::NotBetweenHolders { unit: self.unit.clone() }.into());
        }
        let zone = view.settings()?.zone;
        let from = self.side(view, &unit, &self.from, -self.amount_minor)?;
        let to = self.side(view, &unit, &self.to, self.amount_minor)?;
        let mut plan = Plan::new(cx, view);
        let reply = ValueTransfer {
            at: view.now,
            unit: self.unit.clone(),
            amount_minor: self.amount_minor,
            from: self.from.clone(),
            from_balance_minor: from.as_ref().map(|side| side.balance_minor),
            to: self.to.clone(),
            to_balance_minor: to.as_ref().map(|side| side.balance_minor),
        };
        // The request and its reply go with the first of the two.
        let mut told = Some(&reply);
        for (side, other) in [(from, &self.to), (to, &self.from)] {
            let Some(side) = side else { continue };
            let entry = side.entry(&self.unit, other);
            plan.book(cx, &zone, "", &entry, view.now);
            plan.account_event(cx, Target::Named(side.owner.text()), entry, told.take())?;
            if side.delta_minor < 0 || !defect::is(Defect::MovedToNobody) {
                plan.shift(Some(side.step(&self.unit)));
            }
        }
        Ok((Some(plan), reply))
    }
}

/// What becomes of one account that is a row.
struct Side {
    owner: Owner,
    delta_minor: i64,
    balance_minor: i64,
}

impl MoveKeyed {
    fn side(
        &self,
        view: &mut View<'_>,
        unit: &Unit,
        account: &AccountOf,
        delta_minor: i64,
    ) -> Result<Option<Side>, Stop> {
        let Some(owner) = account.owner() else { return Ok(None) };
        let before = view.balance(&owner, &self.unit)?;
        // Neither is beyond 2^53, so the sum fits.
        let balance_minor = before + delta_minor;
        if balance_minor < 0 {
            let (available, asked) = (fact(unit, before), Some(fact(unit, -delta_minor)));
            let short = Some(fact(unit, -balance_minor));
            return Err(Denial::InsufficientBalance { available, asked, short }.into());
        }
        if balance_minor > AMOUNT_MAX {
            let (limit, used) = (AMOUNT_MAX.unsigned_abs(), before.unsigned_abs());
            return Err(Denial::LimitReached { scope: LimitScope::Balance, limit, used }.into());
        }
        Ok(Some(Side { owner, delta_minor, balance_minor }))
    }
}

impl Side {
    /// The other side is named where it is the tenant's; between two owners each has a part of its own.
    fn entry(&self, unit: &str, other: &AccountOf) -> Entry {
        let other = match other {
            AccountOf::System(name) => name.as_str(),
            AccountOf::Holder(_) | AccountOf::Channel(_) => BookName::BETWEEN,
        };
        let (from, to) = if self.delta_minor < 0 { (OWN, other) } else { (other, OWN) };
        let (from, to) = (from.to_owned(), to.to_owned());
        let transfers = vec![Transfer { from, to, amount_minor: self.delta_minor.abs(), at: None }];
        Entry { unit: unit.to_owned(), transfers, holds_minor: self.balance_minor, ends: None }
    }

    fn step(self, unit: &str) -> Move {
        let (unit, delta, told) = (unit.to_owned(), self.delta_minor, self.balance_minor);
        // The reply and the journal tell what it holds now: that is so, or somebody else moved it and all is decided again.
        Move { owner: self.owner, unit, delta, floor: told, ceiling: told }
    }
}

impl Plan {
    fn account_event(
        &mut self,
        cx: &Context<'_>,
        target: Target,
        entry: Entry,
        reply: Option<&ValueTransfer>,
    ) -> Result<(), Stop> {
        let mut event = self.event(cx, EventKind::AccountMoved, target, reply)?;
        event.entry = Some(entry);
        self.append(event);
        Ok(())
    }
}

impl Change for MoveValue {
    type Reply = ValueTransfer;

    fn change(self, tenant: &Tenant) -> Call<ValueTransfer> {
        let from = self.from_account.keyed("from_account", &tenant.realm);
        let to = self.to_account.keyed("to_account", &tenant.realm);
        let Self { meta, unit, amount_minor, .. } = self;
        match (from, to) {
            (Ok(from), Ok(to)) => submit(&tenant.realm, MoveKeyed { meta, unit, amount_minor, from, to }),
            (Err(error), _) | (_, Err(error)) => Call::ready(Err(error)),
        }
    }
}
