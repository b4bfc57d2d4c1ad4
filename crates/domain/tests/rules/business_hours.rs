//! SLA timers in business hours: examples worked out by hand.

use engage_domain::Status::{InProgress, OnHold, WaitingOnCustomer};
use engage_domain::*;

use crate::sla_readings::{answered, assert_shows, enter, escalated, opened};
use crate::support::*;

#[test]
fn nights_and_weekends_stop_both_timers_in_business_hours() {
    let policies = office();
    // Opened on Friday at 15:00 in Berlin, which is 14:00Z in winter. 4 h: 2 h on Friday, 2 h on
    // Monday. 48 h: 2 h, a week of 40 h, and 6 h on the Monday after.
    let case = opened(&policies, Urgency::High, "2025-01-24T14:00:00Z");
    for (at, response, resolution) in [
        (
            "2025-01-25T12:00:00Z",
            "4:00, 2:00, 0:00, 2:00 PENDING until 2025-01-27T10:00:00.000Z",
            "48:00, 2:00, 0:00, 46:00 PENDING until 2025-02-03T14:00:00.000Z",
        ),
        (
            "2025-01-27T09:00:00Z",
            "4:00, 3:00, 0:00, 1:00 WARNING until 2025-01-27T10:00:00.000Z",
            "48:00, 3:00, 0:00, 45:00 PENDING until 2025-02-03T14:00:00.000Z",
        ),
        (
            "2025-01-27T10:00:00.001Z",
            "4:00, 4:00:00.001, 0:00, -0:00:00.001 BREACHED until 2025-01-27T10:00:00.000Z",
            "48:00, 4:00:00.001, 0:00, 43:59:59.999 PENDING until 2025-02-03T14:00:00.000Z",
        ),
        (
            // 2 h, 32 h until Thursday, and 2 h on Friday.
            "2025-01-31T10:00:00Z",
            "4:00, 36:00, 0:00, -32:00 BREACHED until 2025-01-27T10:00:00.000Z",
            "48:00, 36:00, 0:00, 12:00 WARNING until 2025-02-03T14:00:00.000Z",
        ),
    ] {
        assert_shows(&policies, &case, at, response, resolution);
    }
}

#[test]
fn a_target_due_at_the_end_of_a_day_is_breached_at_night() {
    let policies = office();
    // BUSINESS and HIGH, Monday 13:00 in Berlin: due at 17:00.
    let case = opened(&policies, Urgency::High, "2025-01-27T12:00:00Z");
    let resolution = "48:00, 4:00, 0:00, 44:00 PENDING until 2025-02-04T12:00:00.000Z";
    let due = "until 2025-01-27T16:00:00.000Z";
    let response = |state| format!("4:00, 4:00, 0:00, 0:00 {state} {due}");
    assert_shows(&policies, &case, "2025-01-27T16:00:00Z", &response("WARNING"), resolution);
    assert_shows(&policies, &case, "2025-01-27T20:00:00Z", &response("BREACHED"), resolution);
}

#[test]
fn only_working_time_counts_as_a_pause() {
    let policies = office();
    let case = opened(&policies, Urgency::High, "2025-01-24T14:00:00Z");
    let case = answered(&policies, &case, "2025-01-24T15:00:00Z");
    // On hold from Tuesday 10:00 to Thursday 10:00, which is 16 h, so due on Wednesday the 5th at
    // 15:00.
    let held = enter(&policies, &case, OnHold, "2025-01-28T09:00:00Z");
    let met = "4:00, 1:00, 0:00, 3:00 MET";
    assert_shows(
        &policies,
        &held,
        "2025-01-29T21:00:00Z",
        met,
        "48:00, 11:00, 15:00, 37:00 PAUSED",
    );
    let resumed = enter(&policies, &held, InProgress, "2025-01-30T09:00:00Z");
    assert_shows(
        &policies,
        &resumed,
        "2025-01-30T10:00:00Z",
        met,
        "48:00, 12:00, 16:00, 36:00 PENDING until 2025-02-05T14:00:00.000Z",
    );
    // Waiting from Friday 16:00 until Monday 10:00 adds 2 h, so due at 17:00.
    let waiting = enter(&policies, &resumed, WaitingOnCustomer, "2025-01-31T15:00:00Z");
    let resumed = enter(&policies, &waiting, InProgress, "2025-02-03T09:00:00Z");
    assert_shows(
        &policies,
        &resumed,
        "2025-02-03T09:00:00Z",
        met,
        "48:00, 25:00, 18:00, 23:00 PENDING until 2025-02-05T16:00:00.000Z",
    );
}

