//! Records as rows: one file says for each table which columns it has, how they are filled and how they are read.
//!
//! The order of columns is the same everywhere: tenant, key, `stamp` (the record's version), the rest.

mod control;
mod hold;
mod hot;
mod pricing;

use std::sync::LazyLock;

use cardmint::card::{CardState, EventKind};
use cardmint::id::{BatchNo, Version};
use cardmint::store::{Key, Lookup, Record, Stored};
use cardmint::time::Instant;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Row, ToSql};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Fault;
use crate::held::Held;
pub(crate) use hot::{
    ACCOUNT_COLUMNS, ACCOUNT_SELECT, CARD, EVENT_COLUMNS, EVENT_INSERT, EVENT_REDACT, MOVE, MOVE_ON, N_BITS,
    REDEMPTION, REFUND, event_values, move_values, place_of, read_account, read_event, read_writer, redacted_values,
};

/// A value on its way into a column.
pub(crate) enum Value<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Owned(String),
    Blob(&'a [u8]),
}

impl<'a> Value<'a> {
    pub(crate) fn opt_text(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }

    fn opt_at(at: Option<Instant>) -> Self {
        at.map_or(Self::Null, |at| Self::Int(at.millis()))
    }

    fn filled(text: &'a str) -> Self {
        if text.is_empty() { Self::Null } else { Self::Text(text) }
    }

    fn json<T: Serialize>(value: &T) -> Result<Self, Fault> {
        serde_json::to_string(value).map(Self::Owned).map_err(|error| Fault::Refused(error.to_string()))
    }

    /// NULL for what is as empty as its default: most rows need no text then.
    fn json_unless<T: Serialize>(empty: bool, value: &T) -> Result<Self, Fault> {
        if empty { Ok(Self::Null) } else { Self::json(value) }
    }

    /// The name that a plain enum has on the wire.
    fn word<T: Serialize>(value: &T) -> Result<Self, Fault> {
        match serde_json::to_value(value) {
            Ok(serde_json::Value::String(word)) => Ok(Self::Owned(word)),
            Ok(_) => Self::json(value),
            Err(error) => Err(Fault::Refused(error.to_string())),
        }
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(int) => ValueRef::Integer(*int),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Owned(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(blob) => ValueRef::Blob(blob),
        }))
    }
}

/// The columns of one row, taken from left to right.
pub(crate) struct Columns<'a> {
    table: &'static str,
    row: &'a Row<'a>,
    at: usize,
}

impl<'a> Columns<'a> {
    fn new(table: &'static str, row: &'a Row<'a>) -> Self {
        Self { table, row, at: 0 }
    }

