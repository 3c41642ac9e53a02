//! Every parser against any bytes. One function a target, called by libFuzzer (`cargo xtask fuzz`) and, over the same seeds with mutations
//! of its own, by an ordinary test on stable Rust.
//!
//! A target panics where what is read is not written and read again as the same, where a refusal names no field, or where it repeats
//! what must not be told.

mod kept;
mod mutate;
mod operations;
mod records;
mod seeds;
mod stores;
mod texts;

pub use kept::{keep, kept};
pub use mutate::Mutator;
pub use seeds::seeds;

/// A parser and how it is tried.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// Tries it.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 12] = [
    Target { name: "codes", run: texts::codes },
    Target { name: "words", run: texts::words },
    Target { name: "values", run: texts::values },
    Target { name: "export_tail", run: texts::export_tail },
    Target { name: "keyring", run: texts::keyring },
    Target { name: "template", run: texts::template },
    Target { name: "order", run: texts::order },
    Target { name: "condition", run: texts::condition },
    Target { name: "record", run: records::record },
    Target { name: "changesets", run: stores::changesets },
    Target { name: "operation", run: operations::operation },
    Target { name: "open", run: operations::open },
];

/// The target of that name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}
