//! Committing a group, and moving the log into the database.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use cardmint::id::Version;
use cardmint::store::{Changeset, CommitOutcome, Expect, Group, Guard, Lookup, StoreError, TenantKey, Write, fall_out};
use rusqlite::wal::CheckpointMode;
use rusqlite::{CachedStatement, Connection};

use crate::error::{Fault, busy};
use crate::held::Held;
use crate::link::{Link, Site, Standing, unavailable};
use crate::locks::{Patience, wait};
use crate::order::{self, Shift};
use crate::quiet::enter;
use crate::rows::{
    CARD, EVENT_INSERT, MOVE, MOVE_ON, Value, bits, event_values, move_values, place_of, run, values_of,
};
use crate::store::{Desk, Slot, SqliteStore};

/// A page of the log and the header before it.
const LOG_PAGE_BYTES: u64 = 4_096 + 24;

impl SqliteStore {
    pub(crate) fn commit_group(&self, group: Group<'_>) -> Result<Vec<CommitOutcome>, StoreError> {
        let mut slot = self.slot();
        if slot.desk.is_none() {
            return Err(StoreError::ReadOnly);
        }
        if group.changesets.is_empty() {
            return Ok(Vec::new());
        }
        let site = self.take_turn(&mut slot)?;
        let mut patience = site.patience();
        // Busy in spite of our turn: another program writes, or a foreign reader holds one of SQLite's locks for a moment.
        let outcome = loop {
            match self.commit_in_turn(&mut slot, &site, group, &mut patience) {
                Err(StoreError::Busy(_)) if patience.nap() => {}
                decided => break decided,
            }
        };
        if !matches!(outcome, Ok(_) | Err(StoreError::Busy(_))) {
            // Whatever state the connection is in, it ends with it.
            slot.unlink();
        }
        site.guard.allow_recovery();
        // An error of unlocking is one of closing the lock file, too: the next take meets it.
        let _ = slot.desk.as_mut().map(|desk| desk.turn.give_back());
        outcome
    }

    /// Takes the turn to write and looks, before anything is written, whether our files are still the files of the path.
    pub(crate) fn take_turn(&self, slot: &mut Slot) -> Result<Arc<Site>, StoreError> {
        for _ in 0..3 {
            // A look before the turn is ours says nothing of what is there when it is.
            let site = self.site_now().map_or_else(|| self.sound_site(slot), Ok)?;
            let Some(desk) = slot.desk.as_mut() else { return Err(StoreError::ReadOnly) };
            match desk.turn.take(&mut site.patience()) {
                Ok(true) => {}
                Ok(false) => return Err(busy(self.path())),
                Err(error) => return Err(unavailable(self.path(), &format!("cannot be locked ({error})"))),
            }
            if site.stands() == Standing::Same {
                return Ok(site);
            }
            let _ = desk.turn.give_back();
            self.sound_site(slot)?;
        }
        Err(unavailable(self.path(), "loses its write-ahead log again and again; find what removes it"))
    }

    /// The same where the turn is free at this moment, and nothing is amiss with the files.
    pub(crate) fn take_turn_if_free(&self, slot: &mut Slot) -> Result<Option<Arc<Site>>, StoreError> {
        let (Some(site), Some(desk)) = (self.site_now(), slot.desk.as_mut()) else { return Ok(None) };
        let taken = desk.turn.take_if_free();
        if !taken.map_err(|error| unavailable(self.path(), &format!("cannot be locked ({error})")))? {
            return Ok(None);
        }
        if site.stands() == Standing::Same {
            return Ok(Some(site));
        }
        let _ = desk.turn.give_back();
        Ok(None)
    }

