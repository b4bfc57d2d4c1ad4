//! Which tokens of staff are valid.

use diesel::dsl::auto_type;
use diesel::prelude::*;

use crate::db_timestamp::DbTimestamp;
use crate::schema::{staff, staff_tokens};

/// Finds the tokens that have not expired and whose owners are active.
#[auto_type(no_type_alias)]
pub fn valid_tokens(now: DbTimestamp) -> _ {
    let not_expired = staff_tokens::expires_at.gt(now).or(staff_tokens::expires_at.is_null());
    staff_tokens::table
        .inner_join(staff::table)
        .filter(not_expired.assume_not_null())
        .filter(staff::deactivated_at.is_null())
}
