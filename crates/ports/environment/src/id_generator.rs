/// Source of unique ids and of secrets.
///
/// ```
/// use engage_domain::{CaseId, TokenId};
/// use engage_environment::IdGenerator;
/// use engage_system::SystemIds;
///
/// let ids: &dyn IdGenerator = &SystemIds;
/// let case = CaseId::from_u128(ids.next_id());
/// let token = TokenId::from_u128(ids.next_id());
/// assert!(case.to_string().starts_with("case_"));
/// assert!(case.as_u128() < token.as_u128());
/// assert_ne!(ids.secret(), ids.secret());
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait IdGenerator: Send + Sync {
    /// Returns the 128 bits of a new id, a `UUIDv7`: no value is returned twice, and later values are
    /// greater.
    fn next_id(&self) -> u128;

    /// Returns 256 unpredictable bits for a secret.
    fn secret(&self) -> [u8; 32];
}
