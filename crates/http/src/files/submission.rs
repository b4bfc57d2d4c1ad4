//! Customer requests that can carry files, as JSON or as a form.

use std::collections::BTreeSet;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use engage_application::Attachments;
use engage_domain::Attachment;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::FIELD;
use super::form::{Form, is_form, is_late};
use super::inline::{InlineContent, store_inline};
use crate::body::{BodyDigest, LIMIT_WITH_FILES, read_json};
use crate::change_headers::hash;
use crate::error::{ApiError, FieldProblem};
use crate::middleware::FileAllowance;
use crate::{known_fields, problems};

const ACCEPTS: &[&str] = &["application/json", "multipart/form-data"];

/// A customer request: its fields, and files that may not have arrived yet.
///
/// The files of a form come last, so that no file is stored for an invalid request.
pub(crate) struct Submission<T> {
    fields: T,
    files: ComingFiles,
}

/// Files of a request, and the amount of data its sender may upload.
pub(crate) struct ComingFiles {
    source: Source,
    allowance: FileAllowance,
}

/// The source of the files. Those of a form have yet to be received.
enum Source {
    Json(BodyDigest),
    Form { form: Box<Form>, fields: String },
}

impl<T: DeserializeOwned + 'static> FromRequest for Submission<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let allowance = FileAllowance::of_client(request);
        if is_form(request) {
            let form = Form::receive(request, payload.take());
            return Box::pin(async move {
                let (fields, source) = read_form(form?).await?;
                Ok(Self { fields, files: ComingFiles { source, allowance } })
            });
        }
        let read = read_json(request, payload, LIMIT_WITH_FILES, ACCEPTS);
        Box::pin(async move {
            let (fields, digest) = read.await?;
            Ok(Self { fields, files: ComingFiles { source: Source::Json(digest), allowance } })
        })
    }
}

async fn read_form<T: DeserializeOwned>(mut form: Form) -> Result<(T, Source), ApiError> {
    let mut fields = form.fields().await?;
    if fields.remove(FIELD).is_some() {
        problems::note(vec![FieldProblem::new(FIELD, "must be files, each with a file name")])?;
    }
    let text = Value::Object(fields.clone()).to_string();
    let fields = known_fields::read(Value::Object(fields)).map_err(|error| {
        ApiError::MalformedForm { reason: format!("a field has the wrong type: {error}") }
    })??;
    Ok((fields, Source::Form { form: Box::new(form), fields: text }))
}

impl<T> Submission<T> {
    /// Returns true if files may follow the fields.
    pub(crate) fn is_form(&self) -> bool {
        matches!(self.files.source, Source::Form { .. })
    }

    /// Validates the fields. The files remain to be stored.
    pub(crate) async fn validate<V>(
        self,
        validate: impl FnOnce(T) -> Result<V, ApiError>,
    ) -> Result<(V, ComingFiles), ApiError> {
        let Self { fields, files } = self;
        match (validate(fields), files.source) {
            (Ok(valid), source) => Ok((valid, ComingFiles { source, ..files })),
            (Err(ApiError::Validation(problems)), Source::Form { form, .. }) => {
                Err(ApiError::Validation(with_late_fields(problems, &form.late_fields().await)))
            }
            (Err(error), _) => Err(error),
        }
    }
}

/// Corrects the problems of a form with fields after a file, which were not read.
fn with_late_fields(mut problems: Vec<FieldProblem>, late: &BTreeSet<String>) -> Vec<FieldProblem> {
    problems.retain(|problem| !late.contains(problem.field.as_ref()));
    problems.extend(late.iter().map(|name| is_late(name)));
    problems
}

impl ComingFiles {
    /// Stores the files of the request, and returns them with the digest of the request. `inline`
    /// contains the files of a JSON body.
    pub(crate) async fn store(
        self,
        inline: Vec<InlineContent>,
        attachments: &Attachments,
    ) -> Result<(Vec<Attachment>, BodyDigest), ApiError> {
        let Self { source, allowance } = self;
        match source {
            Source::Json(digest) => {
                Ok((store_inline(attachments, inline, None, allowance).await?, digest))
            }
            Source::Form { form, fields } => {
                let files = form.files(attachments, None, allowance).await?;
                let digest = digest(&fields, &files);
                Ok((files, digest))
            }
        }
    }
}

/// Two forms are the same request if their fields and files are equal. Boundaries do not matter.
fn digest(fields: &str, files: &[Attachment]) -> BodyDigest {
    let mut parts: Vec<&[u8]> = vec![fields.as_bytes()];
    for file in files {
        parts.push(file.filename.as_str().as_bytes());
        parts.push(file.content_type.as_str().as_bytes());
        parts.push(file.hash.as_bytes());
    }
    BodyDigest(hash(&parts))
}
