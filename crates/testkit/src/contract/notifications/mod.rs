//! Tests of [`NotificationRepository`](engage_repository::NotificationRepository).

mod cancelling;
mod listing;
mod looking_up;
mod reporting;
mod sending_again;
mod suppressions;

pub use cancelling::*;
pub use listing::*;
pub use looking_up::*;
pub use reporting::*;
pub use sending_again::*;
pub use suppressions::*;
