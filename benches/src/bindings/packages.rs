//! The packages, made as `cargo xtask package` makes them and installed as a host installs them, into folders of our own.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::till::{CHILD, Shop};
use crate::harness::Failure;

/// How a side is started.
#[derive(Debug, Clone)]
pub struct Program {
    program: PathBuf,
    /// What stands before the arguments of redeeming, and of opening many.
    redeem: Vec<OsString>,
    open_many: Vec<OsString>,
    environment: Vec<(&'static str, OsString)>,
}

impl Program {
    fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), redeem: Vec::new(), open_many: Vec::new(), environment: Vec::new() }
    }

    pub fn redeem(&self, mode: &str, shop: &Shop) -> Command {
        let mut command = self.command(&self.redeem);
        command.arg(mode).arg(shop.db()).arg(shop.keyring()).arg(shop.errands());
        command
    }

    pub fn open_many(&self, shop: &Shop) -> Command {
        let mut command = self.command(&self.open_many);
        command.arg(shop.db()).arg(shop.keyring()).arg(shop.errands());
        command
    }

    /// Starts the side's language with arguments of the caller's.
    pub fn command<T: AsRef<std::ffi::OsStr>>(&self, args: &[T]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(args).envs(self.environment.iter().cloned());
        command
    }
}

/// Each language, or why it cannot be measured.
pub struct Packages {
    pub c: Result<Program, String>,
    pub python: Result<Program, String>,
    pub node: Result<Program, String>,
}

impl Packages {
    /// Makes and installs what the machine has the tools for.
    pub fn install() -> Self {
        Self { c: c(), python: python(), node: node() }
    }
}

/// The root of the repository.
pub fn root() -> PathBuf {
    let benches =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    benches.parent().map_or_else(|| PathBuf::from("."), PathBuf::from)
}

/// Where `cargo xtask package` puts a package.
pub fn dist(name: &str) -> PathBuf {
    root().join("dist").join(name)
}

/// An empty folder beside the program that runs, under the target folder.
fn empty(name: &str) -> Result<PathBuf, String> {
    let exe = std::env::current_exe().map_err(in_words)?;
    let target = exe.ancestors().nth(2).ok_or("the program stands in no target folder")?;
    let folder = target.join("bench-bindings").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(in_words)?;
    }
    std::fs::create_dir_all(&folder).map_err(in_words)?;
    Ok(folder)
}

fn script(name: &str) -> PathBuf {
    root().join("benches/bindings").join(name)
}

/// Ourselves.
pub fn rust() -> Result<Program, Failure> {
    Ok(Program { redeem: vec![CHILD.into()], ..Program::new(std::env::current_exe()?) })
}

fn c() -> Result<Program, String> {
    let package = package("c")?;
    let (lib, program) = (package.join("lib"), empty("c")?.join("redeem"));
    let mut cc = Command::new("cc");
    cc.args(["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-O2", "-o"]).arg(&program);
    cc.arg(script("redeem.c")).arg("-I").arg(package.join("include")).arg("-L").arg(&lib);
    step(cc.arg(format!("-Wl,-rpath,{}", lib.display())).arg("-lcardmint"))?;
    Ok(Program::new(program))
}

/// The folder into which the wheel is installed.
pub fn python_folder() -> Result<PathBuf, String> {
    let package = package("python")?;
    let installed = empty("python")?;
    step(pip_into(&installed).arg("--no-index").arg(only(&package, "whl")?))?;
    Ok(installed)
}

/// Installs wheels of others, as a list of them says.
pub fn wheels_folder(name: &str, list: &Path) -> Result<PathBuf, String> {
    let installed = empty(name)?;
    step(pip_into(&installed).args(["--only-binary=:all:", "--require-hashes", "-r"]).arg(list))?;
    Ok(installed)
}

fn pip_into(folder: &Path) -> Command {
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--target"]).arg(folder);
    pip.env("PIP_DISABLE_PIP_VERSION_CHECK", "1").env("PIP_ROOT_USER_ACTION", "ignore");
    pip
}

fn python() -> Result<Program, String> {
    let installed = python_folder()?;
    Ok(Program {
        redeem: vec![script("redeem.py").into()],
        open_many: vec![script("open_many.py").into()],
        environment: vec![("PYTHONPATH", installed.into())],
        ..Program::new("python3")
    })
}

/// The folder into which the npm module is installed.
pub fn node_folder() -> Result<PathBuf, String> {
    step(Command::new("node").arg("--version"))?;
    let package = package("node")?;
    // Node looks for a module in the folders above the script that asks for it.
    let installed = empty("node")?;
    std::fs::write(installed.join("package.json"), r#"{"private":true,"type":"module"}"#).map_err(in_words)?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund"]);
    step(npm.arg(only(&package, "tgz")?).current_dir(&installed))?;
    Ok(installed)
}

fn node() -> Result<Program, String> {
    let installed = node_folder()?;
    let copied = |name: &str| -> Result<Vec<OsString>, String> {
        std::fs::copy(script(name), installed.join(name)).map_err(in_words)?;
        Ok(vec![installed.join(name).into()])
    };
    Ok(Program { redeem: copied("redeem.mjs")?, open_many: copied("open_many.mjs")?, ..Program::new("node") })
}

/// Makes a package: what is measured is what the sources say now.
fn package(name: &str) -> Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    step(Command::new(cargo).args(["xtask", "package", name]).current_dir(root()))
        .map_err(|why| format!("no package for {name}: {why}"))?;
    Ok(dist(name))
}

/// The one file of a folder with this ending.
pub fn only(folder: &Path, ending: &str) -> Result<PathBuf, String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found = entries.filter(|path| path.extension().is_some_and(|of| of == ending));
    match (found.next(), found.next()) {
        (Some(path), None) => Ok(path),
        _ => Err(format!("not one .{ending} in the package")),
    }
}

/// Runs a command that has to go well; the error is the first thing that it said, for a line of a table.
fn step(command: &mut Command) -> Result<(), String> {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let first = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("no reason given");
    Err(format!("{program}: {first}"))
}

fn in_words(error: impl std::fmt::Display) -> String {
    error.to_string()
}
