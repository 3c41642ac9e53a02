//! What a fact can still be when some tests of it hold and others do not. Where this says *nothing*, that is certain; where it
//! does not, it may still be so.

use super::compile::{Exec, LINES_MAX, Leaf, QUANTITY_MAX};
use super::exec::{TextTest, TextsTest, joined};
use super::fact::{FactName, FactType, Form, KnownFact};
use crate::money::AMOUNT_MAX;

/// The values that are left.
#[derive(Debug, Clone)]
pub(super) enum Domain<'a> {
    /// Whole numbers in one of the ranges.
    Ints { ranges: Vec<(i64, i64)>, absent: bool },
    /// One text.
    Text(TextDomain<'a>),
    /// A set of texts.
    Texts(TextsDomain<'a>),
    /// A place: whether it is known is all that is reasoned about.
    Place { present: bool, absent: bool },
}

#[derive(Debug, Clone, Default)]
pub(super) struct TextDomain<'a> {
    only: Option<Vec<&'a str>>,
    not: Vec<&'a str>,
    prefix: Option<&'a str>,
    not_prefix: Vec<&'a str>,
    /// Two prefixes that no text has both.
    torn: bool,
    /// It is not there at all, for certain.
    gone: bool,
    absent: bool,
}

#[derive(Debug, Clone, Default)]
pub(super) struct TextsDomain<'a> {
    required: Vec<&'a str>,
    forbidden: Vec<&'a str>,
    /// Of each list one must be in it.
    any: Vec<&'a [String]>,
    /// Of each list one must be missing.
    missing: Vec<&'a [String]>,
    empty: bool,
    filled: bool,
}

/// What a number can be before anything is asked.
fn bounds(leaf: &Leaf) -> (i64, i64) {
    let known = match &leaf.fact {
        FactName::Known(known) => Some(*known),
        FactName::Attr(..) => None,
    };
    match (known, leaf.of) {
        (Some(KnownFact::OrderLines), _) => (1, LINES_MAX),
        (Some(KnownFact::OrderQuantity), _) => (1, LINES_MAX * QUANTITY_MAX),
        (Some(KnownFact::LineQuantity), _) => (1, QUANTITY_MAX),
        (Some(_), FactType::Money) => (0, AMOUNT_MAX),
        (_, FactType::Boolean) => (0, 1),
        (_, FactType::Weekday) => (0, 6),
        (_, FactType::TimeOfDay) => (0, 86_399),
        (_, _) => (-AMOUNT_MAX, AMOUNT_MAX),
    }
}

/// Those in both; both are sorted and do not touch.
fn common(a: &[(i64, i64)], b: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let (mut i, mut j, mut both) = (0, 0, Vec::new());
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        let (least, most) = (x.0.max(y.0), x.1.min(y.1));
        if least <= most {
            both.push((least, most));
        }
        if x.1 < y.1 { i += 1 } else { j += 1 }
    }
    both
}

/// All that lies in none.
fn others(ranges: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let (mut from, mut rest) = (Some(i64::MIN), Vec::new());
    for (least, most) in ranges {
        if let Some(from) = from
            && from < *least
        {
            rest.push((from, least - 1));
        }
        from = most.checked_add(1);
    }
    rest.extend(from.map(|from| (from, i64::MAX)));
    joined(rest)
}

impl<'a> Domain<'a> {
    /// All that a fact can be.
    pub(super) fn whole(leaf: &Leaf) -> Self {
        let absent = leaf.fact.may_lack();
        match leaf.of.form() {
            Form::Text => Self::Text(TextDomain { absent, ..TextDomain::default() }),
            Form::Texts => Self::Texts(TextsDomain::default()),
            Form::Place => Self::Place { present: true, absent },
            Form::Int => Self::Ints { ranges: vec![bounds(leaf)], absent },
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Ints { ranges, absent } => ranges.is_empty() && !absent,
            Self::Text(texts) => !texts.absent && (texts.gone || texts.none_left()),
            Self::Texts(texts) => texts.none_left(),
            Self::Place { present, absent } => !present && !absent,
        }
    }

