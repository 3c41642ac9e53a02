//! Stories on real data.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod journey;

/// The project's README: its Rust block is compiled and run as a test of this crate, which knows every part it names.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub mod readme {}
