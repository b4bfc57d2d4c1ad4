//! A running server.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use super::{Mail, Response, Store, Workspace, eventually, eventually_all};

/// A server that is killed on drop.
pub(crate) struct Server {
    child: Child,
    workspace: Workspace,
    address: SocketAddr,
    log: Arc<Mutex<Vec<String>>>,
    client: Client,
    token: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts a server in a new folder on a new store, without staff.
    pub(crate) async fn start(store: Store) -> Self {
        Self::start_in(&store.workspace().await, &[]).await
    }

    /// Starts a server in a new folder on a new store with the seed's two members of staff. Staff
    /// requests are sent as Jane.
    pub(crate) async fn with_staff(store: Store) -> Self {
        Self::with_staff_and(store, &[]).await
    }

    pub(crate) async fn with_staff_and(store: Store, settings: &[(&str, &str)]) -> Self {
        let workspace = store.workspace().await;
        workspace.set_all(settings);
        workspace.add_staff();
        let mut server = Self::start_in(&workspace, &[]).await;
        server.token = workspace.token("staff-123");
        server
    }

    pub(crate) async fn start_in(workspace: &Workspace, options: &[&str]) -> Self {
        let mut command = workspace.command(&[&["serve"], options].concat());
        command.stdout(Stdio::null());
        Self::run(workspace, command).await
    }

    /// Starts a server by a command that is prepared for it.
    pub(crate) async fn run(workspace: &Workspace, mut command: Command) -> Self {
        let mut child = command.spawn().expect("the program starts");
        let log = Arc::new(Mutex::new(Vec::new()));
        let (lines, errors) = (Arc::clone(&log), child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in BufReader::new(errors).split(b'\n').map_while(Result::ok) {
                lines.lock().unwrap().push(String::from_utf8_lossy(&line).into_owned());
            }
        });
        let address = eventually("the server listens, or ends", || {
            let ended = child.try_wait().unwrap();
            let address = log.lock().unwrap().iter().find_map(|line| address_in(line));
            assert!(ended.is_none() || address.is_some(), "{ended:?}: {:?}", log.lock().unwrap());
            address
        })
        .await;
        let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { child, workspace: workspace.clone(), address, log, client, token: String::new() }
    }

    pub(crate) fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Sends all further staff requests with this token.
    pub(crate) fn use_token(&mut self, token: String) {
        self.token = token;
    }

    /// Returns the log so far, line by line.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// Starts a request without a token.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    /// Starts a request with the staff token.
    pub(crate) fn staff_request(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(method, path).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        Response::to(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        Response::to(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn staff_get(&self, path: &str) -> Response {
        Response::to(self.staff_request(Method::GET, path)).await
    }

    pub(crate) async fn staff_post(&self, path: &str, body: &Value) -> Response {
        Response::to(self.staff_request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn staff_put(&self, path: &str, body: &Value) -> Response {
        Response::to(self.staff_request(Method::PUT, path).json(body)).await
    }

    /// Opens a case and returns its number.
    pub(crate) async fn open(&self, body: &Value) -> String {
        let response = self.post("/api/support/case", body).await.ok();
        response["caseNumber"].as_str().unwrap().to_owned()
    }

    /// Returns a case as staff see it.
    pub(crate) async fn details(&self, number: &str) -> Value {
        self.staff_get(&format!("/api/internal/support/case/{number}")).await.ok()
    }

    pub(crate) async fn update(&self, number: &str, body: &Value) -> Response {
        self.staff_post(&format!("/api/internal/support/case/{number}/update"), body).await
    }

    pub(crate) async fn assign(&self, number: &str, body: &Value) -> Response {
        self.staff_put(&format!("/api/internal/support/case/{number}/assign"), body).await
    }

    /// Returns the e-mails written so far.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        Mail::all_in(&self.workspace.mail_folder())
    }

    /// Waits for this many e-mails and returns them. Fails if there are more.
    pub(crate) async fn mails_once(&self, count: usize) -> Vec<Mail> {
        eventually_all(count, "e-mails", || self.mails()).await
    }

    /// Kills the server, as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Returns the peak memory of the server in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(status).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// Returns the number of files and connections that the server has open.
    pub(crate) fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    /// Returns the process limits of the server.
    pub(crate) fn limits(&self) -> String {
        std::fs::read_to_string(format!("/proc/{}/limits", self.child.id())).unwrap()
    }

    /// Asks the server to stop.
    pub(crate) fn terminate(&self) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(sent.success());
    }

    pub(crate) fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits for a server that was asked to stop, and returns its exit code.
    pub(crate) async fn exit_code_within(&mut self, limit: Duration) -> Option<i32> {
        let ended = super::holds_within(limit, || self.has_ended().is_some()).await;
        assert!(ended, "still running after {limit:?}: {:?}", self.log());
        self.child.wait().unwrap().code()
    }
}

fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("listening on http://")?;
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ':'));
    rest[..end.unwrap_or(rest.len())].parse().ok()
}
