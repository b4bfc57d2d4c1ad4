//! Tokens of staff, through the API.

mod issuing;
mod parents;
mod revoking;
mod rotating;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Response, Server};

const ME: &str = "/api/internal/me";

fn tokens_of(id: &str) -> String {
    format!("/api/internal/staff/{id}/tokens")
}

async fn issue(server: &Server, owner: &str, body: &Value) -> Value {
    server.staff_post(&tokens_of(owner), body).await.ok()
}

async fn list(server: &Server, owner: &str) -> Vec<Value> {
    let response = server.staff_get(&tokens_of(owner)).await.ok();
    response["tokens"].as_array().unwrap().clone()
}

async fn revoke(server: &Server, owner: &str, id: &str) -> Response {
    let path = format!("{}/{id}", tokens_of(owner));
    Response::to(server.staff_request(Method::DELETE, &path)).await
}

async fn me(server: &Server, token: &str) -> Response {
    Response::to(server.request(Method::GET, ME).bearer_auth(token)).await
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

async fn as_bearer(server: &Server, token: &str, method: Method, path: &str) -> Response {
    let request = server.request(method, path).bearer_auth(token).json(&json!({}));
    Response::to(request).await
}

async fn make(server: &Server, token: &str, owner: &str, body: &Value) -> Response {
    let request = server.request(Method::POST, &tokens_of(owner)).bearer_auth(token);
    Response::to(request.json(body)).await
}
