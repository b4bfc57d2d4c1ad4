use engage_outbound::DnsResolver;
use secrecy::SecretString;

/// Settings of the export.
#[derive(Debug, Clone)]
pub struct OtlpSettings {
    /// URL to which spans are posted, with its path, such as `http://127.0.0.1:4318/v1/traces`.
    pub url: String,
    /// Headers of each request, by name.
    pub headers: Vec<(String, SecretString)>,
    /// Name of the service that the spans belong to.
    pub service_name: String,
    /// Version of the service.
    pub service_version: String,
    /// What resolves the host of the URL.
    pub resolver: DnsResolver,
}
