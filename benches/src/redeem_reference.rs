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
pub enum Kind {
    /// The number of the redemption: rises by one.
    Serial,
    /// A number of the size of a time in milliseconds.
    Number,
    /// 64 bits in no order, as fresh versions are.
    Bits,
    /// The same small number in every row.
    Small(i64),
    /// So many characters, different in every row and in no order, as ids and keys are.
    Id(usize),
    /// So many characters, rising by one as order numbers do.
    Rising(usize),
    /// So many characters, the same in every row.
    Text(usize),
    /// So many bytes of content.
    Blob(usize),
    /// Nothing: a column that this redemption does not use.
    Null,
}

pub struct Table {
    pub name: &'static str,
    pub columns: &'static [(&'static str, Kind)],
    pub key: &'static str,
    /// Whether the key's tree holds the row, too.
    pub without_rowid: bool,
    /// Other trees that the row stands in.
    pub indexes: &'static [&'static str],
}

/// 16 × 2^24: the first batch of codes of 16 symbols.
pub const BATCH: Kind = Kind::Small(16 << 24);

const CARD: Table = Table {
    name: "card",
    columns: &[
        ("tenant", Kind::Small(1)),
        ("batch", BATCH),
        ("serial", Kind::Serial),
        ("version", Kind::Bits),
        ("holder", Kind::Null),
        ("state", Kind::Small(3)),
        ("unspent_state", Kind::Small(1)),
        ("channel", Kind::Null),
        ("issue_no", Kind::Small(0)),
        ("uses_left", Kind::Small(0)),
        ("claimed_at", Kind::Null),
        ("expires_at", Kind::Null),
        ("frozen", Kind::Null),
        ("parameters", Kind::Null),
        ("origin", Kind::Null),
        ("last_at", Kind::Number),
        ("events", Kind::Small(1)),
        ("chain", Kind::Blob(16)),
    ],
    key: "tenant, batch, serial",
    without_rowid: true,
    indexes: &["tenant, batch, state, serial"],
};

const REDEMPTION: Table = Table {
    name: "redemption",
    columns: &[
        ("tenant", Kind::Small(1)),
        ("idempotency_key", Kind::Id(16)),
        ("version", Kind::Bits),
        ("digest", Kind::Blob(16)),
        ("batch", BATCH),
        ("serial", Kind::Serial),
        ("at", Kind::Number),
        ("order_id", Kind::Rising(16)),
        ("holder", Kind::Text(13)),
        ("currency", Kind::Text(3)),
        ("before_minor", Kind::Small(23_400)),
        ("discount_minor", Kind::Small(4_680)),
        ("payable_minor", Kind::Small(18_720)),
        // Two lines with what they cost and what comes off: the shares of the discount, frozen.
        ("allocations", Kind::Text(40)),
        ("rounding", Kind::Small(0)),
        ("campaign", Kind::Null),
        ("store", Kind::Null),
        ("channel", Kind::Null),
        ("source", Kind::Null),
        ("operator", Kind::Null),
        ("ordered_at", Kind::Null),
        ("new_customer", Kind::Null),
        ("segments", Kind::Null),
    ],
    key: "tenant, idempotency_key",
    without_rowid: false,
    indexes: &["tenant, order_id, idempotency_key", "tenant, batch, serial, idempotency_key"],
};

const EVENT: Table = Table {
    name: "event",
    columns: &[
        ("place", Kind::Serial),
        ("tenant", Kind::Small(1)),
        ("kind", Kind::Small(15)),
        ("at", Kind::Number),
        ("batch", BATCH),
        ("serial", Kind::Serial),
        ("card_place", Kind::Small(1)),
        ("name", Kind::Null),
        ("reason", Kind::Null),
        ("origin", Kind::Null),
        ("op", Kind::Null),
        ("request_key", Kind::Null),
        ("digest", Kind::Null),
        ("facts", Kind::Text(52)),
        ("chain", Kind::Blob(16)),
    ],
    key: "place",
    without_rowid: false,
    indexes: &["tenant, batch, serial, card_place"],
};

