//! Why the conditions of a card or a draft hold on an order or do not; and what a template may say.

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::command::Stop;
use super::error::Error;
use super::redeem::check_attributes;
use super::request::Read;
use super::resolve::{CardPick, Meaning, check_pick, product_sets};
use super::view::View;
use crate::card::{Template, TemplateDraft};
use crate::denial::{Denial, Refusal};
use crate::rule::{Explained, Facts, Order, template_schema};
use crate::time::{Instant, Window};

/// Says node by node how the conditions of a card, or of a template that is not saved yet, come out on an order.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Explain {
    /// Whose conditions.
    pub of: ExplainOf,
    /// The order.
    pub order: Order,
    /// At which moment; now by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
}

/// Whose conditions are explained.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ExplainOf {
    /// Those of a card's template.
    Card(CardPick),
    /// Those of a template that nobody needs to have saved.
    Template(Box<TemplateDraft>),
}

/// How conditions came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Explanation {
    /// Whether all of them hold. Nothing else of the card was looked at; a quote looks at everything.
    pub holds: bool,
    /// `condition_failed`, as a redemption would hear it, where they do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denial: Option<Refusal>,
    /// Each node, those within another behind it.
    pub nodes: Vec<Explained>,
}

impl Explain {
    fn explained(&self, view: &mut View<'_>, template: &Template, at: Instant) -> Result<Explanation, Stop> {
        let sets = product_sets(view, &template.draft)?;
        let facts = Facts::new(&self.order, &sets, at, &template.zone);
        let program = &template.programs().conditions;
        let denial = program.first_unmet(&facts).as_ref().map(Denial::refusal);
        Ok(Explanation { holds: denial.is_none(), denial, nodes: program.explain(&facts) })
    }
}

/// A draft as it would be saved now.
fn as_saved(view: &mut View<'_>, draft: &TemplateDraft) -> Result<Template, Stop> {
    let mut draft = draft.clone();
    draft.pin_sets(|name, version| match view.product_set(name, version)? {
        Some(set) => Ok(set.version),
        None => Err(Stop::from(Denial::Unknown { kind: "product_set", id: name.to_owned() })),
    })?;
    let settings = view.settings()?;
    draft.pin_attributes(&settings.attributes);
    draft.check_conditions(Some(&settings.attributes)).map_err(|invalid| invalid.within("of.template"))?;
    Ok(Template::new(0, draft, Window::default(), settings.zone))
}

impl Read for Explain {
    type Reply = Explanation;

    fn read(self, tenant: &Tenant) -> Result<Explanation, Error> {
        self.order.check()?;
        let realm = &*tenant.realm;
        match &self.of {
            ExplainOf::Card(pick) => {
                check_pick("of.card", pick)?;
                let picked = realm.pick(pick)?;
                realm.weigh(|view| {
                    check_attributes(view, &self.order)?;
                    let (ground, last_at) = match picked.resolve(view, realm)? {
                        Meaning::Card(resolved) => (resolved.ground, resolved.card.last_at),
                        Meaning::AnyOf(ground) => (ground, view.now),
                    };
                    let at = self.at.unwrap_or(view.now.max(last_at));
                    self.explained(view, &ground.template, at)
                })
            }
            ExplainOf::Template(draft) => {
                draft.check().map_err(|invalid| invalid.within("of.template"))?;
                realm.weigh(|view| {
                    check_attributes(view, &self.order)?;
                    let template = as_saved(view, draft)?;
                    self.explained(view, &template, self.at.unwrap_or(view.now))
                })
            }
        }
    }
}

/// Asks what a template may say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateSchema {}

impl Read for TemplateSchema {
    type Reply = serde_json::Value;

    fn read(self, tenant: &Tenant) -> Result<serde_json::Value, Error> {
        let declared = tenant.realm.look(|view| view.attributes())?;
        Ok(template_schema(&declared))
    }
}