    fn next(&mut self) -> Result<ValueRef<'a>, Fault> {
        let value = self.row.get_ref(self.at)?;
        self.at += 1;
        Ok(value)
    }

    fn bad(&self, what: &str) -> Fault {
        let column = self.at.checked_sub(1).and_then(|at| self.row.as_ref().column_name(at).ok().map(str::to_owned));
        Fault::Row(format!("`{}.{}` holds {what}", self.table, column.unwrap_or_default()))
    }

    /// Whether a column further on holds an empty text.
    fn is_empty_at(&self, at: usize) -> Result<bool, Fault> {
        Ok(self.row.get_ref(at)? == ValueRef::Text(b""))
    }

    fn opt_int(&mut self) -> Result<Option<i64>, Fault> {
        match self.next()? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(int) => Ok(Some(int)),
            _ => Err(self.bad("no integer")),
        }
    }

    fn int<T: TryFrom<i64>>(&mut self) -> Result<T, Fault> {
        let int = self.opt_int()?.ok_or_else(|| self.bad("nothing"))?;
        T::try_from(int).map_err(|_| self.bad("an integer out of range"))
    }

    fn opt_str(&mut self) -> Result<Option<&'a str>, Fault> {
        match self.next()? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(text) => std::str::from_utf8(text).map(Some).map_err(|_| self.bad("no UTF-8")),
            _ => Err(self.bad("no text")),
        }
    }

    fn opt_text(&mut self) -> Result<Option<String>, Fault> {
        self.opt_str().map(|text| text.map(str::to_owned))
    }

    fn text(&mut self) -> Result<String, Fault> {
        self.opt_text()?.ok_or_else(|| self.bad("nothing"))
    }

    fn text_or_empty(&mut self) -> Result<String, Fault> {
        self.opt_text().map(Option::unwrap_or_default)
    }

    fn opt_blob(&mut self) -> Result<Option<&'a [u8]>, Fault> {
        match self.next()? {
            ValueRef::Null => Ok(None),
            ValueRef::Blob(blob) => Ok(Some(blob)),
            _ => Err(self.bad("no blob")),
        }
    }

    fn opt_digest(&mut self) -> Result<Option<[u8; 16]>, Fault> {
        let Some(blob) = self.opt_blob()? else { return Ok(None) };
        blob.try_into().map(Some).map_err(|_| self.bad("no 16 bytes"))
    }

    fn digest(&mut self) -> Result<[u8; 16], Fault> {
        self.opt_digest()?.ok_or_else(|| self.bad("nothing"))
    }

    fn opt_json<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Fault> {
        let Some(text) = self.opt_str()? else { return Ok(None) };
        serde_json::from_str(text).map(Some).map_err(|error| self.bad(&format!("JSON that does not fit ({error})")))
    }

    fn json<T: DeserializeOwned>(&mut self) -> Result<T, Fault> {
        self.opt_json()?.ok_or_else(|| self.bad("nothing"))
    }

    fn opt_word<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Fault> {
        let Some(word) = self.opt_str()? else { return Ok(None) };
        let plain = serde_json::from_value(serde_json::Value::String(word.to_owned()));
        plain.or_else(|_| serde_json::from_str(word)).map(Some).map_err(|_| self.bad("an unknown word"))
    }

    fn word<T: DeserializeOwned>(&mut self) -> Result<T, Fault> {
        self.opt_word()?.ok_or_else(|| self.bad("nothing"))
    }

    fn opt_at(&mut self) -> Result<Option<Instant>, Fault> {
        let Some(millis) = self.opt_int()? else { return Ok(None) };
        Instant::from_millis("at", millis).map(Some).map_err(|_| self.bad("no instant"))
    }

    fn instant(&mut self) -> Result<Instant, Fault> {
        self.opt_at()?.ok_or_else(|| self.bad("nothing"))
    }

    fn batch(&mut self) -> Result<BatchNo, Fault> {
        let packed = self.int()?;
        BatchNo::unpacked(packed).ok_or_else(|| self.bad("no batch number"))
    }

    fn state(&mut self) -> Result<CardState, Fault> {
        let no: usize = self.int()?;
        CardState::ALL.get(no).copied().ok_or_else(|| self.bad("no state"))
    }

    fn stamp(&mut self) -> Result<Version, Fault> {
        self.int().map(version_of)
    }
}

/// Versions are 64 bits; SQLite's integers are signed.
pub(crate) fn bits(version: Version) -> i64 {
    version.0.cast_signed()
}

fn version_of(bits: i64) -> Version {
    Version(bits.cast_unsigned())
}

pub(crate) fn state_no(state: CardState) -> i64 {
    match state {
        CardState::Minted => 0,
        CardState::Issued => 1,
        CardState::Claimed => 2,
        CardState::Spent => 3,
        CardState::Void => 4,
        CardState::Bound => 5,
    }
}

/// The kinds of events by their number in the file. New ones are added at the end; none ever moves.
pub(crate) const KINDS: &[EventKind] = &[
    EventKind::SettingsSaved,
    EventKind::CampaignSaved,
    EventKind::AudienceAdded,
    EventKind::ProductSetSaved,
    EventKind::TemplateSaved,
    EventKind::BatchIssued,
    EventKind::BatchGrown,
    EventKind::BatchRekeyed,
    EventKind::ExportClosed,
    EventKind::CodesExported,
    EventKind::CodeRevealed,
    EventKind::PublicCodeSaved,
    EventKind::Issued,
    EventKind::Claimed,
    EventKind::Redeemed,
    EventKind::Refunded,
    EventKind::Frozen,
    EventKind::Unfrozen,
    EventKind::Replaced,
    EventKind::Voided,
    EventKind::Observed,
    EventKind::Loaded,
    EventKind::Adjusted,
    EventKind::Fenced,
    EventKind::Held,
    EventKind::HeldAgain,
    EventKind::Captured,
    EventKind::CapturedLate,
    EventKind::Released,
    EventKind::UnitSaved,
    EventKind::AccountMoved,
    EventKind::BuyerRecorded,
    EventKind::Succeeded,
    EventKind::Bound,
    EventKind::Rebound,
    EventKind::Transferred,
    EventKind::Extended,
    EventKind::BatchFrozen,
    EventKind::BatchUnfrozen,
    EventKind::BatchVoided,
    EventKind::BatchExtended,
    EventKind::BatchClosed,
    EventKind::BatchArchived,
    EventKind::BatchRefillSet,
    EventKind::CampaignMoved,
    EventKind::PersonLinked,
    EventKind::PersonUnlinked,
    EventKind::PersonErased,
];

