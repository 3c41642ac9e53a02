//! Attributes: facts of the host's own, declared by the tenant. They stand in its settings.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::call::Call;
use super::command::{Command, Context, Meta, Plan, Stop, submit};
use super::error::Error;
use super::request::{Change, Read};
use super::view::View;
use crate::Invalid;
use crate::card::{EventKind, Target};
use crate::rule::{Attribute, AttributeOf, FactType};
use crate::store::Record;

/// Declares an attribute of orders, lines or holders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveAttribute {
    /// Key, reason, origin.
    pub meta: Meta,
    /// Whose it is.
    pub of: AttributeOf,
    /// Its name: `order.attr.NAME`, `line.attr.NAME` or `holder.attr.NAME` in conditions.
    pub name: String,
    /// The type of its values; once declared it stays.
    #[serde(rename = "type")]
    pub fact_type: FactType,
    /// What people call it; 1 to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Of texts and sets of texts: the values that there are, at most 1,000. Any, where none is listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

impl SaveAttribute {
    /// Declares an attribute of a type, with any value.
    pub fn new(meta: Meta, of: AttributeOf, name: impl Into<String>, fact_type: FactType) -> Self {
        Self { meta, of, name: name.into(), fact_type, title: None, values: Vec::new() }
    }

    fn attribute(&self) -> Attribute {
        let Self { of, name, fact_type, title, values, .. } = self.clone();
        Attribute { of, name, fact_type, title, values }
    }
}

impl Command for SaveAttribute {
    type Reply = Attribute;

    fn op(&self) -> &'static str {
        "save_attribute"
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn check(&self) -> Result<(), Invalid> {
        self.attribute().check()
    }

    fn decide(&self, cx: &Context<'_>, view: &mut View<'_>) -> Result<(Option<Plan>, Attribute), Stop> {
        if let Some(done) = cx.replay(view)? {
            return Ok((None, done));
        }
        let (before, seen) = view.settings_row()?.unzip();
        let mut settings = before.unwrap_or_default();
        if let Some(before) = settings.attributes.get(self.of, &self.name)
            && before.fact_type != self.fact_type
        {
            // Saved conditions would ask something else.
            let allowed = format!("{}, as declared", before.fact_type.name());
            return Err(Invalid::new("type", self.fact_type.name(), allowed).into());
        }
        let attribute = self.attribute();
        settings.attributes = Arc::new(settings.attributes.with(attribute.clone())?);
        let mut plan = Plan::new(cx, view);
        plan.write(seen, Record::Settings(settings));
        plan.done(cx, EventKind::SettingsSaved, Target::Tenant, &attribute)?;
        Ok((Some(plan), attribute))
    }
}

impl Change for SaveAttribute {
    type Reply = Attribute;

    fn change(self, tenant: &Tenant) -> Call<Attribute> {
        submit(&tenant.realm, self)
    }
}

/// Asks for the declared attributes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListAttributes {}

impl Read for ListAttributes {
    type Reply = Vec<Attribute>;

    fn read(self, tenant: &Tenant) -> Result<Vec<Attribute>, Error> {
        let declared = tenant.realm.look(|view| view.attributes())?;
        Ok(declared.0.clone())
    }
}
