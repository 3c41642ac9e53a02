//! Instants in whole milliseconds UTC, zones, and dates that become instants. Time is passed in, never asked for.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::limit::Period;

/// A moment: whole milliseconds since 1970 in UTC. RFC 3339 with `Z` on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// The latest moment (9999-12-30), the earliest is its year −9999 twin: what RFC 3339 can write.
    const MILLIS_MAX: i64 = 253_402_207_200_000;

    /// The start of 1970.
    pub const EPOCH: Self = Self(0);

    /// A moment from milliseconds since 1970; refused outside of years 1 to 9999.
    pub fn from_millis(field: &str, millis: i64) -> Result<Self, Invalid> {
        if (-62_135_596_800_000..=Self::MILLIS_MAX).contains(&millis) {
            return Ok(Self(millis));
        }
        Err(Invalid::new(field, millis, "milliseconds between the years 1 and 9999"))
    }

    /// Reads RFC 3339 text such as `2026-11-11T00:00:00Z`; any offset is understood, microseconds are refused.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        let refuse =
            || Invalid::new(field, text, "an RFC 3339 instant in whole milliseconds, such as 2026-11-11T00:00:00Z");
        let stamp: Timestamp = text.parse().map_err(|_| refuse())?;
        if stamp.subsec_nanosecond() % 1_000_000 != 0 {
            return Err(refuse());
        }
        Self::from_millis(field, stamp.as_millisecond())
    }

    /// Milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This moment and `millis` more; stays at the end of time rather than wrap.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis).min(Self::MILLIS_MAX))
    }

    fn stamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.stamp(), f)
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse("instant", &text).map_err(serde::de::Error::custom)
    }
}

/// What gives the time to an engine, and tells in which process. Hosts pass the system's, tests a hand-moved one.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Instant;

    /// Microseconds since some moment that stays the same, never backwards: waiting is measured with it, and deadlines. Without
    /// one of its own a clock measures with [`Clock::now`].
    fn steady_us(&self) -> u64 {
        u64::try_from(self.now().millis()).unwrap_or(0).saturating_mul(1_000)
    }

    /// The process that asks. An engine that finds itself in another process than the one that made it was carried there by
    /// `fork` and answers `forked`. A clock that always says the same, as this one, forgoes that.
    fn process(&self) -> u32 {
        0
    }
}

/// An IANA time zone, resolved in the tables that are compiled in, so that every machine agrees.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

impl Zone {
    /// Looks up an IANA name such as `Asia/Shanghai`.
    pub fn parse(field: &str, name: &str) -> Result<Self, Invalid> {
        let zone = TimeZoneDatabase::bundled().get(name);
        let zone = zone.map_err(|_| Invalid::new(field, name, "an IANA time zone, such as Asia/Shanghai"))?;
        Ok(Self { name: name.to_owned(), zone })
    }

    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), zone: TimeZone::UTC }
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first moment of a local day (which is not midnight where a summer-time gap swallows it).
    fn start_of(&self, field: &str, date: Date) -> Result<Instant, Invalid> {
        let start = date.to_zoned(self.zone.clone()).and_then(|day| day.start_of_day());
        let start = start.map_err(|_| Invalid::new(field, date, "a date between the years 1 and 9999"))?;
        Instant::from_millis(field, start.timestamp().as_millisecond())
    }

    /// The same local time so many years later (the last day of February where there is no 29th); the end of time beyond it.
    pub fn years_after(&self, at: Instant, years: u8) -> Instant {
        let later = at.stamp().to_zoned(self.zone.clone()).checked_add(Span::new().years(i64::from(years)));
        let millis = later.map_or(i64::MAX, |later| later.timestamp().as_millisecond());
        at.plus_millis(millis.saturating_sub(at.millis()))
    }

    /// The local day of a moment, `2026-11-11`.
    pub fn day_of(&self, at: Instant) -> String {
        at.stamp().to_zoned(self.zone.clone()).date().to_string()
    }

    /// The local day, week (by its Monday), month or year of a moment, as a text, and the first moment behind it; none where that
    /// lies beyond the year 9999.
    pub(crate) fn period(&self, at: Instant, period: Period) -> (String, Option<Instant>) {
        let day = at.stamp().to_zoned(self.zone.clone()).date();
        let (first, span) = match period {
            Period::Day => (day, Span::new().days(1)),
            Period::Week => {
                let back = i64::from(day.weekday().to_monday_zero_offset());
                (day.checked_sub(Span::new().days(back)).unwrap_or(day), Span::new().weeks(1))
            }
            Period::Month => (day.first_of_month(), Span::new().months(1)),
            Period::Year => (day.first_of_year(), Span::new().years(1)),
        };
        let key = match period {
            Period::Day | Period::Week => first.to_string(),
            Period::Month => format!("{:04}-{:02}", first.year(), first.month()),
            Period::Year => format!("{:04}", first.year()),
        };
        let ends_at = first.checked_add(span).ok().and_then(|next| self.start_of("window", next).ok());
        (key, ends_at)
    }

    /// The end of the local day that is `days` after the one of `at`: the first moment of the day behind it.
    pub fn end_of_day_after(&self, field: &str, at: Instant, days: u32) -> Result<Instant, Invalid> {
        let day = at.stamp().to_zoned(self.zone.clone()).date();
        let next = day.checked_add(Span::new().days(i64::from(days) + 1));
        let next = next.map_err(|_| Invalid::new(field, days, "days that end before the year 10000"))?;
        self.start_of(field, next)
    }

    /// The same local time so many days later; the end of time rather than beyond it.
    pub(crate) fn days_after(&self, at: Instant, days: u32) -> Instant {
        let later = at.stamp().to_zoned(self.zone.clone()).checked_add(Span::new().days(i64::from(days)));
        let later = later.map(|later| Instant(later.timestamp().as_millisecond().min(Instant::MILLIS_MAX)));
        later.unwrap_or(Instant(Instant::MILLIS_MAX))
    }
}

