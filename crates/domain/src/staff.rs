//! Staff members and their roles.

mod id;
mod last_administrator;
mod machine;
mod service;

use crate::contact::{EmailAddress, PhoneNumber};
use crate::text::{Department, PersonName};
use crate::time::Timestamp;
use crate::wire::wire_enum;

pub use id::{StaffId, StaffIdError, StaffRef};
pub use service::{ServiceAccess, ServiceRef, ServiceScope};

wire_enum! {
    /// Role of a staff member. Each role has all permissions of the ones before it.
    ///
    /// [`Permission`](crate::Permission) defines what each role may do.
    pub enum Role {
        /// Machine, such as a mail gateway. The role itself permits nothing: its
        /// [scopes](ServiceScope) do. A member never changes between this role and the others.
        Service = "SERVICE",
        /// Member who works on cases.
        Agent = "AGENT",
        /// Member who also watches over notifications.
        Supervisor = "SUPERVISOR",
        /// Member who also administers the desk.
        Admin = "ADMIN",
    }
}

/// A member of staff.
///
/// ```
/// use engage_domain::{Role, StaffMember};
///
/// let (id, name) = ("staff-123".parse()?, "Jane Smith".parse()?);
/// let (email, joined) = ("jane@desk.example".parse()?, "2025-01-27T10:00:00Z".parse()?);
/// let jane = StaffMember::new(id, name, email, Role::Admin, joined)
///     .with_department("Technical Support".parse()?);
/// assert!(jane.is_active_admin());
///
/// let left = StaffMember { deactivated_at: Some("2025-06-30T16:00:00Z".parse()?), ..jane };
/// assert!(!left.is_active());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct StaffMember {
    /// Id of the member.
    pub id: StaffId,
    /// Name of the member.
    pub name: PersonName,
    /// Address for notifications. No two members share one. A machine has a placeholder: see
    /// [`address`](Self::address).
    pub email: EmailAddress,
    /// Role of the member.
    pub role: Role,
    /// Department of the member, if there is one.
    pub department: Option<Department>,
    /// Telephone number for urgent text messages.
    pub phone: Option<PhoneNumber>,
    /// Time at which the member joined.
    pub created_at: Timestamp,
    /// Time at which the member left. From then on no case can be assigned to them and their tokens
    /// are void.
    pub deactivated_at: Option<Timestamp>,
    /// Rights of a machine. Members with another role have none.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "ServiceAccess::is_empty"))]
    pub service: ServiceAccess,
}

impl StaffMember {
    /// Creates an active member without a department or a telephone.
    pub fn new(
        id: StaffId,
        name: PersonName,
        email: EmailAddress,
        role: Role,
        created_at: Timestamp,
    ) -> Self {
        let (department, phone, deactivated_at) = (None, None, None);
        let service = ServiceAccess::default();
        Self { id, name, email, role, department, phone, created_at, deactivated_at, service }
    }

    /// Sets the department.
    #[must_use]
    pub fn with_department(self, department: Department) -> Self {
        Self { department: Some(department), ..self }
    }

    /// Sets the telephone number for urgent text messages.
    #[must_use]
    pub fn with_phone(self, phone: PhoneNumber) -> Self {
        Self { phone: Some(phone), ..self }
    }

    /// Checks whether the member still works here.
    pub fn is_active(&self) -> bool {
        self.deactivated_at.is_none()
    }

    /// Checks whether the member is a machine.
    pub fn is_service(&self) -> bool {
        self.role == Role::Service
    }

    /// Returns the address for notifications. A machine has none.
    pub fn address(&self) -> Option<&EmailAddress> {
        (!self.is_service()).then_some(&self.email)
    }

    /// Checks whether the member is active and can give others access.
    pub fn is_active_admin(&self) -> bool {
        self.is_active() && self.role == Role::Admin
    }

    /// Returns the id and the name of the member.
    pub fn to_ref(&self) -> StaffRef {
        StaffRef { id: self.id.clone(), name: self.name.clone() }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn staff_ids_are_short_lower_case_names() {
        for text in ["staff-456", "a", "jane_smith", &"x".repeat(64)] {
            assert_eq!(text.parse::<StaffId>().unwrap().as_str(), text);
        }
        for text in ["", "Jane", "jane smith", "jane@x", "j\u{e4}ne", &"x".repeat(65)] {
            assert_eq!(text.parse::<StaffId>(), Err(StaffIdError), "{text}");
        }
    }

    #[test]
    fn an_id_is_proposed_from_the_address_and_later_ones_get_a_suffix() {
        let long = format!("{}@x.example", "a".repeat(64));
        for (email, place, expected) in [
            ("Jane.Smith@desk.example", 1, "jane-smith".to_owned()),
            ("Jane.Smith@desk.example", 2, "jane-smith-2".to_owned()),
            ("sam_j+support@desk.example", 1, "sam_j-support".to_owned()),
            ("!#$@desk.example", 1, "staff".to_owned()),
            ("me@desk.example", 1, "me-1".to_owned()),
            ("Unassigned@desk.example", 1, "unassigned-1".to_owned()),
            ("+me+@desk.example", 2, "me-2".to_owned()),
            ("me.too@desk.example", 1, "me-too".to_owned()),
            (&long, 1, "a".repeat(64)),
            (&long, 4_294_967_295, format!("{}-4294967295", "a".repeat(53))),
        ] {
            let place = NonZeroU32::new(place).unwrap();
            let id = StaffId::proposed_for(&email.parse().unwrap(), place);
            assert_eq!(id.as_str(), expected);
            assert!(!id.is_reserved());
            assert_eq!(expected.parse(), Ok(id));
        }
    }

    #[test]
    fn the_id_of_a_machine_is_proposed_from_its_name() {
        for (name, expected) in
            [("Mail gateway", "mail-gateway"), ("你好", "staff"), ("Me", "me-1")]
        {
            let id = StaffId::proposed_for_service(&name.parse().unwrap(), NonZeroU32::MIN);
            assert_eq!(id.as_str(), expected);
        }
    }

    #[test]
    fn roles_are_ordered_by_what_they_may_do() {
        assert!(Role::Service < Role::Agent);
        assert!(Role::Agent < Role::Supervisor && Role::Supervisor < Role::Admin);
    }
}
