//! Streams and jobs, driven by whoever asks: no thread of ours works ahead.

use serde::Serialize;

use super::failure::Failure;
use super::request::{reply_json, write_json};
use crate::engine::{self, CodeStream, Error, Progress};
use crate::store::BackupFile;

/// What one step brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The next items of a stream, as a JSON array, or the reply of a job, which is its last step.
    Reply(Vec<u8>),
    /// The job goes on.
    Working,
    /// Nothing is left.
    End,
}

/// A stream or a job on its way. Dropping it ends it.
pub struct Cursor(Box<dyn Steps>);

/// What a cursor walks over.
pub(super) trait Steps: Send {
    fn step(&mut self, most: usize) -> Result<Step, Error>;

    fn progress(&self) -> Progress;
}

impl Cursor {
    /// Does the next bounded piece of work: at most `most` items of a stream (1 to 100,000), or one step of a job.
    ///
    /// # Errors
    /// Only faults of the store. The place stays, so the step can be repeated.
    pub fn next(&mut self, most: usize) -> Result<Step, Failure> {
        Ok(self.0.step(most.clamp(1, 100_000))?)
    }

    /// How far it has come.
    pub fn progress(&self) -> Progress {
        self.0.progress()
    }
}

impl std::fmt::Debug for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Progress { done, total } = self.progress();
        write!(f, "Cursor({done} of {total})")
    }
}

/// Items one after another.
pub(super) trait Stream: Iterator<Item = Result<Self::One, Error>> + Send + 'static {
    type One: Serialize;

    fn progress(&self) -> Progress;
}

/// Work in steps with a reply at its end.
pub(super) trait Work: Send + 'static {
    type Reply: Serialize;

    fn step(&mut self) -> Result<Option<Self::Reply>, Error>;

    fn progress(&self) -> Progress;
}

struct OfStream<S>(S);

impl<S: Stream> Steps for OfStream<S> {
    fn step(&mut self, most: usize) -> Result<Step, Error> {
        let mut items = b"[".to_vec();
        for item in self.0.by_ref().take(most) {
            match item {
                Ok(item) => {
                    items.extend_from_slice(if items.len() > 1 { b"," } else { b"" });
                    write_json(&mut items, &item)?;
                }
                // What was taken before the fault is given out; the next step meets it again.
                Err(_) if items.len() > 1 => break,
                Err(error) => return Err(error),
            }
        }
        if items.len() == 1 {
            return Ok(Step::End);
        }
        items.push(b']');
        Ok(Step::Reply(items))
    }

    fn progress(&self) -> Progress {
        self.0.progress()
    }
}

struct OfWork<W> {
    work: W,
    done: bool,
}

impl<W: Work> Steps for OfWork<W> {
    fn step(&mut self, _: usize) -> Result<Step, Error> {
        if self.done {
            return Ok(Step::End);
        }
        let Some(reply) = self.work.step()? else { return Ok(Step::Working) };
        self.done = true;
        Ok(Step::Reply(reply_json(&reply)?))
    }

    fn progress(&self) -> Progress {
        self.work.progress()
    }
}

pub(super) fn of_stream(stream: impl Stream) -> Cursor {
    Cursor(Box::new(OfStream(stream)))
}

pub(super) fn of_job(work: impl Work) -> Cursor {
    Cursor(Box::new(OfWork { work, done: false }))
}

impl Stream for CodeStream {
    type One = crate::engine::ExportedCode;

    fn progress(&self) -> Progress {
        Self::progress(self)
    }
}

impl Stream for engine::BacktestOrdersRun {
    type One = engine::BacktestedOrder;

    fn progress(&self) -> Progress {
        Self::progress(self)
    }
}

/// Jobs of the engine as cursors walk over them: each has `step` and `progress` of its own.
macro_rules! jobs {
    ($($job:ident -> $reply:ty;)*) => {$(
        impl Work for engine::$job {
            type Reply = $reply;

            fn step(&mut self) -> Result<Option<Self::Reply>, Error> {
                Self::step(self)
            }

            fn progress(&self) -> Progress {
                Self::progress(self)
            }
        }
    )*};
}

jobs! {
    CampaignCount -> engine::CampaignProgress;
    BatchCount -> engine::BatchFigures;
    FundingCount -> engine::FundingFigures;
    BacktestRun -> engine::BacktestReport;
    ComparisonRun -> engine::Comparison;
    LiabilityWalk -> engine::Liability;
    AuditRun -> engine::AuditReport;
    EraseRun -> engine::Erased;
    BackupRun -> BackupFile;
}
