//! Settings of tokens and of the access of customers.

use std::time::Duration;

use engage_application::{AccessMode, RefusedAddress, TokenLives};
use engage_domain::case::UnknownType;
use engage_jwt::KeySource;
use serde::Deserialize;

use super::values::{duration, duration_option, list, parsed, parsed_option};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthSettings {
    pub(crate) jwt: JwtSettings,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JwtSettings {
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) issuer: Option<String>,
    #[serde(deserialize_with = "list")]
    pub(crate) audience: Vec<String>,
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) jwks: Option<KeySource>,
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) staff_claim: Option<String>,
    pub(crate) trusts_addresses: bool,
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) role_claim: Option<String>,
    #[serde(deserialize_with = "parsed_option")]
    pub(crate) token_type: Option<String>,
    #[serde(deserialize_with = "duration_option")]
    pub(crate) max_life: Option<Duration>,
}

/// Lifetimes of tokens that members create through the API.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenSettings {
    #[serde(deserialize_with = "duration_option")]
    default_life: Option<Duration>,
    #[serde(deserialize_with = "duration_option")]
    max_life: Option<Duration>,
}

impl TokenSettings {
    pub(crate) fn lives(&self) -> TokenLives {
        TokenLives { default: self.default_life, longest: self.max_life }
    }

    /// Rejects lifetimes under which tokens would be invalid immediately or could not be requested.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let least = Duration::from_mins(1);
        for (name, set) in [("default_life", self.default_life), ("max_life", self.max_life)] {
            let is_sound = set.is_none_or(|life| life >= least);
            anyhow::ensure!(is_sound, "tokens.{name} must be at least 1m or empty");
        }
        if let (Some(default), Some(longest)) = (self.default_life, self.max_life) {
            let is_sound = default <= longest;
            anyhow::ensure!(
                is_sound,
                "tokens.default_life must not be longer than tokens.max_life"
            );
        }
        Ok(())
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CustomerSettings {
    #[serde(deserialize_with = "parsed")]
    pub(crate) access: AccessMode,
    #[serde(deserialize_with = "duration")]
    pub(crate) token_lifetime: Duration,
    #[serde(deserialize_with = "parsed")]
    pub(crate) unknown_type: UnknownType,
    pub(crate) participants: ParticipantSettings,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParticipantSettings {
    #[serde(deserialize_with = "list")]
    pub(crate) refuse: Vec<RefusedAddress>,
}
