//! Endpoints of other systems: who manages them, how they do, and which hear of an event.

mod acts;
mod directory;
mod health;
mod known;
mod manage;
mod targets;

pub use directory::EndpointDirectory;
pub use health::{EndpointHealth, SuccessesNoted};
pub use known::KnownEndpoints;
pub use manage::{
    EndpointChange, HeaderChange, ManageWebhooks, NewEndpoint, Registered, ReplayError,
    SendTestError, WebhookError,
};
pub use targets::{CurrentTargets, WebhookTargets};
