//! A tenant's keys and names, and reads that need no group.

use std::sync::Arc;

use super::command::Stop;
use super::committer::Committer;
use super::error::Error;
use super::running::RunningOf;
use super::samples::Samples;
use super::view::{Missing, Overlay, Snapshot, View, same_row};
use crate::code::{CodeBook, Formats, MacKey};
use crate::store::{Lookup, Store, TenantKey};
use crate::subject::{Subject, SubjectKey};
use crate::time::{Clock, Instant};

/// What a tenant's keyring gives in one world.
pub(super) struct Keys {
    pub book: CodeBook,
    /// The key slot in which new batches are sealed.
    pub minting_slot: u8,
    pub audit_key: MacKey,
    pub subject_key: MacKey,
}

impl Keys {
    /// A keyed digest of a request: without the key nobody learns from it what was asked, not by guessing either.
    pub(super) fn digest(&self, op: &str, payload: &[u8]) -> [u8; 16] {
        front(&self.audit_key.mac(&[b"request", op.as_bytes(), payload]))
    }
}

/// All that belongs to one tenant in one world.
pub(super) struct Realm {
    pub key: TenantKey,
    /// `None` where the engine was opened without: then nothing can be minted, opened, revealed or written.
    pub keys: Option<Keys>,
    pub formats: Formats,
    pub committer: Arc<Committer>,
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub samples: Arc<Samples>,
    pub running: Arc<RunningOf>,
}

impl Realm {
    /// Refuses what a forked child asks of its parent's engine: before any lock, any key and any connection is touched.
    pub(super) fn must_be_home(&self) -> Result<(), Error> {
        if self.committer.is_home() { Ok(()) } else { Err(Error::Forked) }
    }

    /// The keys, or the answer that `what` needs them.
    pub(super) fn keys(&self, what: &'static str) -> Result<&Keys, Error> {
        self.keys.as_ref().ok_or(Error::NoKeys(what))
    }

    /// A subject as records hold it: personal values only as HMACs.
    pub(super) fn subject(&self, subject: &Subject) -> Result<SubjectKey, Error> {
        if !subject.is_personal() {
            return Ok(plain_subject(subject));
        }
        let key = &self.keys("find a phone number or mail address")?.subject_key;
        let mac = key.mac(&[subject.kind.as_bytes(), subject.value.as_bytes()]);
        let value: String = front(&mac).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(SubjectKey::from_stored(format!("{}:{value}", subject.kind)))
    }

    pub(super) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Decides without effect, as a request would at this moment.
    pub(super) fn weigh<T>(&self, mut weigh: impl FnMut(&mut View<'_>) -> Result<T, Stop>) -> Result<T, Error> {
        let outcome = self.look(|view| match weigh(view) {
            Ok(seen) => Ok(Ok(seen)),
            Err(Stop::Missing) => Err(Missing),
            Err(Stop::Denied(denial)) => Ok(Err(Error::Denied(denial))),
            Err(Stop::Invalid(invalid)) => Ok(Err(Error::Invalid(invalid))),
            Err(Stop::Internal(what)) => Ok(Err(Error::Internal(what.to_owned()))),
        });
        outcome?
    }

    /// Looks without changing: asks the store for what the look misses until it is complete. What it saw before is read again with
    /// it: all that is shown comes from one snapshot.
    pub(super) fn look<T>(&self, mut look: impl FnMut(&mut View<'_>) -> Result<T, Missing>) -> Result<T, Error> {
        let (now, now_us) = (self.now(), self.clock.steady_us());
        let (mut snapshot, overlay) = (Snapshot::new(), Overlay::default());
        let mut lookups: Vec<Lookup> = Vec::new();
        loop {
            let mut view = View::new(&self.key, now, &snapshot, &overlay, None, Some(&self.committer.cache));
            view.now_us = now_us;
            match look(&mut view) {
                Ok(seen) => return Ok(seen),
                Err(Missing) => {
                    lookups.append(&mut view.missing);
                    let writes = self.committer.cache.writes();
                    let rows = self.store.load(&lookups)?;
                    for (lookup, row) in lookups.iter().zip(rows) {
                        self.committer.cache.put(lookup, row.clone(), now_us, writes);
                        for lookup in same_row(lookup, row.as_deref()) {
                            snapshot.insert(lookup, row.clone());
                        }
                    }
                }
            }
        }
    }
}

/// A subject whose value is not personal, as records hold it.
pub(super) fn plain_subject(subject: &Subject) -> SubjectKey {
    SubjectKey::from_stored(format!("{}:{}", subject.kind, subject.value))
}

fn front(mac: &[u8; 32]) -> [u8; 16] {
    let mut front = [0; 16];
    front.iter_mut().zip(mac).for_each(|(to, from)| *to = *from);
    front
}
