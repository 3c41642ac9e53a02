//! House rules: formatting, lints, documents that agree with the sources. Each is one pass or one failure.

use super::tally::Tally;
use crate::{gen_files, repo};

/// Nothing that `cargo fmt` would change.
pub fn fmt() -> Tally {
    succeeds(&["fmt", "--all", "--check"])
}

/// No warning in any target.
pub fn clippy() -> Tally {
    // --release: shares the compiled SQLite with the tests (see the head of mod.rs).
    // And the one optional feature, which nothing else turns on.
    succeeds(&["clippy", "--release", "--workspace", "--all-targets", "--", "-D", "warnings"]).plus(succeeds(&[
        "clippy",
        "--release",
        "-p",
        "cardmint",
        "--features",
        "tracing",
        "--",
        "-D",
        "warnings",
    ]))
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
    fresh.plus(readme())
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
