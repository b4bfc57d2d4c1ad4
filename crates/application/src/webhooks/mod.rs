//! Webhook endpoints: management, health, and selection of those that receive an event.

mod acts;
mod current_targets;
mod directory;
mod endpoint_cache;
mod endpoint_change;
mod failing_endpoints;
mod manage;
mod replay;
mod secret_rotation;
mod send_test;
mod targets;

pub use current_targets::CurrentTargets;
pub use directory::EndpointDirectory;
pub use endpoint_cache::EndpointCache;
pub use endpoint_change::{EndpointChange, HeaderChange, NewEndpoint};
pub use failing_endpoints::{EndpointHealth, SuccessesNoted};
pub use manage::{ManageWebhooks, Registered, WebhookError};
pub use replay::ReplayError;
pub use send_test::SendTestError;
pub use targets::WebhookTargets;
