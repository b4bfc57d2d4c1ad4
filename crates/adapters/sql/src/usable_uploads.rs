//! Which uploads an update may take.

use diesel::dsl::{auto_type, exists, not};
use diesel::prelude::*;
use engage_domain::AttachmentId;

use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::schema::{attachments, uploads};

/// Finds the uploads of a member of staff that an update may take.
#[auto_type(no_type_alias)]
pub fn usable_uploads(ids: Vec<DbId<AttachmentId>>, by: String, since: DbTimestamp) -> _ {
    let taken = attachments::table.filter(attachments::id.eq(uploads::id));
    uploads::table
        .filter(uploads::id.eq_any(ids))
        .filter(uploads::uploaded_by.eq(by))
        .filter(uploads::created_at.ge(since))
        .filter(uploads::size.is_not_null())
        .filter(not(exists(taken)))
}
