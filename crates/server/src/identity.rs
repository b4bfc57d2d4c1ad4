//! Authentication of members of staff.

use anyhow::{Context, bail};
use engage_jwt::{JwtSettings, JwtVerifier};

use crate::settings::Settings;

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
    let wanted = JwtSettings {
        issuer: issuer.clone(),
        audiences: jwt.audience.clone(),
        keys,
        staff_claim,
        trusts_addresses: jwt.trusts_addresses,
        role_claim: jwt.role_claim.clone(),
        token_type: jwt.token_type.clone(),
        longest_life: jwt.max_life,
    };
    let verifier = JwtVerifier::new(wanted, &settings.network.resolver);
    verifier.map(Some).context("the keys of auth.jwt.jwks cannot be used")
}
