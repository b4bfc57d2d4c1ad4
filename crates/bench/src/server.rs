//! The measured server.

use std::net::SocketAddr;
use std::process::Stdio;

use anyhow::{Context, bail, ensure};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::client::{Connection, Request};

/// A running server that is stopped on drop.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    token: String,
    settings: Vec<(String, String)>,
    // Dropped last, since the running server uses the folder.
    folder: TempDir,
}

impl Server {
    /// Starts the binary that was built beside this one, with these options of `serve`.
    pub(crate) async fn start(options: &[&str]) -> anyhow::Result<Self> {
        Self::start_with(&[], options).await
    }

    /// Starts the server on a database.
    pub(crate) async fn start_on(url: Option<&str>, options: &[&str]) -> anyhow::Result<Self> {
        let settings = url.map(|url| ("ENGAGE_DATABASE__URL", url));
        Self::start_with(settings.as_slice(), options).await
    }

    /// Starts the server with additional settings.
    pub(crate) async fn start_with(
        settings: &[(&str, &str)],
        options: &[&str],
    ) -> anyhow::Result<Self> {
        Self::start_in(tempfile::tempdir()?, settings, options).await
    }

    /// Stops the server, and starts it again on the same data.
    pub(crate) async fn restart(
        self,
        settings: &[(&str, &str)],
        options: &[&str],
    ) -> anyhow::Result<Self> {
        let Self { mut child, folder, .. } = self;
        child.kill().await?;
        Self::start_in(folder, settings, options).await
    }

    async fn start_in(
        folder: TempDir,
        settings: &[(&str, &str)],
        options: &[&str],
    ) -> anyhow::Result<Self> {
        let settings: Vec<(String, String)> = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let program = || program(&folder, &settings);
        let token = hire(program).await?;
        let mut child = program()?
            .arg("serve")
            .args(options)
            .env("ENGAGE_SERVER__BIND", "127.0.0.1:0")
            .env("ENGAGE_LOG__FILTER", "warn,engage::commands::serve=info")
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start the server")?;
        let stderr = child.stderr.take().context("the server has no log")?;
        let mut lines = BufReader::new(stderr).lines();
        let address = loop {
            let Some(line) = lines.next_line().await? else { bail!("the server ended") };
            if let Some((_, address)) = line.split_once("listening on http://") {
                break address.trim().parse()?;
            }
        };
        // Passes the rest of the log on to the person who reads the figures.
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                eprintln!("{line}");
            }
        });
        Ok(Self { child, address, token, settings, folder })
    }

    /// Runs a short command beside the server.
    pub(crate) async fn run(&self, arguments: &[&str]) -> anyhow::Result<String> {
        run(program(&self.folder, &self.settings)?, arguments).await
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn get(&self, path: &str) -> Request {
        Request::get(path, &self.token)
    }

    /// Builds a request of staff without a body.
    pub(crate) fn post(&self, path: &str) -> Request {
        Request::post_as(path, &self.token, "{}")
    }

    /// Builds a request of staff with a body.
    pub(crate) fn post_json(&self, path: &str, body: &serde_json::Value) -> Request {
        Request::post_as(path, &self.token, &body.to_string())
    }

    async fn answer(&self, path: &str) -> anyhow::Result<String> {
        let mut connection = Connection::open(self.address).await?;
        let body = connection.send(&self.get(path)).await?;
        Ok(String::from_utf8(body.to_vec())?)
    }

    /// Returns the numbers of a hundred cases from all over the list.
    pub(crate) async fn some_case_numbers(&self) -> anyhow::Result<Vec<String>> {
        let answer =
            self.answer("/api/internal/support/cases?limit=100&sortBy=priorityScore").await?;
        let numbers = answer.split("\"caseNumber\":\"").skip(1);
        Ok(numbers.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect())
    }

    /// Writes many updates to a case, and returns its number.
    pub(crate) async fn a_long_case(&self, updates: u32) -> anyhow::Result<String> {
        let mut numbers = self.some_case_numbers().await?;
        let number = numbers.pop().context("there is no case yet")?;
        let path = format!("/api/internal/support/case/{number}/update");
        let body =
            r#"{"message": "Signing out and in again does not help; what else do you need?"}"#;
        let update = Request::post_as(&path, &self.token, body);
        let mut connection = Connection::open(self.address).await?;
        for _ in 0..updates {
            connection.send(&update).await?;
        }
        Ok(number)
    }

    pub(crate) async fn total(&self) -> anyhow::Result<u64> {
        self.total_of("/api/internal/support/cases?limit=1").await
    }

    /// Returns the total of a list.
    pub(crate) async fn total_of(&self, path: &str) -> anyhow::Result<u64> {
        let answer = self.answer(path).await?;
        let (_, rest) = answer.split_once("\"total\":").context("a response without a total")?;
        Ok(rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default().parse()?)
    }

    /// Returns the number of notifications delivered since the server started.
    pub(crate) async fn delivered(&self) -> anyhow::Result<u64> {
        let metrics = self.answer("/metrics").await?;
        let counts = metrics.lines().filter(|line| {
            line.starts_with("engage_deliveries_total") && line.contains("outcome=\"sent\"")
        });
        counts.map(|line| Ok(line.rsplit(' ').next().unwrap_or_default().parse::<u64>()?)).sum()
    }

    /// Returns the resident memory of the server in MiB (`VmRSS` on Linux).
    pub(crate) fn resident_mebibytes(&self) -> anyhow::Result<u64> {
        let id = self.child.id().context("the server ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = line.context("no VmRSS")?.trim().trim_end_matches(" kB").trim();
        Ok(kibibytes.parse::<u64>()? / 1024)
    }
}

/// Builds a command of the program in a folder, with these settings.
fn program(folder: &TempDir, settings: &[(String, String)]) -> anyhow::Result<Command> {
    let binary = std::env::current_exe()?.with_file_name("engage");
    ensure!(binary.exists(), "build the server first: make bench does");
    let mut command = Command::new(binary);
    command
        .current_dir(folder.path())
        .env("ENGAGE_SERVER__SECRET", "a secret that is good enough to be measured with")
        .envs(settings.iter().cloned());
    Ok(command)
}

async fn run(mut program: Command, arguments: &[&str]) -> anyhow::Result<String> {
    let output = program.args(arguments).output().await?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{said}");
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Prepares the database, adds a staff member if there is none, and returns a token for them.
async fn hire(program: impl Fn() -> anyhow::Result<Command>) -> anyhow::Result<String> {
    run(program()?, &["migrate"]).await?;
    if !run(program()?, &["staff", "list"]).await?.contains("bench@localhost") {
        let member = ["--id", "bench", "--name", "Bench", "--email", "bench@localhost"];
        let add = [&["staff", "add", "--role", "SUPERVISOR"][..], &member].concat();
        run(program()?, &add).await?;
    }
    run(program()?, &["staff", "token", "bench"]).await
}
