//! Files on their way to updates, and where they are found afterwards.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use engage_domain::{
    Attachment, AttachmentId, CaseNumber, ContentHash, StaffId, Timestamp, Visibility,
};
use engage_repository::{ExpiredUpload, MeasuredFiles, RepositoryError, Upload, UploadRepository};
use uuid::Uuid;

use crate::case_rows::{number_columns, parse};
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::schema::{attachments, cases, updates, uploads};
use crate::store::PostgresStore;

/// A file as the columns of both tables hold it.
type FileColumns = (Uuid, String, String, i64, Vec<u8>);

fn file(
    (id, filename, content_type, size, hash): FileColumns,
) -> Result<Attachment, InvalidColumn> {
    let hash = hash.try_into().map_err(|_| InvalidColumn { column: "hash" })?;
    Ok(Attachment {
        id: AttachmentId::from_u128(id.as_u128()),
        filename: parse(&filename, "filename")?,
        content_type: parse(&content_type, "content_type")?,
        size: size.try_into().map_err(|_| InvalidColumn { column: "size" })?,
        hash: ContentHash::from_bytes(hash),
    })
}

fn uuids(ids: &[AttachmentId]) -> Vec<Uuid> {
    ids.iter().map(|id| Uuid::from_u128(id.as_u128())).collect()
}

/// The columns of a file of an update.
macro_rules! taken_file {
    () => {
        (
            attachments::id,
            attachments::filename,
            attachments::content_type,
            attachments::size,
            attachments::hash,
        )
    };
}

/// The columns of an upload that is finished.
macro_rules! finished_upload {
    () => {
        (
            uploads::id,
            uploads::filename,
            uploads::content_type,
            uploads::size.assume_not_null(),
            uploads::hash.assume_not_null(),
        )
    };
}

#[async_trait]
impl UploadRepository for PostgresStore {
    async fn add_upload(&self, upload: &Upload) -> Result<(), RepositoryError> {
        let insert = diesel::insert_into(uploads::table).values((
            uploads::id.eq(Uuid::from_u128(upload.id.as_u128())),
            uploads::uploaded_by.eq(upload.uploaded_by.as_ref().map(StaffId::as_str)),
            uploads::filename.eq(upload.filename.as_str()),
            uploads::content_type.eq(upload.content_type.as_str()),
            uploads::created_at.eq(DbTimestamp(upload.created_at)),
        ));
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
        let update = diesel::update(uploads::table.find(Uuid::from_u128(id.as_u128())))
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
        let taken = attachments::table.filter(attachments::id.eq(uploads::id));
        let select = uploads::table
            .filter(uploads::id.eq_any(uuids(ids)))
            .filter(uploads::uploaded_by.eq(by.as_str()))
            .filter(uploads::created_at.ge(DbTimestamp(since)))
            .filter(uploads::size.is_not_null())
            .filter(diesel::dsl::not(diesel::dsl::exists(taken)))
            .select(finished_upload!());
        let found: Vec<FileColumns> =
            self.connections().run(async |c| select.load(c).await).await?;
        Ok(found.into_iter().map(file).collect::<Result<_, _>>()?)
    }

    async fn find_attachment(
        &self,
        id: AttachmentId,
    ) -> Result<Option<Attachment>, RepositoryError> {
        let id = Uuid::from_u128(id.as_u128());
        let taken = attachments::table.find(id).select(taken_file!());
        let untaken =
            uploads::table.find(id).filter(uploads::size.is_not_null()).select(finished_upload!());
        let found = async |c: &mut _| -> QueryResult<Option<FileColumns>> {
            match taken.first(c).await.optional()? {
                Some(found) => Ok(Some(found)),
                None => untaken.first(c).await.optional(),
            }
        };
        let found = self.connections().run(found).await?;
        Ok(found.map(file).transpose()?)
    }

    async fn find_public_attachment(
        &self,
        number: &CaseNumber,
        id: AttachmentId,
    ) -> Result<Option<Attachment>, RepositoryError> {
        let Ok((prefix, year, sequence)) = number_columns(number) else { return Ok(None) };
        let select = attachments::table
            .inner_join(updates::table)
            .inner_join(cases::table.on(cases::id.eq(updates::case_id)))
            .filter(attachments::id.eq(Uuid::from_u128(id.as_u128())))
            .filter(updates::visibility.eq(Visibility::Public.as_str()))
            .filter(cases::number_year.eq(year))
            .filter(cases::number_sequence.eq(sequence))
            .filter(cases::number_prefix.eq(prefix))
            .select(taken_file!());
        let found = async |c: &mut _| select.first(c).await.optional();
        let found: Option<FileColumns> = self.connections().run(found).await?;
        Ok(found.map(file).transpose()?)
    }

    async fn list_expired_uploads(
        &self,
        before: Timestamp,
        limit: NonZeroU32,
    ) -> Result<Vec<ExpiredUpload>, RepositoryError> {
        // One look by the index for each upload; for EXISTS, PostgreSQL would read all attachments.
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
        let found: Vec<(Uuid, bool)> =
            self.connections().run(async |c| select.load(c).await).await?;
        let expired = |(id, is_taken): (Uuid, bool)| ExpiredUpload {
            id: AttachmentId::from_u128(id.as_u128()),
            is_taken,
        };
        Ok(found.into_iter().map(expired).collect())
    }

    async fn remove_uploads(&self, ids: &[AttachmentId]) -> Result<(), RepositoryError> {
        let delete = diesel::delete(uploads::table.filter(uploads::id.eq_any(uuids(ids))));
        self.connections().run(async |c| delete.execute(c).await).await?;
        Ok(())
    }

    async fn measure_attachments(
        &self,
        after: AttachmentId,
        limit: NonZeroU32,
    ) -> Result<Option<MeasuredFiles>, RepositoryError> {
        let select = attachments::table
            .filter(attachments::id.gt(Uuid::from_u128(after.as_u128())))
            .order_by(attachments::id)
            .limit(limit.get().into())
            .select((attachments::id, attachments::size));
        let found: Vec<(Uuid, i64)> =
            self.connections().run(async |c| select.load(c).await).await?;
        let Some((last, _)) = found.last() else { return Ok(None) };
        let last = AttachmentId::from_u128(last.as_u128());
        let bytes: i64 = found.iter().map(|(_, size)| size).sum();
        let bytes = bytes.try_into().map_err(RepositoryError::internal)?;
        Ok(Some(MeasuredFiles { last, bytes }))
    }
}
