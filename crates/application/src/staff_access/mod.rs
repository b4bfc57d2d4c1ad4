//! Authentication of members of staff and management of their tokens.

mod admin_by_claim;
mod authenticate;
mod authenticated_staff;
mod authority;
mod credential_id;
mod manage_tokens;
mod on_behalf;
mod opaque_tokens;
mod secret;
mod token_error;
mod token_limits;
mod token_rotation;

pub use authenticate::Authenticate;
pub use authenticated_staff::AuthenticatedStaff;
pub use authority::Authority;
pub use credential_id::CredentialId;
pub use manage_tokens::{IssuedToken, ManageTokens, NewToken};
pub use on_behalf::OnBehalfError;
pub use opaque_tokens::OpaqueTokens;
pub use secret::StaffTokenSecret;
pub use token_error::TokenError;
pub use token_limits::{TokenLives, TokenMaker};
