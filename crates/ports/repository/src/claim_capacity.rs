use std::collections::HashMap;

use crate::Claim;

/// Remaining capacity of a claim, in total and per address. Stores use it while they go through
/// notifications in the order in which they are due. Addresses are compared as text.
#[derive(Debug, Clone)]
pub struct ClaimCapacity {
    left: u32,
    most_per_address: u32,
    taken: HashMap<String, u32>,
}

impl ClaimCapacity {
    /// Returns the capacity of a claim, minus the deliveries in progress.
    pub fn of(claim: &Claim) -> Self {
        let mut taken: HashMap<String, u32> = HashMap::new();
        for (address, count) in &claim.under_way {
            let taken = taken.entry(address.to_string()).or_default();
            *taken = taken.saturating_add(*count);
        }
        Self { left: claim.limit.get(), most_per_address: claim.most_per_address.get(), taken }
    }

    /// Returns true if no capacity remains.
    pub fn are_taken(&self) -> bool {
        self.left == 0
    }

    /// Checks whether a notification for an address may be claimed.
    pub fn has_one_for(&self, address: &str) -> bool {
        self.left > 0 && self.taken.get(address).is_none_or(|taken| *taken < self.most_per_address)
    }

    /// Uses capacity for a notification to an address, which must have some left.
    pub fn take(&mut self, address: String) {
        self.left = self.left.saturating_sub(1);
        *self.taken.entry(address).or_default() += 1;
    }

    /// Returns the addresses without remaining capacity.
    pub fn full(&self) -> Vec<&str> {
        let full = self.taken.iter().filter(|(_, taken)| **taken >= self.most_per_address);
        full.map(|(address, _)| address.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use engage_domain::{Address, Channel, WebhookId};

    use super::*;

    fn capacity(limit: u32, most: u32, under_way: &[(u128, u32)]) -> ClaimCapacity {
        let under_way = under_way.iter().map(|&(id, n)| (address(id), n)).collect();
        ClaimCapacity::of(&Claim {
            channel: Channel::Webhook,
            limit: NonZeroU32::new(limit).unwrap(),
            lease: Duration::from_secs(1),
            most_per_address: NonZeroU32::new(most).unwrap(),
            under_way,
        })
    }

    fn address(id: u128) -> Address {
        Address::Webhook(WebhookId::from_u128(id))
    }

    #[test]
    fn the_capacity_of_an_address_excludes_deliveries_in_progress() {
        let mut capacity = capacity(9, 3, &[(1, 1), (2, 3), (1, 1), (3, u32::MAX), (3, 1)]);
        let [one, two, three, four] = [1, 2, 3, 4].map(|id| address(id).to_string());
        assert!(capacity.has_one_for(&one) && capacity.has_one_for(&four));
        assert!(!capacity.has_one_for(&two) && !capacity.has_one_for(&three));
        capacity.take(one.clone());
        assert!(!capacity.has_one_for(&one));
        let mut full = capacity.full();
        full.sort_unstable();
        assert_eq!(full, [&one, &two, &three]);
    }

    #[test]
    fn no_address_has_capacity_when_the_limit_is_reached() {
        let mut capacity = capacity(2, 9, &[]);
        for id in [1, 1] {
            assert!(!capacity.are_taken());
            capacity.take(address(id).to_string());
        }
        assert!(capacity.are_taken());
        assert!(!capacity.has_one_for(&address(2).to_string()));
    }
}
