//! What a redemption costs with many cards on file.
//!
//! A card is made by its key and has no row until it is touched, so *on file* means touched: claimed by a holder, with its row, its
//! places in the indexes and its event. One card is claimed through the engine, and its rows are copied to all other serials by SQL.
//! Then 64 calls from 4 threads redeem such cards, in the order in which they were issued or scattered over half of the batch, beside
//! the same with 10^4 cards. The page cache is the store's own default, 8 MiB for each connection; beyond it, the system's.

use std::cell::Cell;
use std::path::Path;

use cardmint::card::{RedeemFrom, TemplateDraft};
use cardmint::code::{CardRef, CodeBook, Formats, World};
use cardmint::subject::Subject;
use cardmint::{Claim, ClaimFrom, Meta, Redeem};
use rusqlite::Connection;

use crate::figure::{Figure, Sense};
use crate::harness::{Bench, Context, Depth, Failure, Side, rounds, to_f64};
use crate::redeem::seconds;
use crate::shop::{self, Errand};
use crate::{manner, tills};

/// Time of a redemption, at most so many times that with few cards: of cards in order of issue, and scattered.
const BAR_IN_ORDER: f64 = 1.5;
const BAR_SCATTERED: f64 = 3.0;
const FEW: u64 = 10_000;
/// Rows in each transaction that fills a file.
const CHUNK: u64 = 200_000;
const EACH: u64 = 4_000;

pub struct CardsOnFile;

impl Bench for CardsOnFile {
    fn id(&self) -> &'static str {
        "cards-on-file"
    }

    fn compares(&self) -> &'static str {
        "redemptions with 10^6 (in full also 10^7) cards that have rows, with redemptions with 10^4"
    }

    fn run(&self, context: &Context) -> Result<Vec<Figure>, Failure> {
        let sizes: &[(u64, &str)] = match context.depth {
            Depth::Quick => &[(1_000_000, "1e6")],
            Depth::Full => &[(1_000_000, "1e6"), (10_000_000, "1e7")],
        };
        let mut figures = Vec::new();
        for (size, name) in sizes {
            figures.extend(measured(context, *size, name)?);
        }
        Ok(figures)
    }
}

fn measured(context: &Context, size: u64, name: &str) -> Result<[Figure; 3], Failure> {
    let dir = context.dir.as_path();
    let folder = tempfile::tempdir_in(dir)?;
    let path = folder.path().join(tills::FILE);
    fill(&path, size)?;
    // Every round takes cards that no round before it took.
    let (in_order, scattered) = (Cell::new(0), Cell::new(0));
    let next = |cell: &Cell<u64>| cell.replace(cell.get() + EACH);
    let mut sides: Vec<Side<'_>> = vec![
        Box::new(|| micros_each(&path, (next(&in_order)..).take(4_000))),
        Box::new(|| micros_each(&path, (next(&scattered)..).take(4_000).map(|place| place_of(place, size)))),
        Box::new(|| few(dir, |place| place)),
        Box::new(|| few(dir, |place| place_of(place, FEW))),
    ];
    let values = rounds(context.rounds(), &mut sides)?;
    drop(sides);
    let [many_in_order, many_scattered, few_in_order, few_scattered] = values.as_slice() else {
        return Err("a side is missing".into());
    };
    let figure = |manner: &str, metric, values: &[f64]| {
        Figure::shown(format!("cards-on-file/{name}/{manner}"), metric, "µs", EACH, values.to_vec())
    };
    let megabytes = to_f64(std::fs::metadata(&path)?.len()) / 1e6;
    Ok([
        figure("in-order", "time of a redemption, 64 outstanding, cards in order of issue", many_in_order)
            .against("ours, 10^4 cards on file", few_in_order.clone())
            .bar(Sense::Max, BAR_IN_ORDER),
        figure("scattered", "time of a redemption, 64 outstanding, cards scattered", many_scattered)
            .against("ours, 10^4 cards on file", few_scattered.clone())
            .bar(Sense::Max, BAR_SCATTERED),
        Figure::shown(format!("cards-on-file/{name}/size"), "size of the file", "MB", size, vec![megabytes]),
    ])
}

/// The same in a new file with few cards.
fn few(dir: &Path, serial: impl Fn(u64) -> u64) -> Result<f64, Failure> {
    let folder = tempfile::tempdir_in(dir)?;
    let path = folder.path().join(tills::FILE);
    fill(&path, FEW)?;
    micros_each(&path, (0..EACH).map(serial))
}

