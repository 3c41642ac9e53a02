//! Engines, tenants, and cursors of streams and jobs.

use std::sync::{Arc, Mutex, PoisonError};

use bridge::{DroppedElsewhere, Failure, Operation, Owned, Progress, Step, text};
use cardmint_bridge as bridge;
use napi::bindgen_prelude::AsyncTask;
use napi_derive::napi;

use crate::work::{Work, at_once, in_pool};

/// An open engine.
#[napi]
pub struct Engine {
    engine: Arc<DroppedElsewhere<bridge::Engine>>,
    keyless: bool,
}

/// A tenant of an engine.
#[napi]
pub struct Tenant {
    tenant: Arc<Owned<bridge::Tenant>>,
    /// Dropped behind the tenant, so that a tenant costs no thread and the last of both is dropped elsewhere.
    engine: Arc<DroppedElsewhere<bridge::Engine>>,
}

/// A stream or a job on its way.
#[napi]
pub struct Cursor {
    cursor: Arc<DroppedElsewhere<Mutex<Option<bridge::Cursor>>>>,
}

/// Opens an engine from the JSON of its options.
#[napi]
pub fn open(options: String) -> AsyncTask<Work<Engine>> {
    in_pool(move || {
        let engine = bridge::open(options.as_bytes())?;
        Ok(Engine { keyless: engine.is_keyless(), engine: DroppedElsewhere::shared(engine) })
    })
}

#[napi]
impl Engine {
    /// A tenant in a world.
    #[napi]
    pub fn tenant(&self, name: String, world: String) -> napi::Result<Tenant> {
        at_once(|| {
            let tenant = Arc::new(Owned::new(self.engine.get()?.tenant(&name, &world)?));
            Ok(Tenant { tenant, engine: Arc::clone(&self.engine) })
        })
    }

    /// Moves the clock of an engine that was opened with `now`.
    #[napi]
    pub fn set_now(&self, now: String) -> napi::Result<()> {
        at_once(|| self.engine.get()?.set_now(&now))
    }

    /// Whether it was opened without keys.
    #[napi(getter)]
    pub fn keyless(&self) -> bool {
        self.keyless
    }

    /// Takes no more changes; done when the group under way is durable.
    #[napi]
    pub fn close(&self) -> AsyncTask<Work<()>> {
        let engine = Arc::clone(&self.engine);
        in_pool(move || engine.get()?.close())
    }
}

#[napi]
impl Tenant {
    /// Serves a read or a change in the pool and gives the JSON of the reply.
    #[napi]
    pub fn call(&self, operation: String, request: String) -> AsyncTask<Work<String>> {
        let tenant = self.shared();
        in_pool(move || text(Operation::named(&operation)?.call(tenant.inner()?, request.as_bytes())?))
    }

    /// Serves a read or a change on the caller's own thread: whoever has nothing else to do waits for nobody.
    #[napi]
    pub fn call_blocking(&self, operation: String, request: String) -> napi::Result<String> {
        at_once(|| text(Operation::named(&operation)?.call(self.inner()?, request.as_bytes())?))
    }

    /// Begins a stream or a job.
    #[napi]
    pub fn begin(&self, operation: String, request: String) -> AsyncTask<Work<Cursor>> {
        let tenant = self.shared();
        in_pool(move || tenant.begun(&operation, &request))
    }

    /// Begins a stream or a job on the caller's own thread.
    #[napi]
    pub fn begin_blocking(&self, operation: String, request: String) -> napi::Result<Cursor> {
        at_once(|| self.begun(&operation, &request))
    }
}

impl Tenant {
    fn begun(&self, operation: &str, request: &str) -> Result<Cursor, Failure> {
        let cursor = Operation::named(operation)?.begin(self.inner()?, request.as_bytes())?;
        Ok(Cursor { cursor: DroppedElsewhere::shared(Mutex::new(Some(cursor))) })
    }

    fn shared(&self) -> Self {
        Self { tenant: Arc::clone(&self.tenant), engine: Arc::clone(&self.engine) }
    }

    /// The tenant that calls are handed in to.
    pub(crate) fn inner(&self) -> Result<&bridge::Tenant, Failure> {
        self.tenant.get()
    }
}

/// What a step brought: the JSON array of items, or the JSON of a job's reply; an empty text when the job goes on; nothing at
/// the end. Behind it what is done, and what there is to do in all.
type Stepped = (Option<String>, f64, f64);

#[napi]
impl Cursor {
    /// The next piece of work, with up to `most` items.
    #[napi]
    pub fn next(&self, most: u32) -> AsyncTask<Work<Stepped>> {
        let cursor = self.shared();
        in_pool(move || cursor.step(most))
    }

    /// The same on the caller's own thread.
    #[napi]
    pub fn next_blocking(&self, most: u32) -> napi::Result<Stepped> {
        at_once(|| self.step(most))
    }

    /// Ends it, when a step that is under way has ended.
    #[napi]
    pub fn close(&self) -> AsyncTask<Work<()>> {
        let cursor = self.shared();
        in_pool(move || cursor.end())
    }

    /// The same on the caller's own thread.
    #[napi]
    pub fn close_blocking(&self) -> napi::Result<()> {
        at_once(|| self.end())
    }
}

impl Cursor {
    fn shared(&self) -> Self {
        Self { cursor: Arc::clone(&self.cursor) }
    }

    fn step(&self, most: u32) -> Result<Stepped, Failure> {
        let mut cursor = self.cursor.get()?.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(cursor) = cursor.as_mut() else { return Ok((None, 0.0, 0.0)) };
        let said = match cursor.next(usize::try_from(most).unwrap_or(usize::MAX))? {
            Step::Reply(json) => Some(text(json)?),
            Step::Working => Some(String::new()),
            Step::End => None,
        };
        let Progress { done, total } = cursor.progress();
        Ok((said, done as f64, total as f64))
    }

    fn end(&self) -> Result<(), Failure> {
        drop(self.cursor.get()?.lock().unwrap_or_else(PoisonError::into_inner).take());
        Ok(())
    }
}
