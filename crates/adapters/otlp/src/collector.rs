use std::time::Duration;

use bytes::Bytes;
use engage_outbound::{client_config, error_chain, http_client, system_roots};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response, StatusCode, Url};
use secrecy::ExposeSecret;
use thiserror::Error;

use crate::settings::OtlpSettings;

/// Time limit for connecting.
const CONNECT: Duration = Duration::from_secs(5);

/// Time limit for a request.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Maximum number of bytes read from a response.
const READ_AT_MOST: usize = 64 * 1024;

/// Error returned when the export cannot be set up.
#[derive(Debug, Error)]
pub enum OtlpError {
    /// The URL is not valid.
    #[error("the URL of the collector is not valid")]
    Url,
    /// A header cannot be sent.
    #[error("the header {0} of the collector cannot be sent")]
    Header(String),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up")]
    Client(#[from] reqwest::Error),
}

/// Reason for which the collector did not accept spans.
pub(crate) struct Failure {
    pub(crate) reason: String,
    /// True if the same request may be accepted later.
    pub(crate) is_temporary: bool,
}

/// The collector that spans are sent to.
pub(crate) struct Collector {
    client: Client,
    url: Url,
}

impl Collector {
    pub(crate) fn new(settings: &OtlpSettings) -> Result<Self, OtlpError> {
        let url: Url = settings.url.parse().map_err(|_| OtlpError::Url)?;
        let client = http_client(client_config(system_roots())?, settings.resolver.clone())
            .default_headers(headers(settings)?)
            .connect_timeout(CONNECT)
            .timeout(TIMEOUT)
            .build()?;
        Ok(Self { client, url })
    }

    /// Posts spans, and returns how many of them the collector rejected.
    pub(crate) async fn send(&self, body: Bytes) -> Result<usize, Failure> {
        let request = self.client.post(self.url.clone()).body(body);
        let response = request.send().await.map_err(|error| Failure {
            reason: error_chain(&error.without_url()),
            is_temporary: true,
        })?;
        let status = response.status();
        if status.is_success() {
            return Ok(rejected(response).await);
        }
        Err(Failure {
            reason: format!("the collector returned {status}"),
            is_temporary: is_temporary(status),
        })
    }
}

fn headers(settings: &OtlpSettings) -> Result<HeaderMap, OtlpError> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
    for (name, value) in &settings.headers {
        let unfit = || OtlpError::Header(name.clone());
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit())?;
        let mut value = HeaderValue::from_str(value.expose_secret()).map_err(|_| unfit())?;
        value.set_sensitive(true);
        headers.insert(header, value);
    }
    Ok(headers)
}

/// Returns true for the statuses after which OTLP allows a retry.
fn is_temporary(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}

/// Reads how many spans of an accepted request the collector rejected. What cannot be read counts as
/// accepted.
async fn rejected(mut response: Response) -> usize {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > READ_AT_MOST {
            return 0;
        }
    }
    let response = ExportTraceServiceResponse::decode(body.as_slice()).unwrap_or_default();
    let rejected = response.partial_success.map_or(0, |partial| partial.rejected_spans);
    usize::try_from(rejected).unwrap_or(0)
}
