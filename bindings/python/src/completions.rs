//! Calls that an asyncio loop awaits. Whoever commits never takes the interpreter's lock: it writes one byte to a socket, and
//! the loop, which reads it, comes and takes what is done.

use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use bridge::{DroppedElsewhere, Operation, text};
use cardmint_bridge as bridge;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;

use crate::engine::Tenant;
use crate::failed::detached;

/// The two ends of the socket. They live and die together, so that a late byte never meets a closed reader.
struct Bell {
    reader: UnixStream,
    writer: UnixStream,
}

impl Bell {
    fn new() -> std::io::Result<Self> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        writer.set_nonblocking(true)?;
        Ok(Self { reader, writer })
    }

    fn ring(&self) {
        // Where no byte fits in, plenty wait to be read.
        let _ = (&self.writer).write(&[1]);
    }

    fn hush(&self) {
        let mut bytes = [0; 64];
        while (&self.reader).read(&mut bytes).is_ok_and(|read| read == bytes.len()) {}
    }
}

/// Calls under way for one loop.
#[pyclass(frozen, module = "cardmint._native")]
pub struct Completions {
    calls: DroppedElsewhere<bridge::Completions>,
    bell: Arc<Bell>,
}

#[pymethods]
impl Completions {
    #[new]
    fn new() -> PyResult<Self> {
        let bell = Arc::new(Bell::new().map_err(PyOSError::new_err)?);
        let ringing = Arc::clone(&bell);
        let calls = bridge::Completions::new(move || ringing.ring());
        Ok(Self { calls: DroppedElsewhere::new(calls), bell })
    }

    /// What the loop watches for reading.
    fn fileno(&self) -> i32 {
        self.bell.reader.as_raw_fd()
    }

    /// Hands a change in and returns its number.
    fn submit(&self, py: Python<'_>, tenant: &Tenant, operation: &str, request: &[u8]) -> PyResult<u64> {
        detached(py, || {
            let operation = Operation::named(operation)?;
            self.calls.get()?.submit(tenant.tenant.get()?, operation, request)
        })
    }

    /// What came to its end since the last time: number, whether it went well, and the JSON of reply or failure.
    fn take(&self, py: Python<'_>) -> PyResult<Vec<(u64, bool, String)>> {
        detached(py, || {
            // Hushed before the taking: what comes to its end in between rings again.
            self.bell.hush();
            let told = |reply: Result<Vec<u8>, bridge::Failure>| match reply.and_then(text) {
                Ok(reply) => (true, reply),
                Err(failure) => (false, failure.to_json()),
            };
            let completed = self.calls.get()?.take()?.into_iter();
            Ok(completed
                .map(|(number, reply)| {
                    let (went_well, json) = told(reply);
                    (number, went_well, json)
                })
                .collect())
        })
    }

    /// Withdraws a call that was not decided yet.
    fn withdraw(&self, py: Python<'_>, number: u64) -> PyResult<()> {
        detached(py, || self.calls.get()?.withdraw(number))
    }

    /// How many calls are under way.
    fn outstanding(&self, py: Python<'_>) -> PyResult<usize> {
        detached(py, || self.calls.get()?.outstanding())
    }
}
