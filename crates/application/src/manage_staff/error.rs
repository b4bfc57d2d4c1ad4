use engage_domain::{EmailAddress, StaffId};
use engage_repository::RepositoryError;
use thiserror::Error;

/// Error returned when a member of staff cannot be added or changed.
#[derive(Debug, Error)]
pub enum StaffError {
    /// There is no such member.
    #[error("there is no staff member {0}")]
    NotFound(StaffId),
    /// The id is reserved. Choose another one.
    #[error("{0} is a reserved word; choose another id")]
    IdReserved(StaffId),
    /// Another member already has the id. Choose another one.
    #[error("staff member {0} already exists")]
    IdTaken(StaffId),
    /// Another member, possibly deactivated, has the email address.
    #[error("another staff member has the address {0}")]
    EmailTaken(EmailAddress),
    /// The member is the last active administrator. Promote another member first.
    #[error("{0} is the last active administrator; make another member ADMIN first")]
    LastAdmin(StaffId),
    /// A machine would become a person, or a person a machine. Add another member instead.
    #[error("{0} cannot change between SERVICE and the other roles; add another member")]
    RoleFixed(StaffId),
    /// A machine has no such property.
    #[error("a SERVICE member has no {0}")]
    NotOfService(&'static str),
    /// Only a machine has such a property.
    #[error("only a SERVICE member has {0}")]
    OnlyOfService(&'static str),
    /// A machine acts for people only.
    #[error("there is no staff member {0} for whom a machine could act")]
    NotRepresentable(StaffId),
    /// Storage failed, or there were too many concurrent changes to the member.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}
