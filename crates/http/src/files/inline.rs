//! Files in a JSON body, encoded in base64.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use engage_application::{Attachments, MOST_FILES, NewFile, UpdateFile};
use engage_domain::attachment::{ContentType, FileName};
use engage_domain::{Attachment, AttachmentId, StaffId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::FIELD;
use super::channel::in_memory;
use crate::deadline::in_time;
use crate::error::ApiError;
use crate::middleware::FileAllowance;
use crate::validation::Validation;

/// Size limit for all files of a JSON body, in bytes: 1 MiB. They are held in memory.
pub(crate) const LARGEST_INLINE: u64 = 1024 * 1024;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A file in the request itself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InlineFile {
    /// Name of the file. Only the last part of a path is used, and unsafe characters are replaced.
    /// Names longer than 200 characters are truncated before the extension.
    #[schema(required, min_length = 1, max_length = 200, example = "error.txt", nullable = false)]
    filename: Option<String>,
    /// Media type. `application/octet-stream` if omitted or blank.
    #[schema(example = "text/plain")]
    content_type: Option<String>,
    /// Content in base64. Line breaks are ignored. All files of a request together are at most 1
    /// MiB (1,048,576 bytes). Send larger ones as `multipart/form-data`.
    #[schema(required, format = Byte, example = "NDAzIEZvcmJpZGRlbg==", nullable = false)]
    content: Option<String>,
}

/// A file that was uploaded earlier.
#[derive(ToSchema)]
#[allow(dead_code)] // It only describes.
pub(crate) struct UploadedFile {
    /// Id of an upload by the same staff member in the last 23 hours that is not attached yet. No
    /// other field may be given.
    #[schema(example = "att_01jjg00000e008000000000001")]
    id: String,
}

/// A file in the request itself, or one that was uploaded earlier.
#[derive(ToSchema)]
#[serde(untagged)]
#[allow(dead_code)] // It only describes.
pub(crate) enum FileOrUploadBody {
    Inline(InlineFile),
    Upload(UploadedFile),
}

/// The JSON of [`FileOrUploadBody`], before it is known which one it is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileOrUpload {
    id: Option<String>,
    filename: Option<String>,
    content_type: Option<String>,
    content: Option<String>,
}

/// A decoded file of a JSON body.
pub(crate) struct InlineContent {
    filename: FileName,
    content_type: ContentType,
    bytes: Vec<u8>,
}

/// The source of a file in a request.
pub(crate) enum FileSource {
    /// A file to store.
    Inline(InlineContent),
    /// An upload to attach.
    Upload(AttachmentId),
}

/// Decodes the files of a request, or notes their problems.
pub(crate) fn inline_files(
    v: &mut Validation,
    files: Option<Vec<InlineFile>>,
) -> Vec<InlineContent> {
    let files = files.unwrap_or_default();
    check_number(v, files.len());
    (1..).zip(files).filter_map(|(place, file)| inline_file(v, place, file)).collect()
}

/// Decodes files of which some may be uploads.
pub(crate) fn files_or_uploads(
    v: &mut Validation,
    files: Option<Vec<FileOrUpload>>,
) -> Vec<FileSource> {
    let files = files.unwrap_or_default();
    check_number(v, files.len());
    let mut named: Vec<AttachmentId> = Vec::new();
    let mut sources = Vec::new();
    for (place, file) in (1..).zip(files) {
        let FileOrUpload { id, filename, content_type, content } = file;
        let Some(id) = id else {
            let file = InlineFile { filename, content_type, content };
            sources.extend(inline_file(v, place, file).map(FileSource::Inline));
            continue;
        };
        if filename.is_some() || content_type.is_some() || content.is_some() {
            v.problem(FIELD, format!("file {place}: id must stand alone"));
        }
        match id.trim().parse() {
            Ok(id) if named.contains(&id) => {
                v.problem(FIELD, format!("file {place}: the upload is listed twice"));
            }
            Ok(id) => {
                named.push(id);
                sources.push(FileSource::Upload(id));
            }
            Err(error) => v.problem(FIELD, format!("file {place}: id {error}")),
        }
    }
    sources
}

fn check_number(v: &mut Validation, number: usize) {
    if number > MOST_FILES {
        v.problem(FIELD, format!("must be at most {MOST_FILES} files"));
    }
}

fn inline_file(v: &mut Validation, place: usize, file: InlineFile) -> Option<InlineContent> {
    let InlineFile { filename, content_type, content } = file;
    let mut note = |problem: String| v.problem(FIELD, format!("file {place}: {problem}"));
    let filename: Option<FileName> = match filename.as_deref().map(str::parse) {
        Some(Ok(name)) => Some(name),
        Some(Err(error)) => {
            note(format!("filename {error}"));
            None
        }
        None => {
            note("filename is required".to_owned());
            None
        }
    };
    let content_type = match content_type.as_deref().map(str::trim) {
        None | Some("") => Some(ContentType::default()),
        Some(text) => text.parse().map_err(|error| note(format!("contentType {error}"))).ok(),
    };
    let bytes = match content {
        Some(text) => {
            // Tools insert line breaks. `base64` does so after 76 characters.
            let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
            let decoded = BASE64.decode(text);
            decoded.map_err(|_| note("content must be base64".to_owned())).ok()
        }
        None => {
            note("content is required".to_owned());
            None
        }
    };
    Some(InlineContent { filename: filename?, content_type: content_type?, bytes: bytes? })
}

