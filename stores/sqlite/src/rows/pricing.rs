//! What an order comes to with a card: six columns of redemptions and of holds, from `before_minor` to `rounding`.

use cardmint::checkout::{Action, Allocation, Funded, HeldBack, Pricing};
use cardmint::money::Rounding;
use serde::{Deserialize, Serialize};

use super::{Columns, Value};
use crate::error::Fault;

/// Reads them, and the mark of the order that they are of.
pub(super) fn pricing(row: &mut Columns<'_>, order_mark: &mut Option<[u8; 16]>) -> Result<Pricing, Fault> {
    let totals = Pricing {
        before_minor: row.int()?,
        discount_minor: row.int()?,
        tender_minor: row.int()?,
        payable_minor: row.int()?,
        ..Pricing::default()
    };
    let shares: Option<Shares> = row.opt_json()?;
    let rounding = rounding(row)?;
    *order_mark = match shares.as_ref().and_then(Shares::order) {
        Some(hex) => Some(mark_of(hex).ok_or_else(|| row.bad("no mark of an order"))?),
        None => None,
    };
    let shared = shares.map_or(totals.clone(), |shares| shares.into_pricing(totals));
    Ok(Pricing { rounding, ..shared })
}

/// The values of these columns.
pub(super) fn pricing_values(it: &Pricing, order_mark: Option<[u8; 16]>) -> Result<[Value<'static>; 6], Fault> {
    Ok([
        Value::Int(it.before_minor),
        Value::Int(it.discount_minor),
        Value::Int(it.tender_minor),
        Value::Int(it.payable_minor),
        shares(it, order_mark)?,
        Value::Int(rounding_no(it.rounding)),
    ])
}

/// The column `allocations`: `[["line", before, off], …]`, since names in every element would double the row. Where there is more to
/// say than that, an object that has it as `lines`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Shares {
    Plain(Vec<(String, i64, i64)>),
    More(Box<More>),
}

#[derive(Serialize, Deserialize)]
struct More {
    lines: Vec<(String, i64, i64)>,
    /// Who bears what of each line, in the order of the lines: `[[["platform", off], …], …]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    funded: Vec<Vec<(String, i64)>>,
    #[serde(default, skip_serializing_if = "is_nothing")]
    shipping_off: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    shipping_funded: Vec<Funded>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    held_back: Vec<HeldBack>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    actions: Vec<Action>,
    /// The mark of the order that it is of, two digits a byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order: Option<String>,
}

fn is_nothing(minor: &i64) -> bool {
    *minor == 0
}

fn mark_of(hex: &str) -> Option<[u8; 16]> {
    let mark = u128::from_str_radix(hex, 16).ok().filter(|_| hex.len() == 32)?;
    Some(mark.to_be_bytes())
}

impl Shares {
    fn order(&self) -> Option<&str> {
        match self {
            Self::Plain(_) => None,
            Self::More(more) => more.order.as_deref(),
        }
    }

    fn into_pricing(self, totals: Pricing) -> Pricing {
        let plain = |lines: Vec<(String, i64, i64)>| {
            lines.into_iter().map(|(line, before, off)| Allocation::new(line, before, off)).collect::<Vec<_>>()
        };
        match self {
            Self::Plain(lines) => Pricing { allocations: plain(lines), ..totals },
            Self::More(more) => {
                let mut allocations = plain(more.lines);
                for (share, parts) in allocations.iter_mut().zip(more.funded) {
                    share.funded = parts.into_iter().map(|(party, off_minor)| Funded { party, off_minor }).collect();
                }
                let (held_back, actions) = (more.held_back, more.actions);
                let (shipping_off_minor, shipping_funded) = (more.shipping_off, more.shipping_funded);
                Pricing { allocations, shipping_off_minor, shipping_funded, held_back, actions, ..totals }
            }
        }
    }
}

fn shares(it: &Pricing, order_mark: Option<[u8; 16]>) -> Result<Value<'static>, Fault> {
    let is_funded = it.allocations.iter().any(|part| !part.funded.is_empty());
    let is_plain = order_mark.is_none()
        && !is_funded
        && it.shipping_off_minor == 0
        && it.shipping_funded.is_empty()
        && it.held_back.is_empty()
        && it.actions.is_empty();
    if is_plain {
        let lines = it.allocations.iter().map(|part| (part.line.as_str(), part.before_minor, part.off_minor));
        let lines: Vec<(&str, i64, i64)> = lines.collect();
        return Value::json_unless(lines.is_empty(), &lines);
    }
    let parts = |share: &Allocation| share.funded.iter().map(|part| (part.party.clone(), part.off_minor)).collect();
    let lines = it.allocations.iter().map(|part| (part.line.clone(), part.before_minor, part.off_minor));
    let more = More {
        lines: lines.collect(),
        funded: if is_funded { it.allocations.iter().map(parts).collect() } else { Vec::new() },
        shipping_off: it.shipping_off_minor,
        shipping_funded: it.shipping_funded.clone(),
        held_back: it.held_back.clone(),
        actions: it.actions.clone(),
        order: order_mark.map(|mark| format!("{:032x}", u128::from_be_bytes(mark))),
    };
    Value::json(&more)
}

fn rounding(row: &mut Columns<'_>) -> Result<Rounding, Fault> {
    match row.int::<i64>()? {
        0 => Ok(Rounding::HalfUp),
        1 => Ok(Rounding::HalfEven),
        _ => Err(row.bad("no rounding")),
    }
}

fn rounding_no(rounding: Rounding) -> i64 {
    match rounding {
        Rounding::HalfUp => 0,
        Rounding::HalfEven => 1,
    }
}
