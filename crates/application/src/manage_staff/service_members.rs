//! Rules for adding and changing machines.

use std::collections::BTreeSet;

use engage_domain::{StaffId, StaffMember};
use engage_repository::StaffRepository;

use super::error::StaffError;
use super::member::MemberChange;

/// Fails if a change does not fit the kind of the member, a person or a machine.
pub(super) fn check_change(
    before: &StaffMember,
    after: &StaffMember,
    change: &MemberChange,
) -> Result<(), StaffError> {
    if before.changes_kind(after) {
        return Err(StaffError::RoleFixed(before.id.clone()));
    }
    if before.is_service() {
        if change.email.is_some() {
            return Err(StaffError::NotOfService("email"));
        }
        if after.phone.is_some() {
            return Err(StaffError::NotOfService("phone"));
        }
    } else if change.scopes.is_some() {
        return Err(StaffError::OnlyOfService("scopes"));
    } else if change.acts_for.is_some() {
        return Err(StaffError::OnlyOfService("actsFor"));
    }
    Ok(())
}

/// Fails if a machine would act for somebody who is not a person among the staff. Members who have
/// left may be named: a machine does not act for them until they come back.
pub(super) async fn require_people(
    staff: &dyn StaffRepository,
    ids: impl IntoIterator<Item = &StaffId>,
) -> Result<(), StaffError> {
    for id in ids {
        let found = staff.find_staff(id).await?;
        if found.is_none_or(|member| member.is_service()) {
            return Err(StaffError::NotRepresentable(id.clone()));
        }
    }
    Ok(())
}

/// Returns the members for whom a machine did not act before the change.
pub(super) fn newly_represented<'a>(
    before: &'a StaffMember,
    after: &'a StaffMember,
) -> BTreeSet<&'a StaffId> {
    after.service.acts_for.difference(&before.service.acts_for).collect()
}
