//! Giving an order back line by line. What is paid out is worked out by `checkout::refund`; here it is found what was bought and what came
//! back before, and each card gets what is its own (decision 0036).

mod drafts;
mod reply;
mod sale;
mod simulate;
mod write;

use std::collections::BTreeSet;

pub use drafts::{DraftsBack, DraftsRefunded, RefundDrafts};
pub use reply::{CardGotBack, RefundedOrder, TenderBack};
use serde::{Deserialize, Serialize};
pub use simulate::{RefundFigures, RefundSimulated, SimulateRefund, StepFigures, TenderShare, UsesBack};
pub use write::{RefundOrder, Stranded};

use super::error::Error;
use super::tenant::Realm;
use crate::Invalid;
use crate::card::{CountedIn, RefundLines, Template};
use crate::checkout::Order;
use crate::checkout::refund::{Returned, SoldCard};
use crate::denial::Denial;
use crate::id::{check_key, check_name};
use crate::store::{Record, Scan, ScanOf};

/// Most redemptions of one order that is refunded by lines.
pub const SALE_CARDS_MAX: usize = 1_050;

/// Pieces of a line that come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LineReturn {
    /// The line's id within the order.
    pub line: String,
    /// How many pieces, 1 or more; all that are not back yet by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pieces: Option<u32>,
}

impl LineReturn {
    /// All of a line that is not back yet.
    pub fn all(line: impl Into<String>) -> Self {
        Self { line: line.into(), pieces: None }
    }

    /// So many pieces of a line.
    pub fn pieces(line: impl Into<String>, pieces: u32) -> Self {
        Self { line: line.into(), pieces: Some(pieces) }
    }
}

/// What comes back, as a request names it.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    lines: &'a [LineReturn],
    shipping: bool,
    everything: bool,
}

impl Wanted<'_> {
    fn check(&self) -> Result<(), Invalid> {
        if self.everything && (self.shipping || !self.lines.is_empty()) {
            return Err(Invalid::new("everything", "lines or shipping beside it", "everything alone"));
        }
        if !self.everything && !self.shipping && self.lines.is_empty() {
            return Err(Invalid::new("lines", "nothing", "lines, shipping or everything"));
        }
        if self.lines.len() > Order::LINES_MAX {
            return Err(Invalid::new("lines", self.lines.len(), format!("at most {} lines", Order::LINES_MAX)));
        }
        let mut seen = BTreeSet::new();
        for (place, back) in self.lines.iter().enumerate() {
            check_name(&format!("lines[{place}].line"), &back.line)?;
            if back.pieces == Some(0) {
                return Err(Invalid::new(format!("lines[{place}].pieces"), 0, "1 or more pieces"));
            }
            if !seen.insert(back.line.as_str()) {
                return Err(Invalid::new(format!("lines[{place}].line"), &back.line, "each line once"));
            }
        }
        Ok(())
    }

    /// What is back with it.
    ///
    /// # Errors
    /// `all_back`, `unknown` line, `too_many_back`.
    fn behind(&self, order: &Order, before: &Returned) -> Result<Returned, Denial> {
        let all = Returned::all_of(order);
        let is_left = |line: &crate::checkout::Line| before.pieces(&line.id) < line.quantity;
        if !order.lines.iter().any(is_left) && before.shipping == all.shipping {
            return Err(Denial::AllBack { order: order.id.clone() });
        }
        if self.everything {
            return Ok(all);
        }
        let mut after = before.clone();
        for back in self.lines {
            let Some(bought) = all.lines.get(&back.line) else {
                return Err(Denial::Unknown { kind: "line", id: back.line.clone() });
            };
            let left = bought.saturating_sub(before.pieces(&back.line));
            let asked = back.pieces.unwrap_or(left.max(1));
            if asked > left {
                return Err(Denial::TooManyBack { line: back.line.clone(), asked, left });
            }
            after.lines.insert(back.line.clone(), before.pieces(&back.line) + asked);
        }
        if self.shipping {
            if before.shipping || !all.shipping {
                return Err(Denial::TooManyBack { line: "shipping".to_owned(), asked: 1, left: 0 });
            }
            after.shipping = true;
        }
        Ok(after)
    }
}

/// What a template says of refunds of lines.
fn by_terms(card: &SoldCard<'_>) -> RefundLines {
    card.template.draft.policies.refund.unwrap_or_default().lines
}

/// How many uses of a card are given back by now, in all: of a card with one use that, once all of its discount is undone.
fn uses_back(template: &Template, units: Option<u32>, discount_minor: i64, undone_minor: i64, is_whole: bool) -> u32 {
    let units = match template.draft.kind.terms().counted_in {
        CountedIn::Use => 1,
        CountedIn::Units => units.unwrap_or(1),
        CountedIn::Value | CountedIn::Nothing => return 0,
    };
    if discount_minor == 0 {
        return if is_whole { units } else { 0 };
    }
    let share = i128::from(units) * i128::from(undone_minor) / i128::from(discount_minor);
    u32::try_from(share).unwrap_or(units)
}

/// Names of redemptions in a request.
fn check_redemptions(redemptions: &[String]) -> Result<(), Invalid> {
    if redemptions.len() > SALE_CARDS_MAX {
        let most = format!("at most {SALE_CARDS_MAX} redemptions");
        return Err(Invalid::new("redemptions", redemptions.len(), most));
    }
    let mut seen = BTreeSet::new();
    for (place, redemption) in redemptions.iter().enumerate() {
        check_key(&format!("redemptions[{place}]"), redemption)?;
        if !seen.insert(redemption) {
            return Err(Invalid::new(format!("redemptions[{place}]"), redemption, "each redemption once"));
        }
    }
    Ok(())
}

/// The redemptions that an order has, where a request names none: proposals, read again by key.
fn redemptions_of(realm: &Realm, order: &Order, named: &[String]) -> Result<Vec<String>, Error> {
    if !named.is_empty() {
        return Ok(named.to_vec());
    }
    let (mut found, mut after) = (Vec::new(), None);
    while found.len() <= SALE_CARDS_MAX {
        let of = ScanOf::RedemptionsOfOrder(order.id.clone());
        let page = realm.store.scan(&Scan { tenant: realm.key.clone(), of, after: after.take(), limit: 200 })?;
        found.extend(page.items.iter().filter_map(|stored| match &stored.record {
            Record::Redemption(redemption) => Some(redemption.key.clone()),
            _ => None,
        }));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(found)
}
