//! Benefits of the host's own, declared by the tenant. They stand in its settings.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Tenant;
use super::call::Call;
use super::command::{Command, Context, Meta, Plan, Stop, submit};
use super::error::Error;
use super::request::{Change, Read};
use super::view::View;
use crate::Invalid;
use crate::card::{DeclaredBenefit, EventKind, Target};
use crate::store::Record;

/// Declares a benefit of the host's own, new or over the one of the same name. Templates that were saved before stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveHostBenefit {
    /// Key, reason, origin.
    pub meta: Meta,
    /// Its name, as templates have it in `host.name`.
    pub name: String,
    /// What people call it; 1 to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What `host.data` has to be: a JSON Schema of the keywords in docs/benefits.md, at most 16 KiB of JSON, nested at most 16 deep.
    pub schema: Value,
}

impl SaveHostBenefit {
    /// Declares a benefit with the schema of its data.
    pub fn new(meta: Meta, name: impl Into<String>, schema: Value) -> Self {
        Self { meta, name: name.into(), title: None, schema }
    }

    fn declared(&self) -> DeclaredBenefit {
        let Self { name, title, schema, .. } = self.clone();
        DeclaredBenefit { name, title, schema }
    }
}

impl Command for SaveHostBenefit {
    type Reply = DeclaredBenefit;

    fn op(&self) -> &'static str {
        "save_host_benefit"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        self.declared().check()
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, DeclaredBenefit), Stop> {
        if let Some(done) = cx.replay(view)? {
            return Ok((None, done));
        }
        let (before, seen) = view.settings_row()?.unzip();
        let mut settings = before.unwrap_or_default();
        let declared = self.declared();
        settings.host_benefits = Arc::new(settings.host_benefits.with(declared.clone())?);
        let mut plan = Plan::new(cx, view);
        plan.write(seen, Record::Settings(settings));
        plan.done(cx, EventKind::SettingsSaved, Target::Tenant, &declared)?;
        Ok((Some(plan), declared))
    }
}

impl Change for SaveHostBenefit {
    type Reply = DeclaredBenefit;

    fn change(self, tenant: &Tenant) -> Call<DeclaredBenefit> {
        submit(&tenant.realm, self)
    }
}

/// Asks for the declared benefits of the host's own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListHostBenefits {}

impl Read for ListHostBenefits {
    type Reply = Vec<DeclaredBenefit>;

    fn read(self, tenant: &Tenant) -> Result<Vec<DeclaredBenefit>, Error> {
        let settings = tenant.realm.look(|view| view.settings())?;
        Ok(settings.host_benefits.0.clone())
    }
}
