//! Service targets, the calendars in which they count, and the timers that measure them.

mod alert;
mod business_hours;
mod calendar;
#[cfg(feature = "serde")]
mod json;
mod targets;
mod timer;
mod week;
mod working_hours;

pub use alert::ServiceAlert;
pub use business_hours::{BusinessHours, BusinessHoursError};
pub use calendar::Calendar;
pub use targets::{ServiceTarget, SlaPolicy, SlaPolicyError};
pub(crate) use timer::{SlaTimer, just_after};
pub use timer::{SlaTimerKind, SlaTimerReading, SlaTimerState, SlaTimers};
pub use working_hours::{WorkingHours, WorkingHoursError};
