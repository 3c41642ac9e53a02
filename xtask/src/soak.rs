//! `cargo xtask soak`: the proof harness, built as what it is asked for needs.

use std::process::ExitCode;

use crate::passthrough;

/// Runs the simulation, the hunt for seeded defects, the killing of processes, or the losses of power.
pub fn run(args: &[String]) -> ExitCode {
    let has = |name: &str| args.iter().any(|arg| arg == name || arg.starts_with(&format!("{name}=")));
    let package = ["-p", "cardmint-proof", "--bin", "cardmint-proof"];
    if has("--defects") || has("--defect") {
        // Defects cannot be compiled into a release.
        let checked = [&package[..], &["--features", "defects"]].concat();
        return passthrough::run_in("checked", &checked, &verb("soak", args));
    }
    if has("--help") {
        return passthrough::run(&package, &["help".to_owned()]);
    }
    let verb = if has("--kills") {
        verb("crash", args)
    } else if has("--power") {
        // Its number is that of the moments.
        let args: Vec<_> = args.iter().map(|arg| arg.replace("--power", "--cuts")).collect();
        verb("power", &args)
    } else {
        verb("soak", args)
    };
    passthrough::run(&package, &verb)
}

fn verb(name: &str, args: &[String]) -> Vec<String> {
    std::iter::once(name.to_owned()).chain(args.iter().cloned()).collect()
}
