//! Verification of servers.

use std::path::Path;
use std::sync::Arc;

use engage_outbound::{add_pem, config_builder, error_chain, provider, system_roots};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::url::{Roots, SslMode, UrlError};

/// Returns the connector for TLS, or nothing if TLS is disabled.
pub(super) fn connector(
    mode: SslMode,
    roots: Option<&Roots>,
) -> Result<Option<MakeRustlsConnect>, UrlError> {
    let checks = match (mode, roots) {
        (SslMode::Disable, _) => return Ok(None),
        (SslMode::Prefer | SslMode::Require, None) => Checks::Nothing,
        (SslMode::Prefer | SslMode::Require, Some(Roots::System)) => {
            return Err(UrlError::UnusedSystemRoots);
        }
        // As in libpq, named root certificates are used.
        (SslMode::Prefer | SslMode::Require | SslMode::VerifyCa, roots) => {
            Checks::Chain(store(roots)?)
        }
        (SslMode::VerifyFull, roots) => Checks::ChainAndName(store(roots)?),
    };
    config(checks).map(|config| Some(MakeRustlsConnect::new(config)))
}

/// Checks of a certificate.
enum Checks {
    Nothing,
    Chain(RootCertStore),
    ChainAndName(RootCertStore),
}

fn config(checks: Checks) -> Result<ClientConfig, UrlError> {
    let provider = provider();
    let versions = config_builder().map_err(|error| UrlError::Malformed(error_chain(&error)))?;
    let algorithms = provider.signature_verification_algorithms;
    let verifier: Arc<dyn ServerCertVerifier> = match checks {
        Checks::Nothing => Arc::new(AnyName { chain: None, algorithms }),
        Checks::Chain(roots) => {
            Arc::new(AnyName { chain: Some(web_pki(roots, provider)?), algorithms })
        }
        Checks::ChainAndName(roots) => web_pki(roots, provider)?,
    };
    Ok(versions.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

fn web_pki(
    roots: RootCertStore,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, UrlError> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| UrlError::Malformed(error_chain(&error)))
}

fn store(roots: Option<&Roots>) -> Result<RootCertStore, UrlError> {
    match roots {
        Some(Roots::File(path)) => from_file(path),
        Some(Roots::System) | None => from_system(),
    }
}

fn from_file(path: &Path) -> Result<RootCertStore, UrlError> {
    let refuse = |reason: String| UrlError::RootCertificates { path: path.to_owned(), reason };
    let pem = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    add_pem(&mut roots, &pem).map_err(|error| refuse(error.to_string()))?;
    Ok(roots)
}

fn from_system() -> Result<RootCertStore, UrlError> {
    let roots = system_roots();
    if roots.is_empty() { Err(UrlError::NoSystemRoots) } else { Ok(roots) }
}

/// Accepts a certificate for any name.
#[derive(Debug)]
struct AnyName {
    /// Verifier of the chain. Without it any certificate is accepted, which protects against
    /// eavesdropping, but not against a man in the middle.
    chain: Option<Arc<WebPkiServerVerifier>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        let verified =
            chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match verified {
            // The name is checked last, so everything else was valid.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(mode: SslMode, roots: &Roots) -> String {
        connector(mode, Some(roots)).map(drop).unwrap_err().to_string()
    }

    #[test]
    fn an_unusable_root_certificate_file_is_rejected_with_the_name_of_its_setting() {
        let folder = std::env::temp_dir().join(format!("engage-roots-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for (name, content) in [("empty.pem", ""), ("text.pem", "no PEM"), ("broken.pem", broken)] {
            std::fs::write(folder.join(name), content).unwrap();
        }
        for name in ["absent.pem", "empty.pem", "text.pem", "broken.pem"] {
            let refusal = refusal(SslMode::VerifyFull, &Roots::File(folder.join(name)));
            assert!(refusal.contains("sslrootcert") && refusal.contains(name), "{refusal}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn system_certificates_require_a_mode_that_uses_them() {
        for mode in [SslMode::Prefer, SslMode::Require] {
            assert!(refusal(mode, &Roots::System).contains("verify-full"));
        }
    }

    #[test]
    fn without_tls_no_certificate_is_read() {
        let absent = Roots::File("absent.pem".into());
        assert!(connector(SslMode::Disable, Some(&absent)).unwrap().is_none());
    }
}
