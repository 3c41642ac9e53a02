//! What the committer and its calls wait with. The tests compile the same sources a second time, over `shuttle`, which walks
//! through the schedules: see `explored`.

pub(super) use std::sync::atomic::{AtomicBool, Ordering};
pub(super) use std::sync::{Condvar, Mutex, MutexGuard};
pub(super) use std::thread::{self, Thread};
