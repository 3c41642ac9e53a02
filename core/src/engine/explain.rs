//! Why the conditions of a card or a draft hold on an order or do not; and what a template may say.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::command::Stop;
use super::error::Error;
use super::redeem::check_attributes;
use super::request::Read;
use super::resolve::{CardPick, Meaning, Picked, check_pick, pinned, product_sets};
use super::samples::Orders;
use super::tenant::Realm;
use super::view::View;
use crate::card::{Template, TemplateDraft};
use crate::denial::{Denial, Refusal};
use crate::rule::{Explained, Facts, Order, ProductSets, template_schema};
use crate::store::Settings;
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

/// Conditions that were found, ready to be asked.
struct Asked {
    template: Arc<Template>,
    sets: ProductSets,
    at: Instant,
}

impl ExplainOf {
    /// What needs no look at the store.
    fn picked(&self, realm: &Realm) -> Result<Option<Picked>, Error> {
        match self {
            Self::Card(pick) => {
                check_pick("of.card", pick)?;
                realm.pick(pick).map(Some)
            }
            Self::Template(draft) => {
                draft.check().map_err(|invalid| invalid.within("of.template"))?;
                Ok(None)
            }
        }
    }

    fn asked(
        &self,
        view: &mut View<'_>,
        realm: &Realm,
        picked: Option<&Picked>,
        at: Option<Instant>,
    ) -> Result<Asked, Stop> {
        let (template, now) = match (self, picked) {
            (Self::Card(_), Some(picked)) => match picked.resolve(view, realm)? {
                Meaning::Card(resolved) => (resolved.ground.template, view.now.max(resolved.card.last_at)),
                Meaning::AnyOf(ground) => (ground.template, view.now),
            },
            (Self::Card(_), None) => return Err(Stop::Internal("a card was not picked")),
            (Self::Template(draft), _) => (Arc::new(as_saved(view, draft, "of.template")?), view.now),
        };
        let sets = product_sets(view, &template.draft)?;
        Ok(Asked { template, sets, at: at.unwrap_or(now) })
    }
}

impl Asked {
    fn facts<'a>(&'a self, order: &'a Order) -> Facts<'a> {
        Facts::new(order, &self.sets, self.at, &self.template.zone)
    }

    fn explained(&self, order: &Order) -> Explanation {
        let (facts, program) = (self.facts(order), &self.template.programs().conditions);
        let denial = program.first_unmet(&facts).as_ref().map(Denial::refusal);
        Explanation { holds: denial.is_none(), denial, nodes: program.explain(&facts) }
    }
}

/// A draft as it would be saved now.
pub(super) fn as_saved(view: &mut View<'_>, draft: &TemplateDraft, path: &str) -> Result<Template, Stop> {
    let (draft, Settings { zone, .. }) = pinned(view, draft, path)?;
    Ok(Template::new(0, draft, Window::default(), zone))
}

impl Read for Explain {
    type Reply = Explanation;

    fn read(self, tenant: &Tenant) -> Result<Explanation, Error> {
        self.order.check()?;
        let realm = &*tenant.realm;
        let picked = self.of.picked(realm)?;
        realm.weigh(|view| {
            check_attributes(view, &self.order)?;
            let asked = self.of.asked(view, realm, picked.as_ref(), self.at)?;
            Ok(asked.explained(&self.order))
        })
    }
}

/// Says for many orders at once whether the conditions of a card, or of a template that is not saved yet, hold.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvaluateMany {
    /// Whose conditions.
    pub of: ExplainOf,
    /// The orders.
    pub orders: Orders,
    /// At which moment; now by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
}

/// For which orders conditions hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct EvaluatedMany {
    /// One for each order, in order.
    pub hold: Vec<bool>,
}

impl Read for EvaluateMany {
    type Reply = EvaluatedMany;

    fn read(self, tenant: &Tenant) -> Result<EvaluatedMany, Error> {
        let realm = &*tenant.realm;
        let picked = self.of.picked(realm)?;
        let pieces = self.orders.found(tenant)?;
        realm.weigh(|view| {
            let asked = self.of.asked(view, realm, picked.as_ref(), self.at)?;
            let program = &asked.template.programs().conditions;
            let orders = pieces.iter().flat_map(|piece| piece.iter());
            Ok(EvaluatedMany { hold: orders.map(|order| program.holds(&asked.facts(order))).collect() })
        })
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
