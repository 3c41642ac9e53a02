//! Losses of power, simulated, in a short form. docs/testing.md says what is modelled.
#![cfg(all(target_os = "linux", target_pointer_width = "64"))]

use std::path::Path;

use cardmint_proof::live::Setup;
use cardmint_proof::live::power::{self, Power, Report, Scene, Seeded};

fn lose(scene: Scene, seeded: Option<Seeded>) -> (Power, Report) {
    let quick = std::env::var_os("CARDMINT_QUICK").is_some_and(|value| !value.is_empty() && value != "0");
    let power = Power { cuts: if quick { 40 } else { 150 }, rounds: 4, seed: 5, seeded };
    let program = Path::new(env!("CARGO_BIN_EXE_cardmint-proof"));
    (power, power::run(program, &Setup::default(), scene, power).unwrap())
}

/// All moments were tried, and something was lost at them.
#[track_caller]
fn assert_sound((power, report): &(Power, Report)) {
    assert_eq!(report.violations, Vec::<String>::new());
    assert_eq!((report.cut_points, report.images), (power.cuts, 2 * power.cuts));
    assert!(report.dropped_pieces > power.cuts, "{report:?}: hardly anything was lost");
}

#[test]
fn g01_what_was_acknowledged_survives_a_loss_of_power_at_any_moment() {
    let run = lose(Scene::Full, None);
    assert_sound(&run);
    let (power, Report { checked, .. }) = run;
    assert!(checked.found.acknowledged > 10 * power.cuts, "{checked:?}");
    assert!(checked.found.found_done > 0 && checked.found.found_undone > 0, "{checked:?}: no loss came between");
    assert_eq!(checked.lost_lawfully, 0);
}

#[test]
fn flushing_at_checkpoints_a_loss_of_power_leaves_a_beginning_of_the_commits() {
    let run = lose(Scene::Normal, None);
    assert_sound(&run);
    let checked = run.1.checked;
    assert!(checked.lost_lawfully > 0 && checked.found.acknowledged > checked.lost_lawfully, "{checked:?}");
}

#[test]
fn a_file_that_lost_power_while_it_was_migrated_opens_and_has_lost_nothing() {
    assert_sound(&lose(Scene::Migration, None));
}

#[test]
fn a_store_that_does_not_flush_its_commits_is_caught() {
    let (_, report) = lose(Scene::Full, Some(Seeded::CommitsNotFlushed));
    assert!(report.violations.iter().any(|wrong| wrong.contains("was acknowledged and is gone")), "{report:?}");
}

#[test]
fn a_disk_that_lies_is_caught() {
    let (_, report) = lose(Scene::Full, Some(Seeded::DiskLies));
    assert!(!report.violations.is_empty(), "{report:?}");
}
