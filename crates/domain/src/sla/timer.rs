//! How a case stands to what its customer was promised.

use std::time::Duration;

use jiff::SignedDuration;

use super::alert::ServiceAlert;
use super::{Calendar, SlaPolicy};
use crate::case::{CaseFacts, Status};
use crate::time::Timestamp;
use crate::wire::wire_enum;

wire_enum! {
    /// One of the two promises that a case is held to.
    pub enum SlaTimerKind {
        /// Until staff first answer, or the case is resolved or finished without an answer. It never
        /// stands still.
        FirstResponse = "FIRST_RESPONSE",
        /// Until the case is resolved. It stands still while somebody or something else is waited for.
        Resolution = "RESOLUTION",
    }
}

wire_enum! {
    /// How a timer stands.
    pub enum SlaTimerState {
        /// It runs, and less than three quarters of the time are used up.
        Pending = "PENDING",
        /// It runs, and three quarters of the time are used up.
        Warning = "WARNING",
        /// What was promised was not done in time. That stays so.
        Breached = "BREACHED",
        /// What was promised was done in time.
        Met = "MET",
        /// It stands still.
        Paused = "PAUSED",
        /// The case was resolved or came to its end without what was promised, before that was due.
        Cancelled = "CANCELLED",
    }
}

/// What a timer shows at some moment. All durations are working time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlaTimerReading {
    /// How long what was promised may take.
    pub target: Duration,
    /// How long it has taken so far, or took; pauses not included.
    pub elapsed: Duration,
    /// For how long the timer has stood still; a resolved case's does, since it may be reopened.
    pub paused: Duration,
    /// What is left of the target; negative by what was taken beyond it.
    pub remaining: SignedDuration,
    /// When what was promised is due; nothing unless the timer runs.
    pub due: Option<Timestamp>,
    /// How it stands.
    pub state: SlaTimerState,
}

/// Both timers of a case at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlaTimers {
    /// The timer of the first response.
    pub first_response: SlaTimerReading,
    /// The timer of the resolution.
    pub resolution: SlaTimerReading,
}

impl SlaPolicy {
    /// Reads the timers of a case. Where `now` lies before its last activity, that counts as now.
    pub fn timers(&self, case: &CaseFacts, now: Timestamp) -> SlaTimers {
        let now = now.max(case.last_activity);
        let read = |timer| SlaTimer::new(timer, case, self).read(now);
        SlaTimers {
            first_response: read(SlaTimerKind::FirstResponse),
            resolution: read(SlaTimerKind::Resolution),
        }
    }
}

/// Whether a timer runs, and if not, since when and why.
#[derive(Debug, Clone, Copy)]
enum Phase {
    Running,
    Paused {
        since: Timestamp,
    },
    /// What was promised is done.
    Done {
        at: Timestamp,
    },
    /// It will not be done any more.
    Ended {
        at: Timestamp,
    },
}

/// A timer with what the case's facts say of it.
pub(crate) struct SlaTimer<'a> {
    calendar: &'a Calendar,
    start: Timestamp,
    due: Timestamp,
    /// The working time for which it stood still before the present pause.
    paused: Duration,
    paused_since: Option<Timestamp>,
    phase: Phase,
    /// A pause that the case's end closed has moved the due time behind that end.
    is_moved_behind_its_end: bool,
    told: Option<ServiceAlert>,
}

impl<'a> SlaTimer<'a> {
    pub(crate) fn new(timer: SlaTimerKind, case: &CaseFacts, sla: &'a SlaPolicy) -> Self {
        let calendar = sla.calendar(case.customer.customer_type);
        match timer {
            SlaTimerKind::FirstResponse => Self {
                calendar,
                start: case.created_at,
                due: case.first_response_due,
                paused: Duration::ZERO,
                paused_since: None,
                phase: match (case.first_response, case.first_response_ended_at) {
                    // Nobody waited any more when it was written.
                    (Some(at), Some(ended_at)) => Phase::Done { at: at.min(ended_at) },
                    (Some(at), None) => Phase::Done { at },
                    (None, Some(at)) => Phase::Ended { at },
                    // Kept before the end of the wait was noted.
                    (None, None) if !case.status.is_active() => {
                        Phase::Ended { at: case.status_since }
                    }
                    (None, None) => Phase::Running,
                },
                is_moved_behind_its_end: false,
                told: case.first_response_alert,
            },
            SlaTimerKind::Resolution => Self {
                calendar,
                start: case.created_at,
                due: case.estimated_resolution,
                paused: case.paused,
                paused_since: case.status.pauses_resolution().then_some(case.status_since),
                phase: match case.status {
                    Status::Open | Status::InProgress => Phase::Running,
                    Status::WaitingOnCustomer | Status::OnHold => {
                        Phase::Paused { since: case.status_since }
                    }
                    Status::Resolved | Status::Closed => Phase::Done { at: case.status_since },
                    Status::Cancelled => Phase::Ended { at: case.status_since },
                },
                is_moved_behind_its_end: case.status.is_finished(),
                told: case.resolution_alert,
            },
        }
    }

