//! Conditions: what an order must be for a card to help. Plain data, checked when a template is saved.

mod condition;
mod order;
mod product_set;

pub use condition::{Condition, LineFilter, Over, ProductSets};
pub(crate) use condition::{check_category, first_unmet, nothing_picked, select};
pub use order::{Line, Order};
pub use product_set::ProductSet;
