//! Working time: examples counted by hand, and a comparison with counting minute by minute.

use std::time::Duration;

use engage_domain::sla::{BusinessHours, Calendar, WorkingHours};
use engage_domain::*;
use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::support::*;

use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};

const WORKDAYS: [Weekday; 5] = [Monday, Tuesday, Wednesday, Thursday, Friday];

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn calendar(zone_name: &str, days: &[Weekday], hours: &[&str], holidays: &[Date]) -> Calendar {
    let each = |&day: &Weekday| hours.iter().map(move |hours| (day, text(hours)));
    let week = days.iter().flat_map(each);
    BusinessHours::new(zone(zone_name), week, holidays.iter().copied()).unwrap().into()
}

/// Monday to Friday from 9 to 17 in Berlin.
fn office() -> Calendar {
    calendar("Europe/Berlin", &WORKDAYS, &["09:00-17:00"], &[])
}

/// Checks that this much working time lies between two instants, by adding and by measuring.
fn assert_counts(calendar: &Calendar, from: &str, working_time: Duration, until: &str) {
    let (from, until) = (text(from), text(until));
    assert_eq!(calendar.add(from, working_time), until, "{working_time:?} after {from}");
    assert_eq!(calendar.elapsed(from, until), working_time, "from {from} until {until}");
}

#[test]
fn nights_and_weekends_do_not_count() {
    let office = office();
    // Berlin is an hour ahead of UTC in winter, so 09:00 there is 08:00Z.
    for (from, working_time, until) in [
        // Within a day: 10:00 to 12:30.
        ("2025-01-27T09:00:00Z", minutes(150), "2025-01-27T11:30:00Z"),
        // A whole day ends in the evening, and a millisecond more leads to the next morning.
        ("2025-01-27T08:00:00Z", hours(8), "2025-01-27T16:00:00Z"),
        ("2025-01-27T08:00:00Z", hours(8) + MILLISECOND, "2025-01-28T08:00:00.001Z"),
        // Monday 16:00 and 3 h: 1 h on Monday, 2 h on Tuesday until 11:00.
        ("2025-01-27T15:00:00Z", hours(3), "2025-01-28T10:00:00Z"),
        // Friday 15:00 and 10 h: 2 h on Friday, 8 h on Monday.
        ("2025-01-24T14:00:00Z", hours(10), "2025-01-27T16:00:00Z"),
        // Saturday noon and 1 h: Monday 10:00.
        ("2025-01-25T11:00:00Z", hours(1), "2025-01-27T09:00:00Z"),
        // Before and after working hours.
        ("2025-01-27T05:00:00Z", hours(1), "2025-01-27T09:00:00Z"),
        ("2025-01-27T22:00:00Z", hours(1), "2025-01-28T09:00:00Z"),
        // 40 h are a week.
        ("2025-01-27T09:00:00Z", hours(40), "2025-02-03T09:00:00Z"),
        // 52 weeks of 40 h, from a Monday morning to a Friday evening, over both clock changes.
        ("2025-01-06T08:00:00Z", hours(52 * 40), "2026-01-02T16:00:00Z"),
    ] {
        assert_counts(&office, from, working_time, until);
    }
}

#[test]
fn a_weekend_between_two_instants_counts_nothing() {
    let office = office();
    for (from, to) in [
        ("2025-01-24T16:00:00Z", "2025-01-27T08:00:00Z"),
        ("2025-01-25T10:00:00Z", "2025-01-26T10:00:00Z"),
        ("2025-01-27T12:00:00Z", "2025-01-27T11:00:00Z"),
    ] {
        assert_eq!(office.elapsed(text(from), text(to)), Duration::ZERO, "{from} {to}");
    }
    // A zero duration returns the start itself, even at night.
    let night = text("2025-01-25T03:00:00Z");
    assert_eq!(office.add(night, Duration::ZERO), night);
}

#[test]
fn a_day_may_have_several_stretches() {
    let desk = calendar("Europe/Berlin", &WORKDAYS, &["13:00-17:30", "09:00-12:00"], &[]);
    for (from, working_time, until) in [
        // Monday 11:00 and 3 h: 1 h before lunch, 2 h from 13:00.
        ("2025-01-27T10:00:00Z", hours(3), "2025-01-27T14:00:00Z"),
        // 12:00 is the end of the first stretch. A millisecond later is after lunch.
        ("2025-01-27T10:00:00Z", hours(1), "2025-01-27T11:00:00Z"),
        ("2025-01-27T10:00:00Z", hours(1) + MILLISECOND, "2025-01-27T12:00:00.001Z"),
        // 5 h from the lunch break: 4.5 h until 17:30, and half an hour on Tuesday.
        ("2025-01-27T11:30:00Z", hours(5), "2025-01-28T08:30:00Z"),
        // 7.5 h a day, 37.5 h a week.
        ("2025-01-27T08:30:00Z", minutes(75 * 30), "2025-02-03T08:30:00Z"),
    ] {
        assert_counts(&desk, from, working_time, until);
    }
}

