//! A store in memory: for tests, for trying things out, and as the plainest reading of the contract.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{
    Account, Changeset, CommitOutcome, Expect, Group, Key, Lookup, Owner, Page, Record, Scan, ScanOf, Store,
    StoreError, Stored, StoredEvent, TenantKey, Turn, fall_out,
};
use crate::defect::{self, Defect};
use crate::id::Version;

type Rows = BTreeMap<(TenantKey, Key), Arc<Stored>>;

/// Keeps everything in memory and forgets it when dropped. Nothing in it is durable.
#[derive(Default)]
pub struct MemoryStore(Mutex<Rows>);

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        // A panic under the lock can only come from outside of `commit`'s own inserts; the map itself is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError> {
        let rows = self.rows();
        Ok(lookups.iter().map(|lookup| find(&rows, lookup)).collect())
    }

    fn commit(&self, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        Ok(commit(&mut self.rows(), group))
    }

    fn scan(&self, scan: &Scan) -> Result<Page, StoreError> {
        let rows = self.rows();
        let mut found: Vec<(String, Arc<Stored>)> = rows
            .iter()
            .filter(|((tenant, key), _)| {
                *tenant == scan.tenant && !matches!(key, Key::BatchNamed(_) | Key::Request(..))
            })
            .filter_map(|(_, stored)| place_in(&scan.of, &stored.record).map(|place| (place, stored.clone())))
            .filter(|(place, _)| scan.after.as_ref().is_none_or(|after| place > after))
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let more = found.len() > scan.limit;
        found.truncate(scan.limit);
        let next = found.last().filter(|_| more).map(|(place, _)| place.clone());
        Ok(Page { items: found.into_iter().map(|(_, stored)| stored).collect(), next })
    }

    fn settles(&self) -> bool {
        true
    }

    /// The one lock of the store.
    fn turn(&self) -> Result<Option<Box<dyn Turn + '_>>, StoreError> {
        Ok(Some(Box::new(Locked(self.rows()))))
    }
}

struct Locked<'a>(MutexGuard<'a, Rows>);

impl Turn for Locked<'_> {
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError> {
        Ok(lookups.iter().map(|lookup| find(&self.0, lookup)).collect())
    }

    fn commit(mut self: Box<Self>, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        Ok(commit(&mut self.0, group))
    }
}

fn commit(rows: &mut Rows, group: Group<'_>) -> Vec<CommitOutcome> {
    if !group.stands.now() {
        return vec![CommitOutcome::Conflict; group.changesets.len()];
    }
    let mut conflicts = vec![false; group.changesets.len()];
    // A member that falls out changes what those behind it meet, so the group is tried from the start without it.
    loop {
        let out = fall_out(group.changesets, &conflicts);
        let mut trial = Trial { rows, fresh: BTreeMap::new(), writer: group.writer, n: group.first_event };
        let staying = group.changesets.iter().enumerate().zip(&out).filter(|(_, out)| !**out);
        let failed = staying.map(|(member, _)| member).find(|(_, changeset)| !trial.apply(changeset));
        match failed {
            Some((place, _)) => {
                if let Some(conflict) = conflicts.get_mut(place) {
                    *conflict = true;
                }
            }
            None => {
                let fresh = trial.fresh;
                rows.extend(fresh);
                let outcome = |out: bool| if out { CommitOutcome::Conflict } else { CommitOutcome::Committed };
                return out.into_iter().map(outcome).collect();
            }
        }
    }
}
fn find(rows: &Rows, lookup: &Lookup) -> Option<Arc<Stored>> {
    let at = (lookup.tenant.clone(), lookup.key.clone());
    if !lookup.floor {
        return rows.get(&at).cloned();
    }
    rows.range((lookup.tenant.clone(), lookup.key.lowest())..=at).next_back().map(|(_, stored)| stored.clone())
}

/// The changes of a group, over the rows that were there before.
struct Trial<'a> {
    rows: &'a Rows,
    fresh: Rows,
    writer: u64,
    n: u64,
}

