//! Forms with files: `multipart/form-data` (RFC 7578).

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::future::{Ready, ready};
use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use engage_application::{Attachments, LARGEST_REQUEST, MOST_FILES, NewFile};
use engage_domain::attachment::ContentType;
use engage_domain::{Attachment, StaffId};
use futures_util::StreamExt;
use serde_json::{Map, Value};
use tokio::time::timeout;
use tracing::Instrument;

use super::FIELD;
use super::channel::{FileSender, SendError, file_channel};
use crate::body::announced_length;
use crate::body_timeout::{self, TimedBody};
use crate::echo::shown;
use crate::error::{ApiError, FieldProblem};
use crate::known_fields::unknown;
use crate::middleware::FileAllowance;
use crate::problems;

/// Size limit for all fields of a form together, as in a JSON body.
const LARGEST_FIELDS: usize = 512 * 1024;

/// Maximum number of parts of a form: fields and files.
const MOST_PARTS: usize = 100;

/// Size limit for a whole form: its files, fields and the delimiters.
#[allow(clippy::cast_possible_truncation)] // 26 MiB.
const LARGEST_FORM: usize = LARGEST_REQUEST as usize + 1024 * 1024;

/// Time limit for storing a file after it has been received.
const PATIENCE: Duration = Duration::from_secs(20);

const ACCEPTS: &[&str] = &["multipart/form-data"];

/// A form that is being received: its fields first, then its files.
pub(crate) struct Form {
    parts: Multipart,
    /// Number of parts received.
    count: usize,
    /// First file, once the fields before it have been read.
    first_file: Option<Field>,
    /// True if the form may have fields.
    has_fields: bool,
    /// Announced length, or 0 if unknown.
    announced: u64,
}

/// Returns true if the content type of the request is that of a form.
pub(crate) fn is_form(request: &HttpRequest) -> bool {
    let value = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("multipart/form-data")
}

impl FromRequest for Form {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Self::receive(request, payload.take()))
    }
}

impl Form {
    pub(crate) fn receive(request: &HttpRequest, payload: Payload) -> Result<Self, ApiError> {
        if !is_form(request) {
            return Err(ApiError::UnsupportedMediaType { accepts: ACCEPTS });
        }
        let announced = announced_length(request.headers());
        if announced > LARGEST_FORM as u64 {
            return Err(ApiError::FilesTooLarge { limit: LARGEST_REQUEST });
        }
        let arrival = TimedBody::new(payload, LARGEST_FORM);
        let parts = Multipart::new(request.headers(), arrival);
        Ok(Self { parts, count: 0, first_file: None, has_fields: true, announced })
    }

    async fn next(&mut self) -> Result<Option<Field>, ApiError> {
        let part = self.parts.next().await.transpose().map_err(|error| refusal(&error))?;
        self.count += usize::from(part.is_some());
        if self.count > MOST_PARTS { Err(malformed("it has too many parts")) } else { Ok(part) }
    }

    /// Reads the fields before the first file as text. A repeated field is noted as a problem.
    pub(crate) async fn fields(&mut self) -> Result<Map<String, Value>, ApiError> {
        let mut fields = Map::new();
        let mut repeated = BTreeSet::new();
        let mut room = LARGEST_FIELDS;
        while let Some(mut part) = self.next().await? {
            if is_file(&part) {
                self.first_file = Some(part);
                break;
            }
            let Ok(bytes) = part.bytes(room).await else {
                return Err(ApiError::PayloadTooLarge { limit: LARGEST_FIELDS });
            };
            let bytes = bytes.map_err(|error| refusal(&error))?;
            room -= bytes.len();
            let text = String::from_utf8(bytes.to_vec())
                .map_err(|_| malformed("a field is no UTF-8 text"))?;
            let name = name_of(&part);
            if fields.insert(name.clone(), Value::String(text)).is_some() {
                repeated.insert(name);
            }
        }
        let once = |name: String| FieldProblem::new(shown(&name), "must be given only once");
        problems::note(repeated.into_iter().map(once).collect())?;
        Ok(fields)
    }

    /// Skips to the first file of a form that contains only files. Its fields are noted as
    /// problems. The parts should be named `file`.
    pub(crate) async fn skip_to_files(&mut self, file: &'static str) -> Result<(), ApiError> {
        self.has_fields = false;
        let fields = self.fields().await?;
        let problem = |name: &String| {
            if name == file {
                FieldProblem::new(file, "must be a file, with a file name")
            } else {
                unknown("", name, [file])
            }
        };
        problems::note(fields.keys().map(problem).collect())
    }

    /// Receives the rest of the form, and returns the names of the fields after the first file.
    pub(crate) async fn late_fields(mut self) -> BTreeSet<String> {
        let mut late = BTreeSet::new();
        let mut next = self.first_file.take();
        while let Some(mut part) = next {
            if !is_file(&part) {
                late.insert(name_of(&part));
            }
            while let Some(Ok(_)) = part.next().await {}
            // The next part does not arrive while this one is held.
            drop(part);
            // A malformed rest ends the loop. The request fails in any case.
            next = self.next().await.ok().flatten();
        }
        late
    }

    /// Stores the files. If one of them fails, none is retained. If the request has problems, no
    /// file is received.
    pub(crate) async fn files(
        self,
        attachments: &Attachments,
        by: Option<StaffId>,
        allowance: FileAllowance,
    ) -> Result<Vec<Attachment>, ApiError> {
        problems::refuse_any()?;
        let room = LARGEST_REQUEST;
        let mut files = Files { attachments, by, allowance, stored: Vec::new(), room };
        match files.receive(self).await {
            Ok(()) => Ok(files.stored),
            Err(error) => {
                attachments.discard(&files.stored).await;
                Err(error)
            }
        }
    }
}

