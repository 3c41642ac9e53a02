//! `cargo xtask test`: every check of the project, in groups.
//!
//! Rust tests run in the release profile. They seal codes by the million, which an unoptimised core takes minutes for,
//! and `demo` and `bench` use the same profile: SQLite and the other dependencies are compiled once, not twice (clippy
//! is asked for the same profile for that reason). Overflow checks are on in this profile, as in what a host links.

mod c;
mod defects;
mod house;
mod node;
mod one_definition;
mod python;
mod readme;
mod rust;
mod tally;

use std::process::ExitCode;

use crate::{EXIT_USAGE, tools, usage};
use tally::Tally;

/// Set for the tests by `--quick`: long tests take their short form.
const QUICK: &str = "CARDMINT_QUICK";
/// Set by CI: a skipped group fails.
const NO_SKIP: &str = "CARDMINT_NO_SKIP";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Fmt,
    Clippy,
    Rust,
    Defects,
    C,
    Python,
    Node,
    Docs,
    Readme,
    Table,
}

impl Group {
    /// In the order in which they run: what fails fast comes first.
    const ALL: [Self; 10] = [
        Self::Fmt,
        Self::Docs,
        Self::Python,
        Self::Node,
        Self::Clippy,
        Self::Rust,
        Self::C,
        Self::Readme,
        Self::Table,
        Self::Defects,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Clippy => "clippy",
            Self::Rust => "rust",
            Self::Defects => "defects",
            Self::C => "c",
            Self::Python => "python",
            Self::Node => "node",
            Self::Docs => "docs",
            Self::Readme => "readme",
            Self::Table => "table",
        }
    }

    /// The line of the summary that its results belong to.
    const fn line(self) -> &'static str {
        match self {
            Self::Fmt | Self::Clippy | Self::Docs | Self::Readme | Self::Table => "house",
            Self::Rust | Self::Defects => "rust",
            Self::C => "c",
            Self::Python => "python",
            Self::Node => "node",
        }
    }

    /// Without these the group cannot start, and neither can the run.
    const fn needs(self) -> &'static [tools::Tool] {
        match self {
            Self::Fmt | Self::Docs => &[],
            Self::Clippy | Self::Rust | Self::Defects | Self::C => &[tools::RUSTC, tools::CC],
            Self::Python => &[tools::RUSTC, tools::CC, tools::PYTHON],
            // Python holds the database while Node's calls wait for it.
            Self::Node | Self::Readme | Self::Table => {
                &[tools::RUSTC, tools::CC, tools::NODE, tools::NPM, tools::PYTHON]
            }
        }
    }

    /// Without this the group is skipped.
    const fn optional(self) -> Option<tools::Tool> {
        match self {
            Self::Fmt => Some(tools::RUSTFMT),
            Self::Clippy => Some(tools::CLIPPY),
            Self::C | Self::Readme | Self::Table => Some(tools::BINUTILS),
            Self::Rust | Self::Defects | Self::Python | Self::Node | Self::Docs => None,
        }
    }

    fn run(self, quick: bool) -> Tally {
        match self {
            Self::Fmt => house::fmt(),
            Self::Clippy => house::clippy(),
            Self::Docs => house::docs(),
            Self::Rust => rust::run(quick),
            Self::Defects => defects::run(quick),
            Self::C => c::run(quick),
            Self::Python => python::run(quick),
            Self::Node => node::run(quick),
            Self::Readme => readme::run(),
            Self::Table => one_definition::run(),
        }
    }
}

/// The lines of the summary, in order.
const LINES: [&str; 5] = ["house", "rust", "c", "python", "node"];

/// Runs the groups that `args` ask for and prints the summary.
pub fn run(args: &[String]) -> ExitCode {
    let (quick, groups) = match parse(args) {
        Ok(asked) => asked,
        Err(wrong) => return usage(&wrong),
    };
    let quick = quick || is_set(QUICK);
    let needs: Vec<tools::Tool> = groups.iter().flat_map(|group| group.needs()).copied().collect();
    if let Err(missing) = tools::require(&needs) {
        eprint!("{missing}");
        return ExitCode::from(EXIT_USAGE);
    }

    let mut results: Vec<(Group, Tally)> = Vec::new();
    for group in groups {
        println!("== {}", group.name());
        let begun = std::time::Instant::now();
        let tally = match group.optional().and_then(|tool| tool.missing()) {
            Some(why) => skipped(group.name(), &why, is_set(NO_SKIP)),
            None => group.run(quick),
        };
        println!("== {} took {} s", group.name(), begun.elapsed().as_secs());
        results.push((group, tally));
    }

    println!();
    let mut total = Tally::default();
    for line in LINES {
        let of_line: Vec<Tally> = results.iter().filter(|(group, _)| group.line() == line).map(|(_, t)| *t).collect();
        if of_line.is_empty() {
            continue;
        }
        let sum = of_line.into_iter().fold(Tally::default(), Tally::plus);
        println!("{line}: {} passed, {} failed", sum.passed, sum.failed);
        total = total.plus(sum);
    }
    println!("{} passed, {} failed, {} skipped", total.passed, total.failed, total.skipped);
    if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A group that cannot run is one skip, or one failure where skips are forbidden.
fn skipped(name: &str, why: &str, forbidden: bool) -> Tally {
    println!("skipped: {name} ({why})");
    if forbidden {
        println!("{NO_SKIP} is set: this counts as a failure");
        return Tally::failure();
    }
    Tally { skipped: 1, ..Tally::default() }
}

/// The same for a part of a group.
fn skip(name: &str, why: &str) -> Tally {
    skipped(name, why, is_set(NO_SKIP))
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty() && value != "0")
}

fn parse(args: &[String]) -> Result<(bool, Vec<Group>), String> {
    let mut quick = false;
    let mut groups = Group::ALL.to_vec();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let names = match arg.as_str() {
            "--quick" => {
                quick = true;
                continue;
            }
            "--only" => args.next().ok_or("--only needs a list of groups")?.as_str(),
            other => other.strip_prefix("--only=").ok_or_else(|| format!("unknown argument `{other}`"))?,
        };
        let asked: Vec<&str> = names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        if let Some(unknown) = asked.iter().find(|name| !Group::ALL.iter().any(|group| group.name() == **name)) {
            return Err(format!("unknown group `{unknown}`"));
        }
        if asked.is_empty() {
            return Err("--only needs a list of groups".to_owned());
        }
        groups.retain(|group| asked.contains(&group.name()));
    }
    Ok((quick, groups))
}

#[cfg(test)]
mod tests {
    use super::{Group, Tally, parse, skipped};

    fn args(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn arguments_choose_groups() {
        assert_eq!(parse(&[]), Ok((false, Group::ALL.to_vec())));
        assert_eq!(parse(&args("--quick --only rust,fmt")), Ok((true, vec![Group::Fmt, Group::Rust])));
        assert_eq!(parse(&args("--only=docs")), Ok((false, vec![Group::Docs])));
        assert!(parse(&args("--only nope")).is_err());
        assert!(parse(&args("--only")).is_err());
        assert!(parse(&args("--only=")).is_err());
        assert!(parse(&args("--fast")).is_err());
    }

    #[test]
    fn a_skip_is_a_failure_where_skips_are_forbidden() {
        assert_eq!(skipped("x", "why", false), Tally { skipped: 1, ..Tally::default() });
        assert_eq!(skipped("x", "why", true), Tally::failure());
    }
}
