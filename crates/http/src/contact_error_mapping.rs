//! Maps the errors of contacts, organizations and erasures of persons to the errors of the API.

use engage_application::{ContactError, ErasePersonError, OrganizationError};
use engage_domain::contact::MergeContactsError;

use crate::error::ApiError;

impl From<ContactError> for ApiError {
    fn from(error: ContactError) -> Self {
        match error {
            ContactError::NotFound(id) => Self::ContactNotFound(id.to_string()),
            ContactError::OrganizationNotFound(id) => Self::OrganizationNotFound(id.to_string()),
            ContactError::EmailTaken { email, other } => {
                Self::ContactTaken { email: email.to_string(), other: other.to_string() }
            }
            ContactError::Merge(error) => error.into(),
            ContactError::Repository(error) => error.into(),
        }
    }
}

impl From<MergeContactsError> for ApiError {
    fn from(error: MergeContactsError) -> Self {
        Self::invalid("from", error.to_string())
    }
}

impl From<OrganizationError> for ApiError {
    fn from(error: OrganizationError) -> Self {
        match error {
            OrganizationError::NotFound(id) => Self::OrganizationNotFound(id.to_string()),
            OrganizationError::DomainTaken { domain, other } => {
                Self::DomainTaken { domain: domain.to_string(), other: other.to_string() }
            }
            OrganizationError::Domains(error) => Self::invalid("domains", error.to_string()),
            OrganizationError::Repository(error) => error.into(),
        }
    }
}

impl From<ErasePersonError> for ApiError {
    fn from(error: ErasePersonError) -> Self {
        match error {
            ErasePersonError::ContactNotFound(id) => Self::ContactNotFound(id.to_string()),
            ErasePersonError::NotFound(id) => Self::ErasureNotFound(id.to_string()),
            ErasePersonError::KeyReused => Self::IdempotencyKeyReused,
            ErasePersonError::Repository(error) => error.into(),
        }
    }
}
