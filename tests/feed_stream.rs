//! The event feed as a stream of server-sent events.

use std::time::Duration;

use engage_testkit::postgres::Cluster;
use futures_util::future::{join_all, try_join_all};
use reqwest::Method;
use reqwest::header::ACCEPT;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{
    Response, Server, Store, Workspace, a_case, a_case_of_somebody, assert_is_a, eventually_seen,
    on_both_stores,
};

on_both_stores! {
    events_arrive_as_they_happen_and_match_those_of_a_page
    a_client_that_reconnects_misses_and_repeats_nothing
    invalid_values_are_reported_before_a_stream_starts
    a_stream_ends_when_its_token_becomes_void
    streams_end_at_shutdown
    head_returns_no_stream
}

const FEED: &str = "/api/internal/support/events";
/// A limit per member that no test reaches.
const MANY_STREAMS: &[(&str, &str)] = &[("ENGAGE_LIMITS__STREAMS", "1000")];
const PATIENCE: Duration = Duration::from_secs(20);

/// An open stream.
struct Stream {
    response: reqwest::Response,
    text: String,
}

/// An event of a stream.
#[derive(Debug, Clone, PartialEq)]
struct Event {
    id: String,
    name: String,
    data: Value,
}

async fn ask(server: &Server, token: &str, query: &str, last: Option<&str>) -> reqwest::Response {
    let request = server.request(Method::GET, &format!("{FEED}{query}")).bearer_auth(token);
    let request = request.header(ACCEPT, "text/event-stream");
    let request = match last {
        Some(last) => request.header("Last-Event-ID", last),
        None => request,
    };
    request.send().await.expect("a response")
}

impl Stream {
    async fn of(server: &Server, query: &str, last: Option<&str>) -> Self {
        Self::with(server, server.token(), query, last).await
    }

    async fn with(server: &Server, token: &str, query: &str, last: Option<&str>) -> Self {
        let response = ask(server, token, query, last).await;
        assert_eq!(response.status(), 200);
        let mut stream = Self { response, text: String::new() };
        assert_eq!(stream.block().await.as_deref(), Some("retry: 2000"));
        stream
    }

    /// Returns the next block, up to an empty line. Returns nothing at the end of the stream, which
    /// must be a proper end of the HTTP response.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let block = self.text.drain(..end + 2).collect::<String>();
                return Some(block.trim_end().to_owned());
            }
            match self.response.chunk().await.expect("an uninterrupted stream") {
                Some(chunk) => self.text.push_str(str::from_utf8(&chunk).unwrap()),
                None => {
                    assert_eq!(self.text, "");
                    return None;
                }
            }
        }
    }

    async fn event(&mut self) -> Event {
        let block = timeout(PATIENCE, self.block()).await.expect("an event in time");
        let block = block.expect("an open stream");
        let lines: Vec<_> = block.lines().collect();
        let [id, name, data] = lines[..] else { panic!("{block}") };
        let value = |line: &str, field: &str| line.strip_prefix(field).unwrap().to_owned();
        let data = serde_json::from_str(&value(data, "data: ")).unwrap();
        assert_is_a("FeedEventBody", &data);
        Event { id: value(id, "id: "), name: value(name, "event: "), data }
    }

    async fn ids(&mut self, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        while ids.len() < count {
            ids.push(self.event().await.id);
        }
        ids
    }

    /// Reads to the end, which must come within the limit. Returns the number of heartbeats.
    async fn read_to_the_end(&mut self, limit: Duration) -> usize {
        let reading = async {
            let mut heartbeats = 0;
            while let Some(block) = self.block().await {
                assert_eq!(block, ":");
                heartbeats += 1;
            }
            heartbeats
        };
        timeout(limit, reading).await.expect("an end in time")
    }
}

/// Reads all events in pages.
async fn parts(server: &Server) -> Vec<Value> {
    let (mut cursor, mut events) = ("0".to_owned(), Vec::new());
    loop {
        let path = format!("{FEED}?limit=100&cursor={cursor}");
        let part = server.staff_get(&path).await.ok();
        events.extend(part["events"].as_array().unwrap().iter().cloned());
        if part["pagination"]["hasMore"] == false {
            return events;
        }
        part["pagination"]["nextCursor"].as_str().unwrap().clone_into(&mut cursor);
    }
}

fn cursors(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["cursor"].as_str().unwrap()).collect()
}

