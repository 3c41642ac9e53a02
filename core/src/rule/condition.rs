//! The conditions of a template as they are written: a tree over facts.

use serde::{Deserialize, Serialize};

use super::line_filter::{LineFilter, Over};
use super::operator::{Comparison, FactTest};

/// One thing that must be true of the order. A template's conditions must all hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// The lines come to at least this much.
    MinSpend {
        /// Minor units, 1 or more.
        minor: i64,
        /// Whose sum; the whole order by default.
        #[serde(default)]
        over: Over,
    },
    /// At least one line is picked.
    HasLine {
        /// The filter.
        lines: LineFilter,
    },
    /// All of these hold.
    All(Vec<Condition>),
    /// One of these holds at least.
    Any(Vec<Condition>),
    /// This does not hold.
    Not(Box<Condition>),
    /// A fact is as it is asked to be.
    Fact(FactTest),
    /// The lines are, taken together.
    Lines(LinesTest),
}

/// What must be true of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LineCondition {
    /// All of these hold.
    All(Vec<LineCondition>),
    /// One of these holds at least.
    Any(Vec<LineCondition>),
    /// This does not hold.
    Not(Box<LineCondition>),
    /// A fact of the line is as it is asked to be.
    Fact(#[schemars(with = "super::schema::LineFactTest")] FactTest),
    /// The product belongs to a saved product set.
    ProductSet(SetRef),
}

/// Points at a saved product set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetRef {
    /// Its name.
    pub name: String,
    /// Its version; the newest when the template is saved, and pinned from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
}

/// What is asked of the lines together: one of `match`, `count`, `quantity` and `sum`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("allOf" = super::schema::one_measure()))]
pub struct LinesTest {
    /// Which lines are meant; all of them by default.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub of: Option<LineCondition>,
    /// How many of the order's lines must be as `where` says.
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    pub matching: Option<Matching>,
    /// How many such lines there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<Comparison>,
    /// How many pieces they have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Comparison>")]
    pub quantity: Option<Comparison>,
    /// What they come to, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Comparison>")]
    pub sum: Option<Comparison>,
}

/// How many lines of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Matching {
    /// One at least.
    Any,
    /// Every one.
    All,
    /// Not one.
    None,
}

impl Condition {
    /// Every line filter in it, for pinning its product set.
    pub(crate) fn filters_mut(&mut self) -> Vec<&mut LineFilter> {
        match self {
            Self::MinSpend { over, .. } => over.filter_mut().into_iter().collect(),
            Self::HasLine { lines } => vec![lines],
            Self::All(parts) | Self::Any(parts) => parts.iter_mut().flat_map(Self::filters_mut).collect(),
            Self::Not(part) => part.filters_mut(),
            Self::Fact(_) | Self::Lines(_) => Vec::new(),
        }
    }

    /// Every product set that the conditions of lines in it name, for pinning.
    pub(crate) fn set_refs_mut(&mut self) -> Vec<&mut SetRef> {
        match self {
            Self::MinSpend { .. } | Self::HasLine { .. } | Self::Fact(_) => Vec::new(),
            Self::All(parts) | Self::Any(parts) => parts.iter_mut().flat_map(Self::set_refs_mut).collect(),
            Self::Not(part) => part.set_refs_mut(),
            Self::Lines(test) => test.of.as_mut().map_or_else(Vec::new, LineCondition::set_refs_mut),
        }
    }

    /// Every product set in it, with its pinned version (0 where none is pinned yet).
    pub(crate) fn product_sets(&self) -> Vec<(String, u32)> {
        match self {
            Self::MinSpend { over, .. } => over.filter().and_then(LineFilter::pinned).into_iter().collect(),
            Self::HasLine { lines } => lines.pinned().into_iter().collect(),
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::product_sets).collect(),
            Self::Not(part) => part.product_sets(),
            Self::Fact(_) => Vec::new(),
            Self::Lines(test) => test.of.as_ref().map_or_else(Vec::new, LineCondition::product_sets),
        }
    }

    /// Calls `see` with each test of a fact, of the order as well as of lines.
    pub(crate) fn tests_mut(&mut self, see: &mut dyn FnMut(&mut FactTest)) {
        match self {
            Self::MinSpend { .. } | Self::HasLine { .. } => {}
            Self::All(parts) | Self::Any(parts) => parts.iter_mut().for_each(|part| part.tests_mut(see)),
            Self::Not(part) => part.tests_mut(see),
            Self::Fact(test) => see(test),
            Self::Lines(test) => test.of.iter_mut().for_each(|part| part.tests_mut(see)),
        }
    }

    /// Whether an amount is named, which needs a currency.
    pub(crate) fn has_amount(&self) -> bool {
        match self {
            Self::MinSpend { .. } => true,
            Self::HasLine { .. } => false,
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::has_amount),
            Self::Not(part) => part.has_amount(),
            Self::Fact(test) => test.is_of_money(),
            Self::Lines(test) => test.sum.is_some() || test.of.as_ref().is_some_and(LineCondition::has_amount),
        }
    }
}

impl LineCondition {
    fn set_refs_mut(&mut self) -> Vec<&mut SetRef> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter_mut().flat_map(Self::set_refs_mut).collect(),
            Self::Not(part) => part.set_refs_mut(),
            Self::Fact(_) => Vec::new(),
            Self::ProductSet(set) => vec![set],
        }
    }

    fn product_sets(&self) -> Vec<(String, u32)> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::product_sets).collect(),
            Self::Not(part) => part.product_sets(),
            Self::Fact(_) => Vec::new(),
            Self::ProductSet(set) => vec![(set.name.clone(), set.version.unwrap_or_default())],
        }
    }

    fn tests_mut(&mut self, see: &mut dyn FnMut(&mut FactTest)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter_mut().for_each(|part| part.tests_mut(see)),
            Self::Not(part) => part.tests_mut(see),
            Self::Fact(test) => see(test),
            Self::ProductSet(_) => {}
        }
    }

    fn has_amount(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::has_amount),
            Self::Not(part) => part.has_amount(),
            Self::Fact(test) => test.is_of_money(),
            Self::ProductSet(_) => false,
        }
    }
}
