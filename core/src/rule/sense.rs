//! Conditions that can never hold, and conditions that always do: both are mistakes, and refused with their path.
//!
//! What is said is certain. What is not seen: several tests of `lines` taken together, polygons and circles, and that facts hang
//! together (a subtotal and the sum of some lines, the moment and its date).

use std::collections::BTreeMap;

use super::compile::{Leaf, LinesNode, Measure, Node};
use super::domain::Domain;
use super::exec::IntTest;
use super::fact::{FactName, KnownFact};
use crate::Invalid;
use crate::money::AMOUNT_MAX;

/// Refuses conditions of which one never or always holds, or that never hold together. `field` is where their list stands.
pub(super) fn check(nodes: &[Node], field: &str) -> Result<(), Invalid> {
    let paths: Vec<String> = (0..nodes.len()).map(|place| format!("{field}[{place}]")).collect();
    nodes.iter().zip(&paths).try_for_each(|(node, path)| check_node(node, path))?;
    let mut parts = Parts::default();
    nodes.iter().zip(paths).for_each(|(node, path)| parts.collect(node, false, path));
    parts.clash(None).map_or(Ok(()), |clash| Err(clash.never()))
}

/// The innermost that is wrong is named.
fn check_node(node: &Node, path: &str) -> Result<(), Invalid> {
    let each = |parts: &[Node], word: &str| {
        let mut all = parts.iter().enumerate();
        all.try_for_each(|(place, part)| check_node(part, &format!("{path}.{word}[{place}]")))
    };
    match node {
        Node::All(parts) => each(parts, "all")?,
        Node::Any(parts) => each(parts, "any")?,
        Node::Not(part) => check_node(part, &format!("{path}.not"))?,
        Node::Lines(lines) => {
            lines.of.as_ref().map_or(Ok(()), |of| check_node(of, &format!("{path}.lines.where")))?;
        }
        Node::Fact(_) | Node::InSet(_) | Node::MinSpend { .. } | Node::HasLine(_) | Node::Open => {}
    }
    if let Some(clash) = never(node, false, path, None) {
        return Err(clash.never());
    }
    match never(node, true, path, None) {
        Some(clash) => Err(clash.always(path)),
        None => Ok(()),
    }
}

/// Where a test leaves nothing, and beside which other.
struct Clash {
    at: String,
    with: Option<String>,
}

impl Clash {
    fn never(self) -> Invalid {
        let given = match &self.with {
            Some(with) if *with != self.at => format!("never true beside {with}"),
            Some(_) | None => "never true".to_owned(),
        };
        Invalid::new(self.at, given, "conditions that can hold, and can hold together")
    }

    fn always(self, path: &str) -> Invalid {
        Invalid::new(path, "always true", "conditions that can fail to hold")
    }
}

/// A single test, as it must come out.
struct Literal<'a> {
    test: Single<'a>,
    negated: bool,
    path: String,
}

#[derive(Clone, Copy)]
enum Single<'a> {
    Leaf(&'a Leaf),
    Spend(i64),
    Number(&'a LinesNode),
}

/// What must hold together: single tests, and lists of which one must.
#[derive(Default)]
struct Parts<'a> {
    literals: Vec<Literal<'a>>,
    choices: Vec<(&'a [Node], bool, String)>,
}

/// What is known of facts so far, here and in what is around.
struct Scope<'a, 'b> {
    around: Option<&'b Scope<'a, 'b>>,
    own: BTreeMap<&'a FactName, (Domain<'a>, String)>,
}

const SUBTOTAL: &FactName = &FactName::Known(KnownFact::OrderSubtotal);

impl<'a> Scope<'a, '_> {
    fn get(&self, fact: &FactName) -> Option<&(Domain<'a>, String)> {
        self.own.get(fact).or_else(|| self.around?.get(fact))
    }
}

