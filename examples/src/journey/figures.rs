//! Counts what came of the year: per campaign, per week, and in all.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Span, civil::Weekday};
use serde::Serialize;

use super::{Journey, Outcome, Verdict};

/// The funnel of one campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignFigures {
    /// Its number.
    pub id: u32,
    /// The publisher's word for its kind.
    pub kind: String,
    /// Households that it was sent to.
    pub mailed: u32,
    /// Cards claimed.
    pub claimed: u32,
    /// Households that redeemed.
    pub redeemers: u32,
    /// Redemptions.
    pub redemptions: u32,
    /// What the redemptions took off, in cents.
    pub discount_minor: i64,
}

impl CampaignFigures {
    /// Households that redeemed, per thousand that it was sent to, rounded half-up.
    pub fn rate_per_mille(&self) -> u32 {
        let (redeemers, mailed) = (u64::from(self.redeemers), u64::from(self.mailed));
        let rate = (redeemers * 2_000 + mailed).checked_div(mailed * 2).unwrap_or(0);
        u32::try_from(rate).unwrap_or(u32::MAX)
    }
}

/// The redemptions of a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Week {
    /// Its Monday.
    pub monday: Date,
    /// Redemptions.
    pub redemptions: u32,
}

/// The whole year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Households that campaigns were sent to, a household counted for each.
    pub mailed: u32,
    /// Cards claimed.
    pub claimed: u32,
    /// Recorded redemptions that were tried.
    pub tried: u32,
    /// Those that took something off a basket.
    pub redeemed: u32,
    /// Those denied since no basket held a product that the coupon names.
    pub denied_no_matching_product: u32,
    /// Those denied since every such product cost nothing.
    pub denied_no_effect: u32,
    /// Basket lines of quantity 0, which were left out.
    pub lines_dropped: u32,
    /// What was taken off, in cents.
    pub discount_minor: i64,
}

/// What came of the year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// Per campaign, by number.
    pub campaigns: Vec<CampaignFigures>,
    /// Per week, from the first with a coupon handed in to the last, none left out.
    pub weeks: Vec<Week>,
    /// In all.
    pub totals: Totals,
}

impl Figures {
    /// Counts.
    pub fn of(journey: &Journey, outcome: &Outcome) -> Self {
        let mut totals = Totals {
            mailed: count(journey.mailed()),
            claimed: outcome.claimed,
            tried: count(outcome.tried.len()),
            lines_dropped: journey.lines_dropped,
            ..Totals::default()
        };
        let mut campaigns: BTreeMap<u32, (CampaignFigures, BTreeSet<u32>)> = BTreeMap::new();
        for campaign in &journey.campaigns {
            let figures = CampaignFigures {
                id: campaign.id,
                kind: campaign.kind.clone(),
                mailed: count(campaign.mailed.len()),
                claimed: 0,
                redeemers: 0,
                redemptions: 0,
                discount_minor: 0,
            };
            campaigns.insert(campaign.id, (figures, BTreeSet::new()));
        }
        let mut weeks: BTreeMap<Date, u32> = BTreeMap::new();
        for tried in &outcome.tried {
            let of = journey.coupons.get(tried.coupon).and_then(|coupon| campaigns.get_mut(&coupon.campaign));
            let Some((campaign, redeemers)) = of else { continue };
            let week = weeks.entry(monday_of(tried.day)).or_default();
            campaign.claimed += 1;
            match tried.verdict {
                Verdict::Redeemed(cents) => {
                    campaign.redemptions += 1;
                    campaign.discount_minor += cents;
                    redeemers.insert(tried.household);
                    totals.redeemed += 1;
                    totals.discount_minor += cents;
                    *week += 1;
                }
                Verdict::NoMatchingProduct => totals.denied_no_matching_product += 1,
                Verdict::NoEffect => totals.denied_no_effect += 1,
            }
        }
        let campaigns = campaigns.into_values().map(|(figures, redeemers)| {
            let redeemers = count(redeemers.len());
            CampaignFigures { redeemers, ..figures }
        });
        Self { campaigns: campaigns.collect(), weeks: without_gaps(&weeks), totals }
    }

    /// The funnel as a table for people.
    pub fn table(&self) -> String {
        let head = ["campaign", "type", "mailed", "claimed", "redeemers", "redemptions", "rate", "discount"];
        let mut rows = vec![head.map(str::to_owned)];
        rows.extend(self.campaigns.iter().map(|campaign| {
            [
                campaign.id.to_string(),
                campaign.kind.clone(),
                campaign.mailed.to_string(),
                campaign.claimed.to_string(),
                campaign.redeemers.to_string(),
                campaign.redemptions.to_string(),
                percent(campaign.rate_per_mille()),
                dollars(campaign.discount_minor),
            ]
        }));
        rows.push([
            "all".to_owned(),
            String::new(),
            self.totals.mailed.to_string(),
            self.totals.claimed.to_string(),
            String::new(),
            self.totals.redeemed.to_string(),
            String::new(),
            dollars(self.totals.discount_minor),
        ]);
        aligned(&rows)
    }
}

/// Lays a table out: the type to the left, all else to the right, rules above and below the campaigns.
fn aligned(rows: &[[String; 8]]) -> String {
    let mut widths = [0; 8];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let rule: Vec<_> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let mut text = String::new();
    for (place, row) in rows.iter().enumerate() {
        if place == 1 || place + 1 == rows.len() {
            text.push_str(&rule.join("  "));
            text.push('\n');
        }
        let cells: Vec<_> = row
            .iter()
            .zip(widths)
            .enumerate()
            .map(
                |(column, (cell, width))| {
                    if column == 1 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
                },
            )
            .collect();
        text.push_str(&cells.join("  "));
        text.push('\n');
    }
    text
}

