//! File downloads.

use actix_web::body::SizedStream;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use engage_application::Download;
use engage_domain::attachment::{ContentHash, FileName};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use utoipa::ToSchema;

/// Content of a file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[allow(dead_code)] // It only describes.
pub(crate) struct FileBody(Vec<u8>);

/// Characters that must be encoded in an extended parameter (RFC 8187, section 3.2.1).
const EXTENDED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Builds a response that saves a file. The file is never displayed by the browser, so that its
/// content cannot act under the origin of this service. Returns 304 if the client already has the
/// file.
pub(crate) fn send(request: &HttpRequest, Download { file, content }: Download) -> HttpResponse {
    let is_known =
        request.headers().get_all(header::IF_NONE_MATCH).any(|tags| names(tags, &file.hash));
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, format!("\"{}\"", file.hash)))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if is_known {
        return response.finish();
    }
    response
        .insert_header((header::CONTENT_TYPE, file.content_type.as_str()))
        .insert_header((header::CONTENT_DISPOSITION, disposition(&file.filename)))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(SizedStream::new(file.size, content))
}

/// Returns true if a list of entity tags contains this hash (RFC 9110, section 13.1.2).
fn names(tags: &HeaderValue, hash: &ContentHash) -> bool {
    let hash = hash.to_string();
    tags.to_str().unwrap_or_default().split(',').map(str::trim).any(|tag| {
        let opaque = tag.strip_prefix("W/").unwrap_or(tag);
        tag == "*" || opaque.trim_matches('"') == hash
    })
}

/// Builds the `Content-Disposition` (RFC 6266), with an ASCII name for old clients and the UTF-8
/// name.
fn disposition(name: &FileName) -> String {
    let is_plain = |c: char| c == ' ' || (c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%'));
    let plain: String = name.as_str().chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let encoded = utf8_percent_encode(name.as_str(), EXTENDED);
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_given_in_both_spellings() {
        for (name, expected) in [
            ("a b.txt", "attachment; filename=\"a b.txt\"; filename*=UTF-8''a%20b.txt"),
            (
                "Größe 100%'.png",
                "attachment; filename=\"Gr__e 100_'.png\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20100%25%27.png",
            ),
        ] {
            assert_eq!(disposition(&name.parse().unwrap()), expected);
        }
    }

    #[test]
    fn an_entity_tag_is_found_in_a_list() {
        let hash = ContentHash::from_bytes([0xab; 32]);
        for (list, is_named) in [
            (format!("\"{hash}\""), true),
            (format!("\"x\", W/\"{hash}\""), true),
            ("*".to_owned(), true),
            ("\"x\"".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(names(&HeaderValue::from_str(&list).unwrap(), &hash), is_named, "{list}");
        }
    }
}
