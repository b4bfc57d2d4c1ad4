use engage_domain::Timestamp;

/// Clock of the machine.
///
/// ```
/// use engage_domain::Timestamp;
/// use engage_environment::Clock;
///
/// /// A clock that stands still, for a report about a past day.
/// struct Stopped(Timestamp);
///
/// impl Clock for Stopped {
///     fn now(&self) -> Timestamp {
///         self.0
///     }
/// }
///
/// let clock = Stopped("2025-01-27T10:00:00Z".parse()?);
/// assert_eq!(clock.now().to_string(), "2025-01-27T10:00:00.000Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Clock: Send + Sync {
    /// Returns the current time.
    fn now(&self) -> Timestamp;
}
