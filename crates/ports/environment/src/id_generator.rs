/// Source of unique ids and of secrets.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait IdGenerator: Send + Sync {
    /// Returns the 128 bits of a new id, a `UUIDv7`: no value is returned twice, and later values are
    /// greater.
    fn next_id(&self) -> u128;

    /// Returns 256 unpredictable bits for a secret.
    fn secret(&self) -> [u8; 32];
}
