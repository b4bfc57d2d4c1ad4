//! Delivery by a server whose predecessor was killed, and by processes that only deliver.

use std::collections::HashSet;

use engage_testkit::postgres::cluster;
use serde_json::json;

use super::{World, notifications, once, register, text};
use crate::support::http_receiver::status;
use crate::support::wait::PATIENCE;
use crate::support::{
    Dispatcher, HttpReceiver, Server, Store, Workspace, a_case, case_with, eventually_seen,
    on_both_stores,
};

on_both_stores! {
    a_server_killed_during_a_delivery_delivers_after_its_restart
    a_dispatcher_reports_its_health_and_serves_nothing_else
}

async fn a_server_killed_during_a_delivery_delivers_after_its_restart(store: Store) {
    // The first request hangs, so the server is killed while it waits for the response.
    let hooks = HttpReceiver::responding(|_, index| (index > 0).then(|| status("200 OK"))).await;
    let world = World { hooks, ..World::new().await };
    let server = world.start_server(store, &[]).await;
    register(&server, &world.hooks).await;
    let number = server.open(&case_with("urgency", "LOW")).await;
    world.hooks.received_once(1).await;
    let (workspace, token) = (server.workspace().clone(), server.token().to_owned());
    server.kill();
    let mut server = Server::start_in(&workspace, &[]).await;
    server.use_token(token);
    if matches!(store, Store::Postgres) {
        // On PostgreSQL the claim of a dead dispatcher holds until its lease expires, since other
        // dispatchers may be running.
        let waiting = once(&server, "channel=WEBHOOK", "IN_FLIGHT").await;
        assert_eq!(waiting["caseNumber"], number.as_str());
        assert_eq!(world.hooks.received().len(), 1);
        end_lease(&workspace).await;
    }
    let calls = world.hooks.received_once(2).await;
    assert_eq!(calls[0].body, calls[1].body);
    assert_eq!(calls[0].header("webhook-id"), calls[1].header("webhook-id"));
    let sent = once(&server, "channel=WEBHOOK", "SENT").await;
    assert_eq!(sent["attempts"], 2, "the interrupted attempt counts");
    assert_eq!(calls[0].header("webhook-id"), text(&sent["id"]));
}

/// Ends the lease of the only webhook in flight.
async fn end_lease(workspace: &Workspace) {
    let ended = "UPDATE notifications SET due_at = now() \
         WHERE channel = 'WEBHOOK' AND status = 'IN_FLIGHT' RETURNING id";
    let messages = cluster().ask_in(&workspace.database_url(), ended).await;
    assert_eq!(messages.len(), 1, "{messages:?}");
}

/// Restarts the server without delivery.
async fn without_dispatch(server: Server) -> Server {
    let (workspace, token) = (server.workspace().clone(), server.token().to_owned());
    drop(server);
    let mut server = Server::start_in(&workspace, &["--no-dispatch"]).await;
    server.use_token(token);
    server
}

async fn a_dispatcher_reports_its_health_and_serves_nothing_else(store: Store) {
    let world = World::new().await;
    let server = world.start_server(store, &[("ENGAGE_DISPATCH__BIND", "127.0.0.1:0")]).await;
    register(&server, &world.hooks).await;
    let mut server = without_dispatch(server).await;
    let number = server.open(&case_with("urgency", "LOW")).await;
    let (workspace, token) = (server.workspace().clone(), server.token().to_owned());
    if matches!(store, Store::Sqlite) {
        // An embedded database allows one process at a time.
        server.terminate();
        assert_eq!(server.exit_code_within(PATIENCE).await, Some(0));
    }
    let dispatcher = Dispatcher::start(&workspace);
    let calls = world.hooks.received_once(1).await;
    assert!(calls[0].body.contains(&number), "{calls:#?}");
    world.mail.mails_once(2).await;

    let health = dispatcher.get("/health").await.body;
    assert_eq!(
        (&health["status"], &health["service"]),
        (&json!("healthy"), &json!("engage-backend"))
    );
    let counted = r#"engage_deliveries_total{channel="WEBHOOK",outcome="sent"} 1"#;
    eventually_seen("a counted delivery", async || {
        let metrics = dispatcher.text("/metrics").await;
        metrics.lines().any(|line| line == counted).then_some(())
    })
    .await;
    for refused in [
        dispatcher.post("/api/support/case", &a_case()).await,
        dispatcher.post("/api/support/case/status", &json!({"caseNumber": number})).await,
        dispatcher.get("/api/internal/support/cases").await,
    ] {
        refused.assert_is_error();
        assert_eq!(refused.status, 404, "{refused:?}");
    }

    assert_eq!(dispatcher.stop().await, Some(0));
    if matches!(store, Store::Sqlite) {
        server = Server::start_in(&workspace, &["--no-dispatch"]).await;
        server.use_token(token);
    }
    once(&server, "channel=WEBHOOK", "SENT").await;
    let sent = notifications(&server, &format!("caseNumber={number}")).await;
    assert_eq!(sent["summary"]["byStatus"]["SENT"], 3);
}

/// On PostgreSQL only, since an embedded database allows one process at a time.
#[tokio::test]
async fn two_dispatchers_deliver_each_notification_once() {
    let world = World::new().await;
    let server = world.start_server(Store::Postgres, &[]).await;
    register(&server, &world.hooks).await;
    let server = without_dispatch(server).await;
    let dispatchers = [(); 2].map(|()| Dispatcher::start(server.workspace()));
    for _ in 0..20 {
        server.open(&case_with("urgency", "LOW")).await;
    }
    let calls = world.hooks.received_once(20).await;
    let ids: HashSet<_> = calls.iter().map(|call| call.header("webhook-id")).collect();
    assert_eq!(ids.len(), 20);
    for dispatcher in dispatchers {
        assert_eq!(dispatcher.stop().await, Some(0));
    }
}
