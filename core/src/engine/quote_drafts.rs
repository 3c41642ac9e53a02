//! What templates that nobody has saved would come to on an order: a plan of several offers, without effect.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::command::Stop;
use super::error::Error;
use super::explain::as_saved;
use super::redeem::{check_attributes, check_units};
use super::request::Read;
use super::resolve::product_sets;
use super::view::View;
use crate::Invalid;
use crate::card::{NoUnits, Parameters, Template, TemplateDraft, check_parameters, units_of};
use crate::checkout::{Offer, Order, Plan, PlanTerms, Purse, plan};
use crate::denial::Denial;
use crate::id::check_name;
use crate::money::{Rounding, check_amount};
use crate::rule::ProductSets;
use crate::time::{Instant, Window};

/// What templates would come to on an order, together, without being saved.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuoteDrafts {
    /// The order.
    pub order: Order,
    /// What is offered: at most 1,000, in any order.
    pub offers: Vec<DraftOffer>,
    /// How a share that is not whole becomes whole; as the tenant's settings say by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounding: Option<Rounding>,
    /// The moment of which it is told; now by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
}

/// A template that is tried on an order, as one card of it or as a promotion that needs no card.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftOffer {
    /// What it is called in the plan; each once.
    pub id: String,
    /// Its terms. Product sets are the newest, unless a version is named.
    pub template: TemplateDraft,
    /// Values of its parameters; their defaults where none is given.
    #[serde(default, skip_serializing_if = "Parameters::is_empty", deserialize_with = "crate::json::no_doubles")]
    pub parameters: Parameters,
    /// What the card holds, of a gift card, in minor units; what a new one holds by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance_minor: Option<i64>,
    /// How many uses are taken, of a times card; all that the order has by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<u32>,
}

/// What templates come to on an order, together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct DraftsQuoted {
    /// Stands for all that the plan says: two plans with one digest are the same.
    pub digest: String,
    /// The plan.
    #[serde(flatten)]
    pub plan: Plan,
}

const OFFERS_MAX: usize = 1_000;

impl QuoteDrafts {
    fn check(&self) -> Result<(), Invalid> {
        self.order.check()?;
        check_offers(&self.offers)
    }
}

pub(super) fn check_offers(offers: &[DraftOffer]) -> Result<(), Invalid> {
    if offers.len() > OFFERS_MAX {
        return Err(Invalid::new("offers", offers.len(), format!("at most {OFFERS_MAX} offers")));
    }
    let mut ids = BTreeSet::new();
    for (place, offer) in offers.iter().enumerate() {
        offer.check().map_err(|invalid| invalid.within(&format!("offers[{place}]")))?;
        if !ids.insert(offer.id.as_str()) {
            return Err(Invalid::new(format!("offers[{place}].id"), &offer.id, "an id that no other offer has"));
        }
    }
    Ok(())
}

impl DraftOffer {
    /// A template under a name, with its defaults.
    pub fn new(id: impl Into<String>, template: TemplateDraft) -> Self {
        Self { id: id.into(), template, parameters: Parameters::new(), balance_minor: None, units: None }
    }

    fn check(&self) -> Result<(), Invalid> {
        check_name("id", &self.id)?;
        self.template.check().map_err(|invalid| invalid.within("template"))?;
        check_parameters(&self.template, &self.parameters)?;
        check_units(self.units)?;
        match self.balance_minor {
            Some(balance) if self.template.kind.holds_value() => check_amount("balance_minor", balance, 0),
            Some(balance) => {
                Err(Invalid::new("balance_minor", balance, "nothing, for a template whose cards hold no value"))
            }
            None => Ok(()),
        }
    }
}

/// An offer once its template is resolved.
pub(super) struct Ready {
    pub id: String,
    /// Where it stands in the request.
    place: usize,
    pub template: Template,
    parameters: Parameters,
    balance_minor: i64,
    /// How many uses are asked for.
    units: Option<u32>,
}

impl Read for QuoteDrafts {
    type Reply = DraftsQuoted;

    fn read(self, tenant: &Tenant) -> Result<DraftsQuoted, Error> {
        self.check()?;
        tenant.realm.weigh(|view| quote(view, &self))
    }
}

fn quote(view: &mut View<'_>, asked: &QuoteDrafts) -> Result<DraftsQuoted, Stop> {
    check_attributes(view, &asked.order)?;
    let rounding = asked.rounding.map_or_else(|| view.rounding(), Ok)?;
    let at = asked.at.unwrap_or(view.now);
    let (ready, sets) = made_ready(view, &asked.offers)?;
    let offers: Result<Vec<Offer<'_>>, _> = ready.iter().map(|ready| ready.offer(&asked.order, &sets, at)).collect();
    let offers = offers?;
    let plan = plan(&asked.order, &offers, PlanTerms { sets: &sets, rounding, at });
    Ok(DraftsQuoted { digest: plan.digest(), plan })
}

/// A draft as it would be saved now, with its window in the tenant's zone.
fn resolved(view: &mut View<'_>, offer: &DraftOffer, path: &str) -> Result<Template, Stop> {
    let mut template = as_saved(view, &offer.template, &format!("{path}.template"))?;
    let (field, validity) = (format!("{path}.template.validity"), &offer.template.validity);
    template.window = Window::resolve(&field, validity.start.as_deref(), validity.end.as_deref(), &template.zone)?;
    Ok(template)
}

/// Offers with their templates, and the product sets that these name.
pub(super) fn made_ready(view: &mut View<'_>, offers: &[DraftOffer]) -> Result<(Vec<Ready>, ProductSets), Stop> {
    let mut sets = ProductSets::new();
    let mut ready = Vec::with_capacity(offers.len());
    for (place, asked) in offers.iter().enumerate() {
        let template = resolved(view, asked, &format!("offers[{place}]"))?;
        sets.extend(product_sets(view, &template.draft)?);
        let parameters = template.complete(&Parameters::new(), &asked.parameters);
        let balance_minor = asked.balance_minor.unwrap_or_else(|| template.draft.value_minor(&parameters));
        ready.push(Ready { id: asked.id.clone(), place, template, parameters, balance_minor, units: asked.units });
    }
    Ok((ready, sets))
}

fn out_of_time(template: &Template, at: Instant) -> Option<Denial> {
    let Window { start, end } = template.window;
    let early = start.filter(|start| at < *start).map(|starts_at| Denial::NotStarted { starts_at });
    early.or(end.filter(|end| *end <= at).map(|expired_at| Denial::Expired { expired_at }))
}

impl Ready {
    /// What it is on an order at a moment.
    pub(super) fn offer(&self, order: &Order, sets: &ProductSets, at: Instant) -> Result<Offer<'_>, Invalid> {
        let mut refused = out_of_time(&self.template, at);
        let most = self.template.draft.limits.uses_per_card;
        let units = match units_of(&self.template, order, sets, self.units, most) {
            Ok(units) => units,
            Err(NoUnits::Invalid(invalid)) => return Err(invalid.within(&format!("offers[{}]", self.place))),
            Err(NoUnits::Denied(denial)) => {
                refused = refused.or(Some(denial));
                None
            }
        };
        let purse = Purse { balance_minor: self.balance_minor, asked_minor: None, units };
        Ok(Offer {
            id: &self.id,
            template: &self.template,
            parameters: &self.parameters,
            purse,
            turn: 0,
            refused: refused.map(Box::new),
        })
    }
}
