//! Formats values as English text.

use engage_domain::case::Entitlement;
use engage_domain::event::{Change, RedactedPart};
use engage_domain::sla::{ServiceAlert, SlaTimerKind};
use engage_domain::tag::{TagName, Tags};
use engage_domain::{
    CaseNumber, CustomerType, IssueType, Participant, ParticipantState, PersonName, Status,
    Timestamp, Urgency,
};

use jiff::tz::TimeZone;

use crate::facts::Fact;

/// Formats an instant such as `29 January 2025, 10:00 UTC`, including the time zone.
pub(crate) fn instant(instant: Timestamp, zone: &TimeZone) -> String {
    let zoned = jiff::Timestamp::from(instant).to_zoned(zone.clone());
    // Zones without an abbreviation yield a bare offset, which needs the prefix to be clear.
    let has_abbreviation = zoned.strftime("%Z").to_string().starts_with(char::is_alphabetic);
    let format = if has_abbreviation { "%-d %B %Y, %H:%M %Z" } else { "%-d %B %Y, %H:%M UTC%:z" };
    zoned.strftime(format).to_string()
}

/// Prefixes a word with "a" or "an".
pub(crate) fn with_article(word: &str) -> String {
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {word}")
}

/// Formats a size such as `12 kB`, rounded up.
pub(crate) fn size(octets: u64) -> String {
    match octets {
        0..1_000 => format!("{octets} bytes"),
        1_000..1_000_000 => format!("{} kB", octets.div_ceil(1_000)),
        _ => format!("{} MB", octets.div_ceil(1_000_000)),
    }
}

/// Capitalizes a word that stands alone in a table.
pub(crate) fn capital(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |c| c.to_uppercase().chain(characters).collect())
}

pub(crate) const fn urgency(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Low => "low",
        Urgency::Medium => "medium",
        Urgency::High => "high",
        Urgency::Critical => "critical",
    }
}

pub(crate) const fn issue(issue: IssueType) -> &'static str {
    match issue {
        IssueType::Technical => "technical",
        IssueType::Billing => "billing",
        IssueType::General => "general",
    }
}

pub(crate) const fn plan(customer: CustomerType) -> &'static str {
    match customer {
        CustomerType::Free => "free",
        CustomerType::Business => "business",
        CustomerType::Enterprise => "enterprise",
    }
}

/// Returns the status label shown to the customer.
pub(crate) const fn status_to_customer(status: Status) -> &'static str {
    match status {
        Status::WaitingOnCustomer => "Waiting for your reply",
        _ => status.label(),
    }
}

/// Returns the status label shown to a participant.
pub(crate) const fn status_to_participant(status: Status) -> &'static str {
    match status {
        Status::WaitingOnCustomer => "Waiting for a reply",
        _ => status.label(),
    }
}

/// Describes the state of a service target briefly.
pub(crate) const fn target(clock: SlaTimerKind, alert: ServiceAlert) -> &'static str {
    match (clock, alert) {
        (SlaTimerKind::FirstResponse, ServiceAlert::Warning) => "first response due soon",
        (SlaTimerKind::FirstResponse, ServiceAlert::Breach) => "first response overdue",
        (SlaTimerKind::Resolution, ServiceAlert::Warning) => "resolution due soon",
        (SlaTimerKind::Resolution, ServiceAlert::Breach) => "resolution overdue",
    }
}

/// Describes the state of a service target in a sentence.
pub(crate) fn target_in_full(clock: SlaTimerKind, alert: ServiceAlert, due: &str) -> String {
    let what = match clock {
        SlaTimerKind::FirstResponse => "first response",
        SlaTimerKind::Resolution => "resolution",
    };
    match alert {
        ServiceAlert::Warning => {
            format!("Three quarters of the time for the {what} has passed. It is due by {due}.")
        }
        ServiceAlert::Breach => format!("The {what} is overdue. It was due by {due}."),
    }
}

/// Explains a status to the customer.
pub(crate) const fn meaning_to_customer(status: Status) -> &'static str {
    match status {
        Status::Open => "It's in our queue, and someone will pick it up soon.",
        Status::InProgress => "We're working on it.",
        Status::WaitingOnCustomer => "We need your reply before we can continue.",
        Status::OnHold => "It's on hold while we wait for something we need to continue.",
        Status::Resolved => "We believe it's solved. If it isn't, please let us know.",
        Status::Closed => "It's now closed. If you need help again, please open a new case.",
        Status::Cancelled => {
            "It has been cancelled. If you need help again, please open a new case."
        }
    }
}

/// Explains a status to a participant.
pub(crate) const fn meaning_to_participant(status: Status) -> &'static str {
    match status {
        Status::Open | Status::InProgress | Status::OnHold => meaning_to_customer(status),
        Status::WaitingOnCustomer => "We're waiting for a reply before we can continue.",
        Status::Resolved => "We believe it's solved. If it isn't, please let us know.",
        Status::Closed => "It's now closed.",
        Status::Cancelled => "It has been cancelled.",
    }
}

