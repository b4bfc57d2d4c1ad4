//! Checks the claims of a token.

use std::time::Duration;

use engage_domain::{Role, Timestamp};
use engage_identity::{Bearer, Credential, Identity, MemberName};
use serde_json::{Map, Value};

use crate::settings::JwtSettings;

/// Tolerated difference between the provider's clock and ours.
const LEEWAY: Duration = Duration::from_secs(30);

/// Claims of a token whose signature has been verified.
pub(crate) type Claims = Map<String, Value>;

/// Returns the bearer of a token if the token is for this service and valid now.
pub(crate) fn bearer(claims: &Claims, settings: &JwtSettings, now: Timestamp) -> Option<Bearer> {
    let is_for_us = text(claims, "iss") == Some(&settings.issuer)
        && values(claims.get("aud")?).any(|one| settings.audiences.iter().any(|ours| ours == one));
    let expires_at = instant(claims.get("exp")?)?;
    let is_over = expires_at.plus(LEEWAY) <= now;
    let has_begun = match claims.get("nbf") {
        Some(nbf) => instant(nbf)? <= now.plus(LEEWAY),
        None => true,
    };
    if !is_for_us || is_over || !has_begun || !is_short_enough(claims, settings, expires_at, now)? {
        return None;
    }
    // A logout token grants no access (OpenID Connect Back-Channel Logout, section 2.4). A token
    // bound to a key (RFC 7800) is only valid with a proof of possession, which this service does
    // not request.
    if claims.contains_key("events") || claims.contains_key("cnf") {
        return None;
    }
    let name = member_name(claims, settings)?;
    let role = match &settings.role_claim {
        Some(claim) => Some(highest_role(find(claims, claim)?)?),
        None => None,
    };
    let identity = Identity::Named { name, role };
    Some(Bearer { identity, credential: Credential::Jwt { expires_at } })
}

/// Checks that a token's lifetime is within the limit, both from when it was issued and from now.
fn is_short_enough(
    claims: &Claims,
    settings: &JwtSettings,
    expires_at: Timestamp,
    now: Timestamp,
) -> Option<bool> {
    let issued_at = match claims.get("iat") {
        Some(iat) => instant(iat)?,
        None => now,
    };
    let is_short = |longest: Duration| {
        let longest = longest.saturating_add(LEEWAY);
        expires_at <= issued_at.plus(longest) && expires_at <= now.plus(longest)
    };
    Some(settings.longest_life.is_none_or(is_short))
}

fn member_name(claims: &Claims, settings: &JwtSettings) -> Option<MemberName> {
    let name = find(claims, &settings.staff_claim)?.as_str()?;
    if !name.contains('@') {
        return name.parse().ok().map(MemberName::Id);
    }
    // Users may have entered someone else's address (OpenID Connect Core, section 5.1), and
    // `email_verified` says nothing about other claims than `email`.
    let is_theirs = match claims.get("email_verified") {
        Some(verified) => {
            let is_verified = *verified == Value::Bool(true) || verified.as_str() == Some("true");
            is_verified && (settings.trusts_addresses || text(claims, "email") == Some(name))
        }
        None => settings.trusts_addresses,
    };
    if is_theirs { name.parse().ok().map(MemberName::Email) } else { None }
}

/// Returns the highest role in a claim. Unknown values are ignored.
fn highest_role(claim: &Value) -> Option<Role> {
    values(claim).filter_map(|one| one.parse().ok()).max()
}

/// Finds a claim by its name, or else by its path, such as `realm_access.roles`.
fn find<'a>(claims: &'a Claims, name: &str) -> Option<&'a Value> {
    if let Some(claim) = claims.get(name) {
        return Some(claim);
    }
    let (first, rest) = name.split_once('.')?;
    rest.split('.').try_fold(claims.get(first)?, |value, name| value.get(name))
}

fn text<'a>(claims: &'a Claims, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}

/// Iterates over the strings of a claim that is a string or an array.
fn values(claim: &Value) -> impl Iterator<Item = &str> {
    let several = claim.as_array().map(Vec::as_slice).unwrap_or_default();
    claim.as_str().into_iter().chain(several.iter().filter_map(Value::as_str))
}

/// Parses seconds since 1970, which may have a fraction (RFC 7519, section 2).
fn instant(claim: &Value) -> Option<Timestamp> {
    let seconds = claim.as_f64().filter(|seconds| *seconds >= 0.0)?;
    // Values that are too large saturate at the end of the calendar.
    #[allow(clippy::cast_possible_truncation)]
    let millis = (seconds * 1000.0) as i64;
    Some(Timestamp::from_millis(millis))
}
