//! The system's clock and ID generator. Only this module may access them.

use engage_application::{Clock, IdGenerator};
use engage_domain::Timestamp;

pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> Timestamp {
        jiff::Timestamp::now().into()
    }
}

pub(crate) struct SystemIds;

impl IdGenerator for SystemIds {
    #[allow(clippy::disallowed_methods)]
    fn next_id(&self) -> u128 {
        uuid::Uuid::now_v7().as_u128()
    }

    fn secret(&self) -> [u8; 32] {
        // The generator behind `random` is cryptographically secure and seeded by the system.
        rand::random()
    }
}
