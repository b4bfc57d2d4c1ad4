//! Concurrency limit and circuit breaker of each webhook endpoint.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Duration;

use engage_domain::Address;
use tokio::time::Instant;

use super::delivery::AddressSignal;

/// Number of consecutive failures that open the circuit.
const FAILURES: u32 = 5;

/// Time for which the circuit stays open. Afterwards, deliveries probe the endpoint one at a time.
const REST: Duration = Duration::from_secs(30);

/// Pause for an overloaded endpoint that requests none, and the maximum pause.
const SHORT_REST: Duration = Duration::from_secs(2);
const LONGEST_REST: Duration = Duration::from_mins(5);

#[derive(Debug, Clone, Copy)]
struct CircuitBreaker {
    /// Maximum number of concurrent deliveries.
    allowed: u32,
    failures: u32,
    resting_until: Option<Instant>,
}

/// The endpoints whose deliveries are limited.
pub(super) struct CircuitBreakers {
    /// Maximum number of deliveries per address. Without one, there are no circuit breakers.
    most: Option<u32>,
    slow: HashMap<Address, CircuitBreaker>,
}

impl CircuitBreakers {
    pub(super) fn new(most_per_address: Option<NonZeroU32>) -> Self {
        Self { most: most_per_address.map(NonZeroU32::get), slow: HashMap::new() }
    }

    /// Records the result of a delivery.
    pub(super) fn note(&mut self, address: &Address, effect: AddressSignal, now: Instant) {
        let Some(most) = self.most else { return };
        let full = CircuitBreaker { allowed: most, failures: 0, resting_until: None };
        let pace = self.slow.entry(address.clone()).or_insert(full);
        match effect {
            AddressSignal::None => {}
            AddressSignal::Succeeded => {
                pace.failures = 0;
                pace.resting_until = None;
                pace.allowed = (pace.allowed + 1).min(most);
            }
            AddressSignal::Failed => {
                pace.failures += 1;
                if pace.failures >= FAILURES {
                    pace.allowed = 1;
                    pace.resting_until = Some(now + REST);
                }
            }
            AddressSignal::Overloaded { retry_after } => {
                pace.allowed = (pace.allowed / 2).max(1);
                let rest = retry_after.unwrap_or(SHORT_REST).min(LONGEST_REST);
                pace.resting_until = Some(now + rest);
            }
        }
        if pace.allowed == most && pace.failures == 0 && pace.resting_until.is_none() {
            self.slow.remove(address);
        }
    }

    /// Returns the used capacity of each endpoint: deliveries in progress, and capacity that its
    /// limit withholds.
    pub(super) fn taken(&self, busy: &HashMap<Address, u32>, now: Instant) -> Vec<(Address, u32)> {
        let mut taken = busy.clone();
        let most = self.most.unwrap_or_default();
        for (address, pace) in &self.slow {
            let is_resting = pace.resting_until.is_some_and(|until| now < until);
            let left_out = if is_resting { most } else { most - pace.allowed };
            *taken.entry(address.clone()).or_default() += left_out;
        }
        taken.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use engage_domain::WebhookId;

    use super::*;

    const OVERLOADED: AddressSignal = AddressSignal::Overloaded { retry_after: None };

    fn breakers() -> (CircuitBreakers, Address, Instant) {
        let breakers = CircuitBreakers::new(NonZeroU32::new(10));
        (breakers, Address::Webhook(WebhookId::from_u128(1)), Instant::now())
    }

    fn free(breakers: &CircuitBreakers, busy: u32, now: Instant) -> u32 {
        let (_, address, _) = self::breakers();
        let busy = HashMap::from([(address, busy)]);
        10_u32.saturating_sub(breakers.taken(&busy, now)[0].1)
    }

    #[tokio::test]
    async fn an_endpoint_that_does_well_has_all_its_places_but_those_taken() {
        let (mut breakers, address, now) = breakers();
        breakers.note(&address, AddressSignal::Succeeded, now);
        assert_eq!(free(&breakers, 3, now), 7);
        assert!(breakers.slow.is_empty());
    }

    #[tokio::test]
    async fn one_that_is_overloaded_rests_and_goes_on_at_half_the_pace() {
        let (mut breakers, address, now) = breakers();
        breakers.note(&address, OVERLOADED, now);
        assert_eq!(free(&breakers, 0, now), 0);
        let later = now + SHORT_REST;
        assert_eq!(free(&breakers, 0, later), 5);
        breakers.note(&address, AddressSignal::Succeeded, later);
        assert_eq!(free(&breakers, 0, later), 6);
        for _ in 0..9 {
            breakers.note(&address, OVERLOADED, later);
        }
        assert_eq!(free(&breakers, 0, later + SHORT_REST), 1, "never none for good");
    }

    #[tokio::test]
    async fn one_that_says_how_long_rests_so_long_and_five_minutes_at_most() {
        let (mut breakers, address, now) = breakers();
        for (said, rest) in [(60, 60), (86_400, 300)] {
            let retry_after = Some(Duration::from_secs(said));
            breakers.note(&address, AddressSignal::Overloaded { retry_after }, now);
            let end = now + Duration::from_secs(rest);
            assert_eq!(free(&breakers, 0, end - Duration::from_millis(1)), 0);
            assert_ne!(free(&breakers, 0, end), 0);
        }
    }

    #[tokio::test]
    async fn one_that_fails_five_times_in_a_row_rests_and_is_then_tried_one_at_a_time() {
        let (mut breakers, address, now) = breakers();
        for _ in 0..4 {
            breakers.note(&address, AddressSignal::Failed, now);
        }
        assert_eq!(free(&breakers, 0, now), 10);
        breakers.note(&address, AddressSignal::Failed, now);
        assert_eq!(free(&breakers, 0, now), 0);
        assert_eq!(free(&breakers, 0, now + REST), 1);
        breakers.note(&address, AddressSignal::Failed, now + REST);
        assert_eq!(free(&breakers, 0, now + REST), 0);
        breakers.note(&address, AddressSignal::Succeeded, now + REST);
        assert_eq!(free(&breakers, 0, now + REST), 2);
    }

    #[tokio::test]
    async fn a_channel_without_a_limit_per_address_has_no_circuit_breakers() {
        let (_, address, now) = breakers();
        let mut breakers = CircuitBreakers::new(None);
        for _ in 0..9 {
            breakers.note(&address, AddressSignal::Failed, now);
        }
        assert!(breakers.taken(&HashMap::new(), now).is_empty());
    }
}
