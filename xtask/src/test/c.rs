//! The C tests: the package for C as a host gets it, and programs in C and C++ against it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::tally::{Tally, programs};
use super::{QUICK, skip};
use crate::package::{self, Profile, step};
use crate::{repo, tools};

const C: &[&str] = &["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O1", "-g"];
const CHECKS: &[&str] = &["main.c", "story.c", "calls.c", "abuse.c", "surface.c", "vectors.c", "check.c", "json.c"];
/// Beside the static library. `-rdynamic` lets a program look its own symbols up.
const STATIC_LIBS: &[&str] = &["-rdynamic", "-lpthread", "-lm", "-ldl"];

/// Where everything is.
struct Place {
    /// The package.
    dist: PathBuf,
    /// Programs, and the folders that they write into.
    work: PathBuf,
    sources: PathBuf,
    quick: bool,
}

/// Packages the libraries, compiles the programs, runs them and counts their checks.
pub fn run(quick: bool) -> Tally {
    if !cfg!(target_os = "linux") {
        return skip("c", "the package for C is made on Linux only");
    }
    let work = repo::target().join("c-tests");
    let place = Place { dist: work.join("dist"), sources: repo::root().join("tests/c"), work, quick };
    if let Err(why) = package::c::write(Profile::Release, &place.dist) {
        println!("the package cannot be made: {why}");
        return Tally::failure();
    }
    let shared = place.shared();
    let archive = [vec![place.archive()], words(STATIC_LIBS)].concat();
    [
        place.symbols(),
        place.program("checks-shared", CHECKS, &shared),
        place.program("checks-static", CHECKS, &archive),
        place.sanitized(&shared),
        place.cpp(&shared),
        place.beside_sqlite(&archive),
        place.program("forks", &["fork.c", "check.c", "json.c"], &shared),
        place.readme(),
        place.valgrind(),
    ]
    .into_iter()
    .fold(Tally::default(), Tally::plus)
}

fn words(of: &[&str]) -> Vec<String> {
    of.iter().map(|&word| word.to_owned()).collect()
}

impl Place {
    fn lib(&self, name: &str) -> PathBuf {
        self.dist.join("lib").join(name)
    }

    fn archive(&self) -> String {
        self.lib("libcardmint.a").display().to_string()
    }

    fn shared(&self) -> Vec<String> {
        let lib = self.dist.join("lib");
        let lib = lib.display();
        words(&[&format!("-L{lib}"), &format!("-Wl,-rpath,{lib}"), "-lcardmint", "-lpthread", "-ldl"])
    }

    /// Compiles and links; says why when that fails.
    fn compile(
        &self,
        compiler: &str,
        flags: &[&str],
        name: &str,
        sources: &[PathBuf],
        libs: &[String],
    ) -> Option<PathBuf> {
        let program = self.work.join(name);
        // Nothing of an earlier run is taken for this one's.
        let _ = std::fs::remove_file(&program);
        let mut command = Command::new(compiler);
        command.args(flags).arg("-I").arg(self.dist.join("include")).args(sources).arg("-o").arg(&program).args(libs);
        let compiled = step(&mut command);
        if let Err(why) = &compiled {
            println!("{name} cannot be compiled: {why}");
        }
        compiled.ok().map(|()| program)
    }

    fn program(&self, name: &str, sources: &[&str], libs: &[String]) -> Tally {
        let sources: Vec<PathBuf> = sources.iter().map(|source| self.sources.join(source)).collect();
        match self.compile("cc", C, name, &sources, libs) {
            Some(program) => self.counted(name, &mut Command::new(program)),
            None => Tally::failure(),
        }
    }

