//! The reference of durable redemptions: what a careful programmer writes by hand for SQLite.
//!
//! One connection, every statement prepared once, WAL, `synchronous=FULL`, the checkpoint where SQLite puts it. A redemption
//! inserts a card row, a redemption row and an event row and moves its holder's counter. It decides nothing: no rule is
//! evaluated, no code opened, no chain computed, no retry recognised. The rows are as wide as ours, so both sides
//! bring the same bytes to the same disk; the tables below say so column by column.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use rusqlite::{Connection, Statement};

use crate::harness::{Failure, to_f64};

/// What a column holds.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// The number of the redemption: rises by one.
    Serial,
    /// A number of the size of a time in milliseconds.
    Number,
    /// So many bytes, different in every row and in no order, as fresh ids are.
    Id(usize),
    /// So many characters, the same in every row.
    Text(usize),
    /// So many bytes of content.
    Blob(usize),
}

struct Table {
    name: &'static str,
    columns: &'static [(&'static str, Kind)],
    key: &'static str,
}

const CARD: Table = Table {
    name: "card",
    columns: &[
        ("tenant", Kind::Text(7)),
        ("batch", Kind::Text(16)),
        ("serial", Kind::Serial),
        ("version", Kind::Id(8)),
        ("state", Kind::Text(5)),
        ("uses_left", Kind::Number),
        ("holder", Kind::Text(24)),
        ("chain_head", Kind::Blob(32)),
        ("body", Kind::Blob(160)),
    ],
    key: "tenant, batch, serial",
};

const REDEMPTION: Table = Table {
    name: "redemption",
    columns: &[
        ("tenant", Kind::Text(7)),
        ("idempotency_key", Kind::Id(16)),
        ("payload_digest", Kind::Blob(32)),
        ("batch", Kind::Text(16)),
        ("serial", Kind::Serial),
        ("order_id", Kind::Id(16)),
        ("amount_minor", Kind::Number),
        ("at_ms", Kind::Number),
        ("reply", Kind::Blob(200)),
    ],
    key: "tenant, idempotency_key",
};

const EVENT: Table = Table {
    name: "event",
    columns: &[
        ("tenant", Kind::Text(7)),
        ("position", Kind::Serial),
        ("batch", Kind::Text(16)),
        ("serial", Kind::Serial),
        ("kind", Kind::Text(8)),
        ("at_ms", Kind::Number),
        ("chain", Kind::Blob(32)),
        ("body", Kind::Blob(240)),
    ],
    key: "tenant, position",
};

/// The counter rows, there before the clock starts.
const COUNTER_SCHEMA: &str = "CREATE TABLE counter (tenant TEXT NOT NULL, holder INTEGER NOT NULL, used INTEGER NOT NULL, \
                              version BLOB NOT NULL, PRIMARY KEY (tenant, holder)) STRICT, WITHOUT ROWID";
const COUNTER_FILL: &str = "INSERT INTO counter (tenant, holder, used, version) VALUES ('default', ?1, 0, zeroblob(8))";
const COUNTER_MOVE: &str = "UPDATE counter SET used = used + 1, version = ?2 WHERE tenant = 'default' AND holder = ?1";
const HOLDERS: u64 = 1_000;

/// Durable redemptions per second: `count` of them, `group` in each transaction, in a new database under `dir`.
pub fn rate(dir: &Path, count: u64, group: u64) -> Result<f64, Failure> {
    let folder = tempfile::tempdir_in(dir)?;
    let db = Connection::open(folder.path().join("reference.db"))?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    prepare_tables(&db)?;

    let mut card = Insert::new(&db, &CARD)?;
    let mut redemption = Insert::new(&db, &REDEMPTION)?;
    let mut event = Insert::new(&db, &EVENT)?;
    let mut counter = db.prepare(COUNTER_MOVE)?;
    let mut begin = db.prepare("BEGIN IMMEDIATE")?;
    let mut commit = db.prepare("COMMIT")?;

    let start = Instant::now();
    let mut done = 0;
    while done < count {
        begin.raw_execute()?;
        let end = count.min(done + group.max(1));
        for number in done..end {
            card.run(number)?;
            redemption.run(number)?;
            event.run(number)?;
            counter.raw_bind_parameter(1, signed(number % HOLDERS))?;
            counter.raw_bind_parameter(2, mix(number).to_be_bytes())?;
            counter.raw_execute()?;
        }
        commit.raw_execute()?;
        done = end;
    }
    let seconds = start.elapsed().as_secs_f64();

    check(&db, count)?;
    Ok(to_f64(count) / seconds)
}

