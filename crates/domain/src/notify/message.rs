//! Planned notifications.

use super::channel::Address;
use super::template::Template;
use crate::id::PersonId;

/// A notification that an event requires.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PlannedMessage {
    /// Content of the notification.
    pub template: Template,
    /// Destination of the notification.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub address: Address,
    /// The participant whom the notification is for. `None` for the customer, staff and endpoints.
    #[cfg_attr(feature = "serde", serde(default))]
    pub person: Option<PersonId>,
}
