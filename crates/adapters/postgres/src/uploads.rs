//! Uploaded files, before and after an update has them.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use engage_domain::attachment::ContentHash;
use engage_domain::{Attachment, AttachmentId, CaseNumber, StaffId, Timestamp};
use engage_repository::{
    ExpiredUpload, MeasuredFiles, ParticipantView, RepositoryError, Upload, UploadRepository,
};
use engage_sql::schema::{attachments, uploads};
use engage_sql::{
    DbId, DbTimestamp, FileRow, UploadRow, file_ids, has_number, measure, public_attachment,
    usable_uploads, view_columns,
};

use crate::store::PostgresStore;

#[async_trait]
impl UploadRepository for PostgresStore {
    async fn add_upload(&self, upload: &Upload) -> Result<(), RepositoryError> {
        let row = UploadRow::from(upload);
        let insert = diesel::insert_into(uploads::table).values(&row);
        self.connections().run(async |c| insert.execute(c).await).await?;
        Ok(())
    }

    async fn finish_upload(
        &self,
        id: AttachmentId,
        size: u64,
        hash: ContentHash,
    ) -> Result<bool, RepositoryError> {
        let size = i64::try_from(size).map_err(RepositoryError::internal)?;
        let update = diesel::update(uploads::table.find(DbId::from(id)))
            .set((uploads::size.eq(size), uploads::hash.eq(&hash.as_bytes()[..])));
        let changed = self.connections().run(async |c| update.execute(c).await).await?;
        Ok(changed == 1)
    }

    async fn find_uploads(
        &self,
        ids: &[AttachmentId],
        by: &StaffId,
        since: Timestamp,
    ) -> Result<Vec<Attachment>, RepositoryError> {
        let select = usable_uploads(file_ids(ids), by.to_string(), DbTimestamp(since))
            .select(FileRow::as_select());
        let found: Vec<FileRow> = self.connections().run(async |c| select.load(c).await).await?;
        Ok(found.into_iter().map(FileRow::into_attachment).collect::<Result<_, _>>()?)
    }

    async fn find_attachment(
        &self,
        id: AttachmentId,
    ) -> Result<Option<Attachment>, RepositoryError> {
        let id = DbId::from(id);
        let attached = attachments::table.find(id).select(FileRow::ATTACHED);
        let upload = uploads::table
            .find(id)
            .filter(uploads::size.is_not_null())
            .select(FileRow::as_select());
        let found = async |c: &mut _| -> QueryResult<Option<FileRow>> {
            match attached.first(c).await.optional()? {
                Some(found) => Ok(Some(found)),
                None => upload.first(c).await.optional(),
            }
        };
        let found = self.connections().run(found).await?;
        Ok(found.map(FileRow::into_attachment).transpose()?)
    }

    async fn find_public_attachment(
        &self,
        number: &CaseNumber,
        id: AttachmentId,
        view: Option<ParticipantView>,
    ) -> Result<Option<Attachment>, RepositoryError> {
        let Some(has_number) = has_number(number) else { return Ok(None) };
        let (reads_from, person) = view_columns(view);
        let select =
            public_attachment(id.into(), has_number, reads_from, person).select(FileRow::ATTACHED);
        let found = async |c: &mut _| select.first(c).await.optional();
        let found: Option<FileRow> = self.connections().run(found).await?;
        Ok(found.map(FileRow::into_attachment).transpose()?)
    }

    async fn list_expired_uploads(
        &self,
        before: Timestamp,
        limit: NonZeroU32,
    ) -> Result<Vec<ExpiredUpload>, RepositoryError> {
        // One index lookup for each upload. For EXISTS, PostgreSQL would read all attachments.
        let taken = attachments::table
            .filter(attachments::id.eq(uploads::id))
            .select(attachments::id)
            .single_value()
            .is_not_null();
        let select = uploads::table
            .filter(uploads::created_at.lt(DbTimestamp(before)))
            .order_by((uploads::created_at, uploads::id))
            .limit(limit.get().into())
            .select((uploads::id, taken));
        let found: Vec<(DbId<AttachmentId>, bool)> =
            self.connections().run(async |c| select.load(c).await).await?;
        let expired = |(id, is_taken): (DbId<_>, bool)| ExpiredUpload { id: id.get(), is_taken };
        Ok(found.into_iter().map(expired).collect())
    }

    async fn remove_uploads(&self, ids: &[AttachmentId]) -> Result<(), RepositoryError> {
        let delete = diesel::delete(uploads::table.filter(uploads::id.eq_any(file_ids(ids))));
        self.connections().run(async |c| delete.execute(c).await).await?;
        Ok(())
    }

    async fn measure_attachments(
        &self,
        after: AttachmentId,
        limit: NonZeroU32,
    ) -> Result<Option<MeasuredFiles>, RepositoryError> {
        let select = attachments::table
            .filter(attachments::id.gt(DbId::from(after)))
            .order_by(attachments::id)
            .limit(limit.get().into())
            .select((attachments::id, attachments::size));
        let found: Vec<(DbId<AttachmentId>, i64)> =
            self.connections().run(async |c| select.load(c).await).await?;
        measure(&found)
    }
}
