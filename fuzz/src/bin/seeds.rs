//! `cardmint-fuzz-seeds FOLDER`: writes the seeds of every target into a folder of its own, and prints the targets' names.

use std::path::Path;
use std::process::ExitCode;

use cardmint_fuzz::{TARGETS, seeds};

fn main() -> ExitCode {
    let Some(folder) = std::env::args().nth(1) else {
        eprintln!("cardmint-fuzz-seeds FOLDER");
        return ExitCode::from(2);
    };
    for target in TARGETS {
        if let Err(error) = write(&Path::new(&folder).join(target.name), target.name) {
            eprintln!("{}: {error}", target.name);
            return ExitCode::FAILURE;
        }
        println!("{}", target.name);
    }
    ExitCode::SUCCESS
}

fn write(folder: &Path, name: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for (place, seed) in seeds(name).into_iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{place:03}")), seed)?;
    }
    Ok(())
}
