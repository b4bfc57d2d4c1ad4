//! Benchmark of the real server over HTTP: the throughput and latency of creations, look-ups and
//! list pages.
//!
//! Starts the `engage` binary that was built beside this one on a database in a temporary folder.
//! If `ENGAGE_DATABASE__URL` is set, that database is used instead and retains what is written to
//! it. All settings except the log have their defaults. The load comes over keep-alive connections
//! from this process, which shares the machine with the server. Prints a table, and fails only if a
//! response is not successful. Notifications are stored but not delivered (`--no-dispatch`) except
//! in the row that says so, since their delivery would use up the rest of the machine.
//!
//! `engage-bench postgres [CASES]…` compares the server on PostgreSQL with pgbench, with lists of
//! the given numbers of cases. `engage-bench dispatch` measures the throughput of delivery, and
//! `engage-bench people` lists of the cases of a contact and of an organization.

mod client;
mod dispatch;
mod load;
mod people;
mod postgres;
mod requests;
mod server;

use std::sync::Arc;
use std::time::Duration;

use crate::client::Request;
use crate::load::{Load, Outcome};
use crate::requests::{NEW_CASE, look_up};
use crate::server::Server;

/// Duration of each measurement, after a warm-up of a fifth of it.
const MEASURED: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        None => whole_server().await,
        Some("dispatch") => dispatch::run().await,
        Some("people") => people::run().await,
        Some("postgres") => {
            let sizes = arguments.map(|size| size.parse()).collect::<Result<Vec<_>, _>>()?;
            postgres::run(&sizes).await
        }
        Some(other) => {
            anyhow::bail!(
                "unknown benchmark {other}: use postgres, dispatch, people or no argument"
            )
        }
    }
}

async fn whole_server() -> anyhow::Result<()> {
    println!("{:34} {:>11} {:>9} {:>8} {:>8}", "", "connections", "per s", "p50 ms", "p99 ms");
    let create: Arc<[Request]> = [Request::post("/api/support/case", NEW_CASE)].into();
    let server = Server::start(&["--no-dispatch"]).await?;
    for connections in [1, 8, 16, 32, 64] {
        row("create", connections, &server, &create).await?;
    }
    let delivering = Server::start(&[]).await?;
    row("create, delivering meanwhile", 64, &delivering, &create).await?;
    drop(delivering);

    let numbers = server.some_case_numbers().await?;
    let look_ups: Arc<[Request]> = numbers.iter().map(|number| look_up(number)).collect();
    row("look up", 16, &server, &look_ups).await?;
    let details: Arc<[Request]> = numbers
        .iter()
        .map(|number| server.get(&format!("/api/internal/support/case/{number}")))
        .collect();
    row("details", 16, &server, &details).await?;
    let long = server.a_long_case(10_000).await?;
    row("look up, 10,000 updates", 16, &server, &[look_up(&long)].into()).await?;
    let details: Arc<[Request]> =
        [server.get(&format!("/api/internal/support/case/{long}"))].into();
    row("details, 10,000 updates", 16, &server, &details).await?;

    let total = server.total().await?;
    println!("\nlists over {total} cases");
    for (name, query) in [
        ("page 1", ""),
        ("status and urgency", "status=OPEN&urgency=HIGH"),
        ("by priority", "sortBy=priorityScore"),
        ("by due time, ascending", "sortBy=estimatedResolution&sortOrder=asc"),
        ("unassigned", "assignedTo=unassigned"),
        ("page 500", "page=500"),
    ] {
        let list: Arc<[Request]> =
            [server.get(&format!("/api/internal/support/cases?{query}"))].into();
        row(name, 4, &server, &list).await?;
    }
    println!("\nresident memory at the end: {} MiB", server.resident_mebibytes()?);
    Ok(())
}

async fn row(
    name: &str,
    connections: usize,
    server: &Server,
    requests: &Arc<[Request]>,
) -> anyhow::Result<()> {
    let load = Load { connections, address: server.address(), requests: Arc::clone(requests) };
    load.run(MEASURED / 5).await?;
    let Outcome { per_second, median, percentile_99 } = load.run(MEASURED).await?;
    println!(
        "{name:34} {connections:>11} {per_second:>9.0} {:>8.2} {:>8.2}",
        median.as_secs_f64() * 1e3,
        percentile_99.as_secs_f64() * 1e3,
    );
    Ok(())
}
