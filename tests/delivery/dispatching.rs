//! Who delivers: a server after its predecessor died, and programs that do nothing else.

use engage_testkit::postgres::cluster;

use super::{World, once, register, text};
use crate::support::http_receiver::status;
use crate::support::{HttpReceiver, Place, Server, Store, case_with, on_both_stores};

on_both_stores! {
    a_server_that_is_killed_in_mid_delivery_delivers_after_its_restart
}

async fn a_server_that_is_killed_in_mid_delivery_delivers_after_its_restart(store: Store) {
    // The first request hangs, so that the server is killed while it waits for the answer.
    let hooks = HttpReceiver::answering(|_, place| (place > 0).then(|| status("200 OK"))).await;
    let world = World { hooks, ..World::new().await };
    let server = world.desk(store, &[]).await;
    register(&server, &world.hooks).await;
    let number = server.open(&case_with("urgency", "LOW")).await;
    world.hooks.received_once(1).await;
    let (place, token) = (server.place().clone(), server.token().to_owned());
    server.kill();
    let mut server = Server::start_in(&place, &[]).await;
    server.use_token(token);
    if matches!(store, Store::Postgres) {
        // There the claim of a dead dispatcher holds until its lease is over; others may live.
        let waiting = once(&server, "channel=WEBHOOK", "IN_FLIGHT").await;
        assert_eq!(waiting["caseNumber"], number.as_str());
        assert_eq!(world.hooks.received().len(), 1);
        end_lease(&place).await;
    }
    let calls = world.hooks.received_once(2).await;
    assert_eq!(calls[0].body, calls[1].body);
    assert_eq!(calls[0].header("webhook-id"), calls[1].header("webhook-id"));
    let sent = once(&server, "channel=WEBHOOK", "SENT").await;
    assert_eq!(sent["attempts"], 2, "the one that was cut short counts");
    assert_eq!(calls[0].header("webhook-id"), text(&sent["id"]));
}

/// Lets the time pass for which the one webhook under way is claimed.
async fn end_lease(place: &Place) {
    let ended = "UPDATE notifications SET due_at = now() \
         WHERE channel = 'WEBHOOK' AND status = 'IN_FLIGHT' RETURNING id";
    let messages = cluster().ask_in(&place.database_url(), ended).await;
    assert_eq!(messages.len(), 1, "{messages:?}");
}

/// Alone on PostgreSQL: an embedded database has one server.
#[tokio::test]
async fn two_programs_that_only_dispatch_deliver_each_message_once() {
    let world = World::new().await;
    let server = world.desk(Store::Postgres, &[]).await;
    let (id, _) = register(&server, &world.hooks).await;
    let place = server.place().clone();
    let token = server.token().to_owned();
    drop(server);
    let mut server = Server::start_in(&place, &["--no-dispatch"]).await;
    server.use_token(token);
    let dispatchers: Vec<_> =
        (0..2).map(|_| place.command(&["dispatch"]).spawn().unwrap()).collect();
    for _ in 0..20 {
        server.open(&case_with("urgency", "LOW")).await;
    }
    let calls = world.hooks.received_once(20).await;
    let ids: std::collections::HashSet<_> = calls.iter().map(|c| c.header("webhook-id")).collect();
    assert_eq!(ids.len(), 20, "{id}");
    for mut dispatcher in dispatchers {
        let pid = dispatcher.id().to_string();
        let sent = std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(sent.success());
        assert_eq!(dispatcher.wait().unwrap().code(), Some(0));
    }
}
