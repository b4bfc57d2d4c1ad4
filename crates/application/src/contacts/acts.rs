//! Audit entries of changes to contacts and organizations. They have ids and names of fields, and no
//! personal data.

use engage_domain::{Contact, CustomerOrganization};

use crate::audit::{Act, AuditAction};

fn organization_id(contact: &Contact) -> Option<String> {
    contact.organization.own().map(|id| id.to_string())
}

/// Adds the names of the fields that are set or differ.
fn touching(act: Act, fields: &[(&str, bool)]) -> Act {
    let touched = fields.iter().filter(|(_, is_touched)| *is_touched);
    touched.fold(act, |act, (name, _)| act.touched(name))
}

pub(super) fn contact_added(contact: &Contact) -> Act {
    let act = Act::new(AuditAction::ContactAdded).to(contact.id).touched("name");
    let act = touching(
        act,
        &[
            ("emails", !contact.emails.as_slice().is_empty()),
            ("phone", contact.phone.is_some()),
            ("locale", contact.locale.is_some()),
            ("timeZone", contact.time_zone.is_some()),
            ("notes", contact.notes.is_some()),
        ],
    );
    act.set("organizationId", organization_id(contact))
}

pub(super) fn contact_changed(before: &Contact, after: &Contact) -> Act {
    let act = Act::new(AuditAction::ContactChanged).to(before.id);
    let act = touching(
        act,
        &[
            ("name", before.name != after.name),
            ("emails", before.emails != after.emails),
            ("phone", before.phone != after.phone),
            ("locale", before.locale != after.locale),
            ("timeZone", before.time_zone != after.time_zone),
            ("notes", before.notes != after.notes),
            ("organizationByDomain", before.organization != after.organization),
        ],
    );
    act.changed("organizationId", organization_id(before), organization_id(after))
}

pub(super) fn contacts_merged(from: &Contact, into: &Contact) -> Act {
    Act::new(AuditAction::ContactsMerged).to(into.id).set("from", from.id.to_string())
}

pub(super) fn contact_removed(contact: &Contact) -> Act {
    Act::new(AuditAction::ContactRemoved).to(contact.id)
}

pub(super) fn contacts_imported(added: usize, changed: usize) -> Act {
    Act::new(AuditAction::ContactsImported).set("created", added).set("updated", changed)
}

pub(super) fn organization_added(organization: &CustomerOrganization) -> Act {
    let act = Act::new(AuditAction::OrganizationAdded).to(organization.id).touched("name");
    let act = touching(
        act,
        &[
            ("domains", !organization.domains.as_slice().is_empty()),
            ("notes", organization.notes.is_some()),
            ("slaOverride", organization.sla_override.is_some()),
        ],
    );
    act.set("customerType", organization.customer_type.as_str())
}

pub(super) fn organization_changed(
    before: &CustomerOrganization,
    after: &CustomerOrganization,
) -> Act {
    let act = Act::new(AuditAction::OrganizationChanged).to(before.id);
    let act = touching(
        act,
        &[
            ("name", before.name != after.name),
            ("domains", before.domains != after.domains),
            ("notes", before.notes != after.notes),
            ("slaOverride", before.sla_override != after.sla_override),
        ],
    );
    act.changed("customerType", before.customer_type.as_str(), after.customer_type.as_str())
}

pub(super) fn organization_removed(organization: &CustomerOrganization) -> Act {
    Act::new(AuditAction::OrganizationRemoved).to(organization.id)
}
