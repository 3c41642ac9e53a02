//! What SQLite says, in the words of the store contract.

use std::path::Path;

use cardmint::store::StoreError;
use rusqlite::ErrorCode;

/// Why a step failed, before the path is added.
#[derive(Debug)]
pub(crate) enum Fault {
    Sql(rusqlite::Error),
    /// A row that no version of this crate writes.
    Row(String),
    /// A changeset or cursor that this store cannot take.
    Refused(String),
    /// Held by others for too long.
    Busy,
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl Fault {
    pub(crate) fn is_busy(&self) -> bool {
        match self {
            Self::Sql(error) => is_busy(error),
            Self::Busy => true,
            Self::Row(_) | Self::Refused(_) => false,
        }
    }

    /// Of a step after which nothing is written: anything but COMMIT.
    pub(crate) fn at(self, path: &Path) -> StoreError {
        let shown = path.display();
        match self {
            Self::Row(what) => {
                StoreError::Damaged(format!("`{shown}`: {what}; restore a backup, or ask what wrote it"))
            }
            Self::Refused(what) => StoreError::Unavailable(format!("`{shown}`: {what}")),
            Self::Busy => busy(path),
            Self::Sql(error) => classify(path, &error),
        }
    }
}

pub(crate) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

fn classify(path: &Path, error: &rusqlite::Error) -> StoreError {
    let shown = path.display();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => busy(path),
        Some(ErrorCode::ReadOnly) => StoreError::ReadOnly,
        Some(ErrorCode::NotADatabase) => {
            StoreError::Damaged(format!("`{shown}` is no SQLite database ({error}); check the path"))
        }
        Some(ErrorCode::DatabaseCorrupt) => {
            StoreError::Damaged(format!("`{shown}`: {error}; stop writing, keep the file, restore a backup"))
        }
        Some(ErrorCode::DiskFull) => StoreError::Unavailable(format!("`{shown}`: {error}; make room and ask again")),
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            StoreError::Unavailable(format!("`{shown}` cannot be opened ({error}); check its folder and permissions"))
        }
        _ => StoreError::Unavailable(format!("`{shown}`: {error}")),
    }
}

pub(crate) fn busy(path: &Path) -> StoreError {
    StoreError::Busy(format!("`{}` is held by others for longer than the busy time-out; ask again", path.display()))
}
