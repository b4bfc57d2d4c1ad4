//! Filters on notifications as criteria.

use engage_repository::{DeadFilter, NotificationFilter};

use crate::case_number::number_columns;
use crate::criterion::Criterion;
use crate::db_timestamp::DbTimestamp;
use crate::notification_rows::{EVENT_TYPE, NotificationColumnTypes, SELECT_NOTIFICATION};
use crate::sql_types::BigInt;
use crate::statement::Statement;

/// Returns the criteria of a filter on the notifications `message`, their `events` and `cases`.
pub fn notification_criteria(filter: &NotificationFilter) -> Vec<Criterion> {
    let NotificationFilter { status, channel, case_number, event_type, endpoint, from, to } =
        filter;
    let names = [
        ("message.status", status.iter().map(|status| status.as_str()).collect()),
        ("message.channel", channel.iter().map(|channel| channel.as_str()).collect()),
        (EVENT_TYPE, event_type.iter().map(|event| event.as_str()).collect()),
    ];
    let mut criteria = names.map(|(column, wanted)| Criterion::Names { column, wanted }).to_vec();
    criteria.retain(Criterion::is_restrictive);
    criteria.extend(case_number.as_ref().map(|number| match number_columns(number) {
        Ok((prefix, year, sequence)) => Criterion::sql(
            "cases.number_year = ? AND cases.number_sequence = ? AND cases.number_prefix = ?",
            [year.into(), sequence.into(), prefix.into()],
        ),
        // No case can have this number.
        Err(_) => Criterion::sql("false", []),
    }));
    criteria.extend(endpoint.map(|endpoint| {
        let endpoint = endpoint.to_string().into();
        Criterion::sql("message.channel = 'WEBHOOK' AND message.address = ?", [endpoint])
    }));
    let time = |text: &'static str, time| Criterion::sql(text, [DbTimestamp(time).into()]);
    criteria.extend(from.map(|from| time("message.created_at >= ?", from)));
    criteria.extend(to.map(|to| time("message.created_at < ?", to)));
    criteria
}

/// The tables that [`notification_criteria`] may need besides notifications.
const JOIN_EVENTS: &str =
    " JOIN events ON events.id = message.event_id JOIN cases ON cases.id = events.case_id";

/// Counts the notifications that match a filter. `push` adds criteria to a condition.
pub fn count_notifications(
    filter: &NotificationFilter,
    push: impl FnOnce(&mut Statement<BigInt>, Vec<Criterion>),
) -> Statement<BigInt> {
    let mut count = Statement::new("SELECT count(*) FROM notifications AS message");
    if filter.case_number.is_some() || !filter.event_type.is_empty() {
        count.push(JOIN_EVENTS);
    }
    push(count.push(" WHERE true"), notification_criteria(filter));
    count
}

/// Selects a page of the notifications that match a filter, the newest first. `push` adds criteria to a
/// condition.
pub fn select_notifications(
    filter: &NotificationFilter,
    (limit, offset): (i64, i64),
    push: impl FnOnce(&mut Statement<NotificationColumnTypes>, Vec<Criterion>),
) -> Statement<NotificationColumnTypes> {
    let mut select = Statement::new(SELECT_NOTIFICATION);
    push(select.push(" WHERE true"), notification_criteria(filter));
    select.push(" ORDER BY message.id DESC LIMIT ").bind(limit).push(" OFFSET ").bind(offset);
    select
}

/// Returns the criteria of a filter on dead letters.
pub fn dead_letter_criteria(filter: &DeadFilter) -> Vec<Criterion> {
    let DeadFilter { since, channel, address, reason } = filter;
    let mut criteria = vec![Criterion::sql("finished_at >= ?", [DbTimestamp(*since).into()])];
    criteria
        .extend(channel.map(|channel| Criterion::sql("channel = ?", [channel.as_str().into()])));
    criteria.extend(address.as_ref().map(|address| {
        let values = [address.channel().as_str().into(), address.to_string().into()];
        Criterion::sql("channel = ? AND address = ?", values)
    }));
    criteria.extend(
        reason
            .as_ref()
            .map(|reason| Criterion::Contains { column: "last_error", text: reason.clone() }),
    );
    criteria
}
