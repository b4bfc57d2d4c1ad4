use engage_domain::Timestamp;

/// Source of the current time.
pub trait Clock: Send + Sync {
    /// Returns the current time.
    fn now(&self) -> Timestamp;
}

/// Source of ids and secrets.
pub trait IdGenerator: Send + Sync {
    /// Returns 128 new bits, greater than all earlier ones: a `UUIDv7`.
    fn next_id(&self) -> u128;

    /// Returns 256 unpredictable bits, for a secret.
    fn secret(&self) -> [u8; 32];
}
