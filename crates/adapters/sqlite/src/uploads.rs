//! Uploaded files, before and after an update has them.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::{
    Attachment, AttachmentId, CaseNumber, ContentHash, StaffId, Timestamp, Visibility,
};
use engage_repository::{ExpiredUpload, MeasuredFiles, RepositoryError, Upload, UploadRepository};
use engage_sql::schema::{attachments, cases, updates, uploads};
use engage_sql::{
    AttachmentRow, DbId, DbTimestamp, FileRow, file_ids, has_number, measure, repository_error,
};

use crate::store::SqliteStore;

#[async_trait]
impl UploadRepository for SqliteStore {
    async fn add_upload(&self, upload: &Upload) -> Result<(), RepositoryError> {
        let upload = upload.clone();
        let id = DbId::from(upload.id);
        self.writer()
            .write(move |connection| {
                diesel::insert_into(uploads::table)
                    .values((
                        uploads::id.eq(id),
                        uploads::uploaded_by.eq(upload.uploaded_by.as_ref().map(StaffId::as_str)),
                        uploads::filename.eq(upload.filename.as_str()),
                        uploads::content_type.eq(upload.content_type.as_str()),
                        uploads::created_at.eq(DbTimestamp(upload.created_at)),
                    ))
                    .execute(connection)
                    .map_err(repository_error)?;
                Ok(())
            })
            .await
    }

    async fn finish_upload(
        &self,
        id: AttachmentId,
        size: u64,
        hash: ContentHash,
    ) -> Result<bool, RepositoryError> {
        let id = DbId::from(id);
        let size = i64::try_from(size).map_err(RepositoryError::internal)?;
        self.writer()
            .write(move |connection| {
                let changed = diesel::update(uploads::table.find(id))
                    .set((uploads::size.eq(size), uploads::hash.eq(&hash.as_bytes()[..])))
                    .execute(connection)
                    .map_err(repository_error)?;
                Ok(changed == 1)
            })
            .await
    }

    async fn find_uploads(
        &self,
        ids: &[AttachmentId],
        by: &StaffId,
        since: Timestamp,
    ) -> Result<Vec<Attachment>, RepositoryError> {
        let (ids, by) = (file_ids(ids), by.to_string());
        self.readers()
            .read(move |connection| {
                let taken = attachments::table.filter(attachments::id.eq(uploads::id));
                let found: Vec<FileRow> = uploads::table
                    .filter(uploads::id.eq_any(ids))
                    .filter(uploads::uploaded_by.eq(by))
                    .filter(uploads::created_at.ge(DbTimestamp(since)))
                    .filter(uploads::size.is_not_null())
                    .filter(diesel::dsl::not(diesel::dsl::exists(taken)))
                    .select(FileRow::as_select())
                    .load(connection)
                    .map_err(repository_error)?;
                Ok(found.into_iter().map(FileRow::into_attachment).collect::<Result<_, _>>()?)
            })
            .await
    }

    async fn find_attachment(
        &self,
        id: AttachmentId,
    ) -> Result<Option<Attachment>, RepositoryError> {
        let id = DbId::from(id);
        self.readers()
            .read(move |connection| {
                let attached: Option<AttachmentRow> = attachments::table
                    .find(id)
                    .select(AttachmentRow::as_select())
                    .first(connection)
                    .optional()
                    .map_err(repository_error)?;
                if let Some(row) = attached {
                    return Ok(Some(row.into_attachment()?));
                }
                let upload: Option<FileRow> = uploads::table
                    .find(id)
                    .filter(uploads::size.is_not_null())
                    .select(FileRow::as_select())
                    .first(connection)
                    .optional()
                    .map_err(repository_error)?;
                Ok(upload.map(FileRow::into_attachment).transpose()?)
            })
            .await
    }

    async fn find_public_attachment(
        &self,
        number: &CaseNumber,
        id: AttachmentId,
    ) -> Result<Option<Attachment>, RepositoryError> {
        let Some(has_number) = has_number(number) else { return Ok(None) };
        let id = DbId::from(id);
        self.readers()
            .read(move |connection| {
                let found: Option<AttachmentRow> = attachments::table
                    .inner_join(updates::table)
                    .inner_join(cases::table.on(cases::id.eq(updates::case_id)))
                    .filter(attachments::id.eq(id))
                    .filter(updates::visibility.eq(Visibility::Public.as_str()))
                    .filter(has_number)
                    .select(AttachmentRow::as_select())
                    .first(connection)
                    .optional()
                    .map_err(repository_error)?;
                Ok(found.map(AttachmentRow::into_attachment).transpose()?)
            })
            .await
    }

    async fn list_expired_uploads(
        &self,
        before: Timestamp,
        limit: NonZeroU32,
    ) -> Result<Vec<ExpiredUpload>, RepositoryError> {
        self.readers()
            .read(move |connection| {
                let taken = attachments::table.filter(attachments::id.eq(uploads::id));
                let found: Vec<(DbId<AttachmentId>, bool)> = uploads::table
                    .filter(uploads::created_at.lt(DbTimestamp(before)))
                    .order_by((uploads::created_at, uploads::id))
                    .limit(limit.get().into())
                    .select((uploads::id, diesel::dsl::exists(taken)))
                    .load(connection)
                    .map_err(repository_error)?;
                let expired = |(id, is_taken): (DbId<AttachmentId>, bool)| ExpiredUpload {
                    id: id.get(),
                    is_taken,
                };
                Ok(found.into_iter().map(expired).collect())
            })
            .await
    }

    async fn remove_uploads(&self, ids: &[AttachmentId]) -> Result<(), RepositoryError> {
        let ids = file_ids(ids);
        self.writer()
            .write(move |connection| {
                diesel::delete(uploads::table.filter(uploads::id.eq_any(&ids)))
                    .execute(connection)
                    .map_err(repository_error)?;
                Ok(())
            })
            .await
    }

    async fn measure_attachments(
        &self,
        after: AttachmentId,
        limit: NonZeroU32,
    ) -> Result<Option<MeasuredFiles>, RepositoryError> {
        let after = DbId::from(after);
        self.readers()
            .read(move |connection| {
                let found: Vec<(DbId<AttachmentId>, i64)> = attachments::table
                    .filter(attachments::id.gt(after))
                    .order_by(attachments::id)
                    .limit(limit.get().into())
                    .select((attachments::id, attachments::size))
                    .load(connection)
                    .map_err(repository_error)?;
                measure(&found)
            })
            .await
    }
}
