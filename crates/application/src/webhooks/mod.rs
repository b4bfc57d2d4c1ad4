//! Webhook endpoints: management, health, and selection of those that receive an event.

mod acts;
mod current_targets;
mod directory;
mod endpoint_cache;
mod health;
mod manage;
mod targets;

pub use current_targets::CurrentTargets;
pub use directory::EndpointDirectory;
pub use endpoint_cache::EndpointCache;
pub use health::{EndpointHealth, SuccessesNoted};
pub use manage::{
    EndpointChange, HeaderChange, ManageWebhooks, NewEndpoint, Registered, ReplayError,
    SendTestError, WebhookError,
};
pub use targets::WebhookTargets;
