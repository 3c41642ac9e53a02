//! The year itself: households claim their coupons and hand them in at the till.

use std::time::{Duration, Instant};

use cardmint::money::Currency;
use cardmint::rule::{Line, Order};
use cardmint::{CardWithCode, Claim, ClaimFrom, Denial, LimitScope, Locale, Meta, Reader, Redeem, Tenant};

use super::setup::customer;
use super::{Basket, Error, HandClock, HouseholdDay, Journey, Progress, Recorded};

/// What came of a coupon that was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It took this many cents off a basket.
    Redeemed(i64),
    /// No basket of that day held one of its products.
    NoMatchingProduct,
    /// A basket held one, and all of them cost nothing.
    NoEffect,
}

/// A recorded redemption after the engine had its say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// Its row in the file, from 1.
    pub row: u32,
    /// Place of its coupon among [`Journey::coupons`].
    pub coupon: usize,
    /// The household.
    pub household: u32,
    /// The local day.
    pub day: jiff::civil::Date,
    /// What came of it.
    pub verdict: Verdict,
}

/// What came of the year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Every recorded redemption, in the order of the file.
    pub tried: Vec<Tried>,
    /// Cards claimed.
    pub claimed: u32,
    /// Time spent waiting for redemptions, those denied included.
    pub redeeming: Duration,
}

/// One coupon on its way through a household's day.
struct Try {
    row: u32,
    coupon: usize,
    code: String,
    redeemed: Option<i64>,
    no_effect: bool,
    /// A basket was told that the card is used up: lawful only where another basket used it, in a run before this one.
    spent: bool,
}

/// Replays the recorded redemptions in the order of the file.
///
/// Coupons of one household and day are claimed together and handed in together, basket after basket, each until one basket
/// takes it. They are different cards, so none of them can change what comes of another.
///
/// # Errors
/// Any answer that the story does not foresee, with the row that it belongs to.
pub fn replay(
    tenant: &Tenant,
    clock: &HandClock,
    journey: &Journey,
    progress: &mut Progress,
) -> Result<Outcome, Error> {
    let total = journey.recorded() as u64;
    let mut outcome = Outcome { tried: Vec::new(), claimed: 0, redeeming: Duration::ZERO };
    let till = Till { tenant, journey, currency: usd()? };
    for day in &journey.days {
        progress.step("coupons handed in", outcome.tried.len() as u64, total);
        clock.set(day.baskets.first().map_or(day.noon, |basket| basket.at));
        let mut tries = till.claim(day)?;
        outcome.claimed += u32::try_from(tries.len()).unwrap_or(u32::MAX);
        let started = Instant::now();
        for basket in &day.baskets {
            clock.set(basket.at);
            till.hand_in(day, basket, &mut tries)?;
        }
        outcome.redeeming += started.elapsed();
        for one in tries {
            let verdict = one.verdict()?;
            let Try { row, coupon, .. } = one;
            outcome.tried.push(Tried { row, coupon, household: day.household, day: day.day, verdict });
        }
    }
    progress.step("coupons handed in", total, total);
    Ok(outcome)
}

pub(crate) fn usd() -> Result<Currency, Error> {
    Currency::parse("currency", "USD").map_err(Error::engine("currency"))
}

struct Till<'a> {
    tenant: &'a Tenant,
    journey: &'a Journey,
    currency: Currency,
}

impl Till<'_> {
    /// Claims a card for every coupon that the household handed in that day.
    fn claim(&self, day: &HouseholdDay) -> Result<Vec<Try>, Error> {
        let mut calls = Vec::new();
        for recorded in &day.redemptions {
            let Some(coupon) = self.journey.coupons.get(recorded.coupon) else {
                return Err(Error::Story(format!("redemption {}: no such coupon", recorded.row)));
            };
            let claim = Claim {
                meta: Meta::key(format!("claim-{}", recorded.row)),
                take: ClaimFrom::Batch(coupon.name()),
                holder: customer(day.household),
                channel: None,
            };
            calls.push((recorded, self.tenant.claim(claim)));
        }
        let claimed = calls.into_iter().map(|(recorded, call)| {
            let CardWithCode { code, .. } = call.wait().map_err(|error| stop(recorded.row, "claim", error))?;
            let code = code.ok_or_else(|| Error::Story(format!("redemption {}: its code died", recorded.row)))?;
            let Recorded { row, coupon } = *recorded;
            Ok(Try { row, coupon, code, redeemed: None, no_effect: false, spent: false })
        });
        claimed.collect()
    }

    /// Hands in every coupon that no earlier basket took.
    fn hand_in(&self, day: &HouseholdDay, basket: &Basket, tries: &mut [Try]) -> Result<(), Error> {
        let order = order_of(basket, self.currency);
        let open = tries.iter_mut().filter(|one| one.redeemed.is_none());
        let calls: Vec<_> = open
            .map(|one| {
                let meta = Meta::key(format!("redeem-{}-{}", one.row, basket.id));
                let redeem = Redeem::new(meta, one.code.as_str(), order.clone()).by(customer(day.household));
                (one, self.tenant.redeem(redeem))
            })
            .collect();
        for (one, call) in calls {
            match call.wait() {
                Ok(receipt) => one.redeemed = Some(receipt.pricing.discount_minor),
                Err(error) => match error.denial() {
                    Some(Denial::ConditionFailed { .. }) => {}
                    Some(Denial::NoEffect) => one.no_effect = true,
                    Some(Denial::LimitReached { scope: LimitScope::Card, .. }) => one.spent = true,
                    Some(_) | None => return Err(stop(one.row, "redeem", error)),
                },
            }
        }
        Ok(())
    }
}

/// A basket as the engine sees it.
pub(super) fn order_of(basket: &Basket, currency: Currency) -> Order {
    let lines = basket.lines.iter().enumerate().map(|(place, line)| Line {
        categories: Some(line.category.clone()).filter(|category| !category.is_empty()).into_iter().collect(),
        ..Line::new((place + 1).to_string(), line.product.to_string(), line.quantity, line.cents)
    });
    Order {
        store: Some(basket.store.to_string()),
        placed_at: Some(basket.at),
        ..Order::new(basket.id.to_string(), currency, lines)
    }
}

impl Try {
    fn verdict(&self) -> Result<Verdict, Error> {
        match self {
            Self { redeemed: Some(cents), .. } => Ok(Verdict::Redeemed(*cents)),
            Self { spent: true, row, .. } => {
                let what = "its card is used up, and not by a basket of its day";
                Err(Error::Story(format!("redemption {row}: {what}; begin anew with --fresh")))
            }
            Self { no_effect: true, .. } => Ok(Verdict::NoEffect),
            Self { .. } => Ok(Verdict::NoMatchingProduct),
        }
    }
}

fn stop(row: u32, command: &str, error: cardmint::Error) -> Error {
    match error.denial() {
        Some(Denial::KeyReused) => {
            Error::Story(format!("redemption {row}: the database was filled from other data; begin anew with --fresh"))
        }
        Some(denial) => Error::Story(format!(
            "redemption {row}: {command} was denied: {} {}",
            denial.code(),
            denial.text(Locale::En, Reader::Staff)
        )),
        None => Error::engine(format!("redemption {row}: {command}"))(error),
    }
}