impl<'a> Parts<'a> {
    fn collect(&mut self, node: &'a Node, negated: bool, path: String) {
        let word = match (node, negated) {
            (Node::All(_), _) => "all",
            _ => "any",
        };
        match (node, negated) {
            (Node::All(parts), false) | (Node::Any(parts), true) => {
                let each = parts.iter().enumerate();
                each.for_each(|(place, part)| self.collect(part, negated, format!("{path}.{word}[{place}]")));
            }
            (Node::Any(parts), false) | (Node::All(parts), true) => {
                self.choices.push((parts, negated, format!("{path}.{word}")));
            }
            (Node::Not(part), negated) => self.collect(part, !negated, format!("{path}.not")),
            (Node::Fact(leaf), negated) => self.literal(Single::Leaf(leaf), negated, format!("{path}.fact")),
            (Node::Lines(lines), negated) => self.literal(Single::Number(lines), negated, format!("{path}.lines")),
            (Node::MinSpend { minor, lines: None }, negated) => {
                self.literal(Single::Spend(*minor), negated, format!("{path}.min_spend"));
            }
            (Node::MinSpend { .. } | Node::HasLine(_) | Node::InSet(_) | Node::Open, _) => {}
        }
    }

    fn literal(&mut self, test: Single<'a>, negated: bool, path: String) {
        self.literals.push(Literal { test, negated, path });
    }

    /// Where these cannot all hold, beside what is known around them.
    fn clash(self, around: Option<&Scope<'a, '_>>) -> Option<Clash> {
        let mut scope = Scope { around, own: BTreeMap::new() };
        for literal in self.literals {
            let (fact, whole) = match literal.test {
                Single::Leaf(leaf) => (&leaf.fact, Domain::whole(leaf)),
                Single::Spend(_) => (SUBTOTAL, Domain::Ints { ranges: vec![(0, AMOUNT_MAX)], absent: false }),
                Single::Number(lines) => {
                    if number_never(lines, literal.negated) {
                        return Some(Clash { at: literal.path, with: None });
                    }
                    continue;
                }
            };
            let (mut domain, before) = match scope.get(fact) {
                Some((domain, path)) => (domain.clone(), Some(path.clone())),
                None => (whole, None),
            };
            match literal.test {
                Single::Leaf(leaf) => domain.narrow(&leaf.exec, literal.negated),
                Single::Spend(minor) => domain.narrow_to_least(minor, literal.negated),
                Single::Number(_) => {}
            }
            if domain.is_empty() {
                return Some(Clash { at: literal.path, with: before });
            }
            scope.own.insert(fact, (domain, literal.path));
        }
        self.choices.into_iter().find_map(|(parts, negated, path)| {
            let mut first = None;
            for (place, part) in parts.iter().enumerate() {
                let clash = never(part, negated, &format!("{path}[{place}]"), Some(&scope))?;
                first.get_or_insert(clash);
            }
            first
        })
    }
}

/// Whether a number of lines cannot come out so, whatever the lines are.
fn number_never(lines: &LinesNode, negated: bool) -> bool {
    let Measure::Number { of, exec, .. } = &lines.measure else { return false };
    let (least, most) = of.bounds();
    let IntTest { ranges, outside } = exec;
    if *outside == negated {
        // One of the ranges must be met.
        !ranges.iter().any(|range| range.0 <= most && range.1 >= least)
    } else {
        ranges.iter().any(|range| range.0 <= least && range.1 >= most)
    }
}

/// Why a condition can never hold, or with `negated` can never fail to.
fn never<'a>(node: &'a Node, negated: bool, path: &str, around: Option<&Scope<'a, '_>>) -> Option<Clash> {
    let mut parts = Parts::default();
    parts.collect(node, negated, path.to_owned());
    parts.clash(around)
}

/// What a condition comes to on every order, where that can be seen.
#[cfg(test)]
pub(super) fn certain(node: &Node) -> Option<bool> {
    let never_so = |negated| never(node, negated, "", None).is_some();
    if never_so(false) { Some(false) } else { never_so(true).then_some(true) }
}
