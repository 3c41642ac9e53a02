//! `cardmint-fuzz-seeds FOLDER`: writes the seeds of every target, and what is kept of earlier runs, into a folder of its own, and prints
//! the targets' names. `cardmint-fuzz-seeds keep TARGET FOLDER`: keeps the inputs of that folder.

use std::path::Path;
use std::process::ExitCode;

use cardmint_fuzz::{TARGETS, keep, kept, seeds};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let folder = match args.as_slice() {
        [folder] => folder,
        [verb, target, folder] if verb == "keep" => return keep_of(target, folder),
        _ => {
            eprintln!("cardmint-fuzz-seeds FOLDER, or cardmint-fuzz-seeds keep TARGET FOLDER");
            return ExitCode::from(2);
        }
    };
    for target in TARGETS {
        if let Err(error) = write(&Path::new(folder).join(target.name), target.name) {
            eprintln!("{}: {error}", target.name);
            return ExitCode::FAILURE;
        }
        println!("{}", target.name);
    }
    ExitCode::SUCCESS
}

fn keep_of(target: &str, folder: &str) -> ExitCode {
    match keep(target, Path::new(folder)) {
        Ok(inputs) => {
            println!("{target}: {inputs} inputs are kept");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{target}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path, name: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for (place, seed) in seeds(name).into_iter().chain(kept(name)).enumerate() {
        std::fs::write(folder.join(format!("seed-{place:03}")), seed)?;
    }
    Ok(())
}
