use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use rustls::ClientConfig;

use crate::resolver::DnsResolver;

/// Begins a client that identifies itself as Engage. It follows no redirects and uses no proxy from
/// the environment, since either could receive secrets.
pub fn http_client(tls: ClientConfig, resolver: impl Resolve + 'static) -> ClientBuilder {
    Client::builder()
        .dns_resolver(resolver)
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .no_proxy()
        .user_agent(concat!("Engage/", env!("CARGO_PKG_VERSION")))
}

impl Resolve for DnsResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let addresses = resolver.addresses(name.as_str()).await?;
            // Port 0 means the port of the URL.
            let addresses = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use engage_testkit::dns::DnsServer;
    use rustls::RootCertStore;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use crate::error_chain::root_cause;
    use crate::tls::client_config;

    use super::*;

    #[tokio::test]
    async fn a_client_resolves_names_by_dns() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.read_u8().await.unwrap();
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        });
        let server = DnsServer::start("api.example A 127.0.0.1");
        let resolver = DnsResolver::with_servers(&[server.address()]);
        let tls = client_config(RootCertStore::empty()).unwrap();
        let client = http_client(tls, resolver).build().unwrap();
        let get = async |host| client.get(format!("http://{host}:{port}/")).send().await;
        assert_eq!(get("api.example").await.unwrap().status(), 204);
        let error = root_cause(&get("nobody.example").await.unwrap_err());
        assert!(error.contains("nobody.example does not exist in DNS"), "{error}");
    }
}