/// A moment as the clocks of a zone show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Local {
    /// The day, counted from 1970-01-01.
    pub day: i64,
    /// The second of the day.
    pub second: i64,
}

impl Local {
    /// The day of the week, from Monday, 0, to Sunday, 6.
    pub(crate) const fn weekday(self) -> i64 {
        // 1970 began on a Thursday.
        (self.day + 3).rem_euclid(7)
    }
}

const DAY_S: i64 = 86_400;

/// The days of the week, from Monday.
pub(crate) const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Reads a day such as `2026-11-11`, as the count of days from 1970-01-01.
pub(crate) fn parse_date(field: &str, text: &str) -> Result<i64, Invalid> {
    let refuse = || Invalid::new(field, "a text that is none", "a date such as 2026-11-11, of the years 1 to 9999");
    let date: Date = text.parse().map_err(|_| refuse())?;
    if text.len() != 10 || date.year() < 1 {
        return Err(refuse());
    }
    let midnight = date.to_zoned(TimeZone::UTC).map_err(|_| refuse())?;
    Ok(midnight.timestamp().as_second().div_euclid(DAY_S))
}

/// Reads a time of day such as `21:30` or `21:30:15`, as seconds; `24:00` is the end of the day.
pub(crate) fn parse_time_of_day(field: &str, text: &str) -> Result<i64, Invalid> {
    if text == "24:00" {
        return Ok(DAY_S);
    }
    let refuse = || Invalid::new(field, "a text that is none", "a time of day such as 21:30 or 21:30:15, to 24:00");
    let time: jiff::civil::Time = text.parse().map_err(|_| refuse())?;
    if !matches!(text.len(), 5 | 8) || !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':') {
        return Err(refuse());
    }
    Ok(i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second()))
}

/// Reads `monday` to `sunday` as 0 to 6.
pub(crate) fn parse_weekday(field: &str, text: &str) -> Result<i64, Invalid> {
    let place = WEEKDAYS.iter().position(|day| *day == text);
    let place = place.and_then(|place| i64::try_from(place).ok());
    place.ok_or_else(|| Invalid::new(field, "a text that is none", WEEKDAYS.join(", ")))
}

/// A day as it is written.
pub(crate) fn date_text(day: i64) -> String {
    Instant(day.saturating_mul(DAY_S * 1_000)).stamp().to_zoned(TimeZone::UTC).date().to_string()
}

/// A time of day as it is written.
pub(crate) fn time_text(second: i64) -> String {
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    if second == 0 { format!("{hour:02}:{minute:02}") } else { format!("{hour:02}:{minute:02}:{second:02}") }
}

impl Zone {
    /// What the clocks show. Where they are put back, an hour comes twice; where they are put forward, one never comes.
    pub(crate) fn local(&self, at: Instant) -> Local {
        let offset = self.zone.to_offset(at.stamp()).seconds();
        let second = at.millis().div_euclid(1_000) + i64::from(offset);
        Local { day: second.div_euclid(DAY_S), second: second.rem_euclid(DAY_S) }
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::parse("zone", &name).map_err(serde::de::Error::custom)
    }
}

/// A half-open span of time: `start` belongs to it, `end` does not. An absent side is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// First moment inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Instant>,
    /// First moment outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Instant>,
}