#[test]
fn days_may_differ_and_nights_are_two_stretches() {
    let week = [
        (Friday, text("22:00-24:00")),
        (Saturday, text("00:00-06:00")),
        (Monday, text("08:00-09:00")),
    ];
    let nights: Calendar = BusinessHours::new(TimeZone::UTC, week, []).unwrap().into();
    for (from, working_time, until) in [
        ("2025-01-24T23:00:00Z", hours(3), "2025-01-25T02:00:00Z"),
        ("2025-01-24T21:00:00Z", hours(8), "2025-01-25T06:00:00Z"),
        ("2025-01-24T21:00:00Z", minutes(8 * 60 + 30), "2025-01-27T08:30:00Z"),
    ] {
        assert_counts(&nights, from, working_time, until);
    }
}

#[test]
fn holidays_count_nothing() {
    let holidays = [
        date(2026, 1, 1),
        date(2025, 12, 26),
        date(2025, 12, 25),
        // A Sunday, and a day that is listed twice.
        date(2025, 12, 28),
        date(2025, 12, 25),
    ];
    let office = calendar("Europe/Berlin", &WORKDAYS, &["09:00-17:00"], &holidays);
    for (from, working_time, until) in [
        // Wednesday the 24th, 16:00 and 3 h: 1 h, then Monday the 29th until 11:00.
        ("2025-12-24T15:00:00Z", hours(3), "2025-12-29T10:00:00Z"),
        // Starting on a holiday.
        ("2025-12-25T10:00:00Z", hours(1), "2025-12-29T09:00:00Z"),
        // Until the evening before a holiday, and a millisecond longer.
        ("2025-12-31T08:00:00Z", hours(8), "2025-12-31T16:00:00Z"),
        ("2025-12-31T08:00:00Z", hours(8) + MILLISECOND, "2026-01-02T08:00:00.001Z"),
        // 56 h from Monday the 22nd at 9:00: 24 h until the 24th, 24 h from the 29th to the 31st,
        // and 8 h on Friday the 2nd.
        ("2025-12-22T08:00:00Z", hours(56), "2026-01-02T16:00:00Z"),
    ] {
        assert_counts(&office, from, working_time, until);
    }
    let (from, to) = (text("2025-12-25T08:00:00Z"), text("2025-12-26T16:00:00Z"));
    assert_eq!(office.elapsed(from, to), Duration::ZERO);
}

#[test]
fn business_hours_follow_local_time_over_clock_changes() {
    let office = office();
    // Berlin changed from UTC+1 to UTC+2 on Sunday 2025-03-30, and back on Sunday 2025-10-26.
    for (from, working_time, until) in [
        // Friday 16:00 is 15:00Z, Monday 10:00 is 08:00Z.
        ("2025-03-28T15:00:00Z", hours(2), "2025-03-31T08:00:00Z"),
        // Friday 16:00 is 14:00Z, Monday 10:00 is 09:00Z.
        ("2025-10-24T14:00:00Z", hours(2), "2025-10-27T09:00:00Z"),
        // Five days from Thursday noon to Thursday noon.
        ("2025-03-27T11:00:00Z", hours(40), "2025-04-03T10:00:00Z"),
        ("2025-10-23T10:00:00Z", hours(40), "2025-10-30T11:00:00Z"),
    ] {
        assert_counts(&office, from, working_time, until);
    }
}