    /// Once more with the compiler's own watch over the memory and arithmetic of the C side, and over what it loses.
    fn sanitized(&self, shared: &[String]) -> Tally {
        let flags = [C, &["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]].concat();
        let sources: Vec<PathBuf> = CHECKS.iter().map(|source| self.sources.join(source)).collect();
        match self.compile("cc", &flags, "checks-sanitized", &sources, shared) {
            Some(program) => self.as_one("checks-sanitized", &mut Command::new(program)),
            None => Tally::failure(),
        }
    }

    /// A run of checks that were counted before: they are one.
    fn as_one(&self, name: &str, program: &mut Command) -> Tally {
        let tally = self.counted(name, program);
        Tally::of(tally.failed == 0 && tally.passed > 0)
    }

    /// Runs a program that says at its end how many checks passed and failed. It gets an empty folder and the root.
    fn counted(&self, name: &str, program: &mut Command) -> Tally {
        let folder = self.work.join(format!("{name}.files"));
        let _ = std::fs::remove_dir_all(&folder);
        if let Err(error) = std::fs::create_dir_all(&folder) {
            println!("{}: {error}", folder.display());
            return Tally::failure();
        }
        if self.quick {
            program.env(QUICK, "1");
        }
        let output = match program.arg(&folder).arg(repo::root()).stdin(Stdio::null()).output() {
            Ok(output) => output,
            Err(error) => {
                println!("{name} could not be started: {error}");
                return Tally::failure();
            }
        };
        let said = String::from_utf8_lossy(&output.stdout);
        print!("-- {name}\n{said}{}", String::from_utf8_lossy(&output.stderr));
        match programs(&said) {
            Some(tally) => tally.with_exit(output.status.success()),
            None => {
                println!("{name} ended with {} and did not count", output.status);
                Tally::failure()
            }
        }
    }

    fn cpp(&self, shared: &[String]) -> Tally {
        if let Some(why) = tools::CXX.missing() {
            return skip("c++", &why);
        }
        let flags = ["-std=c++17", "-Wall", "-Wextra", "-Werror", "-pedantic"];
        match self.compile("c++", &flags, "header-cpp", &[self.sources.join("header.cpp")], shared) {
            Some(program) => self.counted("header-cpp", &mut Command::new(program)),
            None => Tally::failure(),
        }
    }

    /// The system's SQLite and ours in one program.
    fn beside_sqlite(&self, archive: &[String]) -> Tally {
        let probe = self.work.join("probe.c");
        let _ = std::fs::write(&probe, "#include <sqlite3.h>\nint main(void) { return sqlite3_libversion() == 0; }\n");
        let there = step(Command::new("cc").arg(&probe).arg("-o").arg(self.work.join("probe")).arg("-lsqlite3"));
        if there.is_err() {
            return skip("c beside SQLite", "SQLite's header was not found; on Debian: apt-get install libsqlite3-dev");
        }
        let sources = ["beside_sqlite.c", "check.c", "json.c"];
        let with = |libs: &[String]| [words(&["-lsqlite3"]), libs.to_vec(), words(&["-lsqlite3"])].concat();
        self.program("beside-sqlite-static", &sources, &with(archive)).plus(self.program(
            "beside-sqlite-shared",
            &sources,
            &with(&self.shared()),
        ))
    }

    /// Nothing but the functions of the header can be linked to, and all of them.
    fn symbols(&self) -> Tally {
        let header = std::fs::read_to_string(self.dist.join("include/cardmint.h")).unwrap_or_default();
        let wanted = package::c::functions(&header);
        let of = |options: &[&str], library: &str| {
            let output = Command::new("nm").args(options).arg("--defined-only").arg(self.lib(library)).output();
            let listed = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
            let found =
                listed.lines().filter(|line| !line.ends_with(':')).filter_map(|line| line.split(' ').next_back());
            let found: std::collections::BTreeSet<&str> = found.filter(|name| !name.is_empty()).collect();
            if found != wanted {
                let differ: Vec<_> = found.symmetric_difference(&wanted).take(20).collect();
                println!("{library} and the header differ in {differ:?}");
            }
            Tally::of(found == wanted && !wanted.is_empty())
        };
        of(&["-D"], "libcardmint.so").plus(of(&["-g"], "libcardmint.a"))
    }

    /// The program that ffi/README.md shows, built with the lines that it shows: pkg-config's.
    fn readme(&self) -> Tally {
        let readme = std::fs::read_to_string(repo::root().join("ffi/README.md")).unwrap_or_default();
        let Some((source, _)) = readme.split_once("```c\n").and_then(|(_, rest)| rest.split_once("```")) else {
            println!("ffi/README.md shows no C");
            return Tally::failure();
        };
        let folder = self.work.join("readme.files");
        let _ = std::fs::remove_dir_all(&folder);
        let path = folder.join("shop.c");
        if let Err(error) = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, source)) {
            println!("{}: {error}", path.display());
            return Tally::failure();
        }
        if let Some(why) = tools::PKG_CONFIG.missing() {
            return skip("c example", &why);
        }
        let flags = Command::new("pkg-config")
            .args(["--cflags", "--libs", "cardmint"])
            .env("PKG_CONFIG_PATH", self.lib("pkgconfig"))
            .output();
        let flags = flags.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        let flags: Vec<String> = flags.split_whitespace().map(str::to_owned).collect();
        let Some(program) = self.compile("cc", C, "readme", &[path], &flags) else { return Tally::failure() };
        let output = Command::new(program).current_dir(&folder).env("LD_LIBRARY_PATH", self.dist.join("lib")).output();
        let Ok(output) = output else { return Tally::failure() };
        let said = String::from_utf8_lossy(&output.stdout);
        print!("-- the program of ffi/README.md\n{said}{}", String::from_utf8_lossy(&output.stderr));
        Tally::of(
            output.status.success() && said.contains("\"payable_minor\":10000") && said.contains("the same receipt"),
        )
    }

    /// Every check once more, with an eye on memory: neither lost nor touched wrongly.
    fn valgrind(&self) -> Tally {
        if let Some(why) = tools::VALGRIND.missing() {
            return skip("c under valgrind", &why);
        }
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--quiet", "--leak-check=full", "--error-exitcode=9", "--fair-sched=yes"]);
        // "Possibly lost" is what hangs on a pointer into its middle or with a mark in it. That is how jiff keeps its time
        // zones and Rust its main thread, both for good; what a call loses has no pointer at all, and is "definitely lost".
        valgrind.args(["--show-leak-kinds=definite", "--errors-for-leak-kinds=definite"]);
        valgrind.arg(format!("--suppressions={}", self.sources.join("valgrind.supp").display()));
        self.as_one("valgrind", valgrind.arg(self.work.join("checks-shared")))
    }
}

#[cfg(test)]
mod tests {
    use super::repo;

    #[test]
    fn every_source_of_the_checks_is_compiled() {
        let folder = repo::root().join("tests/c");
        let others = ["beside_sqlite.c", "fork.c"];
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            let known = super::CHECKS.contains(&name.as_str()) || others.contains(&name.as_str());
            assert!(known || !name.ends_with(".c"), "{name}");
        }
    }
}
