//! How customers show that a case is theirs, without an account.

mod gate;
mod rotate;
mod secret;
mod token;

pub use gate::{AccessMode, AccessModeError, CustomerGate, Proof};
pub use rotate::RotateAccess;
pub use secret::{ServerSecret, ServerSecretError};
pub use token::{AccessToken, AccessTokens};
