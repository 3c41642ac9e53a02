//! The native half of the Python package `cardmint`: text in, text out, the interpreter's lock released meanwhile. What a
//! Python user sees is written in Python, in `python/cardmint`.
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod arrow;
mod completions;
mod encode;
mod engine;
mod failed;
mod keyring;

use pyo3::prelude::*;

/// The native half of cardmint. Use the package `cardmint`.
#[pymodule]
mod _native {
    use cardmint_bridge::Operation;
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::arrow::ArrowStream;
    #[pymodule_export]
    use super::completions::Completions;
    #[pymodule_export]
    use super::encode::encode;
    #[pymodule_export]
    use super::engine::{Cursor, Engine, Tenant, open};
    #[pymodule_export]
    use super::keyring::{create_keyring, forget_key, retire_key, rotate_keyring};

    /// The version of the package.
    #[pymodule_export]
    #[allow(non_upper_case_globals, reason = "Python's name for it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    /// The operations: name and kind.
    #[pyfunction]
    fn operations() -> Vec<(&'static str, &'static str)> {
        Operation::all().iter().map(|operation| (operation.name, operation.kind.name())).collect()
    }
}