async fn events_arrive_as_they_happen_and_match_those_of_a_page(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let mut stream = Stream::of(&server, "", None).await;
    let header = |name: &str| stream.response.headers().get(name).unwrap().to_str().unwrap();
    assert_eq!(header("content-type"), "text/event-stream");
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("x-accel-buffering"), "no");
    assert!(!header("x-request-id").is_empty());
    let mut seen = vec![stream.event().await];
    for n in 0..5 {
        let update =
            json!({"message": format!("Line {n}\n\ndata: and another"), "isInternal": true});
        server.update(&number, &update).await.ok();
        seen.push(stream.event().await);
    }
    server.assign(&number, &json!({"staffId": "staff-456"})).await.ok();
    seen.push(stream.event().await);
    let expected: Vec<_> = parts(&server)
        .await
        .into_iter()
        .map(|data| Event {
            id: data["cursor"].as_str().unwrap().to_owned(),
            name: data["type"].as_str().unwrap().to_owned(),
            data,
        })
        .collect();
    assert_eq!(seen, expected);
    assert_eq!(seen[0].name, "case.created");
    assert_eq!(seen[6].name, "case.assigned");

    let mut rest = Stream::of(&server, &format!("?cursor={}", seen[2].id), None).await;
    assert_eq!(rest.event().await, seen[3]);
    // The last event ID takes precedence over the cursor in the URL.
    let mut rest = Stream::of(&server, "?cursor=0", Some(&seen[4].id)).await;
    assert_eq!(rest.event().await, seen[5]);
}

async fn a_client_that_reconnects_misses_and_repeats_nothing(store: Store) {
    const CASES: usize = 80;
    // A stream of a client that is gone counts until the server notices.
    let server = Server::with_staff_and(store, MANY_STREAMS).await;
    let cases: Vec<Value> = (0..CASES).map(|_| a_case_of_somebody()).collect();
    let writing = async {
        for some in cases.chunks(4) {
            join_all(some.iter().map(|case| server.open(case))).await;
        }
    };
    let following = async {
        let mut seen: Vec<String> = Vec::new();
        while seen.len() < CASES {
            let mut stream = Stream::of(&server, "", seen.last().map(String::as_str)).await;
            let count = (CASES - seen.len()).min(1 + seen.len() % 9);
            seen.extend(stream.ids(count).await);
        }
        seen
    };
    let ((), seen) = tokio::join!(writing, following);
    let events = parts(&server).await;
    assert_eq!(events.len(), CASES);
    assert_eq!(seen, cursors(&events));
}

async fn invalid_values_are_reported_before_a_stream_starts(store: Store) {
    let server = Server::with_staff(store).await;
    let ask = async |query: &str, last: Option<&str>| {
        let request = server.staff_request(Method::GET, &format!("{FEED}{query}"));
        let request = request.header(ACCEPT, "text/event-stream");
        Response::to(match last {
            Some(last) => request.header("Last-Event-ID", last),
            None => request,
        })
        .await
    };
    for last in ["abc", "-1", "1.5", "99999999999999999999"] {
        assert_eq!(ask("", Some(last)).await.invalid_fields(), ["Last-Event-ID"], "{last}");
    }
    let all = ask("?cursor=x&limit=0", Some("y")).await;
    assert_eq!(all.invalid_fields(), ["limit", "cursor", "Last-Event-ID"]);
    let stranger = server.request(Method::GET, FEED).header(ACCEPT, "text/event-stream");
    Response::to(stranger).await.refused(401, "UNAUTHORIZED");
    // The header has no meaning for a page.
    let part = server.staff_request(Method::GET, FEED).header("Last-Event-ID", "x");
    Response::to(part).await.ok();
}

async fn a_stream_ends_when_its_token_becomes_void(store: Store) {
    let server = Server::with_staff(store).await;
    let tokens = "/api/internal/staff/staff-123/tokens";
    let issued = server.staff_post(tokens, &json!({"name": "to be revoked"})).await.ok();
    let revoked = issued["token"].as_str().unwrap();
    let of_another = server.workspace().token("staff-456");
    let mut streams = [
        Stream::with(&server, revoked, "", None).await,
        Stream::with(&server, &of_another, "", None).await,
    ];
    let mut valid = Stream::of(&server, "", None).await;

    let listed = server.staff_get(tokens).await.ok();
    let listed = listed["tokens"].as_array().unwrap();
    let token = listed.iter().find(|token| token["name"] == "to be revoked").unwrap();
    let path = format!("{tokens}/{}", token["id"].as_str().unwrap());
    Response::to(server.staff_request(Method::DELETE, &path)).await.ok();
    server.workspace().run(&["staff", "deactivate", "staff-456"]).ok();
    let limit = Duration::from_secs(20);
    join_all(streams.iter_mut().map(|stream| stream.read_to_the_end(limit))).await;
    for token in [revoked, &of_another] {
        assert_eq!(ask(&server, token, "", None).await.status(), 401);
    }
    assert_eq!(timeout(PATIENCE, valid.block()).await.unwrap().as_deref(), Some(":"));
    server.open(&a_case()).await;
    assert_eq!(valid.event().await.name, "case.created");
}

async fn streams_end_at_shutdown(store: Store) {
    let mut server = Server::with_staff(store).await;
    let opening = (0..5).map(|_| Stream::of(&server, "", None));
    let mut streams = join_all(opening).await;
    server.terminate();
    let limit = Duration::from_secs(5);
    join_all(streams.iter_mut().map(|stream| stream.read_to_the_end(limit))).await;
    assert_eq!(server.exit_code_within(Duration::from_secs(10)).await, Some(0));
}

