//! The Rust tests of the workspace, doc tests included.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use super::QUICK;
use super::tally::{Tally, libtest};
use crate::repo;

/// What is compiled for one small test only is compiled as quickly as can be; its dependencies are there already.
const UNOPTIMISED: [&str; 4] = [
    "--config",
    "profile.release.package.cardmint.opt-level=0",
    "--config",
    "profile.release.package.cardmint-sqlite.opt-level=0",
];

/// Runs all of them, and those of the one optional feature, which nothing else turns on.
pub fn run(quick: bool) -> Tally {
    let spans = ["test", "--release", "-p", "cardmint-tests", "--features", "tracing", "--test", "spans"];
    let spans = [&spans[..], &UNOPTIMISED].concat();
    counted(&["test", "--workspace", "--release", "--no-fail-fast"], quick).plus(counted(&spans, quick))
}

/// Runs tests, failures notwithstanding, shows their output as it comes and counts.
fn counted(args: &[&str], quick: bool) -> Tally {
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
