//! E-mail addresses and telephone numbers.

mod email;
mod phone;

pub use email::{ERASED_EMAIL, EmailAddress, EmailAddressError};
pub use phone::{ERASED_PHONE, PhoneNumber, PhoneNumberError};
