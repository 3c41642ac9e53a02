//! What needs the core with all that a host does not have: the mistakes that are seeded on purpose, which the simulation must catch, or
//! it proves nothing; and the spans of the feature `tracing`.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use super::rust;
use super::tally::Tally;
use crate::repo;
use crate::soak::WITH_DEFECTS;

/// Hunts all defects, and looks at the spans.
pub fn run(quick: bool) -> Tally {
    let [flag, features, rest @ ..] = WITH_DEFECTS;
    let features = format!("{features},cardmint-tests/tracing");
    let spans =
        ["test", "--release", "-p", "cardmint-proof", "-p", "cardmint-tests", "--test", "spans", flag, &features];
    rust::counted(&[&spans[..], &rest].concat(), quick).plus(hunt(quick))
}

/// All of them, in the order of their list; a few of each room where it has to be quick.
fn hunt(quick: bool) -> Tally {
    let mut command = repo::cargo(&["run", "--release", "-p", "cardmint-proof"]);
    command.args(WITH_DEFECTS).args(["--", "soak", "--defects", "--first-seed", "0"]).args(quick.then_some("--quick"));
    let mut child = match command.stdout(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(error) => {
            println!("cargo could not be started: {error}");
            return Tally::failure();
        }
    };
    let mut tally = Tally::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            println!("{line}");
            tally = tally.plus(hunted(&line).unwrap_or_default());
        }
    }
    tally.with_exit(child.wait().is_ok_and(|status| status.success()))
}

/// Reads `{"defect":"version_not_checked","caught_at_seed":0,…}`; other lines tell of no hunt.
fn hunted(line: &str) -> Option<Tally> {
    line.starts_with("{\"defect\":").then(|| Tally::of(!line.contains("\"caught_at_seed\":null")))
}

#[cfg(test)]
mod tests {
    use super::{Tally, hunted};

    #[test]
    fn lines_of_a_hunt_are_read() {
        let caught = r#"{"defect":"end_included","caught_at_seed":1,"seeds":2,"invariant":"reply_possible"}"#;
        let missed = r#"{"defect":"end_included","caught_at_seed":null,"seeds":200,"invariant":null}"#;
        assert_eq!(hunted(caught), Some(Tally::success()));
        assert_eq!(hunted(missed), Some(Tally::failure()));
        assert_eq!(hunted(r#"{"defects":44,"missed":0,"waiting":5}"#), None);
    }
}
