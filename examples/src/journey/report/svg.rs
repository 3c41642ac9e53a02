//! The pictures. Drawn narrow, so that their texts stay readable on a phone; colours come from the page's style.

use std::fmt::Write;

use cardmint::{BacktestReport, SegmentFigures};

use super::html::escape;
use crate::journey::figures::{dollars, percent};
use crate::journey::progress::grouped;
use crate::journey::{CampaignFigures, Week};

/// How wide every picture is, in its own units.
const WIDTH: u32 = 400;

/// Where bars begin, right of their labels.
const LEFT: u32 = 76;

/// Room for a figure behind the longest bar.
const RIGHT: u32 = 74;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A picture being drawn.
struct Picture(String);

/// Where a text is anchored.
#[derive(Clone, Copy)]
enum Anchor {
    Start,
    Middle,
    End,
}

impl Picture {
    fn new() -> Self {
        Self(String::new())
    }

    /// A text at its baseline. Writing to a String cannot fail.
    fn text(&mut self, x: u32, y: u32, anchor: Anchor, class: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = escape(text);
        let _ = writeln!(self.0, r#"<text x="{x}" y="{y}" text-anchor="{anchor}" class="{class}">{text}</text>"#);
    }

    /// A bar in hundredths of a unit, with the words that a pointer over it shows.
    fn bar(&mut self, class: &str, x: u32, y: u32, width: u32, height: u32, words: &str) {
        let (x, y, width, height) = (hundredths(x), hundredths(y), hundredths(width), hundredths(height));
        let words = escape(words);
        let _ = writeln!(
            self.0,
            r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}"><title>{words}</title></rect>"#
        );
    }

