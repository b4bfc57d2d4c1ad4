//! Notification routing: turns an event into the notifications to deliver.

mod channel;
mod entitled_texts;
mod matrix;
mod message;
mod participants;
mod template;

pub use crate::delivery::{AttemptOutcome, NotificationStatus};
pub use channel::{Address, Channel};
pub use matrix::{NotificationMatrix, NotificationRule, Recipient};
pub use message::PlannedMessage;
pub use template::{Template, TemplateAudience};

use crate::actor::Actor;
use crate::case::CaseFacts;
use crate::contact::{EmailAddress, PhoneNumber};
use crate::event::{Change, Event, EventSubtype, EventType};
use crate::id::WebhookId;
use crate::staff::StaffMember;
use crate::visibility::Visibility;

/// Addresses of the support organization.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default))]
pub struct Contacts {
    /// Shared inbox of the team.
    pub team: Option<EmailAddress>,
    /// Address notified of escalations.
    pub management: Option<EmailAddress>,
    /// Address of those who operate the service.
    pub operations: Option<EmailAddress>,
    /// Telephone numbers of the people on call.
    pub on_call: Vec<PhoneNumber>,
}

/// Subscription of a webhook endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct WebhookTarget {
    /// Identifier of the endpoint.
    pub id: WebhookId,
    /// Subscribed event types. Without any types and subtypes, the endpoint receives all events.
    #[cfg_attr(feature = "serde", serde(default))]
    pub event_types: Vec<EventType>,
    /// Subscribed event subtypes, in addition to the types.
    #[cfg_attr(feature = "serde", serde(default))]
    pub event_subtypes: Vec<EventSubtype>,
    /// If set, the endpoint also receives events that only staff may see.
    #[cfg_attr(feature = "serde", serde(default))]
    pub includes_internal: bool,
}

impl WebhookTarget {
    fn wants(&self, event: &Event) -> bool {
        if event.visibility == Visibility::Internal && !self.includes_internal {
            return false;
        }
        let wants_all = self.event_types.is_empty() && self.event_subtypes.is_empty();
        wants_all
            || self.event_types.contains(&event.event_type())
            || event.subtypes().iter().any(|subtype| self.event_subtypes.contains(subtype))
    }
}

/// Everyone who may have to be notified of an event.
#[derive(Debug, Clone, Copy)]
pub struct Audience<'a> {
    /// Addresses of the support organization.
    pub contacts: &'a Contacts,
    /// Assignee after the event.
    pub assignee: Option<&'a StaffMember>,
    /// Assignee before the event.
    pub previous_assignee: Option<&'a StaffMember>,
    /// Subscriptions of webhook endpoints.
    pub webhooks: &'a [WebhookTarget],
    /// If not set, the customer is not notified.
    pub includes_customer: bool,
}

impl<'a> Audience<'a> {
    /// Creates an audience that consists of the customer and the support organization.
    pub fn new(contacts: &'a Contacts) -> Self {
        Self {
            contacts,
            assignee: None,
            previous_assignee: None,
            webhooks: &[],
            includes_customer: true,
        }
    }

    /// Adds the assignee after the event.
    #[must_use]
    pub fn with_assignee(self, assignee: &'a StaffMember) -> Self {
        Self { assignee: Some(assignee), ..self }
    }

    /// Adds the assignee before the event.
    #[must_use]
    pub fn with_previous_assignee(self, assignee: &'a StaffMember) -> Self {
        Self { previous_assignee: Some(assignee), ..self }
    }

    /// Adds subscriptions of webhook endpoints.
    #[must_use]
    pub fn with_webhooks(self, webhooks: &'a [WebhookTarget]) -> Self {
        Self { webhooks, ..self }
    }

    /// Leaves the customer out.
    #[must_use]
    pub fn without_customer(self) -> Self {
        Self { includes_customer: false, ..self }
    }
}

