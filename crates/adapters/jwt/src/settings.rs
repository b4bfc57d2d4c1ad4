use std::time::Duration;

use crate::source::KeySource;

/// Which tokens are taken, and what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtSettings {
    /// Who has to have issued a token (`iss`), to the letter.
    pub issuer: String,
    /// For whom it has to be: one of these has to be among its audiences (`aud`).
    pub audiences: Vec<String>,
    /// Where the provider's keys are.
    pub keys: KeySource,
    /// The claim that names the member of staff, by their address where it has an `@` and else by
    /// their id.
    pub staff_claim: String,
    /// Whether an address names a member though the token does not say that the provider verified it.
    pub trusts_addresses: bool,
    /// The claim that says which role the member has here; without one it is the role that Engage
    /// knows.
    pub role_claim: Option<String>,
    /// The type that a token's header has to name (`typ`); without one `at+jwt`, `JWT` or no type.
    pub token_type: Option<String>,
    /// For how long a token may hold.
    pub longest_life: Option<Duration>,
}
