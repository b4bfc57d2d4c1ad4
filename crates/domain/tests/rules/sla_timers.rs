//! SLA timers round the clock: examples worked out by hand.

use engage_domain::Status::{Cancelled, Closed, InProgress, OnHold, Resolved, WaitingOnCustomer};
use engage_domain::*;

use crate::sla_readings::{answered, assert_shows, enter, escalated, opened};
use crate::support::*;

#[test]
fn a_timer_warns_at_three_quarters_and_is_breached_after_its_due_time() {
    let policies = Policies::default();
    let case = case();
    // BUSINESS and HIGH, opened on Monday at 10: 4 h and 48 h; three quarters are 3 h and 36 h.
    for (at, response, resolution) in [
        (
            "2025-01-27T10:00:00Z",
            "4:00, 0:00, 0:00, 4:00 PENDING until 2025-01-27T14:00:00.000Z",
            "48:00, 0:00, 0:00, 48:00 PENDING until 2025-01-29T10:00:00.000Z",
        ),
        (
            "2025-01-27T12:59:59.999Z",
            "4:00, 2:59:59.999, 0:00, 1:00:00.001 PENDING until 2025-01-27T14:00:00.000Z",
            "48:00, 2:59:59.999, 0:00, 45:00:00.001 PENDING until 2025-01-29T10:00:00.000Z",
        ),
        (
            "2025-01-27T13:00:00Z",
            "4:00, 3:00, 0:00, 1:00 WARNING until 2025-01-27T14:00:00.000Z",
            "48:00, 3:00, 0:00, 45:00 PENDING until 2025-01-29T10:00:00.000Z",
        ),
        (
            "2025-01-27T14:00:00Z",
            "4:00, 4:00, 0:00, 0:00 WARNING until 2025-01-27T14:00:00.000Z",
            "48:00, 4:00, 0:00, 44:00 PENDING until 2025-01-29T10:00:00.000Z",
        ),
        (
            "2025-01-27T14:00:00.001Z",
            "4:00, 4:00:00.001, 0:00, -0:00:00.001 BREACHED until 2025-01-27T14:00:00.000Z",
            "48:00, 4:00:00.001, 0:00, 43:59:59.999 PENDING until 2025-01-29T10:00:00.000Z",
        ),
        (
            "2025-01-28T22:00:00Z",
            "4:00, 36:00, 0:00, -32:00 BREACHED until 2025-01-27T14:00:00.000Z",
            "48:00, 36:00, 0:00, 12:00 WARNING until 2025-01-29T10:00:00.000Z",
        ),
        (
            "2025-01-29T12:30:00Z",
            "4:00, 50:30, 0:00, -46:30 BREACHED until 2025-01-27T14:00:00.000Z",
            "48:00, 50:30, 0:00, -2:30 BREACHED until 2025-01-29T10:00:00.000Z",
        ),
    ] {
        assert_shows(&policies, &case, at, response, resolution);
    }
}

#[test]
fn waiting_pauses_the_resolution_timer_but_not_the_response_timer() {
    let policies = Policies::default();
    let waiting = enter(&policies, &case(), WaitingOnCustomer, "2025-01-27T12:00:00Z");
    assert_shows(
        &policies,
        &waiting,
        "2025-01-28T09:30:00Z",
        "4:00, 23:30, 0:00, -19:30 BREACHED until 2025-01-27T14:00:00.000Z",
        "48:00, 2:00, 21:30, 46:00 PAUSED",
    );
    // It never breaches, however long the case waits.
    assert_shows(
        &policies,
        &waiting,
        "2025-02-26T12:00:00Z",
        "4:00, 722:00, 0:00, -718:00 BREACHED until 2025-01-27T14:00:00.000Z",
        "48:00, 2:00, 720:00, 46:00 PAUSED",
    );
    // Paused from 12:00 to 09:30, which is 21:30 h, so due that much later. 36 h have passed on the
    // 29th at 19:30.
    let resumed = enter(&policies, &waiting, InProgress, "2025-01-28T09:30:00Z");
    let resumed = answered(&policies, &resumed, "2025-01-28T09:45:00Z");
    for (at, resolution) in [
        (
            "2025-01-28T10:30:00Z",
            "48:00, 3:00, 21:30, 45:00 PENDING until 2025-01-30T07:30:00.000Z",
        ),
        (
            "2025-01-29T19:29:00Z",
            "48:00, 35:59, 21:30, 12:01 PENDING until 2025-01-30T07:30:00.000Z",
        ),
        (
            "2025-01-29T19:30:00Z",
            "48:00, 36:00, 21:30, 12:00 WARNING until 2025-01-30T07:30:00.000Z",
        ),
        (
            "2025-01-30T07:31:00Z",
            "48:00, 48:01, 21:30, -0:01 BREACHED until 2025-01-30T07:30:00.000Z",
        ),
    ] {
        let response = "4:00, 23:45, 0:00, -19:45 BREACHED";
        assert_shows(&policies, &resumed, at, response, resolution);
    }
}

