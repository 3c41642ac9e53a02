//! Walks in key order: every page starts behind the last key of the one before, so nothing written meanwhile moves it.

use cardmint::card::{EventKind, Target};
use cardmint::store::{Page, Record, Scan, ScanOf, Stored};
use rusqlite::{Connection, Row};
use std::sync::{Arc, LazyLock};

use crate::error::Fault;
use crate::rows::{
    ACCOUNT_COLUMNS, ACCOUNT_HELD, AUDIENCE, BATCH, CAMPAIGN, CARD, EVENT_COLUMNS, FORMAT_USE, HOLD, N_BITS,
    REDEMPTION, REFUND, STOCK, TEMPLATE, Table, UNIT, Value, kind_no, place_of, read_account, read_event, read_writer,
    state_no,
};

/// A prepared walk: SQL that ends in `LIMIT`, and its values.
pub(crate) struct Walk<'a> {
    pub(crate) sql: String,
    values: Vec<Value<'a>>,
    read: Read,
}

enum Read {
    Whole(&'static Table),
    Event,
    Account,
}

/// The walk of a scan; `None` where its writer has no events here. `limit` is one more than a page, to see whether it ends.
pub(crate) fn walk<'a>(tenant: i64, scan: &'a Scan, writer: Option<i64>) -> Result<Option<Walk<'a>>, Fault> {
    let after = scan.after.as_deref();
    let limit = i64::try_from(scan.limit).unwrap_or(i64::MAX - 1) + 1;
    let bad = || {
        Fault::Refused(format!(
            "`{}` is no place of this scan; pass what a page gave as `next`",
            after.unwrap_or_default()
        ))
    };
    let number = |from: i64| after.map_or(Ok(from), |text| text.parse().map_err(|_| bad()));
    let text = || Value::Text(after.unwrap_or_default());
    let mut values = vec![Value::Int(tenant)];
    let (read, filter): (Read, String) = match &scan.of {
        ScanOf::Campaigns => {
            values.push(text());
            (Read::Whole(&CAMPAIGN), "id > ?2 ORDER BY id".to_owned())
        }
        ScanOf::Audience(campaign) => {
            values.extend([Value::Text(campaign), text()]);
            (Read::Whole(&AUDIENCE), "campaign = ?2 AND subject > ?3 ORDER BY subject".to_owned())
        }
        ScanOf::Templates => {
            let (version, id) = after.unwrap_or("0:").split_once(':').ok_or_else(bad)?;
            values.extend([Value::Text(id), Value::Int(version.parse().map_err(|_| bad())?)]);
            (Read::Whole(&TEMPLATE), "(id, version) > (?2, ?3) ORDER BY id, version".to_owned())
        }
        ScanOf::Batches => {
            values.push(Value::Int(number(-1)?));
            (Read::Whole(&BATCH), "no > ?2 ORDER BY no".to_owned())
        }
        ScanOf::Cards { batch, state, channel, below } => {
            values.extend([Value::Int(batch.packed()), Value::Int(number(-1)?), Value::Int(i64::from(*below))]);
            let mut filter = "batch = ?2 AND serial > ?3 AND serial < ?4".to_owned();
            for (column, value) in [
                ("state", state.map(|state| Value::Int(state_no(state)))),
                ("channel", channel.as_deref().map(Value::Text)),
            ] {
                if let Some(value) = value {
                    values.push(value);
                    filter.push_str(&format!(" AND {column} = ?{}", values.len()));
                }
            }
            (Read::Whole(&CARD), filter + " ORDER BY serial")
        }
        ScanOf::CardsOfHolder(holder) => {
            let (batch, serial) = after.unwrap_or("-1:-1").split_once(':').ok_or_else(bad)?;
            let int = |text: &str| text.parse().map(Value::Int).map_err(|_| bad());
            values.extend([Value::Text(holder.as_str()), int(batch)?, int(serial)?]);
            (Read::Whole(&CARD), "holder = ?2 AND (batch, serial) > (?3, ?4) ORDER BY batch, serial".to_owned())
        }
        ScanOf::EventsOfCard(card) => {
            let (batch, serial) = (card.batch.packed(), i64::from(card.serial));
            values.extend([Value::Int(batch), Value::Int(serial), Value::Int(number(-1)?)]);
            (Read::Event, "batch = ?2 AND serial = ?3 AND card_place > ?4 ORDER BY card_place".to_owned())
        }
        ScanOf::EventsOfWriter(_) => {
            let Some(no) = writer else { return Ok(None) };
            let first = place_of(no, 0).ok_or_else(bad)?;
            let behind = match after {
                None => first - 1,
                Some(text) => text.parse().ok().and_then(|n| place_of(no, n)).ok_or_else(bad)?,
            };
            let end = place_of(no + 1, 0).ok_or_else(bad)?;
            values.extend([Value::Int(behind), Value::Int(end)]);
            // `+tenant`: the range of places is the index to use.
            (Read::Event, "place > ?2 AND place < ?3 ORDER BY place".to_owned())
        }
        ScanOf::RedemptionsOfOrder(order) => {
            values.extend([Value::Text(order), text()]);
            (Read::Whole(&REDEMPTION), "order_id = ?2 AND key > ?3 ORDER BY key".to_owned())
        }
        ScanOf::RedemptionsOfCard(card) => {
            let (batch, serial) = (card.batch.packed(), i64::from(card.serial));
            values.extend([Value::Int(batch), Value::Int(serial), text()]);
            (Read::Whole(&REDEMPTION), "batch = ?2 AND serial = ?3 AND key > ?4 ORDER BY key".to_owned())
        }
        ScanOf::HoldsOfOrder(order) => {
            values.extend([Value::Text(order), text()]);
            (Read::Whole(&HOLD), "order_id = ?2 AND kept > ?3 ORDER BY kept".to_owned())
        }
        // Both have statements of their own: `page`.
        ScanOf::Writers | ScanOf::Journal(_) => return Ok(None),
        ScanOf::EventsNamed(name) => {
            values.extend([Value::Text(name), Value::Int(number(-1)?)]);
            let observed = kind_no(EventKind::Observed);
            (Read::Event, format!("name = ?2 AND kind <> {observed} AND place > ?3 ORDER BY place"))
        }
        ScanOf::EveryCard => {
            values.extend(two_numbers(after).ok_or_else(bad)?);
            (Read::Whole(&CARD), "(batch, serial) > (?2, ?3) ORDER BY batch, serial".to_owned())
        }
        ScanOf::EventsOfCards => {
            let (card, place) = after.unwrap_or("-1:-1:-1").rsplit_once(':').ok_or_else(bad)?;
            values.extend(two_numbers(Some(card)).ok_or_else(bad)?);
            values.push(Value::Int(place.parse().map_err(|_| bad())?));
            let filter =
                "batch IS NOT NULL AND (batch, serial, card_place) > (?2, ?3, ?4) ORDER BY batch, serial, card_place";
            (Read::Event, filter.to_owned())
        }
        ScanOf::Redemptions => {
            values.push(text());
            // Without an order it is a fence.
            (Read::Whole(&REDEMPTION), "key > ?2 AND order_id <> '' ORDER BY key".to_owned())
        }
        ScanOf::Refunds => {
            let (place, redemption) = after.unwrap_or("-1:").split_once(':').ok_or_else(bad)?;
            values.extend([Value::Text(redemption), Value::Int(place.parse().map_err(|_| bad())?)]);
            (Read::Whole(&REFUND), "(redemption, place) > (?2, ?3) ORDER BY redemption, place".to_owned())
        }
        ScanOf::EventsOfBatch(batch) => {
            let (serial, place) = after.unwrap_or("-1:-1").split_once(':').ok_or_else(bad)?;
            let int = |text: &str| text.parse().map(Value::Int).map_err(|_| bad());
            values.extend([Value::Int(batch.packed()), int(serial)?, int(place)?]);
            (Read::Event, "batch = ?2 AND (serial, card_place) > (?3, ?4) ORDER BY serial, card_place".to_owned())
        }
        ScanOf::Accounts => {
            let (owner, unit) = after.unwrap_or("\n").split_once('\n').ok_or_else(bad)?;
            values.extend([Value::Text(owner), Value::Text(unit)]);
            (Read::Account, "(owner, unit) > (?2, ?3) ORDER BY owner, unit".to_owned())
        }
        ScanOf::AccountsHeld => {
            let (owner, unit) = after.unwrap_or("\n").split_once('\n').ok_or_else(bad)?;
            values.extend([Value::Text(owner), Value::Text(unit)]);
            (Read::Whole(&ACCOUNT_HELD), "(owner, unit) > (?2, ?3) ORDER BY owner, unit".to_owned())
        }
        ScanOf::Stocks => {
            values.push(Value::Int(number(-1)?));
            (Read::Whole(&STOCK), "batch > ?2 ORDER BY batch".to_owned())
        }
        ScanOf::FormatUses => {
            values.push(Value::Int(number(-1)?));
            (Read::Whole(&FORMAT_USE), "symbols > ?2 ORDER BY symbols".to_owned())
        }
        ScanOf::AccountsOf(owner) => {
            values.extend([Value::Owned(owner.text()), text()]);
            (Read::Account, "owner = ?2 AND unit > ?3 ORDER BY unit".to_owned())
        }
        // ';' comes next after ':'.
        ScanOf::Books => {
            let (owner, unit) = after.unwrap_or("book:\n").split_once('\n').ok_or_else(bad)?;
            values.extend([Value::Text(owner), Value::Text(unit)]);
            (Read::Account, "(owner, unit) > (?2, ?3) AND owner < 'book;' ORDER BY owner, unit".to_owned())
        }
        ScanOf::Units => {
            values.push(text());
            (Read::Whole(&UNIT), "name > ?2 ORDER BY name".to_owned())
        }
    };
    let (columns, table) = match &read {
        Read::Whole(table) => (table.columns.as_str(), table.name),
        Read::Event => (EVENT_COLUMNS.as_str(), "event"),
        Read::Account => (ACCOUNT_COLUMNS, "account"),
    };
    // Without statistics SQLite would walk the whole batch by its key for a filter.
    let index = match &scan.of {
        ScanOf::Cards { channel: Some(_), .. } => " INDEXED BY card_by_channel",
        ScanOf::Cards { state: Some(_), .. } => " INDEXED BY card_by_state",
        ScanOf::EventsOfCards | ScanOf::EventsOfBatch(_) => " INDEXED BY event_by_card",
        ScanOf::EventsNamed(_) => " INDEXED BY event_by_name",
        _ => "",
    };
    let tenant = if matches!(scan.of, ScanOf::EventsOfWriter(_)) { "+tenant" } else { "tenant" };
    values.push(Value::Int(limit));
    let sql = format!("SELECT {columns} FROM {table}{index} WHERE {tenant} = ?1 AND {filter} LIMIT ?{}", values.len());
    Ok(Some(Walk { sql, values, read }))
}

