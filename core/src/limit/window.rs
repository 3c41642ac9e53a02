//! Which stretch of time a use falls into.

use super::{LimitWindow, Period};
use crate::time::{Instant, Zone};

/// Steps of a rolling window, by definition.
const STEPS: i64 = 60;

/// Where a use at a moment is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// Part of the key: a calendar window counts each of its stretches apart.
    pub key: Option<String>,
    /// When it starts from nothing again.
    pub ends_at: Option<Instant>,
    /// When this use leaves a rolling window by itself.
    pub leaves_at: Option<Instant>,
}

impl LimitWindow {
    /// The stretch that a moment falls into, in a zone.
    pub(crate) fn at(self, now: Instant, zone: &Zone) -> Stretch {
        match self {
            Self::Total => Stretch { key: None, ends_at: None, leaves_at: None },
            Self::Calendar(period) => {
                let (key, ends_at) = zone.period(now, period);
                Stretch { key: Some(key), ends_at, leaves_at: None }
            }
            Self::RollingS(seconds) => {
                let window = i64::from(seconds) * 1_000;
                // A window of 60 seconds or more has steps of a second or more; what does not divide makes the last step longer.
                let step = window / STEPS;
                let started = now.millis().div_euclid(step) * step;
                let leaves = now.plus_millis(started - now.millis() + step + window);
                Stretch { key: None, ends_at: None, leaves_at: Some(leaves) }
            }
        }
    }

    /// The window in words, for denials.
    pub(crate) fn words(self) -> String {
        match self {
            Self::Total => "total".to_owned(),
            Self::Calendar(period) => period.name().to_owned(),
            Self::RollingS(seconds) => format!("rolling {seconds} s"),
        }
    }
}

impl Period {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse("at", text).unwrap()
    }

    fn stretch(window: LimitWindow, now: &str, zone: &str) -> (String, Option<Instant>) {
        let stretch = window.at(at(now), &Zone::parse("zone", zone).unwrap());
        (stretch.key.unwrap(), stretch.ends_at)
    }

    #[test]
    fn g26_calendar_windows_are_local() {
        use LimitWindow::Calendar;
        for (period, now, zone, key, ends_at) in [
            (Period::Day, "2026-11-10T16:00:00Z", "Asia/Shanghai", "2026-11-11", "2026-11-11T16:00:00Z"),
            (Period::Day, "2026-11-10T15:59:59.999Z", "Asia/Shanghai", "2026-11-10", "2026-11-10T16:00:00Z"),
            (Period::Week, "2026-11-11T00:00:00Z", "UTC", "2026-11-09", "2026-11-16T00:00:00Z"),
            (Period::Week, "2027-01-03T23:59:59Z", "UTC", "2026-12-28", "2027-01-04T00:00:00Z"),
            (Period::Month, "2026-12-31T23:00:00Z", "Pacific/Apia", "2027-01", "2027-01-31T11:00:00Z"),
            (Period::Year, "2026-12-31T12:00:00Z", "Pacific/Pago_Pago", "2026", "2027-01-01T11:00:00Z"),
            // A day of 23 hours and one of 25.
            (Period::Day, "2017-03-12T07:00:00Z", "America/New_York", "2017-03-12", "2017-03-13T04:00:00Z"),
            (Period::Day, "2017-11-05T04:00:00Z", "America/New_York", "2017-11-05", "2017-11-06T05:00:00Z"),
        ] {
            assert_eq!(stretch(Calendar(period), now, zone), (key.to_owned(), Some(at(ends_at))), "{now} {zone}");
        }
    }

    #[test]
    fn a_rolling_window_is_sixty_steps() {
        let leaves = |seconds, now| LimitWindow::RollingS(seconds).at(at(now), &Zone::utc()).leaves_at.unwrap();
        assert_eq!(leaves(3_600, "2026-11-11T00:00:30Z"), at("2026-11-11T01:01:00Z"), "at the end of its minute");
        assert_eq!(leaves(3_600, "2026-11-11T00:00:59.999Z"), at("2026-11-11T01:01:00Z"));
        assert_eq!(leaves(3_600, "2026-11-11T00:01:00Z"), at("2026-11-11T01:02:00Z"));
    }

    proptest! {
        #[test]
        fn a_use_leaves_a_rolling_window_after_its_length_and_hardly_later(now in 0_i64..4_000_000_000_000, seconds in 60_u32..31_622_400) {
            let now = Instant::EPOCH.plus_millis(now);
            let leaves = LimitWindow::RollingS(seconds).at(now, &Zone::utc()).leaves_at.unwrap();
            let (after, window) = (leaves.millis() - now.millis(), i64::from(seconds) * 1_000);
            prop_assert!(after > window && after <= window + window / STEPS);
        }

        #[test]
        fn every_moment_lies_in_one_stretch(now in 0_i64..4_000_000_000_000, period in prop_oneof![Just(Period::Day), Just(Period::Week), Just(Period::Month), Just(Period::Year)], zone in prop_oneof![Just("Asia/Shanghai"), Just("America/New_York"), Just("Pacific/Apia"), Just("UTC")]) {
            let (now, zone) = (Instant::EPOCH.plus_millis(now), Zone::parse("zone", zone).unwrap());
            let (key, ends_at) = zone.period(now, period);
            let ends_at = ends_at.unwrap();
            prop_assert!(ends_at > now);
            prop_assert_eq!(&zone.period(ends_at.plus_millis(-1), period), &(key.clone(), Some(ends_at)));
            prop_assert_ne!(zone.period(ends_at, period).0, key);
        }
    }
}
