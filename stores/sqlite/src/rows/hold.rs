//! Rows of holds, and of what accounts count for them.

use std::sync::LazyLock;

use cardmint::card::{Hold, HoldId, HoldOf};
use cardmint::id::CardId;
use cardmint::limit::Buckets;
use cardmint::store::{AccountHeld, Owner, Record};
use cardmint::subject::SubjectKey;
use cardmint::time::Instant;

use super::hot::currency;
use super::pricing::{pricing, pricing_values};
use super::{Columns, Lazy, Table, Value};
use crate::error::Fault;

type Values<'a> = Vec<Value<'a>>;

/// `[[expires_at, amount], …]`, or nothing: what is held, by the moment at which it is free again.
pub(super) fn held(buckets: &Buckets) -> Result<Value<'static>, Fault> {
    let all: Vec<(i64, i64)> = buckets.iter().map(|(at, amount)| (at.millis(), amount)).collect();
    Value::json_unless(all.is_empty(), &all)
}

pub(super) fn buckets(row: &mut Columns<'_>) -> Result<Buckets, Fault> {
    let all: Vec<(i64, i64)> = row.opt_json()?.unwrap_or_default();
    let read =
        |(at, amount)| Instant::from_millis("held", at).map(|at| (at, amount)).map_err(|_| row.bad("no instant"));
    Ok(Buckets::of(all.into_iter().map(read).collect::<Result<Vec<_>, Fault>>()?))
}

pub(super) fn hold_id(row: &mut Columns<'_>) -> Result<Option<HoldId>, Fault> {
    let Some(id) = row.opt_text()? else { return Ok(None) };
    HoldId::parse("hold", &id).map(Some).map_err(|_| row.bad("no id of a hold"))
}

pub(crate) static HOLD: Lazy = LazyLock::new(|| {
    let rest = [
        "batch",
        "serial",
        "holder",
        "state",
        "epoch",
        "content",
        "at",
        "expires_at",
        "amount",
        "counters",
        "currency",
        "before_minor",
        "discount_minor",
        "tender_minor",
        "payable_minor",
        "allocations",
        "rounding",
        "redemption",
        "store",
        "channel",
        "source",
        "ordered_at",
        "new_customer",
        "segments",
    ];
    Table::new("hold", &["tenant", "order_id", "kept"], &rest, |row| {
        row.next()?;
        let (order, kept) = (row.text()?, row.text()?);
        let of = HoldOf::parse(&kept).ok_or_else(|| row.bad("neither a card nor a batch"))?;
        let stamp = row.stamp()?;
        let mut order_mark = None;
        let hold = Hold {
            id: HoldId { order, of },
            card: CardId { batch: row.batch()?, serial: row.int()? },
            holder: row.opt_text()?.map(SubjectKey::from_stored),
            state: row.word()?,
            epoch: row.int()?,
            content: row.digest()?,
            at: row.instant()?,
            expires_at: row.instant()?,
            amount: row.int()?,
            counters: row.opt_json()?.unwrap_or_default(),
            currency: currency(row)?,
            pricing: pricing(row, &mut order_mark)?,
            order_mark,
            redemption: row.opt_text()?,
            store: row.opt_text()?,
            channel: row.opt_text()?,
            source: row.opt_text()?,
            ordered_at: row.opt_at()?,
            new_customer: row.opt_int()?.map(|int| int != 0),
            segments: row.opt_json()?.unwrap_or_default(),
        };
        Ok((stamp, Record::Hold(hold)))
    })
});

pub(super) fn hold<'a>(tenant: Value<'a>, stamp: Value<'a>, it: &'a Hold) -> Result<Values<'a>, Fault> {
    let [before, discount, tender, payable, shares, rounding] = pricing_values(&it.pricing, it.order_mark)?;
    Ok(vec![
        tenant,
        Value::Text(&it.id.order),
        Value::Owned(it.id.of.to_string()),
        stamp,
        Value::Int(it.card.batch.packed()),
        Value::Int(i64::from(it.card.serial)),
        Value::opt_text(it.holder.as_ref().map(SubjectKey::as_str)),
        Value::Text(it.state.name()),
        Value::Int(i64::from(it.epoch)),
        Value::Blob(&it.content),
        Value::Int(it.at.millis()),
        Value::Int(it.expires_at.millis()),
        Value::Int(it.amount),
        Value::json_unless(it.counters.is_empty(), &it.counters)?,
        Value::Text(it.currency.code()),
        before,
        discount,
        tender,
        payable,
        shares,
        rounding,
        Value::opt_text(it.redemption.as_deref()),
        Value::opt_text(it.store.as_deref()),
        Value::opt_text(it.channel.as_deref()),
        Value::opt_text(it.source.as_deref()),
        Value::opt_at(it.ordered_at),
        it.new_customer.map_or(Value::Null, |new| Value::Int(i64::from(new))),
        Value::json_unless(it.segments.is_empty(), &it.segments)?,
    ])
}

pub(crate) static ACCOUNT_HELD: Lazy = LazyLock::new(|| {
    Table::new("account_held", &["tenant", "owner", "unit"], &["held", "last_at"], |row| {
        row.next()?;
        let owner = row.text()?;
        let owner = Owner::from_text(&owner).ok_or_else(|| row.bad("no owner"))?;
        let unit = row.text()?;
        let stamp = row.stamp()?;
        let held = AccountHeld { owner, unit, buckets: buckets(row)?, last_at: row.instant()? };
        Ok((stamp, Record::AccountHeld(held)))
    })
});

pub(super) fn account_held<'a>(tenant: Value<'a>, stamp: Value<'a>, it: &'a AccountHeld) -> Result<Values<'a>, Fault> {
    let (owner, last_at) = (Value::Owned(it.owner.text()), Value::Int(it.last_at.millis()));
    Ok(vec![tenant, owner, Value::Text(&it.unit), stamp, held(&it.buckets)?, last_at])
}
