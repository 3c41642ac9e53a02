//! Engines, tenants, and cursors of streams and jobs.

use std::sync::{Mutex, PoisonError};

use bridge::{Failure, Operation, Progress, Status, Step};
use cardmint_bridge as bridge;
use pyo3::prelude::*;

use crate::failed::detached;

/// An open engine.
#[pyclass(frozen, module = "cardmint._native")]
pub struct Engine(bridge::Engine);

/// A tenant of an engine.
#[pyclass(frozen, module = "cardmint._native")]
pub struct Tenant(pub bridge::Tenant);

/// A stream or a job on its way.
#[pyclass(frozen, module = "cardmint._native")]
pub struct Cursor(Mutex<Option<bridge::Cursor>>);

/// Opens an engine from the JSON of its options.
#[pyfunction]
pub fn open(py: Python<'_>, options: &[u8]) -> PyResult<Engine> {
    detached(py, || bridge::open(options)).map(Engine)
}

/// JSON that we wrote, as Python's text.
pub fn text(json: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(json).map_err(|_| Failure::fault(Status::Internal, "a reply is not UTF-8"))
}

#[pymethods]
impl Engine {
    /// A tenant in a world.
    fn tenant(&self, py: Python<'_>, name: &str, world: &str) -> PyResult<Tenant> {
        detached(py, || self.0.tenant(name, world)).map(Tenant)
    }

    /// Moves the clock of an engine that was opened with `now`.
    fn set_now(&self, py: Python<'_>, now: &str) -> PyResult<()> {
        detached(py, || self.0.set_now(now))
    }

    /// Whether it was opened without keys.
    #[getter]
    fn keyless(&self) -> bool {
        self.0.is_keyless()
    }

    /// Takes no more changes.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        detached(py, || {
            self.0.close();
            Ok(())
        })
    }
}

#[pymethods]
impl Tenant {
    /// Serves a read or a change and returns the JSON of the reply.
    fn call(&self, py: Python<'_>, operation: &str, request: &[u8]) -> PyResult<String> {
        detached(py, || text(Operation::named(operation)?.call(&self.0, request)?))
    }

    /// Begins a stream or a job.
    fn begin(&self, py: Python<'_>, operation: &str, request: &[u8]) -> PyResult<Cursor> {
        let begun = detached(py, || Operation::named(operation)?.begin(&self.0, request))?;
        Ok(Cursor(Mutex::new(Some(begun))))
    }
}

impl Cursor {
    fn with<T>(&self, body: impl FnOnce(&mut Option<bridge::Cursor>) -> T) -> T {
        body(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[pymethods]
impl Cursor {
    /// The next piece of work: the JSON array of up to `most` items, or the JSON of a job's reply; an empty text when the job
    /// goes on; `None` at the end.
    fn next(&self, py: Python<'_>, most: usize) -> PyResult<Option<String>> {
        let step = |cursor: &mut Option<bridge::Cursor>| match cursor.as_mut() {
            None => Ok(Step::End),
            Some(cursor) => cursor.next(most),
        };
        detached(py, || match self.with(step)? {
            Step::Reply(json) => text(json).map(Some),
            Step::Working => Ok(Some(String::new())),
            Step::End => Ok(None),
        })
    }

    /// What is done and what there is to do in all.
    fn progress(&self, py: Python<'_>) -> (u64, u64) {
        // Another thread may be in the middle of a step.
        py.detach(|| {
            let Progress { done, total } =
                self.with(|cursor| cursor.as_ref().map(bridge::Cursor::progress)).unwrap_or_default();
            (done, total)
        })
    }

    /// Ends it.
    fn close(&self, py: Python<'_>) {
        py.detach(|| drop(self.with(Option::take)));
    }
}
