//! The tests that a condition makes of a fact, and how they are written: one operator beside the name of the fact.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::fact::{FactType, KnownFact};
use super::place::{Circle, Point};

/// What a fact is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// True or false.
    Boolean(bool),
    /// A whole number: a count, or minor units.
    Integer(i64),
    /// A text, an instant, a day, a time of day or a weekday.
    Text(String),
}

impl From<i64> for Scalar {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<bool> for Scalar {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<&str> for Scalar {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Boolean(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

struct ScalarVisitor;

impl Visitor<'_> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, a text, true or false")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar::Boolean(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Scalar, E> {
        let wrong = || E::invalid_value(serde::de::Unexpected::Unsigned(value), &self);
        i64::try_from(value).map(Scalar::Integer).map_err(|_| wrong())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

/// One row for each test: its name in Rust and in JSON, and what it is given.
macro_rules! tests {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal ($operand:ty);)*) => {
        /// What is asked of a fact.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Test {
            $($(#[doc = $doc])+ $name($operand),)*
        }

        impl Test {
            /// The operators' names in JSON.
            pub const NAMES: &'static [&'static str] = &[$($text),*];

            /// The operator's name in JSON.
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => $text,)* }
            }

            fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                match self { $(Self::$name(operand) => map.serialize_entry($text, operand),)* }
            }

            /// Reads what stands behind an operator; nothing where there is no such operator.
            fn read<'de, A: MapAccess<'de>>(name: &str, map: &mut A) -> Result<Option<Self>, A::Error> {
                match name {
                    $($text => map.next_value().map(|operand| Some(Self::$name(operand))),)*
                    _ => Ok(None),
                }
            }
        }
    };
}

tests! {
    /// It is this.
    Eq = "eq" (Scalar);
    /// It is there and something else.
    Ne = "ne" (Scalar);
    /// It is more, or later.
    Gt = "gt" (Scalar);
    /// It is as much or more, or then or later.
    AtLeast = "at_least" (Scalar);
    /// It is less, or earlier.
    Lt = "lt" (Scalar);
    /// It is as much or less, or then or earlier.
    AtMost = "at_most" (Scalar);
    /// It lies between two: both belong to it of numbers, amounts and days; of instants and times of day the second does not.
    Between = "between" ([Scalar; 2]);
    /// It is one of these.
    In = "in" (Vec<Scalar>);
    /// It is there and none of these.
    NotIn = "not_in" (Vec<Scalar>);
    /// It begins so.
    Prefix = "prefix" (String);
    /// One of these at least is in the set.
    ContainsAny = "contains_any" (Vec<String>);
    /// All of these are in the set.
    ContainsAll = "contains_all" (Vec<String>);
    /// None of these is in the set.
    ContainsNone = "contains_none" (Vec<String>);
    /// It is there, or with `false` it is not; of a set: something is in it.
    Exists = "exists" (bool);
    /// It is no farther away.
    Within = "within" (Circle);
    /// It lies inside of the polygon of these corners.
    Inside = "inside" (Vec<Point>);
}

/// A test of one fact: `{"fact": "order.subtotal", "at_least": 19900}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactTest {
    /// The name of the fact.
    pub fact: String,
    /// Of an attribute: its type. Filled in from the declaration when a template is saved.
    pub fact_type: Option<FactType>,
    /// What is asked of it.
    pub test: Test,
}

impl FactTest {
    /// A test of a fact.
    pub fn new(fact: impl Into<String>, test: Test) -> Self {
        Self { fact: fact.into(), fact_type: None, test }
    }
}

/// A test of a number that has no name: `{"at_least": 2}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison(pub Test);

impl Serialize for FactTest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("fact", &self.fact)?;
        if let Some(fact_type) = &self.fact_type {
            map.serialize_entry("type", fact_type)?;
        }
        self.test.write(&mut map)?;
        map.end()
    }
}

impl Serialize for Comparison {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        self.0.write(&mut map)?;
        map.end()
    }
}

/// Reads one test out of an object, with or without a fact beside it.
struct TestVisitor {
    named: bool,
}

impl<'de> Visitor<'de> for TestVisitor {
    type Value = (Option<String>, Option<FactType>, Test);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.named { "a fact and one operator" } else { "one operator" })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut fact, mut fact_type, mut test) = (None, None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "fact" if self.named => fill(&mut fact, "fact", map.next_value()?)?,
                "type" if self.named => fill(&mut fact_type, "type", map.next_value()?)?,
                name => {
                    let read = Test::read(name, &mut map)?;
                    let read = read.ok_or_else(|| A::Error::unknown_field(name, Test::NAMES))?;
                    if test.replace(read).is_some() {
                        return Err(A::Error::custom("two operators, expected one operator"));
                    }
                }
            }
        }
        if self.named && fact.is_none() {
            return Err(A::Error::missing_field("fact"));
        }
        let test = test.ok_or_else(|| A::Error::custom("no operator, expected one operator"))?;
        Ok((fact, fact_type, test))
    }
}

fn fill<T, E: Error>(slot: &mut Option<T>, name: &'static str, value: T) -> Result<(), E> {
    slot.replace(value).map_or(Ok(()), |_| Err(E::duplicate_field(name)))
}

impl<'de> Deserialize<'de> for FactTest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (fact, fact_type, test) = deserializer.deserialize_map(TestVisitor { named: true })?;
        Ok(Self { fact: fact.unwrap_or_default(), fact_type, test })
    }
}

impl<'de> Deserialize<'de> for Comparison {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (_, _, test) = deserializer.deserialize_map(TestVisitor { named: false })?;
        Ok(Self(test))
    }
}

impl FactTest {
    /// Whether it compares an amount.
    pub(crate) fn is_of_money(&self) -> bool {
        let known = KnownFact::ALL.iter().find(|known| known.name() == self.fact);
        known.map(|known| known.fact_type()).or(self.fact_type) == Some(FactType::Money)
    }
}
