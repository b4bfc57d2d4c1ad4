//! How customers show that a case is theirs, without an account.

mod gate;
mod links;
mod rotate;
mod secret;
mod token;

pub use gate::{AccessMode, AccessModeError, CustomerGate, Proof};
pub use links::CustomerLinks;
pub use rotate::RotateAccess;
pub use secret::{ServerSecret, ServerSecretError};
pub use token::{AccessToken, AccessTokens};
