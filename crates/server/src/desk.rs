//! The desk that the settings describe.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use engage_application::{Desk, OutboxBell, WebhookTargets};
use engage_domain::{
    Contacts, CustomerType, EscalationPolicy, Policies, PriorityPolicy, RoutingPolicy, Rule,
    ServiceTarget, SlaPolicy, Urgency,
};

use crate::settings::{NotifyRule, Settings};
use crate::storage::Storage;
use crate::system::{SystemClock, SystemIds};

/// For how long a change that loses races is tried again: a little less than a request may take.
const PATIENCE: Duration = Duration::from_millis(4500);

pub(crate) fn desk(
    settings: &Settings,
    storage: &Storage,
    policies: Policies,
    webhooks: WebhookTargets,
    bell: OutboxBell,
) -> Desk {
    Desk {
        cases: Arc::clone(&storage.cases),
        numbers: Arc::clone(&storage.numbers),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        number_prefix: settings.case_number.prefix.clone(),
        policies,
        routing: routing(settings),
        contacts: contacts(settings),
        webhooks,
        bell,
        patience: PATIENCE,
    }
}

pub(crate) fn policies(settings: &Settings) -> anyhow::Result<Policies> {
    Ok(Policies {
        sla: sla(settings)?,
        priority: PriorityPolicy::new(settings.priority.weights())
            .context("the settings under priority")?,
        escalation: EscalationPolicy {
            customer_cool_down: settings.escalation.customer_cool_down,
            reopen_window: settings.escalation.reopen_window,
        },
    })
}

fn sla(settings: &Settings) -> anyhow::Result<SlaPolicy> {
    let sla = &settings.sla;
    let rows = [
        (CustomerType::Free, &sla.free),
        (CustomerType::Business, &sla.business),
        (CustomerType::Enterprise, &sla.enterprise),
    ];
    let mut policy = SlaPolicy::default();
    for (customer_type, row) in rows {
        let cells = [
            (Urgency::Low, &row.low),
            (Urgency::Medium, &row.medium),
            (Urgency::High, &row.high),
            (Urgency::Critical, &row.critical),
        ];
        for (urgency, cell) in cells {
            let target =
                ServiceTarget { first_response: cell.first_response, resolution: cell.resolution };
            policy = policy
                .with_target(customer_type, urgency, target)
                .context("the settings under sla")?;
        }
    }
    Ok(policy)
}

pub(crate) fn routing(settings: &Settings) -> RoutingPolicy {
    let rule = |rule: &NotifyRule| Rule {
        email: rule.email.clone(),
        sms: rule.sms.clone(),
        webhook: rule.webhook,
    };
    let notify = &settings.notify;
    RoutingPolicy {
        created: Rule {
            email: notify.created.email.clone(),
            sms: notify.created.sms.clone(),
            webhook: notify.created.webhook,
        },
        updated: rule(&notify.updated),
        escalated: rule(&notify.escalated),
        assigned: rule(&notify.assigned),
        cancelled: rule(&notify.cancelled),
        created_sms_from: notify.created.sms_from,
    }
}

pub(crate) fn contacts(settings: &Settings) -> Contacts {
    Contacts {
        team: Some(settings.email.team_inbox.clone()),
        management: Some(settings.email.management.clone()),
        operations: Some(settings.email.operations.clone()),
        on_call: settings.sms.on_call.clone(),
    }
}
