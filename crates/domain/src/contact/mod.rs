//! E-mail addresses and telephone numbers, and the contacts who have them.

mod automatic;
mod email;
mod emails;
mod locale;
mod merge;
mod person;
mod phone;
mod time_zone;

pub(crate) use email::unicode_domain;
pub use email::{ABSENT_EMAIL, ERASED_EMAIL, EmailAddress, EmailAddressError};
pub use emails::{ContactEmails, ContactEmailsError};
pub use locale::{Locale, LocaleError};
pub use merge::MergeContactsError;
pub use person::{Contact, ContactOrganization};
pub use phone::{ERASED_PHONE, PhoneNumber, PhoneNumberError};
pub use time_zone::{TimeZoneName, TimeZoneNameError};
