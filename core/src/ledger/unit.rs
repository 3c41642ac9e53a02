//! Units that a tenant declares beside the currencies: points, growth, quota.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::BookName;
use crate::Invalid;
use crate::card::check_title;
use crate::id::check_name;
use crate::money::Currency;

/// How a unit shows itself to people, in one language.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitDisplay {
    /// What it is called: `Points`, `积分`; 1 to 200 characters.
    pub title: String,
    /// What stands behind an amount: `pts`, `分`; at most 16 bytes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sign: String,
}

/// A unit of value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Unit {
    /// Its name: the host's, or the code of a currency.
    pub name: String,
    /// How many decimals a whole one has, 0 to 6: with 2 an amount of 150 is 1.50.
    pub decimals: u8,
    /// Whether holders may give it to each other.
    pub between_holders: bool,
    /// How it shows itself, by locale.
    pub display: BTreeMap<String, UnitDisplay>,
}

impl Unit {
    /// A currency that nobody declared.
    pub(crate) fn of_currency(currency: Currency) -> Self {
        let decimals = u8::try_from(currency.decimals()).unwrap_or(0);
        Self { name: currency.code().to_owned(), decimals, between_holders: false, display: BTreeMap::new() }
    }

    pub(crate) fn check(&self) -> Result<(), Invalid> {
        check_unit_name("name", &self.name)?;
        if self.decimals > 6 {
            return Err(Invalid::new("decimals", self.decimals, "0 to 6"));
        }
        if let Ok(currency) = Currency::parse("name", &self.name)
            && currency.decimals() != u16::from(self.decimals)
        {
            return Err(Invalid::new(
                "decimals",
                self.decimals,
                format!("{}, as the currency has", currency.decimals()),
            ));
        }
        if self.display.len() > 50 {
            return Err(Invalid::new("display", self.display.len(), "at most 50 locales"));
        }
        self.display.iter().try_for_each(|(locale, display)| {
            check_name("display", locale)?;
            check_title(&format!("display.{locale}.title"), &display.title)?;
            if display.sign.len() > 16 || display.sign.chars().any(char::is_control) {
                let given = format!("{} bytes", display.sign.len());
                let allowed = "at most 16 bytes without control characters";
                return Err(Invalid::new(format!("display.{locale}.sign"), given, allowed));
            }
            Ok(())
        })
    }
}

/// Counters of uses and claims stand among the accounts under units with a colon; `cards` counts touched cards.
pub(crate) fn check_unit_name(field: &str, name: &str) -> Result<(), Invalid> {
    check_name(field, name)?;
    if name.contains(':') || name == BookName::CARDS {
        return Err(Invalid::new(field, name, "a name without colon that is not `cards`"));
    }
    Ok(())
}

/// Whether the account of this unit counts uses or claims.
pub(crate) fn is_counter(unit: &str) -> bool {
    unit.contains(':')
}

/// An amount as people read it: `¥19.00`, `1.50 points`.
pub(crate) fn unit_text(unit: &Unit, minor: i64) -> String {
    if let Ok(currency) = Currency::parse("unit", &unit.name) {
        return currency.display(minor);
    }
    let whole = 10_u64.pow(u32::from(unit.decimals.min(6)));
    let (sign, minor) = (if minor < 0 { "-" } else { "" }, minor.unsigned_abs());
    match unit.decimals {
        0 => format!("{sign}{minor} {}", unit.name),
        places => {
            let places = usize::from(places);
            format!("{sign}{}.{:0places$} {}", minor / whole, minor % whole, unit.name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_units_are_read_by_people() {
        let unit = |name: &str, decimals| Unit {
            name: name.to_owned(),
            decimals,
            between_holders: false,
            display: BTreeMap::new(),
        };
        assert_eq!(unit_text(&unit("points", 0), 120), "120 points");
        assert_eq!(unit_text(&unit("growth", 2), -105), "-1.05 growth");
        assert_eq!(unit_text(&unit("CNY", 2), 1_900), "¥19.00");
        assert_eq!(unit("CNY", 3).check().unwrap_err().field, "decimals");
        assert_eq!(unit("a:b", 0).check().unwrap_err().field, "name");
        assert!(unit("points", 0).check().is_ok());
    }
}
