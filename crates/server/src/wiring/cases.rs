//! Wiring of the use cases that change cases.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use engage_application::{
    AccessTokens, CaseChanges, CasePorts, CaseRules, CustomerAuthorizer, Idempotency, OutboxSignal,
    WebhookTargets,
};
use engage_domain::{Channel, Contacts, NotificationMatrix, NotificationRule, Policies, Urgency};

use crate::settings::Settings;
use crate::storage::Storage;
use crate::system::{SystemClock, SystemIds};

/// Time limit for retrying a change that conflicts with others. It is slightly shorter than that of
/// a request.
const PATIENCE: Duration = Duration::from_millis(4500);

/// Builds [`CaseChanges`] with its ports and rules.
pub(crate) fn case_changes(
    settings: &Settings,
    storage: &Storage,
    policies: Policies,
    authorizer: CustomerAuthorizer,
    webhooks: WebhookTargets,
    outbox_signal: OutboxSignal,
) -> CaseChanges {
    let ports = CasePorts {
        cases: storage.store(),
        numbers: storage.store(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        authorizer,
        idempotency: Idempotency::new(
            storage.store(),
            Arc::new(SystemClock),
            settings.retention.idempotency,
        ),
        webhooks,
        outbox_signal,
    };
    let rules = CaseRules {
        number_prefix: settings.case_number.prefix.clone(),
        policies,
        matrix: matrix(settings),
        contacts: contacts(settings),
        patience: PATIENCE,
    };
    CaseChanges::new(ports, rules)
}

/// Builds the authorizer of customers.
pub(crate) fn authorizer(settings: &Settings, tokens: AccessTokens) -> CustomerAuthorizer {
    CustomerAuthorizer::new(settings.customers.access, tokens, Arc::new(SystemClock))
}

pub(crate) fn matrix(settings: &Settings) -> NotificationMatrix {
    let rules = settings.notify.iter().map(|(&event_type, rule)| {
        let recipients = BTreeMap::from([
            (Channel::Email, rule.email.clone()),
            (Channel::Sms, rule.sms.clone()),
        ]);
        let sms_from = rule.sms_from.unwrap_or(Urgency::Low);
        (event_type, NotificationRule { recipients, sms_from, webhook: rule.webhook })
    });
    NotificationMatrix { rules: rules.collect() }
}

fn contacts(settings: &Settings) -> Contacts {
    Contacts {
        team: Some(settings.email.team_inbox.clone()),
        management: Some(settings.email.management.clone()),
        operations: Some(settings.email.operations.clone()),
        on_call: settings.sms.on_call.clone(),
    }
}