    fn commit_in_turn(
        &self,
        slot: &mut Slot,
        site: &Arc<Site>,
        group: Group<'_>,
        patience: &mut Patience,
    ) -> Result<Vec<CommitOutcome>, StoreError> {
        let _inside = enter();
        let at = |fault: Fault| fault.at(self.path());
        self.connect(slot, site)?;
        let Slot { link: Some(link), desk: Some(desk) } = slot else { return Err(StoreError::ReadOnly) };
        let names = self.intern(&link.db, site, group, patience).map_err(at)?;
        begin(&link.db, site, patience).map_err(at)?;
        self.write_group(link, desk, group, &names, patience)
    }

    /// Makes sure that the connection that writes is one to these files.
    pub(crate) fn connect(&self, slot: &mut Slot, site: &Arc<Site>) -> Result<(), StoreError> {
        if slot.link.as_ref().is_none_or(|link| !Arc::ptr_eq(&link.site, site)) {
            slot.link = None;
            slot.link = Some(Link::open(site, true)?);
        }
        Ok(())
    }

    /// Applies a group in the transaction that was begun, and commits it.
    pub(crate) fn write_group(
        &self,
        link: &Link,
        desk: &mut Desk,
        group: Group<'_>,
        names: &Names,
        patience: &mut Patience,
    ) -> Result<Vec<CommitOutcome>, StoreError> {
        self.write_and(link, desk, group, (names, patience), || Ok(true))
    }

    /// The same, and something more in the transaction; where that says no, the whole group falls out.
    pub(crate) fn write_and(
        &self,
        link: &Link,
        desk: &mut Desk,
        group: Group<'_>,
        (names, patience): (&Names, &mut Patience),
        more: impl FnOnce() -> Result<bool, StoreError>,
    ) -> Result<Vec<CommitOutcome>, StoreError> {
        let at = |fault: Fault| fault.at(self.path());
        let (db, site) = (&link.db, &link.site);
        let applied = self.apply(db, site, group, names, patience);
        let out = match applied {
            Ok(out) => out,
            Err(fault) => {
                roll_back(db);
                return Err(at(fault));
            }
        };
        let outcomes: Vec<_> = out.iter().map(|&out| outcome(out)).collect();
        if out.iter().all(|&out| out) {
            roll_back(db);
            return Ok(outcomes);
        }
        let more = more();
        if !matches!(more, Ok(true)) {
            roll_back(db);
            return more.map(|_| vec![CommitOutcome::Conflict; group.changesets.len()]);
        }
        // Asked last: waiting for the turn to write may have taken its time.
        if !group.stands.now() {
            roll_back(db);
            return Ok(vec![CommitOutcome::Conflict; group.changesets.len()]);
        }
        if let Err(error) = db.prepare_cached("COMMIT").and_then(|mut commit| commit.raw_execute()) {
            let fault = Fault::from(error);
            // Refused before it began: the transaction is still open, and nothing of it reached the log for good.
            if fault.is_busy() && !db.is_autocommit() {
                roll_back(db);
                return Err(busy(self.path()));
            }
            return Err(StoreError::OutcomeUnknown(format!("{}", at(fault))));
        }
        // A log that was removed while we wrote may hold our commit: it is not acknowledged.
        let Some(log_bytes) = site.log_in_place() else {
            return Err(StoreError::OutcomeUnknown(format!(
                "`{}`: something removed its write-ahead log during a commit",
                self.path().display()
            )));
        };
        self.checkpoint_when_due(link, desk, log_bytes);
        Ok(outcomes)
    }

