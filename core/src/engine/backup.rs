//! A backup of the whole store, whosever tenants are in it.

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::error::Error;
use super::request::{Begin, Progress};
use crate::Invalid;
use crate::store::BackupFile;

/// Makes a backup of the store while it is in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackUp {
    /// The path of a file that is not there yet.
    pub to: String,
}

impl From<&str> for BackUp {
    fn from(to: &str) -> Self {
        Self { to: to.to_owned() }
    }
}

/// A backup on its way. It is made in one step, which takes as long as copying the file does.
pub struct BackupRun {
    tenant: Tenant,
    to: String,
    made: Option<BackupFile>,
    progress: Progress,
}

impl BackupRun {
    /// Makes it.
    ///
    /// # Errors
    /// Only faults of the store: where the path is taken or cannot be written, the store cannot be read, or makes no backups.
    pub fn step(&mut self) -> Result<Option<BackupFile>, Error> {
        self.step_telling(|_| {})
    }

    /// The same, and tells how far it has come, in pages.
    ///
    /// # Errors
    /// As [`BackupRun::step`].
    pub fn step_telling(&mut self, mut tell: impl FnMut(Progress)) -> Result<Option<BackupFile>, Error> {
        if self.made.is_none() {
            self.tenant.must_be_home()?;
            let progress = &mut self.progress;
            self.made = Some(self.tenant.realm.store.backup(&self.to, &mut |done, total| {
                *progress = Progress { done, total };
                tell(*progress);
            })?);
        }
        Ok(self.made.clone())
    }

    /// Pages copied, out of all.
    pub fn progress(&self) -> Progress {
        self.progress
    }
}

impl std::fmt::Debug for BackupRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BackupRun").field("progress", &self.progress).finish_non_exhaustive()
    }
}

impl Begin for BackUp {
    type Cursor = BackupRun;

    fn begin(self, tenant: &Tenant) -> Result<BackupRun, Error> {
        if self.to.is_empty() || self.to.len() > 4_096 || self.to.contains('\0') {
            return Err(Invalid::new("to", format!("{} bytes", self.to.len()), "the path of a new file").into());
        }
        Ok(BackupRun { tenant: tenant.clone(), to: self.to, made: None, progress: Progress::default() })
    }
}
