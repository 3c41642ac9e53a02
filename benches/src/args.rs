//! The command line.

use std::path::PathBuf;

use crate::harness::Depth;

pub const HELP: &str = "\
cargo xtask bench [options]

  --list            the benches and what each compares
  --only ID[,ID]    only these
  --quick           5 rounds, small sizes; all in-process benches in less than 8 minutes on 2 cores (default)
  --full            11 rounds, full sizes
  --dir DIR         folder for database files; default: the system's temporary folder
  --json FILE       one JSON object per line and figure
  --strict          a figure below its bar makes the exit code 1
  --help            this page

Exit code: 0 measured, 1 a bench broke (or --strict and below a bar, or CARDMINT_NO_SKIP=1 and a peer is missing),
2 wrong arguments.
";

/// What the caller wants.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    Help,
    List,
    Run(Args),
}

#[derive(Debug, PartialEq, Eq)]
pub struct Args {
    pub depth: Depth,
    /// Empty: all.
    pub only: Vec<String>,
    pub dir: PathBuf,
    pub json: Option<PathBuf>,
    pub strict: bool,
}

impl Args {
    pub fn wants(&self, id: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == id)
    }
}

pub fn parse(words: &[String], known: &[&str]) -> Result<Asked, String> {
    let mut args = Args { depth: Depth::Quick, only: Vec::new(), dir: std::env::temp_dir(), json: None, strict: false };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().cloned().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--help" | "-h" => return Ok(Asked::Help),
            "--list" => return Ok(Asked::List),
            "--quick" => args.depth = Depth::Quick,
            "--full" => args.depth = Depth::Full,
            "--strict" => args.strict = true,
            "--dir" => args.dir = PathBuf::from(value()?),
            "--json" => args.json = Some(PathBuf::from(value()?)),
            "--only" => {
                for id in value()?.split(',') {
                    if !known.contains(&id) {
                        return Err(format!("no bench `{id}`; there are {}", known.join(", ")));
                    }
                    args.only.push(id.to_owned());
                }
            }
            other => return Err(format!("unknown argument `{other}`")),
        }
    }
    Ok(Asked::Run(args))
}

#[cfg(test)]
mod tests {
    use super::{Asked, Depth, parse};

    fn ask(line: &str) -> Result<Asked, String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&words, &["a", "b"])
    }

    #[test]
    fn arguments_are_read_or_refused() {
        let Ok(Asked::Run(args)) = ask("--full --only a --strict") else { panic!("refused") };
        assert!(args.depth == Depth::Full && args.strict && args.wants("a") && !args.wants("b"));
        assert_eq!(ask("--quick --list"), Ok(Asked::List));
        assert!(ask("--only c").is_err() && ask("--json").is_err() && ask("x").is_err());
    }
}
