//! What a call can end in beside its reply.

use crate::Invalid;
use crate::denial::Denial;
use crate::status::Status;
use crate::store::StoreError;

/// Why there is no reply: the rules said no, the request cannot be meant, or something is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The rules said no. Nothing was written.
    #[error(transparent)]
    Denied(#[from] Denial),
    /// The request cannot be meant. Nothing was read or written.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Too many calls wait already, or others kept changing what this one needs. Nothing was written; ask again.
    #[error("engine is busy: {0}")]
    Busy(String),
    /// The database. After [`StoreError::OutcomeUnknown`] the same request under the same key tells what happened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine was opened without keys, and this needs them.
    #[error("engine was opened without keys and cannot {0}")]
    NoKeys(&'static str),
    /// What was handed over is no request at all.
    #[error("{}", .0.doc())]
    Misused(Status),
    /// The call waited for longer than it may. Nothing was written; ask again.
    #[error("the call waited for longer than its deadline allows; nothing was written")]
    DeadlinePassed,
    /// The engine was closed before the call was decided.
    #[error("engine is closed")]
    Closed,
    /// The engine was made by the parent of this process, which was forked. Nothing was read or written; make one here.
    #[error("{}", Status::Forked.doc())]
    Forked,
    /// A bug of cardmint. Nothing of this request was written.
    #[error("internal error: {0}")]
    Internal(String),
}

impl Error {
    /// The number and code of it.
    pub const fn status(&self) -> Status {
        match self {
            Self::Denied(denial) => denial.status(),
            Self::Invalid(_) => Status::Invalid,
            Self::Busy(_) => Status::Busy,
            Self::Store(StoreError::Busy(_)) => Status::StoreBusy,
            Self::Store(StoreError::Unavailable(_)) => Status::StoreFailed,
            Self::Store(StoreError::OutcomeUnknown(_)) => Status::OutcomeUnknown,
            Self::Store(StoreError::Damaged(_)) => Status::StoreDamaged,
            Self::Store(StoreError::ReadOnly) => Status::ReadOnly,
            Self::NoKeys(_) => Status::NoKeys,
            Self::Misused(status) => *status,
            Self::DeadlinePassed => Status::DeadlinePassed,
            Self::Closed => Status::Closed,
            Self::Forked => Status::Forked,
            Self::Internal(_) => Status::Internal,
        }
    }

    /// The denial, where it is one.
    pub fn denial(&self) -> Option<&Denial> {
        match self {
            Self::Denied(denial) => Some(denial),
            Self::Invalid(_)
            | Self::Busy(_)
            | Self::Store(_)
            | Self::NoKeys(_)
            | Self::Misused(_)
            | Self::DeadlinePassed
            | Self::Closed
            | Self::Forked
            | Self::Internal(_) => None,
        }
    }
}
