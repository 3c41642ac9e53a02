//! The proof that an operation is defined once: in a copy of the repository one row is added to the table, `gen` is run, the
//! packages are made, and the new operation is called from every language. It also breaks on purpose, once in each: a bug of
//! ours is an error value everywhere, and the handle goes on working.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::tally::Tally;
use crate::package::{node, python, step};
use crate::repo;

/// Where a row, a module and a name are put in: the file, what stands there, and what stands there then.
const EDITS: [(&str, &str, &str); 4] = [
    ("core/src/operation/table.rs", "operations! {\n", "operations! {\n{row}"),
    ("core/src/engine/mod.rs", "mod error;\n", "mod echo;\nmod error;\n"),
    ("core/src/engine/mod.rs", "pub use error::Error;\n", "pub use echo::Echo;\npub use error::Error;\n"),
    ("core/src/lib.rs", "pub use engine::{\n", "pub use engine::Echo;\npub use engine::{\n"),
];

/// What no copy of the repository needs, wherever it stands.
const LEFT_OUT: [&str; 7] = ["target", ".git", "dist", "out", "node_modules", "__pycache__", ".tools"];

/// One pass or failure for each language, and one for the generated files.
pub fn run() -> Tally {
    let scratch = repo::target().join("one-definition");
    let target = scratch.join("target");
    let program = target.join("debug/xtask");
    let place = Place { copy: scratch.join("copy"), work: scratch.join("work"), target, program };
    match place.prepare() {
        Ok(()) => place.call(),
        Err(why) => {
            println!("the copy with one more operation: {}", why.trim_end());
            Tally::failure()
        }
    }
}

struct Place {
    /// The copy of the repository.
    copy: PathBuf,
    /// Where packages are installed and programs run.
    work: PathBuf,
    /// Cargo's folder for the copy. To cargo both are the same packages: in one folder, ours would be taken for the copy's.
    target: PathBuf,
    /// A copy of this program in that folder, by which it knows where to put what it makes.
    program: PathBuf,
}

/// Compiled for the copy alone, so as quickly as can be: nothing of it is measured.
fn compiled_apart(command: &mut Command, target: &Path) {
    command.env("CARGO_TARGET_DIR", target);
    for (name, value) in [("OPT_LEVEL", "0"), ("DEBUG", "0")] {
        command.env(format!("CARGO_PROFILE_RELEASE_{name}"), value);
    }
}

impl Place {
    /// Copies, adds the operation, generates, packages.
    fn prepare(&self) -> Result<(), String> {
        let mut fresh = BTreeSet::new();
        self.copy_tree(Path::new(""), &mut fresh)?;
        self.remove_others(Path::new(""), &fresh)?;
        repo::clear(&self.work)?;
        std::fs::create_dir_all(&self.work).map_err(|error| format!("{}: {error}", self.work.display()))?;
        let this = std::env::current_exe().map_err(|error| format!("this program: {error}"))?;
        let put = |path: &Path| {
            path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            std::fs::copy(&this, path)
        };
        put(&self.program).map_err(|error| format!("{}: {error}", self.program.display()))?;
        step(&mut self.xtask(&["gen"]))?;
        step(&mut self.xtask(&["package"]))
    }

    /// This program itself, made to believe that the copy is the repository.
    fn xtask(&self, args: &[&str]) -> Command {
        let mut xtask = Command::new(&self.program);
        xtask.args(args).env("CARGO_MANIFEST_DIR", self.copy.join("xtask"));
        compiled_apart(&mut xtask, &self.target);
        xtask
    }

    /// Copies what changed: what did not is not compiled again.
    fn copy_tree(&self, folder: &Path, fresh: &mut BTreeSet<PathBuf>) -> Result<(), String> {
        for (path, is_folder) in entries(&repo::root().join(folder))? {
            let name = folder.join(path.file_name().unwrap_or_default());
            if LEFT_OUT.iter().any(|left_out| path.ends_with(left_out)) {
                continue;
            }
            if is_folder {
                self.copy_tree(&name, fresh)?;
                continue;
            }
            self.put(&name, &added_to(&name, read(&path)?)?)?;
            fresh.insert(name);
        }
        if folder == Path::new("core/src/engine") {
            fresh.insert(folder.join("echo.rs"));
            self.put(&folder.join("echo.rs"), &data("echo.rs")?)?;
        }
        if folder == Path::new("tests/tests") {
            fresh.insert(folder.join("echo.rs"));
            self.put(&folder.join("echo.rs"), &data("call.rs")?)?;
        }
        Ok(())
    }