impl Walk<'_> {
    pub(crate) fn page(&self, db: &Connection, scan: &Scan) -> Result<Page, Fault> {
        let mut statement = db.prepare_cached(&self.sql)?;
        for (place, value) in self.values.iter().enumerate() {
            statement.raw_bind_parameter(place + 1, value)?;
        }
        let mut rows = statement.raw_query();
        let mut items = Vec::new();
        let (mut next, mut last_id) = (None, 0);
        while let Some(row) = rows.next()? {
            if items.len() == scan.limit {
                next = match scan.of {
                    // Of several writers: the row's own number, which the record does not tell.
                    ScanOf::EventsNamed(_) => Some(last_id.to_string()),
                    _ => items.last().and_then(|stored: &Arc<Stored>| place(&scan.of, &stored.record)),
                };
                break;
            }
            if matches!(self.read, Read::Event) {
                last_id = row.get::<_, i64>(0)?;
            }
            items.push(Arc::new(self.stored(row)?));
        }
        Ok(Page { items, next })
    }

    fn stored(&self, row: &Row<'_>) -> Result<Stored, Fault> {
        match &self.read {
            Read::Whole(table) => table.stored(row),
            Read::Event => read_event(row),
            Read::Account => read_account(row),
        }
    }
}

fn two_numbers(after: Option<&str>) -> Option<[Value<'static>; 2]> {
    let (one, other) = after.unwrap_or("-1:-1").split_once(':')?;
    Some([Value::Int(one.parse().ok()?), Value::Int(other.parse().ok()?)])
}

