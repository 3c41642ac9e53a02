//! What a request is told that says that it was sent before: its answer holds for all tries.

use cardmint::store::StoreError;
use cardmint::{Denial, Error};

use super::judge::{Called, Judge, Wrong};
use crate::request::Reply;

impl Judge {
    /// An answer to a retry that speaks of this try alone is none: nothing is known of the others.
    pub(super) fn of_all_tries(&mut self, record: &Called, outcome: &Result<Reply, Error>) -> Result<(), Wrong> {
        if !record.retry {
            return Ok(());
        }
        match outcome {
            // A code that does not open is refused before the store is asked (decision 0009).
            Ok(_) | Err(Error::Denied(Denial::NotFoundOrInvalid) | Error::Store(StoreError::OutcomeUnknown(_))) => {}
            Err(Error::Denied(_) | Error::Invalid(_)) => {
                let latest = self.final_no.entry((record.asked.op(), record.asked.key.clone())).or_default();
                *latest = record.from.max(*latest);
            }
            Err(other) => return Err(("retry_of_all", format!("{record:?} heard of this try alone: {other:?}"))),
        }
        Ok(())
    }

    /// Something lands that was sent at that moment: nobody was told that it cannot.
    pub(super) fn may_land(&self, op: &str, key: &str, sent: u64) -> Result<(), Wrong> {
        let told = self.final_no.iter().find(|((of, under), _)| *of == op && under == key);
        match told {
            Some((_, retried)) if sent < *retried => {
                Err(("retry_of_all", format!("a retry of {op} {key} heard no, and an earlier try came late")))
            }
            Some(_) | None => Ok(()),
        }
    }
}
