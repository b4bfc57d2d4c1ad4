use engage_domain::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present time.
    fn now(&self) -> Timestamp;
}

/// Draws the bits of ids.
pub trait IdGenerator: Send + Sync {
    /// 128 bits that were never drawn before, such that later ones are larger: a `UUIDv7`.
    fn next_id(&self) -> u128;

    /// 256 bits that nobody can guess, for a secret.
    fn secret(&self) -> [u8; 32];
}
