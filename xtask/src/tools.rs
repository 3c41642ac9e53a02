//! The tools of a machine: which are there, and how to get those that are not.

use std::fmt::Write as _;
use std::process::{Command, Stdio};

/// A program, the version we need, and the way to it.
#[derive(Debug, Clone, Copy)]
pub struct Tool {
    name: &'static str,
    /// Command lines that print a version; the first that starts wins.
    probes: &'static [&'static [&'static str]],
    /// Major and minor; none where any version does.
    at_least: Option<(u32, u32)>,
    how: &'static str,
}

/// The Rust compiler. sha2 and rusqlite set the version.
pub const RUSTC: Tool = Tool {
    name: "rustc",
    probes: &[&["rustc", "--version"]],
    at_least: Some((1, 89)),
    how: "install Rust with rustup, or `rustup update stable`",
};
/// A C compiler, for the bundled SQLite.
pub const CC: Tool = Tool {
    name: "cc",
    probes: &[&["cc", "--version"], &["gcc", "--version"], &["clang", "--version"]],
    at_least: None,
    how: "a C compiler; on Debian: apt-get install gcc libc6-dev",
};
/// ld, objcopy, ar and nm, for the static library.
pub const BINUTILS: Tool = Tool {
    name: "binutils",
    probes: &[&["objcopy", "--version"]],
    at_least: None,
    how: "ld, objcopy, ar, nm; on Debian: apt-get install binutils",
};
/// A C++ compiler, for the header.
pub const CXX: Tool =
    Tool { name: "c++", probes: &[&["c++", "--version"]], at_least: None, how: "on Debian: apt-get install g++" };
/// Reads our `cardmint.pc`.
pub const PKG_CONFIG: Tool = Tool {
    name: "pkg-config",
    probes: &[&["pkg-config", "--version"]],
    at_least: None,
    how: "on Debian: apt-get install pkgconf",
};
/// Watches the memory of the C tests.
pub const VALGRIND: Tool = Tool {
    name: "valgrind",
    probes: &[&["valgrind", "--version"]],
    at_least: None,
    how: "on Debian: apt-get install valgrind",
};
/// The language of the second implementation of the code format.
pub const PYTHON: Tool = Tool {
    name: "python3",
    probes: &[&["python3", "--version"]],
    at_least: Some((3, 9)),
    how: "on Debian: apt-get install python3 python3-pip",
};
/// Runs the npm module, and JavaScript that we are measured against.
pub const NODE: Tool = Tool {
    name: "node",
    probes: &[&["node", "--version"]],
    at_least: Some((20, 17)),
    how: "Node 20.17 or newer, with npm",
};
/// Packs and installs the npm module.
pub const NPM: Tool = Tool { name: "npm", probes: &[&["npm", "--version"]], at_least: None, how: "it comes with Node" };
/// Formatter.
pub const RUSTFMT: Tool = Tool {
    name: "rustfmt",
    probes: &[&["cargo", "fmt", "--version"]],
    at_least: None,
    how: "rustup component add rustfmt",
};
/// Linter.
pub const CLIPPY: Tool = Tool {
    name: "clippy",
    probes: &[&["cargo", "clippy", "--version"]],
    at_least: None,
    how: "rustup component add clippy",
};

/// A nightly Rust, for libFuzzer and sanitizers.
pub const NIGHTLY: Tool = Tool {
    name: "nightly Rust",
    probes: &[&["rustc", "+nightly", "--version"]],
    at_least: None,
    how: "rustup toolchain install nightly --profile minimal",
};

/// Cargo of the nightly toolchain. The variables by which the cargo that started us names its own toolchain would lead it astray.
pub fn nightly_cargo() -> Command {
    let mut command = Command::new("cargo");
    command.arg("+nightly").env_remove("RUSTUP_TOOLCHAIN").env_remove("RUSTC").env_remove("CARGO");
    command
}

/// Of the machine, as Rust calls it.
pub fn host_triple() -> Option<String> {
    let output = Command::new("rustc").args(["+nightly", "-vV"]).output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned)
}

/// Whether the nightly toolchain can build its standard library.
pub fn nightly_has_source() -> bool {
    let output = Command::new("rustc").args(["+nightly", "--print", "sysroot"]).output();
    let root = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    std::path::Path::new(&root).join("lib/rustlib/src/rust/library/std").is_dir()
}

impl Tool {
    /// Why the tool cannot be used, with how to get it; `None` when it can.
    pub fn missing(&self) -> Option<String> {
        let Some(said) = self.probes.iter().find_map(|probe| version_line(probe)) else {
            return Some(format!("{} was not found; {}", self.name, self.how));
        };
        let (Some(at_least), found) = (self.at_least, version_in(&said)) else {
            return None;
        };
        match found {
            Some(found) if found >= at_least => None,
            _ => Some(format!(
                "{} {}.{} or newer is needed, found `{said}`; {}",
                self.name, at_least.0, at_least.1, self.how
            )),
        }
    }
}

/// All missing tools named at once, before any work.
pub fn require(tools: &[Tool]) -> Result<(), String> {
    let mut text = String::new();
    for why in tools.iter().filter_map(Tool::missing) {
        let _ = writeln!(text, "missing: {why}");
    }
    if text.is_empty() { Ok(()) } else { Err(text) }
}

fn version_line(probe: &[&str]) -> Option<String> {
    let (program, args) = probe.split_first()?;
    let out = Command::new(program).args(args).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    if !out.status.success() {
        return None;
    }
    Some(String::from_utf8_lossy(&out.stdout).lines().next().unwrap_or_default().to_owned())
}

/// The first `major.minor` of a line.
fn version_in(line: &str) -> Option<(u32, u32)> {
    line.split_whitespace().find_map(|word| {
        let mut parts = word.strip_prefix('v').unwrap_or(word).split('.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next()?.parse().ok()?;
        Some((major, minor))
    })
}

#[cfg(test)]
mod tests {
    use super::version_in;

    #[test]
    fn versions_are_read_from_what_tools_print() {
        assert_eq!(version_in("rustc 1.95.0 (59807616e 2026-04-14)"), Some((1, 95)));
        assert_eq!(version_in("Python 3.11.7"), Some((3, 11)));
        assert_eq!(version_in("Python 3.9"), Some((3, 9)));
        assert_eq!(version_in("v20.20.2"), Some((20, 20)));
        assert_eq!(version_in("no number here"), None);
    }
}
