//! The reference of redemptions under limits: the rows that the engine writes for them, by hand.
//!
//! As `redeem_reference`: one connection, every statement prepared once, WAL, `synchronous=FULL`, the checkpoint where SQLite puts it.
//! A redemption inserts a card row, a redemption row and an event row, and moves two accounts of its holder, each under its ceiling;
//! each transaction moves the count of touched cards. Columns are those of the store's own schema, this file's for good.

use std::path::Path;
use std::time::Instant;

use rusqlite::Connection;

use crate::harness::{Failure, to_f64};
use crate::redeem_reference::{BATCH, HOLDERS, Insert, Kind, Round, Table, used_bytes};

const CARD: Table = Table {
    name: "card",
    columns: &[
        ("tenant", Kind::Small(1)),
        ("batch", BATCH),
        ("serial", Kind::Serial),
        ("stamp", Kind::Bits),
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
        ("balance_minor", Kind::Small(0)),
        ("held", Kind::Null),
        ("epoch", Kind::Small(0)),
        ("holds_from", Kind::Small(0)),
        ("booked_minor", Kind::Small(0)),
        ("broken_minor", Kind::Small(0)),
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
        ("stamp", Kind::Bits),
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
        ("tender_minor", Kind::Small(0)),
        ("balance_minor", Kind::Null),
        ("hold", Kind::Null),
        // Where the limit counts it.
        ("counted", Kind::Text(126)),
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
        ("entry", Kind::Null),
    ],
    key: "place",
    without_rowid: false,
    indexes: &["tenant, batch, serial, card_place"],
};

/// The accounts, there before the clock starts: a holder's uses of the template, and those of the limit, per month.
const ACCOUNT_SCHEMA: &str = "CREATE TABLE account (tenant INTEGER NOT NULL, owner TEXT NOT NULL, unit TEXT NOT NULL, \
                              balance INTEGER NOT NULL, PRIMARY KEY (tenant, owner, unit)) STRICT, WITHOUT ROWID";
const ACCOUNT_FILL: &str = "INSERT INTO account VALUES (1, ?1, ?2, 0)";
const ACCOUNT_MOVE: &str = "UPDATE account SET balance = balance + ?3 \
                            WHERE tenant = 1 AND owner = ?1 AND unit = ?2 AND balance + ?3 <= 1000000";
const USES: &str = "uses:eight-tenths";
const MONTHLY: &str = "limit:monthly@2026-11";
const TOUCHED: (&str, &str) = ("book:touched:2026-11-11:00000000000000ff:b", "cards");

fn owners(number: u64) -> [(String, &'static str); 2] {
    let holder = number % HOLDERS;
    [
        (format!("holder:customer:{holder:04}"), USES),
        (format!("scope:template:eight-tenths/holder:customer:{holder:04}"), MONTHLY),
    ]
}

/// Durable redemptions per second: `count` of them, `group` in each transaction, in a new database under `dir`.
pub fn run(dir: &Path, count: u64, group: u64) -> Result<Round, Failure> {
    let folder = tempfile::tempdir_in(dir)?;
    let db = Connection::open(folder.path().join("reference.db"))?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    for table in [&CARD, &REDEMPTION, &EVENT] {
        db.execute_batch(&table.schema())?;
    }
    db.execute_batch(&format!("{ACCOUNT_SCHEMA}; BEGIN"))?;
    let mut fill = db.prepare(ACCOUNT_FILL)?;
    (0..HOLDERS).flat_map(owners).try_for_each(|account| fill.execute(account).map(drop))?;
    fill.execute(TOUCHED)?;
    db.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?;
    let empty = used_bytes(&db)?;

    let [mut card, mut redemption, mut event] =
        [Insert::new(&db, &CARD)?, Insert::new(&db, &REDEMPTION)?, Insert::new(&db, &EVENT)?];
    let mut account = db.prepare(ACCOUNT_MOVE)?;
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
            for (owner, unit) in owners(number) {
                account.execute((owner, unit, 1))?;
            }
        }
        account.execute((TOUCHED.0, TOUCHED.1, i64::try_from(end - done)?))?;
        commit.raw_execute()?;
        done = end;
    }
    let seconds = start.elapsed().as_secs_f64();
    let moved: i64 = db.query_row("SELECT sum(balance) FROM account", [], |row| row.get(0))?;
    if u64::try_from(moved)? != 3 * count {
        return Err(format!("accounts moved by {moved} for {count} redemptions").into());
    }
    let bytes = used_bytes(&db)?.saturating_sub(empty);
    Ok(Round { rate: to_f64(count) / seconds, bytes_each: to_f64(bytes) / to_f64(count) })
}

#[cfg(test)]
mod tests {
    use super::run;

    #[test]
    fn groups_that_do_not_divide_the_count_write_every_row() {
        for group in [1, 4, 64] {
            assert!(run(&std::env::temp_dir(), 10, group).expect("the reference runs").rate > 0.0);
        }
    }
}
