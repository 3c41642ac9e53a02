//! Rewriting the rows that hold a text, wherever they stand: see [`seek`](crate::seek) for where that is.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cardmint::id::CardId;
use cardmint::store::{
    Changeset, CommitOutcome, Expect, Group, Key, Lookup, Record, Rewrite, Rewritten, StoreError, Stored, TenantKey,
    Write, about_card,
};
use rusqlite::Connection;

use crate::commit::begin;
use crate::error::Fault;
use crate::held::Held;
use crate::link::{Forgets, Link, Site, forget};
use crate::quiet::enter;
use crate::rows::{EVENT_REDACT, Value, redacted_values};
use crate::seek::{Found, Seek};
use crate::store::{Desk, Slot, SqliteStore};

impl SqliteStore {
    pub(crate) fn rewrite_rows(
        &self,
        group: Group<'_>,
        rewrite: &dyn Rewrite,
    ) -> Result<Vec<CommitOutcome>, StoreError> {
        let [changeset] = group.changesets else {
            return Err(StoreError::Unavailable("rows are rewritten with one changeset".to_owned()));
        };
        if self.slot().desk.is_none() {
            return Err(StoreError::ReadOnly);
        }
        let found = self.look_for(&changeset.tenant, rewrite.texts())?;
        self.rewrite_found(group, rewrite, found)
    }

    fn look_for(&self, tenant: &TenantKey, texts: &[String]) -> Result<Found, StoreError> {
        self.read(|db| match self.tenant_no(db, tenant)? {
            Some(tenant) => Seek { db, tenant, texts }.first(),
            None => Ok(Found::default()),
        })
    }

    fn rewrite_found(
        &self,
        group: Group<'_>,
        rewrite: &dyn Rewrite,
        found: Found,
    ) -> Result<Vec<CommitOutcome>, StoreError> {
        let mut slot = self.slot();
        let site = self.take_turn(&mut slot)?;
        let outcome = self.rewrite_in_turn(&mut slot, &site, group, rewrite, found);
        if !matches!(outcome, Ok(_) | Err(StoreError::Busy(_))) {
            // Whatever state the connection is in, it ends with it.
            slot.unlink();
        }
        site.guard.allow_recovery();
        // An error of unlocking is one of closing the lock file, too: the next take meets it.
        let _ = slot.desk.as_mut().map(|desk| desk.turn.give_back());
        outcome
    }

    fn rewrite_in_turn(
        &self,
        slot: &mut Slot,
        site: &Arc<Site>,
        group: Group<'_>,
        rewrite: &dyn Rewrite,
        found: Found,
    ) -> Result<Vec<CommitOutcome>, StoreError> {
        let _inside = enter();
        let at = |fault: Fault| fault.at(self.path());
        let mut patience = site.patience();
        self.connect(slot, site)?;
        let Slot { link: Some(link), desk: Some(desk) } = slot else { return Err(StoreError::ReadOnly) };
        let [changeset] = group.changesets else { return Ok(Vec::new()) };
        let names = self.intern(&link.db, site, group, &mut patience).map_err(at)?;
        forget(&link.db, Forgets::All).map_err(|error| at(error.into()))?;
        let outcome = begin(&link.db, site, &mut patience).map_err(at).and_then(|()| {
            let more = || self.rewrite_all(&link.db, names.of(changeset), changeset, rewrite, found);
            self.write_and(link, desk, group, (&names, &mut patience), more)
        });
        // Forgetting too much costs pages, no more.
        let _ = forget(&link.db, Forgets::Cells);
        if outcome.as_deref() == Ok(&[CommitOutcome::Committed]) {
            self.empty_log(link, desk, patience.left());
        }
        outcome
    }

