//! Exchange of request counts with the other servers on the same database.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use engage_repository::{Counted, RequestCount, RequestCounts};
use tokio::time::{MissedTickBehavior, interval, timeout};
use uuid::Uuid;

use super::limits::Limiter;
use super::shared::SharedCounts;
use crate::shutdown::Shutdown;

/// Interval between exchanges.
const EVERY: Duration = Duration::from_secs(2);

/// Time limit for one exchange. If it fails, the next one follows anyway.
const PATIENCE: Duration = Duration::from_secs(4);

/// Publishes the counts of this server and adds those of the others until the program ends.
/// Requests do not wait for it: each server decides by its own counts, which include those of the
/// others after at most two seconds.
pub(crate) async fn exchange(
    limiter: web::Data<Limiter>,
    shared: SharedCounts,
    shutdown: Shutdown,
) {
    let mut exchange = Exchange {
        server: server_id(),
        limiter,
        counts: shared.counts,
        seen: HashMap::new(),
        fails: false,
    };
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.begun() => return,
            _ = ticks.tick() => exchange.once().await,
        }
    }
}

#[allow(clippy::disallowed_methods)] // It tells servers apart and nothing in the domain.
fn server_id() -> u128 {
    Uuid::new_v4().as_u128()
}

struct Exchange {
    server: u128,
    limiter: web::Data<Limiter>,
    counts: Arc<dyn RequestCounts>,
    /// Counts of the other servers that were already added.
    seen: HashMap<(String, Counted, i64), u32>,
    fails: bool,
}

impl Exchange {
    async fn once(&mut self) {
        let mut mine = Vec::new();
        for quotas in self.limiter.quotas() {
            let taken = quotas.unshared().into_iter();
            mine.extend(taken.map(|(who, count)| (quotas.name().to_owned(), who, count)));
        }
        match timeout(PATIENCE, self.counts.exchange(self.server, mine)).await {
            Ok(Ok(others)) => {
                if std::mem::take(&mut self.fails) {
                    tracing::info!("request counts are shared again");
                }
                self.take_over(others);
            }
            // Counts collected during an outage belong to a minute that has passed by the time it
            // ends.
            Ok(Err(error)) => self.note(&error.to_string()),
            Err(_) => self.note("it takes too long"),
        }
    }

    fn note(&mut self, error: &str) {
        if !std::mem::replace(&mut self.fails, true) {
            tracing::warn!(error, "request counts cannot be shared, each server counts alone");
        }
    }

    fn take_over(&mut self, others: Vec<RequestCount>) {
        let mut known = HashSet::new();
        for RequestCount { quota, who, minute, count } in others {
            let quotas = self.limiter.quotas().into_iter().find(|quotas| quotas.name() == quota);
            let place = (quota, who, minute);
            let seen = self.seen.insert(place.clone(), count).unwrap_or_default();
            known.insert(place);
            if let Some(quotas) = quotas {
                quotas.take_for_others(who, count.saturating_sub(seen));
            }
        }
        self.seen.retain(|place, _| known.contains(place));
    }
}
