//! Load from many connections, each of which sends one request after another.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::client::{Connection, Request};

pub(crate) struct Load {
    pub(crate) connections: usize,
    pub(crate) address: SocketAddr,
    /// Requests that each connection cycles through, starting at a different index.
    pub(crate) requests: Arc<[Request]>,
}

pub(crate) struct Outcome {
    pub(crate) per_second: f64,
    pub(crate) median: Duration,
    pub(crate) percentile_99: Duration,
}

impl Load {
    pub(crate) async fn run(&self, duration: Duration) -> anyhow::Result<Outcome> {
        let started = Instant::now();
        let end = started + duration;
        let mut workers = JoinSet::new();
        for place in 0..self.connections {
            let requests = Arc::clone(&self.requests);
            let first = place * requests.len() / self.connections;
            workers.spawn(work(self.address, requests, first, end));
        }
        let mut times = Vec::new();
        while let Some(worker) = workers.join_next().await {
            times.extend(worker??);
        }
        let elapsed = started.elapsed();
        times.sort_unstable();
        let at = |share: f64| {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // An index.
            #[allow(clippy::cast_precision_loss)]
            let place = (times.len() as f64 * share) as usize;
            times.get(place).copied().unwrap_or_default()
        };
        #[allow(clippy::cast_precision_loss)]
        let per_second = times.len() as f64 / elapsed.as_secs_f64();
        Ok(Outcome { per_second, median: at(0.5), percentile_99: at(0.99) })
    }
}

async fn work(
    address: SocketAddr,
    requests: Arc<[Request]>,
    first: usize,
    end: Instant,
) -> anyhow::Result<Vec<Duration>> {
    let mut connection = Connection::open(address).await?;
    let mut times = Vec::new();
    for request in requests.iter().cycle().skip(first) {
        let sent = Instant::now();
        if sent >= end {
            break;
        }
        connection.send(request).await?;
        times.push(sent.elapsed());
    }
    Ok(times)
}

/// Sends each request once, and returns the bodies of the responses in the order of the requests.
pub(crate) async fn send_all(
    address: SocketAddr,
    connections: usize,
    requests: Arc<[Request]>,
) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut workers = JoinSet::new();
    for first in 0..connections {
        let requests = Arc::clone(&requests);
        workers.spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut bodies = Vec::new();
            for (place, request) in requests.iter().enumerate().skip(first).step_by(connections) {
                bodies.push((place, connection.send(request).await?.to_vec()));
            }
            anyhow::Ok(bodies)
        });
    }
    let mut bodies = Vec::new();
    while let Some(worker) = workers.join_next().await {
        bodies.extend(worker??);
    }
    bodies.sort_unstable_by_key(|(place, _)| *place);
    Ok(bodies.into_iter().map(|(_, body)| body).collect())
}
