use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use super::*;

/// Creates a certificate authority, and the TLS acceptor of a `localhost` server with a certificate
/// signed by it.
fn authority_and_server() -> (CertificateDer<'static>, TlsAcceptor) {
    let authority_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(params, authority_key);

    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    (authority.der().clone(), TlsAcceptor::from(Arc::new(config)))
}

fn trusting(authority: CertificateDer<'static>, url: &str) -> Twilio {
    let mut roots = RootCertStore::empty();
    roots.add(authority).unwrap();
    let client = client::build(roots, TimeOuts::default(), &DnsResolver::system()).unwrap();
    Twilio::with_client(settings(url), Arc::new(Fixed), client)
}

#[tokio::test]
async fn a_message_goes_out_over_tls() {
    let (authority, tls) = authority_and_server();
    let server = Server::start_with_tls(accepted(), tls).await;
    let url = format!("https://localhost:{}", server.address.port());
    assert_eq!(trusting(authority, &url).deliver(&notification()).await, Ok(()));
    assert_eq!(server.received()[0].form()["Body"], TEXT);
}

#[tokio::test]
async fn nothing_is_sent_to_a_server_without_a_valid_certificate() {
    let (authority, tls) = authority_and_server();
    let (stranger, _) = authority_and_server();
    let server = Server::start_with_tls(accepted(), tls).await;
    let port = server.address.port();
    for channel in [
        trusting(stranger, &format!("https://localhost:{port}")),
        // The certificate is for the name, not for the address.
        trusting(authority, &format!("https://127.0.0.1:{port}")),
    ] {
        let outcome = channel.deliver(&notification()).await.unwrap_err();
        assert!(matches!(outcome, NotifyError::Unreachable { .. }), "{outcome:?}");
        assert!(outcome.to_string().contains("certificate"), "{outcome}");
    }
    assert!(server.received().is_empty());
}