/// No wildcard: a kind without a number does not compile.
pub(crate) fn kind_no(kind: EventKind) -> i64 {
    match kind {
        EventKind::SettingsSaved => 0,
        EventKind::CampaignSaved => 1,
        EventKind::AudienceAdded => 2,
        EventKind::ProductSetSaved => 3,
        EventKind::TemplateSaved => 4,
        EventKind::BatchIssued => 5,
        EventKind::BatchGrown => 6,
        EventKind::BatchRekeyed => 7,
        EventKind::ExportClosed => 8,
        EventKind::CodesExported => 9,
        EventKind::CodeRevealed => 10,
        EventKind::PublicCodeSaved => 11,
        EventKind::Issued => 12,
        EventKind::Claimed => 13,
        EventKind::Redeemed => 14,
        EventKind::Refunded => 15,
        EventKind::Frozen => 16,
        EventKind::Unfrozen => 17,
        EventKind::Replaced => 18,
        EventKind::Voided => 19,
        EventKind::Observed => 20,
        EventKind::Loaded => 21,
        EventKind::Adjusted => 22,
        EventKind::Fenced => 23,
        EventKind::Held => 24,
        EventKind::HeldAgain => 25,
        EventKind::Captured => 26,
        EventKind::CapturedLate => 27,
        EventKind::Released => 28,
        EventKind::UnitSaved => 29,
        EventKind::AccountMoved => 30,
        EventKind::BuyerRecorded => 31,
        EventKind::Succeeded => 32,
        EventKind::Bound => 33,
        EventKind::Rebound => 34,
        EventKind::Transferred => 35,
        EventKind::Extended => 36,
        EventKind::BatchFrozen => 37,
        EventKind::BatchUnfrozen => 38,
        EventKind::BatchVoided => 39,
        EventKind::BatchExtended => 40,
        EventKind::BatchClosed => 41,
        EventKind::BatchArchived => 42,
        EventKind::BatchRefillSet => 43,
        EventKind::CampaignMoved => 44,
        EventKind::PersonLinked => 45,
        EventKind::PersonUnlinked => 46,
        EventKind::PersonErased => 47,
    }
}

/// A table whose rows are written as wholes and compared by `stamp`.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// All columns, for SELECT.
    pub(crate) columns: String,
    /// Values in column order.
    pub(crate) insert: String,
    /// Values in column order, and the stamp that must be there.
    pub(crate) update: String,
    /// The same, for rows whose first column behind the stamp stays as it is: leaves its index alone.
    pub(crate) update_rest: String,
    /// By the whole key.
    pub(crate) select: String,
    pub(crate) read: fn(&mut Columns<'_>) -> Result<(Version, Record), Fault>,
}

