//! What promotions that nobody ran would have come to on the year's own baskets.

use cardmint::card::{Benefit, Setting, TemplateDraft};
use cardmint::rule::{Condition, Over, SegmentBy};
use cardmint::{Backtest, BacktestReport, CompareDrafts, Comparison, DraftOffer, SampleOrders, Tenant};

use super::story::{order_of, usd};
use super::{Error, Journey, Progress};

/// Where bands of basket sizes end, in cents.
const BANDS: [i64; 5] = [2_000, 4_000, 6_000, 8_000, 12_000];
/// Orders of a request.
const PIECE: usize = 1_000;
const SAMPLE: &str = "baskets";

/// Two promotions over the same baskets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatIf {
    /// 5.00 off baskets from 40.00 (满40减5).
    pub off_from: BacktestReport,
    /// 10 % off every basket, at most 5.00 (9折，最高减5).
    pub percent: BacktestReport,
    /// The first on the left, the second on the right.
    pub comparison: Comparison,
}

fn off_from() -> Result<DraftOffer, Error> {
    let spend = Condition::MinSpend { minor: 4_000, over: Over::Order };
    let draft = TemplateDraft {
        currency: Some(usd()?),
        conditions: vec![spend],
        ..TemplateDraft::new("off-from", Benefit::AmountOff { minor: Setting::Fixed(500), over: Over::Order })
    };
    Ok(DraftOffer::new("off-from", draft))
}

fn percent() -> Result<DraftOffer, Error> {
    let off = Benefit::PercentOff { off_bp: Setting::Fixed(1_000), cap_minor: Some(500), over: Over::Order };
    Ok(DraftOffer::new("percent", TemplateDraft { currency: Some(usd()?), ..TemplateDraft::new("percent", off) }))
}

/// Puts every basket of the year into a sample and asks what each promotion would have cost, and where they differ.
///
/// # Errors
/// Faults of the engine.
pub fn what_if(tenant: &Tenant, journey: &Journey, progress: &mut Progress) -> Result<WhatIf, Error> {
    let usd = usd()?;
    let orders: Vec<_> = journey.days.iter().flat_map(|day| &day.baskets).map(|basket| order_of(basket, usd)).collect();
    for piece in orders.chunks(PIECE) {
        let sampled = tenant.sample_orders(SampleOrders { sample: SAMPLE.to_owned(), orders: piece.to_vec() });
        sampled.map_err(Error::engine("putting baskets into a sample"))?;
    }
    let mut backtest = |offer: DraftOffer| {
        let run = tenant.backtest(Backtest {
            segments: vec![SegmentBy { fact: "order.subtotal".to_owned(), bands: BANDS.to_vec() }],
            ..Backtest::new(SAMPLE, vec![offer])
        });
        let mut run = run.map_err(Error::engine("beginning a back-test"))?;
        loop {
            let report = run.step().map_err(Error::engine("a back-test"))?;
            progress.step("baskets tried", run.progress().done, run.progress().total);
            if let Some(report) = report {
                return Ok::<_, Error>(report);
            }
        }
    };
    let (off_from, percent) = (off_from()?, percent()?);
    let compare = CompareDrafts::new(SAMPLE, vec![off_from.clone()], vec![percent.clone()]);
    let comparison = tenant.compare_drafts(compare).and_then(|run| run.wait());
    let comparison = comparison.map_err(Error::engine("comparing two promotions"))?;
    let what_if = WhatIf { off_from: backtest(off_from)?, percent: backtest(percent)?, comparison };
    tenant.drop_sample(SAMPLE).map_err(Error::engine("dropping a sample"))?;
    Ok(what_if)
}

#[cfg(test)]
pub(crate) mod tests {
    use cardmint::store::MemoryStore;

    use super::*;
    use crate::journey::{Basket, BasketLine, HouseholdDay, Stage, fresh_keyring};

    /// Of two baskets of a made-up year.
    pub(crate) fn made_up() -> WhatIf {
        let at = cardmint::time::Instant::EPOCH;
        let line = |cents| BasketLine { product: 1, category: "TEA".to_owned(), quantity: 1, cents };
        let basket = |id, cents| Basket { id, store: 1, at, lines: vec![line(cents)] };
        let day = HouseholdDay {
            household: 1,
            day: jiff::civil::date(2017, 3, 1),
            noon: at,
            redemptions: Vec::new(),
            baskets: vec![basket(1, 5_000), basket(2, 1_000)],
        };
        let journey = Journey { campaigns: Vec::new(), coupons: Vec::new(), days: vec![day], lines_dropped: 0 };
        let stage = Stage::over(MemoryStore::new(), fresh_keyring().unwrap()).unwrap();
        what_if(&stage.tenant, &journey, &mut Progress::silent()).unwrap()
    }

    #[test]
    fn each_basket_is_tried_by_itself() {
        let WhatIf { off_from, percent, comparison } = made_up();
        assert_eq!((off_from.touched, off_from.discount_minor), (1, 500));
        assert_eq!((percent.touched, percent.discount_minor), (2, 600));
        assert_eq!((comparison.same, comparison.left_lower, comparison.right_lower), (1, 0, 1));
    }
}
