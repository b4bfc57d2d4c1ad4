//! Checks every response of the tests against the API's description.

mod description;

use std::sync::LazyLock;

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use description::Description;

/// Checks whether a path is that of a page for browsers or one of its resources.
fn is_page(path: &str) -> bool {
    let pages = ["/support", "/docs", "/book", "/favicon.ico", "/robots.txt"];
    let is_below = |page: &str| path.strip_prefix(page).is_some_and(|rest| rest.starts_with('/'));
    pages.into_iter().any(|page| path == page || is_below(page))
}

/// Headers that clients act on.
const ACTED_ON: [&str; 9] = [
    "content-disposition",
    "etag",
    "idempotent-replayed",
    "location",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "www-authenticate",
    "x-request-id",
];

/// A response as it was received.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// The API's description, as the program serves it.
static DESCRIPTION: LazyLock<Description> = LazyLock::new(|| {
    let document = serde_json::to_value(engage_http::openapi_document());
    Description::new(document.expect("a description"))
});

/// Sends a request. Fails the test if the response does not match the API's description.
pub(crate) async fn send(request: RequestBuilder) -> Exchange {
    let exchange = Exchange::of(request).await;
    if let Err(misfit) = exchange.fits(&DESCRIPTION) {
        panic!("not as described: {misfit}\n{exchange}");
    }
    exchange
}

/// Fails the test if a value does not match a schema of the description. For values inside a
/// response that is not JSON as a whole.
#[track_caller]
pub(crate) fn assert_is_a(schema: &str, value: &Value) {
    let reference = format!("#/components/schemas/{schema}");
    if let Err(misfit) = DESCRIPTION.misfit(&reference, value) {
        panic!("not as described: {misfit}\n{value}");
    }
}

impl Exchange {
    /// Sends a request to a program that does not serve the whole API.
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = request.expect("a request");
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let response = client.execute(request).await.expect("a response");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.expect("a complete response").to_vec();
        Self { method, path, status, headers, body }
    }

    /// Returns the body, or null if it is not JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn text(self) -> String {
        String::from_utf8(self.body).expect("UTF-8")
    }

    /// Checks a response. Returns the difference if it does not match the description.
    fn fits(&self, description: &Description) -> Result<(), String> {
        if self.method == Method::OPTIONS {
            // A preflight request of a browser, which belongs to no operation.
            return Ok(());
        }
        let method = if self.method == Method::HEAD { &Method::GET } else { &self.method };
        if is_page(&self.path) {
            // Not part of the API.
            return Ok(());
        }
        let Some(operation) = description.operation(method, &self.path) else {
            return self.is_refused(description);
        };
        let response = description.resolve(&operation["responses"][self.status.to_string()]);
        if response.is_null() {
            return Err(format!("{method} has no description of status {}", self.status));
        }
        self.has_headers_of(response, description)?;
        self.has_body_of(response, description)
    }

    /// Checks that the required headers are present, and that every other header that clients act
    /// on is described.
    fn has_headers_of(&self, response: &Value, description: &Description) -> Result<(), String> {
        let mut described = Vec::new();
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            let is_required = description.resolve(header)["required"] == true;
            if is_required && !self.headers.contains_key(name.as_str()) {
                return Err(format!("the header {name} is missing"));
            }
            described.push(name.to_ascii_lowercase());
        }
        let more = ACTED_ON.into_iter().find(|name| {
            self.headers.contains_key(*name) && !described.iter().any(|known| known == name)
        });
        more.map_or(Ok(()), |name| Err(format!("the header {name} is not described")))
    }

    /// Checks the response of a path without an operation: it must be an error that says so or
    /// reveals nothing.
    fn is_refused(&self, description: &Description) -> Result<(), String> {
        if ![401, 403, 404, 405, 429].contains(&self.status) {
            return Err(format!("there is no such operation, and the status is {}", self.status));
        }
        if self.method == Method::HEAD {
            return Ok(());
        }
        description.misfit("#/components/schemas/ErrorBody", &self.json())
    }

    fn has_body_of(&self, response: &Value, description: &Description) -> Result<(), String> {
        let described = response["content"].as_object().filter(|kinds| !kinds.is_empty());
        if self.method == Method::HEAD || described.is_none() {
            let is_empty = self.body.is_empty();
            return if is_empty { Ok(()) } else { Err("a body that is not described".to_owned()) };
        }
        let kind = self.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.ok_or("no content type")?;
        let found = described.into_iter().flatten().find(|(known, _)| is_of(kind, known));
        let (known, content) = found.ok_or_else(|| format!("{kind} is not described"))?;
        if known != "application/json" {
            return Ok(());
        }
        let body =
            serde_json::from_slice(&self.body).map_err(|error| format!("no JSON: {error}"))?;
        description.misfit_of(&content["schema"], &body)
    }
}

impl std::fmt::Display for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { method, path, status, headers, body } = self;
        write!(f, "{method} {path}: {status} {headers:?}\n{}", String::from_utf8_lossy(body))
    }
}

/// Checks whether a content type is the described one. Additional parameters are allowed.
fn is_of(kind: &str, described: &str) -> bool {
    let mut parameters = kind.split(';').map(str::trim);
    let mut wanted = described.split(';').map(str::trim);
    let (kind, described) = (parameters.next(), wanted.next());
    let parameters: Vec<&str> = parameters.collect();
    (described == Some("*/*") || kind == described) && wanted.all(|one| parameters.contains(&one))
}

#[cfg(test)]
mod tests;