/// Stores the files of a JSON body. If one of them fails, none is retained.
pub(crate) async fn store_inline(
    attachments: &Attachments,
    files: Vec<InlineContent>,
    by: Option<&StaffId>,
    mut allowance: FileAllowance,
) -> Result<Vec<Attachment>, ApiError> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let size = files.iter().map(|file| file.bytes.len() as u64).sum();
    if size > LARGEST_INLINE {
        return Err(ApiError::FilesTooLarge { limit: LARGEST_INLINE });
    }
    allowance.spend(size)?;
    let (attachments, uploaded_by) = (attachments.clone(), by.cloned());
    in_time(async move {
        let mut stored = Vec::new();
        for InlineContent { filename, content_type, bytes } in files {
            let file = NewFile { filename, content_type, uploaded_by: uploaded_by.clone() };
            match attachments.store(file, in_memory(bytes)).await {
                Ok(file) => stored.push(file),
                Err(error) => {
                    attachments.discard(&stored).await;
                    return Err(error);
                }
            }
        }
        Ok(stored)
    })
    .await
}

/// Stores the files that are in the request. The uploads remain to be attached.
pub(crate) async fn store_sources(
    attachments: &Attachments,
    sources: Vec<FileSource>,
    by: &StaffId,
) -> Result<Vec<UpdateFile>, ApiError> {
    let mut places = Vec::new();
    let mut inline = Vec::new();
    for source in sources {
        places.push(match source {
            FileSource::Upload(id) => Some(id),
            FileSource::Inline(content) => {
                inline.push(content);
                None
            }
        });
    }
    let stored = store_inline(attachments, inline, Some(by), FileAllowance::UNLIMITED).await?;
    let mut stored = stored.into_iter();
    let in_place = |place| match place {
        Some(id) => Some(UpdateFile::Upload(id)),
        None => stored.next().map(UpdateFile::Stored),
    };
    Ok(places.into_iter().filter_map(in_place).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a_file(filename: &str, content: &str) -> InlineFile {
        InlineFile {
            filename: Some(filename.to_owned()),
            content_type: None,
            content: Some(content.to_owned()),
        }
    }

    fn problems(v: Validation) -> Vec<String> {
        let Err(ApiError::Validation(problems)) = v.finish(None::<()>) else { panic!() };
        assert!(problems.iter().all(|problem| problem.field == FIELD));
        problems.into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn a_file_is_decoded_with_and_without_padding() {
        for text in ["YQ==", "YQ", " YQ==", "Y\r\nQ=\n=\n"] {
            let mut v = Validation::default();
            let files = inline_files(&mut v, Some(vec![a_file("a/b.txt", text)]));
            let [InlineContent { filename, content_type, bytes }] = &files[..] else { panic!() };
            assert_eq!(
                (filename.as_str(), content_type.as_str()),
                ("b.txt", "application/octet-stream")
            );
            assert_eq!(bytes, b"a");
        }
    }

    #[test]
    fn all_problems_with_files_are_reported_at_once() {
        let mut v = Validation::default();
        let nothing = InlineFile { filename: None, content_type: None, content: None };
        let typed = InlineFile { content_type: Some("text".to_owned()), ..a_file("..", "a-_") };
        assert!(inline_files(&mut v, Some(vec![nothing, typed])).is_empty());
        assert_eq!(
            problems(v),
            [
                "file 1: filename is required",
                "file 1: content is required",
                "file 2: filename must be a file name, such as report.pdf",
                "file 2: contentType must be a media type such as image/png",
                "file 2: content must be base64",
            ]
        );
    }

    #[test]
    fn an_upload_is_listed_once_and_without_other_fields() {
        let named = |id: &str, filename: Option<&str>| FileOrUpload {
            id: Some(id.to_owned()),
            filename: filename.map(str::to_owned),
            content_type: None,
            content: None,
        };
        let id = AttachmentId::from_u128(5).to_string();
        let mut v = Validation::default();
        let files =
            vec![named(&id, None), named(&id, None), named("x", None), named("y", Some("z"))];
        assert_eq!(files_or_uploads(&mut v, Some(files)).len(), 1);
        let problems = problems(v);
        assert_eq!(problems.len(), 4, "{problems:?}");
    }

    #[test]
    fn at_most_ten_files_are_accepted() {
        for (number, is_fine) in [(10, true), (11, false)] {
            let mut v = Validation::default();
            let files = (0..number).map(|_| a_file("a", "YQ")).collect();
            inline_files(&mut v, Some(files));
            assert_eq!(v.finish(Some(())).is_ok(), is_fine, "{number}");
        }
    }
}
