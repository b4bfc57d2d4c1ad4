//! Who members of staff are, and the tokens that show it.

mod authenticate;
mod manage_tokens;
mod opaque_tokens;
mod secret;

pub use authenticate::{Authenticate, Recognised};
pub use manage_tokens::{IssuedToken, ManageTokens, NewToken, TokenError};
pub use opaque_tokens::OpaqueTokens;
pub use secret::StaffTokenSecret;
