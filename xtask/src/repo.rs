//! Where the repository is, and cargo inside it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the repository.
pub fn root() -> PathBuf {
    // Asked at run time: a binary in a shared target folder may have been built from another checkout.
    let xtask =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    xtask.parent().map_or_else(|| PathBuf::from("."), PathBuf::from)
}

/// Cargo's target folder: the one that this program was built into.
pub fn target() -> PathBuf {
    let exe = std::env::current_exe().unwrap_or_default();
    exe.ancestors().nth(2).map_or_else(|| root().join("target"), PathBuf::from)
}

/// The cargo that started us.
fn cargo_path() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// `cargo ARGS`, in the root.
pub fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(cargo_path());
    command.args(args).current_dir(root());
    command
}

/// `cargo ARGS` on this workspace from whatever folder the caller stands in.
pub fn cargo_anywhere(args: &[&str]) -> Command {
    let mut command = Command::new(cargo_path());
    command.args(args).arg("--manifest-path").arg(root().join("Cargo.toml"));
    command
}

/// Takes a folder away, where it is there.
pub fn clear(folder: &Path) -> Result<(), String> {
    if !folder.exists() {
        return Ok(());
    }
    std::fs::remove_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}
