use std::time::Duration;

use tokio::time::Instant;

/// A change that competes with others for the next version of a case.
pub(crate) struct Race {
    deadline: Instant,
    lost: u32,
}

impl Race {
    pub(crate) fn until(deadline: Instant) -> Self {
        Self { deadline, lost: 0 }
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Pauses before another attempt, for a random time that grows with the number of lost races.
    /// Returns `false` if the deadline would pass.
    pub(crate) async fn try_again(&mut self) -> bool {
        let ceiling = 4_u64 << self.lost.min(6);
        let pause = Duration::from_millis(rand::random_range(1..=ceiling));
        self.lost += 1;
        if Instant::now() + pause >= self.deadline {
            return false;
        }
        tokio::time::sleep(pause).await;
        true
    }
}
