//! Planned notifications.

use super::channel::Address;
use super::template::Template;

/// A notification that an event requires.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PlannedMessage {
    /// Content of the notification.
    pub template: Template,
    /// Destination of the notification.
    pub address: Address,
}
