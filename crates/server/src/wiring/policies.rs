//! Wiring of the case policies.

use anyhow::Context;
use engage_domain::case::{EscalationPolicy, LifecyclePolicy, ReplyPolicy};
use engage_domain::priority::PriorityPolicy;
use engage_domain::sla::{BusinessHours, Calendar, ServiceTarget};
use engage_domain::{CustomerType, Policies, SlaPolicy, Urgency};

use jiff::civil::Weekday;

use crate::settings::{CalendarSettings, EscalationSettings, Settings};

pub(crate) fn policies(settings: &Settings) -> anyhow::Result<Policies> {
    Ok(Policies {
        sla: sla(settings)?,
        priority: PriorityPolicy::new(settings.priority.weights())
            .context("the settings under priority")?,
        lifecycle: lifecycle(settings)?,
        escalation: escalation(settings),
        replies: ReplyPolicy {
            most: settings.limits.customer_replies,
            most_file_bytes: settings.limits.case_file_bytes(),
            ..ReplyPolicy::default()
        },
        unknown_type: settings.customers.unknown_type,
    })
}

fn lifecycle(settings: &Settings) -> anyhow::Result<LifecyclePolicy> {
    let EscalationSettings { reopen_window, close_after, .. } = settings.escalation;
    let close_after = close_after.unwrap_or(reopen_window);
    anyhow::ensure!(
        close_after >= reopen_window,
        "escalation.close_after must not be shorter than escalation.reopen_window, in which \
         customers may still reopen a case"
    );
    Ok(LifecyclePolicy { reopen_window, close_after })
}

fn escalation(settings: &Settings) -> EscalationPolicy {
    let EscalationSettings { customer_cool_down, raise_on_breach, .. } = settings.escalation;
    EscalationPolicy { customer_cool_down, raise_on_breach }
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

/// Builds the calendar from the hours of the weekdays, or a round-the-clock one if none are set.
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
            "holidays require hours on weekdays, such as monday = [\"00:00-24:00\"]"
        );
        return Ok(Calendar::RoundTheClock);
    }
    let time_zone = settings.time_zone.0.clone();
    Ok(BusinessHours::new(time_zone, hours, holidays)?.into())
}
