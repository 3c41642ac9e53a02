//! Limits as a template, a batch or a campaign writes them: what is counted, for whom, over which time, up to what.

use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::card::PartialPolicy;
use crate::id::check_name;
use crate::money::{AMOUNT_MAX, Currency};

/// Most limits of one template, batch or campaign.
pub const LIMITS_MAX: usize = 20;

/// The longest rolling window, in seconds: 366 days.
pub const ROLLING_S_MAX: u32 = 31_622_400;

/// A ceiling on what cards of a template, a batch or a campaign are used for.
///
/// What is held counts as used until it is captured or comes back. What a refund gives back goes back to the window that it was taken
/// from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The limit's name, once in its template, batch or campaign. All versions of a template count under the same name together.
    pub name: String,
    /// What is counted.
    pub measure: Measure,
    /// For whom it is counted apart: `["holder"]` for each holder, `["holder", "store"]` for each holder in each store; for all
    /// together where it is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scope: Vec<Scope>,
    /// Over which time; for ever by default.
    #[serde(default, skip_serializing_if = "LimitWindow::is_total")]
    pub window: LimitWindow,
    /// The most: uses, or minor units.
    pub most: i64,
    /// Whether what a refund gives back may be used again; true unless said otherwise.
    #[serde(default = "crate::json::yes", skip_serializing_if = "Clone::clone")]
    pub refill: bool,
    /// What happens where less is left than a use asks for (G-12): `deny` by default. `cap`, for lines, pieces and money: a coupon takes
    /// off, or a gift card pays, as much as is left, the first lines and pieces of the order first. Cards of other kinds, and an amount
    /// that was asked for, are denied all the same.
    #[serde(default, skip_serializing_if = "is_denied")]
    pub partial_policy: PartialPolicy,
}

impl Limit {
    /// At most so much, for all together, for ever.
    pub fn new(name: impl Into<String>, measure: Measure, most: i64) -> Self {
        let (scope, window, partial_policy) = (Vec::new(), LimitWindow::Total, PartialPolicy::Deny);
        Self { name: name.into(), measure, scope, window, most, refill: true, partial_policy }
    }
}

fn is_denied(policy: &PartialPolicy) -> bool {
    *policy == PartialPolicy::Deny
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Measure {
    /// Uses. What one use is has to be said (G-12).
    Uses {
        /// What counts as one.
        usage_unit: UsageUnit,
    },
    /// What cards take off and pay: a budget. Orders in another currency are denied.
    Money {
        /// Of this currency.
        currency: Currency,
    },
}

/// What counts as one use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UsageUnit {
    /// An order, whatever is in it.
    Order,
    /// Each line that gets a share; of a card that pays, each line of the order; of a times card, each line that it picks.
    Line,
    /// Each piece of such a line.
    Unit,
}

/// For whom a limit counts apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Each card.
    Card,
    /// Each batch.
    Batch,
    /// Each template.
    Template,
    /// Each campaign; cards of none together.
    Campaign,
    /// Each holder; an order without one is denied.
    Holder,
    /// Each store of the order; an order that names none is denied.
    Store,
    /// Each channel of the order; an order that names none is denied.
    Channel,
    /// Each subject of this kind that the request carries: `device`, `phone`, the host's own; a request without one is denied.
    Subject(String),
}

impl Scope {
    /// The scope's name in denials.
    pub fn name(&self) -> &str {
        match self {
            Self::Card => "card",
            Self::Batch => "batch",
            Self::Template => "template",
            Self::Campaign => "campaign",
            Self::Holder => "holder",
            Self::Store => "store",
            Self::Channel => "channel",
            Self::Subject(kind) => kind,
        }
    }
}

/// Over which time a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitWindow {
    /// For ever.
    #[default]
    Total,
    /// A local day, week, month or year, in the zone of the template's version; then from nothing again.
    Calendar(Period),
    /// The last so many seconds, in 60 steps: what was used leaves the window at the end of the step in which it was used, so many
    /// seconds later. 60 seconds to 366 days.
    RollingS(u32),
}

impl LimitWindow {
    fn is_total(&self) -> bool {
        *self == Self::Total
    }
}

/// A stretch of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// From midnight to midnight.
    Day,
    /// From Monday on.
    Week,
    /// From the first on.
    Month,
    /// From the first of January on.
    Year,
}

