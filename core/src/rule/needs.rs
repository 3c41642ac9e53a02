//! What conditions need whatever else they say: lists of texts of which an order must say one, and the least that its lines must come
//! to. It is never more than they need: an order that meets them meets all of it, and may meet all of it without meeting them.

use smol_str::SmolStr;

use super::compile::{Exec, Filter, Leaf, LinesNode, Measure, Node, NumberOf};
use super::condition::Matching;
use super::exec::{IntTest, Sorted, TextTest, TextsTest};
use super::fact::{AttributeOf, FactName, FactOf, FactType, Form, KnownFact};
use super::facts::Facts;
use super::operator::Test;
use super::program::Program;

/// Something that an order may have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// A fact of the order, or of one of its lines, is this text, or has it in it.
    Says(FactName, FactType, SmolStr),
    /// The product of one of its lines is in this version of a set.
    InSet(String, u32),
}

/// What an order must have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Needs {
    /// Of each list one.
    pub one_of: Vec<Vec<Need>>,
    /// So much at least that the lines come to, in minor units.
    pub least_minor: i64,
}

/// More texts than that in one list tell orders apart no better than none.
const LIST_MAX: usize = 2_000;
/// Of texts that must all be there, so many are minded.
const ALL_MAX: usize = 4;

impl Need {
    /// How many orders may have it, as a guess: the lower, the fewer.
    pub(crate) fn breadth(&self) -> Breadth {
        match self {
            Self::InSet(..) => Breadth::Product,
            Self::Says(FactName::Attr(of, _), ..) => match of {
                AttributeOf::Line => Breadth::Tag,
                AttributeOf::Order | AttributeOf::Holder => Breadth::Holder,
            },
            Self::Says(FactName::Known(known), ..) => match known {
                KnownFact::LineProduct => Breadth::Product,
                KnownFact::LineTags => Breadth::Tag,
                KnownFact::LineCategories => Breadth::Category,
                KnownFact::HolderSegments => Breadth::Holder,
                KnownFact::StoreId => Breadth::Store,
                KnownFact::PlaceRegion | KnownFact::OrderSource => Breadth::Region,
                KnownFact::OrderCurrency => Breadth::Currency,
                _ => Breadth::Channel,
            },
        }
    }
}

/// How many orders may have something, the fewest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Breadth {
    Product,
    Tag,
    Category,
    Holder,
    Store,
    Region,
    Channel,
    Currency,
}

/// How many orders may have one of these.
pub(crate) fn breadth_of(list: &[Need]) -> Breadth {
    list.iter().map(Need::breadth).max().unwrap_or(Breadth::Currency)
}

impl Needs {
    fn one_of(list: impl IntoIterator<Item = Need>) -> Self {
        let mut list: Vec<Need> = list.into_iter().collect();
        list.sort_unstable();
        list.dedup();
        let one_of = if list.is_empty() || list.len() > LIST_MAX { Vec::new() } else { vec![list] };
        Self { one_of, least_minor: 0 }
    }

    pub(crate) fn least(least_minor: i64) -> Self {
        Self { one_of: Vec::new(), least_minor: least_minor.max(0) }
    }

    /// Both.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.one_of.extend(other.one_of);
        self.least_minor = self.least_minor.max(other.least_minor);
        self
    }

    fn all(parts: impl Iterator<Item = Self>) -> Self {
        parts.fold(Self::default(), Self::and)
    }

    /// One at least: the list that says most of each, together.
    fn any(parts: impl Iterator<Item = Self>) -> Self {
        let (mut lists, mut least_minor) = (Some(Vec::new()), None::<i64>);
        for part in parts {
            least_minor = Some(least_minor.map_or(part.least_minor, |least| least.min(part.least_minor)));
            let narrowest = part.one_of.into_iter().min_by_key(|list| (breadth_of(list), list.len()));
            lists = lists.zip(narrowest).map(|(mut lists, list)| {
                lists.extend(list);
                lists
            });
        }
        Self::one_of(lists.unwrap_or_default()).and(Self::least(least_minor.unwrap_or(0)))
    }
}

impl Program {
    /// What an order must have for all of it to hold.
    pub(crate) fn needs(&self) -> Needs {
        Needs::all(self.nodes().iter().map(|node| of_node(node, false)))
    }
}

impl Filter {
    /// What an order must have for the filter to pick one of its lines.
    pub(crate) fn needs(&self) -> Needs {
        let in_set = self.set.iter().map(|(name, version)| Need::InSet(name.clone(), *version));
        let listed = |fact, of, texts| Needs::one_of(says(&FactName::Known(fact), of, texts));
        Needs::one_of(in_set).and(listed(KnownFact::LineProduct, FactType::Text, &self.products)).and(listed(
            KnownFact::LineCategories,
            FactType::Texts,
            &self.categories,
        ))
    }
}

