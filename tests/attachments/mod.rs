//! Uploading, attaching, listing and downloading files.

mod budgets;
mod customers;
mod limits;
mod staff;

use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::support::{Exchange, Form, Response, Server, holds_within, send};

const UPLOAD: &str = "/api/internal/support/attachments";

/// A downloaded file.
#[derive(Debug)]
struct Downloaded {
    status: u16,
    headers: HeaderMap,
    bytes: Vec<u8>,
}

impl Downloaded {
    async fn by(request: reqwest::RequestBuilder) -> Self {
        let Exchange { status, headers, body, .. } = send(request).await;
        Self { status, headers, bytes: body }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

async fn upload(server: &Server, form: Form) -> Response {
    Response::to(form.of(server.staff_request(Method::POST, UPLOAD))).await
}

/// Uploads a text file and returns its ID.
async fn uploaded(server: &Server, text: &str) -> String {
    let form = Form::default().file("a.txt", "text/plain", text.as_bytes());
    let response = upload(server, form).await.ok();
    response["attachments"][0]["id"].as_str().unwrap().to_owned()
}

async fn download(server: &Server, id: &str) -> Downloaded {
    Downloaded::by(server.staff_request(Method::GET, &format!("{UPLOAD}/{id}"))).await
}

/// Downloads a file as the customer of its case.
async fn download_as_customer(server: &Server, number: &str, id: &str) -> Downloaded {
    let body = json!({"caseNumber": number, "attachmentId": id});
    Downloaded::by(server.request(Method::POST, "/api/support/case/attachment").json(&body)).await
}

/// Returns an update with a message and files.
fn with_files(files: &Value) -> Value {
    json!({"message": "See the files.", "attachments": files})
}

/// Returns the number of stored contents, including those being written.
pub(crate) fn kept(server: &Server) -> usize {
    let folder = server.workspace().folder().join("var/attachments");
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

pub(crate) async fn keeps_soon(server: &Server, count: usize) -> bool {
    holds_within(Duration::from_secs(10), || kept(server) == count).await
}
