//! Management of webhook endpoints by administrators through the API.

mod delivering;
mod managing;

use reqwest::Method;
use serde_json::Value;

use crate::support::{Response, Server, Store, case_with};

const WEBHOOKS: &str = "/api/internal/webhooks";

async fn start_server(store: Store) -> Server {
    let private = [("ENGAGE_WEBHOOKS__ALLOW_PRIVATE_NETWORKS", "true")];
    Server::with_staff_and(store, &private).await
}

/// Registers an endpoint and returns its path.
async fn register(server: &Server, endpoint: &Value) -> String {
    let response = server.staff_post(WEBHOOKS, endpoint).await.ok();
    format!("{WEBHOOKS}/{}", response["webhook"]["id"].as_str().unwrap())
}

async fn patch(server: &Server, path: &str, change: &Value) -> Response {
    Response::to(server.staff_request(Method::PATCH, path).json(change)).await
}

async fn remove(server: &Server, path: &str) -> Response {
    Response::to(server.staff_request(Method::DELETE, path)).await
}

async fn read(server: &Server, path: &str) -> Value {
    server.staff_get(path).await.ok()["webhook"].clone()
}

/// Returns the webhook notifications of a case, or all of them.
async fn messages(server: &Server, query: &str) -> Vec<Value> {
    let path = format!("/api/internal/notifications/status?channel=WEBHOOK&limit=100{query}");
    server.staff_get(&path).await.ok()["notifications"].as_array().unwrap().clone()
}

async fn open(server: &Server) -> String {
    server.open(&case_with("urgency", "LOW")).await
}
