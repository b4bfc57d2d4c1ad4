use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::process::Command;

/// The folder in which distributions install the programs of each server version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// Returns the transactions per second that PostgreSQL achieves for a script with prepared
/// statements.
pub(super) async fn pgbench(
    url: &str,
    script: &str,
    clients: usize,
    duration: Duration,
) -> anyhow::Result<f64> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(script.as_bytes())?;
    let output = Command::new(program())
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2"])
        .arg(format!("--client={clients}"))
        .arg(format!("--time={}", duration.as_secs()))
        .arg("--file")
        .arg(file.path())
        .arg(url)
        .output()
        .await
        .context("cannot start pgbench")?;
    let said = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "pgbench failed: {complaints}");
    let (_, rest) = said.split_once("tps = ").context("pgbench printed no rate")?;
    let rate = rest.split_whitespace().next().unwrap_or_default();
    rate.parse().with_context(|| format!("pgbench printed the rate {rate}"))
}

/// Returns the newest pgbench of the distribution, or the one on the path.
fn program() -> PathBuf {
    let versions = std::fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let programs = versions.map(|version| version.path().join("bin/pgbench"));
    programs.filter(|program| program.exists()).max().unwrap_or_else(|| "pgbench".into())
}
