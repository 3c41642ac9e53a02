//! The package for Node: a tarball for npm, with the native half for the machine that makes it.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Profile, ending_in, step};
use crate::{repo, tools};

/// What a package is made with.
pub const NEEDS: &[tools::Tool] = &[tools::CC, tools::NODE, tools::NPM];

/// What goes into the package as it stands in the repository, from its root.
const FILES: [&str; 3] = ["bindings/node/README.md", "LICENSE-APACHE", "LICENSE-MIT"];

/// Writes the tarball into a folder, in the place of those that are there.
pub fn write(profile: Profile, into: &Path) -> Result<(), String> {
    let staged = repo::target().join("node-package");
    repo::clear(&staged)?;
    stage(profile, &staged)?;
    repo::clear(into)?;
    std::fs::create_dir_all(into).map_err(|error| format!("{}: {error}", into.display()))?;
    step(npm().args(["pack", "--silent", "--pack-destination"]).arg(into).current_dir(&staged))
}

/// Lays the package's folder out.
fn stage(profile: Profile, staged: &Path) -> Result<(), String> {
    let root = repo::root();
    let binding = root.join("bindings/node");
    copy(&binding.join("package.json"), &staged.join("package.json"))?;
    for file in FILES {
        let name = Path::new(file).file_name().unwrap_or_default();
        copy(&root.join(file), &staged.join(name))?;
    }
    copy_folder(&binding.join("lib"), &staged.join("lib"))?;
    let native = staged.join("native").join(format!("{}.node", build_name()?));
    copy(&library(profile)?, &native)
}

/// Builds the native half.
fn library(profile: Profile) -> Result<PathBuf, String> {
    let target = repo::target();
    let mut cargo = repo::cargo(&["rustc", "-p", "cardmint-node", "--profile", profile.name(), "--target-dir"]);
    cargo.arg(&target);
    if profile == Profile::Release {
        // Of this library only: what it is made of is shared with the tests.
        cargo.args(["--", "-C", "strip=symbols"]);
    }
    step(&mut cargo)?;
    let prefix = std::env::consts::DLL_PREFIX;
    let name = format!("{prefix}cardmint_node{}", std::env::consts::DLL_SUFFIX);
    Ok(target.join(profile.folder()).join(name))
}

/// The name by which `lib/native.cjs` looks for this machine's build: Node's own words for it.
fn build_name() -> Result<String, String> {
    let script = "process.stdout.write(`${process.platform}-${process.arch}`)";
    let output = Command::new("node").args(["-e", script]).output().map_err(|error| format!("node: {error}"))?;
    let machine = String::from_utf8_lossy(&output.stdout).into_owned();
    let libc = if cfg!(target_env = "musl") { "-musl" } else { "-gnu" };
    Ok(machine + if cfg!(target_os = "linux") { libc } else { "" })
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let wrong = |error: std::io::Error| format!("{} to {}: {error}", from.display(), to.display());
    to.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(wrong)?;
    std::fs::copy(from, to).map(drop).map_err(wrong)
}

/// Copies the files of a folder, and none of its folders.
pub fn copy_folder(from: &Path, to: &Path) -> Result<(), String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", from.display());
    for entry in std::fs::read_dir(from).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        if entry.file_type().map_err(wrong)?.is_file() {
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// The tarballs of a folder.
pub fn tarballs(folder: &Path) -> Vec<PathBuf> {
    ending_in(folder, "tgz")
}

/// Installs a tarball and nothing else into a folder of its own, as a host does.
pub fn install(tarball: &Path, into: &Path) -> Result<(), String> {
    repo::clear(into)?;
    std::fs::create_dir_all(into).map_err(|error| format!("{}: {error}", into.display()))?;
    let manifest = into.join("package.json");
    std::fs::write(&manifest, "{\"private\":true}\n").map_err(|error| format!("{}: {error}", manifest.display()))?;
    step(npm().args(["install", "--offline"]).arg(tarball).current_dir(into))
}

/// Tools from the npm registry, at the versions of a lock file, in a folder of ours; installed when the lock file changed.
pub fn npm_tools(locked: &Path) -> Result<PathBuf, String> {
    let folder = repo::target().join("tools/node");
    let lock = |of: &Path| std::fs::read(of.join("package-lock.json")).ok();
    if folder.join("node_modules/.package-lock.json").exists() && lock(&folder) == lock(locked) {
        return Ok(folder);
    }
    repo::clear(&folder)?;
    for name in ["package.json", "package-lock.json", ".npmrc"] {
        copy(&locked.join(name), &folder.join(name))?;
    }
    ci(&folder)?;
    Ok(folder)
}

/// Installs what a folder's lock file says.
pub fn ci(folder: &Path) -> Result<(), String> {
    step(npm().args(["ci", "--prefer-offline"]).current_dir(folder))
        .map_err(|why| format!("packages from npm: {}", why.trim_end()))
}

/// Scripts of packages never run.
fn npm() -> Command {
    let mut npm = Command::new("npm");
    npm.env("npm_config_ignore_scripts", "true").env("npm_config_audit", "false").env("npm_config_fund", "false");
    npm.env("npm_config_update_notifier", "false");
    npm
}
