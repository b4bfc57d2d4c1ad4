//! What stands in the outbox.

use engage_domain::{Address, Channel, Event};
use engage_repository::OutboxMessage;
use serde::Serialize;
use uuid::Uuid;

use crate::case_rows::parse;
use crate::error::InvalidColumn;

/// A message as it is first written down; the statement adds what is the same of all.
#[derive(Serialize)]
pub(crate) struct NotificationRow {
    id: Uuid,
    event_id: Uuid,
    channel: &'static str,
    template: &'static str,
    address: String,
}

impl NotificationRow {
    pub(crate) fn new(event: &Event, message: &OutboxMessage) -> Self {
        Self {
            id: Uuid::from_u128(message.id.as_u128()),
            event_id: Uuid::from_u128(event.id.as_u128()),
            channel: message.address.channel().as_str(),
            template: message.template.as_str(),
            address: message.address.to_string(),
        }
    }
}

pub(crate) fn address(channel: &str, text: &str) -> Result<Address, InvalidColumn> {
    let channel: Channel = parse(channel, "channel")?;
    Address::parse(channel, text).ok_or(InvalidColumn { column: "address" })
}
