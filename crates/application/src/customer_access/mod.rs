//! Access of customers to their cases, without an account.

mod access_code;
mod access_token;
mod authorizer;
mod links;
mod recover;
mod rotate;
mod secret;

pub use access_code::AccessCode;
pub use access_token::{AccessToken, AccessTokens};
pub use authorizer::{AccessMode, AccessModeError, CustomerAuthorizer, Proof};
pub use links::CustomerLinks;
pub use recover::{RecoverAccess, RedeemError};
pub use rotate::RotateAccess;
pub use secret::{ServerSecret, ServerSecretError};
