//! Access of customers to their cases, without an account.

mod authorizer;
mod code;
mod links;
mod recover;
mod rotate;
mod secret;
mod token;

pub use authorizer::{AccessMode, AccessModeError, CustomerAuthorizer, Proof};
pub use code::AccessCode;
pub use links::CustomerLinks;
pub use recover::{RecoverAccess, RedeemError};
pub use rotate::RotateAccess;
pub use secret::{ServerSecret, ServerSecretError};
pub use token::{AccessToken, AccessTokens};
