//! Filters on notifications as criteria.

use engage_repository::{DeadFilter, NotificationFilter};

use crate::case_number::number_columns;
use crate::criterion::{Criterion, Operand};

/// Returns the criteria of a filter on the notifications `message`, their `events` and `cases`.
pub fn notification_criteria(filter: &NotificationFilter) -> Vec<Criterion> {
    let NotificationFilter { status, channel, case_number, event_type, endpoint, from, to } =
        filter;
    let names = [
        ("message.status", status.iter().map(|status| status.as_str()).collect()),
        ("message.channel", channel.iter().map(|channel| channel.as_str()).collect()),
        ("events.type", event_type.iter().map(|event| event.as_str()).collect()),
    ];
    let mut criteria = names.map(|(column, wanted)| Criterion::Names { column, wanted }).to_vec();
    criteria.retain(Criterion::is_restrictive);
    criteria.extend(case_number.as_ref().map(|number| match number_columns(number) {
        Ok((prefix, year, sequence)) => Criterion::sql(
            "cases.number_year = ? AND cases.number_sequence = ? AND cases.number_prefix = ?",
            [Operand::Integer(year), Operand::BigInt(sequence), Operand::Text(prefix)],
        ),
        // No case can have this number.
        Err(_) => Criterion::sql("false", []),
    }));
    criteria.extend(endpoint.map(|endpoint| {
        let endpoint = Operand::Text(endpoint.to_string());
        Criterion::sql("message.channel = 'WEBHOOK' AND message.address = ?", [endpoint])
    }));
    let time = |text: &'static str, time| Criterion::sql(text, [Operand::Time(time)]);
    criteria.extend(from.map(|from| time("message.created_at >= ?", from)));
    criteria.extend(to.map(|to| time("message.created_at < ?", to)));
    criteria
}

/// Returns whether the criteria of a filter need the tables `events` and `cases`.
pub fn needs_events(filter: &NotificationFilter) -> bool {
    filter.case_number.is_some() || !filter.event_type.is_empty()
}

/// The tables that [`notification_criteria`] may need besides notifications.
pub const JOIN_EVENTS: &str =
    " JOIN events ON events.id = message.event_id JOIN cases ON cases.id = events.case_id";

/// Returns the criteria of a filter on dead letters.
pub fn dead_letter_criteria(filter: &DeadFilter) -> Vec<Criterion> {
    let DeadFilter { since, channel, address, reason } = filter;
    let text = |text: &str| Operand::Text(text.to_owned());
    let mut criteria = vec![Criterion::sql("finished_at >= ?", [Operand::Time(*since)])];
    criteria.extend(channel.map(|channel| Criterion::sql("channel = ?", [text(channel.as_str())])));
    criteria.extend(address.as_ref().map(|address| {
        let values = [text(address.channel().as_str()), text(&address.to_string())];
        Criterion::sql("channel = ? AND address = ?", values)
    }));
    criteria.extend(
        reason
            .as_ref()
            .map(|reason| Criterion::Contains { column: "last_error", text: reason.clone() }),
    );
    criteria
}