#[test]
fn an_escalation_shortens_the_targets() {
    let policies = Policies::default();
    // BUSINESS and LOW: 24 h and 120 h. CRITICAL after 12 h: 1 h and 8 h from then.
    let case = opened(&policies, Urgency::Low, "2025-01-27T10:00:00Z");
    let case = escalated(&policies, &case, Urgency::Critical, "2025-01-27T22:00:00Z");
    for (at, response, resolution) in [
        (
            // 12 h of 13 h are more than three quarters, but 12 h of 20 h are not.
            "2025-01-27T22:00:00Z",
            "13:00, 12:00, 0:00, 1:00 WARNING until 2025-01-27T23:00:00.000Z",
            "20:00, 12:00, 0:00, 8:00 PENDING until 2025-01-28T06:00:00.000Z",
        ),
        (
            "2025-01-28T01:00:00Z",
            "13:00, 15:00, 0:00, -2:00 BREACHED until 2025-01-27T23:00:00.000Z",
            "20:00, 15:00, 0:00, 5:00 WARNING until 2025-01-28T06:00:00.000Z",
        ),
    ] {
        assert_shows(&policies, &case, at, response, resolution);
    }
    // Late in a long target, the earlier due time stays. 8 h after 110 h would be 118 h.
    let case = opened(&policies, Urgency::Low, "2025-01-27T10:00:00Z");
    let late = escalated(&policies, &case, Urgency::Critical, "2025-02-01T05:00:00Z");
    assert_shows(
        &policies,
        &late,
        "2025-02-01T05:00:00Z",
        "24:00, 115:00, 0:00, -91:00 BREACHED until 2025-01-28T10:00:00.000Z",
        "120:00, 115:00, 0:00, 5:00 WARNING until 2025-02-01T10:00:00.000Z",
    );
}

#[test]
fn a_target_reached_in_time_is_met_and_a_missed_one_stays_breached() {
    let policies = Policies::default();
    let case = answered(&policies, &case(), "2025-01-27T14:00:00Z");
    let resolved = enter(&policies, &case, Resolved, "2025-01-29T10:00:00Z");
    let met = "4:00, 4:00, 0:00, 0:00 MET";
    assert_shows(
        &policies,
        &resolved,
        "2025-01-30T10:00:00Z",
        met,
        "48:00, 48:00, 24:00, 0:00 MET",
    );
    // Closing the case only ends the pause.
    let closed = enter(&policies, &resolved, Closed, "2025-01-30T11:00:00Z");
    assert_shows(&policies, &closed, "2025-03-01T00:00:00Z", met, "48:00, 48:00, 25:00, 0:00 MET");

    let late = answered(&policies, &crate::support::case(), "2025-01-27T14:00:00.001Z");
    let late = enter(&policies, &late, Resolved, "2025-01-29T11:00:00Z");
    let breached = "4:00, 4:00:00.001, 0:00, -0:00:00.001 BREACHED";
    for case in [enter(&policies, &late, Closed, "2025-02-01T11:00:00Z"), late] {
        let at = "2025-02-01T11:00:00Z";
        assert_shows(&policies, &case, at, breached, "48:00, 49:00, 72:00, -1:00 BREACHED");
    }
}

