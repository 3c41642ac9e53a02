//! How what a template gives goes together with others on one order, and who bears it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Benefit, On, TemplateDraft};
use crate::Invalid;
use crate::id::check_name;
use crate::json::is_default;
use crate::money::{WHOLE_BP, check_amount};
use crate::rule::Over;

/// In which order benefits come off: each lane sees what the lanes before it left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Off single lines.
    Item,
    /// Off the order.
    Order,
    /// Off shipping.
    Shipping,
    /// Pays what is left.
    Tender,
}

/// What of a group applies. A group is what has one lane and one rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// All, one after another.
    #[default]
    All,
    /// The first by template id that takes anything off.
    First,
    /// The one that takes the most off.
    BestForCustomer,
    /// The one that takes the least off.
    BestForShop,
    /// The first that takes anything off, and after it no other group of the lane.
    Exclusive,
}

/// How what a template gives goes together with others.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stacking {
    /// The lane; by default that of its benefit: value pays, what is on shipping comes off shipping, what is on some lines comes off
    /// items, all else off the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane: Option<Lane>,
    /// The group within the lane: lower ranks come first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rank: i32,
    /// What of its group applies. Where members of a group say different things, the narrowest counts: the last in the list of these words.
    #[serde(default, skip_serializing_if = "is_default")]
    pub combine: Combine,
    /// What others call it that do not go together with it: at most 20 names.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// Tags that it does not go together with; `*` is every other discount. Whichever of two says so, it holds for both.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub excludes: BTreeSet<String>,
    /// How many offers of this template one order takes; any number by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_order_max: Option<u32>,
    /// The most that comes off an order on which it applies, whatever takes it off, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_cap_minor: Option<i64>,
}

/// Who bears a part of what a benefit takes off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Funding {
    /// The host's name for them: `platform`, `merchant`, a supplier.
    pub party: String,
    /// Their part, in basis points of what comes off, 1 to 10,000.
    pub off_bp: u32,
}

impl Stacking {
    /// Excludes every other discount.
    pub const ALL: &'static str = "*";

    fn check(&self, draft: &TemplateDraft) -> Result<(), Invalid> {
        let names = [("stacking.tags", &self.tags), ("stacking.excludes", &self.excludes)];
        for (field, names) in names {
            if names.len() > 20 {
                return Err(Invalid::new(field, names.len(), "at most 20 names"));
            }
            names.iter().try_for_each(|name| check_name(field, name))?;
        }
        if self.tags.contains(Self::ALL) {
            return Err(Invalid::new("stacking.tags", Self::ALL, "names; `*` is for `excludes`"));
        }
        if let Some(lane) = self.lane {
            draft.check_lane(lane)?;
        }
        if self.per_order_max == Some(0) {
            return Err(Invalid::new("stacking.per_order_max", 0, "1 or more"));
        }
        self.order_cap_minor.map_or(Ok(()), |cap| check_amount("stacking.order_cap_minor", cap, 1))
    }

    /// Whether two discounts do not go together.
    pub(crate) fn excludes(&self, other: &Self) -> bool {
        let one_way = |one: &Self, other: &Self| {
            one.excludes.contains(Self::ALL) || one.excludes.iter().any(|tag| other.tags.contains(tag))
        };
        one_way(self, other) || one_way(other, self)
    }
}

impl TemplateDraft {
    pub(super) fn check_stacking(&self) -> Result<(), Invalid> {
        self.stacking.as_ref().map_or(Ok(()), |stacking| stacking.check(self))?;
        self.check_funding()
    }

    /// Value pays and nothing else does; what comes off shipping has no lane before it.
    fn check_lane(&self, lane: Lane) -> Result<(), Invalid> {
        let own = self.lane_of_benefit();
        let fits = match own {
            Lane::Tender | Lane::Shipping => lane == own,
            Lane::Item | Lane::Order => matches!(lane, Lane::Item | Lane::Order),
        };
        if fits {
            Ok(())
        } else {
            Err(Invalid::new("stacking.lane", format!("{lane:?}"), "a lane that fits the benefit"))
        }
    }

    fn lane_of_benefit(&self) -> Lane {
        match &self.benefit {
            Benefit::Value { .. } => Lane::Tender,
            Benefit::AmountOff { over, .. } | Benefit::PercentOff { over, .. } => match over {
                Over::Order => Lane::Order,
                Over::Lines(_) => Lane::Item,
            },
            Benefit::Goods { .. } => Lane::Item,
            Benefit::Deal(deal) => match (&deal.on, &deal.over) {
                (On::Shipping, _) => Lane::Shipping,
                (On::Lines(_), _) | (On::Counted, Over::Lines(_)) => Lane::Item,
                (On::Counted, Over::Order) => Lane::Order,
            },
            Benefit::Entitlement { .. } | Benefit::Cards { .. } => Lane::Order,
        }
    }

    /// The lane in which it comes off.
    pub(crate) fn lane(&self) -> Lane {
        self.stacking.as_ref().and_then(|stacking| stacking.lane).unwrap_or_else(|| self.lane_of_benefit())
    }

    fn check_funding(&self) -> Result<(), Invalid> {
        if self.funding.is_empty() {
            return Ok(());
        }
        if self.funding.len() > 20 {
            return Err(Invalid::new("funding", self.funding.len(), "at most 20 parties"));
        }
        if matches!(self.lane_of_benefit(), Lane::Tender) {
            return Err(Invalid::new("funding", "parties", "nothing, for value: it pays, and nobody bears it"));
        }
        let mut parties = BTreeSet::new();
        for (place, part) in self.funding.iter().enumerate() {
            check_name(&format!("funding[{place}].party"), &part.party)?;
            if part.off_bp == 0 || !parties.insert(&part.party) {
                return Err(Invalid::new(
                    format!("funding[{place}]"),
                    part.off_bp,
                    "each party once, with 1 or more basis points",
                ));
            }
        }
        match self.funding.iter().map(|part| u64::from(part.off_bp)).sum::<u64>() {
            whole if whole == u64::from(WHOLE_BP) => Ok(()),
            sum => Err(Invalid::new("funding", sum, format!("parts that sum to {WHOLE_BP}"))),
        }
    }
}
