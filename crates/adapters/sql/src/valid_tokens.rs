//! Which tokens of staff are valid.

use diesel::dsl::auto_type;
use diesel::prelude::*;

use crate::db_timestamp::DbTimestamp;
use crate::schema::{staff, staff_tokens};

/// Finds the tokens that have not expired and whose owners are active.
#[auto_type(no_type_alias)]
pub fn valid_tokens(now: DbTimestamp) -> _ {
    let not_expired = staff_tokens::expires_at.gt(now).or(staff_tokens::expires_at.is_null());
    let is_active_person = staff::service.is_null().and(staff::deactivated_at.is_null());
    let is_active_machine =
        staff::service.is_not_null().and(staff::service_deactivated_at.is_null());
    staff_tokens::table
        .inner_join(staff::table)
        .filter(not_expired.assume_not_null())
        .filter(is_active_person.or(is_active_machine))
}
