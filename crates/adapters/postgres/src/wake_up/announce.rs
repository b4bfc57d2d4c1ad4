use std::time::Duration;

use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tracing::debug;

use super::NOTIFY;

/// How long to gather after an announcement. PostgreSQL lets one transaction at a time announce
/// something, over all databases of a server.
const GATHER: Duration = Duration::from_millis(20);

/// How long an announcement may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Announces in the background that messages wait; ends when the last of these is gone.
#[derive(Clone)]
pub(crate) struct Announcer(mpsc::Sender<()>);

impl Announcer {
    pub(crate) fn start(pool: &Pool<AsyncPgConnection>) -> Self {
        // One place is enough: what is announced next covers whatever was committed before.
        let (messages_wait, requests) = mpsc::channel(1);
        tokio::spawn(announce(pool.clone(), requests));
        Self(messages_wait)
    }

    /// Says that messages were committed. Nobody waits for the announcement.
    pub(crate) fn messages_wait(&self) {
        // Where the place is taken, an announcement is still to come.
        let _ = self.0.try_send(());
    }
}

async fn announce(pool: Pool<AsyncPgConnection>, mut requests: mpsc::Receiver<()>) {
    // The place is free again before anything is announced, so what is committed meanwhile is
    // announced once more.
    while requests.recv().await.is_some() {
        match timeout(LIMIT, notify(&pool)).await {
            Ok(Ok(())) => {}
            Ok(Err(reason)) => debug!(reason, "cannot announce that messages wait"),
            Err(_) => debug!("announcing that messages wait takes too long"),
        }
        sleep(GATHER).await;
    }
}

async fn notify(pool: &Pool<AsyncPgConnection>) -> Result<(), String> {
    let mut connection = pool.get().await.map_err(|error| error.to_string())?;
    connection.batch_execute(NOTIFY).await.map_err(|error| error.to_string())
}
