//! Membership cards (会员卡): a level and facts for whoever presents the card while it is good. A redemption is a check-in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CountedIn, KindTerms, check_uncounted, refuse_benefit};
use crate::Invalid;
use crate::card::{Benefit, Template, TemplateDraft, check_title};
use crate::code::FLOOR_BITS_COUPON;
use crate::id::check_name;
use crate::limit::Period;
use crate::time::Instant;

pub(super) const MEMBERSHIP: KindTerms =
    KindTerms { name: "membership", floor_bits: FLOOR_BITS_COUPON, counted_in: CountedIn::Nothing, check };

/// What a membership is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    /// The host's name for the level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// What the host wants to know of a member beside: at most 32 texts of 1 to 200 characters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "crate::json::no_doubles")]
    pub facts: BTreeMap<String, String>,
    /// How often a card may be presented; as often as its holder likes by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_ins: Option<CheckIns>,
}

/// How often a membership card may be presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckIns {
    /// So many times, 1 to 1,000,000,
    pub limit: u32,
    /// in each day, week (from Monday), month or year of the template's zone.
    pub per: Period,
}

fn check(draft: &TemplateDraft) -> Result<(), Invalid> {
    check_uncounted(draft, "membership.check_ins is its limit")?;
    if let Some(membership) = &draft.membership {
        membership.level.as_deref().map_or(Ok(()), |level| check_name("membership.level", level))?;
        if membership.facts.len() > 32 {
            return Err(Invalid::new("membership.facts", membership.facts.len(), "at most 32 facts"));
        }
        for (name, text) in &membership.facts {
            check_name("membership.facts", name)?;
            check_title(&format!("membership.facts.{name}"), text)?;
        }
        if let Some(CheckIns { limit, .. }) = membership.check_ins
            && !(1..=1_000_000).contains(&limit)
        {
            return Err(Invalid::new("membership.check_ins.limit", limit, "1 to 1000000"));
        }
    }
    match &draft.benefit {
        Benefit::Entitlement { .. } | Benefit::AmountOff { .. } | Benefit::PercentOff { .. } | Benefit::Deal(_) => {
            Ok(())
        }
        Benefit::Value { .. } | Benefit::Goods { .. } | Benefit::Cards { .. } => {
            refuse_benefit(&draft.benefit, "entitlement, amount_off, percent_off or deal, for a membership card")
        }
    }
}

/// The template's limit of check-ins, where it has one.
pub(crate) fn check_ins(template: &Template) -> Option<CheckIns> {
    template.draft.membership.as_ref().and_then(|membership| membership.check_ins)
}

/// Under which unit a card's check-ins at a moment are counted: that of the local period, so that what is taken from a window goes
/// back to that window.
pub(crate) fn check_in_unit(template: &Template, per: Period, at: Instant) -> String {
    format!("check_ins:{}", template.zone.period(at, per).0)
}
