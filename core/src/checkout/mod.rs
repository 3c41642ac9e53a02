//! What a card is worth on an order: orders, allocation, quotes.

mod allocate;
mod price;

pub use crate::rule::{Line, Order};
pub use allocate::allocate;
pub use price::{Allocation, Pricing};
pub(crate) use price::{Purse, price};
