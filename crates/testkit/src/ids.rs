use std::sync::atomic::{AtomicU64, Ordering};

use engage_environment::IdGenerator;

/// The bits of a `UUIDv7` of January 2025, so that the high half is as full as that of a real ID.
const BASE: u128 = 0x0194_a6f2_7a00_7000_8000_0000_0000_0000;

/// A generator of ascending IDs. Every generator returns the same ones.
///
/// ```
/// use engage_environment::IdGenerator;
/// use engage_testkit::SequentialIds;
///
/// let [one, other] = [SequentialIds::new(), SequentialIds::new()];
/// let first = one.next_id();
/// assert_eq!(first, other.next_id()); // Every run of a test draws the same ids.
/// assert!(first < one.next_id());
/// ```
#[derive(Debug, Default)]
pub struct SequentialIds {
    drawn: AtomicU64,
    secrets: AtomicU64,
}

impl SequentialIds {
    /// Creates a generator that starts with the first ID.
    pub const fn new() -> Self {
        Self { drawn: AtomicU64::new(0), secrets: AtomicU64::new(0) }
    }
}

impl IdGenerator for SequentialIds {
    fn next_id(&self) -> u128 {
        BASE + u128::from(self.drawn.fetch_add(1, Ordering::SeqCst)) + 1
    }

    fn secret(&self) -> [u8; 32] {
        let number = self.secrets.fetch_add(1, Ordering::SeqCst) + 1;
        let mut secret = [0xab; 32];
        secret[24..].copy_from_slice(&number.to_be_bytes());
        secret
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generators_draw_the_same_ascending_ids() {
        let (one, other) = (SequentialIds::new(), SequentialIds::new());
        let drawn: Vec<_> = (0..100).map(|_| one.next_id()).collect();
        assert!(drawn.is_sorted_by(|earlier, later| earlier < later));
        assert_eq!(drawn, (0..100).map(|_| other.next_id()).collect::<Vec<_>>());
        assert_ne!(one.secret(), one.secret());
    }
}
