//! The Python tests, with the standard library only: another implementation of what is documented, and the binding, as a wheel
//! that is installed into an empty folder.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::QUICK;
use super::tally::{Tally, unittest};
use crate::package::{Profile, python};
use crate::repo;

/// Runs every test of both folders.
pub fn run(quick: bool) -> Tally {
    discover("tests/python", quick, &[]).plus(binding(quick))
}

/// The binding's tests, against the wheel.
fn binding(quick: bool) -> Tally {
    let work = repo::target().join("python-tests");
    let installed = match install(&work) {
        Ok(installed) => installed,
        Err(why) => {
            println!("the wheel cannot be made: {}", why.trim_end());
            return Tally::failure();
        }
    };
    let mut environment = vec![("PYTHONPATH", installed.into_os_string())];
    // Without it the tests that need it are skipped; unittest says so, and the tally counts them.
    match python::tool("mypy", "mypy>=1.18,<3") {
        Ok(mypy) => environment.push(("CARDMINT_MYPY", mypy.into_os_string())),
        Err(why) => println!("{}", why.trim_end()),
    }
    match python::library("polars", "polars>=1.30,<2") {
        Ok(polars) => environment.push(("CARDMINT_POLARS", polars.into_os_string())),
        Err(why) => println!("{}", why.trim_end()),
    }
    discover("bindings/python/tests", quick, &environment)
}

fn install(work: &std::path::Path) -> Result<PathBuf, String> {
    let (dist, installed) = (work.join("dist"), work.join("installed"));
    // The profile of all other tests: what the wheel is made of is compiled once.
    python::write(Profile::Release, &dist)?;
    let wheels = python::wheels(&dist);
    let [wheel] = wheels.as_slice() else { return Err(format!("{} wheels were made", wheels.len())) };
    python::install(wheel, &installed)?;
    Ok(installed)
}

/// Runs every `test*.py` of a folder.
fn discover(folder: &str, quick: bool, environment: &[(&str, OsString)]) -> Tally {
    let root = repo::root();
    // -B: no __pycache__ beside the sources.
    let mut command = Command::new("python3");
    command.args(["-B", "-m", "unittest", "discover", "-s", folder, "-v"]).current_dir(root).stdin(Stdio::null());
    command.envs(environment.iter().cloned());
    if quick {
        command.env(QUICK, "1");
    }
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => {
            println!("python3 could not be started: {error}");
            return Tally::failure();
        }
    };
    // unittest reports on stderr.
    let report = String::from_utf8_lossy(&output.stderr);
    print!("{}{report}", String::from_utf8_lossy(&output.stdout));
    let tally = unittest(&report).unwrap_or_default();
    if tally == Tally::default() {
        println!("no test of {folder} ran");
        return Tally::failure();
    }
    tally.with_exit(output.status.success())
}