fn prepare_tables(db: &Connection) -> Result<(), Failure> {
    for table in [&CARD, &REDEMPTION, &EVENT] {
        db.execute_batch(&table.schema())?;
    }
    db.execute_batch(COUNTER_SCHEMA)?;
    db.execute_batch("BEGIN")?;
    let mut fill = db.prepare(COUNTER_FILL)?;
    for holder in 0..HOLDERS {
        fill.execute([signed(holder)])?;
    }
    db.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

/// Everything that was timed is there.
fn check(db: &Connection, count: u64) -> Result<(), Failure> {
    for table in [&CARD, &REDEMPTION, &EVENT] {
        let rows: i64 = db.query_row(&format!("SELECT count(*) FROM {}", table.name), [], |row| row.get(0))?;
        if rows != signed(count) {
            return Err(format!("{} holds {rows} rows of {count}", table.name).into());
        }
    }
    let used: i64 = db.query_row("SELECT sum(used) FROM counter", [], |row| row.get(0))?;
    let journal: String = db.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    let synchronous: i64 = db.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
    if used != signed(count) || journal != "wal" || synchronous != 2 {
        return Err(format!("counters at {used} of {count}, journal {journal}, synchronous {synchronous}").into());
    }
    Ok(())
}

impl Table {
    fn schema(&self) -> String {
        let mut sql = format!("CREATE TABLE {} (", self.name);
        for (name, kind) in self.columns {
            let of_sql = match kind {
                Kind::Serial | Kind::Number => "INTEGER",
                Kind::Text(_) => "TEXT",
                Kind::Id(_) | Kind::Blob(_) => "BLOB",
            };
            let _ = write!(sql, "{name} {of_sql} NOT NULL, ");
        }
        let _ = write!(sql, "PRIMARY KEY ({})) STRICT, WITHOUT ROWID", self.key);
        sql
    }

    fn insert(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        let marks = vec!["?"; names.len()];
        format!("INSERT INTO {} ({}) VALUES ({})", self.name, names.join(", "), marks.join(", "))
    }
}

/// A prepared insert with the bytes of its row.
struct Insert<'db> {
    statement: Statement<'db>,
    columns: Vec<(Kind, Bytes)>,
}

enum Bytes {
    None,
    Text(String),
    Blob(Vec<u8>),
}

impl<'db> Insert<'db> {
    fn new(db: &'db Connection, table: &Table) -> Result<Self, Failure> {
        let bytes = |kind: &Kind| match *kind {
            Kind::Serial | Kind::Number => Bytes::None,
            // The tenant of every row; longer texts are it and more.
            Kind::Text(size) => Bytes::Text("default".chars().cycle().take(size).collect()),
            Kind::Id(size) | Kind::Blob(size) => Bytes::Blob(vec![0xa5; size]),
        };
        let columns = table.columns.iter().map(|(_, kind)| (*kind, bytes(kind))).collect();
        Ok(Self { statement: db.prepare(&table.insert())?, columns })
    }

    fn run(&mut self, number: u64) -> Result<(), Failure> {
        for (index, (kind, bytes)) in self.columns.iter_mut().enumerate() {
            let parameter = index + 1;
            match bytes {
                Bytes::Text(text) => self.statement.raw_bind_parameter(parameter, text.as_str())?,
                Bytes::Blob(blob) => {
                    // Ids scatter, content merely differs.
                    let salt = if matches!(kind, Kind::Id(_)) { mix(number) } else { number };
                    if let Some(head) = blob.first_chunk_mut() {
                        *head = salt.to_be_bytes();
                    }
                    self.statement.raw_bind_parameter(parameter, blob.as_slice())?;
                }
                Bytes::None => {
                    let base = if matches!(kind, Kind::Number) { 1_700_000_000_000 } else { 0 };
                    self.statement.raw_bind_parameter(parameter, base + signed(number))?;
                }
            }
        }
        self.statement.raw_execute()?;
        Ok(())
    }
}

/// Scatters counting numbers over 64 bits without collisions (the finisher of splitmix64).
const fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Counts of work are small.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn groups_that_do_not_divide_the_count_write_every_row() {
        for group in [1, 4, 64] {
            assert!(rate(&std::env::temp_dir(), 10, group).expect("the reference runs") > 0.0);
        }
    }
}
