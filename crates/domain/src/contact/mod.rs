//! Addresses at which people are reached.

mod email;
mod phone;

pub use email::{ERASED_EMAIL, EmailAddress, EmailAddressError};
pub use phone::{ERASED_PHONE, PhoneNumber, PhoneNumberError};
