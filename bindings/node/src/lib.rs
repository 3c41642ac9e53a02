//! The native half of the npm module `cardmint`: text in, text out, and nothing that blocks on the thread that JavaScript runs
//! on. What a user of Node sees is written in JavaScript, in `lib`.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// Where tests are linted nothing is exported, so nothing is used.
#![cfg_attr(test, allow(dead_code))]

mod completions;
mod engine;
mod keyring;
mod work;

use cardmint_bridge::Operation;
use napi_derive::napi;

/// A call is made on one thread and ended on another, and back comes its reply: with the C library's allocator both wait for
/// each other's locks.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The version of the library.
#[napi]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// The operations: name and kind, one after another.
#[napi]
pub fn operations() -> Vec<Vec<&'static str>> {
    Operation::all().iter().map(|operation| vec![operation.name, operation.kind.name()]).collect()
}
