//! Endpoints of other systems: who manages them, how they do, and which hear of an event.

mod directory;
mod health;
mod manage;
mod targets;

pub use directory::EndpointDirectory;
pub use health::EndpointHealth;
pub use manage::{
    EndpointChange, ManageWebhooks, NewEndpoint, Registered, ReplayError, SendTestError,
    WebhookError, secret_text,
};
pub use targets::WebhookTargets;
