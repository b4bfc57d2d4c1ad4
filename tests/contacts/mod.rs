//! Contacts and organizations through the API.

mod cases;
mod importing;
mod managing;
mod organizations;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Response, Server};

const CONTACTS: &str = "/api/internal/contacts";
const ORGANIZATIONS: &str = "/api/internal/organizations";

async fn add(server: &Server, body: &Value) -> Value {
    server.staff_post(CONTACTS, body).await.ok()["contact"].clone()
}

async fn add_organization(server: &Server, domains: &[&str]) -> Value {
    let body = json!({"name": "Acme Inc.", "customerType": "BUSINESS", "domains": domains});
    server.staff_post(ORGANIZATIONS, &body).await.ok()["organization"].clone()
}

fn path(one: &Value) -> String {
    let id = one["id"].as_str().unwrap();
    let folder = if id.starts_with("org_") { ORGANIZATIONS } else { CONTACTS };
    format!("{folder}/{id}")
}

async fn patch(server: &Server, one: &Value, change: &Value) -> Response {
    Response::to(server.staff_request(Method::PATCH, &path(one)).json(change)).await
}

async fn remove(server: &Server, one: &Value) -> Response {
    Response::to(server.staff_request(Method::DELETE, &path(one))).await
}

async fn read(server: &Server, one: &Value) -> Value {
    server.staff_get(&path(one)).await.ok()["contact"].clone()
}

/// Returns the ids in a list of contacts.
async fn listed(server: &Server, query: &str) -> Vec<Value> {
    let found = server.staff_get(&format!("{CONTACTS}?{query}")).await.ok();
    found["contacts"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect()
}
