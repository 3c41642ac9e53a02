//! The SQLite store of cardmint: one file, many processes on one machine, nothing to run beside it.
//!
//! ```
//! use cardmint::store::{Key, Lookup, Store, TenantKey};
//! use cardmint_sqlite::{Options, SqliteStore};
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("shop.db");
//! let store = SqliteStore::open(&path, Options::default())?;
//! let tenant = TenantKey::new("default", cardmint::code::World::Live);
//! assert_eq!(store.load(&[Lookup::exact(&tenant, Key::Settings)])?, [None]);
//! # Ok::<(), cardmint::store::StoreError>(())
//! ```
//!
//! **Do not open the same file with another copy of SQLite in the same process** (Python's `sqlite3`, PHP's PDO, another
//! crate's bundle): see [`SqliteStore`]. Look into the file with [`Inspector`], or from another process.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod backup;
mod commit;
mod config;
mod error;
mod guard;
mod held;
mod inspect;
mod link;
mod locks;
mod look;
mod order;
mod pool;
mod quiet;
mod rows;
mod scan;
mod schema;
mod store;
mod turn;
mod waiting;

pub use backup::{restore_backup, verify_backup};
pub use config::{Durability, Options};
pub use inspect::{Inspector, QueryResult};
pub use quiet::{Quiet, quiet};
pub use store::SqliteStore;
