//! Times cards (计次卡): N uses, taken one or several at a time. The template says what one use is (G-12).

use serde::{Deserialize, Serialize};

use super::{CountedIn, KindTerms, refuse_benefit};
use crate::Invalid;
use crate::card::{Benefit, Template, TemplateDraft};
use crate::code::FLOOR_BITS_STORED_VALUE;
use crate::denial::Denial;
use crate::limit::UsageUnit;
use crate::rule::{Filter, Order, ProductSets, nothing_picked};

/// Uses of a times card are paid for before they are taken, as value is.
pub(super) const TIMES: KindTerms =
    KindTerms { name: "times", floor_bits: FLOOR_BITS_STORED_VALUE, counted_in: CountedIn::Units, check };

/// What happens where a card has fewer uses left, or a limit less, than is asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartialPolicy {
    /// Nothing: the answer is `insufficient_uses`, of a limit `limit_reached`.
    #[default]
    Deny,
    /// What is left is taken; the receipt says how much.
    Cap,
}

/// How the uses of a times card are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// What one use is.
    pub unit: UsageUnit,
    /// What happens where too few are left.
    #[serde(default)]
    pub partial_policy: PartialPolicy,
}

fn check(draft: &TemplateDraft) -> Result<(), Invalid> {
    if draft.usage.is_none() {
        let allowed = "what one use is, for a times card: {\"unit\": \"order\"}, \"line\" or \"unit\"";
        return Err(Invalid::new("usage", "nothing", allowed));
    }
    match &draft.benefit {
        Benefit::Entitlement { .. } | Benefit::Goods { .. } | Benefit::AmountOff { .. } => Ok(()),
        Benefit::PercentOff { .. } | Benefit::Value { .. } | Benefit::Cards { .. } | Benefit::Deal(_) => {
            refuse_benefit(&draft.benefit, "entitlement, goods or amount_off (per use), for a times card")
        }
    }
}

/// Why the uses that a redemption asks for cannot be taken.
pub(crate) enum NoUnits {
    /// The request asks for more than the order has.
    Invalid(Invalid),
    /// The rules say no.
    Denied(Denial),
}

/// How many uses an order takes of a card that has `left`: `asked`, or all that the order has; `None` for a card that is not
/// counted so.
pub(crate) fn units_of(
    template: &Template,
    order: &Order,
    sets: &ProductSets,
    asked: Option<u32>,
    left: u32,
) -> Result<Option<u32>, NoUnits> {
    let draft = &template.draft;
    let Some(usage) = draft.usage else {
        return match asked {
            None => Ok(None),
            Some(asked) => {
                let allowed = format!("nothing, for a card of kind {}", draft.kind.name());
                Err(NoUnits::Invalid(Invalid::new("units", asked, allowed)))
            }
        };
    };
    let all = units_in(usage.unit, template.programs().picks.over.as_ref(), order, sets);
    if all == 0 {
        return Err(NoUnits::Denied(nothing_picked("benefit", draft.benefit.filter(), order)));
    }
    let wanted = asked.unwrap_or(all);
    if !(1..=all).contains(&wanted) {
        return Err(NoUnits::Invalid(Invalid::new("units", wanted, format!("1 to {all}, what the order has"))));
    }
    if wanted <= left {
        return Ok(Some(wanted));
    }
    match usage.partial_policy {
        PartialPolicy::Cap if left > 0 => Ok(Some(left)),
        PartialPolicy::Cap | PartialPolicy::Deny => {
            Err(NoUnits::Denied(Denial::InsufficientUses { left: u64::from(left), asked: u64::from(wanted) }))
        }
    }
}

fn units_in(unit: UsageUnit, over: Option<&Filter>, order: &Order, sets: &ProductSets) -> u32 {
    let mut picked = order.lines.iter().filter(|line| over.is_none_or(|filter| filter.picks(line, sets)));
    match unit {
        UsageUnit::Order => u32::from(picked.next().is_some()),
        UsageUnit::Line => u32::try_from(picked.count()).unwrap_or(u32::MAX),
        UsageUnit::Unit => picked.map(|line| line.quantity).fold(0, u32::saturating_add),
    }
}
