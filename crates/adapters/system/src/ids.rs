use engage_environment::IdGenerator;

/// Draws ids as `UUIDv7` (RFC 9562), and secrets from a generator that the operating system seeds.
///
/// ```
/// use engage_domain::NotificationId;
/// use engage_environment::IdGenerator;
/// use engage_system::SystemIds;
///
/// let [first, second] = [(); 2].map(|()| NotificationId::from_u128(SystemIds.next_id()));
/// assert!(first.to_string().starts_with("ntf_"));
/// // Later ids are greater, also as texts.
/// assert!(first.to_string() < second.to_string());
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_ids_are_greater() {
        let ids: Vec<_> = (0..1000).map(|_| SystemIds.next_id()).collect();
        assert!(ids.is_sorted_by(|earlier, later| earlier < later));
    }

    #[test]
    fn no_two_secrets_are_alike() {
        assert_ne!(SystemIds.secret(), SystemIds.secret());
    }
}
