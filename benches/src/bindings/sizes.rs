//! What a binding weighs: shown, without a bar.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::packages::{Packages, Program, dist, only, root};
use super::till;
use crate::figure::Figure;
use crate::harness::{Context, Failure, to_f64};

/// What the generators write as the first words of a file.
const GENERATED: &str = "Written by `cargo xtask gen`";

/// Every size; of a package that is not there, why.
pub fn figures(context: &Context, packages: &Packages) -> Result<Vec<Figure>, Failure> {
    let mut figures = vec![import(context, packages)?];
    let bytes = |id: &str, path: Result<PathBuf, String>| {
        let figure = |values| Figure::shown(format!("bindings/{id}"), "size of the file", "B", 1, values);
        match path.and_then(|path| std::fs::metadata(path).map_err(|error| error.to_string())) {
            Ok(file) => figure(vec![to_f64(file.len())]),
            Err(why) => figure(Vec::new()).skipped(why),
        }
    };
    let there = |package: &Result<Program, String>, path: PathBuf| package.clone().map(|_| path);
    let lib = dist("c/lib");
    figures.push(bytes("c/shared", there(&packages.c, lib.join("libcardmint.so"))));
    figures.push(bytes("c/static", there(&packages.c, lib.join("libcardmint.a"))));
    figures.push(bytes("python/wheel", packages.python.clone().and_then(|_| only(&dist("python"), "whl"))));
    figures.push(bytes("node/tarball", packages.node.clone().and_then(|_| only(&dist("node"), "tgz"))));
    figures.push(symbols(packages, &lib.join("libcardmint.so")));
    for (id, folders) in SOURCES {
        let count: u64 = folders.iter().map(|folder| lines_under(&root().join(folder))).sum();
        let id = format!("bindings/{id}/lines");
        figures.push(Figure::shown(id, "lines written by hand", "", 1, vec![to_f64(count)]));
    }
    Ok(figures)
}

/// A language, and the folders of what was written by hand for it.
const SOURCES: [(&str, &[&str]); 4] = [
    ("bridge", &["bindings/bridge/src"]),
    ("c", &["ffi/src"]),
    ("python", &["bindings/python/src", "bindings/python/python"]),
    ("node", &["bindings/node"]),
];

/// What `import cardmint` takes in a new process.
fn import(context: &Context, packages: &Packages) -> Result<Figure, Failure> {
    const SCRIPT: &str = "import time; began = time.perf_counter(); import cardmint; \
                          print('{\"seconds\": %f}' % (time.perf_counter() - began))";
    let figure = |times| Figure::shown("bindings/python/import", "time of the import", "ms", 1, times);
    let program = match &packages.python {
        Ok(program) => program,
        Err(why) => return Ok(figure(Vec::new()).skipped(why)),
    };
    let once = || Ok::<_, Failure>(till::tell(program.command(&["-c", SCRIPT]))?.seconds("seconds")? * 1e3);
    // The first one compiles.
    once()?;
    let times: Result<Vec<f64>, Failure> = (0..context.rounds()).map(|_| once()).collect();
    Ok(figure(times?))
}

/// How many symbols a program can link to.
fn symbols(packages: &Packages, library: &Path) -> Figure {
    let figure = |values| Figure::shown("bindings/c/symbols", "exported symbols", "", 1, values);
    if let Err(why) = &packages.c {
        return figure(Vec::new()).skipped(why);
    }
    match Command::new("nm").args(["-D", "--defined-only"]).arg(library).output() {
        Ok(output) if output.status.success() => {
            let count = String::from_utf8_lossy(&output.stdout).lines().count() as u64;
            figure(vec![to_f64(count)])
        }
        _ => figure(Vec::new()).skipped("nm was not found"),
    }
}

/// Lines of code of the sources below a folder that were written by hand; tests stand elsewhere.
fn lines_under(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let lines = entries.map(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            return if matches!(&*name, "node_modules" | "tests" | "test" | "__pycache__") {
                0
            } else {
                lines_under(&path)
            };
        }
        let is_source = [".rs", ".py", ".pyi", ".js", ".cjs", ".mjs", ".ts", ".cts", ".mts"]
            .iter()
            .any(|ending| name.ends_with(ending));
        if is_source { lines_of(&std::fs::read_to_string(&path).unwrap_or_default()) } else { 0 }
    });
    lines.sum()
}

/// Lines that are neither empty nor wholly a comment; none of a file that was generated.
fn lines_of(text: &str) -> u64 {
    if text.lines().next().is_some_and(|first| first.contains(GENERATED)) {
        return 0;
    }
    let code = text.lines().map(str::trim_start).filter(|line| {
        // Rust's attributes begin like a comment of Python's.
        let comment = ["//", "/*", "* ", "*/"].iter().any(|mark| line.starts_with(mark));
        !line.is_empty() && !comment && (!line.starts_with('#') || line.starts_with("#[") || line.starts_with("#!["))
    });
    code.count() as u64
}

#[cfg(test)]
mod tests {
    use super::lines_of;

    #[test]
    fn lines_of_code_are_counted() {
        assert_eq!(lines_of("//! Doc\n\n#[test]\nfn a() {} // b\n/* c\n * d\n */\n"), 2);
        assert_eq!(lines_of("# a\nx = 1  # b\n\n"), 1);
        assert_eq!(lines_of("//! Written by `cargo xtask gen` from x; do not edit.\nfn a() {}\n"), 0);
    }
}