#[test]
fn the_timer_of_a_reopened_case_continues_from_its_resolution() {
    let policies = Policies::default();
    let resolved = enter(&policies, &case(), Resolved, "2025-01-28T10:00:00Z");
    let reopened = enter(&policies, &resolved, InProgress, "2025-01-31T10:00:00Z");
    assert_shows(
        &policies,
        &reopened,
        "2025-01-31T21:59:00Z",
        "4:00, 24:00, 0:00, -20:00 BREACHED",
        "48:00, 35:59, 72:00, 12:01 PENDING until 2025-02-01T10:00:00.000Z",
    );
}

#[test]
fn resolving_a_case_ends_the_wait_for_a_first_response() {
    let policies = Policies::default();
    let resolution = "48:00, 1:00, 23:00, 47:00 MET";
    let at = "2025-01-28T10:00:00Z";
    let unanswered = enter(&policies, &case(), Resolved, "2025-01-27T11:00:00Z");
    let response = "4:00, 1:00, 0:00, 3:00 CANCELLED";
    assert_shows(&policies, &unanswered, at, response, resolution);
    // The state stays if the case is reopened or closed. A late response counts as met.
    let reopened = enter(&policies, &unanswered, InProgress, at);
    let going_on = "48:00, 1:00, 23:00, 47:00 PENDING until 2025-01-30T09:00:00.000Z";
    assert_shows(&policies, &reopened, at, response, going_on);
    let answered_late = answered(&policies, &reopened, at);
    assert_shows(&policies, &answered_late, at, "4:00, 1:00, 0:00, 3:00 MET", going_on);
    let closed = enter(&policies, &unanswered, Closed, at);
    assert_shows(&policies, &closed, at, response, resolution);
    // A public message that resolves the case is a first response.
    let request = UpdateRequest { status_change: Some(Resolved), ..public_message() };
    let stamp = by_staff(text("2025-01-27T11:00:00Z"));
    let with_words = case().update(request, &policies, stamp).unwrap().unwrap().case;
    assert_shows(&policies, &with_words, at, "4:00, 1:00, 0:00, 3:00 MET", resolution);
}

#[test]
fn a_resolved_case_stored_without_the_end_of_its_wait_awaits_no_first_response() {
    let policies = Policies::default();
    let resolved = enter(&policies, &case(), Resolved, "2025-01-27T11:00:00Z");
    let facts = CaseFacts { first_response_ended_at: None, ..resolved.into_facts() };
    let kept = Case::from_facts(facts);
    let response = "4:00, 1:00, 0:00, 3:00 CANCELLED";
    let at = "2025-02-03T10:00:00Z";
    assert_shows(&policies, &kept, at, response, "48:00, 1:00, 167:00, 47:00 MET");
    let closed = enter(&policies, &kept, Closed, at);
    assert_shows(&policies, &closed, at, response, "48:00, 1:00, 167:00, 47:00 MET");
}

#[test]
fn the_timers_of_a_cancelled_case_are_cancelled_unless_breached() {
    let policies = Policies::default();
    let early = enter(&policies, &case(), Cancelled, "2025-01-27T13:30:00Z");
    for at in ["2025-01-27T13:30:00Z", "2026-01-27T13:30:00Z"] {
        let response = "4:00, 3:30, 0:00, 0:30 CANCELLED";
        assert_shows(&policies, &early, at, response, "48:00, 3:30, 0:00, 44:30 CANCELLED");
    }
    let held = enter(&policies, &case(), OnHold, "2025-01-27T12:00:00Z");
    let held = enter(&policies, &held, Cancelled, "2025-02-27T12:00:00Z");
    assert_shows(
        &policies,
        &held,
        "2025-03-27T12:00:00Z",
        "4:00, 746:00, 0:00, -742:00 BREACHED",
        "48:00, 2:00, 744:00, 46:00 CANCELLED",
    );
    let late = enter(&policies, &case(), Cancelled, "2025-01-29T10:30:00Z");
    assert_shows(
        &policies,
        &late,
        "2025-01-29T10:30:00Z",
        "4:00, 48:30, 0:00, -44:30 BREACHED",
        "48:00, 48:30, 0:00, -0:30 BREACHED",
    );
    // Closed in time, without a message to the customer.
    let resolved = enter(&policies, &case(), Resolved, "2025-01-27T10:30:00Z");
    let closed = enter(&policies, &resolved, Closed, "2025-01-27T11:00:00Z");
    let response = "4:00, 0:30, 0:00, 3:30 CANCELLED";
    assert_shows(
        &policies,
        &closed,
        "2025-02-01T00:00:00Z",
        response,
        "48:00, 0:30, 0:30, 47:30 MET",
    );
}