/// That a fact says this.
pub(crate) fn says_currency(code: &str) -> Needs {
    let fact = FactName::Known(KnownFact::OrderCurrency);
    Needs::one_of([Need::Says(fact, FactType::Text, SmolStr::new(code))])
}

fn says<'a>(fact: &'a FactName, of: FactType, texts: &'a Sorted) -> impl Iterator<Item = Need> + 'a {
    texts.0.iter().map(move |text| Need::Says(fact.clone(), of, SmolStr::new(text)))
}

/// What must be there for a node to hold, or with `negated` not to.
fn of_node(node: &Node, negated: bool) -> Needs {
    match (node, negated) {
        (Node::All(parts), false) | (Node::Any(parts), true) => {
            Needs::all(parts.iter().map(|part| of_node(part, negated)))
        }
        (Node::Any(parts), false) | (Node::All(parts), true) => {
            Needs::any(parts.iter().map(|part| of_node(part, negated)))
        }
        (Node::Not(part), negated) => of_node(part, !negated),
        (Node::Fact(leaf), negated) => of_leaf(leaf, negated),
        (Node::Lines(lines), negated) => of_lines(lines, negated),
        (Node::InSet((name, version)), false) => Needs::one_of([Need::InSet(name.clone(), *version)]),
        // No amount is below zero: what some lines come to, all of them do.
        (Node::MinSpend { minor, lines }, false) => {
            lines.as_ref().map(Filter::needs).unwrap_or_default().and(Needs::least(*minor))
        }
        (Node::HasLine(filter), false) => filter.needs(),
        (Node::InSet(_) | Node::MinSpend { .. } | Node::HasLine(_), true) | (Node::Open, _) => Needs::default(),
    }
}

fn of_leaf(leaf: &Leaf, negated: bool) -> Needs {
    match (&leaf.exec, negated) {
        (Exec::Text(TextTest::OneOf(list)), false)
        | (Exec::Texts(TextsTest::Any(list)), false)
        | (Exec::Texts(TextsTest::None(list)), true) => Needs::one_of(says(&leaf.fact, leaf.of, list)),
        (Exec::Texts(TextsTest::All(list)), false) => {
            Needs::all(says(&leaf.fact, leaf.of, list).take(ALL_MAX).map(|need| Needs::one_of([need])))
        }
        (Exec::Int(test), false) if leaf.fact == FactName::Known(KnownFact::OrderSubtotal) => Needs::least(least(test)),
        (Exec::Text(_) | Exec::Texts(_) | Exec::Int(_) | Exec::Area(_) | Exec::Exists(_), _) => Needs::default(),
    }
}

fn of_lines(lines: &LinesNode, negated: bool) -> Needs {
    let some_line = |negated| lines.of.as_ref().map(|of| of_node(of, negated)).unwrap_or_default();
    match (&lines.measure, negated) {
        // Every order has a line.
        (Measure::Matching(Matching::Any | Matching::All), false) | (Measure::Matching(Matching::None), true) => {
            some_line(false)
        }
        (Measure::Matching(Matching::All), true) => some_line(true),
        (Measure::Matching(Matching::None), false) | (Measure::Matching(Matching::Any), true) => Needs::default(),
        // None of them would do.
        (Measure::Number { exec, .. }, negated) if exec.holds(0) != negated => Needs::default(),
        (Measure::Number { of: NumberOf::Sum, exec, .. }, false) => some_line(false).and(Needs::least(least(exec))),
        (Measure::Number { .. }, _) => some_line(false),
    }
}

/// The least number that passes, where that is above zero.
fn least(test: &IntTest) -> i64 {
    if test.outside { 0 } else { test.ranges.first().map_or(0, |(least, _)| *least) }
}

/// A fact that orders say texts of, ready to be asked.
#[derive(Debug, Clone)]
pub(crate) struct Said(Leaf);

impl Said {
    pub(crate) fn new(fact: FactName, of: FactType) -> Self {
        Self(Leaf { fact, of, test: Test::Exists(true), exec: Exec::Exists(true) })
    }

    pub(crate) fn is_of(&self, fact: &FactName, of: FactType) -> bool {
        self.0.fact == *fact && self.0.of == of
    }

    /// Tells each text that an order, or a line of it, says.
    pub(crate) fn each<'a>(&self, facts: &Facts<'a>, mut tell: impl FnMut(&'a str)) {
        let of_line = match &self.0.fact {
            FactName::Known(known) => known.of() == FactOf::Line,
            FactName::Attr(of, _) => *of == AttributeOf::Line,
        };
        let mut of = |line| match self.0.of.form() {
            Form::Text => facts.text(&self.0, line).into_iter().for_each(&mut tell),
            Form::Texts => facts.texts(&self.0, line).each(&mut tell),
            Form::Int | Form::Place => {}
        };
        if of_line {
            facts.order.lines.iter().for_each(|line| of(Some(line)));
        } else {
            of(None);
        }
    }
}
