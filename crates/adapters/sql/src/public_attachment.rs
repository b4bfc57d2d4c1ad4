//! Which files a customer may download.

use diesel::dsl::auto_type;
use diesel::prelude::*;
use engage_domain::{AttachmentId, PersonId, Timestamp};
use engage_repository::ParticipantView;

use crate::case_number::HasNumber;
use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::schema::{attachments, cases, updates};

/// The part of a conversation that is read: everything from a time on, and what a person wrote.
pub type ViewColumns = (DbTimestamp, Option<DbId<PersonId>>);

/// Returns a view as columns. Without one, everything is read.
pub fn view_columns(view: Option<ParticipantView>) -> ViewColumns {
    match view {
        Some(ParticipantView { person, reads_from }) => {
            (DbTimestamp(reads_from), Some(person.into()))
        }
        None => (DbTimestamp(Timestamp::from_millis(0)), None),
    }
}

/// Finds a file of a public update of a case.
#[auto_type(no_type_alias)]
pub fn public_attachment(
    id: DbId<AttachmentId>,
    of_case: HasNumber,
    reads_from: DbTimestamp,
    person: Option<DbId<PersonId>>,
) -> _ {
    attachments::table
        .inner_join(updates::table)
        .inner_join(cases::table.on(cases::id.eq(updates::case_id)))
        .filter(attachments::id.eq(id))
        .filter(updates::visibility.eq("PUBLIC"))
        .filter(updates::timestamp.ge(reads_from).nullable().or(updates::person_id.eq(person)))
        .filter(of_case)
}