/// Writers in the order of their numbers, with the place behind the last event of each.
pub(crate) const WRITERS: &str = "SELECT no, bits, \
    coalesce((SELECT place - (no << 40) + 1 FROM event WHERE place >= no << 40 AND place < (no + 1) << 40 \
        ORDER BY place DESC LIMIT 1), 0) AS events \
    FROM writer WHERE no > ?1 ORDER BY no LIMIT ?2";

/// A page of [`ScanOf::Writers`]. One that never got further than its registration is passed over.
pub(crate) fn writers(db: &Connection, scan: &Scan) -> Result<Page, Fault> {
    let after = scan.after.as_deref().unwrap_or("0");
    let behind: i64 = after.parse().map_err(|_| Fault::Refused(format!("`{after}` is no place of this scan")))?;
    let limit = i64::try_from(scan.limit).unwrap_or(i64::MAX);
    let mut statement = db.prepare_cached(WRITERS)?;
    let mut rows = statement.query([behind, limit])?;
    let (mut items, mut last, mut seen) = (Vec::new(), behind, 0);
    while let Some(row) = rows.next()? {
        (last, seen) = (row.get(0)?, seen + 1);
        let stored = read_writer(row)?;
        if !matches!(&stored.record, Record::Writer(writer) if writer.events == 0) {
            items.push(Arc::new(stored));
        }
    }
    Ok(Page { items, next: (seen == limit).then(|| last.to_string()) })
}

