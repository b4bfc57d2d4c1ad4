use engage_domain::Timestamp;
use engage_environment::Clock;

/// Clock of the machine.
///
/// ```
/// use engage_domain::Timestamp;
/// use engage_environment::Clock;
/// use engage_system::SystemClock;
///
/// let written: Timestamp = "2025-01-27T10:00:00Z".parse().unwrap();
/// assert!(SystemClock.now() > written);
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)]
    fn now(&self) -> Timestamp {
        jiff::Timestamp::now().into()
    }
}
