//! `cargo xtask soak`: the proof harness, built as what it is asked for needs.

use std::process::ExitCode;

use crate::{EXIT_USAGE, passthrough, repo};

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
    if has("--carts") {
        return carts(args);
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

/// What holds for any cart, for so many of them: `--carts N [--seed S]`.
fn carts(args: &[String]) -> ExitCode {
    let number = |name: &str| {
        let mut given = args.iter().flat_map(|arg| arg.split('=')).skip_while(|word| *word != name);
        given.nth(1).map(str::parse::<u64>)
    };
    let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let (Some(Ok(carts)), Ok(seed)) = (number("--carts"), number("--seed").unwrap_or(Ok(clock))) else {
        eprintln!("cargo xtask soak --carts N [--seed S]");
        return ExitCode::from(EXIT_USAGE);
    };
    println!("{carts} carts for each property; again with: cargo xtask soak --carts {carts} --seed {seed}");
    let mut cargo = repo::cargo(&["test", "--release", "-p", "cardmint-tests", "--test", "checkout", "random::"]);
    cargo.env("CARDMINT_CARTS", carts.to_string()).env("PROPTEST_RNG_SEED", seed.to_string());
    match cargo.status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn verb(name: &str, args: &[String]) -> Vec<String> {
    std::iter::once(name.to_owned()).chain(args.iter().cloned()).collect()
}
