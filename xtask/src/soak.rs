//! `cargo xtask soak`: the proof harness, built as what it is asked for needs.

use std::process::ExitCode;

use crate::{EXIT_USAGE, passthrough, repo};

/// Seeded defects cannot be compiled into a release: the core alone is made with debug assertions, and shares all else with it. It has
/// the spans as well, so that their tests need no third core.
pub const WITH_DEFECTS: [&str; 4] = [
    "--features",
    "cardmint-proof/defects,cardmint/tracing",
    "--config",
    "profile.release.package.cardmint.debug-assertions=true",
];

/// Runs the simulation, the hunt for seeded defects, the killing of processes, the losses of power, or processes that come and go.
pub fn run(args: &[String]) -> ExitCode {
    let has = |name: &str| args.iter().any(|arg| arg == name || arg.starts_with(&format!("{name}=")));
    let package = ["-p", "cardmint-proof", "--bin", "cardmint-proof"];
    if has("--defects") || has("--defect") {
        return passthrough::run_with(&WITH_DEFECTS, &package, &verb("soak", args));
    }
    if has("--carts") {
        return random(args, &CARTS);
    }
    if has("--refunds") {
        return random(args, &REFUNDS);
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

/// What is asked of random orders: the flag, what is counted, the tests, and the variable that tells them how many.
struct Random {
    flag: &'static str,
    what: &'static str,
    tests: &'static str,
    variable: &'static str,
}

const CARTS: Random = Random { flag: "--carts", what: "carts", tests: "random::", variable: "CARDMINT_CARTS" };
const REFUNDS: Random =
    Random { flag: "--refunds", what: "sequences of returns", tests: "refunds::", variable: "CARDMINT_REFUNDS" };

/// What holds for any order, for so many of them: `--carts N [--seed S]`, `--refunds N [--seed S]`.
fn random(args: &[String], of: &Random) -> ExitCode {
    let number = |name: &str| {
        let mut given = args.iter().flat_map(|arg| arg.split('=')).skip_while(|word| *word != name);
        given.nth(1).map(str::parse::<u64>)
    };
    let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let (Some(Ok(many)), Ok(seed)) = (number(of.flag), number("--seed").unwrap_or(Ok(clock))) else {
        eprintln!("cargo xtask soak {} N [--seed S]", of.flag);
        return ExitCode::from(EXIT_USAGE);
    };
    let (flag, what) = (of.flag, of.what);
    println!("{many} {what} for each property; again with: cargo xtask soak {flag} {many} --seed {seed}");
    let mut cargo = repo::cargo(&["test", "--release", "-p", "cardmint-tests", "--test", "checkout", of.tests]);
    cargo.env(of.variable, many.to_string()).env("PROPTEST_RNG_SEED", seed.to_string());
    match cargo.status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn verb(name: &str, args: &[String]) -> Vec<String> {
    std::iter::once(name.to_owned()).chain(args.iter().cloned()).collect()
}
