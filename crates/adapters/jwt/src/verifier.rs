use async_trait::async_trait;
use engage_domain::Timestamp;
use engage_identity::{Bearer, CredentialVerifier, VerifierError};
use engage_outbound::DnsResolver;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use tracing::debug;

use crate::claims::{Claims, bearer};
use crate::key_set::VerificationKey;
use crate::key_store::KeyStore;
use crate::settings::JwtSettings;
use crate::source::SetUpError;

/// Accepted signature algorithms. Each key is used with one of them.
const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// Authenticates members of staff by the tokens of one identity provider.
///
/// ```
/// use engage_identity::{CredentialVerifier, Identity, MemberName};
/// use engage_jwt::{DnsResolver, JwtSettings, JwtVerifier, KeySource};
/// # use engage_domain::Timestamp;
/// # use engage_testkit::identity_provider::{Signer, key_set};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (provider, now) = (Signer::ec(), "2025-01-27T10:00:00Z".parse::<Timestamp>()?);
/// # let file = tempfile::NamedTempFile::new()?;
/// # std::fs::write(file.path(), key_set(&[provider.jwk("key-1")]))?;
/// # let claims = r#"{"iss": "https://login.example/", "aud": "engage", "sub": "staff-123",
/// #     "iat": 1737972000, "exp": 1737972600}"#;
/// # let token = provider.token("key-1", &serde_json::from_str(claims)?);
/// let settings = JwtSettings {
///     issuer: "https://login.example/".to_owned(),
///     audiences: vec!["engage".to_owned()],
///     keys: KeySource::File(file.path().to_owned()),
///     staff_claim: "sub".to_owned(),
/// #     trusts_addresses: false,
/// #     role_claim: None,
/// #     token_type: None,
/// #     longest_life: None,
/// };
/// let verifier = JwtVerifier::new(settings, &DnsResolver::system())?;
/// let bearer = verifier.verify(&token, now).await?.expect("the token is valid");
/// let name = MemberName::Id("staff-123".parse()?);
/// assert_eq!(bearer.identity, Identity::Named { name, role: None });
/// assert_eq!(verifier.verify("eng_another_kind", now).await?, None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct JwtVerifier {
    settings: JwtSettings,
    keys: KeyStore,
}

impl JwtVerifier {
    /// Creates a verifier, which resolves the host of the keys' URL by the resolver. Fails if the
    /// keys are in a file that cannot be used.
    pub fn new(settings: JwtSettings, resolver: &DnsResolver) -> Result<Self, SetUpError> {
        let keys = KeyStore::new(&settings, resolver)?;
        Ok(Self { settings, keys })
    }

    /// Reads the keys from their URL before the first token arrives. If that fails, they are read
    /// again on demand, at most twice a minute.
    pub async fn warm_up(&self) {
        self.keys.warm_up().await;
    }
}

/// Types of access tokens: the one of RFC 9068, and the one that most providers use instead.
const TYPES: [&str; 2] = ["at+jwt", "jwt"];

impl JwtVerifier {
    /// Checks whether tokens of this type grant access. Tokens for other purposes, such as logging
    /// out or proving possession of a key, are signed by the same provider for the same audience.
    fn takes_type(&self, typ: Option<&str>) -> bool {
        let typ = typ.map(without_prefix);
        match (&self.settings.token_type, typ) {
            (Some(wanted), typ) => typ.as_deref() == Some(&without_prefix(wanted)),
            (None, Some(typ)) => TYPES.contains(&&*typ),
            (None, None) => true,
        }
    }
}

/// Normalizes a media type, which may omit `application/` and is case-insensitive (RFC 7515,
/// section 4.1.9).
fn without_prefix(typ: &str) -> String {
    let typ = typ.to_ascii_lowercase();
    typ.strip_prefix("application/").unwrap_or(&typ).to_owned()
}

#[async_trait]
impl CredentialVerifier for JwtVerifier {
    async fn verify(
        &self,
        credential: &str,
        now: Timestamp,
    ) -> Result<Option<Bearer>, VerifierError> {
        // `none` and malformed tokens are rejected here.
        let Ok(header) = decode_header(credential) else { return Ok(None) };
        // Checked before any key lookup: an HMAC never counts, no matter which key it uses.
        if !ALGORITHMS.contains(&header.alg) {
            return Ok(None);
        }
        // No critical header extension is supported (RFC 7515, section 4.1.11).
        if header.crit.is_some() {
            return Ok(None);
        }
        if !self.takes_type(header.typ.as_deref()) {
            return Ok(None);
        }
        let found = self.keys.find(header.kid.as_deref(), header.alg).await?;
        let Some(claims) = found.and_then(|key| genuine(credential, &key)) else { return Ok(None) };
        let bearer = bearer(&claims, &self.settings, now);
        if bearer.is_none() {
            debug!(
                "rejected a token that is not for this service, not valid now, or names no member"
            );
        }
        Ok(bearer)
    }
}

/// Verifies a token's signature with the key's algorithm and returns its claims.
fn genuine(token: &str, key: &VerificationKey) -> Option<Claims> {
    let mut validation = Validation::new(key.algorithm);
    // The claims are checked against our own clock later.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    decode(token, &key.key, &validation).ok().map(|token| token.claims)
}
