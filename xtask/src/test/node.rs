//! The Node tests: the tarball as a host gets it, installed into a clean folder and used from there, with Node's own runner.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::QUICK;
use super::tally::{Tally, tap};
use crate::package::{Profile, node};
use crate::repo;

/// Runs every `*.test.mjs` beside the installed package.
pub fn run(quick: bool) -> Tally {
    let work = repo::target().join("node-tests");
    if let Err(why) = install(&work) {
        println!("the package cannot be made: {}", why.trim_end());
        return Tally::failure();
    }
    let tests = tests(&work);
    let mut command = Command::new("node");
    command.args(["--test", "--test-reporter=tap"]).args(&tests).current_dir(&work).stdin(Stdio::null());
    command.env("CARDMINT_ROOT", repo::root());
    // Without it the tests that need it are skipped; the runner says so, and the tally counts them.
    match node::npm_tools(&repo::root().join("bindings/node/test")) {
        Ok(tools) => drop(command.env("CARDMINT_NODE_TOOLS", tools)),
        Err(why) => println!("{why}"),
    }
    if quick {
        command.env(QUICK, "1");
    }
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => {
            println!("node could not be started: {error}");
            return Tally::failure();
        }
    };
    let report = String::from_utf8_lossy(&output.stdout);
    print!("{report}{}", String::from_utf8_lossy(&output.stderr));
    match tap(&report) {
        Some(tally) if tally != Tally::default() && !tests.is_empty() => tally.with_exit(output.status.success()),
        _ => {
            println!("no test of the npm module ran");
            Tally::failure()
        }
    }
}

/// Makes the package, installs it into an empty folder, and puts the example and the tests beside it.
fn install(work: &Path) -> Result<(), String> {
    let dist = repo::target().join("node-dist");
    node::write(Profile::Release, &dist)?;
    let tarballs = node::tarballs(&dist);
    let [tarball] = tarballs.as_slice() else { return Err(format!("{} tarballs were made", tarballs.len())) };
    node::install(tarball, work)?;
    let example = work.join("example");
    node::copy_folder(&repo::root().join("examples/node"), &example)?;
    node::ci(&example)?;
    node::copy_folder(&repo::root().join("bindings/node/test"), &work.join("test"))
}

fn tests(work: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(work.join("test")).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut tests: Vec<_> = entries.filter(|path| path.to_string_lossy().ends_with(".test.mjs")).collect();
    tests.sort();
    tests
}
