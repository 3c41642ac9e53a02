//! House rules: formatting, lints, documents that agree with the sources. Each is one pass or one failure.

use std::collections::BTreeSet;

use super::tally::Tally;
use crate::{gen_files, repo};

/// Nothing that `cargo fmt` would change.
pub fn fmt() -> Tally {
    succeeds(&["fmt", "--all", "--check"])
}

/// No warning in any target.
pub fn clippy() -> Tally {
    // --release: shares the compiled SQLite with the tests (see the head of mod.rs). With the spans: what stands there without them is next
    // to nothing.
    let all = ["clippy", "--release", "--workspace", "--all-targets", "--features", "cardmint/tracing"];
    succeeds(&[&all[..], &["--", "-D", "warnings"]].concat())
}

/// Generated files are fresh, and the README's Rust is compiled.
pub fn docs() -> Tally {
    let fresh = match gen_files::stale() {
        Ok(stale) if stale.is_empty() => Tally::success(),
        Ok(stale) => {
            print!("{stale}");
            Tally::failure()
        }
        Err(error) => {
            println!("{error}");
            Tally::failure()
        }
    };
    fresh.plus(readme()).plus(compiled_once())
}

/// What is built alone asks for no other parts of a dependency than what is built with all the rest: else the core would be compiled
/// anew for it (see `features/Cargo.toml`).
fn compiled_once() -> Tally {
    let (built, tested) = ("normal,build", "normal,build,dev");
    let Some(whole) = dependencies(tested, &["--workspace"]) else { return Tally::failure() };
    let alone: [(&str, &[&str]); 8] = [
        (built, &["-p", "cardmint-gen"]),
        (built, &["-p", "cardmint-ffi"]),
        (built, &["-p", "cardmint-node"]),
        (built, &["-p", "cardmint-python"]),
        (built, &["-p", "cardmint-proof"]),
        (tested, &["-p", "cardmint-tests"]),
        (tested, &["-p", "cardmint", "-p", "cardmint-features"]),
        (tested, &["--workspace", "--exclude", "cardmint"]),
    ];
    let agree = alone.map(|(edges, packages)| {
        let Some(own) = dependencies(edges, packages) else { return Tally::failure() };
        let differ: Vec<_> = own.difference(&whole).collect();
        if !differ.is_empty() {
            println!(
                "{packages:?} built alone differs in {differ:?}: name what the workspace has in features/Cargo.toml"
            );
        }
        Tally::of(differ.is_empty())
    });
    agree.into_iter().fold(Tally::default(), Tally::plus)
}

/// Every dependency along edges of these kinds, with the parts of it that are asked for.
fn dependencies(edges: &str, of: &[&str]) -> Option<BTreeSet<String>> {
    let mut tree = repo::cargo(&["tree", "--quiet", "--prefix", "none", "-f", "{p} [{f}]", "-e", edges]);
    let output = tree.args(of).output().ok().filter(|output| output.status.success())?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(told.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect())
}

/// Rust shown in the README is compiled and run as a doc test of the examples, which have to include the file for that.
fn readme() -> Tally {
    let root = repo::root();
    let Ok(readme) = std::fs::read_to_string(root.join("README.md")) else {
        println!("README.md does not exist: no Rust of it to compile");
        return Tally::default();
    };
    if !readme.contains("```rust") {
        println!("README.md shows no Rust");
        return Tally::default();
    }
    let front = std::fs::read_to_string(root.join("examples/src/lib.rs")).unwrap_or_default();
    let included = front.lines().any(|line| line.contains("include_str!") && line.contains("README.md"));
    if !included {
        println!("README.md shows Rust, and examples/src/lib.rs does not include it: nobody compiles it");
    }
    Tally::of(included)
}

fn succeeds(args: &[&str]) -> Tally {
    Tally::of(repo::cargo(args).status().is_ok_and(|status| status.success()))
}
