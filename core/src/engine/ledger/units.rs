//! Units of value, declared by the tenant.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::Tenant;
use super::super::call::Call;
use super::super::command::{Command, Context, Meta, Plan, Stop, submit};
use super::super::error::Error;
use super::super::reads::{Listed, Paging};
use super::super::request::{Change, Read};
use super::super::view::View;
use crate::Invalid;
use crate::card::{EventKind, Target};
use crate::denial::{Denial, Fact};
use crate::ledger::{Unit, UnitDisplay, unit_text};
use crate::money::Currency;
use crate::store::{Record, ScanOf};

/// Declares a unit of value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveUnit {
    /// Key, reason, origin.
    pub meta: Meta,
    /// Its name, without colon: `points`, `growth`, `quota`; or the code of a currency, to say whether holders may give it away.
    pub name: String,
    /// How many decimals a whole one has, 0 to 6; amounts are whole numbers of the smallest part. Once declared it stays.
    #[serde(default)]
    pub decimals: u8,
    /// Whether holders may give it to each other.
    #[serde(default)]
    pub between_holders: bool,
    /// How it shows itself, by locale.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "crate::json::no_doubles")]
    pub display: BTreeMap<String, UnitDisplay>,
}

impl SaveUnit {
    fn unit(&self) -> Unit {
        let Self { name, decimals, between_holders, display, .. } = self.clone();
        Unit { name, decimals, between_holders, display }
    }
}

impl Command for SaveUnit {
    type Reply = Unit;

    fn op(&self) -> &'static str {
        "save_unit"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        self.unit().check()
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, Unit), Stop> {
        if let Some(done) = cx.replay(view)? {
            return Ok((None, done));
        }
        let (before, seen) = view.unit(&self.name)?.unzip();
        if let Some(before) = before.filter(|before| before.decimals != self.decimals) {
            // Every amount on the ledger would mean something else.
            return Err(Invalid::new("decimals", self.decimals, format!("{}, as declared", before.decimals)).into());
        }
        let unit = self.unit();
        let mut plan = Plan::new(cx, view);
        plan.write(seen, Record::Unit(unit.clone()));
        plan.done(cx, EventKind::UnitSaved, Target::Named(self.name.clone()), &unit)?;
        Ok((Some(plan), unit))
    }
}

impl Change for SaveUnit {
    type Reply = Unit;

    fn change(self, tenant: &Tenant) -> Call<Unit> {
        submit(&tenant.realm, self)
    }
}

/// The unit of that name: declared, or a currency.
pub(super) fn unit_named(view: &mut View<'_>, name: &str) -> Result<Unit, Stop> {
    match (view.unit(name)?, Currency::parse("unit", name)) {
        (Some((unit, _)), _) => Ok(unit),
        (None, Ok(currency)) => Ok(Unit::of_currency(currency)),
        (None, Err(_)) => Err(Denial::Unknown { kind: "unit", id: name.to_owned() }.into()),
    }
}

/// An amount of a unit as a fact of a denial.
pub(super) fn fact(unit: &Unit, minor: i64) -> Fact {
    match Currency::parse("unit", &unit.name) {
        Ok(currency) => Fact::money(currency, minor),
        Err(_) => Fact::text(unit_text(unit, minor)),
    }
}

/// Asks for the declared units.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListUnits {
    /// Which page.
    #[serde(default)]
    pub page: Paging,
}

impl Read for ListUnits {
    type Reply = Listed<Unit>;

    fn read(self, tenant: &Tenant) -> Result<Listed<Unit>, Error> {
        tenant.scan_map(ScanOf::Units, &self.page, |record| match record {
            Record::Unit(unit) => Some(unit.clone()),
            _ => None,
        })
    }
}
