//! `cargo xtask gen`: the committed files that are made from the sources. (`gen` alone is a keyword.)

mod guarantees;
mod operations;
mod sources;

pub use operations::print as print_operations;

use std::fmt::Write as _;
use std::process::ExitCode;

use crate::{repo, usage};

/// A generated file: its path from the root and what it should hold now.
pub struct Generated {
    path: String,
    text: String,
}

/// Every generated file.
fn all() -> Result<Vec<Generated>, String> {
    let root = repo::root();
    let sources = sources::read(&root).map_err(|error| format!("the sources cannot be read: {error}"))?;
    let mut all = operations::generate()?;
    all.push(guarantees::generate(&sources)?);
    Ok(all)
}

/// Writes the files, or says which are stale.
pub fn run(args: &[String]) -> ExitCode {
    let outcome = match args {
        [] => write(),
        [only] if only == "--check" => stale().and_then(|stale| if stale.is_empty() { Ok(()) } else { Err(stale) }),
        _ => return usage("gen takes nothing but --check"),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{}", why.trim_end());
            ExitCode::FAILURE
        }
    }
}

fn write() -> Result<(), String> {
    for file in all()? {
        let path = repo::root().join(&file.path);
        if std::fs::read_to_string(&path).is_ok_and(|now| now == file.text) {
            println!("fresh: {}", file.path);
            continue;
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", file.path))?;
        }
        std::fs::write(&path, &file.text).map_err(|error| format!("{}: {error}", file.path))?;
        println!("wrote: {}", file.path);
    }
    Ok(())
}

/// What a fresh run would change; empty when nothing.
pub fn stale() -> Result<String, String> {
    let mut report = String::new();
    for file in all()? {
        let now = std::fs::read_to_string(repo::root().join(&file.path)).unwrap_or_default();
        if now != file.text {
            let _ = writeln!(report, "stale: {} (run `cargo xtask gen` and commit)", file.path);
            report.push_str(&difference(&now, &file.text));
        }
    }
    Ok(report)
}

/// The lines that differ, without those that both sides have between the first and the last of them.
fn difference(now: &str, wanted: &str) -> String {
    let (now, wanted): (Vec<&str>, Vec<&str>) = (now.lines().collect(), wanted.lines().collect());
    let head = now.iter().zip(&wanted).take_while(|(a, b)| a == b).count();
    let (now_rest, wanted_rest) = (now.get(head..).unwrap_or_default(), wanted.get(head..).unwrap_or_default());
    let tail = now_rest.iter().rev().zip(wanted_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let removed = now_rest.get(..now_rest.len() - tail).unwrap_or_default();
    let added = wanted_rest.get(..wanted_rest.len() - tail).unwrap_or_default();
    let mut text = format!("@@ line {} @@\n", head + 1);
    for line in removed.iter().filter(|line| !added.contains(line)) {
        let _ = writeln!(text, "-{line}");
    }
    for line in added.iter().filter(|line| !removed.contains(line)) {
        let _ = writeln!(text, "+{line}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn a_difference_shows_only_what_changed() {
        assert_eq!(difference("a\nb\nc\n", "a\nx\ny\nc\n"), "@@ line 2 @@\n-b\n+x\n+y\n");
        assert_eq!(difference("a\nb\nc\n", "x\nb\ny\n"), "@@ line 1 @@\n-a\n-c\n+x\n+y\n");
        assert_eq!(difference("", "a\n"), "@@ line 1 @@\n+a\n");
        assert_eq!(difference("a\n", "a\n"), "@@ line 2 @@\n");
    }
}
