//! SLA timers, which measure a case against its service targets.

use std::time::Duration;

use jiff::SignedDuration;

use super::alert::ServiceAlert;
use super::{Calendar, SlaPolicy};
use crate::case::{CaseFacts, Status};
use crate::time::Timestamp;
use crate::wire::wire_enum;

wire_enum! {
    /// Kind of an SLA timer. Every case has one timer of each kind.
    pub enum SlaTimerKind {
        /// Runs until the first response by staff, or until the case is resolved or finished
        /// without one. It is never paused.
        FirstResponse = "FIRST_RESPONSE",
        /// Runs until the case is resolved. It is paused while the case waits for someone or
        /// something else.
        Resolution = "RESOLUTION",
    }
}

wire_enum! {
    /// State of an SLA timer.
    pub enum SlaTimerState {
        /// Running, with less than three quarters of the time used.
        Pending = "PENDING",
        /// Running, with three quarters of the time used.
        Warning = "WARNING",
        /// The target was missed. Reaching it later does not change this state.
        Breached = "BREACHED",
        /// The target was met.
        Met = "MET",
        /// The timer is paused.
        Paused = "PAUSED",
        /// The case was resolved or finished before the target was due, without meeting it.
        Cancelled = "CANCELLED",
    }
}

/// Reading of an SLA timer at some moment. All durations are working time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct SlaTimerReading {
    /// Time allowed by the target.
    #[cfg_attr(feature = "serde", serde(rename = "targetSeconds", with = "crate::seconds"))]
    pub target: Duration,
    /// Time used so far, or in total if the timer has ended. Pauses do not count.
    #[cfg_attr(feature = "serde", serde(rename = "elapsedSeconds", with = "crate::seconds"))]
    pub elapsed: Duration,
    /// Total time paused. The resolution timer of a resolved case is paused, because the case may
    /// be reopened.
    #[cfg_attr(feature = "serde", serde(rename = "pausedSeconds", with = "crate::seconds"))]
    pub paused: Duration,
    /// Remaining time. Negative if the target was exceeded.
    #[cfg_attr(
        feature = "serde",
        serde(rename = "remainingSeconds", with = "crate::seconds::signed")
    )]
    pub remaining: SignedDuration,
    /// Due time, or `None` unless the timer is running.
    #[cfg_attr(feature = "serde", serde(rename = "dueAt"))]
    pub due: Option<Timestamp>,
    /// State of the timer.
    pub state: SlaTimerState,
}

/// Readings of both timers of a case at some moment.
///
/// ```
/// # use engage_domain::*;
/// # let (mut ids, policies) = (1.., Policies::default());
/// # let mut by = |actor, at: &str| Stamp::new(at.parse().unwrap(), actor, || ids.next().unwrap());
/// # let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?);
/// # let request = OpenRequest::new(customer, "No access".parse()?, "It says 403.".parse()?);
/// # let (id, number) = (CaseId::from_u128(1), "CW-2025-001".parse()?);
/// # let stamp = by(Actor::Customer, "2025-01-27T10:00:00Z");
/// # let opened = Case::open(id, number, request, &policies, stamp);
/// use engage_domain::sla::SlaTimerState;
///
/// // A response was due within 48 hours, of which 37 have passed.
/// let timers = policies.sla.timers(opened.case.facts(), "2025-01-28T23:00:00Z".parse()?);
/// assert_eq!(timers.first_response.state, SlaTimerState::Warning);
/// assert_eq!(timers.first_response.remaining.as_hours(), 11);
/// assert_eq!(timers.resolution.state, SlaTimerState::Pending);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct SlaTimers {
    /// Timer for the first response.
    pub first_response: SlaTimerReading,
    /// Timer for the resolution.
    pub resolution: SlaTimerReading,
}

