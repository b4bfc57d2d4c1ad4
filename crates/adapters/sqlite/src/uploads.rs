//! Files on their way to updates, and where they are found afterwards.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::{
    Attachment, AttachmentId, CaseNumber, ContentHash, StaffId, Timestamp, Visibility,
};
use engage_repository::{ExpiredUpload, MeasuredFiles, RepositoryError, Upload, UploadRepository};

use crate::case_rows::{id_bits, id_bytes, number_columns, parse};
use crate::error::{InvalidColumn, repository_error};
use crate::history_rows::AttachmentRow;
use crate::schema::{attachments, cases, updates, uploads};
use crate::store::SqliteStore;

/// A file as the columns of both tables hold it.
type FileColumns = (Vec<u8>, String, String, i64, Vec<u8>);

fn file(
    (id, filename, content_type, size, hash): FileColumns,
) -> Result<Attachment, InvalidColumn> {
    let hash = hash.try_into().map_err(|_| InvalidColumn { column: "hash" })?;
    Ok(Attachment {
        id: AttachmentId::from_u128(id_bits(&id, "upload id")?),
        filename: parse(&filename, "filename")?,
        content_type: parse(&content_type, "content_type")?,
        size: size.try_into().map_err(|_| InvalidColumn { column: "size" })?,
        hash: ContentHash::from_bytes(hash),
    })
}

fn bytes_of(ids: &[AttachmentId]) -> Vec<Vec<u8>> {
    ids.iter().map(|id| id_bytes(id.as_u128())).collect()
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
impl UploadRepository for SqliteStore {
    async fn add_upload(&self, upload: &Upload) -> Result<(), RepositoryError> {
        let upload = upload.clone();
        let id = id_bytes(upload.id.as_u128());
        self.writer()
            .write(move |connection| {
                diesel::insert_into(uploads::table)
                    .values((
                        uploads::id.eq(&id),
                        uploads::uploaded_by.eq(upload.uploaded_by.as_ref().map(StaffId::as_str)),
                        uploads::filename.eq(upload.filename.as_str()),
                        uploads::content_type.eq(upload.content_type.as_str()),
                        uploads::created_at.eq(upload.created_at.as_millis()),
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
        let id = id_bytes(id.as_u128());
        let size = i64::try_from(size).map_err(RepositoryError::internal)?;
        self.writer()
            .write(move |connection| {
                let changed = diesel::update(uploads::table.find(&id))
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
        let (ids, by) = (bytes_of(ids), by.to_string());
        self.readers()
            .read(move |connection| {
                let taken = attachments::table.filter(attachments::id.eq(uploads::id));
                let found: Vec<FileColumns> = uploads::table
                    .filter(uploads::id.eq_any(ids))
                    .filter(uploads::uploaded_by.eq(by))
                    .filter(uploads::created_at.ge(since.as_millis()))
                    .filter(uploads::size.is_not_null())
                    .filter(diesel::dsl::not(diesel::dsl::exists(taken)))
                    .select(finished_upload!())
                    .load(connection)
                    .map_err(repository_error)?;
                Ok(found.into_iter().map(file).collect::<Result<_, _>>()?)
            })
            .await
    }

    async fn find_attachment(
        &self,
        id: AttachmentId,
    ) -> Result<Option<Attachment>, RepositoryError> {
        let id = id_bytes(id.as_u128());
        self.readers()
            .read(move |connection| {
                let taken: Option<AttachmentRow> = attachments::table
                    .find(&id)
                    .select(AttachmentRow::as_select())
                    .first(connection)
                    .optional()
                    .map_err(repository_error)?;
                if let Some(row) = taken {
                    return Ok(Some(row.into_attachment()?));
                }
                let untaken: Option<FileColumns> = uploads::table
                    .find(&id)
                    .filter(uploads::size.is_not_null())
                    .select(finished_upload!())
                    .first(connection)
                    .optional()
                    .map_err(repository_error)?;
                Ok(untaken.map(file).transpose()?)
            })
            .await
    }

    async fn find_public_attachment(
        &self,
        number: &CaseNumber,
        id: AttachmentId,
    ) -> Result<Option<Attachment>, RepositoryError> {
        let Ok((prefix, year, sequence)) = number_columns(number) else { return Ok(None) };
        let id = id_bytes(id.as_u128());
        self.readers()
            .read(move |connection| {
                let found: Option<AttachmentRow> = attachments::table
                    .inner_join(updates::table)
                    .inner_join(cases::table.on(cases::id.eq(updates::case_id)))
                    .filter(attachments::id.eq(id))
                    .filter(updates::visibility.eq(Visibility::Public.as_str()))
                    .filter(cases::number_year.eq(year))
                    .filter(cases::number_sequence.eq(sequence))
                    .filter(cases::number_prefix.eq(prefix))
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
                let found: Vec<(Vec<u8>, bool)> = uploads::table
                    .filter(uploads::created_at.lt(before.as_millis()))
                    .order_by((uploads::created_at, uploads::id))
                    .limit(limit.get().into())
                    .select((uploads::id, diesel::dsl::exists(taken)))
                    .load(connection)
                    .map_err(repository_error)?;
                let expired = |(id, is_taken): (Vec<u8>, bool)| {
                    let id = AttachmentId::from_u128(id_bits(&id, "upload id")?);
                    Ok(ExpiredUpload { id, is_taken })
                };
                found.into_iter().map(expired).collect()
            })
            .await
    }

    async fn remove_uploads(&self, ids: &[AttachmentId]) -> Result<(), RepositoryError> {
        let ids = bytes_of(ids);
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
        let after = id_bytes(after.as_u128());
        self.readers()
            .read(move |connection| {
                let found: Vec<(Vec<u8>, i64)> = attachments::table
                    .filter(attachments::id.gt(after))
                    .order_by(attachments::id)
                    .limit(limit.get().into())
                    .select((attachments::id, attachments::size))
                    .load(connection)
                    .map_err(repository_error)?;
                let Some((last, _)) = found.last() else { return Ok(None) };
                let last = AttachmentId::from_u128(id_bits(last, "attachment id")?);
                let bytes: i64 = found.iter().map(|(_, size)| size).sum();
                let bytes = bytes.try_into().map_err(RepositoryError::internal)?;
                Ok(Some(MeasuredFiles { last, bytes }))
            })
            .await
    }
}
