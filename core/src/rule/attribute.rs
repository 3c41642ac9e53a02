//! Attributes: facts of the host's own, declared per tenant.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::fact::{AttributeOf, FactName, FactType};
use super::{Line, Order};
use crate::Invalid;
use crate::card::check_title;
use crate::id::check_name;
use crate::money::AMOUNT_MAX;
use crate::time::{Instant, parse_date};

/// The value of an attribute, as its declared type asks. Debug does not show it: it may be personal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged, expecting = "true or false, a whole number, a text, or a list of texts")]
pub enum AttrValue {
    /// Of a boolean.
    Boolean(bool),
    /// Of an integer, or of money in minor units.
    Integer(i64),
    /// Of a text, an instant or a date.
    Text(String),
    /// Of a set of texts.
    Texts(Vec<String>),
}

/// Values by name.
pub type Attrs = BTreeMap<String, AttrValue>;

impl fmt::Debug for AttrValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AttrValue(…)")
    }
}

/// A fact of the host's own that conditions may speak of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// Whose it is.
    pub of: AttributeOf,
    /// Its name: `order.attr.NAME` in conditions.
    pub name: String,
    /// The type of its values; once declared it stays. Times of day, weekdays and places are none.
    #[serde(rename = "type")]
    pub fact_type: FactType,
    /// What people call it; 1 to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Of texts and sets of texts: the values that there are. Any, where none is listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// Longest text of an attribute.
const TEXT_BYTES_MAX: usize = 256;

/// Most attributes of an order, a line or a holder.
const ATTRS_MAX: usize = 100;

/// Most texts of a set.
const TEXTS_MAX: usize = 100;

/// Most attributes that a tenant declares.
const DECLARED_MAX: usize = 200;

/// Refuses a text that is empty, long or holds control characters. It is not repeated: it may be personal.
pub(super) fn check_text(field: &str, text: &str) -> Result<(), Invalid> {
    if (1..=TEXT_BYTES_MAX).contains(&text.len()) && !text.chars().any(char::is_control) {
        return Ok(());
    }
    let allowed = format!("texts of 1 to {TEXT_BYTES_MAX} bytes without control characters");
    Err(Invalid::new(field, format!("{} bytes", text.len()), allowed))
}

/// Refuses attributes that no declaration could allow.
pub(super) fn check_attrs(field: &str, attrs: &Attrs) -> Result<(), Invalid> {
    if attrs.len() > ATTRS_MAX {
        return Err(Invalid::new(field, attrs.len(), format!("at most {ATTRS_MAX} attributes")));
    }
    attrs.iter().try_for_each(|(name, value)| {
        check_name(field, name)?;
        let field = format!("{field}.{name}");
        match value {
            AttrValue::Boolean(_) => Ok(()),
            AttrValue::Integer(value) if value.unsigned_abs() <= AMOUNT_MAX.unsigned_abs() => Ok(()),
            AttrValue::Integer(value) => Err(Invalid::new(field, value, format!("-{AMOUNT_MAX} to {AMOUNT_MAX}"))),
            AttrValue::Text(text) => check_text(&field, text),
            AttrValue::Texts(texts) if texts.len() > TEXTS_MAX => {
                Err(Invalid::new(field, texts.len(), format!("at most {TEXTS_MAX} texts")))
            }
            AttrValue::Texts(texts) => texts.iter().try_for_each(|text| check_text(&field, text)),
        }
    })
}

impl Attribute {
    /// Refuses a declaration that cannot be meant.
    pub fn check(&self) -> Result<(), Invalid> {
        check_name("name", &self.name)?;
        match self.fact_type {
            FactType::TimeOfDay | FactType::Weekday | FactType::Place => {
                let allowed = "money, integer, text, texts, boolean, instant or date";
                return Err(Invalid::new("type", self.fact_type.name(), allowed));
            }
            FactType::Text | FactType::Texts => {}
            FactType::Money | FactType::Integer | FactType::Boolean | FactType::Instant | FactType::Date => {
                if !self.values.is_empty() {
                    return Err(Invalid::new("values", self.values.len(), "none, for a type that is no text"));
                }
            }
        }
        if self.values.len() > 1_000 {
            return Err(Invalid::new("values", self.values.len(), "at most 1000 values"));
        }
        self.values.iter().try_for_each(|value| check_text("values", value))?;
        self.title.as_ref().map_or(Ok(()), |title| check_title("title", title))
    }

