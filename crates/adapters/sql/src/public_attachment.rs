//! Which files a customer may download.

use diesel::dsl::auto_type;
use diesel::prelude::*;
use engage_domain::AttachmentId;

use crate::case_number::HasNumber;
use crate::db_id::DbId;
use crate::schema::{attachments, cases, updates};

/// Finds a file of a public update of a case.
#[auto_type(no_type_alias)]
pub fn public_attachment(id: DbId<AttachmentId>, of_case: HasNumber) -> _ {
    attachments::table
        .inner_join(updates::table)
        .inner_join(cases::table.on(cases::id.eq(updates::case_id)))
        .filter(attachments::id.eq(id))
        .filter(updates::visibility.eq("PUBLIC"))
        .filter(of_case)
}
