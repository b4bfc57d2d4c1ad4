//! Files that requests bring, and files that answers are.

mod channel;
pub(crate) mod download;
pub(crate) mod form;
pub(crate) mod inline;
pub(crate) mod submission;

use actix_web::ResponseError;
use engage_application::Attachments;
use engage_domain::Attachment;

use crate::change_headers::Served;
use crate::error::ApiError;

/// The field of a request that has its files, as problems name it.
const FIELD: &str = "attachments";

/// Takes back the files that were stored for a request, where it was refused or served before.
/// Where that is not certain, they are left to the sweeper.
pub(crate) async fn discard_unused(
    outcome: &Result<Served, ApiError>,
    attachments: &Attachments,
    stored: &[Attachment],
) {
    let is_unused = match outcome {
        Ok(served) => served.is_replayed,
        Err(error) => error.status_code().is_client_error(),
    };
    if is_unused {
        attachments.discard(stored).await;
    }
}
