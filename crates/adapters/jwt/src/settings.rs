use std::time::Duration;

use crate::source::KeySource;

/// Requirements for tokens, and the claims to read from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtSettings {
    /// Required issuer of a token (`iss`), compared exactly.
    pub issuer: String,
    /// Accepted audiences. A token must contain at least one of them (`aud`).
    pub audiences: Vec<String>,
    /// Source of the provider's keys.
    pub keys: KeySource,
    /// Claim that identifies the member of staff: by e-mail address if it contains an `@`,
    /// otherwise by ID.
    pub staff_claim: String,
    /// Accepts e-mail addresses without a claim that the provider verified them.
    pub trusts_addresses: bool,
    /// Claim with the member's role. If unset, the role stored in Engage applies.
    pub role_claim: Option<String>,
    /// Required type in a token's header (`typ`). If unset, `at+jwt`, `JWT` or no type is accepted.
    pub token_type: Option<String>,
    /// Maximum lifetime of a token.
    pub longest_life: Option<Duration>,
}
