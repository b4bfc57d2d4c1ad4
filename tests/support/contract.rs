//! What the API's description says of answers. Every answer that the tests get is held against it.

mod description;

use std::sync::LazyLock;

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use description::Description;

/// Whether a path is that of a page for browsers, or of something that belongs to it.
fn is_page(path: &str) -> bool {
    let pages = ["/support", "/docs", "/favicon.ico", "/robots.txt"];
    let is_below = |page: &str| path.strip_prefix(page).is_some_and(|rest| rest.starts_with('/'));
    pages.into_iter().any(|page| path == page || is_below(page))
}

/// The headers that clients act on.
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

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// That of the API, as the program serves it.
static DESCRIPTION: LazyLock<Description> = LazyLock::new(|| {
    let document = serde_json::to_value(engage_http::openapi_document());
    Description::new(document.expect("a description"))
});

/// Sends a request; fails the test where the answer is not what the description says.
pub(crate) async fn send(request: RequestBuilder) -> Exchange {
    let exchange = Exchange::of(request).await;
    if let Err(misfit) = exchange.fits(&DESCRIPTION) {
        panic!("not as described: {misfit}\n{exchange}");
    }
    exchange
}

/// Fails the test where this, which is in an answer that is no JSON as a whole, is not as a schema of
/// the description says.
#[track_caller]
pub(crate) fn assert_is_a(schema: &str, value: &Value) {
    let reference = format!("#/components/schemas/{schema}");
    if let Err(misfit) = DESCRIPTION.misfit(&reference, value) {
        panic!("not as described: {misfit}\n{value}");
    }
}

impl Exchange {
    /// Sends a request to a program that need not serve the whole API.
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = request.expect("a request");
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let response = client.execute(request).await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.expect("a whole answer").to_vec();
        Self { method, path, status, headers, body }
    }

    /// The body; null where it is no JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn text(self) -> String {
        String::from_utf8(self.body).expect("UTF-8")
    }

    /// Checks an answer; says what differs where it is not as described.
    fn fits(&self, description: &Description) -> Result<(), String> {
        if self.method == Method::OPTIONS {
            // Asked by browsers before a request; it belongs to no operation.
            return Ok(());
        }
        let method = if self.method == Method::HEAD { &Method::GET } else { &self.method };
        if is_page(&self.path) {
            // No part of the API.
            return Ok(());
        }
        let Some(operation) = description.operation(method, &self.path) else {
            return self.is_refused(description);
        };
        let response = description.resolve(&operation["responses"][self.status.to_string()]);
        if response.is_null() {
            return Err(format!("{method} does not answer {} by its description", self.status));
        }
        self.has_headers_of(response, description)?;
        self.has_body_of(response, description)
    }

    /// Those that the answer needs are there, and no other that clients act on.
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

    /// What answers where there is no operation: an error that says so, or that nobody is to know.
    fn is_refused(&self, description: &Description) -> Result<(), String> {
        if ![401, 403, 404, 405, 429].contains(&self.status) {
            return Err(format!("there is no such operation, and the answer is {}", self.status));
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
            return if is_empty {
                Ok(())
            } else {
                Err("a body where none is described".to_owned())
            };
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

/// Whether a content type is the one that is described, whatever parameters it has beside those.
fn is_of(kind: &str, described: &str) -> bool {
    let mut parameters = kind.split(';').map(str::trim);
    let mut wanted = described.split(';').map(str::trim);
    let (kind, described) = (parameters.next(), wanted.next());
    let parameters: Vec<&str> = parameters.collect();
    (described == Some("*/*") || kind == described) && wanted.all(|one| parameters.contains(&one))
}

#[cfg(test)]
mod tests;
