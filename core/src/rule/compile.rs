//! From conditions as they are written to conditions as they are asked: checked on the way, each refusal with its path.

use super::attribute::{Attributes, check_text};
use super::condition::{Condition, LineCondition, LinesTest, Matching};
use super::exec::{IntTest, Sorted, TextTest, TextsTest};
use super::fact::{AttributeOf, FactName, FactOf, FactType, KnownFact};
use super::line_filter::{LineFilter, Over};
use super::operator::{Comparison, FactTest, Scalar, Test};
use super::place::Area;
use crate::Invalid;
use crate::id::check_name;
use crate::money::{AMOUNT_MAX, Currency, check_amount};
use crate::time::{Instant, parse_date, parse_time_of_day, parse_weekday};

/// Most levels of `all`, `any`, `not` and `lines` within each other, the tests of facts included.
pub const DEPTH_MAX: usize = 32;

/// Most nodes of the conditions of a template, tests of facts included.
pub const NODES_MAX: usize = 1_000;

/// Most values that a list names.
const LIST_MAX: usize = 1_000;

/// A condition that can be asked of an order, or of a line.
#[derive(Debug, Clone)]
pub(super) enum Node {
    All(Box<[Node]>),
    Any(Box<[Node]>),
    Not(Box<Node>),
    Fact(Box<Leaf>),
    Lines(Box<LinesNode>),
    /// The line's product is in this version of a set.
    InSet((String, u32)),
    MinSpend {
        minor: i64,
        lines: Option<Filter>,
    },
    HasLine(Filter),
    /// A test of an attribute whose type nobody pinned: no saved template has one.
    Open,
}

/// A test of one fact.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    pub fact: FactName,
    pub of: FactType,
    /// As it is written, for telling people.
    pub test: Test,
    pub exec: Exec,
}

#[derive(Debug, Clone)]
pub(super) enum Exec {
    Int(IntTest),
    Text(TextTest),
    Texts(TextsTest),
    Area(Area),
    Exists(bool),
}

/// What is asked of lines together.
#[derive(Debug, Clone)]
pub(super) struct LinesNode {
    pub of: Option<Node>,
    pub measure: Measure,
}

#[derive(Debug, Clone)]
pub(super) enum Measure {
    Matching(Matching),
    Number { of: NumberOf, test: Test, exec: IntTest },
}

/// Which number of the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberOf {
    Count,
    Quantity,
    Sum,
}

impl NumberOf {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Quantity => "quantity",
            Self::Sum => "sum",
        }
    }

    pub(super) const fn fact_type(self) -> FactType {
        match self {
            Self::Count | Self::Quantity => FactType::Integer,
            Self::Sum => FactType::Money,
        }
    }

    /// What the number can be.
    pub(super) const fn bounds(self) -> (i64, i64) {
        match self {
            Self::Count => (0, LINES_MAX),
            Self::Quantity => (0, LINES_MAX * QUANTITY_MAX),
            Self::Sum => (0, AMOUNT_MAX),
        }
    }
}

pub(super) const LINES_MAX: i64 = super::Order::LINES_MAX as i64;
pub(super) const QUANTITY_MAX: i64 = i32::MAX as i64;

/// A line filter, ready to be asked: the one reading of what it picks.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(super) words: String,
    pub(super) set: Option<(String, u32)>,
    pub(super) products: Sorted,
    pub(super) categories: Sorted,
}

impl Filter {
    pub(crate) fn of(filter: &LineFilter) -> Self {
        Self {
            words: filter.words(),
            set: filter.pinned(),
            products: Sorted::of(filter.products.iter().map(String::as_str)),
            categories: Sorted::of(filter.categories.iter().map(String::as_str)),
        }
    }
}

