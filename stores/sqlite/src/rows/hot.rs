//! Rows that every use of a card writes: cards, redemptions, refunds, events, accounts. Their size is the cost of a redemption.

use std::sync::LazyLock;

use cardmint::card::{Card, Event, Given, Origin, Redemption, Refund, RequestMark, Target};
use cardmint::id::{CardId, Version};
use cardmint::ledger::Entry;
use cardmint::money::Currency;
use cardmint::store::{Account, Fence, Owner, Record, Stored, StoredEvent, Writer};
use cardmint::subject::SubjectKey;
use rusqlite::Row;

use super::control::floor;
use super::hold::{buckets, held, hold_id};
use super::pricing::{pricing, pricing_values};
use super::{Columns, KINDS, Lazy, Table, Value, kind_no, state_no};
use crate::error::Fault;
use crate::order::Shift;

type Values<'a> = Vec<Value<'a>>;

pub(crate) static CARD: Lazy = LazyLock::new(|| {
    // `holder` comes first: it is the only one with an index, see `Table::update_rest`.
    let rest = [
        "holder",
        "state",
        "unspent_state",
        "channel",
        "issue_no",
        "uses_left",
        "balance_minor",
        "claimed_at",
        "expires_at",
        "extended_to",
        "bound",
        "rebinds",
        "transfers",
        "frozen",
        "parameters",
        "origin",
        "held",
        "epoch",
        "holds_from",
        "last_at",
        "events",
        "chain",
        "booked_minor",
        "broken_minor",
    ];
    Table::new("card", &["tenant", "batch", "serial"], &rest, |row| {
        row.next()?;
        let id = CardId { batch: row.batch()?, serial: row.int()? };
        let stamp = row.stamp()?;
        let holder = row.opt_text()?.map(SubjectKey::from_stored);
        let card = Card {
            id,
            holder,
            state: row.state()?,
            unspent_state: row.state()?,
            channel: row.opt_text()?,
            issue_no: row.int()?,
            uses_left: row.int()?,
            balance_minor: row.int()?,
            claimed_at: row.opt_at()?,
            expires_at: row.opt_at()?,
            extended_to: row.opt_at()?,
            bound: row.opt_text()?.map(SubjectKey::from_stored),
            rebinds: row.int()?,
            transfers: row.int()?,
            frozen: row.opt_text()?,
            parameters: row.opt_json()?.unwrap_or_default(),
            origin: row.opt_json()?.unwrap_or_default(),
            held: buckets(row)?,
            epoch: row.int()?,
            holds_from: row.int()?,
            last_at: row.instant()?,
            events: row.int()?,
            chain: row.digest()?,
            booked_minor: row.int()?,
            broken_minor: row.int()?,
        };
        Ok((stamp, Record::Card(card)))
    })
});

pub(super) fn card<'a>(tenant: Value<'a>, stamp: Value<'a>, card: &'a Card) -> Result<Values<'a>, Fault> {
    Ok(vec![
        tenant,
        Value::Int(card.id.batch.packed()),
        Value::Int(i64::from(card.id.serial)),
        stamp,
        Value::opt_text(card.holder.as_ref().map(SubjectKey::as_str)),
        Value::Int(state_no(card.state)),
        Value::Int(state_no(card.unspent_state)),
        Value::opt_text(card.channel.as_deref()),
        Value::Int(i64::from(card.issue_no)),
        Value::Int(i64::from(card.uses_left)),
        Value::Int(card.balance_minor),
        Value::opt_at(card.claimed_at),
        Value::opt_at(card.expires_at),
        Value::opt_at(card.extended_to),
        Value::opt_text(card.bound.as_ref().map(SubjectKey::as_str)),
        Value::Int(i64::from(card.rebinds)),
        Value::Int(i64::from(card.transfers)),
        Value::opt_text(card.frozen.as_deref()),
        Value::json_unless(card.parameters.is_empty(), &card.parameters)?,
        Value::json_unless(card.origin == Origin::default(), &card.origin)?,
        held(&card.held)?,
        Value::Int(i64::from(card.epoch)),
        Value::Int(i64::from(card.holds_from)),
        Value::Int(card.last_at.millis()),
        Value::Int(i64::from(card.events)),
        Value::Blob(&card.chain),
        Value::Int(card.booked_minor),
        Value::Int(card.broken_minor),
    ])
}

