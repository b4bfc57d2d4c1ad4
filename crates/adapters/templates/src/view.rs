//! What templates see of a case and an event.

use engage_domain::{
    Actor, Case, CaseId, Customer, CustomerType, Escalate, EventId, EventType, IssueType, NewCase,
    Policies, Stamp, Timestamp, UpdateId, Urgency,
};
use engage_notifier::{CaseSnapshot, EventSnapshot, Snapshot};

use crate::Brand;

/// A snapshot, in words.
pub(crate) struct View<'a> {
    brand: &'a Brand,
    snapshot: &'a Snapshot,
}

impl<'a> View<'a> {
    pub(crate) fn new(brand: &'a Brand, snapshot: &'a Snapshot) -> Self {
        Self { brand, snapshot }
    }

    pub(crate) fn case(&self) -> &CaseSnapshot {
        &self.snapshot.data.case
    }

    pub(crate) fn event(&self) -> &EventSnapshot {
        &self.snapshot.data.event
    }

    pub(crate) fn event_type(&self) -> EventType {
        self.snapshot.event_type
    }

    pub(crate) fn brand(&self) -> &str {
        &self.brand.name
    }

    pub(crate) fn number(&self) -> String {
        self.case().case_number.to_string()
    }

    pub(crate) fn customer(&self) -> &str {
        self.case().customer_info.name.as_str()
    }

    pub(crate) fn subject(&self) -> &str {
        self.case().case_details.subject.as_str()
    }

    pub(crate) fn urgency(&self) -> &'static str {
        match self.case().case_details.urgency {
            Urgency::Low => "low",
            Urgency::Medium => "medium",
            Urgency::High => "high",
            Urgency::Critical => "critical",
        }
    }

    pub(crate) fn issue(&self) -> &'static str {
        match self.case().case_details.issue_type {
            IssueType::Technical => "technical",
            IssueType::Billing => "billing",
            IssueType::General => "general",
        }
    }

    pub(crate) fn status(&self) -> &'static str {
        self.case().case_details.status.label()
    }

    pub(crate) fn due(&self) -> String {
        in_words(self.case().timeline.estimated_resolution)
    }

    pub(crate) fn team(&self) -> &str {
        self.case().assignment.department.as_ref().map_or("our support team", |d| d.as_str())
    }

    pub(crate) fn assignee(&self) -> &str {
        self.case().assignment.assignee_name.as_ref().map_or("nobody", |name| name.as_str())
    }

    pub(crate) fn actor(&self) -> &str {
        &self.event().actor.name
    }

    /// What was written for the customer.
    pub(crate) fn public_message(&self) -> Option<&str> {
        let mut updates = self.event().updates.iter();
        updates.find(|update| !update.is_internal).map(|update| update.message.as_str())
    }

    /// Everything that was written, for staff.
    pub(crate) fn messages(&self) -> impl Iterator<Item = &str> {
        self.event().updates.iter().map(|update| update.message.as_str())
    }
}

/// An instant such as `2025-01-29 10:00 UTC`.
fn in_words(instant: Timestamp) -> String {
    // Timestamps are written as in RFC 3339: a date, a `T`, and a time that begins with hours and
    // minutes in five characters.
    let text = instant.to_string();
    match text.split_once('T') {
        Some((date, time)) => format!("{date} {} UTC", time.get(..5).unwrap_or(time)),
        None => text,
    }
}

/// A case with something in every field that a template may show.
pub(crate) fn sample() -> Snapshot {
    #[allow(clippy::expect_used)] // A fixed text, whose form the tests see.
    fn fixed<T: std::str::FromStr>(text: &str) -> T {
        text.parse().ok().expect("a valid sample")
    }
    let stamp = |bits| Stamp {
        at: Timestamp::from_millis(1_737_972_000_000),
        actor: Actor::Customer,
        event_id: EventId::from_u128(bits),
        update_ids: [UpdateId::from_u128(bits), UpdateId::from_u128(bits + 1)],
    };
    let policies = Policies::default();
    let request = NewCase {
        customer: Customer {
            name: fixed("John Doe"),
            email: fixed("john@example.com"),
            organization: Some(fixed("Acme Corp")),
            phone: Some(fixed("+1234567890")),
            customer_type: CustomerType::Business,
        },
        project: Some(fixed("My Project")),
        subject: fixed("Unable to access dashboard"),
        message: fixed("Detailed description of the issue..."),
        issue_type: IssueType::Technical,
        urgency: Urgency::High,
    };
    let opened =
        Case::open(CaseId::from_u128(1), fixed("CW-2025-001"), request, &policies, stamp(1));
    let request = Escalate { reason: fixed("No response for 24 hours"), new_urgency: None };
    let event = match opened.case.escalate(request, &policies, stamp(3)) {
        Ok(escalated) => escalated,
        // A new case is active and was never escalated; were it refused, the opening serves.
        Err(_) => opened,
    };
    Snapshot::new(&event.event, event.case.facts(), None)
}