impl Table {
    fn new(
        name: &'static str,
        keys: &[&str],
        rest: &[&str],
        read: fn(&mut Columns<'_>) -> Result<(Version, Record), Fault>,
    ) -> Self {
        let all: Vec<&str> = keys.iter().chain(["stamp"].iter()).chain(rest).copied().collect();
        let columns = all.join(", ");
        let marks: Vec<String> = (1..=all.len()).map(|n| format!("?{n}")).collect();
        let numbered: Vec<String> = all.iter().zip(&marks).map(|(column, mark)| format!("{column} = {mark}")).collect();
        let key = numbered.get(..keys.len()).unwrap_or_default().join(" AND ");
        let set = numbered.get(keys.len()..).unwrap_or_default().join(", ");
        let stamp = numbered.get(keys.len()).map(String::as_str).unwrap_or_default();
        let first = rest.first().copied().unwrap_or("stamp");
        let set_rest = numbered.get(keys.len() + 2..).unwrap_or_default();
        let set_rest: Vec<&str> = [stamp].into_iter().chain(set_rest.iter().map(String::as_str)).collect();
        let expected = all.len() + 1;
        Self {
            name,
            insert: format!("INSERT INTO {name} ({columns}) VALUES ({}) ON CONFLICT DO NOTHING", marks.join(", ")),
            update: format!("UPDATE {name} SET {set} WHERE {key} AND stamp = ?{expected}"),
            update_rest: format!(
                "UPDATE {name} SET {} WHERE {key} AND stamp = ?{expected} AND {first} IS ?{}",
                set_rest.join(", "),
                keys.len() + 2
            ),
            select: format!("SELECT {columns} FROM {name} WHERE {key}"),
            columns,
            read,
        }
    }

    pub(crate) fn stored(&self, row: &Row<'_>) -> Result<Stored, Fault> {
        let (version, record) = (self.read)(&mut Columns::new(self.name, row))?;
        Ok(Stored { version, record })
    }
}

pub(crate) use control::{
    AUDIENCE, BATCH, CAMPAIGN, FORMAT_USE, LINKED, PRODUCT_SET, PUBLIC_CODE, SETTINGS, STOCK, TEMPLATE, UNIT,
};
pub(crate) use hold::{ACCOUNT_HELD, HOLD};

type Lazy = LazyLock<Table>;

/// The table of a record that is written, and its values in column order; `None` for accounts and events.
pub(crate) fn values_of<'a>(
    tenant: i64,
    version: Version,
    record: &'a Record,
) -> Result<Option<(&'static Table, Vec<Value<'a>>)>, Fault> {
    let stamp = Value::Int(bits(version));
    let tenant = Value::Int(tenant);
    Ok(Some(match record {
        Record::Settings(settings) => (&SETTINGS, control::settings(tenant, stamp, settings)?),
        Record::Campaign(campaign) => (&CAMPAIGN, control::campaign(tenant, stamp, campaign)?),
        Record::Audience(member) => (&AUDIENCE, control::audience(tenant, stamp, member)),
        Record::ProductSet(set) => (&PRODUCT_SET, control::product_set(tenant, stamp, set)?),
        Record::Template(template) => (&TEMPLATE, control::template(tenant, stamp, template)?),
        Record::Batch(batch) => (&BATCH, control::batch(tenant, stamp, batch)?),
        Record::FormatUse(format) => (&FORMAT_USE, control::format_use(tenant, stamp, format)?),
        Record::Stock(stock) => (&STOCK, control::stock(tenant, stamp, stock)),
        Record::PublicCode(code) => (&PUBLIC_CODE, control::public_code(tenant, stamp, code)),
        Record::Unit(unit) => (&UNIT, control::unit(tenant, stamp, unit)?),
        Record::Linked(linked) => (&LINKED, control::linked(tenant, stamp, linked)?),
        Record::Card(card) => (&CARD, hot::card(tenant, stamp, card)?),
        Record::Redemption(redemption) => (&REDEMPTION, hot::redemption(tenant, stamp, redemption)?),
        Record::Fence(fence) => (&REDEMPTION, hot::fence(tenant, stamp, fence)),
        Record::Refund(refund) => (&REFUND, hot::refund(tenant, stamp, refund)),
        Record::Hold(hold) => (&HOLD, hold::hold(tenant, stamp, hold)?),
        Record::AccountHeld(held) => (&ACCOUNT_HELD, hold::account_held(tenant, stamp, held)?),
        Record::Account(_) | Record::Event(_) | Record::Writer(_) => return Ok(None),
    }))
}

/// Runs a prepared statement with these values; how many rows it changed is the verdict.
pub(crate) fn run(statement: &mut CachedStatement<'_>, values: &[Value<'_>]) -> rusqlite::Result<usize> {
    for (place, value) in values.iter().enumerate() {
        statement.raw_bind_parameter(place + 1, value)?;
    }
    statement.raw_execute()
}