pub(crate) static REDEMPTION: Lazy = LazyLock::new(|| {
    let rest = [
        "digest",
        "batch",
        "serial",
        "at",
        "order_id",
        "holder",
        "currency",
        "before_minor",
        "discount_minor",
        "tender_minor",
        "payable_minor",
        "allocations",
        "rounding",
        "units",
        "given",
        "not_given",
        "balance_minor",
        "hold",
        "counted",
        "campaign",
        "store",
        "channel",
        "source",
        "operator",
        "ordered_at",
        "new_customer",
        "segments",
    ];
    Table::new("redemption", &["tenant", "key"], &rest, |row| {
        row.next()?;
        let key = row.text()?;
        let stamp = row.stamp()?;
        let digest = row.digest()?;
        if row.is_empty_at(ORDER_ID)? {
            let (_batch, _serial) = (row.next()?, row.next()?);
            return Ok((stamp, Record::Fence(Fence { key, digest, at: row.instant()? })));
        }
        let mut order_mark = None;
        let redemption = Redemption {
            key,
            digest,
            card: CardId { batch: row.batch()?, serial: row.int()? },
            at: row.instant()?,
            order: row.text()?,
            holder: row.opt_text()?.map(SubjectKey::from_stored),
            currency: currency(row)?,
            pricing: pricing(row, &mut order_mark)?,
            order_mark,
            units: units(row)?,
            given: given(row)?,
            not_given: row.opt_json()?.unwrap_or_default(),
            balance_minor: row.opt_int()?,
            hold: hold_id(row)?,
            counted: row.opt_json()?.unwrap_or_default(),
            campaign: row.opt_text()?,
            store: row.opt_text()?,
            channel: row.opt_text()?,
            source: row.opt_text()?,
            operator: row.opt_text()?,
            ordered_at: row.opt_at()?,
            new_customer: row.opt_int()?.map(|int| int != 0),
            segments: row.opt_json()?.unwrap_or_default(),
        };
        Ok((stamp, Record::Redemption(redemption)))
    })
});

/// The place of `order_id` among the columns. No order has an empty id: where it is empty the row is a fence.
const ORDER_ID: usize = 7;

/// A row that holds nothing but the place of a redemption. Batch and serial are none that a card has.
pub(super) fn fence<'a>(tenant: Value<'a>, stamp: Value<'a>, fence: &'a Fence) -> Values<'a> {
    let mut values = vec![tenant, Value::Text(&fence.key), stamp, Value::Blob(&fence.digest)];
    let none = || Value::Int(0);
    values.extend([none(), none(), Value::Int(fence.at.millis()), Value::Text(""), Value::Null, Value::Text("")]);
    // Before, discount, tender, payable; no allocations; rounding.
    values.extend([none(), none(), none(), none(), Value::Null, none()]);
    // From the units to the segments.
    values.extend((0..14).map(|_| Value::Null));
    values
}

pub(super) fn currency(row: &mut Columns<'_>) -> Result<Currency, Fault> {
    let code = row.text()?;
    Currency::parse("currency", &code).map_err(|_| row.bad("no currency"))
}

fn units(row: &mut Columns<'_>) -> Result<Option<u32>, Fault> {
    let Some(units) = row.opt_int()? else { return Ok(None) };
    u32::try_from(units).map(Some).map_err(|_| row.bad("an integer out of range"))
}

/// `[["16-3-41", issue_no, events], …]`.
fn given(row: &mut Columns<'_>) -> Result<Vec<Given>, Fault> {
    let parts: Vec<(CardId, u8, u32)> = row.opt_json()?.unwrap_or_default();
    Ok(parts.into_iter().map(|(card, issue_no, events)| Given { card, issue_no, events }).collect())
}

