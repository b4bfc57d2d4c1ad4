//! W3C trace context, from requests to webhooks.

mod export;
mod propagation;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{HttpReceiver, Received, Response, Server, Store, case_with};

/// Trace of a caller.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Span of a caller.
const SPAN: &str = "00f067aa0ba902b7";

/// Starts a server with staff and webhooks to this machine, whose log is JSON.
async fn start_server(store: Store, more: &[(&str, &str)]) -> Server {
    let settings =
        [("ENGAGE_WEBHOOKS__ALLOW_PRIVATE_NETWORKS", "true"), ("ENGAGE_LOG__FORMAT", "json")];
    Server::with_staff_and(store, &[&settings, more].concat()).await
}

/// Registers an endpoint and returns its path.
async fn register(server: &Server, hooks: &HttpReceiver) -> String {
    let endpoint = json!({"url": hooks.url("/hooks")});
    let registered = server.staff_post("/api/internal/webhooks", &endpoint).await.ok();
    format!("/api/internal/webhooks/{}", registered["webhook"]["id"].as_str().unwrap())
}

/// Returns the request that opens an ordinary case.
fn opening(server: &Server) -> RequestBuilder {
    server.request(Method::POST, "/api/support/case").json(&case_with("urgency", "LOW"))
}

/// Sends a request that succeeds.
async fn send(request: RequestBuilder) -> Value {
    Response::to(request).await.ok()
}

/// The parts of the only `traceparent` of a request.
#[derive(Debug)]
struct Sent {
    trace: String,
    span: String,
    flags: String,
}

impl Sent {
    #[track_caller]
    fn by(received: &Received) -> Self {
        let [header] = received.headers("traceparent")[..] else { panic!("{received:#?}") };
        let [version, trace, span, flags] = header.split('-').collect::<Vec<_>>()[..] else {
            panic!("{header}")
        };
        assert_eq!((version, trace.len(), span.len()), ("00", 32, 16), "{header}");
        Self { trace: trace.to_owned(), span: span.to_owned(), flags: flags.to_owned() }
    }
}
