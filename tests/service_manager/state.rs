use std::process::{Child, Stdio};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use engage_testkit::postgres::Cluster;

use crate::support::{NotifySocket, Server, Workspace, eventually, eventually_seen, holds_within};

const READY: &str = "READY=1";
const STOPPING: &str = "STOPPING=1";
const ALIVE: &str = "WATCHDOG=1";

/// Time in which nothing may happen.
const A_WHILE: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_server_is_ready_only_once_it_answers_requests() {
    let workspace = Workspace::new();
    workspace.run(&["staff", "list"]).ok();
    let mut manager = NotifySocket::of(&workspace);
    // The server records its start before it serves, so it waits for this change.
    let file = workspace.folder().join("var/engage.db");
    let mut change = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    change.batch_execute("BEGIN IMMEDIATE").unwrap();
    let starting = Server::start_in(&workspace, &[]);
    let released = async {
        manager.gets("STATUS=Opening the database", 1).await;
        assert!(!holds_within(A_WHILE, || manager.count(READY) > 0).await);
        change.batch_execute("ROLLBACK").unwrap();
    };
    let (server, ()) = tokio::join!(starting, released);
    manager.gets(READY, 1).await;
    server.get("/health/ready").await.ok();
    manager.gets(&format!("STATUS=Listening on http://{}", server.address()), 1).await;
}

#[tokio::test]
async fn a_stop_is_reported_when_it_begins() {
    let workspace = Workspace::new();
    let mut manager = NotifySocket::of(&workspace);
    let mut server = Server::start_in(&workspace, &[]).await;
    manager.gets(READY, 1).await;
    assert_eq!(manager.count(STOPPING), 0);
    server.terminate();
    assert_eq!(server.exit_code_within(Duration::from_secs(20)).await, Some(0));
    manager.gets(STOPPING, 1).await;
    assert_eq!(manager.count(READY), 1);
}

#[tokio::test]
async fn the_socket_may_have_an_abstract_name() {
    let workspace = Workspace::new();
    let mut manager = NotifySocket::abstract_of(&workspace);
    let server = Server::start_in(&workspace, &[]).await;
    manager.gets(READY, 1).await;
    server.terminate();
    manager.gets(STOPPING, 1).await;
}

#[tokio::test]
async fn a_missing_socket_is_reported_and_does_not_stop_the_server() {
    let workspace = Workspace::new();
    workspace.set("NOTIFY_SOCKET", "/nowhere/notify");
    let server = Server::start_in(&workspace, &[]).await;
    server.get("/health/ready").await.ok();
    eventually("a warning", || {
        let log = server.log();
        log.iter()
            .any(|line| line.contains("(NOTIFY_SOCKET)") && line.contains(READY))
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_watchdog_is_fed_while_the_database_does_not_respond() {
    let database = Cluster::private();
    let workspace = Workspace::on_database(&database.empty_database().await);
    workspace.run(&["migrate"]).ok();
    workspace.set("WATCHDOG_USEC", "200000");
    let mut manager = NotifySocket::of(&workspace);
    let server = Server::start_in(&workspace, &[]).await;
    manager.gets(READY, 1).await;
    manager.gets(ALIVE, 3).await;
    database.freeze();
    eventually_seen("an unreachable database", async || {
        (server.get("/health/ready").await.status == 503).then_some(())
    })
    .await;
    let before = manager.count(ALIVE);
    manager.gets(ALIVE, before + 10).await;
    database.thaw();
}

#[tokio::test]
async fn the_watchdog_of_another_process_is_not_fed() {
    let workspace = Workspace::with(&[("WATCHDOG_USEC", "200000"), ("WATCHDOG_PID", "1")]);
    let mut manager = NotifySocket::of(&workspace);
    let _server = Server::start_in(&workspace, &[]).await;
    manager.gets(READY, 1).await;
    assert!(!holds_within(A_WHILE, || manager.count(ALIVE) > 0).await);
}

/// A process that is killed on drop.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_dispatcher_reports_its_state_with_and_without_a_socket_of_its_own() {
    for bind in ["", "127.0.0.1:0"] {
        let workspace =
            Workspace::with(&[("ENGAGE_DISPATCH__BIND", bind), ("WATCHDOG_USEC", "200000")]);
        let mut manager = NotifySocket::of(&workspace);
        let mut command = workspace.command(&["dispatch"]);
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut dispatcher = Killed(command.spawn().unwrap());
        manager.gets(READY, 1).await;
        manager.gets("STATUS=Delivering notifications", 1).await;
        manager.gets(ALIVE, 3).await;
        let pid = dispatcher.0.id().to_string();
        assert!(std::process::Command::new("kill").arg(&pid).status().unwrap().success());
        manager.gets(STOPPING, 1).await;
        let ended = eventually("its end", || dispatcher.0.try_wait().unwrap()).await;
        assert!(ended.success(), "{ended:?}");
    }
}

#[tokio::test]
async fn commands_other_than_servers_report_nothing() {
    let workspace = Workspace::new();
    let mut manager = NotifySocket::of(&workspace);
    workspace.run(&["check-config"]).ok();
    workspace.run(&["staff", "list"]).ok();
    assert_eq!(manager.lines(), [""; 0]);
}
