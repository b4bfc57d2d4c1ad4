//! The desk that the settings describe.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use engage_application::{AccessTokens, CustomerGate, Desk, OutboxBell, WebhookTargets};
use engage_domain::{
    BusinessHours, Calendar, Contacts, CustomerType, EscalationPolicy, Policies, PriorityPolicy,
    ReplyPolicy, RoutingPolicy, Rule, ServiceTarget, SlaPolicy, Urgency,
};

use jiff::civil::Weekday;

use crate::settings::{CalendarSettings, EscalationSettings, NotifyRule, Settings};
use crate::storage::Storage;
use crate::system::{SystemClock, SystemIds};

/// For how long a change that loses races is tried again: a little less than a request may take.
const PATIENCE: Duration = Duration::from_millis(4500);

pub(crate) fn desk(
    settings: &Settings,
    storage: &Storage,
    policies: Policies,
    gate: CustomerGate,
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
        gate,
        webhooks,
        bell,
        patience: PATIENCE,
    }
}

/// Lets customers at their cases.
pub(crate) fn gate(settings: &Settings, tokens: AccessTokens) -> CustomerGate {
    CustomerGate::new(settings.customers.access, tokens, Arc::new(SystemClock))
}

pub(crate) fn policies(settings: &Settings) -> anyhow::Result<Policies> {
    Ok(Policies {
        sla: sla(settings)?,
        priority: PriorityPolicy::new(settings.priority.weights())
            .context("the settings under priority")?,
        escalation: escalation(settings)?,
        replies: ReplyPolicy {
            most: settings.limits.customer_replies,
            most_file_bytes: settings.limits.case_file_bytes(),
            ..ReplyPolicy::default()
        },
    })
}

fn escalation(settings: &Settings) -> anyhow::Result<EscalationPolicy> {
    let EscalationSettings { customer_cool_down, reopen_window, close_after, raise_on_breach } =
        settings.escalation;
    let close_after = close_after.unwrap_or(reopen_window);
    anyhow::ensure!(
        close_after >= reopen_window,
        "escalation.close_after must not be shorter than escalation.reopen_window, in which \
         customers may still reopen a case"
    );
    Ok(EscalationPolicy { customer_cool_down, reopen_window, close_after, raise_on_breach })
}

fn sla(settings: &Settings) -> anyhow::Result<SlaPolicy> {
    let sla = &settings.sla;
    let rows = [
        (CustomerType::Free, "sla.free", &sla.free),
        (CustomerType::Business, "sla.business", &sla.business),
        (CustomerType::Enterprise, "sla.enterprise", &sla.enterprise),
    ];
    let mut policy = SlaPolicy::default();
    for (customer_type, section, row) in rows {
        let calendar = calendar(&row.calendar)
            .with_context(|| format!("the settings under {section}.calendar"))?;
        policy = policy.with_calendar(customer_type, calendar);
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

/// The hours of the weekdays; round the clock where none are set.
fn calendar(settings: &CalendarSettings) -> anyhow::Result<Calendar> {
    let days = [
        (Weekday::Monday, &settings.monday),
        (Weekday::Tuesday, &settings.tuesday),
        (Weekday::Wednesday, &settings.wednesday),
        (Weekday::Thursday, &settings.thursday),
        (Weekday::Friday, &settings.friday),
        (Weekday::Saturday, &settings.saturday),
        (Weekday::Sunday, &settings.sunday),
    ];
    let hours = days.iter().flat_map(|&(day, hours)| hours.iter().map(move |&hours| (day, hours)));
    let hours: Vec<_> = hours.collect();
    let holidays = settings.holidays.iter().map(|holiday| holiday.0);
    if hours.is_empty() {
        anyhow::ensure!(
            settings.holidays.is_empty(),
            "holidays need the hours of weekdays beside them, such as monday = [\"00:00-24:00\"]"
        );
        return Ok(Calendar::RoundTheClock);
    }
    let time_zone = settings.time_zone.0.clone();
    Ok(BusinessHours::new(time_zone, hours, holidays)?.into())
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
        overdue: rule(&notify.overdue),
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
