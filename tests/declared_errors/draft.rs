//! Requests that are changed so that they fail.

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::operation::Operation;
use crate::support::{Form, Server};

/// A request that succeeds, to be changed so that it fails.
pub(super) struct Draft {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Value,
    pub(super) token: Option<String>,
}

impl Draft {
    pub(super) fn send_to(&self, server: &Server) -> RequestBuilder {
        let mut request = server.request(self.method.clone(), &self.path);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if self.body.is_null() { request } else { request.json(&self.body) }
    }

    /// Returns a request without its body.
    pub(super) fn without_body(mut self, server: &Server) -> RequestBuilder {
        self.body = Value::Null;
        self.send_to(server)
    }

    pub(super) fn add_parameter(&mut self, parameter: &str) {
        let separator = if self.path.contains('?') { '&' } else { '?' };
        self.path = format!("{}{separator}{parameter}", self.path);
    }

    /// Returns the head of a request with a body of this length.
    pub(super) fn head(&self, operation: &Operation, length: usize) -> String {
        let kind = match (operation.has_json, operation.has_form) {
            (false, true) => Form::content_type(),
            _ if operation.has_csv => "text/csv".to_owned(),
            _ => "application/json".to_owned(),
        };
        let token = self.token.as_ref().map(|token| format!("Authorization: Bearer {token}\r\n"));
        format!(
            "{} {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n{}Content-Length: {length}\r\n\r\n",
            self.method,
            self.path,
            token.unwrap_or_default()
        )
    }
}
