//! A store in memory: for tests, for trying things out, and as the plainest reading of the contract.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{
    Account, Changeset, CommitOutcome, Expect, Group, Guard, Key, Lookup, Owner, Page, Record, Rewrite, Rewritten,
    Scan, ScanOf, Store, StoreError, Stored, StoredEvent, TenantKey, Turn, Writer, about_card, fall_out,
};
use crate::card::EventKind;
use crate::defect::{self, Defect};
use crate::id::{CardId, Version};

type Rows = BTreeMap<(TenantKey, Key), Arc<Stored>>;

/// Keeps everything in memory and forgets it when dropped. Nothing in it is durable.
#[derive(Default)]
pub struct MemoryStore(Mutex<Kept>);

#[derive(Clone, Default)]
struct Kept {
    rows: Rows,
    /// In the order in which they wrote first.
    writers: Vec<Writer>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // A panic under the lock can only come from outside of `commit`'s own inserts; the map itself is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError> {
        let kept = self.kept();
        Ok(lookups.iter().map(|lookup| find(&kept.rows, lookup)).collect())
    }

    fn commit(&self, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        Ok(commit(&mut self.kept(), group))
    }

    fn scan(&self, scan: &Scan) -> Result<Page, StoreError> {
        let kept = self.kept();
        let mut found: Vec<(String, Arc<Stored>)> = match &scan.of {
            ScanOf::Journal(from) => return Ok(journal(&kept, &scan.tenant, from, scan.limit)),
            ScanOf::Writers => kept.writers.iter().map(writer_row).collect(),
            of => {
                let own = kept.rows.iter().filter(|((tenant, key), _)| *tenant == scan.tenant && !is_second(key));
                own.filter_map(|(_, stored)| Some((place_in(&kept.writers, of, &stored.record)?, stored.clone())))
                    .collect()
            }
        };
        found.retain(|(place, _)| scan.after.as_ref().is_none_or(|after| place > after));
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
        Ok(Some(Box::new(Locked(self.kept()))))
    }

    fn rewrite(&self, group: Group<'_>, rewrite: &dyn Rewrite) -> Result<Vec<CommitOutcome>, StoreError> {
        let mut kept = self.kept();
        let mut trial = kept.clone();
        let outcomes = commit(&mut trial, group);
        let (Some(changeset), false) = (group.changesets.first(), outcomes.contains(&CommitOutcome::Conflict)) else {
            return Ok(outcomes);
        };
        if !rewritten(&mut trial.rows, changeset, rewrite)? {
            return Ok(vec![CommitOutcome::Conflict; group.changesets.len()]);
        }
        *kept = trial;
        Ok(outcomes)
    }
}

/// Keys under which a record is found that has another key of its own.
fn is_second(key: &Key) -> bool {
    matches!(key, Key::BatchNamed(_) | Key::Request(..) | Key::CardEvent(..))
}

fn wrote(writers: &mut Vec<Writer>, bits: u64, events: u64) {
    match writers.iter_mut().find(|writer| writer.bits == bits) {
        Some(writer) => writer.events = writer.events.max(events),
        None => {
            let no = u32::try_from(writers.len()).unwrap_or(u32::MAX).saturating_add(1);
            writers.push(Writer { no, bits, events });
        }
    }
}

fn writer_row(writer: &Writer) -> (String, Arc<Stored>) {
    let stored = Stored { version: Version(0), record: Record::Writer(*writer) };
    (format!("{:010}", writer.no), Arc::new(stored))
}

fn journal(kept: &Kept, tenant: &TenantKey, from: &[(u64, u64)], limit: usize) -> Page {
    let (mut items, mut next) = (Vec::new(), Vec::new());
    for (bits, from) in from {
        let events = kept.writers.iter().find(|writer| writer.bits == *bits).map_or(0, |writer| writer.events);
        let end = events.min(from.saturating_add(limit as u64)).max(*from);
        let event = |n| kept.rows.get(&(tenant.clone(), Key::Event(*bits, n))).cloned();
        items.extend((*from..end).filter_map(event));
        next.push(end.to_string());
    }
    Page { items, next: Some(next.join(",")) }
}

struct Locked<'a>(MutexGuard<'a, Kept>);

impl Turn for Locked<'_> {
    fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Arc<Stored>>>, StoreError> {
        Ok(lookups.iter().map(|lookup| find(&self.0.rows, lookup)).collect())
    }

    fn commit(mut self: Box<Self>, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        Ok(commit(&mut self.0, group))
    }
}

fn commit(kept: &mut Kept, group: Group<'_>) -> Vec<CommitOutcome> {
    let Kept { rows, writers } = kept;
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
                let (fresh, n) = (trial.fresh, trial.n);
                rows.extend(fresh);
                if n > group.first_event {
                    wrote(writers, group.writer, n);
                }
                let outcome = |out: bool| if out { CommitOutcome::Conflict } else { CommitOutcome::Committed };
                return out.into_iter().map(outcome).collect();
            }
        }
    }
}

