//! Acknowledged changes survive any end of the server.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use crate::support::{
    Mail, Response, Server, Store, Workspace, a_case, a_case_of_somebody, eventually, raw,
};

/// Clients that open cases until the server no longer responds.
struct Burst {
    clients: Vec<JoinHandle<()>>,
    acknowledged: Arc<Mutex<BTreeSet<String>>>,
}

impl Burst {
    fn on(server: &Server) -> Self {
        let acknowledged = Arc::new(Mutex::new(BTreeSet::new()));
        let url = format!("http://{}/api/support/case", server.address());
        let client = Client::builder().no_proxy().build().unwrap();
        let clients = (0..8).map(|_| {
            let (client, url, acknowledged) =
                (client.clone(), url.clone(), Arc::clone(&acknowledged));
            tokio::spawn(async move {
                while let Ok(response) = client.post(&url).json(&a_case_of_somebody()).send().await
                {
                    let is_success = response.status() == 200;
                    let Ok(body) = response.json::<Value>().await else { break };
                    if !is_success {
                        break;
                    }
                    let number = body["caseNumber"].as_str().unwrap().to_owned();
                    assert!(acknowledged.lock().await.insert(number), "a number was used twice");
                }
            })
        });
        Self { clients: clients.collect(), acknowledged: Arc::clone(&acknowledged) }
    }

    /// Waits until this many cases are acknowledged.
    async fn reaches(&self, count: usize) {
        eventually(&format!("{count} cases"), || {
            self.acknowledged
                .try_lock()
                .is_ok_and(|acknowledged| acknowledged.len() >= count)
                .then_some(())
        })
        .await;
    }

    /// Returns the acknowledged numbers once every client has stopped.
    async fn end(self) -> BTreeSet<String> {
        for client in self.clients {
            client.await.unwrap();
        }
        self.acknowledged.lock().await.clone()
    }
}

async fn assert_all_exist(server: &Server, numbers: &BTreeSet<String>) {
    for number in numbers {
        let details = server.details(number).await;
        assert_eq!(details["case"]["caseNumber"], number.as_str());
        assert_eq!(details["case"]["caseDetails"]["message"], a_case()["message"]);
    }
}

const TEAM: &str = "support@localhost";

/// Returns the two e-mails of each new case, as its number and whether the e-mail is for the team.
fn expected_mails(numbers: &BTreeSet<String>) -> BTreeSet<(String, bool)> {
    let pair = |number: &String| [false, true].map(|is_teams| (number.clone(), is_teams));
    numbers.iter().flat_map(pair).collect()
}

fn written_mails(workspace: &Workspace) -> BTreeSet<(String, bool)> {
    of_whom(&Mail::all_in(&workspace.mail_folder()))
}

fn of_whom(mails: &[Mail]) -> BTreeSet<(String, bool)> {
    mails.iter().map(|mail| (mail.number().to_owned(), mail.to() == TEAM)).collect()
}

async fn restarted(workspace: &Workspace) -> Server {
    let mut server = Server::start_in(workspace, &[]).await;
    server.use_token(workspace.token("staff-123"));
    server
}

#[tokio::test]
async fn a_killed_server_loses_no_acknowledged_case_and_no_email() {
    let workspace = Workspace::new();
    workspace.add_staff();
    // Nothing is delivered before the kill, so all e-mails depend on what was stored.
    let server = Server::start_in(&workspace, &["--no-dispatch"]).await;
    let burst = Burst::on(&server);
    burst.reaches(100).await;
    server.kill();
    let acknowledged = burst.end().await;
    assert_eq!(written_mails(&workspace), BTreeSet::new());

    let server = restarted(&workspace).await;
    assert_all_exist(&server, &acknowledged).await;
    let expected = expected_mails(&acknowledged);
    eventually("every e-mail of every case", || {
        written_mails(&workspace).is_superset(&expected).then_some(())
    })
    .await;
    let next = server.open(&a_case()).await;
    assert!(!acknowledged.contains(&next), "{next} was given before");
}

#[tokio::test]
async fn a_server_killed_during_delivery_continues_after_a_restart() {
    let workspace = Workspace::new();
    workspace.add_staff();
    let server = Server::start_in(&workspace, &[]).await;
    let burst = Burst::on(&server);
    burst.reaches(100).await;
    server.kill();
    let acknowledged = burst.end().await;
    let before: BTreeSet<String> = file_names(&workspace);

    let server = restarted(&workspace).await;
    assert_all_exist(&server, &acknowledged).await;
    let expected = expected_mails(&acknowledged);
    eventually("every e-mail, including those in flight", || {
        written_mails(&workspace).is_superset(&expected).then_some(())
    })
    .await;
    assert!(file_names(&workspace).is_superset(&before));
    // Each notification has one file, so a second delivery replaces the first.
    let mails = server.mails();
    assert_eq!(of_whom(&mails).len(), mails.len());
    assert_eq!(server.get("/health").await.body["status"], "healthy");
}

fn file_names(workspace: &Workspace) -> BTreeSet<String> {
    Mail::all_in(&workspace.mail_folder()).into_iter().map(|mail| mail.file_name).collect()
}

#[tokio::test]
async fn a_server_stopped_under_load_loses_nothing() {
    let workspace = Workspace::new();
    workspace.add_staff();
    let mut server = Server::start_in(&workspace, &[]).await;
    let burst = Burst::on(&server);
    burst.reaches(100).await;
    server.terminate();
    assert_eq!(server.exit_code_within(Duration::from_secs(30)).await, Some(0));
    let acknowledged = burst.end().await;
    let complaints: Vec<String> =
        server.log().into_iter().filter(|l| l.contains("ERROR") || l.contains("panic")).collect();
    assert_eq!(complaints, [""; 0]);

    let server = restarted(&workspace).await;
    assert_all_exist(&server, &acknowledged).await;
    let expected = expected_mails(&acknowledged);
    // No claims were left behind, so everything is sent at once.
    eventually("every e-mail of every case", || {
        written_mails(&workspace).is_superset(&expected).then_some(())
    })
    .await;
    let mails = server.mails();
    assert_eq!(of_whom(&mails).len(), mails.len(), "nothing was sent twice");
}

