//! `cargo xtask soak`: the proof harness, built as what it is asked for needs.

use std::process::ExitCode;

use crate::passthrough;

/// Seeded defects cannot be compiled into a release: the core alone is made with debug assertions, and shares all else with it.
pub const WITH_DEFECTS: [&str; 4] =
    ["--features", "cardmint-proof/defects", "--config", "profile.release.package.cardmint.debug-assertions=true"];

/// Runs the simulation, the hunt for seeded defects, the killing of processes, the losses of power, or processes that come and go.
pub fn run(args: &[String]) -> ExitCode {
    let has = |name: &str| args.iter().any(|arg| arg == name || arg.starts_with(&format!("{name}=")));
    let package = ["-p", "cardmint-proof", "--bin", "cardmint-proof"];
    if has("--defects") || has("--defect") {
        return passthrough::run_with(&WITH_DEFECTS, &package, &verb("soak", args));
    }
    if has("--help") {
        return passthrough::run(&package, &["help".to_owned()]);
    }
    if has("--power") {
        // Its number is that of the moments.
        let args: Vec<_> = args.iter().map(|arg| arg.replace("--power", "--cuts")).collect();
        return passthrough::run(&package, &verb("power", &args));
    }
    let name = match (has("--processes"), has("--kills")) {
        (true, _) => "endure",
        (false, true) => "crash",
        (false, false) => "soak",
    };
    let verb = verb(name, args);
    passthrough::run(&package, &verb)
}

fn verb(name: &str, args: &[String]) -> Vec<String> {
    std::iter::once(name.to_owned()).chain(args.iter().cloned()).collect()
}