impl Window {
    /// Resolves two texts, each an RFC 3339 instant or a date `2026-11-11`. A date-only start means the start of that
    /// local day in `zone`, a date-only end the start of the *next* one: the last day is a whole day.
    pub fn resolve(field: &str, start: Option<&str>, end: Option<&str>, zone: &Zone) -> Result<Self, Invalid> {
        let start_field = format!("{field}.start");
        let end_field = format!("{field}.end");
        let start = start.map(|text| edge(&start_field, text, zone, 0)).transpose()?;
        let end = end.map(|text| edge(&end_field, text, zone, 1)).transpose()?;
        if let (Some(first), Some(last)) = (start, end)
            && last <= first
        {
            return Err(Invalid::new(end_field, last, format!("a moment after the start, {first}")));
        }
        Ok(Self { start, end })
    }
}

fn edge(field: &str, text: &str, zone: &Zone, days_later: i64) -> Result<Instant, Invalid> {
    if text.len() > 10 {
        return Instant::parse(field, text);
    }
    let date: Result<Date, _> = text.parse();
    let date = date.and_then(|day| day.checked_add(Span::new().days(days_later)));
    let date = date.map_err(|_| Invalid::new(field, text, "a date such as 2026-11-11, or an RFC 3339 instant"))?;
    zone.start_of(field, date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse("at", text).unwrap()
    }

    #[test]
    fn g26_date_only_end_is_the_start_of_the_next_local_day() {
        for (zone, start, end) in [
            ("Asia/Shanghai", "2026-11-10T16:00:00Z", "2026-11-11T16:00:00Z"),
            ("Pacific/Apia", "2026-11-10T11:00:00Z", "2026-11-11T11:00:00Z"),
            ("Pacific/Pago_Pago", "2026-11-11T11:00:00Z", "2026-11-12T11:00:00Z"),
        ] {
            let zone = Zone::parse("zone", zone).unwrap();
            let window = Window::resolve("validity", Some("2026-11-11"), Some("2026-11-11"), &zone).unwrap();
            assert_eq!(window, Window { start: Some(at(start)), end: Some(at(end)) });
        }
    }

    #[test]
    fn g26_both_summer_time_edges_give_days_of_23_and_25_hours() {
        let zone = Zone::parse("zone", "America/New_York").unwrap();
        let hours = |day: &str| {
            let window = Window::resolve("validity", Some(day), Some(day), &zone).unwrap();
            (window.end.unwrap().millis() - window.start.unwrap().millis()) / 3_600_000
        };
        assert_eq!((hours("2017-03-12"), hours("2017-11-05"), hours("2017-06-01")), (23, 25, 24));
        let claimed = at("2017-03-11T17:00:00Z");
        assert_eq!(zone.end_of_day_after("days", claimed, 1), Ok(at("2017-03-13T04:00:00Z")));
    }

    #[test]
    fn periods_are_of_the_zone() {
        let zone = Zone::parse("zone", "Asia/Shanghai").unwrap();
        let name = |at_text: &str, per| zone.period(at(at_text), per).0;
        assert_eq!(name("2026-11-10T15:59:59Z", Period::Day), "2026-11-10");
        assert_eq!(name("2026-11-10T16:00:00Z", Period::Day), "2026-11-11");
        assert_eq!(name("2027-01-03T15:59:59Z", Period::Week), "2026-12-28", "the week of its Monday");
        assert_eq!(name("2027-01-03T16:00:00Z", Period::Week), "2027-01-04");
        assert_eq!(name("2026-12-31T16:00:00Z", Period::Month), "2027-01");
        assert_eq!(name("2026-12-31T15:59:59Z", Period::Year), "2026");
        let york = Zone::parse("zone", "America/New_York").unwrap();
        assert_eq!(york.days_after(at("2017-03-11T05:00:00Z"), 2), at("2017-03-13T04:00:00Z"), "a day of 23 hours");
    }

    #[test]
    fn bad_edges_are_refused_by_name() {
        let zone = Zone::utc();
        let refused = Window::resolve("validity", Some("2026-02-01"), Some("2026-01-01"), &zone).unwrap_err();
        assert_eq!(refused.field, "validity.end");
        assert!(Window::resolve("validity", Some("2026-13-01"), None, &zone).is_err());
        assert!(Window::resolve("validity", Some("2026-11-11T00:00:00"), None, &zone).is_err());
        assert!(Instant::parse("at", "2026-11-11T00:00:00.0001Z").is_err());
        assert!(Zone::parse("zone", "Mars/Olympus").is_err());
    }

    #[test]
    fn instants_survive_the_wire() {
        let moment = at("2026-11-11T08:00:00.123+08:00");
        assert_eq!(moment.to_string(), "2026-11-11T00:00:00.123Z");
        assert_eq!(at(&moment.to_string()), moment);
    }
}
