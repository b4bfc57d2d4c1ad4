//! How customers show that a case is theirs, without an account.

mod secret;
mod token;

pub use secret::{ServerSecret, ServerSecretError};
pub use token::{AccessToken, AccessTokens};
