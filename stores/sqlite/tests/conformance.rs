//! The SQLite store keeps every promise of the contract.

mod common;

use common::Temporary;

cardmint::store::conformance::suite!(Temporary::new, Temporary::reopened);
