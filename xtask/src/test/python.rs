//! The Python tests: another implementation of what is documented, with the standard library only.

use std::process::{Command, Stdio};

use super::QUICK;
use super::tally::{Tally, unittest};
use crate::repo;

/// Relative to the root.
const FOLDER: &str = "tests/python";

/// Runs every `test*.py` of the folder.
pub fn run(quick: bool) -> Tally {
    let root = repo::root();
    if !root.join(FOLDER).is_dir() {
        println!("{FOLDER} does not exist: nothing to run");
        return Tally::default();
    }
    // -B: no __pycache__ beside the sources.
    let mut command = Command::new("python3");
    command.args(["-B", "-m", "unittest", "discover", "-s", FOLDER, "-v"]).current_dir(root).stdin(Stdio::null());
    if quick {
        command.env(QUICK, "1");
    }
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => {
            println!("python3 could not be started: {error}");
            return Tally::failure();
        }
    };
    // unittest reports on stderr.
    let report = String::from_utf8_lossy(&output.stderr);
    print!("{}{report}", String::from_utf8_lossy(&output.stdout));
    let tally = unittest(&report).unwrap_or_default();
    if tally == Tally::default() {
        println!("{FOLDER} is there, and no test of it ran");
        return Tally::failure();
    }
    tally.with_exit(output.status.success())
}
