//! Writes the bindings' generated files from the table of operations. Run by `cargo xtask gen` and `cargo xtask ops`.
//!
//! `cardmint-gen ops` prints the table as JSON. `cardmint-gen into FOLDER` writes every generated file under FOLDER, at the path
//! that it has in the repository.

mod c;
mod docs;
mod model;
mod node;
mod python;

use std::path::Path;
use std::process::ExitCode;

use model::Model;

/// A generated file: its path from the root of the repository, and its text.
pub struct File {
    path: &'static str,
    text: String,
}

/// Every generated file. A new one is one more line here.
fn files(model: &Model) -> Result<Vec<File>, String> {
    let mut files = vec![docs::api_json(model)?, docs::api_md(model), docs::denials_md()];
    files.extend(c::files(model)?);
    files.extend(python::files(model));
    files.extend(node::files(model));
    Ok(files)
}

fn run(args: &[String]) -> Result<(), String> {
    let model = Model::read()?;
    match args {
        [verb] if verb == "ops" => {
            print!("{}", docs::api_json(&model)?.text);
            Ok(())
        }
        [verb, folder] if verb == "into" => {
            for file in files(&model)? {
                let path = Path::new(folder).join(file.path);
                let wrong = |error: std::io::Error| format!("{}: {error}", path.display());
                path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(wrong)?;
                std::fs::write(&path, file.text).map_err(wrong)?;
            }
            Ok(())
        }
        _ => Err("usage: cardmint-gen ops | cardmint-gen into FOLDER".to_owned()),
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(wrong) => {
            eprintln!("{wrong}");
            ExitCode::FAILURE
        }
    }
}
