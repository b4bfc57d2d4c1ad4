//! The use cases with mocks around them: what they ask of storage, and what they make of the
//! answers.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod assign_case;
mod attachments;
mod cancel_case;
mod customer_gate;
mod desk;
mod due_cases;
mod endpoint_health;
mod escalate_case;
mod get_case;
mod idempotency;
mod list_cases;
mod look_up_case;
mod manage_staff;
mod open_case;
mod pass_time;
mod queueing;
mod racing;
mod read_history;
mod recover_access;
mod reply_to_case;
mod rotate_access;
mod staff_access;
mod update_case;
mod update_with_files;
