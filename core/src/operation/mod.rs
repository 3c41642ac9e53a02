//! The table of operations: one row each, from which the methods of a [`Tenant`](crate::Tenant) and every binding are made.
//!
//! The wire is JSON. [`Operation::call`], [`Operation::submit`] and [`Operation::begin`] take the bytes of a request and give
//! the bytes of the reply; a [`Failure`] is what they give instead.

mod cursor;
mod failure;
mod pending;
mod request;
mod table;

pub use cursor::{Cursor, Step};
pub use failure::Failure;
pub use pending::Pending;
pub use request::{REQUEST_BYTES_MAX, read_json};

use schemars::{Schema, SchemaGenerator};

use crate::engine::{Error, Tenant};
use crate::status::Status;

/// How an operation is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Answered from what the store says now. Changes nothing.
    Read,
    /// Changes something, durably, once per idempotency key.
    Change,
    /// Gives items one after another, as they are asked for.
    Stream,
    /// Works in steps, as it is asked to, and replies at the end.
    Job,
}

impl Kind {
    /// The kind's name in JSON and docs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Change => "change",
            Self::Stream => "stream",
            Self::Job => "job",
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy)]
pub struct Operation {
    /// The name, in snake case.
    pub name: &'static str,
    /// What it does, in Markdown.
    pub doc: &'static str,
    /// How it is served.
    pub kind: Kind,
    /// The version that brought it.
    pub since: &'static str,
    /// Whether a handle without keys can do it, at least where nothing is named by code or number.
    pub keyless: bool,
    /// The denials that it can give, in the order in which they are looked for; what stands in brackets narrows one down. Every
    /// change can also give `key_reused`.
    pub denials: &'static [&'static str],
    /// The JSON schema of the request.
    pub request_schema: fn(&mut SchemaGenerator) -> Schema,
    /// The JSON schema of the reply; of one item where it is a stream.
    pub reply_schema: fn(&mut SchemaGenerator) -> Schema,
    serve: Serve,
}

#[derive(Clone, Copy)]
enum Serve {
    Read(fn(&Tenant, &[u8]) -> Result<Vec<u8>, Error>),
    Change(fn(&Tenant, &[u8]) -> Result<Pending, Error>),
    Cursor(fn(&Tenant, &[u8]) -> Result<Cursor, Error>),
}

impl Operation {
    /// Every operation, in the order of the table.
    pub fn all() -> &'static [Self] {
        table::OPERATIONS
    }

    /// The operation of that name.
    ///
    /// # Errors
    /// `unknown_operation`.
    pub fn named(name: &str) -> Result<&'static Self, Failure> {
        let found = table::OPERATIONS.iter().find(|operation| operation.name == name);
        found.ok_or_else(|| Failure::fault(Status::UnknownOperation, "no such operation"))
    }

    /// Serves a read or a change and blocks until the reply is there, durable where it is a change.
    ///
    /// # Errors
    /// What the operation can end in; `unknown_operation` for a stream or a job.
    pub fn call(&self, tenant: &Tenant, request: &[u8]) -> Result<Vec<u8>, Failure> {
        match self.serve {
            Serve::Read(serve) => Ok(serve(tenant, request)?),
            Serve::Change(serve) => serve(tenant, request)?.wait(),
            Serve::Cursor(_) => Err(self.other("begun")),
        }
    }

    /// Hands a change in. A read is served at once.
    ///
    /// # Errors
    /// What the request can end in before it is decided; `unknown_operation` for a stream or a job.
    pub fn submit(&self, tenant: &Tenant, request: &[u8]) -> Result<Pending, Failure> {
        match self.serve {
            Serve::Read(serve) => Ok(Pending::ready(serve(tenant, request))),
            Serve::Change(serve) => Ok(serve(tenant, request)?),
            Serve::Cursor(_) => Err(self.other("begun")),
        }
    }

    /// Begins a stream or a job. The event that an export writes is durable when this returns.
    ///
    /// # Errors
    /// What the request can end in; `unknown_operation` for a read or a change.
    pub fn begin(&self, tenant: &Tenant, request: &[u8]) -> Result<Cursor, Failure> {
        match self.serve {
            Serve::Cursor(serve) => Ok(serve(tenant, request)?),
            Serve::Read(_) | Serve::Change(_) => Err(self.other("called")),
        }
    }

    fn other(&self, how: &str) -> Failure {
        Failure::fault(Status::UnknownOperation, format!("`{}` is {how}", self.name))
    }
}

impl std::fmt::Debug for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Operation({})", self.name)
    }
}