    /// What is left where a test holds, or with `negated` does not.
    pub(super) fn narrow(&mut self, exec: &'a Exec, negated: bool) {
        match (self, exec) {
            (Self::Ints { ranges, absent }, Exec::Exists(wanted)) => {
                if *wanted != negated {
                    *absent = false
                } else {
                    ranges.clear()
                }
            }
            (Self::Ints { ranges, absent }, Exec::Int(test)) => {
                *absent &= negated;
                let outside = others(&test.ranges);
                let wanted = if test.outside == negated { &*test.ranges } else { &outside };
                *ranges = common(ranges, wanted);
            }
            (Self::Text(texts), Exec::Exists(wanted)) => {
                if *wanted != negated {
                    texts.absent = false
                } else {
                    texts.gone = true
                }
            }
            (Self::Text(texts), Exec::Text(test)) => texts.narrow(test, negated),
            (Self::Texts(texts), Exec::Exists(wanted)) => {
                if *wanted != negated {
                    texts.filled = true
                } else {
                    texts.empty = true
                }
            }
            (Self::Texts(texts), Exec::Texts(test)) => texts.narrow(test, negated),
            (Self::Place { present, absent }, Exec::Exists(wanted)) => {
                if *wanted != negated {
                    *absent = false
                } else {
                    *present = false
                }
            }
            (Self::Place { absent, .. }, Exec::Area(_)) => *absent &= negated,
            // A fact has one type, and a type its own kind of test.
            _ => {}
        }
    }
}

impl Domain<'_> {
    /// What of a number is left where it is so much at least, or with `negated` less.
    pub(super) fn narrow_to_least(&mut self, least: i64, negated: bool) {
        if let Self::Ints { ranges, .. } = self {
            let wanted = if negated { (i64::MIN, least - 1) } else { (least, i64::MAX) };
            *ranges = common(ranges, &[wanted]);
        }
    }
}

impl<'a> TextDomain<'a> {
    fn keep(&mut self, list: impl Iterator<Item = &'a str>) {
        let list: Vec<_> = list.collect();
        self.only = Some(match self.only.take() {
            None => list,
            Some(only) => only.into_iter().filter(|text| list.binary_search(text).is_ok()).collect(),
        });
    }

    fn narrow(&mut self, test: &'a TextTest, negated: bool) {
        self.absent &= negated;
        match (test, negated) {
            (TextTest::OneOf(list), false) | (TextTest::NoneOf(list), true) => {
                self.keep(list.0.iter().map(String::as_str));
            }
            (TextTest::OneOf(list), true) | (TextTest::NoneOf(list), false) => {
                self.not.extend(list.0.iter().map(String::as_str));
            }
            (TextTest::Prefix(prefix), true) => self.not_prefix.push(prefix),
            (TextTest::Prefix(prefix), false) => match self.prefix {
                Some(have) if have.starts_with(prefix.as_str()) => {}
                Some(have) if !prefix.starts_with(have) => self.torn = true,
                Some(_) | None => self.prefix = Some(prefix),
            },
        }
    }

    fn none_left(&self) -> bool {
        let unwanted = |text: &str| self.not_prefix.iter().any(|prefix| text.starts_with(prefix));
        let fits = |text: &&&str| {
            self.prefix.is_none_or(|prefix| text.starts_with(prefix)) && !self.not.contains(text) && !unwanted(text)
        };
        match &self.only {
            Some(only) => self.torn || !only.iter().any(|text| fits(&text)),
            None => self.torn || self.prefix.is_some_and(unwanted),
        }
    }
}

impl<'a> TextsDomain<'a> {
    fn narrow(&mut self, test: &'a TextsTest, negated: bool) {
        match (test, negated) {
            (TextsTest::Any(list), false) | (TextsTest::None(list), true) => self.any.push(&list.0),
            (TextsTest::Any(list), true) | (TextsTest::None(list), false) => {
                self.forbidden.extend(list.0.iter().map(String::as_str));
            }
            (TextsTest::All(list), false) => self.required.extend(list.0.iter().map(String::as_str)),
            (TextsTest::All(list), true) => self.missing.push(&list.0),
        }
    }

    fn none_left(&self) -> bool {
        let within = |list: &[String], texts: &[&str]| list.iter().all(|text| texts.contains(&text.as_str()));
        let must_hold_something = self.filled || !self.required.is_empty() || !self.any.is_empty();
        self.required.iter().any(|text| self.forbidden.contains(text))
            || self.any.iter().any(|list| within(list, &self.forbidden))
            || self.missing.iter().any(|list| within(list, &self.required))
            || (self.empty && must_hold_something)
    }
}