    fn put(&self, name: &Path, bytes: &[u8]) -> Result<(), String> {
        let path = self.copy.join(name);
        if std::fs::read(&path).is_ok_and(|now| now == bytes) {
            return Ok(());
        }
        let wrong = |error: std::io::Error| format!("{}: {error}", path.display());
        path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(wrong)?;
        std::fs::write(&path, bytes).map_err(wrong)
    }

    /// What an earlier copy had and the repository has no more.
    fn remove_others(&self, folder: &Path, fresh: &BTreeSet<PathBuf>) -> Result<(), String> {
        for (path, is_folder) in entries(&self.copy.join(folder))? {
            let name = folder.join(path.file_name().unwrap_or_default());
            if is_folder {
                self.remove_others(&name, fresh)?;
            } else if !fresh.contains(&name) {
                std::fs::remove_file(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            }
        }
        Ok(())
    }

    /// From every language.
    fn call(&self) -> Tally {
        let calls: [(&str, Result<(), String>); 4] =
            [("rust", self.rust()), ("c", self.c()), ("python", self.python()), ("node", self.node())];
        calls.into_iter().fold(Tally::success(), |tally, (language, called)| {
            match &called {
                Ok(()) => println!("the new operation is called from {language}"),
                Err(why) => println!("the new operation cannot be called from {language}: {}", why.trim_end()),
            }
            tally.plus(Tally::of(called.is_ok()))
        })
    }

    fn rust(&self) -> Result<(), String> {
        let mut cargo = repo::cargo(&["test", "--quiet", "--release", "-p", "cardmint-tests", "--test", "echo"]);
        compiled_apart(&mut cargo, &self.target);
        step(cargo.current_dir(&self.copy))
    }

    fn c(&self) -> Result<(), String> {
        let (package, program) = (self.copy.join("dist/c"), self.work.join("call"));
        let mut cc = Command::new("cc");
        cc.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-I"]).arg(package.join("include"));
        cc.arg(self.source("call.c")).arg(package.join("lib/libcardmint.a")).args(["-lpthread", "-lm", "-ldl", "-o"]);
        step(cc.arg(&program))?;
        step(Command::new(program).current_dir(&self.work))
    }

    fn python(&self) -> Result<(), String> {
        let installed = self.work.join("python");
        let wheels = python::wheels(&self.copy.join("dist/python"));
        python::install(wheels.first().ok_or("no wheel was made")?, &installed)?;
        let mut python = Command::new("python3");
        step(python.arg("-B").arg(self.source("call.py")).env("PYTHONPATH", installed).current_dir(&self.work))
    }

    fn node(&self) -> Result<(), String> {
        let installed = self.work.join("node");
        let tarballs = node::tarballs(&self.copy.join("dist/node"));
        node::install(tarballs.first().ok_or("no tarball was made")?, &installed)?;
        let program = installed.join("call.mjs");
        std::fs::write(&program, data("call.mjs")?).map_err(|error| format!("{}: {error}", program.display()))?;
        step(Command::new("node").arg(program).current_dir(&installed))
    }

    fn source(&self, name: &str) -> PathBuf {
        self.copy.join("xtask/data/one_definition").join(name)
    }
}

/// A file with what the new operation adds to it.
fn added_to(name: &Path, bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    let mut edits = EDITS.iter().filter(|(file, ..)| name == Path::new(file));
    edits.try_fold(bytes, |bytes, (file, here, then)| {
        let text = String::from_utf8(bytes).map_err(|error| format!("{file}: {error}"))?;
        if !text.contains(here) {
            return Err(format!("{file} has no line `{}`", here.trim_end()));
        }
        let row = String::from_utf8_lossy(&data("row.rs")?).into_owned();
        Ok(text.replacen(here, &then.replace("{row}", &row), 1).into_bytes())
    })
}

fn data(name: &str) -> Result<Vec<u8>, String> {
    read(&repo::root().join("xtask/data/one_definition").join(name))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn entries(folder: &Path) -> Result<Vec<(PathBuf, bool)>, String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        found.push((entry.path(), entry.file_type().map_err(wrong)?.is_dir()));
    }
    Ok(found)
}