/// Checks and compiles.
pub(super) struct Compiler<'a> {
    /// What the tenant declares; `None` where that is not known yet, and attributes are looked at for their form alone.
    pub attributes: Option<&'a Attributes>,
    nodes: usize,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(attributes: Option<&'a Attributes>) -> Self {
        Self { attributes, nodes: 0 }
    }

    /// Counts a node before anything of it is looked at, so that depth is refused before the stack is used up.
    fn enter(&mut self, path: &str, depth: usize) -> Result<(), Invalid> {
        if depth > DEPTH_MAX {
            return Err(Invalid::new(
                path,
                "a deeper condition",
                format!("conditions nested at most {DEPTH_MAX} deep"),
            ));
        }
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            return Err(Invalid::new(
                path,
                "one more",
                format!("at most {NODES_MAX} nodes in all conditions together"),
            ));
        }
        Ok(())
    }

    pub(super) fn condition(&mut self, condition: &Condition, path: &str, depth: usize) -> Result<Node, Invalid> {
        self.enter(path, depth)?;
        Ok(match condition {
            Condition::All(parts) => Node::All(self.parts(parts, &format!("{path}.all"), depth, Self::condition)?),
            Condition::Any(parts) => Node::Any(self.parts(parts, &format!("{path}.any"), depth, Self::condition)?),
            Condition::Not(part) => Node::Not(Box::new(self.condition(part, &format!("{path}.not"), depth + 1)?)),
            Condition::Fact(test) => self.fact(test, &format!("{path}.fact"), FactOf::Order)?,
            Condition::Lines(test) => self.lines(test, &format!("{path}.lines"), depth)?,
            Condition::MinSpend { minor, over } => {
                check_amount(&format!("{path}.min_spend.minor"), *minor, 1)?;
                over.check(&format!("{path}.min_spend.over"))?;
                let lines = match over {
                    Over::Order => None,
                    Over::Lines(filter) => Some(Filter::of(filter)),
                };
                Node::MinSpend { minor: *minor, lines }
            }
            Condition::HasLine { lines } => {
                lines.check(&format!("{path}.has_line.lines"))?;
                Node::HasLine(Filter::of(lines))
            }
        })
    }

    fn line_condition(&mut self, condition: &LineCondition, path: &str, depth: usize) -> Result<Node, Invalid> {
        self.enter(path, depth)?;
        let one = Self::line_condition;
        Ok(match condition {
            LineCondition::All(parts) => Node::All(self.parts(parts, &format!("{path}.all"), depth, one)?),
            LineCondition::Any(parts) => Node::Any(self.parts(parts, &format!("{path}.any"), depth, one)?),
            LineCondition::Not(part) => Node::Not(Box::new(one(self, part, &format!("{path}.not"), depth + 1)?)),
            LineCondition::Fact(test) => self.fact(test, &format!("{path}.fact"), FactOf::Line)?,
            LineCondition::ProductSet(set) => {
                check_name(&format!("{path}.product_set.name"), &set.name)?;
                Node::InSet((set.name.clone(), set.version.unwrap_or_default()))
            }
        })
    }

    fn parts<T>(
        &mut self,
        parts: &[T],
        path: &str,
        depth: usize,
        one: fn(&mut Self, &T, &str, usize) -> Result<Node, Invalid>,
    ) -> Result<Box<[Node]>, Invalid> {
        if parts.is_empty() {
            return Err(Invalid::new(path, "an empty list", "one condition or more"));
        }
        let all = parts.iter().enumerate();
        all.map(|(place, part)| one(self, part, &format!("{path}[{place}]"), depth + 1)).collect()
    }

    fn lines(&mut self, test: &LinesTest, path: &str, depth: usize) -> Result<Node, Invalid> {
        let numbers =
            [(NumberOf::Count, &test.count), (NumberOf::Quantity, &test.quantity), (NumberOf::Sum, &test.sum)];
        let given = numbers.iter().filter(|(_, comparison)| comparison.is_some()).count();
        let how_many = given + usize::from(test.matching.is_some());
        if how_many != 1 {
            return Err(Invalid::new(path, format!("{how_many} of them"), "one of match, count, quantity and sum"));
        }
        let of = match &test.of {
            Some(of) => Some(self.line_condition(of, &format!("{path}.where"), depth + 1)?),
            None if test.matching.is_some() => {
                return Err(Invalid::new(format!("{path}.where"), "nothing", "what a line must be, beside `match`"));
            }
            None => None,
        };
        let number = numbers.into_iter().find_map(|(of, comparison)| Some((of, comparison.as_ref()?)));
        let measure = match (test.matching, number) {
            (Some(matching), _) => Measure::Matching(matching),
            (None, Some((of, Comparison(test)))) => {
                let path = format!("{path}.{}", of.name());
                let exec = match of_type(of.fact_type(), test, &path, false)? {
                    Exec::Int(exec) => exec,
                    Exec::Text(_) | Exec::Texts(_) | Exec::Area(_) | Exec::Exists(_) => {
                        return Err(refuse_operator(&path, test, of.fact_type(), false));
                    }
                };
                Measure::Number { of, test: test.clone(), exec }
            }
            (None, None) => return Err(Invalid::new(path, "none of them", "one of match, count, quantity and sum")),
        };
        Ok(Node::Lines(Box::new(LinesNode { of, measure })))
    }

    fn fact(&mut self, test: &FactTest, path: &str, of: FactOf) -> Result<Node, Invalid> {
        let fact = FactName::parse(&format!("{path}.fact"), &test.fact, of)?;
        let fact_type = match &fact {
            FactName::Known(known) => {
                if test.fact_type.is_some() {
                    return Err(Invalid::new(format!("{path}.type"), "a type", "nothing, but for attributes"));
                }
                Some(known.fact_type())
            }
            FactName::Attr(of, name) => self.attribute_type(test, path, *of, name)?,
        };
        let Some(fact_type) = fact_type else { return Ok(Node::Open) };
        let exec = of_type(fact_type, &test.test, path, fact.may_lack() || fact_type == FactType::Texts)?;
        if fact == FactName::Known(KnownFact::OrderCurrency) {
            check_texts(&test.test, |text| Currency::parse(path, text).map(|_| ()))?;
        }
        if let Some(declared) = self.attributes.and_then(|attributes| attributes.of_fact(&fact)) {
            check_texts(&test.test, |text| {
                if declared.values.is_empty() || declared.values.iter().any(|value| value == text) {
                    return Ok(());
                }
                let field = format!("{path}.{}", test.test.name());
                Err(Invalid::new(field, text, format!("values that are declared: {}", declared.values.join(", "))))
            })?;
        }
        Ok(Node::Fact(Box::new(Leaf { fact, of: fact_type, test: test.test.clone(), exec })))
    }

    fn attribute_type(
        &self,
        test: &FactTest,
        path: &str,
        of: AttributeOf,
        name: &str,
    ) -> Result<Option<FactType>, Invalid> {
        let Some(attributes) = self.attributes else { return Ok(test.fact_type) };
        let Some(declared) = attributes.get(of, name) else {
            let allowed = "an attribute that was declared (save_attribute)";
            return Err(Invalid::new(format!("{path}.fact"), &test.fact, allowed));
        };
        match test.fact_type {
            Some(given) if given != declared.fact_type => {
                let allowed = format!("{}, as declared", declared.fact_type.name());
                Err(Invalid::new(format!("{path}.type"), given.name(), allowed))
            }
            Some(_) | None => Ok(Some(declared.fact_type)),
        }
    }
}

