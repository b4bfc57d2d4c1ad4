//! What stands in the outbox.

use diesel::prelude::*;
use engage_domain::{Address, Channel, Event};
use engage_repository::OutboxMessage;

use crate::case_rows::{id_bytes, parse};
use crate::clock::now;
use crate::error::InvalidColumn;
use crate::schema::notifications;

/// A message as it is first written down.
#[derive(Insertable)]
#[diesel(table_name = notifications, treat_none_as_default_value = false)]
pub(crate) struct NotificationRow {
    id: Vec<u8>,
    event_id: Vec<u8>,
    channel: &'static str,
    template: &'static str,
    address: String,
    status: &'static str,
    attempts: i32,
    due_at: i64,
    claim: i64,
    created_at: i64,
}

impl NotificationRow {
    pub(crate) fn new(event: &Event, message: &OutboxMessage) -> Self {
        let now = now();
        Self {
            id: id_bytes(message.id.as_u128()),
            event_id: id_bytes(event.id.as_u128()),
            channel: message.address.channel().as_str(),
            template: message.template.as_str(),
            address: message.address.to_string(),
            status: "PENDING",
            attempts: 0,
            due_at: now,
            claim: 0,
            created_at: now,
        }
    }
}

pub(crate) fn address(channel: &str, text: &str) -> Result<Address, InvalidColumn> {
    let channel: Channel = parse(channel, "channel")?;
    Address::parse(channel, text).ok_or(InvalidColumn { column: "address" })
}