    fn read(&self, now: Timestamp) -> SlaTimerReading {
        let (target, elapsed) = (self.target(), self.elapsed(now));
        let present_pause =
            self.paused_since.map_or(Duration::ZERO, |since| self.calendar.elapsed(since, now));
        SlaTimerReading {
            target,
            elapsed,
            paused: self.paused.saturating_add(present_pause),
            remaining: signed(target).saturating_sub(signed(elapsed)),
            due: matches!(self.phase, Phase::Running).then_some(self.due),
            state: self.state(now),
        }
    }

    fn state(&self, now: Timestamp) -> SlaTimerState {
        match (self.phase, self.told.max(self.reached(now))) {
            (_, Some(ServiceAlert::Breach)) => SlaTimerState::Breached,
            (Phase::Done { .. }, _) => SlaTimerState::Met,
            (Phase::Ended { .. }, _) => SlaTimerState::Cancelled,
            (Phase::Paused { .. }, _) => SlaTimerState::Paused,
            (Phase::Running, Some(ServiceAlert::Warning)) => SlaTimerState::Warning,
            (Phase::Running, None) => SlaTimerState::Pending,
        }
    }

    /// What there is to tell of the timer, whether or not it has been told.
    pub(crate) fn reached(&self, now: Timestamp) -> Option<ServiceAlert> {
        let end = self.end(now);
        let is_late = if self.is_moved_behind_its_end {
            self.elapsed(now) > self.target()
        } else {
            end > self.due
        };
        if is_late {
            Some(ServiceAlert::Breach)
        } else {
            (end >= self.warning_at()).then_some(ServiceAlert::Warning)
        }
    }

    /// What there is to tell next, and from when on.
    pub(crate) fn next_alert(&self) -> Option<(Timestamp, ServiceAlert)> {
        let (at, alert) = match self.told {
            None => (self.warning_at(), ServiceAlert::Warning),
            Some(ServiceAlert::Warning) => (just_after(self.due), ServiceAlert::Breach),
            Some(ServiceAlert::Breach) => return None,
        };
        let is_to_come = match self.phase {
            Phase::Running => true,
            // What had come to pass before the timer was stopped.
            Phase::Paused { since } => at <= since,
            Phase::Done { .. } | Phase::Ended { .. } => false,
        };
        is_to_come.then_some((at, alert))
    }

    /// The instant that counts as the present for the timer.
    fn end(&self, now: Timestamp) -> Timestamp {
        match self.phase {
            Phase::Running => now,
            Phase::Paused { since: at } | Phase::Done { at } | Phase::Ended { at } => at,
        }
    }

    fn elapsed(&self, now: Timestamp) -> Duration {
        self.calendar.elapsed(self.start, self.end(now)).saturating_sub(self.paused)
    }

    /// How long it may take: what lies between the beginning and the due time, which escalations
    /// have brought forward and pauses moved out.
    fn target(&self) -> Duration {
        self.calendar.elapsed(self.start, self.due).saturating_sub(self.paused)
    }

    /// When three quarters of the time are used up.
    fn warning_at(&self) -> Timestamp {
        let used = (self.target() / 4).saturating_mul(3);
        self.calendar.add(self.start, used.saturating_add(self.paused)).min(self.due)
    }
}

/// What happens at an instant is in time; a millisecond later it is not.
pub(crate) fn just_after(instant: Timestamp) -> Timestamp {
    instant.plus(Duration::from_millis(1))
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
