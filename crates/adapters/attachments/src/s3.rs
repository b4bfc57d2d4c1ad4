use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use engage_outbound::DnsResolver;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::DnsFuture;
use object_store::{BackoffConfig, ClientOptions, RetryConfig};
use secrecy::{ExposeSecret, SecretString};

/// Time limits for connecting and for the next bytes of a response.
const CONNECT: Duration = Duration::from_secs(3);
const SILENCE: Duration = Duration::from_secs(10);

/// Total time for retries of a failing request. It is shorter than the time limit of an API
/// request.
const RETRY: Duration = Duration::from_secs(3);

/// Settings for accessing a bucket. Missing values come from the environment as usual
/// (`AWS_REGION`, `AWS_ACCESS_KEY_ID` and so on), or from the machine that Engage runs on.
#[derive(Debug, Clone, Default)]
pub struct S3Settings {
    /// The region of the bucket.
    pub region: Option<String>,
    /// URL of the service, if it is not Amazon's.
    pub endpoint: Option<String>,
    /// ID of the access key.
    pub access_key_id: Option<String>,
    /// Secret of the access key.
    pub secret_access_key: Option<SecretString>,
    /// Permits an endpoint without encryption.
    pub allow_http: bool,
    /// Resolves the name of the service.
    pub resolver: DnsResolver,
}

/// The resolver, in the form that the client takes. No panic can leave it in a broken state.
#[derive(Debug)]
struct OfClient(AssertUnwindSafe<DnsResolver>);

impl object_store::client::DnsResolver for OfClient {
    fn resolve(&self, host: &str) -> DnsFuture {
        let (resolver, host) = (self.0.clone(), host.to_owned());
        Box::pin(async move { Ok(resolver.addresses(&host).await?) })
    }
}

impl S3Settings {
    pub(crate) fn client(&self, bucket: &str) -> object_store::Result<AmazonS3> {
        let options = ClientOptions::new()
            .with_allow_http(self.allow_http)
            .with_dns_resolver(Arc::new(OfClient(AssertUnwindSafe(self.resolver.clone()))))
            .with_connect_timeout(CONNECT)
            .with_read_timeout(SILENCE)
            // A slow download may take longer than any fixed limit.
            .with_timeout_disabled();
        let retry =
            RetryConfig { backoff: BackoffConfig::default(), max_retries: 3, retry_timeout: RETRY };
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .with_client_options(options)
            .with_retry(retry)
            // Every compatible service supports deleting single objects.
            .with_disable_bulk_delete(true);
        if let Some(region) = &self.region {
            builder = builder.with_region(region);
        }
        if let Some(endpoint) = &self.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if let Some(id) = &self.access_key_id {
            builder = builder.with_access_key_id(id);
        }
        if let Some(secret) = &self.secret_access_key {
            builder = builder.with_secret_access_key(secret.expose_secret());
        }
        builder.build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_never_shown() {
        let settings =
            S3Settings { secret_access_key: Some("geheim".into()), ..S3Settings::default() };
        assert!(!format!("{settings:?}").contains("geheim"));
    }
}
