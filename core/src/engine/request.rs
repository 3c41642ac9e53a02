//! What a request is to the engine. The table of operations names the requests; each says here how it is served.

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::call::Call;
use super::error::Error;

/// Answered from what the store says now. Changes nothing.
pub(crate) trait Read {
    type Reply;

    fn read(self, tenant: &Tenant) -> Result<Self::Reply, Error>;
}

/// Changes something, durably, once.
pub(crate) trait Change {
    type Reply;

    fn change(self, tenant: &Tenant) -> Call<Self::Reply>;
}

/// Begins something that comes in pieces, as the caller asks for them.
pub(crate) trait Begin {
    type Cursor;

    fn begin(self, tenant: &Tenant) -> Result<Self::Cursor, Error>;
}

/// How far a stream or a job has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Progress {
    /// What is done, in the unit of the stream or job: serials, cards.
    pub done: u64,
    /// What there is to do in all.
    pub total: u64,
}

/// The reply of a change that has nothing to say but that it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Done {}

/// The version that a save made, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Saved {
    /// The number of the version.
    pub version: u32,
}