    fn rule(&mut self, y: u32) {
        let to = WIDTH;
        let _ = writeln!(self.0, r#"<line class="rule" x1="28" x2="{to}" y1="{y}" y2="{y}"/>"#);
    }

    fn finish(self, height: u32, title: &str) -> String {
        let (title, body) = (escape(title), self.0);
        format!(
            "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}\"><title>{title}</title>\n{body}</svg>\n"
        )
    }
}

fn hundredths(number: u32) -> String {
    format!("{}.{:02}", number / 100, number % 100)
}

/// The length of a bar in hundredths of a unit; what is not nothing can be seen.
fn length(value: u64, most: u64, room: u32) -> u32 {
    let length = value * u64::from(room) * 100 / most.max(1);
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    if value > 0 { length.max(100) } else { 0 }
}

fn label(campaign: &CampaignFigures) -> String {
    format!("{} · {}", campaign.id, campaign.kind.trim_start_matches("Type "))
}

/// Mailed, claimed, redeemed: three bars for each campaign, the largest campaign first.
pub(super) fn funnel(campaigns: &[CampaignFigures]) -> String {
    let mut campaigns: Vec<_> = campaigns.iter().collect();
    campaigns.sort_by_key(|campaign| (std::cmp::Reverse(campaign.mailed), campaign.id));
    let most = campaigns.iter().map(|campaign| campaign.mailed.max(campaign.claimed)).max().unwrap_or(0);
    let (mut picture, mut y) = (Picture::new(), 4);
    for campaign in campaigns {
        picture.text(LEFT - 8, y + 20, Anchor::End, "label", &label(campaign));
        let rate = percent(campaign.rate_per_mille());
        let bars = [
            ("mailed", campaign.mailed, grouped(campaign.mailed.into())),
            ("claimed", campaign.claimed, grouped(campaign.claimed.into())),
            ("redeemed", campaign.redeemers, format!("{} · {rate}", campaign.redeemers)),
        ];
        for (place, (class, value, words)) in (0u32..).zip(bars) {
            let top = y + place * 11;
            let width = length(value.into(), most.into(), WIDTH - LEFT - RIGHT);
            let hint = format!("Campaign {}: {class} {value}", campaign.id);
            picture.bar(class, LEFT * 100, top * 100, width, 900, &hint);
            picture.text(LEFT + width.div_ceil(100) + 4, top + 8, Anchor::Start, "value", &words);
        }
        y += 42;
    }
    picture.finish(y, "Households mailed, cards claimed and households that redeemed, per campaign")
}

/// Redemptions per week, as columns.
pub(super) fn weeks(weeks: &[Week]) -> String {
    const TOP: u32 = 12;
    const BOTTOM: u32 = 172;
    let mut picture = Picture::new();
    let most = weeks.iter().map(|week| week.redemptions).max().unwrap_or(0);
    let step = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500].into_iter().find(|step| step * 4 >= most);
    let step = step.unwrap_or(most.div_ceil(4)).max(1);
    let ceiling = most.div_ceil(step).max(1) * step;
    for mark in (0..=ceiling).step_by(usize::try_from(step).unwrap_or(1)) {
        let y = BOTTOM - mark * (BOTTOM - TOP) / ceiling;
        picture.rule(y);
        picture.text(24, y + 4, Anchor::End, "value", &mark.to_string());
    }
    let columns = u32::try_from(weeks.len()).unwrap_or(u32::MAX).max(1);
    let pitch = (WIDTH - 30) * 100 / columns;
    let mut month = 0;
    for (place, week) in (0u32..).zip(weeks) {
        let x = 3_000 + place * pitch;
        let height = length(week.redemptions.into(), ceiling.into(), BOTTOM - TOP);
        let hint = format!("Week of {}: {} redemptions", week.monday, week.redemptions);
        picture.bar("redeemed", x, BOTTOM * 100 - height, pitch * 8 / 10, height, &hint);
        let next = week.monday.month();
        // The first week may be the end of a month whose label would run into the next one's.
        if next != month && (place > 0 || week.monday.day() <= 15) {
            let name = usize::try_from(next - 1).ok().and_then(|place| MONTHS.get(place)).copied().unwrap_or_default();
            picture.text(x / 100, BOTTOM + 14, Anchor::Start, "value", name);
        }
        month = next;
    }
    if let (Some(first), Some(last)) = (weeks.first(), weeks.last()) {
        let span = format!("weeks from {} to {}", first.monday, last.monday);
        picture.text(WIDTH / 2, BOTTOM + 30, Anchor::Middle, "value", &span);
    }
    picture.finish(BOTTOM + 36, "Redemptions per week")
}

/// What each campaign gave, the most generous first.
pub(super) fn discounts(campaigns: &[CampaignFigures]) -> String {
    let mut campaigns: Vec<_> = campaigns.iter().collect();
    campaigns.sort_by_key(|campaign| (std::cmp::Reverse(campaign.discount_minor), campaign.id));
    let cents = |campaign: &CampaignFigures| u64::try_from(campaign.discount_minor).unwrap_or(0);
    let most = campaigns.iter().map(|campaign| cents(campaign)).max().unwrap_or(0);
    let (mut picture, mut y) = (Picture::new(), 4);
    for campaign in campaigns {
        let words = dollars(campaign.discount_minor);
        let width = length(cents(campaign), most, WIDTH - LEFT - RIGHT);
        picture.text(LEFT - 8, y + 11, Anchor::End, "label", &label(campaign));
        picture.bar("discount", LEFT * 100, y * 100, width, 1_400, &format!("Campaign {}: {words}", campaign.id));
        picture.text(LEFT + width.div_ceil(100) + 4, y + 11, Anchor::Start, "value", &words);
        y += 20;
    }
    picture.finish(y, "Discount given, per campaign")
}

