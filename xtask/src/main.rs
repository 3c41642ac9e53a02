//! The verbs of the project, the same for people and for CI. Only the standard library, so that the first
//! `cargo xtask` on a bare machine compiles in seconds.

mod demo;
mod fuzz;
mod gen_files;
mod package;
mod passthrough;
mod repo;
mod sanitize;
mod soak;
mod test;
mod tools;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask VERB [options]

  demo [ARGS…]       play the story on real data; its last line on stdout is one JSON object
                     (runs the example `complete-journey`, release build, arguments passed on)
  test [options]     every check of the project; the last line is `N passed, N failed, N skipped`
      --quick            long tests take their short form (sets CARDMINT_QUICK=1)
      --only GROUPS      comma-separated, out of: fmt, clippy, rust, c, python, node, docs,
                         readme, table, defects
  gen [--check]      write the committed files that are made from the sources;
                     --check writes nothing and fails when one of them is stale
  ops                print the table of operations as JSON, with the schemas of its requests and replies
  package [WHAT…]    write what other languages install into dist/; all, or some of: c, python, node
      --profile P        release (the default) or dev
  bench [ARGS…]      measure against the references (release build, arguments passed on; `bench --help`)
  soak [ARGS…]       deterministic simulation over many seeds (release build, arguments passed on; `soak --help`)
      --seeds N | --minutes M, --first-seed S, --store memory|sqlite
      --defects          mistakes that are seeded on purpose: each must be caught
      --carts N          what holds for any cart, asked of N of them (--seed S)
      --refunds N        what holds for any returns, asked of N sequences (--seed S)
      --kills N          real processes that are killed at random moments
      --power N          a recorded process loses power, simulated, at N moments (64-bit Linux)
  fuzz [TARGET]      libFuzzer over every parser, or one (nightly Rust; without it seeds and mutations on stable)
      --seconds N        of each target (default 60)
  sanitize [WHAT]    tests under AddressSanitizer and ThreadSanitizer (nightly Rust), or one: address, thread
  help               this page

Environment:
  CARDMINT_NO_SKIP=1   a group whose tool is missing fails instead of being skipped (CI sets it)
  CARDMINT_QUICK=1     the same as `test --quick`

Exit code: 0 all well, 1 something failed, 2 wrong arguments or a missing tool.
";

/// What a verb answers when it cannot even start.
pub const EXIT_USAGE: u8 = 2;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let verb = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    match verb.as_str() {
        "demo" => demo::run(&rest),
        "test" => test::run(&rest),
        "gen" => gen_files::run(&rest),
        "ops" => ops(&rest),
        "package" => package::run(&rest),
        "bench" => passthrough::run(&["-p", "cardmint-benches", "--bin", "cardmint-benches"], &rest),
        "soak" => soak::run(&rest),
        "fuzz" => fuzz::run(&rest),
        "sanitize" => sanitize::run(&rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        "" => usage("no verb given"),
        other => usage(&format!("unknown verb `{other}`")),
    }
}

fn ops(args: &[String]) -> ExitCode {
    match args {
        [] if gen_files::print_operations() => ExitCode::SUCCESS,
        [] => ExitCode::FAILURE,
        _ => usage("ops takes no arguments"),
    }
}

/// Says what was wrong with the arguments and shows the help, on stderr.
pub fn usage(wrong: &str) -> ExitCode {
    eprintln!("{wrong}\n\n{HELP}");
    ExitCode::from(EXIT_USAGE)
}
