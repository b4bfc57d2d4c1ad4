//! Audit entries of changes to webhook endpoints.

use engage_domain::webhook::WebhookEndpoint;

use crate::audit::{Act, AuditAction};

fn event_names(endpoint: &WebhookEndpoint) -> Vec<&'static str> {
    endpoint.event_types.iter().map(|event| event.as_str()).collect()
}

fn subtype_names(endpoint: &WebhookEndpoint) -> Vec<&'static str> {
    endpoint.event_subtypes.iter().map(|subtype| subtype.as_str()).collect()
}

fn description(endpoint: &WebhookEndpoint) -> Option<String> {
    endpoint.description.as_ref().map(ToString::to_string)
}

pub(super) fn described(action: AuditAction, endpoint: &WebhookEndpoint) -> Act {
    Act::new(action)
        .to(endpoint.id)
        .set("url", endpoint.url.to_string())
        .set("eventTypes", event_names(endpoint))
        .set("eventSubtypes", subtype_names(endpoint))
        .set("includeInternal", endpoint.includes_internal)
        .set("description", description(endpoint))
}

pub(super) fn changed(before: &WebhookEndpoint, after: &WebhookEndpoint) -> Act {
    Act::new(AuditAction::WebhookChanged)
        .to(before.id)
        .changed("url", before.url.to_string(), after.url.to_string())
        .changed("eventTypes", event_names(before), event_names(after))
        .changed("eventSubtypes", subtype_names(before), subtype_names(after))
        .changed("includeInternal", before.includes_internal, after.includes_internal)
        .changed("description", description(before), description(after))
        .changed("enabled", before.is_enabled(), after.is_enabled())
}
