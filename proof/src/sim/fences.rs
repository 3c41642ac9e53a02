//! Fences: what an engine writes so that a denial after an unknown outcome stays true.

use cardmint::card::{EventKind, Target};
use cardmint::store::{Changeset, Key, Record, Store, TenantKey};

use super::recount::row;

/// The operation and key that a changeset fences; nothing where it is no fence.
pub fn fenced(changeset: &Changeset) -> Option<(&str, &str)> {
    let [event] = changeset.events.as_slice() else { return None };
    if event.kind != EventKind::Fenced || !changeset.moves.is_empty() {
        return None;
    }
    match (&event.target, &event.request, changeset.writes.as_slice()) {
        (Target::Named(key), Some(mark), []) => Some((&mark.op, key)),
        (Target::Named(key), None, [write]) if matches!(write.record, Record::Fence(_)) => Some(("redeem", key)),
        _ => None,
    }
}

/// Whether something was done under a key, behind all fences.
pub fn is_done(store: &dyn Store, tenant: &TenantKey, op: &str, key: &str) -> Result<bool, String> {
    if op == "redeem" {
        let found = row(store, tenant, Key::Redemption(key.to_owned()))?;
        return Ok(matches!(found, Some(Record::Redemption(_))));
    }
    let mut behind = key.to_owned();
    for fences in 1.. {
        match row(store, tenant, Key::Request(op.to_owned(), behind))? {
            Some(Record::Event(stored)) if stored.event.kind == EventKind::Fenced => behind = format!("{key} {fences}"),
            found => return Ok(found.is_some()),
        }
    }
    Ok(false)
}
