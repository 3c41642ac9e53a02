//! Proof that the engine keeps its word: a naive model, a deterministic simulation, real crashes, races and bursts. The same harness
//! runs in the project's own tests and, as the program `cardmint-proof`, against a host's own settings.
//!
//! What is proven how, with which command: `docs/testing.md`.

pub mod args;
#[cfg(feature = "defects")]
pub mod defects;
pub mod dice;
pub mod live;
pub mod model;
pub mod request;
pub mod ring;
pub mod sim;
pub mod soak;
pub mod terms;
