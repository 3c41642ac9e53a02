//! The committer and its calls once more, over the locks and threads of `shuttle`, which runs a test under many schedules: who
//! waits, who leads, who is woken and who goes away are tried in orders that a machine shows once a year.
#![allow(
    dead_code,
    clippy::duplicate_mod,
    reason = "the same sources as the engine's, of which these tests need a part"
)]

use super::{error, meter, trace, view};

#[path = "call.rs"]
mod call;
#[path = "committer/mod.rs"]
mod committer;
mod fake;
mod pipeline;
mod schedules;

mod sync {
    pub(super) use shuttle::sync::atomic::{AtomicBool, Ordering};
    pub(super) use shuttle::sync::{Condvar, Mutex, MutexGuard};
    pub(super) use shuttle::thread::{self, Thread};
}