/// The places of one writer from a place on, whosever they are.
pub(crate) static JOURNAL: LazyLock<String> = LazyLock::new(|| {
    let columns = &*EVENT_COLUMNS;
    format!("SELECT {columns} FROM event WHERE place >= ?1 AND place < ?2 ORDER BY place LIMIT ?3")
});

/// A page of [`ScanOf::Journal`]. `writer` tells the number of a writer.
pub(crate) fn journal(
    db: &Connection,
    tenant: i64,
    from: &[(u64, u64)],
    limit: usize,
    writer: impl Fn(u64) -> Result<Option<i64>, Fault>,
) -> Result<Page, Fault> {
    let mut statement = db.prepare_cached(&JOURNAL)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let (mut items, mut next) = (Vec::new(), Vec::new());
    for (bits, from) in from {
        let mut behind = *from;
        let first = writer(*bits)?.and_then(|no| place_of(no, *from).zip(place_of(no + 1, 0)));
        if let Some((first, end)) = first {
            let mut rows = statement.query([first, end, limit])?;
            while let Some(row) = rows.next()? {
                let (place, whose): (i64, i64) = (row.get(0)?, row.get(1)?);
                behind = (place & ((1 << N_BITS) - 1)).cast_unsigned() + 1;
                if whose == tenant {
                    items.push(Arc::new(read_event(row)?));
                }
            }
        }
        next.push(behind.to_string());
    }
    Ok(Page { items, next: Some(next.join(",")) })
}

