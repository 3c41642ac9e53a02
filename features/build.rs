//! Without a build script cargo would not look at the dependencies of one.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