    /// The log holds pages as they were. Where others read all the time it forgets them with a later checkpoint.
    fn empty_log(&self, link: &Link, desk: &Desk, most: Duration) {
        self.without_readers(desk, most, || {
            link.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).is_ok()
        });
    }

    /// Rewrites within the open transaction; `false` where a new key is taken.
    fn rewrite_all(
        &self,
        db: &Connection,
        tenant: i64,
        changeset: &Changeset,
        rewrite: &dyn Rewrite,
        mut found: Found,
    ) -> Result<bool, StoreError> {
        let at = |fault: Fault| fault.at(self.path());
        let seek = Seek { db, tenant, texts: rewrite.texts() };
        seek.since(&mut found).map_err(at)?;
        let mut load = |key| {
            let mut rows = self.find_all(db, &[Lookup::exact(&changeset.tenant, key)]).map_err(at)?;
            Ok(rows.pop().flatten())
        };
        let mut rows = seek.all(&found).map_err(at)?;
        let mut cards: BTreeSet<CardId> = rows.iter().filter_map(|stored| about_card(&stored.record)).collect();
        for stored in seek.cards_held().map_err(at)? {
            if let Record::Card(card) = &stored.record {
                cards.remove(&card.id);
            }
            rows.push(stored);
        }
        for card in cards {
            rows.extend(load(Key::Card(card))?.map(|stored| Stored::clone(&stored)));
        }
        let becomes = rows.into_iter().map(|stored| rewrite.row(&stored, &mut load).map(|becomes| (stored, becomes)));
        let mut becomes: Vec<_> = becomes.collect::<Result<_, _>>()?;
        for card in passed_over(&becomes) {
            if let Some(stored) = load(Key::Card(card))? {
                becomes.push((Stored::clone(&stored), Rewritten::New(stored.record.clone())));
            }
        }
        let mut held = Held::new(db);
        for (stored, becomes) in becomes {
            let stands = match becomes {
                Rewritten::Same => true,
                Rewritten::Gone => self.take_out(&mut held, tenant, &stored.record).map_err(at)?,
                Rewritten::New(record) => {
                    self.put_in_place(&mut held, tenant, changeset, &stored, record).map_err(at)?
                }
            };
            if !stands {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn take_out(&self, held: &mut Held<'_>, tenant: i64, record: &Record) -> Result<bool, Fault> {
        let tenant = Value::Int(tenant);
        let (sql, values) = match record {
            Record::Linked(linked) => (
                "DELETE FROM linked WHERE tenant = ?1 AND subject = ?2",
                vec![tenant, Value::Text(linked.subject.as_str())],
            ),
            Record::Audience(member) => (
                "DELETE FROM audience WHERE tenant = ?1 AND campaign = ?2 AND subject = ?3",
                vec![tenant, Value::Text(&member.campaign), Value::Text(member.subject.as_str())],
            ),
            _ => return Err(Fault::Refused("a row cannot go that is no link and in no audience".to_owned())),
        };
        Ok(self.run(held.get(sql)?, &values)? == 1)
    }

    fn put_in_place(
        &self,
        held: &mut Held<'_>,
        tenant: i64,
        changeset: &Changeset,
        was: &Stored,
        record: Record,
    ) -> Result<bool, Fault> {
        let now = |record| Write { expect: Expect::Version(was.version), record };
        match (&was.record, record) {
            (Record::Account(was), Record::Account(account)) => {
                let (before, after) = (was.owner.text(), account.owner.text());
                let values = [Value::Int(tenant), Value::Owned(before), Value::Text(&was.unit), Value::Owned(after)];
                Ok(self.run(held.get(ACCOUNT_RENAME)?, &values)? == 1)
            }
            (Record::AccountHeld(was), Record::AccountHeld(account)) => {
                let values = [Value::Int(tenant), Value::Owned(was.owner.text()), Value::Text(&was.unit)];
                let gone = self.run(held.get(ACCOUNT_HELD_DELETE)?, &values)? == 1;
                let write = Write { expect: Expect::Absent, record: Record::AccountHeld(account) };
                Ok(gone && self.write(held, tenant, changeset.version, &write)?)
            }
            (Record::Event(_), Record::Event(stored)) => {
                let Some(writer) = self.writer_no(held.db(), stored.writer)? else { return Ok(false) };
                let values = redacted_values(writer, &stored)?;
                Ok(self.run(held.get(EVENT_REDACT)?, &values)? == 1)
            }
            (was, record) if was.key() == record.key() => self.write(held, tenant, changeset.version, &now(record)),
            _ => Err(Fault::Refused("a row cannot get another key".to_owned())),
        }
    }
}

const ACCOUNT_RENAME: &str = "UPDATE OR IGNORE account SET owner = ?4 WHERE tenant = ?1 AND owner = ?2 AND unit = ?3";

const ACCOUNT_HELD_DELETE: &str = "DELETE FROM account_held WHERE tenant = ?1 AND owner = ?2 AND unit = ?3";

/// Cards that stay as they are, and that rewritten rows are about.
fn passed_over(becomes: &[(Stored, Rewritten)]) -> BTreeSet<CardId> {
    let (mut about, mut written) = (BTreeSet::new(), BTreeSet::new());
    for (stored, _) in becomes.iter().filter(|(_, becomes)| *becomes != Rewritten::Same) {
        about.extend(about_card(&stored.record));
        if let Record::Card(card) = &stored.record {
            written.insert(card.id);
        }
    }
    about.difference(&written).copied().collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::Options;
    use cardmint::card::{Event, EventKind, Origin, Redemption, Target};
    use cardmint::code::World;
    use cardmint::id::Version;
    use cardmint::store::{Fence, LoadRow, Stands, Store};
    use cardmint::time::Instant;

    /// Remembers what it is asked about.
    struct Asked(Vec<String>, Mutex<BTreeSet<Key>>);

    impl Rewrite for Asked {
        fn texts(&self) -> &[String] {
            &self.0
        }

        fn row(&self, stored: &Stored, _: &mut LoadRow<'_>) -> Result<Rewritten, StoreError> {
            self.1.lock().unwrap().insert(stored.record.key());
            Ok(Rewritten::Same)
        }
    }

    fn at() -> Instant {
        Instant::from_millis("at", 0).unwrap()
    }

    fn told(target: Target) -> Event {
        let kind = EventKind::Observed;
        let (facts, origin) = (String::new(), Origin::default());
        let (reason, request, entry, chain, redacted) = (None, None, None, [0; 16], None);
        Event { kind, at: at(), target, reason, origin, request, facts, entry, chain, redacted }
    }

    fn redemption(key: &str) -> Record {
        let json = format!(
            r#"{{"key": "{key}", "card": "16-1-1", "at": "1970-01-01T00:00:00Z", "order": "o", "holder": "customer:4711",
                "currency": "CNY", "pricing": {{"before_minor": 1, "discount_minor": 0, "payable_minor": 1, "allocations": [],
                "rounding": "half_up"}}, "segments": []}}"#
        );
        let redemption: Redemption = serde_json::from_str(&json).unwrap();
        Record::Redemption(redemption)
    }

    fn commit(store: &SqliteStore, place: (u64, u64), version: u64, writes: Vec<Write>, events: Vec<Event>) {
        let (after, moves, version) = (Vec::new(), Vec::new(), Version(version));
        let changesets = [Changeset { tenant: tenant(), version, after, guards: Vec::new(), writes, moves, events }];
        let (writer, first_event) = place;
        let group = Group { writer, first_event, changesets: &changesets, stands: Stands::default() };
        assert_eq!(store.commit(group).unwrap(), [CommitOutcome::Committed]);
    }

    fn tenant() -> TenantKey {
        TenantKey::new("t", World::Live)
    }

    /// Between the look without lock and the lock: events of known and of new writers, redemptions, and one in a fence's place.
    #[test]
    fn what_came_since_the_first_look_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("shop.db"), Options::default()).unwrap();
        let her = || told(Target::Named("customer:4711".to_owned()));
        let write = |expect, record| Write { expect, record };
        let fence =
            |key: &str| write(Expect::Absent, Record::Fence(Fence { key: key.to_owned(), digest: [1; 16], at: at() }));
        commit(&store, (7, 0), 1, vec![fence("r-1"), fence("r-2")], vec![her(), told(Target::Tenant)]);
        let asked = Asked(vec!["customer:4711".to_owned()], Mutex::default());
        let found = store.look_for(&tenant(), asked.texts()).unwrap();
        let replaced = write(Expect::Version(Version(1)), redemption("r-1"));
        commit(&store, (7, 2), 2, vec![replaced], vec![told(Target::Tenant), her()]);
        commit(&store, (8, 0), 3, vec![write(Expect::Absent, redemption("r-3"))], vec![her()]);
        let nothing = Changeset {
            tenant: tenant(),
            version: Version(4),
            after: Vec::new(),
            guards: Vec::new(),
            writes: Vec::new(),
            moves: Vec::new(),
            events: Vec::new(),
        };
        let group = Group { writer: 9, first_event: 0, changesets: &[nothing], stands: Stands::default() };
        store.rewrite_found(group, &asked, found).unwrap();
        let events = [(7, 0), (7, 3), (8, 0)].map(|(writer, n)| Key::Event(writer, n));
        let redemptions = ["r-1", "r-2", "r-3"].map(|key| Key::Redemption(key.to_owned()));
        assert_eq!(*asked.1.lock().unwrap(), events.into_iter().chain(redemptions).collect());
    }
}
