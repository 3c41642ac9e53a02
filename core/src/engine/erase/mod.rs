//! Erasing a person: the subject goes, what it did stays under a name that tells of nobody.

mod rows;
mod words;

use serde::{Deserialize, Serialize};

use self::rows::Erasure;
use super::Tenant;
use super::command::{Context, Meta, Plan, Stop};
use super::error::Error;
use super::request::{Begin, Progress};
use super::tenant::Realm;
use crate::Invalid;
use crate::card::{EventKind, Target};
use crate::id::Version;
use crate::store::{Changeset, CommitOutcome};
use crate::subject::{Subject, SubjectKey};

/// How often it is tried again because others came between.
const TRIES_MAX: usize = 20;

const OP: &str = "erase";

/// Erases a subject: its key goes from every row, and something that tells of nobody takes its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Erase {
    /// Key, reason, origin; the reason is needed.
    pub meta: Meta,
    /// Whom. Of a person with several subjects each is erased by itself.
    pub subject: Subject,
}

/// What became of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Erased {
    /// What stands in its place: `erased:` and a number that has to do with nothing.
    pub pseudonym: SubjectKey,
}

/// The request as its digest sees it.
#[derive(Serialize)]
struct EraseKeyed {
    meta: Meta,
    subject: SubjectKey,
}

/// An erasure on its way. It is made in one step, as long as which nobody else commits.
pub struct EraseRun {
    tenant: Tenant,
    request: EraseKeyed,
    digest: [u8; 16],
    erased: Option<Erased>,
}

impl EraseRun {
    /// Makes it.
    ///
    /// # Errors
    /// Faults of the store, and `key_reused` where somebody else took the key since it was begun. The step can be repeated.
    pub fn step(&mut self) -> Result<Option<Erased>, Error> {
        if self.erased.is_none() {
            self.tenant.must_be_home()?;
            self.erased = Some(self.erase()?);
        }
        Ok(self.erased.clone())
    }

    fn erase(&self) -> Result<Erased, Error> {
        let realm = &*self.tenant.realm;
        for _ in 0..TRIES_MAX {
            let (changeset, erased) = self.decide()?;
            let Some(changeset) = changeset else { return Ok(erased) };
            let erasure = Erasure::new(&realm.keys(OP)?.audit_key, &self.request.subject, &erased.pseudonym);
            if realm.committer.rewrite(&changeset, &erasure)? == CommitOutcome::Committed {
                realm.committer.cache.forget_links(&realm.key);
                return Ok(erased);
            }
        }
        Err(Error::Busy("others came between again and again".to_owned()))
    }

    /// What is to be told of it; nothing where that was told before.
    fn decide(&self) -> Result<(Option<Changeset>, Erased), Error> {
        let realm = &*self.tenant.realm;
        let version = realm.committer.fresh_version();
        realm.weigh(|view| {
            let cx = self.context(realm, version)?;
            if let Some(done) = cx.replay(view)? {
                return Ok((None, done));
            }
            let erased = Erased { pseudonym: SubjectKey::erased(version) };
            let mut plan = Plan::new(&cx, view);
            let target = Target::Named(erased.pseudonym.as_str().to_owned());
            plan.done(&cx, EventKind::PersonErased, target, &erased)?;
            Ok((Some(plan.in_order()), erased))
        })
    }

    fn context<'a>(&'a self, realm: &'a Realm, version: Version) -> Result<Context<'a>, Stop> {
        let keys = realm.keys.as_ref().ok_or(Stop::Internal("it was begun without keys"))?;
        Ok(Context { realm, keys, version, digest: self.digest, meta: &self.request.meta, op: OP })
    }

    /// Goes to the end.
    ///
    /// # Errors
    /// As [`EraseRun::step`].
    pub fn wait(mut self) -> Result<Erased, Error> {
        loop {
            if let Some(erased) = self.step()? {
                return Ok(erased);
            }
        }
    }

    /// One step in all.
    pub fn progress(&self) -> Progress {
        Progress { done: u64::from(self.erased.is_some()), total: 1 }
    }
}

impl std::fmt::Debug for EraseRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EraseRun").field("progress", &self.progress()).finish_non_exhaustive()
    }
}

impl Begin for Erase {
    type Cursor = EraseRun;

    fn begin(self, tenant: &Tenant) -> Result<EraseRun, Error> {
        let realm = &*tenant.realm;
        self.meta.check()?;
        if self.meta.reason.is_none() {
            return Err(Invalid::new("meta.reason", "nothing", "a reason, for the journal").into());
        }
        self.subject.check("subject")?;
        let keys = realm.keys(OP)?;
        let request = EraseKeyed { meta: self.meta, subject: realm.subject(&self.subject)? };
        let payload =
            serde_json::to_vec(&request).map_err(|_| Error::Internal("a request cannot be written".to_owned()))?;
        let mut run = EraseRun { tenant: tenant.clone(), digest: keys.digest(OP, &payload), request, erased: None };
        // What was done before is told at once, and so is a key that something else was done under.
        if let (None, done) = run.decide()? {
            run.erased = Some(done);
        }
        Ok(run)
    }
}
