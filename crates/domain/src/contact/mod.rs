//! E-mail addresses and telephone numbers.

mod automatic;
mod email;
mod phone;

pub use email::{ABSENT_EMAIL, ERASED_EMAIL, EmailAddress, EmailAddressError};
pub use phone::{ERASED_PHONE, PhoneNumber, PhoneNumberError};