    /// Refuses a value of another type than was declared, or one that is not listed.
    fn check_value(&self, field: &str, value: &AttrValue) -> Result<(), Invalid> {
        let listed = |text: &String| self.values.is_empty() || self.values.contains(text);
        let good = match (self.fact_type, value) {
            (FactType::Money | FactType::Integer, AttrValue::Integer(_)) => true,
            (FactType::Boolean, AttrValue::Boolean(_)) => true,
            (FactType::Text, AttrValue::Text(text)) => listed(text),
            (FactType::Texts, AttrValue::Texts(texts)) => texts.iter().all(listed),
            (FactType::Instant, AttrValue::Text(text)) => Instant::parse(field, text).is_ok(),
            (FactType::Date, AttrValue::Text(text)) => parse_date(field, text).is_ok(),
            _ => false,
        };
        if good {
            return Ok(());
        }
        let allowed = match (self.values.as_slice(), self.fact_type) {
            ([], of) => format!("{}, as declared", of.name()),
            (values, of) => format!("{} out of those declared: {}", of.name(), values.join(", ")),
        };
        Err(Invalid::new(field, "something else", allowed))
    }
}

/// What a tenant declares.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attributes(pub Vec<Attribute>);

impl Attributes {
    /// Whether none is declared.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The attribute of that name.
    pub fn get(&self, of: AttributeOf, name: &str) -> Option<&Attribute> {
        self.0.iter().find(|attribute| attribute.of == of && attribute.name == name)
    }

    pub(crate) fn of_fact(&self, fact: &FactName) -> Option<&Attribute> {
        match fact {
            FactName::Attr(of, name) => self.get(*of, name),
            FactName::Known(_) => None,
        }
    }

    /// The declared type of an attribute by its name in conditions.
    pub(crate) fn type_of(&self, fact: &str) -> Option<FactType> {
        let of_name = |declared: &&Attribute| fact.strip_prefix(declared.of.prefix()) == Some(&declared.name);
        self.0.iter().find(of_name).map(|declared| declared.fact_type)
    }

    /// With one declared, new or over the one of the same name; sorted.
    pub(crate) fn with(&self, attribute: Attribute) -> Result<Self, Invalid> {
        let same = |have: &&Attribute| (have.of, &have.name) != (attribute.of, &attribute.name);
        let mut all: Vec<_> = self.0.iter().filter(same).cloned().collect();
        if all.len() >= DECLARED_MAX {
            return Err(Invalid::new("name", all.len() + 1, format!("at most {DECLARED_MAX} attributes of a tenant")));
        }
        all.push(attribute);
        all.sort_by(|a, b| (a.of, &a.name).cmp(&(b.of, &b.name)));
        Ok(Self(all))
    }

    /// Refuses an order of which a declared attribute has another type. One that is not declared is not looked at: no condition can
    /// speak of it, and a declaration takes a moment until every engine knows it.
    pub(crate) fn check_order(&self, order: &Order) -> Result<(), Invalid> {
        if self.is_empty() {
            return Ok(());
        }
        self.check_all(AttributeOf::Order, "order.attrs", &order.attrs)?;
        self.check_all(AttributeOf::Holder, "order.holder_attrs", &order.holder_attrs)?;
        let with_attrs = |(_, line): &(usize, &Line)| !line.attrs.is_empty();
        order.lines.iter().enumerate().filter(with_attrs).try_for_each(|(place, line)| {
            self.check_all(AttributeOf::Line, &format!("order.lines[{place}].attrs"), &line.attrs)
        })
    }

    fn check_all(&self, of: AttributeOf, field: &str, attrs: &Attrs) -> Result<(), Invalid> {
        attrs.iter().try_for_each(|(name, value)| match self.get(of, name) {
            Some(declared) => declared.check_value(&format!("{field}.{name}"), value),
            None => Ok(()),
        })
    }
}
