//! Amounts: whole minor units of an ISO 4217 currency. No float ever carries money.

mod zhe;

use std::fmt;

use iso_currency::Currency as Iso;
use serde::{Deserialize, Serialize};

use crate::Invalid;

pub use zhe::{off_bp_of_zhe, zhe};

/// The largest amount, as one figure and as a sum: 2^53 − 1, a plain number in every language and in JSON.
pub const AMOUNT_MAX: i64 = (1 << 53) - 1;

/// A hundred percent in basis points.
pub const WHOLE_BP: u32 = 10_000;

/// Refuses an amount below `least` or above [`AMOUNT_MAX`].
pub fn check_amount(field: &str, minor: i64, least: i64) -> Result<(), Invalid> {
    if (least..=AMOUNT_MAX).contains(&minor) {
        return Ok(());
    }
    Err(Invalid::new(field, minor, format!("{least} to {AMOUNT_MAX} minor units")))
}

/// Whether an amount is 0, so that a record need not say it.
pub(crate) fn is_nothing(minor: &i64) -> bool {
    *minor == 0
}

/// Adds amounts; a sum beyond [`AMOUNT_MAX`] is refused by the name of `field`.
pub fn sum(field: &str, amounts: impl IntoIterator<Item = i64>) -> Result<i64, Invalid> {
    let total: i128 = amounts.into_iter().map(i128::from).sum();
    match i64::try_from(total) {
        Ok(minor) if minor.abs() <= AMOUNT_MAX => Ok(minor),
        _ => Err(Invalid::new(field, total, format!("a sum of at most {AMOUNT_MAX} minor units"))),
    }
}

/// How a share that is not whole becomes whole. Recorded with each redemption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// 0.5 goes up, as a shopper computes it by hand.
    #[default]
    HalfUp,
    /// 0.5 goes to the even neighbour.
    HalfEven,
}

/// `off_bp` basis points of `amount` (0 or more), rounded once.
pub fn percent_of(amount: i64, off_bp: u32, rounding: Rounding) -> i64 {
    // Nearly every amount fits into one word, where a division by a constant is none.
    if let Some(product) = amount.checked_mul(i64::from(off_bp)) {
        let whole = i64::from(WHOLE_BP);
        let (floor, rest) = (product.div_euclid(whole), product.rem_euclid(whole));
        return floor + i64::from(rounds_up(floor % 2 != 0, rest * 2, whole, rounding));
    }
    let whole = i128::from(WHOLE_BP);
    let product = i128::from(amount) * i128::from(off_bp);
    let (floor, rest) = (product.div_euclid(whole), product.rem_euclid(whole));
    let up = rounds_up(floor % 2 != 0, rest * 2, whole, rounding);
    // |amount| ≤ 2^53 and off_bp ≤ 10,000: the result is no larger than the amount.
    i64::try_from(floor + i128::from(up)).unwrap_or(amount)
}

/// Whether a share becomes the next whole one, by twice what is left over and what would be a whole.
fn rounds_up<N: Ord>(is_odd: bool, twice: N, whole: N, rounding: Rounding) -> bool {
    match rounding {
        Rounding::HalfUp => twice >= whole,
        Rounding::HalfEven => twice > whole || (twice == whole && is_odd),
    }
}

/// An ISO 4217 currency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(Iso);

impl Currency {
    /// Reads a three-letter code such as `CNY`; case counts.
    pub fn parse(field: &str, code: &str) -> Result<Self, Invalid> {
        match Iso::from_code(code) {
            Some(iso) if iso.code() == code => Ok(Self(iso)),
            _ => Err(Invalid::new(field, code, "an ISO 4217 code in capitals, such as CNY")),
        }
    }

    /// The three-letter code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimals a major unit has: 2 for CNY, 0 for JPY, 3 for KWD.
    pub fn decimals(self) -> u16 {
        self.0.exponent().unwrap_or(0)
    }

    /// An amount as people read it, with the currency's sign: `¥19.00`, never 1900.
    pub fn display(self, minor: i64) -> String {
        let decimals = usize::from(self.decimals());
        let digits = format!("{:0width$}", minor.unsigned_abs(), width = decimals + 1);
        let (major, fraction) = digits.split_at(digits.len() - decimals);
        let sign = if minor < 0 { "-" } else { "" };
        let point = if decimals > 0 { "." } else { "" };
        format!("{sign}{}{major}{point}{fraction}", self.0.symbol().symbol)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse("currency", &code).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_in_major_units() {
        let show = |code: &str, minor| Currency::parse("currency", code).unwrap().display(minor);
        assert_eq!(show("CNY", 1900), "¥19.00");
        assert_eq!(show("JPY", 1900), "¥1900");
        assert_eq!(show("USD", -5), "-$0.05");
        assert!(show("KWD", 1234).ends_with("1.234"));
        assert!(Currency::parse("currency", "cny").is_err());
    }

    #[test]
    fn percent_rounds_once() {
        assert_eq!(percent_of(5, 1000, Rounding::HalfUp), 1);
        assert_eq!(percent_of(5, 1000, Rounding::HalfEven), 0);
        assert_eq!(percent_of(15, 1000, Rounding::HalfEven), 2);
        assert_eq!(percent_of(AMOUNT_MAX, WHOLE_BP, Rounding::HalfUp), AMOUNT_MAX);
    }

    #[test]
    fn sums_do_not_wrap() {
        assert!(sum("order.lines", [AMOUNT_MAX, 1]).is_err());
        assert!(sum("order.lines", [i64::MAX, i64::MAX]).is_err());
        assert_eq!(sum("order.lines", [1, 2]), Ok(3));
    }
}