/// Describes a changed property for staff. Returns `None` for a property that only follows from
/// others shown, and for one that reads the same as before.
///
/// Events identify assignees by their IDs. `assignee` is the name of the new one.
pub(crate) fn change(change: &Change, assignee: Option<&str>, zone: &TimeZone) -> Option<Fact> {
    let instant = |at| instant(at, zone);
    let (label, from, to) = match change {
        Change::Status { from, to } => ("Status", from.label().into(), to.label().into()),
        Change::Urgency { from, to } => ("Urgency", capital(urgency(*from)), capital(urgency(*to))),
        Change::CustomerType { from, to } => ("Plan", capital(plan(*from)), capital(plan(*to))),
        Change::IssueType { from, to } => ("Type", capital(issue(*from)), capital(issue(*to))),
        Change::EscalationLevel { from, to } => {
            ("Escalation level", from.to_string(), to.to_string())
        }
        Change::PriorityScore { from, to } => ("Priority", from.to_string(), to.to_string()),
        Change::AssignedTo { from, to } => {
            let id = |id: &Option<_>| id.as_ref().map(ToString::to_string);
            let to = id(to).map(|to| assignee.map_or(to, str::to_owned));
            ("Assignee", id(from).unwrap_or_else(unassigned), to.unwrap_or_else(unassigned))
        }
        Change::Department { from, to } => {
            let name = |department: &Option<_>| department.as_ref().map(ToString::to_string);
            ("Department", name(from).unwrap_or_else(none), name(to).unwrap_or_else(none))
        }
        Change::FirstResponseDue { from, to } => {
            ("First response due", instant(*from), instant(*to))
        }
        Change::EstimatedResolution { from, to } => {
            ("Resolution due", instant(*from), instant(*to))
        }
        Change::CustomerProven { from, to } => {
            let words =
                |is_proven: bool| (if is_proven { "proven" } else { "unproven" }).to_owned();
            ("E-mail address", words(*from), words(*to))
        }
        Change::Entitlement { from, to } => {
            let words = |entitlement: &Entitlement| match entitlement {
                Entitlement::Claimed => "claimed".to_owned(),
                Entitlement::Verified => "verified".to_owned(),
            };
            ("Contract", words(from), words(to))
        }
        Change::Tags { from, to } => ("Tags", names(from), names(to)),
        Change::Participant { from, to } => {
            ("Participant", from.as_deref().map_or_else(none, participant), participant(to))
        }
        Change::Name { from, to } => ("Name", from.to_string(), to.to_string()),
        Change::Email { from, to } => ("E-mail", given(from.as_ref()), given(to.as_ref())),
        Change::Phone { from, to } => ("Phone", given(from.as_ref()), given(to.as_ref())),
        Change::Organization { from, to } => {
            ("Organization", given(from.as_ref()), given(to.as_ref()))
        }
        Change::ClientOrProjectName { from, to } => {
            ("Client or project", given(from.as_ref()), given(to.as_ref()))
        }
        Change::Subject { from, to } => ("Subject", from.to_string(), to.to_string()),
        Change::Redaction { to, .. } => {
            let part = match to.part {
                RedactedPart::UpdateId(id) => format!("update {id}"),
                RedactedPart::AttachmentId(id) => format!("file {id}"),
                RedactedPart::Field(field) => field.to_string(),
            };
            return Some(Fact::new("Redacted", part));
        }
        Change::FirstResponse { .. }
        | Change::FirstResponseAlert { .. }
        | Change::ResolutionAlert { .. } => return None,
    };
    (from != to).then(|| Fact::new(label, format!("{from} → {to}")))
}

/// Lists tags for staff.
fn names(tags: &Tags) -> String {
    if tags.is_empty() {
        return none();
    }
    tags.iter().map(TagName::as_str).collect::<Vec<_>>().join(", ")
}

/// Describes a participant to staff.
fn participant(participant: &Participant) -> String {
    let state = match participant.state {
        ParticipantState::Proposed => "proposed",
        ParticipantState::Active => "takes part",
        ParticipantState::Bounced => "takes part, but mail comes back",
        ParticipantState::Left => "has left",
        ParticipantState::Removed => "removed",
    };
    match &participant.name {
        Some(name) => format!("{name} ({}): {state}", participant.email),
        None => format!("{}: {state}", participant.email),
    }
}

/// Label of a case without an assignee.
pub(crate) fn unassigned() -> String {
    "unassigned".to_owned()
}

fn none() -> String {
    "none".to_owned()
}

fn given(value: Option<&impl std::fmt::Display>) -> String {
    value.map_or_else(none, ToString::to_string)
}

/// Checks whether a name is safe to use in a greeting. It must be short, contain nothing that a
/// mail client would turn into a link, and not read like an advertisement.
///
/// Opening a case requires no login, so the name could be an advertisement aimed at a stranger.
pub(crate) fn is_plain_name(name: &str) -> bool {
    const LONGEST: usize = 60;
    let is_odd = |c: char| {
        c.is_numeric()
            || (c.is_ascii_punctuation() && !"'-.,()".contains(c))
            // Characters that browsers accept as a dot in a host name (UTS 46), and a lookalike.
            || "\u{2024}\u{3002}\u{ff0e}\u{ff61}".contains(c)
    };
    let has_inner_dot = name.split('.').skip(1).any(|rest| rest.starts_with(|c| c != ' '));
    name.chars().count() <= LONGEST && !name.chars().any(is_odd) && !has_inner_dot
}

