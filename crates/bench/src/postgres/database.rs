use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use tokio_postgres::{Client, NoTls};

const CASES: &str = include_str!("cases.sql");

/// A separate database on the measured server.
pub(super) struct Database {
    server: String,
    name: String,
    url: String,
}

impl Database {
    /// Creates a database beside the one in the URL.
    pub(super) async fn create(server: &str) -> anyhow::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("engage_bench_{}_{count}", std::process::id());
        let (base, _) = server.rsplit_once('/').context("the URL has no database")?;
        let url = format!("{base}/{name}");
        connect(server).await?.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        Ok(Self { server: server.to_owned(), name, url })
    }

    pub(super) async fn remove(self) -> anyhow::Result<()> {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        Ok(connect(&self.server).await?.batch_execute(&drop).await?)
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) async fn connect(&self) -> anyhow::Result<Client> {
        connect(&self.url).await
    }

    /// Fills the existing tables with cases, and returns the time it took.
    pub(super) async fn fill(&self, cases: u64) -> anyhow::Result<Duration> {
        let started = Instant::now();
        let client = self.connect().await?;
        let script = CASES.replace("{cases}", &cases.to_string());
        // One statement at a time, since VACUUM cannot run together with others.
        for statement in script.split(";\n").filter(|statement| !statement.trim().is_empty()) {
            client.batch_execute(statement).await.map_err(|cause| {
                let reason =
                    cause.as_db_error().map_or_else(|| cause.to_string(), ToString::to_string);
                anyhow!("{reason} in\n{statement}")
            })?;
        }
        Ok(started.elapsed())
    }

    /// Returns the numbers of a thousand cases from all over the table.
    pub(super) async fn some_case_numbers(&self) -> anyhow::Result<Vec<String>> {
        let rows = self
            .connect()
            .await?
            .query(
                "SELECT number_prefix || '-' || number_year || '-' || CASE \
                     WHEN number_sequence < 1000 THEN lpad(number_sequence::text, 3, '0') \
                     ELSE number_sequence::text END \
                 FROM cases ORDER BY id LIMIT 1000",
                &[],
            )
            .await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }
}

async fn connect(url: &str) -> anyhow::Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
