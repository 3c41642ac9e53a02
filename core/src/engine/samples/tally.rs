//! Sums over many orders, in which nothing wraps.

use serde::Serialize;

use crate::Invalid;
use crate::checkout::PlanFigures;
use crate::money::AMOUNT_MAX;

/// What orders come to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub orders: u64,
    pub touched: u64,
    before: i128,
    discount: i128,
    tender: i128,
}

/// Amounts of a tally, in minor units.
pub(super) struct Amounts {
    pub before_minor: i64,
    pub discount_minor: i64,
    pub tender_minor: i64,
    pub payable_minor: i64,
}

impl Tally {
    pub(super) fn add(&mut self, figures: &PlanFigures) {
        self.orders += 1;
        self.touched += u64::from(is_touched(figures));
        self.discount += i128::from(figures.discount_minor);
        self.tender += i128::from(figures.tender_minor);
        self.before += i128::from(figures.before_minor());
    }

    /// Refuses sums that are no amounts any more.
    pub(super) fn amounts(&self) -> Result<Amounts, Invalid> {
        let amount = |sum: i128| i64::try_from(sum).ok().filter(|minor| *minor <= AMOUNT_MAX).ok_or_else(too_large);
        Ok(Amounts {
            before_minor: amount(self.before)?,
            discount_minor: amount(self.discount)?,
            tender_minor: amount(self.tender)?,
            payable_minor: amount(self.before - self.discount - self.tender)?,
        })
    }

    /// What comes off an order that something applied to, rounded half up; nothing where nothing did.
    pub(super) fn average_minor(&self) -> i64 {
        average(self.discount, self.touched)
    }
}

fn too_large() -> Invalid {
    Invalid::new("orders", "orders whose amounts sum to more", format!("a sum of at most {AMOUNT_MAX}"))
}

/// Half up.
fn average(sum: i128, of: u64) -> i64 {
    let of = i128::from(of.max(1));
    i64::try_from((2 * sum + of).div_euclid(2 * of)).unwrap_or(AMOUNT_MAX)
}

/// Whether anything applied.
pub(super) fn is_touched(figures: &PlanFigures) -> bool {
    figures.offers_minor.iter().any(Option::is_some)
}

/// How much comes off orders, from the least to the most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct SavingSpread {
    /// The average, in minor units, rounded half up.
    pub average_minor: i64,
    /// 21 amounts in minor units: the least, then what 5, 10 … 95 of a hundred orders come to at most, then the most.
    pub quantiles_minor: Vec<i64>,
}

impl SavingSpread {
    const PARTS: usize = 20;

    /// Of any amounts, negative ones as well; nothing of none. Quantiles are amounts that occur (nearest rank).
    pub(super) fn of(mut minors: Vec<i64>) -> Option<Self> {
        minors.sort_unstable();
        let average_minor = average(minors.iter().copied().map(i128::from).sum(), minors.len() as u64);
        let rank = |part: usize| (minors.len() * part).div_ceil(Self::PARTS).max(1) - 1;
        let quantiles: Option<Vec<i64>> = (0..=Self::PARTS).map(|part| minors.get(rank(part)).copied()).collect();
        quantiles.map(|quantiles_minor| Self { average_minor, quantiles_minor })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::{Line, Order, PlanTerms, plan_figures};
    use crate::money::Rounding;
    use crate::rule::ProductSets;
    use crate::time::Instant;

    #[test]
    fn quantiles_are_amounts_that_occur() {
        assert_eq!(SavingSpread::of(Vec::new()), None);
        let one = SavingSpread::of(vec![7]).unwrap();
        assert_eq!((one.average_minor, one.quantiles_minor), (7, vec![7; 21]));
        let hundred = SavingSpread::of((1..=100).rev().collect()).unwrap();
        assert_eq!(hundred.average_minor, 51, "50.5, half up");
        assert_eq!(
            hundred.quantiles_minor,
            [1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100]
        );
        assert_eq!(SavingSpread::of(vec![-3, -2]).unwrap().average_minor, -2, "-2.5, half up");
    }

    #[test]
    fn sums_beyond_amounts_are_refused() {
        let mut tally = Tally::default();
        let currency = crate::money::Currency::parse("currency", "CNY").unwrap();
        let order = Order::new("o", currency, [Line::new("1", "tea", 1, AMOUNT_MAX)]);
        let terms = PlanTerms { sets: &ProductSets::new(), rounding: Rounding::HalfUp, at: Instant::EPOCH };
        let figures = plan_figures(&order, &[], terms);
        tally.add(&figures);
        assert_eq!(tally.amounts().map(|amounts| amounts.payable_minor), Ok(AMOUNT_MAX));
        tally.add(&figures);
        assert_eq!(tally.amounts().map(|amounts| amounts.payable_minor), Err(too_large()));
    }
}