/// The counter rows, there before the clock starts: a holder's uses of a template.
const COUNTER_SCHEMA: &str = "CREATE TABLE counter (tenant INTEGER NOT NULL, owner TEXT NOT NULL, unit TEXT NOT NULL, \
                              balance INTEGER NOT NULL, PRIMARY KEY (tenant, owner, unit)) STRICT, WITHOUT ROWID";
const COUNTER_FILL: &str = "INSERT INTO counter VALUES (1, ?1, 'uses:eight-tenths', 0)";
const COUNTER_MOVE: &str = "UPDATE counter SET balance = balance + 1 \
                            WHERE tenant = 1 AND owner = ?1 AND unit = 'uses:eight-tenths' AND balance < 1000000";

/// Holders who redeem in turn.
pub const HOLDERS: u64 = 1_000;

fn owner(number: u64) -> String {
    format!("holder:customer:{:04}", number % HOLDERS)
}

/// What one round of the reference came to.
pub struct Round {
    /// Redemptions per second.
    pub rate: f64,
    /// Bytes of the database per redemption, log and free pages left out.
    pub bytes_each: f64,
}

/// Durable redemptions per second: `count` of them, `group` in each transaction, in a new database under `dir`. `before` as many go
/// ahead untimed.
pub fn run(dir: &Path, before: u64, count: u64, group: u64) -> Result<Round, Failure> {
    let folder = tempfile::tempdir_in(dir)?;
    let db = Connection::open(folder.path().join("reference.db"))?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    prepare_tables(&db)?;
    let empty = used_bytes(&db)?;

    let mut card = Insert::new(&db, &CARD)?;
    let mut redemption = Insert::new(&db, &REDEMPTION)?;
    let mut event = Insert::new(&db, &EVENT)?;
    let mut counter = db.prepare(COUNTER_MOVE)?;
    let mut begin = db.prepare("BEGIN IMMEDIATE")?;
    let mut commit = db.prepare("COMMIT")?;

    let mut start = Instant::now();
    let (mut done, all) = (0, before + count);
    while done < all {
        if done <= before {
            start = Instant::now();
        }
        begin.raw_execute()?;
        let ahead = if done < before { before } else { all };
        let end = ahead.min(done + group.max(1));
        for number in done..end {
            card.run(number)?;
            redemption.run(number)?;
            event.run(number)?;
            counter.raw_bind_parameter(1, owner(number))?;
            counter.raw_execute()?;
        }
        commit.raw_execute()?;
        done = end;
    }
    let seconds = start.elapsed().as_secs_f64();

    check(&db, all)?;
    let bytes = used_bytes(&db)?.saturating_sub(empty);
    Ok(Round { rate: to_f64(count) / seconds, bytes_each: to_f64(bytes) / to_f64(all) })
}

