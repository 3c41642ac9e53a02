//! The store in memory keeps every promise of the contract.

use cardmint::store::{MemoryStore, conformance};

conformance::suite!(MemoryStore::new);

#[test]
fn run_runs_every_case() {
    conformance::run(MemoryStore::new);
}