#[test]
fn a_skipped_hour_is_not_worked_and_a_repeated_hour_is_worked_twice() {
    let night_desk = calendar("Europe/Berlin", &[Sunday], &["01:00-05:00"], &[]);
    for (from, working_time, until) in [
        // 2025-03-30: 01:00 (+1) to 02:00, then 03:00 (+2) to 05:00: 3 h.
        ("2025-03-30T00:00:00Z", hours(3), "2025-03-30T03:00:00Z"),
        ("2025-03-30T00:00:00Z", hours(1), "2025-03-30T01:00:00Z"),
        ("2025-03-30T00:30:00Z", hours(1), "2025-03-30T01:30:00Z"),
        // The fourth hour starts at 01:00 (+2) a week later.
        ("2025-03-30T00:00:00Z", hours(4), "2025-04-06T00:00:00Z"),
        // 2025-10-26: 01:00 (+2) to 03:00, then 02:00 (+1) to 05:00: 5 h.
        ("2025-10-25T23:00:00Z", hours(5), "2025-10-26T04:00:00Z"),
        ("2025-10-25T23:00:00Z", hours(2), "2025-10-26T01:00:00Z"),
        ("2025-10-25T23:00:00Z", minutes(150), "2025-10-26T01:30:00Z"),
    ] {
        assert_counts(&night_desk, from, working_time, until);
    }
    // Work within the skipped hour does not take place, and work within the repeated hour takes
    // place twice.
    let small_hours = calendar("Europe/Berlin", &[Sunday], &["02:00-03:00"], &[]);
    for (from, working_time, until) in [
        ("2025-03-29T12:00:00Z", hours(1), "2025-04-06T01:00:00Z"),
        ("2025-10-25T12:00:00Z", hours(2), "2025-10-26T02:00:00Z"),
        ("2025-10-25T12:00:00Z", minutes(90), "2025-10-26T01:30:00Z"),
    ] {
        assert_counts(&small_hours, from, working_time, until);
    }
}

#[test]
fn a_day_that_a_country_skipped_is_not_worked() {
    // Samoa went from Thursday 2011-12-29 to Saturday 2011-12-31, from UTC-10 to UTC+14.
    let apia = calendar("Pacific/Apia", &WORKDAYS, &["09:00-17:00"], &[]);
    // Thursday 16:00 is 02:00Z on the 30th; Monday 2012-01-02, 10:00, is 20:00Z on the 1st.
    assert_counts(&apia, "2011-12-30T02:00:00Z", hours(2), "2012-01-01T20:00:00Z");
}

#[test]
fn hours_that_cover_the_week_are_round_the_clock() {
    let all_days = [&WORKDAYS[..], &[Saturday, Sunday]].concat();
    let always = calendar("Europe/Berlin", &all_days, &["00:00-24:00"], &[]);
    let from: Timestamp = text("2025-03-01T12:34:56.789Z");
    for days_later in [1, 29, 40, 250, 4000] {
        let to = from.plus(days(days_later));
        assert_eq!(always.elapsed(from, to), days(days_later));
        assert_eq!(always.add(from, days(days_later)), to);
    }
}

#[test]
fn time_before_1970_and_sums_beyond_the_calendar_are_counted_too() {
    let office = office();
    // A Thursday at 16:00 and a Friday at 10:00.
    assert_counts(&office, "1965-07-01T15:00:00Z", hours(2), "1965-07-02T09:00:00Z");
    assert_eq!(office.add(opening(), Duration::MAX), Timestamp::MAX);
    assert_eq!(office.add(Timestamp::MAX, hours(1)), Timestamp::MAX);
    let beginning = Timestamp::from_millis(i64::MIN);
    let (all, worked) =
        (Timestamp::MAX.since(beginning), office.elapsed(beginning, Timestamp::MAX));
    // 40 of the 168 hours of a week.
    assert!(worked.abs_diff(all / 168 * 40) <= hours(40), "{worked:?} of {all:?}");
}

#[test]
fn hours_that_never_run_or_overlap_are_refused() {
    let refused = |week: &[(Weekday, &str)]| {
        let week = week.iter().map(|&(day, hours)| (day, text(hours)));
        BusinessHours::new(TimeZone::UTC, week, []).unwrap_err().to_string()
    };
    assert_eq!(refused(&[]), "at least one weekday must have working hours");
    assert_eq!(
        refused(&[(Monday, "09:00-12:00"), (Monday, "11:59-13:00")]),
        "09:00-12:00 and 11:59-13:00 on Monday must not overlap"
    );
    let touching = [(Monday, text("12:00-13:00")), (Monday, text("09:00-12:00"))];
    assert!(BusinessHours::new(TimeZone::UTC, touching, []).is_ok());
    let same_hours = [(Monday, text("09:00-12:00")), (Tuesday, text("09:00-12:00"))];
    assert!(BusinessHours::new(TimeZone::UTC, same_hours, []).is_ok());
}

/// Inputs of a calendar, with an instant near one of its clock changes.
#[derive(Debug, Clone)]
struct Sample {
    zone: TimeZone,
    week: Vec<(Weekday, WorkingHours)>,
    holidays: Vec<Date>,
    start: Timestamp,
}

impl Sample {
    fn calendar(&self) -> Calendar {
        let holidays = self.holidays.iter().copied();
        BusinessHours::new(self.zone.clone(), self.week.clone(), holidays).unwrap().into()
    }

