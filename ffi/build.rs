//! Names the shared library after the major number of its ABI, so that the loader refuses a program built for another one.

/// The major number is read from the source, the only place where it stands.
const ABOUT: &str = include_str!("src/about.rs");

fn main() {
    println!("cargo::rerun-if-changed=src/about.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        return;
    }
    let major = ABOUT.lines().find_map(|line| line.strip_prefix("pub const CARDMINT_ABI_MAJOR: u32 = "));
    if let Some(major) = major {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libcardmint.so.{}", major.trim_end_matches(';'));
    }
}
