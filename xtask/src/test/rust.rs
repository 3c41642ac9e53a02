//! The Rust tests of the workspace, doc tests included.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use super::QUICK;
use super::tally::{Tally, libtest};
use crate::repo;

/// The core's own tests are compiled for themselves, as quickly as can be: none of them takes long.
const UNOPTIMISED: [&str; 2] = ["--config", "profile.release.package.cardmint.opt-level=0"];

/// Runs all of them but what is for the core with defects and spans (see `defects.rs`).
pub fn run(quick: bool) -> Tally {
    // Beside it the package that makes both ask for the same parts of dependencies.
    let core = ["test", "--release", "--no-fail-fast", "-p", "cardmint", "-p", "cardmint-features"];
    let own = [&core[..], &["--lib"], &UNOPTIMISED].concat();
    let documented = [&core[..], &["--doc"]].concat();
    let others = ["test", "--workspace", "--exclude", "cardmint", "--release", "--no-fail-fast"];
    counted(&others, quick).plus(counted(&documented, quick)).plus(counted(&own, quick))
}

/// Runs tests, failures notwithstanding, shows their output as it comes and counts.
pub(super) fn counted(args: &[&str], quick: bool) -> Tally {
    let mut command = repo::cargo(args);
    if quick {
        command.env(QUICK, "1");
    }
    let mut child = match command.stdout(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => {
            println!("cargo could not be started: {error}");
            return Tally::failure();
        }
    };
    let mut tally = Tally::default();
    if let Some(stdout) = child.stdout.take() {
        // Bytes, not strings: a test may print what is no UTF-8.
        for line in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
            let _ = std::io::stdout().write_all(&line).and_then(|()| std::io::stdout().write_all(b"\n"));
            if let Some(result) = libtest(&String::from_utf8_lossy(&line)) {
                tally = tally.plus(result);
            }
        }
    }
    tally.with_exit(child.wait().is_ok_and(|status| status.success()))
}