fn is_file(part: &Field) -> bool {
    part.content_disposition()
        .is_some_and(|about| about.get_filename().is_some() || about.get_filename_ext().is_some())
}

fn name_of(part: &Field) -> String {
    part.name().unwrap_or_default().to_owned()
}

/// Builds the problem for a field that follows a file.
pub(super) fn is_late(name: &str) -> FieldProblem {
    FieldProblem::new(shown(name), "must come before the files")
}

/// Returns the file name given by the sender.
fn given_name(part: &Field) -> String {
    let Some(about) = part.content_disposition() else { return String::new() };
    let extended = about.get_filename_ext().map(|name| String::from_utf8_lossy(&name.value));
    let plain = || about.get_filename().unwrap_or_default().to_owned();
    extended.map_or_else(plain, Cow::into_owned)
}

fn given_type(part: &Field) -> ContentType {
    let value = part.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.and_then(|value| value.parse().ok()).unwrap_or_default()
}

/// Files of a form that have been stored.
struct Files<'a> {
    attachments: &'a Attachments,
    by: Option<StaffId>,
    allowance: FileAllowance,
    stored: Vec<Attachment>,
    room: u64,
}

impl Files<'_> {
    async fn receive(&mut self, mut form: Form) -> Result<(), ApiError> {
        let mut next = match form.first_file.take() {
            Some(file) => Some(file),
            None => form.next().await?,
        };
        if next.as_ref().is_some_and(is_file) {
            self.allowance.reserve(form.announced.min(LARGEST_REQUEST))?;
        }
        while let Some(part) = next {
            if !is_file(&part) {
                let name = name_of(&part);
                let problem = if form.has_fields { is_late(&name) } else { unknown("", &name, []) };
                return Err(ApiError::Validation(vec![problem]));
            }
            self.receive_one(part).await?;
            next = form.next().await?;
        }
        Ok(())
    }

    async fn receive_one(&mut self, mut part: Field) -> Result<(), ApiError> {
        let name = given_name(&part);
        if name.is_empty() {
            // Browsers send an empty part for a file input without a selection.
            return match part.next().await {
                None => Ok(()),
                Some(Ok(bytes)) if bytes.is_empty() => Ok(()),
                Some(Ok(_)) => Err(problem("must each have a file name")),
                Some(Err(error)) => Err(refusal(&error)),
            };
        }
        if self.stored.len() == MOST_FILES {
            return Err(problem(&format!("must be at most {MOST_FILES} files")));
        }
        let filename = name.parse().map_err(|error| {
            problem(&format!("file {}: the file name {error}", self.stored.len() + 1))
        })?;
        let content_type = given_type(&part);
        let file = NewFile { filename, content_type, uploaded_by: self.by.clone() };
        let (sender, content) = file_channel();
        let attachments = self.attachments.clone();
        // A separate task, so that it can clean up if the client disconnects.
        let storing = async move { attachments.store(file, content).await };
        let storing = tokio::spawn(storing.in_current_span());
        self.pump(&mut part, sender).await?;
        match timeout(PATIENCE, storing).await {
            Ok(Ok(stored)) => {
                self.stored.push(stored?);
                Ok(())
            }
            Ok(Err(failure)) => {
                tracing::error!(%failure, "storing a file panicked");
                Err(ApiError::Internal)
            }
            Err(_) => {
                tracing::warn!("storing a file timed out");
                Err(ApiError::Unavailable)
            }
        }
    }

    /// Forwards the chunks of a file until it ends or the receiver is dropped.
    async fn pump(&mut self, part: &mut Field, sender: FileSender) -> Result<(), ApiError> {
        let settle = |error| match error {
            // The storing task reports the reason.
            SendError::Unwanted => Ok(()),
            SendError::Stuck => Err(ApiError::Unavailable),
        };
        while let Some(bytes) = part.next().await {
            let bytes = bytes.map_err(|error| refusal(&error))?;
            let Some(room) = self.room.checked_sub(bytes.len() as u64) else {
                return Err(ApiError::FilesTooLarge { limit: LARGEST_REQUEST });
            };
            self.room = room;
            self.allowance.spend(bytes.len() as u64)?;
            if let Err(error) = sender.send(bytes).await {
                return settle(error);
            }
        }
        sender.finish().await.or_else(settle)
    }
}

fn problem(message: &str) -> ApiError {
    ApiError::invalid(FIELD, message)
}

fn malformed(reason: &str) -> ApiError {
    ApiError::MalformedForm { reason: reason.to_owned() }
}

fn refusal(error: &MultipartError) -> ApiError {
    match error {
        MultipartError::Payload(cause) => match body_timeout::refusal(cause, LARGEST_FORM) {
            Some(ApiError::PayloadTooLarge { .. }) => {
                ApiError::FilesTooLarge { limit: LARGEST_REQUEST }
            }
            Some(refusal) => refusal,
            None => malformed("it ended too early, or the headers of a part are too long"),
        },
        MultipartError::BoundaryMissing => malformed("the boundary is missing"),
        MultipartError::Incomplete => malformed("it ended too early"),
        MultipartError::ContentDispositionMissing
        | MultipartError::ContentDispositionNameMissing => malformed(
            "a part has no Content-Disposition with form-data and a name, or it is not in \
                 UTF-8 (write the name of a file in UTF-8)",
        ),
        MultipartError::Nested => malformed("a part contains other parts"),
        _ => malformed("it could not be read"),
    }
}
