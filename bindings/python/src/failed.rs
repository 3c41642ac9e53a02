//! Failures as exceptions. Their classes are written in Python.

use cardmint_bridge::{Failure, guarded};
use pyo3::prelude::*;

/// The exception of a failure: what `error_of` of the Python half makes of its JSON.
pub fn raised(py: Python<'_>, failure: &Failure) -> PyErr {
    let error = py.import("cardmint._errors").and_then(|errors| errors.call_method1("error_of", (failure.to_json(),)));
    error.map_or_else(|broken| broken, PyErr::from_value)
}

/// Runs `body` without the interpreter's lock and behind the guard against panics.
pub fn detached<T: Send>(py: Python<'_>, body: impl FnOnce() -> Result<T, Failure> + Send) -> PyResult<T> {
    py.detach(|| guarded(body)).map_err(|failure| raised(py, &failure))
}
