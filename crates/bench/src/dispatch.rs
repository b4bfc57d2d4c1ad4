//! Measures the throughput of delivery, with webhooks to a receiver in this process and with a
//! channel that only logs. Also measures the delay between the commit and the arrival of an event.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::client::{Connection, Request};
use crate::load::Load;
use crate::requests::NEW_CASE;
use crate::server::Server;

/// Duration for which cases are opened to fill the queue.
const FILLED: Duration = Duration::from_secs(2);

/// Rate of events per second while delays are measured, and the duration of that measurement.
const PACE: u32 = 300;
const PACED: Duration = Duration::from_secs(10);

/// Number of endpoints. Each gets at most 10 events at once.
const ENDPOINTS: u32 = 8;

/// Path of an endpoint that never responds.
const HANGING: &str = "hanging";

/// Settings for webhooks only, since the throughput of e-mail depends on the mail server.
const SETTINGS: [(&str, &str); 3] = [
    ("ENGAGE_NOTIFY__CREATED__EMAIL", ""),
    ("ENGAGE_NOTIFY__CREATED__SMS", ""),
    ("ENGAGE_WEBHOOKS__ALLOW_PRIVATE_NETWORKS", "true"),
];

/// Delays between each event and its arrival.
type Delays = Arc<Mutex<Vec<Duration>>>;

/// A measurement of emptying the queue.
struct Drain {
    name: &'static str,
    /// Only logs events instead of sending them.
    logs_only: bool,
    /// Number of endpoints that never respond.
    hanging: u32,
}

const DRAINS: [Drain; 3] = [
    Drain { name: "no-op", logs_only: true, hanging: 0 },
    Drain { name: "webhooks, one endpoint hanging", logs_only: false, hanging: 1 },
    Drain { name: "webhooks", logs_only: false, hanging: 0 },
];

pub(crate) async fn run() -> anyhow::Result<()> {
    let store =
        if std::env::var_os("ENGAGE_DATABASE__URL").is_some() { "PostgreSQL" } else { "SQLite" };
    for drain in DRAINS {
        let (address, delays) = receive().await?;
        let log_only = if drain.logs_only { "true" } else { "false" };
        let settings = [&SETTINGS[..], &[("ENGAGE_WEBHOOKS__LOG_ONLY", log_only)]].concat();
        let server = Server::start_with(&settings, &["--no-dispatch"]).await?;
        for place in 0..ENDPOINTS {
            let path = if place < drain.hanging { HANGING } else { "" };
            server.run(&["webhook", "add", &format!("http://{address}/{path}")]).await?;
        }
        // The server notices a new endpoint within 2 s.
        sleep(Duration::from_secs(3)).await;
        let requests: Arc<[Request]> = [Request::post("/api/support/case", NEW_CASE)].into();
        Load { connections: 32, address: server.address(), requests }.run(FILLED).await?;
        let expected =
            waiting(&server).await? / u64::from(ENDPOINTS) * u64::from(ENDPOINTS - drain.hanging);
        ensure!(expected > 0, "no notification is waiting");
        let server = server.restart(&settings, &[]).await?;
        let started = Instant::now();
        // Counting the waiting notifications gets slower as there are more. The server's counter
        // costs nothing.
        while server.delivered().await? < expected {
            sleep(Duration::from_millis(50)).await;
        }
        let taken = started.elapsed().as_secs_f64();
        #[allow(clippy::cast_precision_loss)]
        let rate = expected as f64 / taken;
        println!("{store}, {}: {expected} in {taken:.1} s, {rate:.0} a second", drain.name);
        if !drain.logs_only && drain.hanging == 0 {
            delays.lock().map_err(|_| anyhow::anyhow!("the receiver failed"))?.clear();
            paced(&server).await?;
            print_delays(store, &delays)?;
        }
        // The next measurement may use the same database.
        for line in server.run(&["webhook", "list"]).await?.lines() {
            let id = line.split('\t').next().context("no id")?;
            server.run(&["webhook", "remove", id]).await?;
        }
    }
    Ok(())
}

async fn waiting(server: &Server) -> anyhow::Result<u64> {
    let path = "/api/internal/notifications/status?status=PENDING,IN_FLIGHT&limit=1";
    server.total_of(path).await
}

/// Opens cases at a steady rate.
async fn paced(server: &Server) -> anyhow::Result<()> {
    let request = Request::post("/api/support/case", NEW_CASE);
    let mut connection = Connection::open(server.address()).await?;
    let mut ticks = interval(Duration::from_secs(1) * ENDPOINTS / PACE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let end = Instant::now() + PACED;
    while Instant::now() < end {
        ticks.tick().await;
        connection.send(&request).await?;
    }
    sleep(Duration::from_secs(2)).await;
    Ok(())
}

fn print_delays(store: &str, delays: &Delays) -> anyhow::Result<()> {
    let mut delays = delays.lock().map_err(|_| anyhow::anyhow!("the receiver failed"))?.clone();
    delays.sort_unstable();
    let at = |percent: usize| delays.get(delays.len() * percent / 100).copied().unwrap_or_default();
    let (count, median, most) = (delays.len(), at(50).as_millis(), at(95).as_millis());
    println!(
        "{store}, event to receiver at {PACE}/s: {count} events, p50 {median} ms, p95 {most} ms"
    );
    Ok(())
}

/// Starts a receiver that accepts everything and records the age of each event. The age is taken
/// from the event's timestamp, which is slightly earlier than its commit.
async fn receive() -> anyhow::Result<(SocketAddr, Delays)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let delays = Delays::default();
    let noted = Arc::clone(&delays);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let noted = Arc::clone(&noted);
            tokio::spawn(async move {
                // The server closes the connection when it is done.
                let _ = take(stream, &noted).await;
            });
        }
    });
    Ok((address, delays))
}

async fn take(stream: TcpStream, delays: &Delays) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    loop {
        let mut length = 0;
        let mut answers = true;
        loop {
            line.clear();
            ensure!(stream.read_line(&mut line).await? > 0, "closed");
            answers &= !line.starts_with(&format!("POST /{HANGING} "));
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        if !answers {
            // Waits until the server gives up.
            stream.read_until(0, &mut Vec::new()).await?;
            return Ok(());
        }
        #[allow(clippy::disallowed_methods)]
        // The age of an event needs the wall clock.
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let event: serde_json::Value = serde_json::from_slice(&body)?;
        let happened = event["timestamp"].as_str().context("no timestamp")?;
        let happened: jiff::Timestamp = happened.parse()?;
        let happened = Duration::from_millis(happened.as_millisecond().try_into()?);
        delays
            .lock()
            .map_err(|_| anyhow::anyhow!("the receiver failed"))?
            .push(now.saturating_sub(happened));
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await?;
    }
}