#[test]
fn escalating_a_held_case_pushes_its_due_time_back_and_then_forward() {
    let policies = office();
    let case = opened(&policies, Urgency::High, "2025-01-24T14:00:00Z");
    let case = answered(&policies, &case, "2025-01-24T15:00:00Z");
    // Held on Tuesday at 10:00 and escalated on Wednesday at 12:00: the pause of 10 h moves the due
    // time from Monday the 3rd at 15:00 to Tuesday the 4th at 17:00. 8 h from Wednesday 12:00 is
    // Thursday 12:00, which is earlier. From Friday 15:00 until then there are 29 h, or 19 h
    // without the pause.
    let held = enter(&policies, &case, OnHold, "2025-01-28T09:00:00Z");
    let case = escalated(&policies, &held, Urgency::Critical, "2025-01-29T11:00:00Z");
    let met = "4:00, 1:00, 0:00, 3:00 MET";
    for (at, resolution) in [
        (
            "2025-01-29T11:00:00Z",
            "19:00, 11:00, 10:00, 8:00 PENDING until 2025-01-30T11:00:00.000Z",
        ),
        // Three quarters of 19 h are 14:15 h, so the warning comes 3:15 h after the escalation.
        (
            "2025-01-29T14:14:00Z",
            "19:00, 14:14, 10:00, 4:46 PENDING until 2025-01-30T11:00:00.000Z",
        ),
        (
            "2025-01-29T14:15:00Z",
            "19:00, 14:15, 10:00, 4:45 WARNING until 2025-01-30T11:00:00.000Z",
        ),
        (
            "2025-01-30T12:00:00Z",
            "19:00, 20:00, 10:00, -1:00 BREACHED until 2025-01-30T11:00:00.000Z",
        ),
    ] {
        assert_shows(&policies, &case, at, met, resolution);
    }
}

#[test]
fn business_hours_follow_daylight_saving_time() {
    let policies = office();
    // Friday 15:00 in Berlin before each clock change: due on Monday at 11:00, and on the Monday
    // after that at 15:00.
    let spring = opened(&policies, Urgency::High, "2025-03-28T14:00:00Z");
    assert_shows(
        &policies,
        &spring,
        "2025-03-31T08:00:00Z",
        "4:00, 3:00, 0:00, 1:00 WARNING until 2025-03-31T09:00:00.000Z",
        "48:00, 3:00, 0:00, 45:00 PENDING until 2025-04-07T13:00:00.000Z",
    );
    let autumn = opened(&policies, Urgency::High, "2025-10-24T13:00:00Z");
    assert_shows(
        &policies,
        &autumn,
        "2025-10-27T09:00:00Z",
        "4:00, 3:00, 0:00, 1:00 WARNING until 2025-10-27T10:00:00.000Z",
        "48:00, 3:00, 0:00, 45:00 PENDING until 2025-11-03T14:00:00.000Z",
    );
    // On hold from Friday 16:00 to Monday 10:00, over the clock change: 2 h, so due at 17:00.
    let held = enter(&policies, &spring, OnHold, "2025-03-28T15:00:00Z");
    let resumed = enter(&policies, &held, InProgress, "2025-03-31T08:00:00Z");
    assert_shows(
        &policies,
        &resumed,
        "2025-03-31T08:00:00Z",
        "4:00, 3:00, 0:00, 1:00 WARNING until 2025-03-31T09:00:00.000Z",
        "48:00, 1:00, 2:00, 47:00 PENDING until 2025-04-07T15:00:00.000Z",
    );
    // Round the clock, 48 h are always 48 h.
    let always = opened(&Policies::default(), Urgency::High, "2025-03-28T14:00:00Z");
    assert_eq!(always.facts().estimated_resolution, text("2025-03-30T14:00:00Z"));
}

#[test]
fn holidays_stop_both_timers() {
    let policies = office();
    // Opened on Wednesday at 16:00. Thursday 1 May is a holiday, so 4 h are 1 h on Wednesday and
    // 3 h on Friday until 12:00.
    let case = opened(&policies, Urgency::High, "2025-04-30T14:00:00Z");
    assert_shows(
        &policies,
        &case,
        "2025-05-01T12:00:00Z",
        "4:00, 1:00, 0:00, 3:00 PENDING until 2025-05-02T10:00:00.000Z",
        "48:00, 1:00, 0:00, 47:00 PENDING until 2025-05-09T14:00:00.000Z",
    );
}
