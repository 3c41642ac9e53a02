//! `cargo xtask fuzz`: libFuzzer over the parsers, on nightly; without one, the same targets on stable.
//!
//! The flags are those that cargo-fuzz sets. libFuzzer itself comes with the crate `libfuzzer-sys`, so that nothing is installed.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use crate::{EXIT_USAGE, repo, tools, usage};

/// Instruments all that is built for the target, build scripts apart: edges are counted, comparisons are seen, memory is watched.
const FLAGS: [&str; 9] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-sanitizer-coverage-stack-depth",
    "-Zsanitizer=address",
    "-Cdebug-assertions",
    "-Ccodegen-units=1",
];

/// Runs one target, or each, for so long.
pub fn run(args: &[String]) -> ExitCode {
    let (mut seconds, mut only, mut keeps) = (60_u32, None, false);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let (name, value) =
            arg.split_once('=').map_or((arg.as_str(), None), |(name, value)| (name, Some(value.to_owned())));
        match name {
            "--seconds" => match value.or_else(|| args.next().cloned()).and_then(|value| value.parse().ok()) {
                Some(number) => seconds = number,
                None => return usage("--seconds needs a number"),
            },
            "--keep" => keeps = true,
            _ if name.starts_with('-') || only.is_some() => return usage(&format!("unknown argument `{arg}`")),
            _ => only = Some(arg.clone()),
        }
    }
    if let Err(missing) = tools::require(&[tools::RUSTC, tools::CC]) {
        eprint!("{missing}");
        return ExitCode::from(EXIT_USAGE);
    }
    let instead = tools::NIGHTLY.missing().or_else(|| tools::CXX.missing());
    match instead {
        Some(why) => on_stable(&why, only.as_deref()),
        None => on_nightly(seconds, only.as_deref(), keeps),
    }
}

/// Seeds and mutations, as in the tests.
fn on_stable(why: &str, only: Option<&str>) -> ExitCode {
    println!("no libFuzzer ({why}): the same targets over seeds and mutations");
    let mut command = repo::cargo(&["test", "--release", "-p", "cardmint-fuzz", "--test", "targets", "--"]);
    code(command.args(only).status().is_ok_and(|status| status.success()))
}

fn on_nightly(seconds: u32, only: Option<&str>, keeps: bool) -> ExitCode {
    let folder = repo::target().join("fuzz");
    let corpus = folder.join("corpus");
    let Some(targets) = seeds(&corpus) else { return ExitCode::FAILURE };
    let targets: Vec<_> = targets.into_iter().filter(|name| only.is_none_or(|only| only == name)).collect();
    if targets.is_empty() {
        return usage(&format!("no target is called {}", only.unwrap_or_default()));
    }
    let Some(program) = build(&folder) else { return ExitCode::FAILURE };
    let mut failed = Vec::new();
    for target in &targets {
        println!("== {target}, {seconds} s");
        if !fuzz(&program, &folder, target, seconds) || (keeps && !keep(&program, &folder, target)) {
            failed.push(target.clone());
        }
    }
    println!("{} targets, {} failed: {}", targets.len(), failed.len(), failed.join(", "));
    code(failed.is_empty())
}

fn code(well: bool) -> ExitCode {
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Writes the seeds; says which targets there are.
fn seeds(corpus: &Path) -> Option<Vec<String>> {
    let mut command =
        repo::cargo(&["run", "--release", "--quiet", "-p", "cardmint-fuzz", "--bin", "cardmint-fuzz-seeds", "--"]);
    let output = command.arg(corpus).stderr(Stdio::inherit()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

/// Builds the one program that holds all targets. Naming the machine's own triple keeps the flags away from build scripts.
fn build(folder: &Path) -> Option<std::path::PathBuf> {
    let triple = tools::host_triple()?;
    let mut command = tools::nightly_cargo();
    command.current_dir(repo::root()).args(["build", "--release", "-p", "cardmint-fuzz", "--bin", "cardmint-fuzz"]);
    command.args(["--features", "libfuzzer", "--target", &triple]).arg("--target-dir").arg(folder);
    let built = command.env("RUSTFLAGS", FLAGS.join(" ")).status().is_ok_and(|status| status.success());
    built.then(|| folder.join(triple).join("release/cardmint-fuzz"))
}

/// Keeps the fewest inputs that reach all that any reached, in `fuzz/corpus/TARGET.json`.
fn keep(program: &Path, folder: &Path, target: &str) -> bool {
    let least = folder.join("least").join(target);
    let emptied = std::fs::remove_dir_all(&least).is_ok() || !least.exists();
    if !emptied || std::fs::create_dir_all(&least).is_err() {
        return false;
    }
    let mut merge = Command::new(program);
    merge.env("CARDMINT_FUZZ_TARGET", target).arg("-merge=1").arg(&least).arg(folder.join("corpus").join(target));
    let mut pack =
        repo::cargo(&["run", "--release", "--quiet", "-p", "cardmint-fuzz", "--bin", "cardmint-fuzz-seeds", "--"]);
    pack.args(["keep", target]).arg(&least);
    [merge, pack].into_iter().all(|mut step| step.status().is_ok_and(|status| status.success()))
}

/// What is found stays in `target/fuzz/found`, each a file; the committed ones lie in `fuzz/corpus/TARGET`.
fn fuzz(program: &Path, folder: &Path, target: &str, seconds: u32) -> bool {
    let found = folder.join("found").join(target);
    let committed = repo::root().join("fuzz/corpus").join(target);
    if std::fs::create_dir_all(&found).is_err() {
        return false;
    }
    let mut command = Command::new(program);
    command.env("CARDMINT_FUZZ_TARGET", target);
    command.arg(format!("-max_total_time={seconds}")).args(["-print_final_stats=1", "-max_len=4096", "-timeout=20"]);
    command.arg(format!("-artifact_prefix={}/", found.display())).arg(folder.join("corpus").join(target));
    if committed.is_dir() {
        command.arg(committed);
    }
    let well = command.status().is_ok_and(|status| status.success());
    if !well {
        println!(
            "{target} failed; the input is in {}, and belongs into fuzz/corpus/{target} once it is mended",
            found.display()
        );
    }
    well
}