#[test]
fn a_breached_timer_that_is_paused_stays_breached_and_stops() {
    let policies = Policies::default();
    let held = enter(&policies, &case(), OnHold, "2025-01-29T11:00:00Z");
    let response = "4:00, 73:00, 0:00, -69:00 BREACHED until 2025-01-27T14:00:00.000Z";
    let resolution = "48:00, 49:00, 24:00, -1:00 BREACHED";
    assert_shows(&policies, &held, "2025-01-30T11:00:00Z", response, resolution);
    let resumed = enter(&policies, &held, InProgress, "2025-01-30T11:00:00Z");
    let resolution = "48:00, 49:00, 24:00, -1:00 BREACHED until 2025-01-30T10:00:00.000Z";
    assert_shows(&policies, &resumed, "2025-01-30T11:00:00Z", response, resolution);
}

#[test]
fn a_correction_recalculates_the_targets_and_includes_the_pauses() {
    let policies = Policies::default();
    let held = enter(&policies, &case(), OnHold, "2025-01-27T12:00:00Z");
    let resumed = enter(&policies, &held, InProgress, "2025-01-27T18:00:00Z");
    // BUSINESS and MEDIUM: 12 h and 72 h.
    let case = corrected(&resumed, to_urgency(Urgency::Medium), text("2025-01-27T19:00:00Z")).case;
    assert_shows(
        &policies,
        &case,
        "2025-01-27T19:00:00Z",
        "12:00, 9:00, 0:00, 3:00 WARNING until 2025-01-27T22:00:00.000Z",
        "72:00, 3:00, 6:00, 69:00 PENDING until 2025-01-30T16:00:00.000Z",
    );
    // Another customer type has other hours. 4 h from Monday 11:00 in Berlin is 15:00. 48 h and the
    // pause of 6 h are 6 h on Monday, 32 h until Friday, 8 h on Monday and 8 h on Tuesday.
    let policies = office();
    let request = OpenRequest {
        customer: Customer { customer_type: CustomerType::Free, ..new_case().customer },
        ..new_case()
    };
    let (id, number, stamp) =
        (CaseId::from_u128(1), text("CW-2025-001"), by_customer(text("2025-01-27T10:00:00Z")));
    let case = Case::open(id, number, request, &policies, stamp).case;
    let held = enter(&policies, &case, OnHold, "2025-01-27T12:00:00Z");
    let resumed = enter(&policies, &held, InProgress, "2025-01-27T18:00:00Z");
    let business =
        CorrectRequest { customer_type: Some(CustomerType::Business), ..CorrectRequest::default() };
    let stamp = by_staff(text("2025-01-27T18:00:00Z"));
    let case = resumed.correct(business, &policies, stamp).unwrap().unwrap().case;
    assert_eq!(case.facts().first_response_due, text("2025-01-27T14:00:00Z"));
    assert_eq!(case.facts().estimated_resolution, text("2025-02-04T16:00:00Z"));
}

#[test]
fn timers_never_run_backwards() {
    let policies = Policies::default();
    let case = answered(&policies, &case(), "2025-01-27T13:00:00Z");
    let met = "4:00, 3:00, 0:00, 1:00 MET";
    let resolution = "48:00, 3:00, 0:00, 45:00 PENDING until 2025-01-29T10:00:00.000Z";
    assert_shows(&policies, &case, "2025-01-27T09:00:00Z", met, resolution);
}
