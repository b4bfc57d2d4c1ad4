//! Access of customers and participants to their cases, without an account.

mod access_code;
mod access_token;
mod address_mac;
mod authorizer;
mod case_person;
mod link_mark;
mod links;
mod recover;
mod rotate;
mod secret;
mod unsubscription;

pub use access_code::AccessCode;
pub use access_token::{AccessToken, AccessTokens};
pub(crate) use authorizer::Authorized;
pub use authorizer::{AccessMode, AccessModeError, CustomerAuthorizer, Proof, ProofDemand};
pub use case_person::CasePerson;
pub use link_mark::LinkMark;
pub use links::CustomerLinks;
pub use recover::{RecoverAccess, RedeemError};
pub use rotate::{RotateAccess, RotateAccessError};
pub use secret::{ServerSecret, ServerSecretError};
pub use unsubscription::UnsubscribeToken;