/// A serial of the upper half, each once, neighbours far apart.
const fn place_of(place: u64, size: u64) -> u64 {
    // A prime that divides no half of a power of ten.
    const STRIDE: u64 = 618_033_989;
    let half = size / 2;
    half + place * STRIDE % half
}

/// Redeems these cards, and says how long each took.
fn micros_each(path: &Path, serials: impl Iterator<Item = u64>) -> Result<f64, Failure> {
    let tenant = tills::open(path)?;
    let batch = tenant.batch(shop::BATCH)?.ok_or("there is no batch")?;
    let book = CodeBook::new(&tills::keyring(), "default", World::Live, &Formats::default());
    let serials: Vec<u64> = serials.collect();
    let cards = serials.iter().map(|serial| u32::try_from(*serial)).collect::<Result<Vec<_>, _>>()?;
    let cards = cards.into_iter().map(|serial| CardRef { batch_no: batch.no.number, serial, issue_no: 0 });
    let codes = book.seal_all(&batch.format, batch.slot, cards)?;
    let requests: Result<Vec<Redeem>, Failure> =
        serials.iter().zip(codes).map(|(serial, code)| Errand::nth(*serial, code?).request()).collect();
    let seconds = seconds(&tenant, requests?, 4, |tenant, hand, window| {
        manner::window(tenant, hand.into_iter().map(Ok), window)
    })?;
    Ok(seconds * 1e6 / to_f64(serials.len() as u64))
}

/// A new file with so many claimed cards.
fn fill(path: &Path, count: u64) -> Result<(), Failure> {
    let tenant = tills::open(path)?;
    let template = TemplateDraft { redeem_from: RedeemFrom::Claimed, ..shop::template() };
    shop::furnish_with(&tenant, count, template, None)?;
    let take = ClaimFrom::Batch(shop::BATCH.to_owned());
    let claim = Claim { meta: Meta::key("claim"), take, holder: Subject::customer("0000"), channel: None };
    tenant.claim(claim).wait()?;
    drop(tenant);
    let db = Connection::open(path)?;
    db.pragma_update(None, "synchronous", "OFF")?;
    let card = copy(&db, "card", &[("serial", "n"), ("holder", "'customer:' || printf('%04d', n % 1000)")])?;
    let event = copy(&db, "event", &[("serial", "n"), ("place", "place + n"), ("key", "key || n")])?;
    let mut from = 1;
    while from < count {
        let to = count.min(from + CHUNK);
        db.execute_batch("BEGIN IMMEDIATE")?;
        for sql in [&card, &event] {
            let made = db.execute(sql, (i64::try_from(from)?, i64::try_from(to)?))?;
            if made as u64 != to - from {
                return Err(format!("{made} rows of {}", to - from).into());
            }
        }
        db.execute_batch("COMMIT")?;
        from = to;
    }
    db.execute("UPDATE stock SET next = ?1", [i64::try_from(count)?])?;
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

/// Copies the row of card 0 to serials from ?1 to below ?2, all columns but these as they are.
fn copy(db: &Connection, table: &str, others: &[(&str, &str)]) -> Result<String, Failure> {
    let mut columns = db.prepare(&format!("SELECT name FROM pragma_table_info('{table}')"))?;
    let columns = columns.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let value = |name: &String| {
        let other = others.iter().find(|(other, _)| other == name);
        other.map_or_else(|| name.clone(), |(_, value)| (*value).to_owned())
    };
    let values: Vec<String> = columns.iter().map(value).collect();
    Ok(format!(
        "WITH RECURSIVE serials(n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM serials WHERE n + 1 < ?2) \
         INSERT INTO {table} ({}) SELECT {} FROM serials CROSS JOIN (SELECT * FROM {table} WHERE serial = 0) ORDER BY n",
        columns.join(", "),
        values.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::{EACH, FEW, place_of};

    #[test]
    fn scattered_cards_are_taken_once_each() {
        let places: std::collections::BTreeSet<u64> = (0..EACH).map(|place| place_of(place, FEW)).collect();
        assert_eq!(places.len() as u64, EACH);
        assert!(places.iter().all(|place| (FEW / 2..FEW).contains(place)));
    }
}
