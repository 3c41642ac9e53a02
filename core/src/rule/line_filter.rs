//! Which lines of an order a filter picks.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Order, ProductSet};
use crate::Invalid;
use crate::denial::{Denial, Fact};
use crate::id::check_name;

/// Which lines of an order are meant: those of the products (when any is listed), in the product set (when one is named) and in one of
/// the categories (when any is).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LineFilter {
    /// Name of a saved product set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_set: Option<String>,
    /// The version of that set; the newest when the template is saved, and pinned from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_set_version: Option<u32>,
    /// Product ids of which a line must have one; a long list is better saved as a product set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<String>,
    /// Categories of which a line must have one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
}

/// What a benefit or a sum is taken over.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Over {
    /// Every line.
    #[default]
    Order,
    /// The lines that the filter picks.
    Lines(LineFilter),
}

const CATEGORIES_MAX: usize = 1_000;
const PRODUCTS_MAX: usize = 1_000;

impl LineFilter {
    pub(crate) fn check(&self, field: &str) -> Result<(), Invalid> {
        if self.product_set.is_none() && self.categories.is_empty() && self.products.is_empty() {
            return Err(Invalid::new(
                field,
                "an empty filter",
                "products, a product_set, categories, or several of them",
            ));
        }
        if self.products.len() > PRODUCTS_MAX {
            let allowed = format!("at most {PRODUCTS_MAX} products; save a product set");
            return Err(Invalid::new(format!("{field}.products"), self.products.len(), allowed));
        }
        self.products.iter().try_for_each(|product| check_name(&format!("{field}.products"), product))?;
        if let Some(name) = &self.product_set {
            check_name(&format!("{field}.product_set"), name)?;
        }
        if self.categories.len() > CATEGORIES_MAX {
            let allowed = format!("at most {CATEGORIES_MAX} categories");
            return Err(Invalid::new(format!("{field}.categories"), self.categories.len(), allowed));
        }
        self.categories.iter().try_for_each(|category| check_category(&format!("{field}.categories"), category))
    }

    /// The product set that it names, with the pinned version (0 where none is pinned yet).
    pub(crate) fn pinned(&self) -> Option<(String, u32)> {
        self.product_set.clone().map(|name| (name, self.product_set_version.unwrap_or_default()))
    }

    pub(super) fn words(&self) -> String {
        let products = (!self.products.is_empty()).then(|| format!("products {}", self.products.join(", ")));
        let set = self.product_set.iter().map(|name| format!("product set {name}"));
        let categories = (!self.categories.is_empty()).then(|| format!("categories {}", self.categories.join(", ")));
        products.into_iter().chain(set).chain(categories).collect::<Vec<_>>().join(" and ")
    }
}

/// Refuses a category that is empty, longer than 128 bytes or holds control characters; spaces are good.
pub(crate) fn check_category(field: &str, category: &str) -> Result<(), Invalid> {
    if (1..=128).contains(&category.len()) && !category.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Invalid::new(
        field,
        format!("{} bytes", category.len()),
        "categories of 1 to 128 bytes without control characters",
    ))
}

impl Over {
    pub(crate) fn check(&self, field: &str) -> Result<(), Invalid> {
        match self {
            Self::Order => Ok(()),
            Self::Lines(filter) => filter.check(&format!("{field}.lines")),
        }
    }

    pub(crate) fn filter_mut(&mut self) -> Option<&mut LineFilter> {
        match self {
            Self::Order => None,
            Self::Lines(filter) => Some(filter),
        }
    }

    pub(crate) fn filter(&self) -> Option<&LineFilter> {
        match self {
            Self::Order => None,
            Self::Lines(filter) => Some(filter),
        }
    }
}

/// The product sets that a template names, by name and version.
pub type ProductSets = BTreeMap<(String, u32), Arc<ProductSet>>;

/// The denial of an order of which no line is picked.
pub(crate) fn nothing_picked(path: &str, filter: Option<&LineFilter>, order: &Order) -> Denial {
    let need = filter.map_or_else(|| "a line".to_owned(), |filter| format!("a line of {}", filter.words()));
    Denial::ConditionFailed {
        path: path.to_owned(),
        have: Fact::text(format!("{} lines, none of them", order.lines.len())),
        need: Fact::text(need),
        short: None,
    }
}