impl SlaPolicy {
    /// Reads the timers of a case. If `now` is before the last activity, the last activity is used
    /// instead.
    ///
    /// ```
    /// # use engage_domain::*;
    /// use engage_domain::sla::SlaTimerState;
    ///
    /// # let policies = Policies::default();
    /// # let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?);
    /// # let request = OpenRequest::new(customer, "No access".parse()?, "It says 403.".parse()?);
    /// # let (id, number) = (CaseId::from_u128(1), "CW-2025-001".parse()?);
    /// # let stamp = Stamp::new("2025-01-27T10:00:00Z".parse()?, Actor::Customer, || 1);
    /// # let opened = Case::open(id, number, request, &policies, stamp);
    /// # let case = opened.case;
    /// let timers = policies.sla.timers(case.facts(), "2025-01-27T11:30:00Z".parse()?);
    /// assert_eq!(timers.first_response.state, SlaTimerState::Pending);
    /// assert_eq!(timers.first_response.elapsed.as_secs(), 90 * 60);
    /// assert_eq!(timers.first_response.due, Some("2025-01-29T10:00:00Z".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn timers(&self, case: &CaseFacts, now: Timestamp) -> SlaTimers {
        let now = now.max(case.last_activity);
        let read = |timer| SlaTimer::new(timer, case, self).read(now);
        SlaTimers {
            first_response: read(SlaTimerKind::FirstResponse),
            resolution: read(SlaTimerKind::Resolution),
        }
    }
}

/// Phase of a timer, with the time at which it stopped.
#[derive(Debug, Clone, Copy)]
enum Phase {
    Running,
    Paused {
        since: Timestamp,
    },
    /// The response or the resolution has happened.
    Done {
        at: Timestamp,
    },
    /// Neither will happen any more.
    Ended {
        at: Timestamp,
    },
}

/// An SLA timer with the facts of the case that concern it.
pub(crate) struct SlaTimer<'a> {
    calendar: &'a Calendar,
    start: Timestamp,
    due: Timestamp,
    /// Working time spent in earlier pauses, without the current one.
    paused: Duration,
    paused_since: Option<Timestamp>,
    phase: Phase,
    /// The case has finished, and its last pause may have moved the due time past that end.
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
                    // The customer was no longer waiting when the response was written.
                    (Some(at), Some(ended_at)) => Phase::Done { at: at.min(ended_at) },
                    (Some(at), None) => Phase::Done { at },
                    (None, Some(at)) => Phase::Ended { at },
                    // Stored before the end of the wait was recorded.
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

    /// Returns the alert that the timer has reached, whether or not it was raised.
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

    /// Returns the next alert to raise and the time from which it is due.
    pub(crate) fn next_alert(&self) -> Option<(Timestamp, ServiceAlert)> {
        let (at, alert) = match self.told {
            None => (self.warning_at(), ServiceAlert::Warning),
            Some(ServiceAlert::Warning) => (just_after(self.due), ServiceAlert::Breach),
            Some(ServiceAlert::Breach) => return None,
        };
        let is_to_come = match self.phase {
            Phase::Running => true,
            // The alert was reached before the timer stopped.
            Phase::Paused { since } => at <= since,
            Phase::Done { .. } | Phase::Ended { .. } => false,
        };
        is_to_come.then_some((at, alert))
    }

    /// Returns the time at which the timer stopped, or `now` if it is running.
    fn end(&self, now: Timestamp) -> Timestamp {
        match self.phase {
            Phase::Running => now,
            Phase::Paused { since: at } | Phase::Done { at } | Phase::Ended { at } => at,
        }
    }

    fn elapsed(&self, now: Timestamp) -> Duration {
        self.calendar.elapsed(self.start, self.end(now)).saturating_sub(self.paused)
    }

    /// Returns the time allowed: the working time from the start to the due time, without pauses.
    /// Escalations bring the due time forward, and pauses push it back.
    fn target(&self) -> Duration {
        self.calendar.elapsed(self.start, self.due).saturating_sub(self.paused)
    }

    /// Returns the time at which so much of the target is used that a warning is due.
    fn warning_at(&self) -> Timestamp {
        let used = ServiceAlert::used_at_warning(self.target());
        self.calendar.add(self.start, used.saturating_add(self.paused)).min(self.due)
    }
}

/// Returns the first millisecond after a due time. At the due time itself, the target is still met.
pub(crate) fn just_after(instant: Timestamp) -> Timestamp {
    instant.plus(Duration::from_millis(1))
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