    /// The small numbers of the group's tenants and writer. New ones are made durable on their own, before the group: its
    /// transaction holds nothing but its changesets.
    pub(crate) fn intern(
        &self,
        db: &Connection,
        site: &Site,
        group: Group<'_>,
        patience: &mut Patience,
    ) -> Result<Names, Fault> {
        let known = |names: &mut Names| -> Result<bool, Fault> {
            for changeset in group.changesets {
                if !names.tenants.contains_key(&changeset.tenant) {
                    match self.tenant_no(db, &changeset.tenant)? {
                        Some(no) => names.tenants.insert(changeset.tenant.clone(), no),
                        None => return Ok(false),
                    };
                }
            }
            if group.changesets.iter().any(|changeset| !changeset.events.is_empty()) {
                match self.writer_no(db, group.writer)? {
                    Some(no) => names.writer = Some(no),
                    None => return Ok(false),
                }
            }
            Ok(true)
        };
        let mut names = Names::default();
        if known(&mut names)? {
            return Ok(names);
        }
        begin(db, site, patience)?;
        let made = (|| {
            let mut tenant = db.prepare_cached("INSERT INTO tenant (name) VALUES (?1) ON CONFLICT DO NOTHING")?;
            let mut fresh: Vec<&TenantKey> = group.changesets.iter().map(|changeset| &changeset.tenant).collect();
            fresh.sort();
            fresh.dedup();
            for name in fresh {
                self.count(1);
                tenant.execute([name.as_str()])?;
            }
            self.count(1);
            let mut writer = db.prepare_cached("INSERT INTO writer (bits) VALUES (?1) ON CONFLICT DO NOTHING")?;
            writer.execute([group.writer.cast_signed()])?;
            db.prepare_cached("COMMIT")?.raw_execute()
        })();
        if let Err(error) = made {
            roll_back(db);
            return Err(error.into());
        }
        if known(&mut names)? { Ok(names) } else { Err(Fault::Row("a tenant or writer that was just written".into())) }
    }

    /// Applies the group within the open transaction and says who falls out.
    fn apply(
        &self,
        db: &Connection,
        site: &Site,
        group: Group<'_>,
        names: &Names,
        patience: &mut Patience,
    ) -> Result<Vec<bool>, Fault> {
        let mut conflicts = vec![false; group.changesets.len()];
        let mut held = Held::new(db);
        let mut n = group.first_event;
        let guarded = order::guards(group.changesets);
        let smooth = match guarded {
            Some(guards) => {
                self.all_stand(db, &guards)? && self.apply_all(&mut held, group.changesets, names, &mut n)?
            }
            None => false,
        };
        if smooth && !fall_out(group.changesets, &conflicts).contains(&true) {
            return Ok(conflicts);
        }
        // Rare: somebody falls out. From the start again, each member under a savepoint of its own, so that the group is
        // gone through once more and not once for every conflict.
        roll_back(db);
        begin(db, site, patience)?;
        let mut n = group.first_event;
        for (place, changeset) in group.changesets.iter().enumerate() {
            if fall_out(group.changesets, &conflicts).get(place) == Some(&true) {
                continue;
            }
            let before = n;
            self.plain(db, "SAVEPOINT member")?;
            let at = |guard: &Guard| (Lookup::exact(&changeset.tenant, guard.key()), guard.clone());
            let guards: Vec<_> = changeset.guards.iter().map(at).collect();
            if !self.all_stand(db, &guards)? || !self.apply_one(&mut held, changeset, names, &mut n)? {
                n = before;
                self.plain(db, "ROLLBACK TO member")?;
                if let Some(conflict) = conflicts.get_mut(place) {
                    *conflict = true;
                }
            }
            self.plain(db, "RELEASE member")?;
        }
        Ok(fall_out(group.changesets, &conflicts))
    }

    /// Whether what is guarded is as it was seen. Nobody else writes while we do, so that a look is enough.
    fn all_stand(&self, db: &Connection, guards: &[(Lookup, Guard)]) -> Result<bool, Fault> {
        if guards.is_empty() {
            return Ok(true);
        }
        let lookups: Vec<Lookup> = guards.iter().map(|(lookup, _)| lookup.clone()).collect();
        let found = self.find_all(db, &lookups)?;
        Ok(guards.iter().zip(&found).all(|((_, guard), found)| guard.stands(found.as_deref())))
    }

