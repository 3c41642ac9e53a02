//! `cargo xtask package`: what a host in another language installs, under `dist/`.

pub mod c;
pub mod node;
pub mod python;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use crate::{EXIT_USAGE, repo, tools, usage};

/// How the libraries are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Release,
    Dev,
}

impl Profile {
    const fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Dev => "dev",
        }
    }

    /// Cargo's folder for it under the target folder.
    const fn folder(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Dev => "debug",
        }
    }
}

/// A package: its name, what it needs, and how it is written into a folder.
struct Package {
    name: &'static str,
    needs: &'static [tools::Tool],
    write: fn(Profile, &Path) -> Result<(), String>,
}

/// Every package. A new one is one more line here.
const PACKAGES: [Package; 3] = [
    Package { name: "c", needs: c::NEEDS, write: c::write },
    Package { name: "python", needs: python::NEEDS, write: python::write },
    Package { name: "node", needs: node::NEEDS, write: node::write },
];

/// Writes the packages that `args` ask for, or all.
pub fn run(args: &[String]) -> ExitCode {
    let (profile, packages) = match parse(args) {
        Ok(asked) => asked,
        Err(wrong) => return usage(&wrong),
    };
    let needs: Vec<tools::Tool> = packages.iter().flat_map(|package| package.needs).copied().collect();
    if let Err(missing) = tools::require(&needs) {
        eprint!("{missing}");
        return ExitCode::from(EXIT_USAGE);
    }
    for package in packages {
        let into = repo::root().join("dist").join(package.name);
        if let Err(why) = (package.write)(profile, &into) {
            eprintln!("{}: {}", package.name, why.trim_end());
            return ExitCode::FAILURE;
        }
        println!("wrote: dist/{}", package.name);
    }
    ExitCode::SUCCESS
}

fn parse(args: &[String]) -> Result<(Profile, Vec<&'static Package>), String> {
    let mut profile = Profile::Release;
    let mut packages = Vec::new();
    let mut args = args.iter().map(String::as_str);
    while let Some(arg) = args.next() {
        let named = if arg == "--profile" { args.next() } else { arg.strip_prefix("--profile=") };
        if let Some(package) = PACKAGES.iter().find(|package| package.name == arg) {
            packages.push(package);
            continue;
        }
        profile = match named {
            Some("release") => Profile::Release,
            Some("dev") => Profile::Dev,
            _ => return Err(format!("`{arg}` is neither a package nor --profile release or dev")),
        };
    }
    Ok((profile, if packages.is_empty() { PACKAGES.iter().collect() } else { packages }))
}

/// Builds a crate of ours and returns the folder that its libraries are in.
fn build(package: &str, profile: Profile) -> Result<PathBuf, String> {
    let target = repo::target();
    let mut cargo = repo::cargo(&["build", "-p", package, "--profile", profile.name(), "--target-dir"]);
    step(cargo.arg(&target))?;
    Ok(target.join(profile.folder()))
}

/// The files of a folder with this ending.
fn ending_in(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.extension().is_some_and(|of| of == ending)).collect()
}

/// Runs a command that has to go well; what it says is shown only when it does not.
pub fn step(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{program} fails: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ))
}

#[cfg(test)]
mod tests {
    use super::{Profile, parse};

    fn asked(line: &str) -> Option<(Profile, Vec<&'static str>)> {
        let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let (profile, packages) = parse(&args).ok()?;
        Some((profile, packages.iter().map(|package| package.name).collect()))
    }

    #[test]
    fn arguments_choose_packages() {
        assert_eq!(asked("c"), Some((Profile::Release, vec!["c"])));
        assert_eq!(asked("c --profile dev"), Some((Profile::Dev, vec!["c"])));
        assert_eq!(
            asked("--profile=dev").map(|(profile, all)| (profile, all.contains(&"c"))),
            Some((Profile::Dev, true))
        );
        assert_eq!(asked("rust"), None);
        assert_eq!(asked("c --profile"), None);
        assert_eq!(asked("c --profile fast"), None);
    }
}
