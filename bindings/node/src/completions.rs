//! Changes that JavaScript awaits. Whoever commits never waits for JavaScript: it rings once, and the loop, when it turns, comes
//! and takes all that is done in one text.

use bridge::{Failure, Operation, text};
use cardmint_bridge as bridge;
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi_derive::napi;

use crate::engine::Tenant;
use crate::work::at_once;

/// Calls under way for one loop.
#[napi]
pub struct Completions {
    calls: bridge::Completions,
}

#[napi]
impl Completions {
    /// `ring` is called on the loop when something came to its end. It does not keep the loop alive: who waits does.
    #[napi(constructor)]
    pub fn new(ring: Function<(), ()>) -> napi::Result<Self> {
        let ring = ring.build_threadsafe_function().weak::<true>().callee_handled::<false>().build()?;
        let calls = bridge::Completions::new(move || {
            // A loop that is gone rings no more, and nobody is there to be told.
            let _ = ring.call((), ThreadsafeFunctionCallMode::NonBlocking);
        });
        Ok(Self { calls })
    }

    /// Hands a change in and returns its number.
    #[napi]
    pub fn submit(&self, tenant: &Tenant, operation: String, request: String) -> napi::Result<f64> {
        at_once(|| {
            let operation = Operation::named(&operation)?;
            Ok(self.calls.submit(tenant.inner()?, operation, request.as_bytes())? as f64)
        })
    }

    /// What came to its end since the last time, as a JSON array of `[number, whether it went well, reply or failure]`.
    #[napi]
    pub fn take(&self) -> napi::Result<String> {
        at_once(|| {
            let mut all = "[".to_owned();
            for (number, reply) in self.calls.take()? {
                let (went_well, json) = match reply.and_then(text) {
                    Ok(reply) => (true, reply),
                    Err(failure) => (false, failure.to_json()),
                };
                let comma = if all.len() > 1 { "," } else { "" };
                all.push_str(&format!("{comma}[{number},{went_well},"));
                all.push_str(&json);
                all.push(']');
            }
            all.push(']');
            Ok::<_, Failure>(all)
        })
    }

    /// Withdraws a call that was not decided yet.
    #[napi]
    pub fn withdraw(&self, number: f64) -> napi::Result<()> {
        at_once(|| self.calls.withdraw(number as u64))
    }

    /// How many calls are under way.
    #[napi]
    pub fn outstanding(&self) -> napi::Result<u32> {
        at_once(|| Ok(u32::try_from(self.calls.outstanding()?).unwrap_or(u32::MAX)))
    }
}