/// Where a record stands in its scan: the text that [`walk`] goes on from.
fn place(of: &ScanOf, record: &Record) -> Option<String> {
    match record {
        Record::Campaign(campaign) => Some(campaign.id.clone()),
        Record::Audience(member) => Some(member.subject.as_str().to_owned()),
        Record::Template(template) => Some(format!("{}:{}", template.version, template.draft.id)),
        Record::Batch(batch) => Some(batch.no.packed().to_string()),
        Record::Card(card) => Some(match of {
            ScanOf::CardsOfHolder(_) | ScanOf::EveryCard => format!("{}:{}", card.id.batch.packed(), card.id.serial),
            _ => card.id.serial.to_string(),
        }),
        Record::Event(stored) => match (of, &stored.event.target) {
            (ScanOf::EventsOfCard(_), Target::Card(_, place)) => Some(place.to_string()),
            (ScanOf::EventsOfCards, Target::Card(card, place)) => {
                Some(format!("{}:{}:{place}", card.batch.packed(), card.serial))
            }
            (ScanOf::EventsOfBatch(_), Target::Card(card, place)) => Some(format!("{}:{place}", card.serial)),
            _ => Some(stored.n.to_string()),
        },
        Record::Redemption(redemption) => Some(redemption.key.clone()),
        Record::Hold(hold) => Some(hold.id.of.to_string()),
        Record::Refund(refund) => Some(format!("{}:{}", refund.place, refund.redemption)),
        Record::Account(account) => Some(match of {
            ScanOf::AccountsOf(_) => account.unit.clone(),
            _ => format!("{}\n{}", account.owner.text(), account.unit),
        }),
        Record::Unit(unit) => Some(unit.name.clone()),
        Record::AccountHeld(held) => Some(format!("{}\n{}", held.owner.text(), held.unit)),
        Record::Stock(stock) => Some(stock.batch.packed().to_string()),
        Record::FormatUse(used) => Some(used.symbols.to_string()),
        Record::Settings(_)
        | Record::ProductSet(_)
        | Record::PublicCode(_)
        | Record::Linked(_)
        | Record::Fence(_)
        | Record::Writer(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, SqliteStore};
    use cardmint::card::CardState;
    use cardmint::code::World;
    use cardmint::id::{BatchNo, CardId};
    use cardmint::store::TenantKey;
    use cardmint::subject::SubjectKey;

    #[test]
    fn every_scan_walks_an_index_and_sorts_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("shop.db"), Options::default()).unwrap();
        let batch = BatchNo { symbols: 16, number: 1 };
        let card = CardId { batch, serial: 1 };
        let cards = |state| ScanOf::Cards { batch, state, channel: state.map(|_| "north".to_owned()), below: 9 };
        for of in [
            ScanOf::Campaigns,
            ScanOf::Audience("a".to_owned()),
            ScanOf::Templates,
            ScanOf::Batches,
            cards(None),
            cards(Some(CardState::Issued)),
            ScanOf::CardsOfHolder(SubjectKey::from_stored("customer:1".to_owned())),
            ScanOf::EventsOfCard(card),
            ScanOf::EventsOfWriter(1),
            ScanOf::RedemptionsOfOrder("o".to_owned()),
            ScanOf::RedemptionsOfCard(card),
            ScanOf::HoldsOfOrder("o".to_owned()),
            ScanOf::EventsNamed("b".to_owned()),
            ScanOf::EventsOfBatch(batch),
            ScanOf::AccountsOf(cardmint::store::Owner::System),
            ScanOf::Books,
            ScanOf::Units,
            ScanOf::EveryCard,
            ScanOf::EventsOfCards,
            ScanOf::Redemptions,
            ScanOf::Refunds,
            ScanOf::Accounts,
            ScanOf::AccountsHeld,
            ScanOf::Stocks,
            ScanOf::FormatUses,
            ScanOf::EventsOfBatch(batch),
            ScanOf::AccountsOf(cardmint::store::Owner::System),
            ScanOf::Books,
            ScanOf::Units,
        ] {
            for after in [None, Some("1"), Some("1:1"), Some("1:1:1"), Some("a\nb")] {
                let scan = Scan {
                    tenant: TenantKey::new("t", World::Live),
                    of: of.clone(),
                    after: after.map(str::to_owned),
                    limit: 10,
                };
                if walk(1, &scan, Some(1)).is_err() {
                    continue;
                }
                let plan = store.plan_of(&scan);
                // The journal's look at its writer's name is the one other step.
                assert!(
                    plan.iter().all(|step| step.starts_with("SEARCH") || step.contains("SCALAR SUBQUERY")),
                    "{of:?}: {plan:?}"
                );
                assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{of:?}: {plan:?}");
            }
        }
    }

    #[test]
    fn g21_a_page_of_cards_with_a_filter_comes_from_its_index() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("shop.db"), Options::default()).unwrap();
        let plan = |state, channel: Option<&str>| {
            let batch = BatchNo { symbols: 16, number: 1 };
            let of = ScanOf::Cards { batch, state, channel: channel.map(str::to_owned), below: 9 };
            store.plan_of(&Scan { tenant: TenantKey::new("t", World::Live), of, after: None, limit: 10 }).join("; ")
        };
        let spent = Some(CardState::Spent);
        assert!(plan(spent, None).contains("card_by_state"), "{}", plan(spent, None));
        assert!(plan(None, Some("north")).contains("card_by_channel"), "{}", plan(None, Some("north")));
        let both = plan(spent, Some("north"));
        assert!(both.contains("card_by_"), "{both}");
    }

    #[test]
    fn a_made_up_place_is_refused() {
        let scan = Scan {
            tenant: TenantKey::new("t", World::Live),
            of: ScanOf::Batches,
            after: Some("x".to_owned()),
            limit: 1,
        };
        assert!(matches!(walk(1, &scan, None), Err(Fault::Refused(_))));
    }
}
