//! Tells the linker that Node's symbols come with the process that loads the module.

fn main() {
    napi_build::setup();
}
