//! Runs one of our binaries, release build, in the caller's folder, so that relative paths mean what was typed.

use std::process::ExitCode;

use crate::{EXIT_USAGE, repo, tools};

/// `package` names the binary to cargo; `args` are handed over as they are.
pub fn run(package: &[&str], args: &[String]) -> ExitCode {
    run_with(&[], package, args)
}

/// The same, built with more flags of cargo.
pub fn run_with(flags: &[&str], package: &[&str], args: &[String]) -> ExitCode {
    if let Err(missing) = tools::require(&[tools::CC]) {
        eprint!("{missing}");
        return ExitCode::from(EXIT_USAGE);
    }
    let status = repo::cargo_anywhere(&["run", "--release"]).args(flags).args(package).arg("--").args(args).status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        // A signal has no code; it is a failure all the same.
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
        Err(error) => {
            eprintln!("cargo could not be started: {error}");
            ExitCode::FAILURE
        }
    }
}