    fn plain(&self, db: &Connection, sql: &str) -> Result<(), Fault> {
        self.count(1);
        db.prepare_cached(sql)?.raw_execute()?;
        Ok(())
    }

    /// Applies all of a group, its rows in the order of their keys and its accounts last; `false`, and a part of it, where
    /// anything was not as somebody expected.
    fn apply_all(
        &self,
        held: &mut Held<'_>,
        changesets: &[Changeset],
        names: &Names,
        n: &mut u64,
    ) -> Result<bool, Fault> {
        for (changeset, write) in order::writes(changesets) {
            if !self.write(held, names.of(changeset), changeset.version, write)? {
                return Ok(false);
            }
        }
        for changeset in changesets {
            if !self.append(held, changeset, names, n)? {
                return Ok(false);
            }
        }
        for shift in order::shifts(changesets) {
            if !self.shift(held, names.of(shift.changeset), &shift)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Applies a changeset; `false`, and a half of it, where something was not as it expected.
    fn apply_one(&self, held: &mut Held<'_>, changeset: &Changeset, names: &Names, n: &mut u64) -> Result<bool, Fault> {
        let tenant = names.of(changeset);
        for write in &changeset.writes {
            if !self.write(held, tenant, changeset.version, write)? {
                return Ok(false);
            }
        }
        for step in &changeset.moves {
            if !self.shift(held, tenant, &Shift::of(changeset, step))? {
                return Ok(false);
            }
        }
        self.append(held, changeset, names, n)
    }

    pub(crate) fn write(
        &self,
        held: &mut Held<'_>,
        tenant: i64,
        version: Version,
        write: &Write,
    ) -> Result<bool, Fault> {
        let Some((table, mut values)) = values_of(tenant, version, &write.record)? else {
            return Err(Fault::Refused("accounts are moved and events appended, neither is written".into()));
        };
        let changed = match write.expect {
            Expect::Absent => self.run(held.get(&table.insert)?, &values)?,
            Expect::Version(version) => {
                values.push(Value::Int(bits(version)));
                // A card keeps its holder in most changes; then its index needs no touch.
                let rest = if table.name == CARD.name { self.run(held.get(&table.update_rest)?, &values)? } else { 0 };
                if rest == 1 { 1 } else { self.run(held.get(&table.update)?, &values)? }
            }
        };
        Ok(changed == 1)
    }

    fn shift(&self, held: &mut Held<'_>, tenant: i64, shift: &Shift<'_>) -> Result<bool, Fault> {
        let values = move_values(tenant, shift);
        Ok(self.run(held.get(MOVE_ON)?, &values)? == 1 || self.run(held.get(MOVE)?, &values)? == 1)
    }

    fn append(&self, held: &mut Held<'_>, changeset: &Changeset, names: &Names, n: &mut u64) -> Result<bool, Fault> {
        let tenant = names.of(changeset);
        for event in &changeset.events {
            let place = names.writer.and_then(|writer| place_of(writer, *n));
            let place = place.ok_or_else(|| Fault::Refused(format!("event {n} of a writer; the last is 2^40 - 1")))?;
            let values = event_values(place, tenant, event)?;
            if self.run(held.get(EVENT_INSERT)?, &values)? != 1 {
                return Ok(false);
            }
            *n += 1;
        }
        Ok(true)
    }

    pub(crate) fn run(&self, statement: &mut CachedStatement<'_>, values: &[Value<'_>]) -> Result<usize, Fault> {
        self.count(1);
        Ok(run(statement, values)?)
    }

    /// Moves the log into the database when it has grown long, at a moment when no process reads.
    fn checkpoint_when_due(&self, link: &Link, desk: &mut Desk, log_bytes: u64) {
        if log_bytes < u64::from(desk.checkpoint_at) * LOG_PAGE_BYTES {
            return;
        }
        // The file keeps its length when it is written from the start again; this says how much of it is new. No PRAGMA: that is
        // compiled anew in every call.
        let pages = |mode| link.db.wal_checkpoint_v2(None::<&str>, mode);
        let waiting =
            pages(CheckpointMode::NOOP).ok().and_then(|(log, done)| u32::try_from(log.saturating_sub(done)).ok());
        let Some(waiting) = waiting else { return };
        if waiting < desk.checkpoint_at {
            return;
        }
        // RESTART: the next commit writes the log from its start. Under our lock no reader of ours has a mark in it, whatever
        // became of SQLite's own locks.
        let alone = self.without_readers(desk, Duration::from_millis(50), || pages(CheckpointMode::RESTART));
        let every = link.site.options.checkpoint_pages.max(1);
        desk.checkpoint_at = match alone {
            Some(Ok((log, done))) if log == done => every,
            // A long read is in the way. Commits do not wait for it again and again, and the log grows meanwhile.
            Some(_) | None => waiting.saturating_add(every),
        };
    }

    pub(crate) fn without_readers<T>(&self, desk: &Desk, most: Duration, then: impl FnOnce() -> T) -> Option<T> {
        self.checkpointing.store(true, Ordering::Release);
        let alone = matches!(wait(|| desk.readers.try_lock(), &mut Patience::new(most)), Ok(true));
        let done = alone.then(then);
        if alone {
            let _ = desk.readers.unlock();
        }
        self.checkpointing.store(false, Ordering::Release);
        done
    }

    /// Best effort: with others at work, the log stays for them.
    pub(crate) fn checkpoint_at_close(&self) {
        let mut slot = self.slot();
        let Slot { link: Some(link), desk: Some(desk) } = &mut *slot else { return };
        if link.site.stands() != Standing::Same
            || !matches!(desk.turn.take(&mut Patience::new(Duration::ZERO)), Ok(true))
        {
            return;
        }
        // Emptying the log writes the index's header: nobody may rebuild it meanwhile.
        if matches!(link.site.guard.forbid_recovery(Duration::ZERO), Ok(true)) {
            self.without_readers(desk, Duration::from_millis(5), || {
                link.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).is_ok()
            });
            link.site.guard.allow_recovery();
        }
        let _ = desk.turn.give_back();
    }
}

