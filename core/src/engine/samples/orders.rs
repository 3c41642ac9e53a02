//! The orders of a request: listed in it, or those of a sample.

use std::fmt;
use std::sync::Arc;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::Invalid;
use crate::checkout::Order;
use crate::engine::Tenant;
use crate::engine::command::Stop;
use crate::engine::error::Error;
use crate::engine::view::View;

/// Many orders: a list of them, or the name of a sample that the engine holds.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Orders {
    /// 1 to 10,000 orders.
    Listed(Vec<Order>),
    /// Those of a sample, by its name.
    Sample(String),
}

/// Orders as they came, some at a time.
pub(in crate::engine) type Pieces = Vec<Arc<Vec<Order>>>;

/// Most orders that a request lists.
const ORDERS_MAX: usize = 10_000;

impl From<Vec<Order>> for Orders {
    fn from(orders: Vec<Order>) -> Self {
        Self::Listed(orders)
    }
}

impl From<&str> for Orders {
    fn from(sample: &str) -> Self {
        Self::Sample(sample.to_owned())
    }
}

/// The path of what is wrong begins with `order` where there is one.
pub(in crate::engine) fn in_place(place: usize, invalid: Invalid) -> Invalid {
    Invalid { field: format!("orders[{place}]{}", invalid.field.trim_start_matches("order")), ..invalid }
}

pub(super) fn check_listed(orders: &[Order]) -> Result<(), Invalid> {
    if !(1..=ORDERS_MAX).contains(&orders.len()) {
        return Err(Invalid::new("orders", orders.len(), format!("1 to {ORDERS_MAX} orders")));
    }
    orders.iter().enumerate().try_for_each(|(place, order)| order.check().map_err(|invalid| in_place(place, invalid)))
}

/// Attributes are looked at where there are any.
pub(super) fn check_attributes(view: &mut View<'_>, orders: &[Order]) -> Result<(), Stop> {
    if !orders.iter().any(Order::has_attributes) {
        return Ok(());
    }
    let declared = view.attributes()?;
    for (place, order) in orders.iter().enumerate() {
        declared.check_order(order).map_err(|invalid| in_place(place, invalid))?;
    }
    Ok(())
}

impl Orders {
    /// The orders, checked; those of a sample were when they were put into it.
    pub(in crate::engine) fn found(self, tenant: &Tenant) -> Result<Pieces, Error> {
        let realm = &tenant.realm;
        match self {
            Self::Sample(name) => realm.samples.pieces(&realm.key, &name),
            Self::Listed(orders) => {
                check_listed(&orders)?;
                realm.weigh(|view| check_attributes(view, &orders))?;
                Ok(vec![Arc::new(orders)])
            }
        }
    }
}

struct OrdersVisitor;

impl<'de> Visitor<'de> for OrdersVisitor {
    type Value = Orders;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of orders, or the name of a sample")
    }

    fn visit_str<E>(self, name: &str) -> Result<Orders, E> {
        Ok(Orders::from(name))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Orders, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Orders::Listed)
    }
}

impl<'de> Deserialize<'de> for Orders {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OrdersVisitor)
    }
}

impl schemars::JsonSchema for Orders {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Orders".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "Many orders: a list of 1 to 10,000, or the name of a sample that the engine holds.",
            "anyOf": [{"type": "array", "items": generator.subschema_for::<Order>()}, {"type": "string"}],
        })
    }
}
