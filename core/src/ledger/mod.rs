//! Value as a ledger: what moved, from where to where, and what that does to a card's part of it.
//!
//! Every movement is a [`Transfer`] from one account to another, so that all accounts of a unit sum to nothing at any moment. It
//! stands in the event of what moved it ([`Entry`]), at no row of its own. Accounts of cards, holders and channels are rows and
//! never below nothing; the tenant's own (its *books*) are sums over transfers.

mod book;
mod entry;
mod settle;
mod unit;

pub use book::{Book, BookName};
pub use entry::{Entry, OWN, Transfer};
pub(crate) use settle::settle;
pub use unit::{Unit, UnitDisplay};
pub(crate) use unit::{check_unit_name, is_counter, unit_text};
