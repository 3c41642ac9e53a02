//! Work that blocks, on a thread of Node's own pool.

use cardmint_bridge::{Failure, guarded};
use napi::bindgen_prelude::{AsyncTask, ToNapiValue, TypeName};
use napi::{Env, Error, Result, Task};

/// One piece of work; its promise rejects with an error whose message is the JSON of the failure.
pub struct Work<T>(Option<Box<dyn FnOnce() -> std::result::Result<T, Failure> + Send>>);

/// Runs `body` in the pool, behind the guard against panics.
pub fn in_pool<T>(body: impl FnOnce() -> std::result::Result<T, Failure> + Send + 'static) -> AsyncTask<Work<T>>
where
    T: Send + ToNapiValue + TypeName + 'static,
{
    AsyncTask::new(Work(Some(Box::new(body))))
}

/// Runs `body` here and now, behind the same guard.
pub fn at_once<T>(body: impl FnOnce() -> std::result::Result<T, Failure>) -> Result<T> {
    guarded(body).map_err(thrown)
}

/// The failure as JavaScript's half expects it: JSON in the message of an error.
fn thrown(failure: Failure) -> Error {
    Error::from_reason(failure.to_json())
}

impl<T: Send + ToNapiValue + TypeName + 'static> Task for Work<T> {
    type Output = T;
    type JsValue = T;

    fn compute(&mut self) -> Result<T> {
        match self.0.take() {
            Some(body) => at_once(body),
            None => Err(Error::from_reason("a piece of work was started twice")),
        }
    }

    fn resolve(&mut self, _: Env, output: T) -> Result<T> {
        Ok(output)
    }
}