/// Greets somebody by their name, if it is safe to use.
pub(crate) fn greeting(name: &str) -> String {
    if name.is_empty() || !is_plain_name(name) {
        "Hello,".to_owned()
    } else {
        format!("Hello {name},")
    }
}

/// Lists people by their names, and counts those whose name is not known or not safe to use.
pub(crate) fn people(names: &[Option<PersonName>]) -> Option<String> {
    let known = names.iter().flatten().map(PersonName::as_str).filter(|name| is_plain_name(name));
    let known: Vec<_> = known.collect();
    let others = match (names.len() - known.len(), known.is_empty()) {
        (0, _) => None,
        (1, false) => Some("1 other".to_owned()),
        (more, false) => Some(format!("{more} others")),
        (1, true) => Some("1 other person".to_owned()),
        (more, true) => Some(format!("{more} other people")),
    };
    let all: Vec<_> = known.into_iter().map(str::to_owned).chain(others).collect();
    match all.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        [first @ .., last] => Some(format!("{} and {last}", first.join(", "))),
    }
}

/// Lists the first few case numbers and counts the rest.
pub(crate) fn cases(numbers: &[CaseNumber]) -> Option<String> {
    const NAMED: usize = 3;
    let named: Vec<_> = numbers.iter().take(NAMED).map(ToString::to_string).collect();
    match numbers.len().saturating_sub(NAMED) {
        0 => match named.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            [first @ .., last] => Some(format!("{} and {last}", first.join(", "))),
        },
        more => Some(format!("{} and {more} more", named.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_and_sizes_read_well() {
        let at = "2025-01-29T09:05:59.5Z".parse().unwrap();
        for (zone, words) in [
            ("UTC", "29 January 2025, 09:05 UTC"),
            ("Europe/Berlin", "29 January 2025, 10:05 CET"),
            ("America/New_York", "29 January 2025, 04:05 EST"),
            ("Asia/Kathmandu", "29 January 2025, 14:50 UTC+05:45"),
            ("Pacific/Auckland", "29 January 2025, 22:05 NZDT"),
        ] {
            assert_eq!(instant(at, &TimeZone::get(zone).unwrap()), words);
        }
        assert_eq!(
            ["enterprise", "business", "free"].map(with_article),
            ["an enterprise", "a business", "a free"]
        );
        for (octets, words) in
            [(999, "999 bytes"), (1_000, "1 kB"), (12_001, "13 kB"), (2_500_000, "3 MB")]
        {
            assert_eq!(size(octets), words);
        }
    }

    #[test]
    fn a_change_names_both_values() {
        let status = Change::Status { from: Status::Open, to: Status::OnHold };
        assert_eq!(
            change(&status, None, &TimeZone::UTC).unwrap(),
            Fact::new("Status", "Open → On hold")
        );
        let assigned = Change::AssignedTo { from: None, to: Some("staff-1".parse().unwrap()) };
        let words = change(&assigned, Some("Jane Smith"), &TimeZone::UTC).unwrap();
        assert_eq!(words, Fact::new("Assignee", "unassigned → Jane Smith"));
        let taken = Change::AssignedTo { from: Some("staff-1".parse().unwrap()), to: None };
        let words = change(&taken, None, &TimeZone::UTC).unwrap();
        assert_eq!(words, Fact::new("Assignee", "staff-1 → unassigned"));
    }

    #[test]
    fn a_change_that_reads_the_same_is_left_out() {
        let at = |text: &str| text.parse().unwrap();
        let [seconds, minutes] = ["2025-01-29T09:05:59Z", "2025-01-29T09:06:01Z"]
            .map(|to| Change::EstimatedResolution { from: at("2025-01-29T09:05:01Z"), to: at(to) });
        assert_eq!(change(&seconds, None, &TimeZone::UTC), None);
        let later = change(&minutes, None, &TimeZone::UTC).unwrap();
        assert_eq!(later.value, "29 January 2025, 09:05 UTC → 29 January 2025, 09:06 UTC");
    }

    #[test]
    fn names_are_distinguished_from_advertisements() {
        for name in [
            "John Doe",
            "Dr. Jos\u{e9} O'Neil-Smith, Jr.",
            "e\u{301}lise",
            "\u{c1f}\u{c4d}\u{c30}\u{c40}",
            "\u{5e9}\u{5d5}\u{5dc}",
            "\u{674e}\u{56db}",
        ] {
            assert!(is_plain_name(name), "{name}");
        }
        for name in [
            "http://evil.example",
            "win at evil.example now",
            "evil\u{3002}example",
            "www.evil",
            "call +15550100",
            "me@evil",
            "<b>",
            &"x".repeat(61),
        ] {
            assert!(!is_plain_name(name), "{name}");
        }
    }
}
