//! A short form of the simulation: some seeds, always the same.

use cardmint_proof::sim::{self, Options, StoreKind};
use cardmint_proof::soak::{self, Soak};

fn quick() -> bool {
    std::env::var_os("CARDMINT_QUICK").is_some_and(|value| !value.is_empty() && value != "0")
}

#[test]
fn every_answer_of_many_callers_amid_trouble_is_one_that_the_model_could_give() {
    let seeds = if quick() { 100 } else { 300 };
    let soak = Soak {
        first_seed: 0,
        seeds: Some(seeds),
        minutes: None,
        jobs: 2,
        store: StoreKind::Memory,
        like: Options::of(0),
    };
    let report = soak::run(soak);
    assert!(report.violations.is_empty(), "{:#?}", report.violations);
    assert_eq!(report.missing_faults(), Vec::<&str>::new(), "a kind of trouble that never comes proves nothing");
    assert!(report.steps >= seeds * 500, "{} steps", report.steps);
    assert!(report.fences > 0, "no denial had to be made a fact");
    assert!(report.stale > 0, "no decision rested on a control row that had just changed");
}

#[test]
fn the_same_seed_is_the_same_run() {
    for seed in 0..5 {
        assert_eq!(sim::run(Options::of(seed)), sim::run(Options::of(seed)));
    }
}

#[test]
fn the_simulation_runs_on_sqlite_too() {
    for seed in 0..(if quick() { 2 } else { 6 }) {
        let options = Options { store: StoreKind::Sqlite, ..Options::of(seed) };
        assert_eq!(sim::run(options).violation, None, "{}", soak::replay(options));
    }
}
