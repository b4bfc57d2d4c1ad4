use async_trait::async_trait;
use engage_domain::Timestamp;
use engage_identity::{Bearer, CredentialVerifier, VerifierError};
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use tracing::debug;

use crate::claims::{Claims, bearer};
use crate::key_set::VerificationKey;
use crate::key_store::KeyStore;
use crate::settings::JwtSettings;
use crate::source::SetUpError;

/// Which signatures are taken at all. Of these, each key is for one.
const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// Recognises members of staff by the tokens of one identity provider.
#[derive(Clone)]
pub struct JwtVerifier {
    settings: JwtSettings,
    keys: KeyStore,
}

impl JwtVerifier {
    /// Takes tokens as the settings say. Fails where the keys are in a file that cannot be used.
    pub fn new(settings: JwtSettings) -> Result<Self, SetUpError> {
        let keys = KeyStore::new(&settings)?;
        Ok(Self { settings, keys })
    }

    /// Reads the keys from their URL before the first token comes. Where that fails, it is tried
    /// again then, at most twice a minute.
    pub async fn warm_up(&self) {
        self.keys.warm_up().await;
    }
}

/// The types of access tokens: as RFC 9068 has it, and what most providers say instead.
const TYPES: [&str; 2] = ["at+jwt", "jwt"];

impl JwtVerifier {
    /// Whether a token of this type opens anything: those for other ends (logging out, proving that
    /// one has a key) are signed by the same provider for the same audience.
    fn takes_type(&self, typ: Option<&str>) -> bool {
        let typ = typ.map(without_prefix);
        match (&self.settings.token_type, typ) {
            (Some(wanted), typ) => typ.as_deref() == Some(&without_prefix(wanted)),
            (None, Some(typ)) => TYPES.contains(&&*typ),
            (None, None) => true,
        }
    }
}

/// A media type is written without `application/`, in any case of letters (RFC 7515, section 4.1.9).
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
        // `none` and what is no token at all end here.
        let Ok(header) = decode_header(credential) else { return Ok(None) };
        // Before anything is looked up for it: an HMAC, with whatever key, never counts.
        if !ALGORITHMS.contains(&header.alg) {
            return Ok(None);
        }
        // What has to be understood is not understood here (RFC 7515, section 4.1.11).
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
                "a token of the identity provider is not for this service, not now, or nobody's"
            );
        }
        Ok(bearer)
    }
}

/// The claims of a token that was signed with this key by the algorithm that the key is for.
fn genuine(token: &str, key: &VerificationKey) -> Option<Claims> {
    let mut validation = Validation::new(key.algorithm);
    // The claims are checked against our own clock afterwards.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    decode(token, &key.key, &validation).ok().map(|token| token.claims)
}
