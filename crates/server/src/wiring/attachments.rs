use std::sync::Arc;

use anyhow::Context;
use engage_application::Attachments;
use engage_attachments::AttachmentContents;

use crate::settings::Settings;
use crate::storage::Storage;
use crate::system::{SystemClock, SystemIds};

/// Opens the storage of attachments. Fails if `attachments.url` cannot be used.
pub(crate) fn attachments(settings: &Settings, storage: &Storage) -> anyhow::Result<Attachments> {
    let contents = AttachmentContents::open(&settings.attachments.url, &settings.attachments.s3())
        .context("cannot open the attachment storage (attachments.url)")?;
    Ok(Attachments {
        contents: Arc::new(contents),
        uploads: storage.store(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        lifetime: settings.retention.uploads,
        floor: settings.limits.space_floor(),
    })
}
