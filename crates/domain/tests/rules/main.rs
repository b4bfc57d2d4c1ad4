//! Tests of the domain rules through the public API of the crate.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod actors;
mod alerts;
mod assignment;
mod audience;
mod calendars;
mod correction;
mod erasure;
mod escalation;
#[cfg(feature = "serde")]
mod golden;
mod lifecycle;
mod notification_matrix;
mod random_commands;
#[cfg(feature = "serde")]
mod serialization;
mod service_targets;
mod sla_timers;
mod support;
mod worked_examples;
