//! Certificates that the sender trusts.

use std::sync::Arc;

use engage_webhook::{CertificateDer, WebhookSettings};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use crate::receiver::{Behaviour, Receiver};
use crate::setting::{SNAPSHOT, assert_transient, deliver, open_settings};

/// Returns a TLS acceptor with a certificate for this name, and the root that signed it.
pub(crate) fn certified_host(name: &str) -> (TlsAcceptor, CertificateDer<'static>) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new([]).unwrap();
    authority.distinguished_name.push(DnType::CommonName, "Authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = authority.self_signed(&authority_key).unwrap().der().clone();
    let issuer = Issuer::new(authority, authority_key);

    let key = KeyPair::generate().unwrap();
    let host = CertificateParams::new([name.to_owned()]).unwrap();
    let certificate = host.signed_by(&key, &issuer).unwrap().der().clone();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), root)
}

#[tokio::test]
async fn a_host_whose_certificate_is_signed_by_a_further_root_is_trusted() {
    let (acceptor, root) = certified_host("hooks.example.com");
    let mut receiver = Receiver::start_tls(Behaviour::status("200 OK"), acceptor).await;
    let settings = WebhookSettings { further_roots: vec![root], ..open_settings() };
    let url = format!("https://hooks.example.com:{}/", receiver.address.port());
    deliver(&url, settings).await.unwrap();
    assert_eq!(receiver.next().await.body, SNAPSHOT.as_bytes());
}

#[tokio::test]
async fn a_host_whose_certificate_is_signed_by_an_unknown_root_is_not_trusted() {
    let (acceptor, _) = certified_host("hooks.example.com");
    let receiver = Receiver::start_tls(Behaviour::status("200 OK"), acceptor).await;
    let url = format!("https://hooks.example.com:{}/", receiver.address.port());
    let outcome = deliver(&url, open_settings()).await;
    assert_transient(&outcome, "cannot connect to the endpoint: invalid peer certificate");
}

#[tokio::test]
async fn a_host_whose_certificate_is_for_another_name_is_not_trusted() {
    let (acceptor, root) = certified_host("hooks.example.com");
    let receiver = Receiver::start_tls(Behaviour::status("200 OK"), acceptor).await;
    let settings = WebhookSettings { further_roots: vec![root], ..open_settings() };
    let url = format!("https://example.org:{}/", receiver.address.port());
    assert_transient(&deliver(&url, settings).await, "certificate not valid for name");
}
