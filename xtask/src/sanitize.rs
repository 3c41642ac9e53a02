//! `cargo xtask sanitize`: tests of what has threads under ThreadSanitizer, and of what is unsafe under AddressSanitizer, on nightly.

use std::process::{Command, ExitCode};

use crate::{repo, tools, usage};

/// One watch over some tests.
struct Watch {
    name: &'static str,
    flag: &'static str,
    /// Whether the standard library has to be built with it, or its locks are not seen.
    needs_std: bool,
    tests: &'static [&'static [&'static str]],
}

const WATCHES: [Watch; 2] = [
    Watch {
        name: "address",
        flag: "-Zsanitizer=address",
        needs_std: false,
        tests: &[
            &["-p", "cardmint-ffi", "--lib", "--tests"],
            &["-p", "cardmint-bridge", "--lib", "--tests"],
            &["-p", "cardmint-tests", "--test", "committer"],
        ],
    },
    Watch {
        name: "thread",
        flag: "-Zsanitizer=thread",
        needs_std: true,
        tests: &[
            &["-p", "cardmint-bridge", "--lib", "--tests"],
            &["-p", "cardmint-tests", "--test", "committer"],
            &["-p", "cardmint-tests", "--test", "engine", "groups::"],
            &["-p", "cardmint-tests", "--test", "engine", "sqlite::"],
        ],
    },
];

/// Runs each watch, or the one that is named. What cannot run is skipped by name.
pub fn run(args: &[String]) -> ExitCode {
    let only = match args {
        [] => None,
        [name] if WATCHES.iter().any(|watch| watch.name == name) => Some(name.as_str()),
        _ => return usage("sanitize takes `address`, `thread` or nothing"),
    };
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for watch in WATCHES.iter().filter(|watch| only.is_none_or(|only| watch.name == only)) {
        if let Some(why) = cannot(watch) {
            println!("skipped: {} ({why})", watch.name);
            skipped += 1;
            continue;
        }
        for tests in watch.tests {
            println!("== {}: {}", watch.name, tests.join(" "));
            let well =
                command(watch, tests).is_some_and(|mut command| command.status().is_ok_and(|done| done.success()));
            *(if well { &mut passed } else { &mut failed }) += 1;
        }
    }
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn cannot(watch: &Watch) -> Option<String> {
    if let Some(why) = tools::NIGHTLY.missing() {
        return Some(why);
    }
    if watch.needs_std && !tools::nightly_has_source() {
        let how = "rustup component add rust-src --toolchain nightly";
        return Some(format!("the standard library has to be built with it, and its source is not there; {how}"));
    }
    None
}

fn command(watch: &Watch, tests: &[&str]) -> Option<Command> {
    let triple = tools::host_triple()?;
    let mut command = tools::nightly_cargo();
    // Naming the machine's own triple keeps the flags away from build scripts.
    command.current_dir(repo::root()).args(["test", "--release", "--target", &triple]);
    command.arg("--target-dir").arg(repo::target().join("sanitize").join(watch.name));
    if watch.needs_std {
        command.arg("-Zbuild-std");
    }
    command.args(tests).env("RUSTFLAGS", format!("{} -Cdebug-assertions", watch.flag));
    // The bundled SQLite is C: watched as well, or its locks are not seen.
    command.env("CFLAGS", format!("-fsanitize={}", watch.name));
    command.env("CARDMINT_QUICK", "1").env("TSAN_OPTIONS", "halt_on_error=1");
    Some(command)
}