impl Trial<'_> {
    fn get(&self, at: &(TenantKey, Key)) -> Option<&Arc<Stored>> {
        self.fresh.get(at).or_else(|| self.rows.get(at))
    }

    /// Applies a changeset; `false` leaves a half-applied trial behind, which is thrown away.
    fn apply(&mut self, changeset: &Changeset) -> bool {
        let tenant = &changeset.tenant;
        for write in &changeset.writes {
            let at = (tenant.clone(), write.record.key());
            let stands = match (write.expect, self.get(&at)) {
                (Expect::Absent, Some(_)) if defect::is(Defect::AbsenceNotChecked) => {
                    matches!(write.record, Record::Card(_))
                }
                (Expect::Absent, Some(_)) if defect::is(Defect::UnknownRunBlindly) => true,
                (Expect::Absent, None) => {
                    write.record.unique_key().is_none_or(|second| self.get(&(tenant.clone(), second)).is_none())
                }
                (Expect::Version(version), Some(stored)) => {
                    stored.version == version || defect::is(Defect::VersionNotChecked)
                }
                (Expect::Absent, Some(_)) | (Expect::Version(_), None) => false,
            };
            if !stands {
                return false;
            }
            self.put(tenant, at.1, changeset.version, write.record.clone());
        }
        for step in &changeset.moves {
            if !self.step(tenant, &step.owner, &step.unit, step.delta, step.floor..=step.ceiling) {
                return false;
            }
        }
        for event in &changeset.events {
            let record = Record::Event(StoredEvent { writer: self.writer, n: self.n, event: event.clone() });
            let taken = record.unique_key().is_some_and(|second| self.get(&(tenant.clone(), second)).is_some());
            if taken && !defect::is(Defect::UnknownRunBlindly) {
                return false;
            }
            self.put(tenant, record.key(), Version(0), record);
            self.n += 1;
        }
        true
    }

    fn step(
        &mut self,
        tenant: &TenantKey,
        owner: &Owner,
        unit: &str,
        delta: i64,
        bounds: std::ops::RangeInclusive<i64>,
    ) -> bool {
        let key = Key::Account(owner.clone(), unit.to_owned());
        let have = match self.get(&(tenant.clone(), key.clone())).map(|stored| &stored.record) {
            Some(Record::Account(account)) => account.balance,
            Some(_) | None => 0,
        };
        match have
            .checked_add(delta)
            .filter(|balance| bounds.contains(balance) || defect::is(Defect::CeilingNotChecked))
        {
            Some(balance) => {
                let account = Account { owner: owner.clone(), unit: unit.to_owned(), balance };
                self.put(tenant, key, Version(0), Record::Account(account));
                true
            }
            None => false,
        }
    }

    fn put(&mut self, tenant: &TenantKey, key: Key, version: Version, record: Record) {
        let second = record.unique_key();
        let stored = Arc::new(Stored { version, record });
        if let Some(second) = second {
            self.fresh.insert((tenant.clone(), second), stored.clone());
        }
        self.fresh.insert((tenant.clone(), key), stored);
    }
}

/// Where a record stands in a scan, as text that sorts like the key; `None` when it does not belong.
fn place_in(of: &ScanOf, record: &Record) -> Option<String> {
    match (of, record) {
        (ScanOf::Campaigns, Record::Campaign(campaign)) => Some(campaign.id.clone()),
        (ScanOf::Audience(campaign), Record::Audience(member)) if member.campaign == *campaign => {
            Some(member.subject.as_str().to_owned())
        }
        (ScanOf::Templates, Record::Template(template)) => {
            Some(format!("{}\u{0}{:010}", template.draft.id, template.version))
        }
        (ScanOf::Batches, Record::Batch(batch)) => Some(format!("{:020}", batch.no.packed())),
        (ScanOf::Cards { batch, state, channel, below }, Record::Card(card)) => {
            let belongs = card.id.batch == *batch
                && card.id.serial < *below
                && state.is_none_or(|state| card.state == state)
                && (channel.is_none() || card.channel == *channel);
            belongs.then(|| format!("{:010}", card.id.serial))
        }
        (ScanOf::CardsOfHolder(holder), Record::Card(card)) if card.holder.as_ref() == Some(holder) => {
            Some(format!("{:020}-{:010}", card.id.batch.packed(), card.id.serial))
        }
        (ScanOf::EventsOfCard(id), Record::Event(stored)) => match &stored.event.target {
            crate::card::Target::Card(card, place) if card == id => Some(format!("{place:010}")),
            _ => None,
        },
        (ScanOf::EventsOfWriter(writer), Record::Event(stored)) if stored.writer == *writer => {
            Some(format!("{:020}", stored.n))
        }
        (ScanOf::RedemptionsOfOrder(order), Record::Redemption(redemption)) if redemption.order == *order => {
            Some(redemption.key.clone())
        }
        (ScanOf::RedemptionsOfCard(card), Record::Redemption(redemption)) if redemption.card == *card => {
            Some(redemption.key.clone())
        }
        (ScanOf::HoldsOfOrder(order), Record::Hold(hold)) if hold.id.order == *order => Some(hold.id.of.to_string()),
        _ => None,
    }
}
