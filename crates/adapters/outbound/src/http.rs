use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use rustls::ClientConfig;

/// Begins a client that identifies itself as Engage. It follows no redirects and uses no proxy from
/// the environment, since either could receive secrets.
pub fn http_client(tls: ClientConfig) -> ClientBuilder {
    Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .no_proxy()
        .user_agent(concat!("Engage/", env!("CARGO_PKG_VERSION")))
}
