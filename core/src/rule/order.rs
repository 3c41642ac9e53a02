//! What the host is about to sell.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::attribute::{Attrs, check_attrs};
use super::check_category;
use super::place::Place;
use crate::Invalid;
use crate::id::check_name;
use crate::money::{self, Currency, WHOLE_BP, check_amount};
use crate::time::Instant;

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The line's id within the order.
    pub id: String,
    /// The product's id.
    pub product: String,
    /// Categories of the product.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// The host's tags of the line, for conditions; at most 100.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Attributes of the line that the tenant declares, for conditions.
    #[serde(default, skip_serializing_if = "Attrs::is_empty", deserialize_with = "crate::json::no_doubles")]
    pub attrs: Attrs,
    /// Pieces, 1 to 2^31 − 1.
    pub quantity: u32,
    /// What the whole line costs before cards, in minor units, 0 or more.
    pub amount_minor: i64,
    /// What the whole line costs at its list price (划线价), in minor units, `amount_minor` or more; the same by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_minor: Option<i64>,
    /// Whether anything may come off it; true unless said otherwise. It can always be paid for by a gift card.
    #[serde(default = "crate::json::yes", skip_serializing_if = "Clone::clone")]
    pub discountable: bool,
    /// The lowest that the whole line may come to through discounts (控价), in minor units; 0 by default.
    #[serde(default, skip_serializing_if = "money::is_nothing")]
    pub floor_minor: i64,
    /// Its tax rate in basis points, 0 to 10,000: carried, so that shares can be told by rate. Taxes are the host's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_rate_bp: Option<u32>,
}

/// An order: its lines, and the facts that a redemption keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The host's order id.
    pub id: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// 1 to 10,000 lines.
    pub lines: Vec<Line>,
    /// What shipping costs before cards, in minor units; 0 by default. It is no part of the lines.
    #[serde(default, skip_serializing_if = "money::is_nothing")]
    pub shipping_minor: i64,
    /// Whether anything may come off shipping; true unless said otherwise.
    #[serde(default = "crate::json::yes", skip_serializing_if = "Clone::clone")]
    pub shipping_discountable: bool,
    /// Whether its amounts hold the tax already: carried, as tax rates are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prices_include_tax: Option<bool>,
    /// Where it is sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// Through which channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The host's word for where the buyer came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// When it was placed, as the host says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placed_at: Option<Instant>,
    /// Whether the host counts the buyer as new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_customer: Option<bool>,
    /// The host's segments of the buyer.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub segments: BTreeSet<String>,
    /// How it is paid, in the host's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<String>,
    /// On what it is bought, in the host's word, such as `app`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_kind: Option<String>,
    /// Where it is bought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Attributes of the order that the tenant declares, for conditions.
    #[serde(default, skip_serializing_if = "Attrs::is_empty", deserialize_with = "crate::json::no_doubles")]
    pub attrs: Attrs,
    /// Attributes of the buyer that the tenant declares, for conditions.
    #[serde(default, skip_serializing_if = "Attrs::is_empty", deserialize_with = "crate::json::no_doubles")]
    pub holder_attrs: Attrs,
}

impl Order {
    /// Most lines of one order.
    pub const LINES_MAX: usize = 10_000;

    /// An order of which nothing else is known.
    pub fn new(id: impl Into<String>, currency: Currency, lines: impl IntoIterator<Item = Line>) -> Self {
        Self {
            id: id.into(),
            currency,
            lines: lines.into_iter().collect(),
            shipping_minor: 0,
            shipping_discountable: true,
            prices_include_tax: None,
            store: None,
            channel: None,
            source: None,
            placed_at: None,
            new_customer: None,
            segments: BTreeSet::new(),
            payment_method: None,
            device_kind: None,
            place: None,
            attrs: Attrs::new(),
            holder_attrs: Attrs::new(),
        }
    }

