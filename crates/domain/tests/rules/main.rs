//! Tests of the domain rules through the public API of the crate.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod actors;
mod alerts;
mod assignment;
mod audience;
mod business_hours;
mod calendars;
mod commands;
mod contacts;
mod correction;
mod correction_of_details;
mod erasure;
mod escalation;
#[cfg(feature = "serde")]
mod golden;
mod invariants;
mod lifecycle;
mod machines;
mod notification_matrix;
mod opening;
mod opening_by_staff;
mod organizations;
mod participant_mails;
mod participants;
mod proof;
mod random_commands;
mod recipients;
mod redaction;
mod replies;
#[cfg(feature = "serde")]
mod serialization;
mod service_targets;
mod sla_readings;
mod sla_timers;
mod support;
mod tags;
mod updates;
mod webhook_subscriptions;
mod worked_examples;
