//! The book: the documentation as pages, which a program may embed.

#[cfg(test)]
mod tests;

use std::io::Read;

use actix_web::http::header::{
    self, AcceptEncoding, CacheControl, CacheDirective, Encoding, EntityTag, Header, HeaderName,
    IfNoneMatch,
};
use actix_web::{HttpRequest, HttpResponse, get, web};
use flate2::read::GzDecoder;

use crate::error::{ApiError, ErrorBody};

/// Content security policy. The pages have no inline scripts or styles and send nothing. A style
/// sheet of mdBook has an icon as a `data:` URL.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Time in seconds for which browsers use files other than pages without asking. mdBook renames most
/// of them when they change, and the pages name the new ones.
const CACHED_SECONDS: u32 = 3600;

/// A file of the book.
#[derive(Debug, Clone, Copy)]
pub struct BookFile {
    /// Path below `/book/`, such as `decisions/index.html`.
    pub path: &'static str,
    /// Content type.
    pub content_type: &'static str,
    /// Content, compressed with gzip.
    pub gzip: &'static [u8],
}

impl BookFile {
    /// Returns the tag of the content. It is weak because it covers both encodings.
    fn entity_tag(&self) -> EntityTag {
        // A gzip file ends with the checksum and the size of its content (RFC 1952, section 2.3.1).
        let trailer = self.gzip.last_chunk().copied().unwrap_or_default();
        EntityTag::new_weak(format!("{:016x}", u64::from_le_bytes(trailer)))
    }

    fn cache_control(&self) -> CacheControl {
        if self.content_type.starts_with("text/html") {
            return CacheControl(vec![CacheDirective::NoCache]);
        }
        CacheControl(vec![CacheDirective::Public, CacheDirective::MaxAge(CACHED_SECONDS)])
    }

    fn content(&self) -> std::io::Result<Vec<u8>> {
        let mut content = Vec::new();
        GzDecoder::new(self.gzip).read_to_end(&mut content)?;
        Ok(content)
    }
}

/// The files of the book, sorted by path. There are none if the program does not embed the book.
#[derive(Debug, Clone, Copy, Default)]
pub struct Book(pub &'static [BookFile]);

impl Book {
    /// Returns a file by its path. Nothing else can be reached, since paths are compared and never
    /// resolved.
    fn find(self, path: &str) -> Option<&'static BookFile> {
        let position = self.0.binary_search_by(|file| file.path.cmp(path)).ok()?;
        self.0.get(position)
    }

    fn has_index(self, folder: &str) -> bool {
        self.find(&format!("{folder}/index.html")).is_some()
    }
}

fn send(file: &BookFile, request: &HttpRequest) -> Result<HttpResponse, ApiError> {
    let tag = file.entity_tag();
    let is_current = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|other| other.weak_eq(&tag)),
        Err(_) => false,
    };
    let mut response = if is_current { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    // Browsers replace stored headers with those of a 304, so both have the same.
    response
        .insert_header((header::ETAG, tag))
        .insert_header(file.cache_control())
        .insert_header((header::VARY, "Accept-Encoding"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .insert_header((HeaderName::from_static("cross-origin-resource-policy"), "same-origin"));
    if is_current {
        return Ok(response.finish());
    }
    response.content_type(file.content_type);
    if accepts_gzip(request) {
        response.insert_header((header::CONTENT_ENCODING, "gzip"));
        return Ok(response.body(file.gzip));
    }
    Ok(response.body(file.content().map_err(|_| ApiError::Internal)?))
}

fn accepts_gzip(request: &HttpRequest) -> bool {
    let supported = [Encoding::gzip(), Encoding::identity()];
    let accepted = AcceptEncoding::parse(request).ok();
    let best = accepted.and_then(|accepted| accepted.negotiate(supported.iter()));
    best == Some(Encoding::gzip())
}

/// Redirects from a folder to its index. The location is relative, since only proxies know the path
/// before `/book`.
fn redirect_to_folder(path: &str) -> HttpResponse {
    let (_, name) = path.rsplit_once('/').unwrap_or(("", path));
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, format!("{name}/"))).finish()
}

/// Redirect to the book.
///
/// The pages have relative links, which need the trailing slash.
#[utoipa::path(
    responses(
        (status = 308, description = "Redirects to `/book/`."),
        (status = 404, description = "`NOT_FOUND`: this program does not include the book.",
            body = ErrorBody),
    ),
)]
#[get("/book")]
pub(crate) async fn book_without_slash(
    book: web::Data<Book>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    match book.find("index.html") {
        Some(_) => Ok(redirect_to_folder("book")),
        None => Err(ApiError::NoBook(request.path().to_owned())),
    }
}

/// Get a file of the book.
///
/// The book is the documentation of this version. Its pages load nothing from other servers.
#[utoipa::path(
    responses(
        (status = 200, description = "A file.", body = String, content_type = "text/html"),
        (status = 304, description = "The version named by `If-None-Match` is current."),
        (status = 308, description = "Redirects to the index of a folder."),
        (status = 404, description = "`NOT_FOUND`: the book has no such file, or this program does \
            not include the book.", body = ErrorBody),
    ),
)]
#[get("/book/{path}*")]
pub(crate) async fn book_file(
    book: web::Data<Book>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    if book.0.is_empty() {
        return Err(ApiError::NoBook(request.path().to_owned()));
    }
    let path = request.match_info().query("path");
    let is_folder = path.is_empty() || path.ends_with('/');
    let file = if is_folder { book.find(&format!("{path}index.html")) } else { book.find(path) };
    match file {
        Some(file) => send(file, &request),
        None if book.has_index(path) => Ok(redirect_to_folder(path)),
        None => Err(ApiError::NotFound(request.path().to_owned())),
    }
}
