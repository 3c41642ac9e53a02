//! Product sets: stored once under a name, for templates to point at.

use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::id::check_name;

/// Products stored once under a name. A version never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductSet {
    /// The host's name for the set.
    pub name: String,
    /// Counted from 1 with every save.
    pub version: u32,
    /// Product ids, sorted, without doubles.
    pub products: Vec<String>,
}

impl ProductSet {
    /// Most products of one set.
    pub const PRODUCTS_MAX: usize = 100_000;

    /// Refuses a set that cannot be meant.
    pub fn check(name: &str, products: &[String]) -> Result<(), Invalid> {
        check_name("name", name)?;
        if !(1..=Self::PRODUCTS_MAX).contains(&products.len()) {
            return Err(Invalid::new("products", products.len(), format!("1 to {} product ids", Self::PRODUCTS_MAX)));
        }
        products.iter().try_for_each(|product| check_name("products", product))
    }

    /// Checks and sorts the ids of a set.
    pub fn new(name: &str, version: u32, mut products: Vec<String>) -> Result<Self, Invalid> {
        Self::check(name, &products)?;
        products.sort_unstable();
        products.dedup();
        Ok(Self { name: name.to_owned(), version, products })
    }

    /// Whether a product belongs to the set.
    pub fn contains(&self, product: &str) -> bool {
        self.products.binary_search_by(|have| have.as_str().cmp(product)).is_ok()
    }
}