/// Looks at each text that a test names.
fn check_texts(test: &Test, mut look: impl FnMut(&str) -> Result<(), Invalid>) -> Result<(), Invalid> {
    let mut scalar = |scalar: &Scalar| match scalar {
        Scalar::Text(text) => look(text),
        Scalar::Boolean(_) | Scalar::Integer(_) => Ok(()),
    };
    match test {
        Test::Eq(one) | Test::Ne(one) | Test::Gt(one) | Test::AtLeast(one) | Test::Lt(one) | Test::AtMost(one) => {
            scalar(one)
        }
        Test::Between(two) => two.iter().try_for_each(scalar),
        Test::In(list) | Test::NotIn(list) => list.iter().try_for_each(scalar),
        Test::ContainsAny(list) | Test::ContainsAll(list) | Test::ContainsNone(list) => {
            list.iter().try_for_each(|text| look(text))
        }
        Test::Prefix(_) | Test::Exists(_) | Test::Within(_) | Test::Inside(_) => Ok(()),
    }
}

fn refuse_operator(path: &str, test: &Test, of: FactType, may_lack: bool) -> Invalid {
    let names = of.operators().iter().copied().filter(|name| may_lack || *name != "exists");
    let allowed = format!("{}, of a fact of type {}", names.collect::<Vec<_>>().join(", "), of.name());
    Invalid::new(format!("{path}.{}", test.name()), "an operator that it does not have", allowed)
}