#[tokio::test]
async fn an_idle_server_stops_soon_despite_open_connections() {
    let mut server = Server::start(Store::Sqlite).await;
    assert_eq!(server.get("/health").await.status, 200);
    let _silent = raw::connect(server.address());
    server.terminate();
    assert_eq!(server.exit_code_within(Duration::from_secs(10)).await, Some(0));
    assert!(server.log().iter().any(|line| line.contains("SIGTERM")), "{:?}", server.log());
}

#[tokio::test]
async fn a_second_server_on_the_same_file_is_refused() {
    let server = Server::with_staff(Store::Sqlite).await;
    let number = server.open(&a_case()).await;
    let refusal = server.workspace().run(&["serve"]).refusal();
    assert!(refusal.contains("another engage server is using var/engage.db"), "{refusal}");
    assert_eq!(server.get("/health").await.status, 200);
    assert_eq!(server.details(&number).await["case"]["version"], 1);
    server.open(&a_case()).await;
}

/// Returns a case without its notifications, which are delivered meanwhile, and without its running
/// SLA timers.
async fn details(server: &Server, number: &str) -> Value {
    let mut details = server.details(number).await;
    for moving in ["notifications", "sla"] {
        details.as_object_mut().unwrap().remove(moving).expect(moving);
    }
    details
}

#[tokio::test]
async fn data_survives_a_graceful_restart() {
    let server = Server::with_staff(Store::Sqlite).await;
    let number = server.open(&a_case()).await;
    server.assign(&number, &json!({"staffId": "staff-456", "notes": "n"})).await.ok();
    server.update(&number, &json!({"message": "m"})).await.ok();
    let escalation = json!({"caseNumber": number, "reason": "r"});
    server.post("/api/support/case/escalate", &escalation).await.ok();
    let (before, token) = (details(&server, &number).await, server.token().to_owned());
    let workspace = server.workspace().clone();
    server.kill();

    let mut server = Server::start_in(&workspace, &[]).await;
    server.use_token(token);
    assert_eq!(details(&server, &number).await, before);
    let again = server.post("/api/support/case/escalate", &escalation).await;
    again.refused(429, "RATE_LIMITED");
}

#[tokio::test]
async fn staff_are_managed_while_the_server_is_under_load() {
    let server = Server::with_staff(Store::Sqlite).await;
    let burst = Burst::on(&server);
    burst.reaches(10).await;
    let workspace = server.workspace().clone();
    let work = move || {
        workspace.add_member("late-1", "Late Comer", "late@staff.example", &[]);
        let token = workspace.token("late-1");
        let listed = workspace.run(&["staff", "list"]).ok();
        assert!(
            listed.lines().any(|l| l.starts_with("late-1") && l.contains("active")),
            "{listed}"
        );
        (workspace, token)
    };
    let (workspace, token) = tokio::task::spawn_blocking(work).await.unwrap();
    let with_token = || {
        let request = server.request(Method::GET, "/api/internal/support/cases?limit=1");
        Response::to(request.bearer_auth(&token))
    };
    with_token().await.ok();
    let number = burst.acknowledged.lock().await.first().cloned().unwrap();
    server.assign(&number, &json!({"staffId": "late-1"})).await.ok();

    let deactivate = move || workspace.run(&["staff", "deactivate", "late-1"]).ok();
    tokio::task::spawn_blocking(deactivate).await.unwrap();
    let responses = join_all([with_token(), with_token(), with_token()]).await;
    for response in responses {
        response.refused(401, "UNAUTHORIZED");
    }
    server.kill();
    burst.end().await;
}

#[tokio::test]
async fn the_health_checks_report_liveness_and_readiness() {
    let server = Server::start(Store::Sqlite).await;
    let live = server.get("/health/live").await.ok();
    assert_eq!(live, json!({"success": true, "status": "live"}));
    let ready = server.get("/health/ready").await.ok();
    assert_eq!(ready, json!({"success": true, "status": "ready"}));
}

/// Sends a request without its body, which is still missing when the server is told to stop.
fn begin_a_case(address: std::net::SocketAddr, body: &str) -> std::net::TcpStream {
    let mut stream = raw::connect(address);
    let head = format!(
        "POST /api/support/case HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // The server asks for the body once its handler is running.
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[tokio::test]
async fn a_request_in_flight_at_shutdown_is_completed() {
    let mut server = Server::with_staff(Store::Sqlite).await;
    let (address, body) = (server.address(), a_case().to_string());
    let (stream, body) =
        tokio::task::spawn_blocking(move || (begin_a_case(address, &body), body)).await.unwrap();
    server.terminate();
    eventually("the server to stop", || {
        server.log().iter().any(|line| line.contains("told to stop")).then_some(())
    })
    .await;
    let reply = tokio::task::spawn_blocking(move || {
        let mut stream = stream;
        stream.write_all(body.as_bytes()).unwrap();
        raw::read_to_end(&mut stream, Duration::from_secs(10))
    });
    let reply = reply.await.unwrap();
    assert_eq!(reply.status(), Some(200), "{reply:?}");
    assert_eq!(server.exit_code_within(Duration::from_secs(30)).await, Some(0));
    let number = serde_json::from_str::<Value>(reply.body()).unwrap();
    let number = number["caseNumber"].as_str().unwrap().to_owned();
    restarted(server.workspace()).await.details(&number).await;
}
