//! Recipients of notifications in the tests.

use engage_domain::notify::{NotificationRule, PlannedMessage, Recipient, WebhookTarget};
use engage_domain::*;

use crate::support::*;

pub(crate) const CUSTOMER: &str = "john@example.com";

/// Owned data for an audience: all addresses of the support organization and one endpoint.
pub(crate) struct World {
    pub(crate) contacts: Contacts,
    pub(crate) assignee: Option<StaffMember>,
    pub(crate) previous_assignee: Option<StaffMember>,
    pub(crate) webhooks: Vec<WebhookTarget>,
    pub(crate) policy: NotificationMatrix,
}

impl World {
    pub(crate) fn new(
        previous_assignee: Option<StaffMember>,
        assignee: Option<StaffMember>,
    ) -> Self {
        Self {
            contacts: Contacts {
                team: Some(text("team@desk.example")),
                management: Some(text("boss@desk.example")),
                operations: Some(text("ops@desk.example")),
                on_call: vec![text("+15551111111"), text("+15552222222")],
            },
            assignee,
            previous_assignee,
            webhooks: vec![endpoint(1, &[])],
            policy: NotificationMatrix::default(),
        }
    }

    /// World in which Jane is the assignee before and after the event.
    pub(crate) fn of_jane() -> Self {
        Self::new(Some(jane()), Some(jane()))
    }

    pub(crate) fn unassigned() -> Self {
        Self::new(None, None)
    }

    pub(crate) fn rule(&mut self, event_type: EventType) -> &mut NotificationRule {
        self.policy.rules.get_mut(&event_type).unwrap()
    }

    pub(crate) fn recipients(
        &mut self,
        event_type: EventType,
        channel: Channel,
    ) -> &mut Vec<Recipient> {
        self.rule(event_type).recipients.get_mut(&channel).unwrap()
    }

    pub(crate) fn plan(&self, decision: &Decision) -> Vec<PlannedMessage> {
        let audience = Audience {
            contacts: &self.contacts,
            assignee: self.assignee.as_ref(),
            previous_assignee: self.previous_assignee.as_ref(),
            webhooks: &self.webhooks,
            includes_customer: true,
        };
        self.policy.plan(&decision.event, decision.case.facts(), &audience)
    }

    /// Returns the plan as `template address`, with a list for every column of the matrix.
    pub(crate) fn columns(&self, decision: &Decision) -> [Vec<String>; 4] {
        let mut columns = [const { Vec::new() }; 4];
        for PlannedMessage { template, address, .. } in self.plan(decision) {
            let to_customer = address.to_string() == CUSTOMER;
            let column = match address.channel() {
                Channel::Email if to_customer => 0,
                Channel::Email => 1,
                Channel::Sms => 2,
                Channel::Webhook => 3,
            };
            columns[column].push(format!("{template} {address}"));
        }
        columns
    }

    pub(crate) fn to_customer(&self, decision: &Decision) -> Vec<String> {
        self.columns(decision)[0].clone()
    }

    pub(crate) fn to_staff(&self, decision: &Decision) -> Vec<String> {
        self.columns(decision)[1].clone()
    }

    pub(crate) fn sms(&self, decision: &Decision) -> Vec<String> {
        self.columns(decision)[2].clone()
    }
}

pub(crate) fn endpoint(id: u128, event_types: &[EventType]) -> WebhookTarget {
    WebhookTarget {
        id: WebhookId::from_u128(id),
        event_types: event_types.to_vec(),
        event_subtypes: Vec::new(),
        includes_internal: true,
    }
}

pub(crate) fn later() -> Timestamp {
    after(hours(1))
}

pub(crate) fn opened(urgency: Urgency) -> Decision {
    open_as(CustomerType::Business, urgency)
}

/// Jane's case, changed by a colleague.
pub(crate) fn by_bob(request: UpdateRequest) -> Decision {
    updated(&assigned_case(), request, by(&bob(), later()))
}

pub(crate) fn by_jane(request: UpdateRequest) -> Decision {
    updated(&assigned_case(), request, by(&jane(), later()))
}

pub(crate) fn handed_over() -> Decision {
    assign(&assigned_case(), give_to(&bob()), by_staff(later())).unwrap()
}

/// Jane's case, when three quarters of the time for a first response have passed.
pub(crate) fn overdue() -> Decision {
    assigned_case().apply_due_action(&Policies::default(), by_system(after(hours(3)))).unwrap()
}