async fn head_returns_no_stream(store: Store) {
    let server = Server::with_staff(store).await;
    let head = server.staff_request(Method::HEAD, FEED).header(ACCEPT, "text/event-stream");
    let response = timeout(PATIENCE, head.send()).await.expect("a response in time").unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers().get("content-type").unwrap(), "text/event-stream");
    assert_eq!(timeout(PATIENCE, response.text()).await.expect("an end in time").unwrap(), "");
}

/// One store is enough, since the limit on streams does not depend on it.
#[tokio::test]
async fn the_number_of_streams_of_a_server_is_limited() {
    let server = Server::with_staff_and(Store::Sqlite, MANY_STREAMS).await;
    let mut streams = Vec::new();
    while streams.len() < 256 {
        let some = (0..16).map(|_| Stream::of(&server, "", None));
        streams.extend(join_all(some).await);
    }
    let refused = ask(&server, server.token(), "", None).await;
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(refused.status(), 503);
    // The open streams are served, and one that ends makes room.
    server.open(&a_case()).await;
    let following = streams.iter_mut().map(async |stream| {
        let event = stream.event().await;
        if event.name == "case.created" { Ok(()) } else { Err(event) }
    });
    try_join_all(following).await.unwrap();
    streams.pop();
    // The server notices that a client is gone when the next event cannot be sent.
    eventually_seen("room for another", async || {
        server.open(&a_case_of_somebody()).await;
        (ask(&server, server.token(), "", None).await.status() == 200).then_some(())
    })
    .await;
}

/// One store is enough here too.
#[tokio::test]
async fn the_number_of_streams_of_a_member_is_limited_without_affecting_others() {
    let mut server = Server::with_staff(Store::Sqlite).await;
    let mut streams = Vec::new();
    for _ in 0..8 {
        streams.push(Stream::of(&server, "", None).await);
    }
    for _ in 0..3 {
        let request = server.staff_request(Method::GET, FEED).header(ACCEPT, "text/event-stream");
        Response::to(request).await.refused(429, "RATE_LIMITED");
    }
    server.use_token(server.workspace().token("staff-456"));
    streams.push(Stream::of(&server, "", None).await);
}

/// On PostgreSQL only, since an embedded database has one server.
#[tokio::test]
async fn two_servers_send_the_same_events_with_the_same_ids() {
    const CASES: usize = 60;
    let workspace = Store::Postgres.workspace().await;
    workspace.add_staff();
    workspace.set_all(MANY_STREAMS);
    let token = workspace.token("staff-123");
    let mut servers = [
        Server::start_in(&workspace, &[]).await,
        Server::start_in(&workspace, &["--no-dispatch"]).await,
    ];
    for server in &mut servers {
        server.use_token(token.clone());
    }
    let cases: Vec<Value> = (0..CASES).map(|_| a_case_of_somebody()).collect();
    let writing = async {
        for (round, some) in cases.chunks(6).enumerate() {
            join_all(some.iter().map(|case| servers[round % 2].open(case))).await;
        }
    };
    let staying =
        servers.each_ref().map(async |server| Stream::of(server, "", None).await.ids(CASES).await);
    let [one, other] = staying;
    let changing = async {
        let mut seen: Vec<String> = Vec::new();
        while seen.len() < CASES {
            let server = &servers[(seen.len() / 5) % 2];
            let mut stream = Stream::of(server, "", seen.last().map(String::as_str)).await;
            seen.extend(stream.ids(5).await);
        }
        seen
    };
    let ((), one, other, changing) = tokio::join!(writing, one, other, changing);
    assert_eq!(one.len(), CASES);
    assert_eq!(one, other);
    assert_eq!(one, changing);
    assert_eq!(one, cursors(&parts(&servers[0]).await));
}

/// On PostgreSQL only, since an SQLite file does not become unavailable.
#[tokio::test]
async fn a_stream_ends_when_the_database_hangs_and_can_be_resumed() {
    let database = Cluster::private();
    let workspace = Workspace::on_database(&database.empty_database().await);
    workspace.run(&["migrate"]).ok();
    workspace.add_staff();
    let mut server = Server::start_in(&workspace, &[]).await;
    server.use_token(workspace.token("staff-123"));
    server.open(&a_case()).await;
    let mut stream = Stream::of(&server, "", None).await;
    let last = stream.event().await.id;
    database.freeze();
    let ended = timeout(PATIENCE, async { stream.read_to_the_end(PATIENCE).await }).await;
    database.thaw();
    ended.expect("an end in time");
    let number = eventually_seen("the database again", async || {
        let opened = server.post("/api/support/case", &a_case()).await;
        opened.body["caseNumber"].as_str().map(str::to_owned)
    })
    .await;
    let mut stream = Stream::of(&server, "", Some(&last)).await;
    let event = stream.event().await;
    assert_eq!(event.data["data"]["case"]["caseNumber"], number);
}
