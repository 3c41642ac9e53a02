//! cardmint: an embeddable engine for digital cards.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod code;
mod entropy;
mod invalid;

pub use entropy::{ChaChaEntropy, Entropy};
pub use invalid::Invalid;