/// Makes a test of a fact of this type ready.
fn of_type(of: FactType, test: &Test, path: &str, may_lack: bool) -> Result<Exec, Invalid> {
    if !of.operators().contains(&test.name()) || (!may_lack && matches!(test, Test::Exists(_))) {
        return Err(refuse_operator(path, test, of, may_lack));
    }
    let path = &format!("{path}.{}", test.name());
    match (of, test) {
        (_, Test::Exists(wanted)) => Ok(Exec::Exists(*wanted)),
        (FactType::Place, Test::Within(circle)) => Ok(Exec::Area(Area::circle(path, *circle)?)),
        (FactType::Place, Test::Inside(corners)) => Ok(Exec::Area(Area::polygon(path, corners)?)),
        (FactType::Texts, test) => texts_test(test, path).map(Exec::Texts),
        (FactType::Text, test) => text_test(test, path).map(Exec::Text),
        (of, test) => int_test(of, test, path).map(Exec::Int),
    }
}

fn not_empty(path: &str, count: usize) -> Result<(), Invalid> {
    match count {
        0 => Err(Invalid::new(path, "an empty list", "one value or more")),
        1..=LIST_MAX => Ok(()),
        _ => Err(Invalid::new(path, count, format!("at most {LIST_MAX} values"))),
    }
}

fn texts_test(test: &Test, path: &str) -> Result<TextsTest, Invalid> {
    let (make, list): (fn(Sorted) -> TextsTest, _) = match test {
        Test::ContainsAny(list) => (TextsTest::Any, list),
        Test::ContainsAll(list) => (TextsTest::All, list),
        Test::ContainsNone(list) => (TextsTest::None, list),
        other => return Err(refuse_operator(path, other, FactType::Texts, true)),
    };
    not_empty(path, list.len())?;
    list.iter().try_for_each(|text| check_text(path, text))?;
    Ok(make(Sorted::of(list.iter().map(String::as_str))))
}

fn text_of<'a>(scalar: &'a Scalar, path: &str) -> Result<&'a str, Invalid> {
    match scalar {
        Scalar::Text(text) => check_text(path, text).map(|()| text.as_str()),
        Scalar::Integer(number) => Err(Invalid::new(path, number, "a text")),
        Scalar::Boolean(value) => Err(Invalid::new(path, value, "a text")),
    }
}

fn text_test(test: &Test, path: &str) -> Result<TextTest, Invalid> {
    let sorted = |list: &[Scalar]| {
        not_empty(path, list.len())?;
        let texts: Result<Vec<_>, _> = list.iter().map(|one| text_of(one, path)).collect();
        Ok(Sorted::of(texts?))
    };
    match test {
        Test::Eq(one) => sorted(std::slice::from_ref(one)).map(TextTest::OneOf),
        Test::Ne(one) => sorted(std::slice::from_ref(one)).map(TextTest::NoneOf),
        Test::In(list) => sorted(list).map(TextTest::OneOf),
        Test::NotIn(list) => sorted(list).map(TextTest::NoneOf),
        Test::Prefix(prefix) => check_text(path, prefix).map(|()| TextTest::Prefix(prefix.clone())),
        other => Err(refuse_operator(path, other, FactType::Text, true)),
    }
}