type ReadRow<'a> = &'a dyn Fn(&Row<'_>) -> Result<Stored, Fault>;

fn one(
    held: &mut Held<'_>,
    sql: &'static str,
    read: ReadRow<'_>,
    values: &[Value<'_>],
) -> Result<Option<Stored>, Fault> {
    let statement = held.get(sql)?;
    for (place, value) in values.iter().enumerate() {
        statement.raw_bind_parameter(place + 1, value)?;
    }
    statement.raw_query().next()?.map(read).transpose()
}

/// Reads one record by a key of it.
pub(crate) fn find(
    held: &mut Held<'_>,
    tenant: i64,
    lookup: &Lookup,
    writer: impl Fn(u64) -> Result<Option<i64>, Fault>,
) -> Result<Option<Stored>, Fault> {
    let mut one = |sql, read: ReadRow<'_>, values: &[Value<'_>]| one(held, sql, read, values);
    let tenant = Value::Int(tenant);
    let mut whole = |table: &'static Table, values: &[Value<'_>]| one(&table.select, &|row| table.stored(row), values);
    match &lookup.key {
        Key::Settings => whole(&SETTINGS, &[tenant]),
        Key::Campaign(id) => whole(&CAMPAIGN, &[tenant, Value::Text(id)]),
        Key::Audience(campaign, subject) => {
            whole(&AUDIENCE, &[tenant, Value::Text(campaign), Value::Text(subject.as_str())])
        }
        Key::ProductSet(name, version) | Key::Template(name, version) => {
            let is_set = matches!(lookup.key, Key::ProductSet(..));
            let table: &'static Table = if is_set { &PRODUCT_SET } else { &TEMPLATE };
            let values = [tenant, Value::Text(name), Value::Int(i64::from(*version))];
            if !lookup.floor {
                return whole(table, &values);
            }
            let sql: &'static str = if is_set { &control::PRODUCT_SET_FLOOR } else { &control::TEMPLATE_FLOOR };
            one(sql, &|row| table.stored(row), &values)
        }
        Key::Batch(no) => whole(&BATCH, &[tenant, Value::Int(no.packed())]),
        Key::BatchNamed(id) => one(&control::BATCH_NAMED, &|row| BATCH.stored(row), &[tenant, Value::Text(id)]),
        Key::FormatUse(symbols) => whole(&FORMAT_USE, &[tenant, Value::Int(i64::from(*symbols))]),
        Key::Stock(batch) => whole(&STOCK, &[tenant, Value::Int(batch.packed())]),
        Key::PublicCode(index) => whole(&PUBLIC_CODE, &[tenant, Value::Blob(index)]),
        Key::Unit(name) => whole(&UNIT, &[tenant, Value::Text(name)]),
        Key::Linked(subject) => whole(&LINKED, &[tenant, Value::Text(subject.as_str())]),
        Key::Card(card) => whole(&CARD, &[tenant, Value::Int(card.batch.packed()), Value::Int(i64::from(card.serial))]),
        Key::Account(owner, unit) => {
            one(ACCOUNT_SELECT, &read_account, &[tenant, Value::Owned(owner.text()), Value::Text(unit)])
        }
        Key::Redemption(key) => whole(&REDEMPTION, &[tenant, Value::Text(key)]),
        Key::Refund(redemption, place) => {
            let values = [tenant, Value::Text(redemption), Value::Int(i64::from(*place))];
            match lookup.floor {
                false => whole(&REFUND, &values),
                true => one(&hot::LAST_REFUND, &|row| REFUND.stored(row), &values),
            }
        }
        Key::Hold(id) => whole(&HOLD, &[tenant, Value::Text(&id.order), Value::Owned(id.of.to_string())]),
        Key::AccountHeld(owner, unit) => whole(&ACCOUNT_HELD, &[tenant, Value::Owned(owner.text()), Value::Text(unit)]),
        Key::Request(op, key) => one(&hot::EVENT_BY_REQUEST, &read_event, &[tenant, Value::Text(op), Value::Text(key)]),
        Key::Event(bits, n) => match writer(*bits)?.and_then(|no| place_of(no, *n)) {
            Some(place) => one(&hot::EVENT_BY_PLACE, &read_event, &[tenant, Value::Int(place)]),
            None => Ok(None),
        },
        Key::CardEvent(card, place) => {
            let (batch, serial) = (card.batch.packed(), i64::from(card.serial));
            let values = [tenant, Value::Int(batch), Value::Int(serial), Value::Int(i64::from(*place))];
            one(&hot::EVENT_OF_CARD, &read_event, &values)
        }
        // Writers are walked.
        Key::Writer(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_kinds_and_states_agree_with_their_tables() {
        for (no, kind) in KINDS.iter().enumerate() {
            assert_eq!(kind_no(*kind), i64::try_from(no).unwrap());
        }
        for (no, state) in CardState::ALL.iter().enumerate() {
            assert_eq!(state_no(*state), i64::try_from(no).unwrap());
        }
    }
}