#[derive(Default)]
pub(crate) struct Names {
    tenants: HashMap<TenantKey, i64>,
    writer: Option<i64>,
}

impl Names {
    pub(crate) fn of(&self, changeset: &Changeset) -> i64 {
        self.tenants.get(&changeset.tenant).copied().unwrap_or_default()
    }
}

fn outcome(out: bool) -> CommitOutcome {
    if out { CommitOutcome::Conflict } else { CommitOutcome::Committed }
}

/// IMMEDIATE: a transaction that reads first and writes later can fail with BUSY_SNAPSHOT, which waiting never cures.
pub(crate) fn begin(db: &Connection, site: &Site, patience: &mut Patience) -> Result<(), Fault> {
    if !db.is_autocommit() {
        roll_back(db);
    }
    loop {
        match db.prepare_cached("BEGIN IMMEDIATE")?.raw_execute() {
            Ok(_) => break,
            // Not one of ours, those take turns: some other program writes.
            Err(error) if crate::error::is_busy(&error) && patience.nap() => {}
            Err(error) => return Err(error.into()),
        }
    }
    match site.guard.forbid_recovery(patience.left()) {
        Ok(true) => Ok(()),
        Ok(false) => {
            roll_back(db);
            Err(Fault::Busy)
        }
        Err(error) => {
            roll_back(db);
            Err(Fault::Refused(format!("its log cannot be guarded ({error})")))
        }
    }
}

/// An error leaves nothing behind either: the connection is closed then.
pub(crate) fn roll_back(db: &Connection) {
    if !db.is_autocommit() {
        let _ = db.prepare_cached("ROLLBACK").and_then(|mut statement| statement.raw_execute());
    }
}
