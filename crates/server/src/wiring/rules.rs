//! Rules of cases and recipients of notifications, according to the settings.

use std::collections::BTreeMap;

use engage::Rules;
use engage_domain::notify::NotificationRule;
use engage_domain::{Channel, Contacts, NotificationMatrix, Policies, Urgency};

use crate::settings::Settings;

pub(super) fn rules(settings: &Settings, policies: Policies) -> Rules {
    Rules {
        policies,
        matrix: matrix(settings),
        contacts: contacts(settings),
        number_prefix: settings.case_number.prefix.clone(),
    }
}

pub(crate) fn matrix(settings: &Settings) -> NotificationMatrix {
    let rules = settings.notify.rules.iter().map(|(&event_type, rule)| {
        let recipients = BTreeMap::from([
            (Channel::Email, rule.email.clone()),
            (Channel::Sms, rule.sms.clone()),
        ]);
        let sms_from = rule.sms_from.unwrap_or(Urgency::Low);
        let sms_requires_entitlement = settings.notify.sms.require_entitlement;
        let webhook = rule.webhook;
        (event_type, NotificationRule { recipients, sms_from, sms_requires_entitlement, webhook })
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