pub(super) fn redemption<'a>(tenant: Value<'a>, stamp: Value<'a>, it: &'a Redemption) -> Result<Values<'a>, Fault> {
    let given: Vec<_> = it.given.iter().map(|given| (given.card, given.issue_no, given.events)).collect();
    let [before, discount, tender, payable, shares, rounding] = pricing_values(&it.pricing, it.order_mark)?;
    Ok(vec![
        tenant,
        Value::Text(&it.key),
        stamp,
        Value::Blob(&it.digest),
        Value::Int(it.card.batch.packed()),
        Value::Int(i64::from(it.card.serial)),
        Value::Int(it.at.millis()),
        Value::Text(&it.order),
        Value::opt_text(it.holder.as_ref().map(SubjectKey::as_str)),
        Value::Text(it.currency.code()),
        before,
        discount,
        tender,
        payable,
        shares,
        rounding,
        it.units.map_or(Value::Null, |units| Value::Int(i64::from(units))),
        Value::json_unless(given.is_empty(), &given)?,
        Value::json_unless(it.not_given.is_empty(), &it.not_given)?,
        it.balance_minor.map_or(Value::Null, Value::Int),
        it.hold.as_ref().map_or(Value::Null, |id| Value::Owned(id.to_string())),
        Value::json_unless(it.counted.is_empty(), &it.counted)?,
        Value::opt_text(it.campaign.as_deref()),
        Value::opt_text(it.store.as_deref()),
        Value::opt_text(it.channel.as_deref()),
        Value::opt_text(it.source.as_deref()),
        Value::opt_text(it.operator.as_deref()),
        Value::opt_at(it.ordered_at),
        it.new_customer.map_or(Value::Null, |new| Value::Int(i64::from(new))),
        Value::json_unless(it.segments.is_empty(), &it.segments)?,
    ])
}

pub(crate) static REFUND: Lazy = LazyLock::new(|| {
    let rest = ["at", "amount_minor", "total_minor", "units", "total_units"];
    Table::new("refund", &["tenant", "redemption", "place"], &rest, |row| {
        row.next()?;
        let (redemption, place) = (row.text()?, row.int()?);
        let (stamp, at) = (row.stamp()?, row.instant()?);
        let (amount_minor, total_minor) = (row.int()?, row.int()?);
        let (units, total_units) = (row.int()?, row.int()?);
        let refund = Refund { redemption, place, at, amount_minor, total_minor, units, total_units };
        Ok((stamp, Record::Refund(refund)))
    })
});

pub(super) static LAST_REFUND: LazyLock<String> = LazyLock::new(|| floor(&REFUND, "redemption", "place"));

pub(super) fn refund<'a>(tenant: Value<'a>, stamp: Value<'a>, refund: &'a Refund) -> Values<'a> {
    let place = Value::Int(i64::from(refund.place));
    let (at, amount) = (Value::Int(refund.at.millis()), Value::Int(refund.amount_minor));
    let [total, units, total_units] =
        [refund.total_minor, i64::from(refund.units), i64::from(refund.total_units)].map(Value::Int);
    vec![tenant, Value::Text(&refund.redemption), place, stamp, at, amount, total, units, total_units]
}

pub(crate) const ACCOUNT_COLUMNS: &str = "owner, unit, balance";

pub(crate) const ACCOUNT_SELECT: &str =
    "SELECT owner, unit, balance FROM account WHERE tenant = ?1 AND owner = ?2 AND unit = ?3";

/// Makes the account or moves it, or changes no row when the balance before is not one from which the step may be made.
pub(crate) const MOVE: &str = "INSERT INTO account (tenant, owner, unit, balance) SELECT ?1, ?2, ?3, ?4 \
    WHERE coalesce((SELECT balance FROM account WHERE tenant = ?1 AND owner = ?2 AND unit = ?3), 0) BETWEEN ?5 AND ?6 \
    ON CONFLICT DO UPDATE SET balance = balance + excluded.balance";

/// [`MOVE`] for an account that is there, as nearly all are: one walk down the tree in place of three.
pub(crate) const MOVE_ON: &str = "UPDATE account SET balance = balance + ?4 \
    WHERE tenant = ?1 AND owner = ?2 AND unit = ?3 AND balance BETWEEN ?5 AND ?6";