    /// Refuses an order that cannot be meant: no line, two of one id, amounts below zero or beyond 2^53 − 1, also as a sum.
    pub fn check(&self) -> Result<(), Invalid> {
        check_name("order.id", &self.id)?;
        if !(1..=Self::LINES_MAX).contains(&self.lines.len()) {
            return Err(Invalid::new("order.lines", self.lines.len(), format!("1 to {} lines", Self::LINES_MAX)));
        }
        let mut ids = BTreeSet::new();
        for (place, line) in self.lines.iter().enumerate() {
            // A path is written only where something is refused: each request passes here.
            line.check().map_err(|invalid| invalid.within(&format!("order.lines[{place}]")))?;
            if !ids.insert(line.id.as_str()) {
                return Err(Invalid::new(format!("order.lines[{place}].id"), &line.id, "an id that no other line has"));
            }
        }
        for (field, name) in [
            ("order.store", &self.store),
            ("order.channel", &self.channel),
            ("order.source", &self.source),
            ("order.payment_method", &self.payment_method),
            ("order.device_kind", &self.device_kind),
        ] {
            name.as_deref().map_or(Ok(()), |name| check_name(field, name))?;
        }
        self.place.as_ref().map_or(Ok(()), |place| place.check("order.place"))?;
        check_attrs("order.attrs", &self.attrs)?;
        check_attrs("order.holder_attrs", &self.holder_attrs)?;
        if self.segments.len() > 100 {
            return Err(Invalid::new("order.segments", self.segments.len(), "at most 100 segments"));
        }
        self.segments.iter().try_for_each(|segment| check_name("order.segments", segment))?;
        check_amount("order.shipping_minor", self.shipping_minor, 0)?;
        money::sum("order.lines", self.lines.iter().map(Line::at_list_minor))?;
        self.total_minor().map(|_| ())
    }

    /// Whether it says anything that a tenant has to declare.
    pub(crate) fn has_attributes(&self) -> bool {
        let of_lines = || self.lines.iter().any(|line| !line.attrs.is_empty());
        !self.attrs.is_empty() || !self.holder_attrs.is_empty() || of_lines()
    }

    /// The sum of the lines and shipping, in minor units.
    pub fn total_minor(&self) -> Result<i64, Invalid> {
        let lines = money::sum("order.lines", self.lines.iter().map(|line| line.amount_minor))?;
        money::sum("order.shipping_minor", [lines, self.shipping_minor])
    }
}

impl Line {
    /// A line of which nothing else is known: so many pieces of a product, and what the whole line costs in minor units.
    pub fn new(id: impl Into<String>, product: impl Into<String>, quantity: u32, amount_minor: i64) -> Self {
        Self {
            id: id.into(),
            product: product.into(),
            categories: Vec::new(),
            tags: Vec::new(),
            attrs: Attrs::new(),
            quantity,
            amount_minor,
            list_minor: None,
            discountable: true,
            floor_minor: 0,
            tax_rate_bp: None,
        }
    }

    /// What the whole line costs at its list price, in minor units.
    pub fn at_list_minor(&self) -> i64 {
        self.list_minor.unwrap_or(self.amount_minor)
    }

    fn check(&self) -> Result<(), Invalid> {
        check_name("id", &self.id)?;
        check_name("product", &self.product)?;
        if self.categories.len() > 100 {
            return Err(Invalid::new("categories", self.categories.len(), "at most 100 categories"));
        }
        self.categories.iter().try_for_each(|category| check_category("categories", category))?;
        if self.tags.len() > 100 {
            return Err(Invalid::new("tags", self.tags.len(), "at most 100 tags"));
        }
        self.tags.iter().try_for_each(|tag| check_category("tags", tag))?;
        check_attrs("attrs", &self.attrs)?;
        if !(1..=i32::MAX as u32).contains(&self.quantity) {
            return Err(Invalid::new("quantity", self.quantity, format!("1 to {}", i32::MAX)));
        }
        check_amount("amount_minor", self.amount_minor, 0)?;
        check_amount("floor_minor", self.floor_minor, 0)?;
        self.list_minor.map_or(Ok(()), |list| check_amount("list_minor", list, self.amount_minor))?;
        match self.tax_rate_bp {
            Some(rate) if rate > WHOLE_BP => {
                Err(Invalid::new("tax_rate_bp", rate, format!("0 to {WHOLE_BP} basis points")))
            }
            Some(_) | None => Ok(()),
        }
    }
}