impl NotificationMatrix {
    /// Returns the notifications that an event requires. Each address gets a template at most once.
    ///
    /// `case` is the state after the event. An internal event never reaches the customer, nor a
    /// participant other than the one whom it added. If the system closed the case automatically,
    /// only webhooks are notified, because people have nothing to do.
    ///
    /// ```
    /// # use engage_domain::*;
    /// # let (mut ids, policies) = (1.., Policies::default());
    /// # let mut by = |actor, at: &str| Stamp::new(at.parse().unwrap(), actor, || ids.next().unwrap());
    /// # let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?);
    /// # let request = OpenRequest::new(customer, "No access".parse()?, "It says 403.".parse()?);
    /// # let (id, number) = (CaseId::from_u128(1), "CW-2025-001".parse()?);
    /// # let stamp = by(Actor::Customer, "2025-01-27T10:00:00Z");
    /// # let opened = Case::open(id, number, request, &policies, stamp);
    /// # let case = opened.case;
    /// let contacts = Contacts { team: Some("team@example.com".parse()?), ..Contacts::default() };
    /// let matrix = NotificationMatrix::default();
    /// let planned = matrix.plan(&opened.event, case.facts(), &Audience::new(&contacts));
    /// let addresses: Vec<_> = planned.iter().map(|planned| planned.address.to_string()).collect();
    /// assert_eq!(addresses, ["john@example.com", "team@example.com"]);
    /// assert_eq!(planned[0].template, Template::CaseReceivedCustomer);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn plan(
        &self,
        event: &Event,
        case: &CaseFacts,
        audience: &Audience<'_>,
    ) -> Vec<PlannedMessage> {
        let Some(rule) = self.rules.get(&event.event_type()) else { return Vec::new() };
        let mut plan = Plan { event, case, audience, messages: Vec::new() };
        let people_hear = !event.is_closing_by_itself() && !event.is_only_of_tags();
        for (&channel, recipients) in &rule.recipients {
            if people_hear && rule.permits(channel, event, case) {
                for &recipient in recipients {
                    plan.notify(channel, recipient);
                }
            }
        }
        plan.mail_what_staff_wrote_while_assigning(self);
        plan.notify_first_assignee(self);
        plan.text_once_entitled(self);
        if rule.webhook {
            plan.call_webhooks();
        }
        plan.messages
    }
}

struct Plan<'a> {
    event: &'a Event,
    case: &'a CaseFacts,
    audience: &'a Audience<'a>,
    messages: Vec<PlannedMessage>,
}

