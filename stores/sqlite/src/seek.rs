//! Looking for the rows that hold a text.
//!
//! The two long tables that only ever grow are looked through before the turn to write is taken; under it only what came since.
//! The others are looked through under it.

use std::collections::BTreeMap;

use cardmint::store::Stored;
use rusqlite::{Connection, Row};

use crate::error::Fault;
use crate::rows::{
    ACCOUNT_COLUMNS, ACCOUNT_HELD, AUDIENCE, CARD, EVENT_COLUMNS, HOLD, LINKED, N_BITS, REDEMPTION, Table, Value,
    read_account, read_event,
};

/// What was found before the turn was taken: rows of the tables that grow, and how far these had come.
#[derive(Default)]
pub(crate) struct Found {
    events: Vec<i64>,
    /// The last place of each writer.
    ends: BTreeMap<i64, i64>,
    redemptions: Vec<i64>,
    redemptions_end: i64,
}

/// Looks for texts in columns.
pub(crate) struct Seek<'a> {
    pub(crate) db: &'a Connection,
    pub(crate) tenant: i64,
    pub(crate) texts: &'a [String],
}

const EVENT_TEXTS: [&str; 4] = ["name", "reason", "origin", "facts"];
const REDEMPTION_TEXTS: [&str; 2] = ["holder", "counted"];

impl Seek<'_> {
    /// Rows for which this holds. `?1` is the tenant, then come the texts, then these numbers.
    fn rows<T>(
        &self,
        select: &str,
        holds: &str,
        numbers: &[i64],
        read: impl Fn(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let mut statement = self.db.prepare_cached(&format!("{select} WHERE +tenant = ?1 AND ({holds})"))?;
        let texts = self.texts.iter().map(|text| Value::Text(text));
        let values =
            std::iter::once(Value::Int(self.tenant)).chain(texts).chain(numbers.iter().copied().map(Value::Int));
        // Not all of them are in every statement.
        let most = statement.parameter_count();
        for (place, value) in values.enumerate().take(most) {
            statement.raw_bind_parameter(place + 1, value)?;
        }
        let (mut rows, mut found) = (statement.raw_query(), Vec::new());
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    }

    /// One of the texts stands in one of the columns.
    fn in_any(&self, columns: &[&str]) -> String {
        let marks = 2..2 + self.texts.len();
        let all =
            columns.iter().flat_map(|column| marks.clone().map(move |mark| format!("instr({column}, ?{mark}) > 0")));
        all.collect::<Vec<_>>().join(" OR ")
    }

    /// The place of the n-th number behind the texts.
    fn number(&self, n: usize) -> usize {
        2 + self.texts.len() + n
    }

    fn numbers(&self, table: &str, column: &str, holds: &str, numbers: &[i64]) -> Result<Vec<i64>, Fault> {
        self.rows(&format!("SELECT {column} FROM {table}"), holds, numbers, |row| Ok(row.get(0)?))
    }

    fn ends(&self) -> Result<BTreeMap<i64, i64>, Fault> {
        let sql = format!(
            "SELECT no, coalesce((SELECT place FROM event WHERE place >= no << {N_BITS} AND place < (no + 1) << {N_BITS} \
             ORDER BY place DESC LIMIT 1), (no << {N_BITS}) - 1) FROM writer"
        );
        let mut statement = self.db.prepare(&sql)?;
        let ends = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
        Ok(ends)
    }

    /// A look at the tables that grow. A fence stands where a redemption may come, so it is looked at again in any case.
    pub(crate) fn first(&self) -> Result<Found, Fault> {
        let redemptions = format!("order_id = '' OR {}", self.in_any(&REDEMPTION_TEXTS));
        let last = "SELECT coalesce(max(rowid), 0) FROM redemption";
        Ok(Found {
            events: self.numbers("event", "place", &self.in_any(&EVENT_TEXTS), &[])?,
            ends: self.ends()?,
            redemptions: self.numbers("redemption", "rowid", &redemptions, &[])?,
            redemptions_end: self.db.query_row(last, [], |row| row.get(0))?,
        })
    }

    /// What came since.
    pub(crate) fn since(&self, found: &mut Found) -> Result<(), Fault> {
        let (from, to) = (self.number(0), self.number(1));
        let events = format!("place > ?{from} AND place < ?{to} AND ({})", self.in_any(&EVENT_TEXTS));
        for no in self.ends()?.into_keys() {
            let end = found.ends.get(&no).copied().unwrap_or((no << N_BITS) - 1);
            found.events.extend(self.numbers("event", "place", &events, &[end, (no + 1) << N_BITS])?);
        }
        let redemptions = format!("rowid > ?{from} AND ({})", self.in_any(&REDEMPTION_TEXTS));
        found.redemptions.extend(self.numbers("redemption", "rowid", &redemptions, &[found.redemptions_end])?);
        Ok(())
    }

    fn whole(&self, table: &'static Table, holds: &str, numbers: &[i64]) -> Result<Vec<Stored>, Fault> {
        self.rows(&format!("SELECT {} FROM {}", table.columns, table.name), holds, numbers, |row| table.stored(row))
    }

    /// Every row that may hold one of the texts, but for cards that only events tell of.
    pub(crate) fn all(&self, found: &Found) -> Result<Vec<Stored>, Fault> {
        let number = format!("?{}", self.number(0));
        let mut all = Vec::new();
        let events = format!("SELECT {} FROM event", *EVENT_COLUMNS);
        for place in &found.events {
            all.extend(self.rows(&events, &format!("place = {number}"), &[*place], read_event)?);
        }
        for rowid in &found.redemptions {
            all.extend(self.whole(&REDEMPTION, &format!("rowid = {number}"), &[*rowid])?);
        }
        let accounts = format!("SELECT {ACCOUNT_COLUMNS} FROM account");
        all.extend(self.rows(&accounts, &self.in_any(&["owner"]), &[], read_account)?);
        all.extend(self.whole(&ACCOUNT_HELD, &self.in_any(&["owner"]), &[])?);
        all.extend(self.whole(&HOLD, &self.in_any(&["holder", "counters"]), &[])?);
        all.extend(self.whole(&LINKED, &self.in_any(&["subject", "person"]), &[])?);
        all.extend(self.whole(&AUDIENCE, &self.in_any(&["subject"]), &[])?);
        Ok(all)
    }

    /// Cards by their holder: as the index has them.
    pub(crate) fn cards_held(&self) -> Result<Vec<Stored>, Fault> {
        let marks: Vec<String> = (2..2 + self.texts.len()).map(|mark| format!("?{mark}")).collect();
        // An index that leads with the tenant is used for nothing else here.
        let holds = format!("tenant = ?1 AND holder IN ({})", marks.join(", "));
        self.whole(&CARD, &holds, &[])
    }
}
