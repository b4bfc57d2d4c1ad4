//! The SLA status of a case.

use engage_domain::Timestamp;
use engage_domain::sla::{SlaTimerReading, SlaTimerState, SlaTimers};
use serde::Serialize;
use utoipa::ToSchema;

/// SLA status of the case at the time of the response.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SlaBody {
    /// Timer until the first response by staff. It is never paused.
    first_response: SlaTimerBody,
    /// Timer until the resolution. It is paused while the case waits for the customer, is on hold,
    /// or is resolved.
    resolution: SlaTimerBody,
}

/// One of the two SLA timers, in whole seconds of working time. If the customer type has business
/// hours, only those count.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SlaTimerBody {
    /// State of the timer.
    state: SlaTimerStateBody,
    /// Time from the creation to the due time, without pauses.
    #[schema(example = 14400)]
    target_seconds: u64,
    /// Time elapsed so far or until the end, without pauses.
    #[schema(example = 5400)]
    elapsed_seconds: u64,
    /// Total time that the timer was paused.
    #[schema(example = 0)]
    paused_seconds: u64,
    /// `targetSeconds` minus `elapsedSeconds`. Negative once the target is exceeded.
    #[schema(example = 9000)]
    remaining_seconds: i64,
    /// Due time. `null` unless the timer is running.
    #[schema(value_type = Option<String>, format = DateTime, example = "2025-01-27T14:00:00Z")]
    due_at: Option<Timestamp>,
}

/// State of an SLA timer: `PENDING` (running), `WARNING` (running, three quarters of the target
/// have elapsed), `BREACHED` (missed; permanent), `MET`, `PAUSED`, or `CANCELLED` (the case ended
/// before the target was due).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = SlaTimerState)]
enum SlaTimerStateBody {
    Pending,
    Warning,
    Breached,
    Met,
    Paused,
    Cancelled,
}

impl From<SlaTimers> for SlaBody {
    fn from(timers: SlaTimers) -> Self {
        let SlaTimers { first_response, resolution } = timers;
        Self { first_response: first_response.into(), resolution: resolution.into() }
    }
}

impl From<SlaTimerReading> for SlaTimerBody {
    fn from(reading: SlaTimerReading) -> Self {
        let SlaTimerReading { target, elapsed, paused, remaining: _, due, state } = reading;
        let [target_seconds, elapsed_seconds] = [target, elapsed].map(|part| part.as_secs());
        // Calculated from whole seconds, so that the three values add up.
        let remaining_seconds = signed(target_seconds).saturating_sub(signed(elapsed_seconds));
        Self {
            state: state.into(),
            target_seconds,
            elapsed_seconds,
            paused_seconds: paused.as_secs(),
            remaining_seconds,
            due_at: due,
        }
    }
}

fn signed(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

impl From<SlaTimerState> for SlaTimerStateBody {
    fn from(state: SlaTimerState) -> Self {
        match state {
            SlaTimerState::Pending => Self::Pending,
            SlaTimerState::Warning => Self::Warning,
            SlaTimerState::Breached => Self::Breached,
            SlaTimerState::Met => Self::Met,
            SlaTimerState::Paused => Self::Paused,
            SlaTimerState::Cancelled => Self::Cancelled,
        }
    }
}
