use engage_domain::Timestamp;
use engage_environment::Clock;

/// Clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> Timestamp {
        jiff::Timestamp::now().into()
    }
}