/// Values of [`MOVE`] and [`MOVE_ON`]. The bounds are moved instead of the balance: SQLite makes a float of a sum beyond 64 bits.
pub(crate) fn move_values<'a>(tenant: i64, shift: &Shift<'a>) -> [Value<'a>; 6] {
    let delta = i64::try_from(shift.delta);
    let (least, most) = (shift.least.max(i64::MIN.into()), shift.most.min(i64::MAX.into()));
    // From nowhere, where no step or no balance of 64 bits will do.
    let bounds = delta.ok().and_then(|_| i64::try_from(least).ok().zip(i64::try_from(most).ok()));
    let (least, most) = bounds.unwrap_or((1, 0));
    [
        Value::Int(tenant),
        Value::Owned(shift.owner.text()),
        Value::Text(shift.unit),
        Value::Int(delta.unwrap_or_default()),
        Value::Int(least),
        Value::Int(most),
    ]
}

pub(crate) fn read_account(row: &Row<'_>) -> Result<Stored, Fault> {
    let mut row = Columns::new("account", row);
    let text = row.text()?;
    let owner = Owner::from_text(&text).ok_or_else(|| row.bad("no owner"))?;
    let account = Account { owner, unit: row.text()?, balance: row.int()? };
    Ok(Stored { version: Version(0), record: Record::Account(account) })
}

/// Places hold the writer's number above 40 bits of n.
pub(crate) const N_BITS: u32 = 40;

/// The rowid of an event; `None` beyond what a place can hold.
pub(crate) fn place_of(writer_no: i64, n: u64) -> Option<i64> {
    let n = i64::try_from(n).ok().filter(|n| *n < 1 << N_BITS)?;
    Some(writer_no << N_BITS | n)
}

const EVENT_VALUES: &str = "place, tenant, kind, at, batch, serial, card_place, name, reason, origin, op, key, digest, facts, chain, entry, \
    redacted";

pub(crate) const EVENT_INSERT: &str = "INSERT INTO event (place, tenant, kind, at, batch, serial, card_place, name, \
    reason, origin, op, key, digest, facts, chain, entry, redacted) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) ON CONFLICT DO NOTHING";

/// All of an event that a redaction may change.
pub(crate) const EVENT_REDACT: &str =
    "UPDATE event SET name = ?2, reason = ?3, origin = ?4, facts = ?5, redacted = ?6 WHERE place = ?1";

/// Values of [`EVENT_REDACT`].
pub(crate) fn redacted_values(writer_no: i64, stored: &StoredEvent) -> Result<Values<'_>, Fault> {
    let event = &stored.event;
    let place = place_of(writer_no, stored.n).ok_or_else(|| Fault::Refused("an event beyond 2^40".to_owned()))?;
    Ok(vec![
        Value::Int(place),
        match &event.target {
            Target::Named(name) => Value::Text(name),
            Target::Tenant | Target::Card(..) => Value::Null,
        },
        Value::opt_text(event.reason.as_deref()),
        Value::json_unless(event.origin == Origin::default(), &event.origin)?,
        Value::Text(&event.facts),
        event.redacted.as_ref().map_or(Value::Null, |seal| Value::Blob(seal)),
    ])
}

/// Columns of an event as [`read_event`] wants them: its own, and the bits of its writer.
pub(crate) static EVENT_COLUMNS: LazyLock<String> =
    LazyLock::new(|| format!("{EVENT_VALUES}, (SELECT bits FROM writer WHERE no = place >> {N_BITS})"));

pub(super) static EVENT_BY_PLACE: LazyLock<String> =
    LazyLock::new(|| format!("SELECT {} FROM event WHERE place = ?2 AND tenant = ?1", *EVENT_COLUMNS));

pub(super) static EVENT_BY_REQUEST: LazyLock<String> =
    LazyLock::new(|| format!("SELECT {} FROM event WHERE tenant = ?1 AND op = ?2 AND key = ?3", *EVENT_COLUMNS));

