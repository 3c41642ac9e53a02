//! The package for C: header, shared and static library, and a file for pkg-config.
//!
//! The archive that Rust makes shows everything that is in it, the bundled SQLite too: a program that also links the system's
//! SQLite would get two of each symbol. So the archive is linked into one object whose other symbols are made local.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::{Profile, build, step};
use crate::{repo, tools};

/// The linker and its companions.
pub const NEEDS: &[tools::Tool] = &[tools::CC, tools::BINUTILS];

/// Libraries that a program links beside the static one.
const PRIVATE_LIBS: &str = "-lgcc_s -lpthread -lm -ldl";

/// Writes the package into a folder, replacing what is there.
pub fn write(profile: Profile, into: &Path) -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        return Err("the package for C is made on Linux only; elsewhere use `cargo build -p cardmint-ffi`".to_owned());
    }
    let built = build("cardmint-ffi", profile)?;
    let header_path = repo::root().join("include/cardmint.h");
    let header =
        std::fs::read_to_string(&header_path).map_err(|error| format!("{}: {error}", header_path.display()))?;
    let (include, lib) = (into.join("include"), into.join("lib"));
    repo::clear(into)?;
    put(&include.join("cardmint.h"), &header)?;
    put(&lib.join("pkgconfig/cardmint.pc"), &pkg_config(&header)?)?;
    static_library(&built.join("libcardmint.a"), &lib, &header, profile)?;
    shared_library(&built.join("libcardmint.so"), &lib, &header, profile)
}

fn put(path: &Path, text: &str) -> Result<(), String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", path.display());
    path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(wrong)?;
    std::fs::write(path, text).map_err(wrong)
}

fn static_library(built: &Path, lib: &Path, header: &str, profile: Profile) -> Result<(), String> {
    let (linked, local) = (lib.join("linked.o"), lib.join("cardmint.o"));
    // What no function of the header reaches is left out. One that is not there fails here, as undefined.
    let mut ld = Command::new("ld");
    ld.args(["-r", "--gc-sections", "-o"]).arg(&linked);
    for name in functions(header) {
        ld.arg(format!("--require-defined={name}"));
    }
    step(ld.arg(built))?;
    // The bitcode of Rust's own library is of no use to a linker of C, and some of its tools stumble over it.
    let mut objcopy = Command::new("objcopy");
    objcopy.args(["--wildcard", "--keep-global-symbol=cardmint_*"]);
    objcopy.args(["--remove-section=.llvmbc", "--remove-section=.llvmcmd"]);
    if profile == Profile::Release {
        objcopy.arg("--strip-debug");
    }
    step(objcopy.arg(&linked).arg(&local))?;
    step(Command::new("ar").arg("rcsD").arg(lib.join("libcardmint.a")).arg(&local))?;
    for path in [linked, local] {
        std::fs::remove_file(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

fn shared_library(built: &Path, lib: &Path, header: &str, profile: Profile) -> Result<(), String> {
    let name = format!("libcardmint.so.{}", defined(header, "CARDMINT_ABI_MAJOR")?);
    let mut objcopy = Command::new("objcopy");
    if profile == Profile::Release {
        objcopy.arg("--strip-unneeded");
    }
    step(objcopy.arg(built).arg(lib.join(&name)))?;
    step(Command::new("ln").args(["-s", &name, "libcardmint.so"]).current_dir(lib))
}

/// Relative to itself, so that the folder may be put anywhere.
fn pkg_config(header: &str) -> Result<String, String> {
    let version = defined(header, "CARDMINT_VERSION")?.trim_matches('"');
    Ok(format!(
        "prefix=${{pcfiledir}}/../..\n\nName: cardmint\nDescription: Embeddable engine for digital cards\n\
         Version: {version}\nCflags: -I${{prefix}}/include\nLibs: -L${{prefix}}/lib -lcardmint\n\
         Libs.private: {PRIVATE_LIBS}\n"
    ))
}

/// What a macro of the header stands for.
fn defined<'a>(header: &'a str, name: &str) -> Result<&'a str, String> {
    let value = header.lines().find_map(|line| line.strip_prefix("#define ")?.strip_prefix(name)?.strip_prefix(' '));
    value.map(str::trim).ok_or_else(|| format!("include/cardmint.h defines no {name}"))
}

/// Every function of the header.
pub fn functions(header: &str) -> BTreeSet<&str> {
    let begins = header.match_indices("cardmint_").filter_map(|(at, _)| header.get(at..));
    let names = begins.filter_map(|text| {
        let end = text.find(|c: char| c != '_' && !c.is_ascii_alphanumeric())?;
        let (name, rest) = text.split_at_checked(end)?;
        rest.starts_with('(').then_some(name)
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::{defined, functions};

    #[test]
    fn a_header_is_read() {
        let header = "#define CARDMINT_ABI_MAJOR 3\n/** as `cardmint_b` */\ncardmint_status cardmint_a(struct cardmint_b *b);\n\
                      void cardmint_c_2(void);\n";
        assert_eq!(defined(header, "CARDMINT_ABI_MAJOR"), Ok("3"));
        assert!(defined(header, "CARDMINT_ABI").is_err());
        assert_eq!(functions(header).into_iter().collect::<Vec<_>>(), ["cardmint_a", "cardmint_c_2"]);
    }
}