/// A value of a type as a whole number.
fn int_of(of: FactType, scalar: &Scalar, path: &str) -> Result<i64, Invalid> {
    let bounds = -AMOUNT_MAX..=AMOUNT_MAX;
    match (of, scalar) {
        (FactType::Money | FactType::Integer, Scalar::Integer(value)) if bounds.contains(value) => Ok(*value),
        (FactType::Money | FactType::Integer, Scalar::Integer(value)) => {
            Err(Invalid::new(path, value, format!("-{AMOUNT_MAX} to {AMOUNT_MAX}")))
        }
        (FactType::Boolean, Scalar::Boolean(value)) => Ok(i64::from(*value)),
        (FactType::Instant, Scalar::Text(text)) => Instant::parse(path, text).map(Instant::millis),
        (FactType::Date, Scalar::Text(text)) => parse_date(path, text),
        (FactType::TimeOfDay, Scalar::Text(text)) => parse_time_of_day(path, text),
        (FactType::Weekday, Scalar::Text(text)) => parse_weekday(path, text),
        (_, given) => {
            let given = match given {
                Scalar::Text(_) => "a text".to_owned(),
                Scalar::Boolean(_) | Scalar::Integer(_) => given.to_string(),
            };
            let allowed = match of {
                FactType::Money => "minor units, a whole number",
                FactType::Integer => "a whole number",
                FactType::Boolean => "true or false",
                FactType::Instant => "an RFC 3339 instant in whole milliseconds, such as 2026-11-11T00:00:00Z",
                FactType::Date => "a date such as 2026-11-11",
                FactType::TimeOfDay => "a time of day such as 21:30",
                FactType::Weekday => "monday to sunday",
                FactType::Text | FactType::Texts | FactType::Place => "a value of its type",
            };
            Err(Invalid::new(path, given, allowed))
        }
    }
}

fn int_test(of: FactType, test: &Test, path: &str) -> Result<IntTest, Invalid> {
    let int = |scalar: &Scalar| int_of(of, scalar, path);
    let each = |list: &[Scalar]| {
        not_empty(path, list.len())?;
        let values: Result<Vec<_>, _> = list.iter().map(int).collect();
        Ok(IntTest::of(values?.into_iter().map(|value| (value, value))))
    };
    Ok(match test {
        Test::Eq(one) => each(std::slice::from_ref(one))?,
        Test::Ne(one) => each(std::slice::from_ref(one))?.but(),
        Test::In(list) => each(list)?,
        Test::NotIn(list) => each(list)?.but(),
        // Operands are far from the ends of what an i64 holds.
        Test::Gt(one) => IntTest::of([(int(one)? + 1, i64::MAX)]),
        Test::AtLeast(one) => IntTest::of([(int(one)?, i64::MAX)]),
        Test::Lt(one) => IntTest::of([(i64::MIN, int(one)? - 1)]),
        Test::AtMost(one) => IntTest::of([(i64::MIN, int(one)?)]),
        Test::Between([from, to]) => between(of, int(from)?, int(to)?, path)?,
        other => return Err(refuse_operator(path, other, of, true)),
    })
}

/// Both ends belong to it of numbers, amounts and days; of instants and times of day the second does not.
fn between(of: FactType, from: i64, to: i64, path: &str) -> Result<IntTest, Invalid> {
    let half_open = matches!(of, FactType::Instant | FactType::TimeOfDay);
    match of {
        FactType::TimeOfDay if to < from => Ok(IntTest::of([(from, i64::MAX), (0, to - 1)])),
        _ if from < to || (from == to && !half_open) => Ok(IntTest::of([(from, to - i64::from(half_open))])),
        _ if half_open => Err(Invalid::new(path, "an end that is not after the start", "two different ends, in order")),
        _ => Err(Invalid::new(path, "an end below the start", "two ends, in order")),
    }
}
