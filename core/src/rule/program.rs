//! The conditions of a template, compiled once and asked for every order.

use std::fmt;
use std::sync::OnceLock;

use super::attribute::Attributes;
use super::compile::{Compiler, Filter, Node};
use super::condition::Condition;
use super::explain::{Explained, deciding, explain};
use super::facts::Facts;
use super::sense;
use crate::Invalid;
use crate::denial::Denial;

/// Conditions that must all hold.
#[derive(Debug, Clone)]
pub(crate) struct Program(Vec<Node>);

/// Refuses conditions that cannot be meant: unknown facts, wrong types, empty lists, too deep or too many, and what never or always
/// holds. Attributes are looked up where they are known.
pub(crate) fn check_conditions(
    conditions: &[Condition],
    field: &str,
    attributes: Option<&Attributes>,
) -> Result<(), Invalid> {
    sense::check(&compiled(conditions, field, attributes)?, field)
}

fn compiled(conditions: &[Condition], field: &str, attributes: Option<&Attributes>) -> Result<Vec<Node>, Invalid> {
    let mut compiler = Compiler::new(attributes);
    let all = conditions.iter().enumerate();
    all.map(|(place, condition)| compiler.condition(condition, &format!("{field}[{place}]"), 1)).collect()
}

/// Writes down the types of the attributes that conditions speak of, as they are declared.
pub(crate) fn pin_attributes<'a>(conditions: impl Iterator<Item = &'a mut Condition>, attributes: &Attributes) {
    for condition in conditions {
        condition.tests_mut(&mut |test| {
            test.fact_type = test.fact_type.or_else(|| attributes.type_of(&test.fact));
        });
    }
}

impl Program {
    /// Compiles conditions that were checked when they were saved. One that this build cannot read holds for nobody.
    pub(crate) fn of(conditions: &[Condition]) -> Self {
        let mut compiler = Compiler::new(None);
        let each = conditions.iter().map(|condition| compiler.condition(condition, "", 1).unwrap_or(Node::Open));
        Self(each.collect())
    }

    pub(super) fn nodes(&self) -> &[Node] {
        &self.0
    }

    #[cfg(test)]
    pub(super) fn first(&self) -> &Node {
        &self.0[0]
    }

    /// Whether all hold.
    pub(crate) fn holds(&self, facts: &Facts<'_>) -> bool {
        self.0.iter().all(|node| node.holds(facts, None))
    }

    /// The first that does not hold, as a denial with the path of the test that decides it, what it has and what it needs.
    pub(crate) fn first_unmet(&self, facts: &Facts<'_>) -> Option<Denial> {
        let unmet = self.0.iter().enumerate().find(|(_, node)| !node.holds(facts, None));
        unmet.map(|(place, node)| deciding(node, true, format!("conditions[{place}]"), facts))
    }

    /// Each node in turn: whether it holds, and why.
    pub(crate) fn explain(&self, facts: &Facts<'_>) -> Vec<Explained> {
        let mut nodes = Vec::new();
        for (place, node) in self.0.iter().enumerate() {
            explain(node, true, format!("conditions[{place}]"), facts, &mut nodes);
        }
        nodes
    }
}

/// The compiled conditions of a template and of what it gives, made when they are first asked.
#[derive(Clone, Default)]
pub(crate) struct Compiled(OnceLock<Box<Programs>>);

/// Which lines a benefit is about, ready to be asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Picks {
    /// What counts; every line where there is none.
    pub over: Option<Filter>,
    /// The lines that get it, where they are others.
    pub on: Option<Filter>,
    /// The parts of a set.
    pub parts: Vec<Filter>,
}

/// The programs of a template.
#[derive(Clone)]
pub(crate) struct Programs {
    pub conditions: Program,
    pub picks: Picks,
    /// Of each gift, in order.
    pub gives: Vec<Program>,
}

impl Compiled {
    pub(crate) fn get(&self, make: impl FnOnce() -> Programs) -> &Programs {
        self.0.get_or_init(|| Box::new(make()))
    }
}

impl PartialEq for Compiled {
    /// What is compiled follows from what is written.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Compiled {}

impl fmt::Debug for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Compiled")
    }
}

#[cfg(test)]
#[path = "program_tests.rs"]
mod tests;
