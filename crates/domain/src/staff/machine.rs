//! Machines as members of staff.

use super::{Role, ServiceAccess, StaffId, StaffMember};
use crate::text::PersonName;
use crate::time::Timestamp;

impl StaffMember {
    /// Creates an active machine without a department.
    pub fn new_service(
        id: StaffId,
        name: PersonName,
        service: ServiceAccess,
        created_at: Timestamp,
    ) -> Self {
        let email = id.service_email();
        Self { service, ..Self::new(id, name, email, Role::Service, created_at) }
    }

    /// Checks whether the member is a machine that may write on behalf of another one.
    pub fn may_act_for(&self, id: &StaffId) -> bool {
        self.is_service() && self.service.acts_for.contains(id)
    }

    /// Checks whether the change to `after` would make a machine of a person, or a person of a
    /// machine. Neither is possible: a person has cases and an address, and a machine has neither.
    pub fn changes_kind(&self, after: &Self) -> bool {
        self.is_service() != after.is_service()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::ServiceScope;

    fn access(scopes: &[ServiceScope], acts_for: &[&str]) -> ServiceAccess {
        let acts_for = acts_for.iter().map(|id| id.parse().unwrap()).collect();
        ServiceAccess { scopes: scopes.iter().copied().collect(), acts_for }
    }

    fn gateway(service: ServiceAccess) -> StaffMember {
        let (id, name) = ("gateway".parse().unwrap(), "Gateway".parse().unwrap());
        StaffMember::new_service(id, name, service, Timestamp::EPOCH)
    }

    #[test]
    fn a_machine_has_an_address_that_reaches_nobody() {
        for id in ["gateway", "_", "-", &"x".repeat(64)] {
            let email = id.parse::<StaffId>().unwrap().service_email();
            assert_eq!(email.as_str(), format!("{id}@service.invalid"));
            assert_eq!(email.as_str().parse(), Ok(email));
        }
        assert_eq!(gateway(ServiceAccess::default()).address(), None);
    }

    #[test]
    fn a_machine_acts_for_the_members_it_names() {
        let gateway = gateway(access(&[], &["jane"]));
        assert!(gateway.may_act_for(&"jane".parse().unwrap()));
        assert!(!gateway.may_act_for(&"bob".parse().unwrap()));
        let person = StaffMember { role: Role::Agent, ..gateway };
        assert!(!person.may_act_for(&"jane".parse().unwrap()));
    }

    #[test]
    fn rights_include_fewer_rights_only() {
        let both = access(&[ServiceScope::CasesRead, ServiceScope::CasesReply], &["jane"]);
        for (other, included) in [
            (both.clone(), true),
            (access(&[ServiceScope::CasesRead], &[]), true),
            (access(&[ServiceScope::FeedRead], &[]), false),
            (access(&[], &["bob"]), false),
        ] {
            assert_eq!(both.includes(&other), included, "{other:?}");
        }
    }

    #[test]
    fn a_machine_is_never_an_administrator() {
        assert!(!gateway(access(ServiceScope::ALL, &[])).is_active_admin());
    }
}
