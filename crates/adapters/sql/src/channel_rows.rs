//! Channels and suppressed addresses.

use std::num::NonZeroU32;

use engage_domain::Channel;
use engage_domain::text::ERASED;
use engage_repository::{
    AddressMac, ChannelStatus, ErasedAddress, RepositoryError, Suppression, SuppressionKey,
};

use crate::column::{checked, limit_and_offset, parse};
use crate::criterion::Criterion;
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::notification_rows::address;
use crate::revision::address_forms;
use crate::sql_types::{BigInt, Nullable, SqlTimestamp, Text};
use crate::statement::Statement;
use crate::value::Value;

/// Returns the names of all channels.
pub fn channel_names() -> Vec<String> {
    Channel::SPELLINGS.iter().map(|&name| name.to_owned()).collect()
}

/// Grouped by channel, with which the index of notifications that are held back starts.
const HELD_BACK: &str = "
    SELECT channel, count(*) FROM notifications
    WHERE held_back_at IS NOT NULL AND status = 'PENDING'
    GROUP BY channel";

/// Counts the notifications that are held back, by channel.
pub fn count_held_back() -> Statement<(Text, BigInt)> {
    Statement::prepared(HELD_BACK, [])
}

/// Converts the number of notifications of each channel.
pub fn channel_counts(rows: Vec<(String, i64)>) -> Result<Vec<(Channel, u64)>, RepositoryError> {
    let read = |(channel, count): (String, i64)| {
        Ok((parse(&channel, "channel")?, u64::try_from(count).unwrap_or(0)))
    };
    rows.into_iter().map(read).collect()
}

const START: &str = "
    UPDATE channels SET stopped_at = NULL, reason = NULL, probe_due_at = NULL
    WHERE channel = ? AND stopped_at IS NOT NULL";

/// Starts a stopped channel.
pub fn start_channel(channel: Channel) -> Statement<()> {
    Statement::prepared(START, [channel.as_str().into()])
}

type ChannelColumnTypes = (Text, Nullable<SqlTimestamp>, Nullable<Text>);

/// A channel: its name, the time since which it is stopped, and the reason.
pub type ChannelRow = (String, Option<DbTimestamp>, Option<String>);

/// Selects the channels that have a row.
pub fn select_channels() -> Statement<ChannelColumnTypes> {
    Statement::prepared("SELECT channel, stopped_at, reason FROM channels", [])
}

/// Returns the states of all channels, in the order of the domain. A channel that never stopped has no
/// row.
pub fn channel_statuses(rows: &[ChannelRow]) -> Vec<ChannelStatus> {
    let status = |&channel: &Channel| {
        let row = rows.iter().find(|(name, ..)| name == channel.as_str());
        let stopped = row.and_then(|(_, at, reason)| at.map(|at| at.0).zip(reason.clone()));
        ChannelStatus { channel, stopped }
    };
    Channel::ALL.iter().map(status).collect()
}

/// Returns why an address is suppressed.
pub fn find_suppression(key: &SuppressionKey) -> Statement<Text> {
    let text = "SELECT reason FROM suppressed_addresses WHERE channel = ? AND address = lower(?)
        UNION ALL SELECT ? FROM erased_suppressions WHERE mac = ?
        LIMIT 1";
    let SuppressionKey { address, mac } = key;
    let (channel, address) = (address.channel().as_str().into(), address.to_string().into());
    Statement::prepared(text, [channel, address, ERASED.into(), mac_value(mac.as_ref())])
}

/// Removes an address from those that are suppressed.
pub fn lift_suppression(key: &SuppressionKey) -> [Statement<()>; 2] {
    let SuppressionKey { address, mac } = key;
    let by_address = "DELETE FROM suppressed_addresses WHERE channel = ? AND address = lower(?)";
    let values = [address.channel().as_str().into(), address.to_string().into()];
    [
        Statement::prepared(by_address, values),
        Statement::prepared(
            "DELETE FROM erased_suppressions WHERE mac = ?",
            [mac_value(mac.as_ref())],
        ),
    ]
}

/// Returns a hash as a value. Nothing has the empty one.
fn mac_value(mac: Option<&AddressMac>) -> Value {
    mac.map_or("", AddressMac::as_str).into()
}

type SuppressionColumnTypes = (Text, Text, Text, SqlTimestamp);

/// A suppressed address: channel, address, reason and time.
type SuppressionRow = (String, String, String, DbTimestamp);

/// Selects a page of the suppressed addresses.
pub fn select_suppressions(
    page: NonZeroU32,
    limit: NonZeroU32,
) -> Statement<SuppressionColumnTypes> {
    let (limit, offset) = limit_and_offset(page, limit);
    let text = "SELECT channel, address, reason, created_at FROM suppressed_addresses
        ORDER BY channel, address LIMIT ? OFFSET ?";
    Statement::prepared(text, [limit.into(), offset.into()])
}

/// Counts the suppressed addresses.
pub fn count_suppressions() -> Statement<BigInt> {
    Statement::prepared("SELECT count(*) FROM suppressed_addresses", [])
}

/// Converts a page of suppressed addresses and the number of all.
pub fn suppressions(
    rows: Vec<SuppressionRow>,
    total: i64,
) -> Result<(Vec<Suppression>, u64), RepositoryError> {
    let read = |(channel, text, reason, created_at): SuppressionRow| {
        Ok(Suppression { address: address(&channel, &text)?, reason, created_at: created_at.0 })
    };
    let list = rows.into_iter().map(read).collect::<Result<_, InvalidColumn>>()?;
    Ok((list, checked(total, Some, "count")?))
}

const HASH_SUPPRESSION: &str = "
    INSERT INTO erased_suppressions (mac, created_at)
    SELECT ?, created_at FROM suppressed_addresses WHERE channel = 'EMAIL' AND address = ?
    ON CONFLICT DO NOTHING";

const REMOVE_SUPPRESSION: &str =
    "DELETE FROM suppressed_addresses WHERE channel = 'EMAIL' AND address = ?";

/// Returns the statements that replace these addresses by their hashes where they are suppressed, and
/// erase the reasons for stopped channels that mention one of them. They may run one by one: an address
/// is suppressed in between. `add` adds a criterion to a condition.
pub fn erase_addresses(
    addresses: &[ErasedAddress],
    add: impl Fn(&mut Statement<()>, Criterion),
) -> Vec<Statement<()>> {
    let forms = |erased: &ErasedAddress| {
        let mac = erased.mac.clone();
        address_forms(&erased.address).into_iter().map(move |text| (mac.clone(), text))
    };
    let mut statements = Vec::new();
    for (mac, text) in addresses.iter().flat_map(forms) {
        let hashed = [mac.as_str().into(), text.as_str().into()];
        statements.push(Statement::prepared(HASH_SUPPRESSION, hashed));
        statements.push(Statement::prepared(REMOVE_SUPPRESSION, [text.as_str().into()]));
        let mut channels = Statement::new("UPDATE channels SET reason = ");
        channels.bind(ERASED).push(" WHERE true");
        add(&mut channels, Criterion::Contains { column: "reason", text });
        statements.push(channels);
    }
    statements
}
