//! How a case stands to its service targets.

use engage_domain::{SlaTimerReading, SlaTimerState, SlaTimers, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// How the case stands to what its customer was promised, at the time of the answer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SlaBody {
    /// Until staff first answer. This timer never stands still.
    first_response: ClockBody,
    /// Until the case is resolved. This timer stands still while the case waits for the customer, is
    /// on hold, or is resolved.
    resolution: ClockBody,
}

/// One of the two timers. Seconds are whole ones, of working time: where the customer type has
/// business hours, only those count.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ClockBody {
    /// How it stands.
    state: ClockStateBody,
    /// How long what was promised may take: from the creation to the due time, without pauses.
    #[schema(example = 14400)]
    target_seconds: u64,
    /// How long it has taken so far, or took, without pauses.
    #[schema(example = 5400)]
    elapsed_seconds: u64,
    /// For how long the timer has stood still, up to now.
    #[schema(example = 0)]
    paused_seconds: u64,
    /// `targetSeconds` less `elapsedSeconds`: negative by what was taken beyond the target.
    #[schema(example = 9000)]
    remaining_seconds: i64,
    /// When it is due; `null` unless the timer runs.
    #[schema(value_type = Option<String>, format = DateTime, example = "2025-01-27T14:00:00Z")]
    due_at: Option<Timestamp>,
}

/// How a timer stands: `PENDING` runs; `WARNING` runs, and three quarters of the target are used up;
/// `BREACHED` was not met in time, which stays so; `MET` was; `PAUSED` stands still; `CANCELLED` was not
/// due yet when the case came to its end.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ClockStateBody {
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

impl From<SlaTimerReading> for ClockBody {
    fn from(reading: SlaTimerReading) -> Self {
        let SlaTimerReading { target, elapsed, paused, remaining: _, due, state } = reading;
        let [target_seconds, elapsed_seconds] = [target, elapsed].map(|part| part.as_secs());
        // Counted from the whole seconds, so that the three add up.
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

impl From<SlaTimerState> for ClockStateBody {
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
