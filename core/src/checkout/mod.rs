//! What a card is worth on an order: orders, allocation, quotes.

mod allocate;
mod covered;
mod price;
mod quote_mark;

pub use crate::rule::{Line, Order};
pub use allocate::allocate;
pub(crate) use covered::Covered;
pub use price::{Allocation, Pricing};
pub(crate) use price::{Purse, price};
pub(crate) use quote_mark::{check_quote_mark, must_be_quoted, quote_mark};
