//! A backup of the whole store, whosever tenants are in it.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

use serde::{Deserialize, Serialize};

use super::Tenant;
use super::error::Error;
use super::request::{Begin, Progress};
use crate::Invalid;
use crate::store::{BackupFile, StoreError};

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

/// A backup on its way. A thread copies, some thousand pages for each step that is asked for, and waits in between: what is copied is
/// what the store held when the first step began. Dropped before its end, it leaves nothing behind.
pub struct BackupRun {
    tenant: Tenant,
    to: String,
    copying: Option<Copying>,
    made: Option<BackupFile>,
    progress: Progress,
}

/// The thread that copies, and what it has to tell.
struct Copying {
    told: Receiver<Told>,
    thread: JoinHandle<()>,
}

enum Told {
    /// So much is copied.
    Copied(Progress),
    /// How it ended.
    Ended(Result<BackupFile, StoreError>),
}

impl BackupRun {
    /// Copies some more; the last step gives the finished backup, and so do all after it.
    ///
    /// # Errors
    /// Only faults of the store: where the path is taken or cannot be written, the store cannot be read, or makes no backups. The next
    /// step begins anew.
    pub fn step(&mut self) -> Result<Option<BackupFile>, Error> {
        self.tenant.must_be_home()?;
        if self.made.is_some() {
            return Ok(self.made.clone());
        }
        let copying = match self.copying.take() {
            Some(copying) => copying,
            None => self.begin()?,
        };
        match copying.told.recv() {
            Ok(Told::Copied(progress)) => {
                self.progress = progress;
                self.copying = Some(copying);
                Ok(None)
            }
            Ok(Told::Ended(ended)) => {
                let _ = copying.thread.join();
                self.made = Some(ended?);
                Ok(self.made.clone())
            }
            Err(_) => Err(Error::Internal("a backup ended without a word".to_owned())),
        }
    }

    /// Copies to the end.
    ///
    /// # Errors
    /// As [`BackupRun::step`].
    pub fn wait(mut self) -> Result<BackupFile, Error> {
        loop {
            if let Some(made) = self.step()? {
                return Ok(made);
            }
        }
    }

    fn begin(&self) -> Result<Copying, Error> {
        // Of no length: the thread goes on when it was heard.
        let (tell, told) = sync_channel(0);
        let (store, to) = (Arc::clone(&self.tenant.realm.store), self.to.clone());
        let copy = move || {
            let ended = store.backup(&to, &mut |done, total| match tell.send(Told::Copied(Progress { done, total })) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            });
            let _ = tell.send(Told::Ended(ended));
        };
        let thread = thread::Builder::new().name("cardmint-backup".to_owned()).spawn(copy);
        let thread =
            thread.map_err(|error| Error::Internal(format!("no thread for a backup can be started ({error})")))?;
        Ok(Copying { told, thread })
    }

    /// Pages copied, out of all.
    pub fn progress(&self) -> Progress {
        self.progress
    }
}

impl Drop for BackupRun {
    fn drop(&mut self) {
        let Some(Copying { told, thread }) = self.copying.take() else { return };
        // Nobody listens any more: the thread removes what it made. In a forked child there is no such thread to wait for.
        drop(told);
        if self.tenant.must_be_home().is_ok() {
            let _ = thread.join();
        }
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
        Ok(BackupRun { tenant: tenant.clone(), to: self.to, copying: None, made: None, progress: Progress::default() })
    }
}
