//! Mistakes that are seeded on purpose, those that the simulation catches in seconds: the others are for `cargo xtask soak --defects`.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use super::tally::Tally;
use crate::repo;

/// One pass for each that is caught.
pub fn run() -> Tally {
    // Defects cannot be compiled into a release.
    let mut command = repo::cargo(&["run", "--profile", "checked", "-p", "cardmint-proof", "--features", "defects"]);
    let command = command.args(["--bin", "cardmint-proof", "--", "soak", "--defects", "--short"]);
    let mut child = match command.stdout(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => {
            println!("cargo could not be started: {error}");
            return Tally::failure();
        }
    };
    let mut tally = Tally::default();
    for line in child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).lines().map_while(Result::ok)) {
        println!("{line}");
        if line.starts_with("{\"defect\":") {
            tally = tally.plus(Tally::of(!line.contains("\"caught_at_seed\":null")));
        }
    }
    tally.with_exit(child.wait().is_ok_and(|status| status.success()) && tally.passed > 0)
}