pub(super) static EVENT_OF_CARD: LazyLock<String> = LazyLock::new(|| {
    let columns = &*EVENT_COLUMNS;
    format!("SELECT {columns} FROM event WHERE tenant = ?1 AND batch = ?2 AND serial = ?3 AND card_place = ?4")
});

pub(crate) fn read_writer(row: &Row<'_>) -> Result<Stored, Fault> {
    let mut row = Columns::new("writer", row);
    let (no, bits): (u32, i64) = (row.int()?, row.int()?);
    let writer = Writer { no, bits: bits.cast_unsigned(), events: row.int()? };
    Ok(Stored { version: Version(0), record: Record::Writer(writer) })
}

pub(crate) fn event_values<'a>(place: i64, tenant: i64, event: &'a Event) -> Result<Values<'a>, Fault> {
    let (batch, serial, card_place, name) = match &event.target {
        Target::Tenant => (Value::Null, Value::Null, Value::Null, Value::Null),
        Target::Card(card, place) => (
            Value::Int(card.batch.packed()),
            Value::Int(i64::from(card.serial)),
            Value::Int(i64::from(*place)),
            Value::Null,
        ),
        Target::Named(name) => (Value::Null, Value::Null, Value::Null, Value::Text(name)),
    };
    let mark = event.request.as_ref();
    Ok(vec![
        Value::Int(place),
        Value::Int(tenant),
        Value::Int(kind_no(event.kind)),
        Value::Int(event.at.millis()),
        batch,
        serial,
        card_place,
        name,
        Value::opt_text(event.reason.as_deref()),
        Value::json_unless(event.origin == Origin::default(), &event.origin)?,
        mark.map_or(Value::Null, |mark| Value::Text(&mark.op)),
        mark.map_or(Value::Null, |mark| Value::Text(&mark.key)),
        mark.map_or(Value::Null, |mark| Value::Blob(&mark.digest)),
        Value::Text(&event.facts),
        if event.chain == [0; 16] { Value::Null } else { Value::Blob(&event.chain) },
        event.entry.as_ref().map_or(Value::Null, |entry| Value::Owned(entry.to_text())),
        event.redacted.as_ref().map_or(Value::Null, |seal| Value::Blob(seal)),
    ])
}

pub(crate) fn read_event(row: &Row<'_>) -> Result<Stored, Fault> {
    let mut row = Columns::new("event", row);
    let place: i64 = row.int()?;
    row.next()?;
    let kind: usize = row.int()?;
    let kind = KINDS.get(kind).copied().ok_or_else(|| row.bad("a kind that this build does not know"))?;
    let at = row.instant()?;
    let card = match row.opt_int()? {
        None => {
            row.next()?;
            row.next()?;
            None
        }
        Some(packed) => {
            let batch = cardmint::id::BatchNo::unpacked(packed).ok_or_else(|| row.bad("no batch number"))?;
            Some((CardId { batch, serial: row.int()? }, row.int()?))
        }
    };
    let target = match (card, row.opt_text()?) {
        (Some((card, place)), _) => Target::Card(card, place),
        (None, Some(name)) => Target::Named(name),
        (None, None) => Target::Tenant,
    };
    let (reason, origin) = (row.opt_text()?, row.opt_json()?.unwrap_or_default());
    let (op, key, digest) = (row.opt_text()?, row.opt_text()?, row.opt_digest()?);
    let request = match (op, key, digest) {
        (Some(op), Some(key), Some(digest)) => Some(RequestMark { op, key, digest }),
        _ => None,
    };
    let (facts, chain) = (row.text()?, row.opt_digest()?.unwrap_or_default());
    let entry = match row.opt_text()? {
        Some(text) => Some(Entry::from_text(&text).ok_or_else(|| row.bad("no entry of a ledger"))?),
        None => None,
    };
    let redacted = row.opt_digest()?;
    let writer: i64 = row.int()?;
    let n = place & ((1 << N_BITS) - 1);
    let event = Event { kind, at, target, reason, origin, request, facts, entry, chain, redacted };
    let event = StoredEvent { writer: writer.cast_unsigned(), n: n.cast_unsigned(), event };
    Ok(Stored { version: Version(0), record: Record::Event(event) })
}