fn prepare_tables(db: &Connection) -> Result<(), Failure> {
    for table in [&CARD, &REDEMPTION, &EVENT] {
        db.execute_batch(&table.schema())?;
    }
    db.execute_batch(COUNTER_SCHEMA)?;
    db.execute_batch("BEGIN")?;
    let mut fill = db.prepare(COUNTER_FILL)?;
    for holder in 0..HOLDERS {
        fill.execute([owner(holder)])?;
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
    let used: i64 = db.query_row("SELECT sum(balance) FROM counter", [], |row| row.get(0))?;
    let journal: String = db.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    let synchronous: i64 = db.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
    if used != signed(count) || journal != "wal" || synchronous != 2 {
        return Err(format!("counters at {used} of {count}, journal {journal}, synchronous {synchronous}").into());
    }
    Ok(())
}

/// Bytes in pages that hold something.
pub fn used_bytes(db: &Connection) -> Result<u64, Failure> {
    let pragma = |name: &str| db.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
    let pages = pragma("page_count")? - pragma("freelist_count")?;
    Ok(u64::try_from(pages * pragma("page_size")?)?)
}

impl Table {
    pub fn schema(&self) -> String {
        let mut sql = format!("CREATE TABLE {} (", self.name);
        for (name, kind) in self.columns {
            let of_sql = match kind {
                Kind::Serial | Kind::Number | Kind::Bits | Kind::Small(_) => "INTEGER",
                Kind::Text(_) | Kind::Id(_) | Kind::Rising(_) | Kind::Null => "TEXT",
                Kind::Blob(_) => "BLOB",
            };
            let _ = write!(sql, "{name} {of_sql}, ");
        }
        let rowid = if self.without_rowid { ", WITHOUT ROWID" } else { "" };
        let _ = write!(sql, "PRIMARY KEY ({})) STRICT{rowid};", self.key);
        for (place, columns) in self.indexes.iter().enumerate() {
            let _ = write!(sql, "CREATE INDEX {}_{place} ON {} ({columns});", self.name, self.name);
        }
        sql
    }

    fn insert(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        let marks = vec!["?"; names.len()];
        format!("INSERT INTO {} ({}) VALUES ({})", self.name, names.join(", "), marks.join(", "))
    }
}

/// A prepared insert with the bytes of its row.
pub struct Insert<'db> {
    statement: Statement<'db>,
    columns: Vec<(Kind, Bytes)>,
}

enum Bytes {
    None,
    Text(String),
    Blob(Vec<u8>),
}

impl<'db> Insert<'db> {
    pub fn new(db: &'db Connection, table: &Table) -> Result<Self, Failure> {
        let bytes = |kind: &Kind| match *kind {
            Kind::Serial | Kind::Number | Kind::Bits | Kind::Small(_) | Kind::Null => Bytes::None,
            Kind::Text(size) | Kind::Id(size) | Kind::Rising(size) => {
                Bytes::Text("default".chars().cycle().take(size).collect())
            }
            Kind::Blob(size) => Bytes::Blob(vec![0xa5; size]),
        };
        let columns = table.columns.iter().map(|(_, kind)| (*kind, bytes(kind))).collect();
        Ok(Self { statement: db.prepare(&table.insert())?, columns })
    }

    pub fn run(&mut self, number: u64) -> Result<(), Failure> {
        for (index, (kind, bytes)) in self.columns.iter_mut().enumerate() {
            let parameter = index + 1;
            let statement = &mut self.statement;
            match (*kind, bytes) {
                (Kind::Id(size), Bytes::Text(text)) => {
                    text.clear();
                    let _ = write!(text, "{:0size$x}", mix(number));
                    statement.raw_bind_parameter(parameter, text.as_str())?;
                }
                (Kind::Rising(size), Bytes::Text(text)) => {
                    text.clear();
                    let _ = write!(text, "{number:0size$x}");
                    statement.raw_bind_parameter(parameter, text.as_str())?;
                }
                (_, Bytes::Text(text)) => statement.raw_bind_parameter(parameter, text.as_str())?,
                (_, Bytes::Blob(blob)) => {
                    // Content merely differs.
                    if let Some(head) = blob.first_chunk_mut() {
                        *head = number.to_be_bytes();
                    }
                    statement.raw_bind_parameter(parameter, blob.as_slice())?;
                }
                (Kind::Serial, Bytes::None) => statement.raw_bind_parameter(parameter, signed(number))?,
                (Kind::Number, Bytes::None) => {
                    statement.raw_bind_parameter(parameter, 1_700_000_000_000 + signed(number))?
                }
                (Kind::Bits, Bytes::None) => statement.raw_bind_parameter(parameter, mix(number).cast_signed())?,
                (Kind::Small(value), Bytes::None) => statement.raw_bind_parameter(parameter, value)?,
                (_, Bytes::None) => statement.raw_bind_parameter(parameter, rusqlite::types::Null)?,
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
    use super::run;

    #[test]
    fn groups_that_do_not_divide_the_count_write_every_row() {
        for group in [1, 4, 64] {
            assert!(run(&std::env::temp_dir(), 3, 10, group).expect("the reference runs").rate > 0.0);
        }
    }
}
