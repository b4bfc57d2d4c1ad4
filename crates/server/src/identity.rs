//! Authentication of members of staff.

use std::sync::Arc;

use anyhow::{Context, bail};
use engage_application::{Authenticate, OpaqueTokens};
use engage_identity::CredentialVerifier;
use engage_jwt::{JwtSettings, JwtVerifier};

use crate::settings::Settings;
use crate::storage::Storage;
use crate::system::SystemClock;

/// Builds the authentication of staff by Engage's own tokens and, if configured, those of an
/// identity provider.
pub(crate) fn authenticate(settings: &Settings, storage: &Storage) -> anyhow::Result<Authenticate> {
    let tokens = OpaqueTokens::new(storage.store());
    let mut verifiers: Vec<Arc<dyn CredentialVerifier>> = vec![Arc::new(tokens)];
    if let Some(provider) = provider(settings)? {
        let early = provider.clone();
        // In the background, since the start does not wait for the provider.
        tokio::spawn(async move { early.warm_up().await });
        verifiers.push(Arc::new(provider));
    }
    Ok(Authenticate::new(verifiers, storage.store(), Arc::new(SystemClock)))
}

/// Builds the verifier for the configured identity provider, if any.
pub(crate) fn provider(settings: &Settings) -> anyhow::Result<Option<JwtVerifier>> {
    let jwt = &settings.auth.jwt;
    let Some(issuer) = &jwt.issuer else {
        if !jwt.audience.is_empty() || jwt.jwks.is_some() {
            bail!("auth.jwt.issuer is required if auth.jwt.audience or auth.jwt.jwks is set");
        }
        return Ok(None);
    };
    if jwt.audience.is_empty() || jwt.audience.iter().any(|audience| audience.trim().is_empty()) {
        bail!(
            "auth.jwt.audience is required if auth.jwt.issuer is set: the audience of the tokens"
        );
    }
    let Some(keys) = jwt.jwks.clone() else {
        bail!("auth.jwt.jwks is required if auth.jwt.issuer is set: the URL or file of the keys");
    };
    let Some(staff_claim) = jwt.staff_claim.clone() else {
        bail!("auth.jwt.staff_claim is required if auth.jwt.issuer is set: it names the member");
    };
    let settings = JwtSettings {
        issuer: issuer.clone(),
        audiences: jwt.audience.clone(),
        keys,
        staff_claim,
        trusts_addresses: jwt.trusts_addresses,
        role_claim: jwt.role_claim.clone(),
        token_type: jwt.token_type.clone(),
        longest_life: jwt.max_life,
    };
    JwtVerifier::new(settings).map(Some).context("the keys of auth.jwt.jwks cannot be used")
}