/// Refuses limits that cannot be meant.
pub(crate) fn check_limits(field: &str, limits: &[Limit]) -> Result<(), Invalid> {
    if limits.len() > LIMITS_MAX {
        return Err(Invalid::new(field, limits.len(), format!("at most {LIMITS_MAX} limits")));
    }
    for (place, limit) in limits.iter().enumerate() {
        limit.check(&format!("{field}[{place}]"))?;
        if limits.iter().take(place).any(|other| other.name == limit.name) {
            return Err(Invalid::new(format!("{field}[{place}].name"), &limit.name, "a name that no other limit has"));
        }
    }
    Ok(())
}

impl Limit {
    /// Of a budget.
    pub(crate) fn currency(&self) -> Option<Currency> {
        match self.measure {
            Measure::Money { currency } => Some(currency),
            Measure::Uses { .. } => None,
        }
    }

    fn check(&self, field: &str) -> Result<(), Invalid> {
        check_name(&format!("{field}.name"), &self.name)?;
        if !(1..=AMOUNT_MAX).contains(&self.most) {
            return Err(Invalid::new(format!("{field}.most"), self.most, format!("1 to {AMOUNT_MAX}")));
        }
        if self.scope.len() > 4 {
            return Err(Invalid::new(format!("{field}.scope"), self.scope.len(), "at most 4"));
        }
        for (place, scope) in self.scope.iter().enumerate() {
            let twice = self.scope.iter().take(place).any(|other| other == scope);
            let field = format!("{field}.scope[{place}]");
            if twice {
                return Err(Invalid::new(field, scope.name(), "each once"));
            }
            if let Scope::Subject(kind) = scope {
                crate::subject::Subject::new(kind.as_str(), "x").check(&field)?;
            }
        }
        if self.partial_policy == PartialPolicy::Cap && self.measure == (Measure::Uses { usage_unit: UsageUnit::Order })
        {
            let allowed = "deny: an order is used whole; cap is for lines, pieces and money";
            return Err(Invalid::new(format!("{field}.partial_policy"), "cap", allowed));
        }
        match self.window {
            LimitWindow::RollingS(seconds) if !(60..=ROLLING_S_MAX).contains(&seconds) => {
                Err(Invalid::new(format!("{field}.window.rolling_s"), seconds, format!("60 to {ROLLING_S_MAX}")))
            }
            LimitWindow::Total | LimitWindow::Calendar(_) | LimitWindow::RollingS(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(json: &str) -> Result<Limit, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn g12_what_one_use_is_has_to_be_said() {
        let said = limit(r#"{"name":"a","measure":{"uses":{"usage_unit":"unit"}},"most":3}"#).unwrap();
        assert_eq!((said.measure, said.refill), (Measure::Uses { usage_unit: UsageUnit::Unit }, true));
        assert!(limit(r#"{"name":"a","measure":{"uses":{}},"most":3}"#).unwrap_err().contains("usage_unit"));
        assert!(limit(r#"{"name":"a","measure":"uses","most":3}"#).is_err());
        assert!(limit(r#"{"name":"a","measure":{"money":{}},"most":3}"#).unwrap_err().contains("currency"));
    }

    #[test]
    fn limits_are_bounded_and_named_once() {
        let of = |json: &str| check_limits("limits", &[limit(json).unwrap()]).map_err(|invalid| invalid.field);
        let uses = r#""name":"a","measure":{"uses":{"usage_unit":"order"}}"#;
        assert_eq!(of(&format!(r#"{{{uses},"most":1,"scope":["holder",{{"subject":"device"}}]}}"#)), Ok(()));
        for (json, field) in [
            (r#""most":0"#, "limits[0].most"),
            (r#""most":9007199254740992"#, "limits[0].most"),
            (r#""most":1,"window":{"rolling_s":59}"#, "limits[0].window.rolling_s"),
            (r#""most":1,"scope":["store","store"]"#, "limits[0].scope[1]"),
            (r#""most":1,"scope":[{"subject":"A B"}]"#, "limits[0].scope[0].kind"),
            (r#""most":1,"partial_policy":"cap""#, "limits[0].partial_policy"),
        ] {
            assert_eq!(of(&format!("{{{uses},{json}}}")), Err(field.to_owned()));
        }
        let one = limit(&format!(r#"{{{uses},"most":1}}"#)).unwrap();
        assert_eq!(check_limits("limits", &[one.clone(), one.clone()]).unwrap_err().field, "limits[1].name");
        assert_eq!(check_limits("limits", &vec![one; 21]).unwrap_err().field, "limits");
    }
}
