//! Keyring files.

use std::path::PathBuf;

use cardmint_bridge as bridge;
use pyo3::prelude::*;

use crate::failed::detached;

/// Makes a keyring in a new file that only its owner may read.
#[pyfunction]
pub fn create_keyring(py: Python<'_>, path: PathBuf) -> PyResult<()> {
    detached(py, || bridge::create_keyring(&path))
}

/// Adds a minting key and returns its slot; the old keys go on opening.
#[pyfunction]
pub fn rotate_keyring(py: Python<'_>, path: PathBuf) -> PyResult<u8> {
    detached(py, || bridge::rotate_keyring(&path))
}

/// Retires a key: codes under it no longer open.
#[pyfunction]
pub fn retire_key(py: Python<'_>, path: PathBuf, slot: u8) -> PyResult<()> {
    detached(py, || bridge::retire_key(&path, slot))
}

/// Forgets a retired key for good.
#[pyfunction]
pub fn forget_key(py: Python<'_>, path: PathBuf, slot: u8) -> PyResult<()> {
    detached(py, || bridge::forget_key(&path, slot))
}
