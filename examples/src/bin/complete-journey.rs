//! One real year of coupons, replayed through cardmint; see `--help`.

use std::io::stdout;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use cardmint_examples::journey::{Args, Error, HELP, Progress, run};

fn main() -> ExitCode {
    match demo() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\ncomplete-journey: {error}");
            ExitCode::from(if error.is_bad_input() { 2 } else { 1 })
        }
    }
}

fn demo() -> Result<(), Error> {
    let Some(args) = Args::parse(std::env::args_os().skip(1), &root())? else {
        print!("{HELP}");
        return Ok(());
    };
    run(&args, &mut Progress::on_stderr(), &mut stdout().lock()).map(|_| ())
}

/// The repository: the present folder where the data is found below it, else the one that cargo runs us from.
fn root() -> PathBuf {
    let here = Path::new("examples/data/complete-journey").is_dir();
    let crate_folder = std::env::var_os("CARGO_MANIFEST_DIR").filter(|_| !here).map(PathBuf::from);
    crate_folder.and_then(|folder| folder.parent().map(Path::to_owned)).unwrap_or_default()
}
