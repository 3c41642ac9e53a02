//! The package for Python: one wheel for 3.9 and newer, made by maturin. Tools from PyPI go into a folder of ours, so that no
//! venv module and no permission is needed.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Profile, ending_in, step};
use crate::{repo, tools};

/// What a wheel is made with.
pub const NEEDS: &[tools::Tool] = &[tools::CC, tools::PYTHON];

/// Writes the wheel into a folder, in the place of those that are there.
pub fn write(profile: Profile, into: &Path) -> Result<(), String> {
    let maturin = tool("maturin", "maturin>=1.16,<2")?.join("bin/maturin");
    for old in wheels(into) {
        std::fs::remove_file(&old).map_err(|error| format!("{}: {error}", old.display()))?;
    }
    let manifest = repo::root().join("bindings/python/Cargo.toml");
    let mut build = Command::new(maturin);
    build.args(["build", "--profile", profile.name(), "--manifest-path"]).arg(manifest);
    build.args(["--target-dir"]).arg(repo::target()).arg("--out").arg(into).current_dir(repo::root());
    if profile == Profile::Release {
        build.arg("--strip");
    }
    step(&mut build)
}

/// The wheels of a folder.
pub fn wheels(folder: &Path) -> Vec<PathBuf> {
    ending_in(folder, "whl")
}

/// Installs a wheel and nothing else into a folder of its own, from which it is imported.
pub fn install(wheel: &Path, into: &Path) -> Result<(), String> {
    repo::clear(into)?;
    step(pip().args(["--no-deps", "--no-index", "--no-compile", "--target"]).arg(into).arg(wheel))
}

/// A tool from PyPI in a folder of its own; installed when it is not there yet.
pub fn tool(name: &str, wanted: &str) -> Result<PathBuf, String> {
    from_pypi(name, &Path::new("bin").join(name), wanted)
}

/// A library from PyPI in a folder of its own, from which it is imported; installed when it is not there yet.
pub fn library(name: &str, wanted: &str) -> Result<PathBuf, String> {
    from_pypi(name, Path::new(name), wanted)
}

/// `shows`: what is in the folder once it is installed.
fn from_pypi(name: &str, shows: &Path, wanted: &str) -> Result<PathBuf, String> {
    let folder = repo::target().join("tools/python").join(name);
    if !folder.join(shows).exists() {
        step(pip().arg("--target").arg(&folder).arg(wanted))
            .map_err(|why| format!("{name} from PyPI: {}", why.trim_end()))?;
    }
    Ok(folder)
}

fn pip() -> Command {
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet"]);
    // As variables, which an old pip that does not know them passes over.
    pip.env("PIP_DISABLE_PIP_VERSION_CHECK", "1").env("PIP_ROOT_USER_ACTION", "ignore");
    pip
}