/// Cents as people read them.
pub(crate) fn dollars(cents: i64) -> String {
    format!("${}.{:02}", cents / 100, cents % 100)
}

/// Per mille as a percentage with one decimal.
pub(crate) fn percent(per_mille: u32) -> String {
    format!("{}.{} %", per_mille / 10, per_mille % 10)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn monday_of(day: Date) -> Date {
    let back = i64::from(day.weekday().since(Weekday::Monday));
    day.saturating_sub(Span::new().days(back))
}

fn without_gaps(weeks: &BTreeMap<Date, u32>) -> Vec<Week> {
    let (Some(first), Some(last)) = (weeks.keys().next(), weeks.keys().next_back()) else { return Vec::new() };
    let mondays = first.series(Span::new().weeks(1)).take_while(|monday| monday <= last);
    mondays.map(|monday| Week { monday, redemptions: weeks.get(&monday).copied().unwrap_or(0) }).collect()
}

/// The last line of the demo: one JSON object with these keys in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// See [`Totals::mailed`].
    pub mailed: u32,
    /// See [`Totals::claimed`].
    pub claimed: u32,
    /// See [`Totals::tried`].
    pub tried: u32,
    /// See [`Totals::redeemed`].
    pub redeemed: u32,
    /// See [`Totals::denied_no_matching_product`].
    pub denied_no_matching_product: u32,
    /// See [`Totals::denied_no_effect`].
    pub denied_no_effect: u32,
    /// See [`Totals::lines_dropped`].
    pub lines_dropped: u32,
    /// Codes in the file, counted line by line.
    pub codes_minted: u64,
    /// Codes sealed and written in a second.
    pub mint_codes_per_s: u64,
    /// Codes opened in a second, on one thread.
    pub open_codes_per_s: u64,
    /// Redemptions in a second, in the order of the file: made durable, or, on a second run, answered again.
    pub redeem_per_s: u64,
}

/// How many a second.
pub(crate) fn per_second(count: u64, time: std::time::Duration) -> u64 {
    let rate = u128::from(count) * 1_000_000_000 / time.as_nanos().max(1);
    u64::try_from(rate).unwrap_or(u64::MAX)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::journey::{Campaign, Coupon, Tried};

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// Two campaigns, one of a kind that must be escaped, and four coupons handed in.
    pub(crate) fn made_up() -> Figures {
        let campaign = |id, kind: &str, mailed: std::ops::Range<u32>| Campaign {
            id,
            kind: kind.to_owned(),
            start: day("2017-03-01"),
            end: day("2017-04-30"),
            mailed: mailed.collect(),
        };
        let coupon = |campaign, upc| Coupon { campaign, upc, products: BTreeSet::from([1]) };
        let journey = Journey {
            campaigns: vec![campaign(1, "Type A", 0..3), campaign(2, "<script>&\"", 0..8)],
            coupons: vec![coupon(1, 10), coupon(2, 20)],
            days: Vec::new(),
            lines_dropped: 5,
        };
        let tried = |row, coupon, household, on: &str, verdict| Tried { row, coupon, household, day: day(on), verdict };
        let tried = vec![
            tried(1, 0, 1, "2017-03-05", Verdict::Redeemed(100)),
            tried(2, 0, 1, "2017-03-06", Verdict::Redeemed(99)),
            tried(3, 0, 2, "2017-03-24", Verdict::NoMatchingProduct),
            tried(4, 1, 2, "2017-03-24", Verdict::NoEffect),
        ];
        let redeeming = std::time::Duration::from_secs(1);
        Figures::of(&journey, &Outcome { tried, claimed: 4, redeeming })
    }

    #[test]
    fn figures_are_counted_per_campaign_week_and_in_all() {
        let figures = made_up();
        let [first, second] = &figures.campaigns[..] else { panic!("two campaigns") };
        assert_eq!((first.claimed, first.redeemers, first.redemptions, first.discount_minor), (3, 1, 2, 199));
        assert_eq!((first.rate_per_mille(), second.rate_per_mille()), (333, 0));
        let weeks: Vec<_> = figures.weeks.iter().map(|week| (week.monday.to_string(), week.redemptions)).collect();
        let expected = [("2017-02-27", 1), ("2017-03-06", 1), ("2017-03-13", 0), ("2017-03-20", 0)];
        assert_eq!(weeks, expected.map(|(monday, count)| (monday.to_owned(), count)));
        let totals = Totals {
            mailed: 11,
            claimed: 4,
            tried: 4,
            redeemed: 2,
            denied_no_matching_product: 1,
            denied_no_effect: 1,
            lines_dropped: 5,
            discount_minor: 199,
        };
        assert_eq!(figures.totals, totals);
    }

    #[test]
    fn the_table_is_aligned() {
        let table = made_up().table();
        let widths: BTreeSet<usize> = table.lines().map(|line| line.chars().count()).collect();
        assert_eq!(widths.len(), 1, "{table}");
        assert!(table.contains("33.3 %") && table.contains("$1.99"), "{table}");
    }

    #[test]
    fn a_rate_of_nothing_is_nothing() {
        let nothing = CampaignFigures { mailed: 0, ..made_up().campaigns.remove(0) };
        assert_eq!(nothing.rate_per_mille(), 0);
        assert_eq!(per_second(10, std::time::Duration::from_millis(4)), 2_500);
    }
}
