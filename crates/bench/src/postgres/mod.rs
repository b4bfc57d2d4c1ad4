//! Compares the server on PostgreSQL with PostgreSQL alone, in one run: the API against pgbench
//! with prepared statements. That makes the figures of a noisy machine comparable.

mod audit;
mod database;
mod lists;
mod measuring;
mod pgbench;
mod plans;

use std::sync::Arc;

use anyhow::Context;

use crate::client::Request;
use crate::load::Load;
use crate::requests::{NEW_CASE, look_up};
use crate::server::Server;
use database::Database;
use measuring::{MEASURED, ROUNDS, serve};
use pgbench::pgbench;

const CREATE: &str = include_str!("create.pgbench");
const LOOK_UP: &str = include_str!("look_up.pgbench");
const DETAILS: &str = include_str!("details.pgbench");

/// Measures on the server in `ENGAGE_DATABASE__URL`, with lists of the given numbers of cases.
pub(crate) async fn run(sizes: &[u64]) -> anyhow::Result<()> {
    let url = std::env::var("ENGAGE_DATABASE__URL")
        .context("set ENGAGE_DATABASE__URL to a database of the server to measure")?;
    creations(&url).await?;
    audit::measure(&url).await?;
    for size in sizes {
        at_size(&url, *size).await?;
    }
    Ok(())
}

async fn creations(url: &str) -> anyhow::Result<()> {
    println!("creations a second       connections   pgbench      HTTP   ratio");
    let (beside, under) = (Database::create(url).await?, Database::create(url).await?);
    drop(serve(&beside).await?);
    let server = serve(&under).await?;
    let create: Arc<[Request]> = [Request::post("/api/support/case", NEW_CASE)].into();
    let mut at_32 = 0.0;
    for connections in [1, 8, 16, 32, 64] {
        let (mut alone, mut over_http) = (0.0_f64, 0.0_f64);
        for _ in 0..ROUNDS {
            // Beyond 32 connections pgbench only gets slower, so its figure for 32 is the
            // reference.
            if connections <= 32 {
                alone = alone.max(pgbench(beside.url(), CREATE, connections, MEASURED).await?);
            }
            let requests = Arc::clone(&create);
            let load = Load { connections, address: server.address(), requests };
            over_http = over_http.max(load.run(MEASURED).await?.per_second);
        }
        match connections {
            32 => at_32 = alone,
            64 => alone = at_32,
            _ => {}
        }
        let ratio = over_http / alone;
        println!("{:24} {connections:>11} {alone:>9.0} {over_http:>9.0} {ratio:>7.2}", "");
    }
    drop(server);
    beside.remove().await?;
    under.remove().await
}

async fn at_size(url: &str, cases: u64) -> anyhow::Result<()> {
    let database = Database::create(url).await?;
    drop(serve(&database).await?);
    let taken = database.fill(cases).await?;
    println!("\n{cases} cases, created in {:.0} s", taken.as_secs_f64());
    let server = serve(&database).await?;
    reads(&database, &server).await?;
    lists::measure(&database, &server).await?;
    drop(server);
    database.remove().await
}

/// Measures look-ups and details beside the bare statements that read the same.
async fn reads(database: &Database, server: &Server) -> anyhow::Result<()> {
    println!("reads a second           connections   pgbench      HTTP   ratio");
    let numbers = database.some_case_numbers().await?;
    let status: Arc<[Request]> = numbers.iter().map(|number| look_up(number)).collect();
    let details: Arc<[Request]> = numbers
        .iter()
        .map(|number| server.get(&format!("/api/internal/support/case/{number}")))
        .collect();
    for (name, script, requests) in [("status", LOOK_UP, status), ("details", DETAILS, details)] {
        for connections in [8, 32] {
            let alone = pgbench(database.url(), script, connections, MEASURED).await?;
            let requests = Arc::clone(&requests);
            let load = Load { connections, address: server.address(), requests };
            let over_http = load.run(MEASURED).await?.per_second;
            let ratio = over_http / alone;
            println!("{name:24} {connections:>11} {alone:>9.0} {over_http:>9.0} {ratio:>7.2}");
        }
    }
    Ok(())
}