/// What two promotions would have cost, by basket size: two bars for each band.
pub(super) fn trials(first: &BacktestReport, second: &BacktestReport) -> String {
    let bands = |report: &BacktestReport| report.segments.first().map(|all| all.each.clone()).unwrap_or_default();
    let cost = |segment: Option<&SegmentFigures>| segment.map_or(0, |segment| segment.discount_minor);
    let (first, second) = (bands(first), bands(second));
    let most = first.iter().chain(&second).map(|segment| segment.discount_minor).max().unwrap_or(0);
    let (mut picture, mut y) = (Picture::new(), 4);
    for (place, band) in first.iter().enumerate() {
        picture.text(LEFT - 8, y + 15, Anchor::End, "label", &span(band));
        for (row, class, minor) in [(0, "claimed", band.discount_minor), (1, "discount", cost(second.get(place)))] {
            let (top, words) = (y + row * 11, dollars(minor));
            let cents = |minor: i64| u64::try_from(minor).unwrap_or(0);
            let width = length(cents(minor), cents(most), WIDTH - LEFT - RIGHT);
            let hint = format!("{} baskets of {}: {words}", grouped(band.orders), span(band));
            picture.bar(class, LEFT * 100, top * 100, width, 900, &hint);
            picture.text(LEFT + width.div_ceil(100) + 4, top + 8, Anchor::Start, "value", &words);
        }
        y += 31;
    }
    picture.finish(y, "What two promotions would have cost, by basket size")
}

/// A band of amounts in whole dollars.
fn span(band: &SegmentFigures) -> String {
    match (band.from, band.below) {
        (Some(from), Some(below)) => format!("${}–{}", from / 100, below / 100),
        (Some(from), None) => format!("${}+", from / 100),
        (None, Some(below)) => format!("< ${}", below / 100),
        (None, None) => "other".to_owned(),
    }
}

/// What became of the coupons handed in: one bar of three parts.
pub(super) fn verdicts(redeemed: u32, no_match: u32, no_effect: u32) -> String {
    let whole = WIDTH * 100;
    let total = u64::from(redeemed) + u64::from(no_match) + u64::from(no_effect);
    // The small parts are measured from the right, so that the last one keeps the width in which it can be seen.
    let last = length(no_effect.into(), total, WIDTH);
    let middle = length(no_match.into(), total, WIDTH).min(whole - last);
    let first = if redeemed > 0 { whole - last - middle } else { 0 };
    let mut picture = Picture::new();
    picture.bar("redeemed", 0, 0, first, 1_800, &format!("redeemed: {redeemed}"));
    picture.bar("denied", first, 0, middle, 1_800, &format!("no matching product: {no_match}"));
    picture.bar("nothing", first + middle, 0, last, 1_800, &format!("no effect: {no_effect}"));
    picture.finish(18, "Redeemed, denied for no matching product, denied for no effect")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::figures::tests::made_up;

    /// Every tag that is opened is closed, in order; enough of XML for what is drawn here.
    fn well_formed(svg: &str) {
        let mut open = Vec::new();
        for tag in svg.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()) {
            match tag.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop(), Some(name), "{svg}"),
                None if tag.ends_with('/') => {}
                None => open.push(tag.split_whitespace().next().unwrap()),
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }

    #[test]
    fn pictures_are_well_formed_and_escaped() {
        let figures = made_up();
        let totals = figures.totals;
        for svg in [
            funnel(&figures.campaigns),
            weeks(&figures.weeks),
            discounts(&figures.campaigns),
            verdicts(totals.redeemed, totals.denied_no_matching_product, totals.denied_no_effect),
            funnel(&[]),
            weeks(&[]),
            discounts(&[]),
            verdicts(0, 0, 0),
        ] {
            well_formed(&svg);
            assert!(!svg.contains("<script"), "{svg}");
        }
        assert!(funnel(&figures.campaigns).contains("2 · &lt;script&gt;&amp;&quot;"));
    }

    #[test]
    fn bars_are_in_proportion_and_small_ones_can_be_seen() {
        assert_eq!([0, 1, 500, 1_000].map(|value| length(value, 1_000, 300)), [0, 100, 15_000, 30_000]);
        assert_eq!(length(0, 0, 300), 0);
    }
}