/// Rewrites the rows of a changeset's tenant; `false`, and a part of it, where a new key is taken.
fn rewritten(rows: &mut Rows, changeset: &Changeset, rewrite: &dyn Rewrite) -> Result<bool, StoreError> {
    let tenant = &changeset.tenant;
    let mut load = |key| Ok(rows.get(&(tenant.clone(), key)).cloned());
    let mut changes = Vec::new();
    for ((of, key), stored) in rows.iter().filter(|((of, key), _)| of == tenant && !is_second(key)) {
        let becomes = rewrite.row(stored, &mut load)?;
        if becomes != Rewritten::Same {
            changes.push(((of.clone(), key.clone()), Arc::clone(stored), becomes));
        }
    }
    let about: BTreeSet<CardId> = changes.iter().filter_map(|(_, stored, _)| about_card(&stored.record)).collect();
    for card in about {
        let at = (tenant.clone(), Key::Card(card));
        if let (Some(stored), false) = (rows.get(&at), changes.iter().any(|(changed, ..)| *changed == at)) {
            let as_it_is = Rewritten::New(stored.record.clone());
            changes.push((at, Arc::clone(stored), as_it_is));
        }
    }
    for (at, stored, _) in &changes {
        rows.remove(at);
        for second in [stored.record.unique_key(), stored.record.found_by()].into_iter().flatten() {
            rows.remove(&(tenant.clone(), second));
        }
    }
    for (_, _, becomes) in changes {
        let Rewritten::New(record) = becomes else { continue };
        let version = match &record {
            Record::Account(_) | Record::Event(_) => Version(0),
            _ => changeset.version,
        };
        let keys = [Some(record.key()), record.unique_key(), record.found_by()];
        let stored = Arc::new(Stored { version, record });
        for key in keys.into_iter().flatten() {
            if rows.insert((tenant.clone(), key), Arc::clone(&stored)).is_some() {
                return Ok(false);
            }
        }
    }
    Ok(true)
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
        let stands = |guard: &Guard| guard.stands(self.get(&(tenant.clone(), guard.key())).map(Arc::as_ref));
        if !changeset.guards.iter().all(stands) && !defect::is(Defect::GuardNotCompared) {
            return false;
        }
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
        let seconds = [record.unique_key(), record.found_by()];
        let stored = Arc::new(Stored { version, record });
        for second in seconds.into_iter().flatten() {
            self.fresh.insert((tenant.clone(), second), stored.clone());
        }
        self.fresh.insert((tenant.clone(), key), stored);
    }
}

/// Where a record stands in a scan, as text that sorts like the key; `None` when it does not belong.
fn place_in(writers: &[Writer], of: &ScanOf, record: &Record) -> Option<String> {
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
            Some(card_place(card.id))
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
        (ScanOf::EventsNamed(name), Record::Event(stored)) => match &stored.event.target {
            crate::card::Target::Named(named) if named == name && stored.event.kind != EventKind::Observed => {
                let no = writers.iter().position(|writer| writer.bits == stored.writer)?;
                Some(format!("{no:010}-{:020}", stored.n))
            }
            _ => None,
        },
        (ScanOf::EveryCard, Record::Card(card)) => Some(card_place(card.id)),
        (ScanOf::EventsOfCards, Record::Event(stored)) => match &stored.event.target {
            crate::card::Target::Card(card, place) => Some(format!("{}-{place:010}", card_place(*card))),
            _ => None,
        },
        (ScanOf::Redemptions, Record::Redemption(redemption)) => Some(redemption.key.clone()),
        (ScanOf::Refunds, Record::Refund(refund)) => Some(format!("{}\u{0}{:010}", refund.redemption, refund.place)),
        (ScanOf::Accounts, Record::Account(account)) => Some(format!("{}\u{0}{}", account.owner.text(), account.unit)),
        (ScanOf::AccountsHeld, Record::AccountHeld(held)) => Some(format!("{}\u{0}{}", held.owner.text(), held.unit)),
        (ScanOf::Stocks, Record::Stock(stock)) => Some(format!("{:020}", stock.batch.packed())),
        (ScanOf::FormatUses, Record::FormatUse(used)) => Some(format!("{:03}", used.symbols)),
        (ScanOf::EventsOfBatch(batch), Record::Event(stored)) => match &stored.event.target {
            crate::card::Target::Card(card, place) if card.batch == *batch => {
                Some(format!("{:010}-{place:010}", card.serial))
            }
            _ => None,
        },
        (ScanOf::AccountsOf(owner), Record::Account(account)) if account.owner == *owner => Some(account.unit.clone()),
        (ScanOf::Books, Record::Account(account)) if matches!(account.owner, Owner::Book(_)) => {
            Some(format!("{}\u{0}{}", account.owner.text(), account.unit))
        }
        (ScanOf::Units, Record::Unit(unit)) => Some(unit.name.clone()),
        _ => None,
    }
}

fn card_place(card: CardId) -> String {
    format!("{:020}-{:010}", card.batch.packed(), card.serial)
}
