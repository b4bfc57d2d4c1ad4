//! Entries of the audit log about changes of members.

use std::collections::BTreeSet;

use engage_domain::StaffMember;
use engage_domain::staff::ServiceAccess;

use crate::audit::{Act, AuditAction};

fn text(value: Option<&impl ToString>) -> Option<String> {
    value.map(ToString::to_string)
}

fn listed<T: ToString>(values: &BTreeSet<T>) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

/// Returns the act of adding a member.
pub(super) fn added(member: &StaffMember) -> Act {
    let act = added_by_role(member);
    if !member.is_service() {
        return act;
    }
    let ServiceAccess { scopes, acts_for } = &member.service;
    act.set("scopes", listed(scopes)).set("actsFor", listed(acts_for))
}

fn added_by_role(member: &StaffMember) -> Act {
    Act::new(AuditAction::StaffAdded)
        .to(&member.id)
        .set("name", member.name.as_str())
        .set("email", text(member.address()))
        .set("role", member.role.as_str())
        .set("department", text(member.department.as_ref()))
        .set("phone", text(member.phone.as_ref()))
}

/// Returns the act of changing a member.
pub(super) fn changed(before: &StaffMember, after: &StaffMember) -> Act {
    Act::new(AuditAction::StaffChanged)
        .to(&before.id)
        .changed("name", before.name.as_str(), after.name.as_str())
        .changed("email", text(before.address()), text(after.address()))
        .changed("role", before.role.as_str(), after.role.as_str())
        .changed("department", text(before.department.as_ref()), text(after.department.as_ref()))
        .changed("phone", text(before.phone.as_ref()), text(after.phone.as_ref()))
        .changed("active", before.is_active(), after.is_active())
        .changed("scopes", listed(&before.service.scopes), listed(&after.service.scopes))
        .changed("actsFor", listed(&before.service.acts_for), listed(&after.service.acts_for))
}
