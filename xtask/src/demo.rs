//! `cargo xtask demo`: the story on real data.

use std::process::ExitCode;

use crate::passthrough;

/// Arguments, stdout and exit code are the example's own. Cargo's chatter goes to stderr, so that the last line on
/// stdout stays the story's JSON object.
pub fn run(args: &[String]) -> ExitCode {
    passthrough::run(&["-p", "cardmint-examples", "--bin", "complete-journey"], args)
}
