//! Engines, tenants, and cursors of streams and jobs.

use std::sync::{Arc, Mutex, PoisonError};

use bridge::{DroppedElsewhere, Failure, Operation, Owned, Progress, Relay, Status, Step, text};
use cardmint_bridge as bridge;
use pyo3::prelude::*;

use crate::arrow::ArrowStream;
use crate::failed::{detached, raised};

/// An open engine.
#[pyclass(frozen, module = "cardmint._native")]
pub struct Engine {
    engine: Arc<DroppedElsewhere<bridge::Engine>>,
    keyless: bool,
    /// The threads that block on it.
    relay: Arc<Relay>,
}

impl Engine {
    fn new(engine: bridge::Engine) -> Self {
        Self { keyless: engine.is_keyless(), engine: DroppedElsewhere::shared(engine), relay: Arc::default() }
    }
}

/// A tenant of an engine.
#[pyclass(frozen, module = "cardmint._native")]
pub struct Tenant {
    pub tenant: Owned<bridge::Tenant>,
    relay: Arc<Relay>,
    /// Dropped behind the tenant, so that a tenant costs no thread and the last of both is dropped elsewhere.
    _engine: Arc<DroppedElsewhere<bridge::Engine>>,
}

/// A stream or a job on its way.
#[pyclass(frozen, module = "cardmint._native")]
pub struct Cursor(DroppedElsewhere<Mutex<Option<bridge::Cursor>>>);

/// Opens an engine from the JSON of its options.
#[pyfunction]
pub fn open(py: Python<'_>, options: &[u8]) -> PyResult<Engine> {
    detached(py, || bridge::open(options)).map(Engine::new)
}

#[pymethods]
impl Engine {
    /// A tenant in a world.
    fn tenant(&self, py: Python<'_>, name: &str, world: &str) -> PyResult<Tenant> {
        let tenant = detached(py, || self.engine.get()?.tenant(name, world))?;
        Ok(Tenant { tenant: Owned::new(tenant), relay: Arc::clone(&self.relay), _engine: Arc::clone(&self.engine) })
    }

    /// Moves the clock of an engine that was opened with `now`.
    fn set_now(&self, py: Python<'_>, now: &str) -> PyResult<()> {
        detached(py, || self.engine.get()?.set_now(now))
    }

    /// Whether it was opened without keys.
    #[getter]
    fn keyless(&self) -> bool {
        self.keyless
    }

    /// Takes no more changes.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        detached(py, || self.engine.get()?.close())
    }

    /// Opens another engine from the same options.
    fn reopen(&self, py: Python<'_>) -> PyResult<Self> {
        detached(py, || self.engine.get_anywhere()?.reopen()).map(Self::new)
    }
}

#[pymethods]
impl Tenant {
    /// Serves a read or a change and returns the JSON of the reply.
    fn call(&self, py: Python<'_>, operation: &str, request: &[u8]) -> PyResult<String> {
        let (reply, baton) = detached(py, || {
            let (tenant, operation) = (self.tenant.get()?, Operation::named(operation)?);
            let (reply, baton) = self.relay.call(tenant, operation, request);
            Ok((reply.and_then(text), baton))
        })?;
        // The interpreter's lock is ours: the next thread may come to it.
        drop(baton);
        reply.map_err(|failure| raised(py, &failure))
    }

    /// Begins a stream or a job.
    fn begin(&self, py: Python<'_>, operation: &str, request: &[u8]) -> PyResult<Cursor> {
        let begun = detached(py, || Operation::named(operation)?.begin(self.tenant.get()?, request))?;
        Ok(Cursor(DroppedElsewhere::new(Mutex::new(Some(begun)))))
    }
}

impl Cursor {
    fn with<T>(&self, body: impl FnOnce(&mut Option<bridge::Cursor>) -> T) -> Result<T, Failure> {
        Ok(body(&mut self.0.get()?.lock().unwrap_or_else(PoisonError::into_inner)))
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
        detached(py, || match self.with(step)?? {
            Step::Reply(json) => text(json).map(Some),
            Step::Working => Ok(Some(String::new())),
            Step::End => Ok(None),
        })
    }

    /// What is left of a stream as Arrow, so many rows at a time, and of it these columns: a name, and `text`, `integer`, `instant` or
    /// `integers`.
    fn arrow(&self, py: Python<'_>, columns: Vec<(String, String)>, rows: usize) -> PyResult<ArrowStream> {
        detached(py, || {
            let closed = || Failure::fault(Status::Closed, Status::Closed.doc());
            ArrowStream::new(self.with(Option::take)?.ok_or_else(closed)?, &columns, rows)
        })
    }

    /// What is done and what there is to do in all.
    fn progress(&self, py: Python<'_>) -> PyResult<(u64, u64)> {
        // Without the interpreter's lock: another thread may be in the middle of a step.
        detached(py, || {
            let progress = self.with(|cursor| cursor.as_ref().map(bridge::Cursor::progress))?;
            let Progress { done, total } = progress.unwrap_or_default();
            Ok((done, total))
        })
    }

    /// Ends it.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        detached(py, || self.with(Option::take).map(drop))
    }
}