impl Plan<'_> {
    fn add(&mut self, template: Template, address: Address) {
        // A staff member in several roles is notified once. Notifications to the customer have
        // different content and are planned in addition.
        let is_told = |told: &PlannedMessage| {
            let for_one_side = told.template.audience() == template.audience();
            for_one_side && told.address.is_same_as(&address)
        };
        if template.is_for_customer() || !self.messages.iter().any(is_told) {
            self.add_once(PlannedMessage { template, address, person: None });
        }
    }

    fn add_once(&mut self, message: PlannedMessage) {
        if !self.messages.contains(&message) {
            self.messages.push(message);
        }
    }

    fn customer_hears(&self) -> bool {
        let own_words =
            self.event.event_type() == EventType::Updated && self.event.actor == Actor::Customer;
        self.audience.includes_customer && self.event.visibility == Visibility::Public && !own_words
    }

    fn customer_email(&self) -> Option<&EmailAddress> {
        self.case.customer.email.as_ref().filter(|_| self.customer_hears())
    }

    /// Returns the assignee as the recipient of an event other than an assignment, or `None` if the
    /// assignee caused the event.
    fn concerned_assignee(&self) -> Option<&StaffMember> {
        let actor = self.event.actor.staff_id();
        self.audience.assignee.filter(|assignee| actor != Some(&assignee.id))
    }

    /// Checks whether the event gave the case to a new assignee or department.
    fn has_new_hands(&self) -> bool {
        self.event.changes.iter().any(|change| {
            matches!(change, Change::AssignedTo { to: Some(_), .. } | Change::Department { .. })
        })
    }

    fn notify(&mut self, channel: Channel, recipient: Recipient) {
        self.notify_as_of(self.event.event_type(), channel, recipient);
    }

    /// Notifies a recipient as if the event had a certain type.
    fn notify_as_of(&mut self, event_type: EventType, channel: Channel, recipient: Recipient) {
        let is_by_staff = self.event.actor.staff_id().is_some();
        let Some(template) = Template::of(event_type, channel, recipient, is_by_staff) else {
            return;
        };
        if recipient == Recipient::Participants {
            if channel == Channel::Email {
                self.mail_participants();
            }
            return;
        }
        let addresses: Vec<Address> = match channel {
            Channel::Email => {
                self.email_address(recipient).cloned().map(Address::Email).into_iter().collect()
            }
            Channel::Sms => {
                self.phone_numbers(recipient).iter().cloned().map(Address::Phone).collect()
            }
            // Endpoints subscribe to events themselves.
            Channel::Webhook => Vec::new(),
        };
        for address in addresses {
            self.add(template, address);
        }
    }

    fn email_address(&self, recipient: Recipient) -> Option<&EmailAddress> {
        let contacts = self.audience.contacts;
        let is_assignment = self.event.event_type() == EventType::Assigned;
        let reassigned = self.event.assignee_change().is_some();
        match recipient {
            Recipient::Customer if is_assignment && !self.has_new_hands() => None,
            Recipient::Customer => self.customer_email(),
            Recipient::Assignee if is_assignment => {
                self.audience.assignee.filter(|_| reassigned).map(|member| &member.email)
            }
            // Someone other than the actor must be notified, so the team inbox is the fallback.
            Recipient::Assignee => {
                self.concerned_assignee().map(|member| &member.email).or(contacts.team.as_ref())
            }
            Recipient::PreviousAssignee => {
                self.audience.previous_assignee.filter(|_| reassigned).map(|member| &member.email)
            }
            Recipient::Team => contacts.team.as_ref(),
            Recipient::Management => contacts.management.as_ref(),
            Recipient::Operations => contacts.operations.as_ref(),
            Recipient::Participants | Recipient::OnCall => None,
        }
    }

    fn phone_numbers(&self, recipient: Recipient) -> &[PhoneNumber] {
        let is_assignment = self.event.event_type() == EventType::Assigned;
        let stays = is_assignment && self.event.assignee_change().is_none();
        match recipient {
            Recipient::Assignee | Recipient::PreviousAssignee if stays => &[],
            Recipient::OnCall => &self.audience.contacts.on_call,
            Recipient::Assignee => phone_of(self.audience.assignee),
            Recipient::PreviousAssignee => phone_of(self.audience.previous_assignee),
            Recipient::Customer if self.customer_hears() => self.case.customer.phone.as_slice(),
            Recipient::Customer
            | Recipient::Participants
            | Recipient::Team
            | Recipient::Management
            | Recipient::Operations => &[],
        }
    }

    /// Notifies the customer and the participants of a public update that also removes the assignee.
    ///
    /// Sending a case back to the queue makes the event an assignment by type, but they must still
    /// receive the text.
    fn mail_what_staff_wrote_while_assigning(&mut self, matrix: &NotificationMatrix) {
        let written =
            self.event.public_update().is_some_and(|update| update.author != Actor::System);
        if self.event.event_type() != EventType::Assigned || !written {
            return;
        }
        let is_told = |who| matrix.includes(EventType::Updated, Channel::Email, who);
        if let Some(address) =
            self.case.customer.email.as_ref().filter(|_| is_told(Recipient::Customer))
        {
            self.add(Template::CaseUpdatedCustomer, Address::Email(address.clone()));
        }
        if is_told(Recipient::Participants) {
            self.mail_participants();
        }
    }

    /// Notifies the member of staff whom a new case was assigned to, as an assignment would.
    fn notify_first_assignee(&mut self, matrix: &NotificationMatrix) {
        let is_opening = self.event.event_type() == EventType::Created;
        let rule = matrix.rules.get(&EventType::Assigned);
        let (Some(rule), Some(assignee)) = (rule, self.audience.assignee) else { return };
        if !is_opening || self.event.assignee_change().is_none() {
            return;
        }
        for (&channel, recipients) in &rule.recipients {
            let is_told = recipients.contains(&Recipient::Assignee);
            let template = Template::of(EventType::Assigned, channel, Recipient::Assignee, true);
            let Some(template) = template.filter(|_| is_told) else { continue };
            let address = match channel {
                Channel::Email => Some(Address::Email(assignee.email.clone())),
                Channel::Sms => assignee.phone.clone().map(Address::Phone),
                // Endpoints subscribe to events themselves.
                Channel::Webhook => None,
            };
            let is_permitted = rule.permits(channel, self.event, self.case);
            if let Some(address) = address.filter(|_| is_permitted) {
                self.add(template, address);
            }
        }
    }

    fn call_webhooks(&mut self) {
        for target in self.audience.webhooks {
            if target.wants(self.event) {
                self.add(Template::CaseEvent, Address::Webhook(target.id));
            }
        }
    }
}

fn phone_of(member: Option<&StaffMember>) -> &[PhoneNumber] {
    member.map_or(&[], |member| member.phone.as_slice())
}
