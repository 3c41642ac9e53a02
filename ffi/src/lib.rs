//! The C ABI of cardmint. C programs read `include/cardmint.h`, which is made from these sources, and `ffi/README.md`.
//!
//! Nothing here knows a rule or an operation: handles, texts and statuses are carried across, and the operations themselves
//! are written by `cargo xtask gen`. Every entry goes through [`guard::answer`], so that nothing unwinds into C.
#![allow(non_camel_case_types)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod about;
mod args;
mod call;
mod cursor;
mod engine;
mod guard;
mod keyring;
mod operations;
mod status;
mod tenant;
mod text;