    /// Counts the working minutes of a period one by one.
    fn count_minutes(&self, from: Timestamp, minutes: i64) -> u64 {
        let works = |minute: &i64| {
            let at = jiff::Timestamp::from_millisecond(from.as_millis() + minute * 60_000).unwrap();
            let local = at.to_zoned(self.zone.clone());
            let of_day =
                u16::try_from(local.hour()).unwrap() * 60 + u16::try_from(local.minute()).unwrap();
            !self.holidays.contains(&local.date())
                && self.week.iter().any(|(day, hours)| {
                    *day == local.weekday() && (hours.from()..hours.to()).contains(&of_day)
                })
        };
        (0..minutes).filter(works).count().try_into().unwrap()
    }
}

fn sample() -> impl Strategy<Value = Sample> {
    const ZONES: &[(&str, &str)] = &[
        ("UTC", "2025-01-27T10:00:00Z"),
        ("Europe/Berlin", "2025-03-30T01:00:00Z"),
        ("Europe/Berlin", "2025-10-26T01:00:00Z"),
        ("America/New_York", "2025-11-02T06:00:00Z"),
        // Daylight saving time of half an hour, over the turn of the year.
        ("Australia/Lord_Howe", "2025-04-05T15:00:00Z"),
        ("Pacific/Apia", "2011-12-30T10:00:00Z"),
    ];
    let days = [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday];
    let stretch = (0..7_usize, 0..48_u16, 1..48_u16).prop_map(move |(day, from, length)| {
        let hours = WorkingHours::from_minutes(from * 30, (from + length).min(48) * 30);
        (days[day], hours.unwrap())
    });
    let offset = -6 * 24 * 60..60_i64;
    (prop::sample::select(ZONES), prop::collection::vec(stretch, 1..8))
        .prop_flat_map(move |((name, change), stretches)| {
            let offset = offset.clone();
            let holidays = prop::collection::vec(-7..7_i32, 0..3);
            (Just((name, change, stretches)), offset, holidays)
        })
        .prop_map(|((name, change, stretches), offset, holidays)| {
            let mut week: Vec<(Weekday, WorkingHours)> = Vec::new();
            for (day, hours) in stretches {
                let overlaps = |(other, taken): &(Weekday, WorkingHours)| {
                    *other == day && taken.from() < hours.to() && hours.from() < taken.to()
                };
                if !week.iter().any(overlaps) {
                    week.push((day, hours));
                }
            }
            let change: Timestamp = text(change);
            let local = jiff::Timestamp::from(change).to_zoned(zone(name)).date();
            let holiday = |days: i32| local.checked_add(jiff::Span::new().days(days)).unwrap();
            Sample {
                zone: zone(name),
                week,
                holidays: holidays.into_iter().map(holiday).collect(),
                start: Timestamp::from_millis(change.as_millis() + offset * 60_000),
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 192,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_250_330),
        ..ProptestConfig::default()
    })]

    #[test]
    fn working_time_equals_counting_every_minute(sample in sample(), length in 0..9000_i64) {
        let to = Timestamp::from_millis(sample.start.as_millis() + length * 60_000);
        let counted = minutes(sample.count_minutes(sample.start, length));
        prop_assert_eq!(sample.calendar().elapsed(sample.start, to), counted);
    }

    #[test]
    fn added_working_time_has_elapsed_but_not_a_millisecond_earlier(
        sample in sample(),
        duration in 1..2_000_000_000_u64,
    ) {
        let calendar = sample.calendar();
        let duration = Duration::from_millis(duration);
        let due = calendar.add(sample.start, duration);
        prop_assert_eq!(calendar.elapsed(sample.start, due), duration);
        let before = due.minus(MILLISECOND);
        prop_assert_eq!(calendar.elapsed(sample.start, before) + MILLISECOND, duration);
    }

    #[test]
    fn working_time_adds_up_and_never_runs_backwards(
        sample in sample(),
        first in 0..2_000_000_000_u64,
        second in 0..2_000_000_000_u64,
        wait in 0..2_000_000_000_u64,
    ) {
        let calendar = sample.calendar();
        let [first, second, wait] = [first, second, wait].map(Duration::from_millis);
        let middle = calendar.add(sample.start, first);
        let end = calendar.add(sample.start, first + second);
        prop_assert_eq!(calendar.add(middle, second), end);
        prop_assert!(sample.start <= middle && middle <= end);
        prop_assert_eq!(calendar.elapsed(sample.start, end), first + second);
        let later = sample.start.plus(wait);
        prop_assert!(calendar.add(later, first) >= middle);
        prop_assert!(calendar.elapsed(later, end) <= calendar.elapsed(sample.start, end));
    }
}
