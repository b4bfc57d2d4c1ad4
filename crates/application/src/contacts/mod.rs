//! Contacts and organizations: management, joining and import.

mod acts;
mod contact_change;
mod import;
mod import_plan;
mod import_rows;
mod manage;
mod organization_change;
mod organizations;

pub use contact_change::{ContactChange, NewContact};
pub use import::ContactImport;
pub use import_rows::{ImportProblem, ImportRow, ImportTotals};
pub use manage::{ContactError, ContactPage, ManageContacts};
pub use organization_change::{NewOrganization, OrganizationChange};
pub use organizations::{ManageOrganizations, OrganizationError, OrganizationPage};
