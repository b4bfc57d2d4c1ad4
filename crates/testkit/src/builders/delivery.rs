use std::num::NonZeroU32;
use std::time::Duration;

use engage_domain::webhook::{EndpointState, WebhookEndpoint, WebhookHeaders, WebhookSecret};
use engage_domain::{Address, Channel, NotificationId, Participant, Template, WebhookId};
use engage_repository::{
    AccessGeneration, Attempt, ChangeSet, Claim, ClaimOutcome, ClaimToken, ClaimedMessage,
    OutboxMessage,
};

use super::{a_fresh_id, monday};

/// Builds a notification to an e-mail address.
pub fn a_message(to: &str) -> OutboxMessage {
    a_message_to(an_email_address(to))
}

/// Builds a notification to any address.
pub fn a_message_to(address: Address) -> OutboxMessage {
    let template = match address.channel() {
        Channel::Email => Template::CaseReceivedCustomer,
        Channel::Sms => Template::CaseUrgentStaff,
        Channel::Webhook => Template::CaseEvent,
    };
    OutboxMessage { id: NotificationId::from_u128(a_fresh_id()), template, address, person: None }
}

/// Builds an e-mail that tells a participant of an update.
pub fn a_message_to_participant(participant: &Participant) -> OutboxMessage {
    OutboxMessage {
        template: Template::CaseUpdatedParticipant,
        person: Some(participant.id),
        ..a_message_to(Address::Email(participant.email.clone()))
    }
}

/// Parses the e-mail address of a notification.
pub fn an_email_address(text: &str) -> Address {
    Address::Email(text.parse().unwrap())
}

/// Parses the telephone number of a notification.
pub fn a_phone_number(text: &str) -> Address {
    Address::Phone(text.parse().unwrap())
}

/// Builds a claim of up to ten e-mails with a lease of an hour and no limit per address.
pub fn a_claim() -> Claim {
    Claim {
        channel: Channel::Email,
        limit: NonZeroU32::MIN.saturating_add(9),
        lease: Duration::from_hours(1),
        most_per_address: NonZeroU32::MAX,
        under_way: Vec::new(),
    }
}

/// Builds the first claim of a notification about a change that a member of staff made.
pub fn a_claimed_message(message: OutboxMessage, about: &ChangeSet) -> ClaimedMessage {
    let of_case = || about.case.facts().participants.clone();
    ClaimedMessage {
        id: message.id,
        claim: ClaimToken(1),
        attempt: 1,
        case_id: about.case.facts().id,
        case_number: about.case.number().clone(),
        access_generation: AccessGeneration::default(),
        template: message.template,
        address: message.address,
        participants: message.person.map_or_else(Vec::new, |_| of_case()),
        person: message.person,
        snapshot: about.snapshot.clone(),
        expires_at: None,
        is_expired: false,
        is_asked_again: false,
        is_trial: false,
        is_caused_by_customer: false,
        client: None,
        trace: None,
        is_admitted: false,
        is_held_back: false,
        gathered: Vec::new(),
    }
}

/// Builds an attempt under a claim that took 2 ms.
pub fn an_attempt(message: &ClaimedMessage, completion: ClaimOutcome) -> Attempt {
    let took = Duration::from_millis(2);
    Attempt { id: message.id, claim: message.claim, took, completion }
}

/// Builds an endpoint for all events, registered on [`monday`], without optional fields.
pub fn an_endpoint() -> WebhookEndpoint {
    WebhookEndpoint {
        id: WebhookId::from_u128(a_fresh_id()),
        url: "https://example.com/hooks".parse().unwrap(),
        description: None,
        event_types: Vec::new(),
        event_subtypes: Vec::new(),
        includes_internal: true,
        headers: WebhookHeaders::default(),
        secret: WebhookSecret::from_bytes([7; 32]),
        previous_secrets: Vec::new(),
        state: EndpointState::Enabled,
        created_at: monday(),
    }
}
