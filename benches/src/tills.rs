//! Several processes on one file, which begin together.

use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};
use std::time::Instant;

use cardmint::code::{Keyring, World};
use cardmint::{ChaChaEntropy, Engine, Tenant};
use cardmint_sqlite::{Options, SqliteStore};
use cardmint_system::{SystemClock, system_entropy};

use crate::harness::Failure;

pub const PROCESSES: usize = 4;
/// The file's name in its folder.
pub const FILE: &str = "shop.db";

/// The same keys in every process; they are no secret.
pub fn keyring() -> Keyring {
    Keyring::generate(&ChaChaEntropy::from_seed([42; 32]))
}

/// Opens the shop of a file.
pub fn open(path: &Path) -> Result<Tenant, Failure> {
    let store = SqliteStore::open(path, Options::default())?;
    Ok(Engine::new(store, keyring(), SystemClock, system_entropy()?).tenant("default", World::Live)?)
}

/// Runs this program once for each process, as `SUBCOMMAND FOLDER NUMBER`, lets all go when all are ready, and returns the seconds
/// until the last one is done, and what each came to.
pub fn race(subcommand: &str, folder: &Path) -> Result<(f64, Vec<String>), Failure> {
    let begin = |number: usize| -> Result<(Child, BufReader<ChildStdout>), Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(subcommand).arg(folder).arg(number.to_string());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().ok_or("a process has no output")?;
        Ok((child, BufReader::new(stdout)))
    };
    let mut tills = (0..PROCESSES).map(begin).collect::<Result<Vec<_>, _>>()?;
    for (_, lines) in &mut tills {
        line(lines)?;
    }
    let start = Instant::now();
    for (child, _) in &mut tills {
        drop(child.stdin.take());
    }
    let said = tills.iter_mut().map(|(_, lines)| line(lines)).collect::<Result<Vec<_>, _>>()?;
    let seconds = start.elapsed().as_secs_f64();
    for (mut child, _) in tills {
        child.wait()?;
    }
    Ok((seconds, said))
}

fn line(lines: &mut impl BufRead) -> Result<String, Failure> {
    let mut line = String::new();
    if lines.read_line(&mut line)? == 0 {
        return Err("a process ended early".into());
    }
    Ok(line.trim_end().to_owned())
}

/// The process: gets ready in its folder, works when all are ready, and tells what it came to.
pub fn child<T>(
    args: &[String],
    ready: impl FnOnce(&Path, usize) -> Result<T, Failure>,
    work: impl FnOnce(T) -> Result<String, Failure>,
) -> ExitCode {
    let (Some(folder), Some(number)) = (args.first(), args.get(1).and_then(|word| word.parse().ok())) else {
        return ExitCode::from(2);
    };
    let run = || -> Result<(), Failure> {
        let got_ready = ready(Path::new(folder), number)?;
        println!("ready");
        std::io::stdout().flush()?;
        // The parent closes its end when all are ready.
        std::io::stdin().lines().for_each(drop);
        println!("{}", work(got_ready)?);
        Ok(())
    };
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
