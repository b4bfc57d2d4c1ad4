//! The page on which customers see their case and act on it, without an account.
//!
//! It loads nothing from other servers. The case number and the access token are in the fragment of
//! its URL, which browsers do not send. The page uses the public API and has no other rights.

pub(crate) mod unsubscribe;

use actix_web::http::header::{self, HeaderName};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, get, web};
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engage_application::AccessMode;
use sha2::{Digest, Sha256};
use thiserror::Error;

const SCRIPT: &str = include_str!("app.js");

/// Excludes search engines from everything.
const ROBOTS: &str = "User-agent: *\nDisallow: /\n";

/// Content security policy. It permits the page's own script and style only, forbids native form
/// submission, and keeps the page out of frames.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'";

/// Look of the page, and the proof that it asks customers for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageLook {
    /// Name of the help desk.
    pub name: String,
    /// CSS colour of the header and the buttons.
    pub colour: String,
    /// CSS colour of text on that colour.
    pub ink: String,
    /// E-mail address for questions, and its `mailto:` URL.
    pub contact: Option<(String, String)>,
    /// Proof that customers have to provide.
    pub access: AccessMode,
}

/// The rendered page.
#[derive(Clone)]
pub struct SupportPage {
    page: Bytes,
    leave: Bytes,
    left: Bytes,
    script: Asset,
    style: Asset,
    icon: Asset,
}

/// Error returned when the page cannot be rendered. This is always a defect.
#[derive(Debug, Error)]
#[error("failed to render the page for customers")]
pub struct SupportPageError(#[from] askama::Error);

/// A part of the page that browsers cache and revalidate.
#[derive(Clone)]
struct Asset {
    content_type: &'static str,
    body: Bytes,
    etag: String,
}

impl Asset {
    fn new(content_type: &'static str, text: String) -> Self {
        let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(&text)[..9]));
        Self { content_type, body: Bytes::from(text), etag }
    }

    /// Returns the asset, or 304 Not Modified if the browser has the same version.
    fn respond(&self, request: &HttpRequest) -> HttpResponse {
        let tags = request.headers().get_all(header::IF_NONE_MATCH);
        let tags = tags.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
        // A proxy that compresses makes the tag weak.
        let is_same = |tag: &str| tag == "*" || tag.trim_start_matches("W/") == self.etag;
        let mut response = if tags.map(str::trim).any(is_same) {
            HttpResponse::NotModified().finish()
        } else {
            respond(self.content_type, self.body.clone())
        };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-cache"));
        if let Ok(etag) = header::HeaderValue::from_str(&self.etag) {
            headers.insert(header::ETAG, etag);
        }
        response
    }
}

#[derive(Template)]
#[template(path = "support_page/page.html")]
struct PageTemplate<'a> {
    look: &'a PageLook,
}

#[derive(Template)]
#[template(path = "support_page/unsubscribe.html")]
struct UnsubscribeTemplate<'a> {
    look: &'a PageLook,
    is_done: bool,
}

#[derive(Template)]
#[template(path = "support_page/style.css", escape = "none")]
struct StyleTemplate<'a> {
    look: &'a PageLook,
}

#[derive(Template)]
#[template(path = "support_page/icon.svg")]
struct IconTemplate<'a> {
    look: &'a PageLook,
}

impl SupportPage {
    /// Renders the page with this look.
    pub fn new(look: &PageLook) -> Result<Self, SupportPageError> {
        Ok(Self {
            page: Bytes::from(PageTemplate { look }.render()?),
            leave: Bytes::from(UnsubscribeTemplate { look, is_done: false }.render()?),
            left: Bytes::from(UnsubscribeTemplate { look, is_done: true }.render()?),
            script: Asset::new("text/javascript; charset=utf-8", SCRIPT.to_owned()),
            style: Asset::new("text/css; charset=utf-8", StyleTemplate { look }.render()?),
            icon: Asset::new("image/svg+xml", IconTemplate { look }.render()?),
        })
    }
}

fn respond(content_type: &str, body: Bytes) -> HttpResponse {
    respond_with(content_type, body, POLICY, "no-referrer")
}

fn respond_with(
    content_type: &str,
    body: Bytes,
    policy: &'static str,
    referrer: &'static str,
) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::REFERRER_POLICY, referrer))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .insert_header((HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
        .body(body)
}

/// Get the page for customers.
///
/// Customers use it to see their case, to reply, to escalate and to cancel. Links in e-mails lead to
/// it, with the case number and the access token in the fragment: `/support#CW-2025-001/cat_…`.
#[utoipa::path(
    responses((status = 200, description = "The page.", body = String, content_type = "text/html")),
)]
#[get("/support")]
pub(crate) async fn support_page(page: web::Data<SupportPage>) -> HttpResponse {
    respond("text/html; charset=utf-8", page.page.clone())
}

/// Redirect to the page for customers.
///
/// The page has relative links to its resources, which a trailing slash would break.
#[utoipa::path(
    responses((status = 308, description = "Redirects to `/support`.")),
)]
#[get("/support/")]
pub(crate) async fn support_page_with_slash() -> HttpResponse {
    // Relative as well, since only proxies know the path before `/support`.
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "../support")).finish()
}

/// Get the script of the page for customers.
///
/// It is meant for the page only and may change with every version.
#[utoipa::path(
    responses(
        (status = 200, description = "A script.", body = String, content_type = "text/javascript"),
        (status = 304, description = "The version named by `If-None-Match` is current."),
    ),
)]
#[get("/support/app.js")]
pub(crate) async fn support_script(
    page: web::Data<SupportPage>,
    request: HttpRequest,
) -> HttpResponse {
    page.script.respond(&request)
}

/// Get the style sheet of the page for customers.
///
/// It is meant for the page only and may change with every version.
#[utoipa::path(
    responses(
        (status = 200, description = "A style sheet.", body = String, content_type = "text/css"),
        (status = 304, description = "The version named by `If-None-Match` is current."),
    ),
)]
#[get("/support/style.css")]
pub(crate) async fn support_style(
    page: web::Data<SupportPage>,
    request: HttpRequest,
) -> HttpResponse {
    page.style.respond(&request)
}

/// Get the icon of the page for customers.
///
/// Browsers display it next to the title of the page.
#[utoipa::path(
    responses(
        (status = 200, description = "An icon.", body = String, content_type = "image/svg+xml"),
        (status = 304, description = "The version named by `If-None-Match` is current."),
    ),
)]
#[get("/favicon.ico")]
pub(crate) async fn support_icon(
    page: web::Data<SupportPage>,
    request: HttpRequest,
) -> HttpResponse {
    page.icon.respond(&request)
}

/// Get the rules for search engines.
///
/// They exclude search engines from everything.
#[utoipa::path(
    responses((status = 200, description = "The rules.", body = String, content_type = "text/plain")),
)]
#[get("/robots.txt")]
pub(crate) async fn support_robots() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(ROBOTS)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn look(name: &str) -> PageLook {
        PageLook {
            name: name.to_owned(),
            colour: "#0b7a5c".to_owned(),
            ink: "#ffffff".to_owned(),
            contact: Some(("help@desk.example".to_owned(), "mailto:help@desk.example".to_owned())),
            access: AccessMode::Token,
        }
    }

    fn page() -> SupportPage {
        SupportPage::new(&look("Desk")).unwrap()
    }

    fn text(bytes: &Bytes) -> &str {
        str::from_utf8(bytes).unwrap()
    }

    /// Returns the texts between each occurrence of `begin` and the next `end`.
    fn all_between<'a>(text: &'a str, begin: &str, end: &str) -> BTreeSet<&'a str> {
        text.split(begin).skip(1).filter_map(|rest| rest.split(end).next()).collect()
    }

    #[test]
    fn the_page_shows_the_brand_and_escapes_it() {
        let page = SupportPage::new(&look("A & B <script>{{ look.access }}\"'")).unwrap();
        let html = text(&page.page);
        let name = "A &#38; B &#60;script&#62;{{ look.access }}&#34;&#39;";
        assert!(html.contains(&format!("<title>Your case – {name}</title>")), "{html}");
        assert!(html.contains(&format!("<header><p dir=\"auto\">{name}</p></header>")), "{html}");
        assert!(html.contains("data-access=\"token\""), "{html}");
        assert!(html.contains("<a href=\"mailto:help@desk.example\">help@desk.example</a>"));
        assert!(text(&page.style.body).contains("--brand: #0b7a5c; --ink: #ffffff;"));
        let plain = SupportPage::new(&PageLook { contact: None, ..look("Desk") }).unwrap();
        assert!(!text(&plain.page).contains(['{', '}']), "{}", text(&plain.page));
        assert!(text(&plain.page).contains("<footer></footer>"));
    }

    #[test]
    fn the_page_has_nothing_that_its_policy_forbids() {
        let page = page();
        for forbidden in [" style=", "<style", " onclick", "<script>", "javascript:", "http:", "//"]
        {
            assert!(!text(&page.page).contains(forbidden), "{forbidden}");
        }
        for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "document.write"]
        {
            assert!(!SCRIPT.contains(forbidden), "{forbidden}");
        }
        for forbidden in ["url(", "@import"] {
            assert!(!text(&page.style.body).contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn elements_that_the_script_uses_are_on_the_page() {
        let page = page();
        let html = text(&page.page);
        let ids = all_between(html, " id=\"", "\"");
        assert_eq!(html.matches(" id=\"").count(), ids.len(), "ids are unique");
        let begins =
            ["byId(\"", "focusTitle(\"", "onSubmit(\"", "onChange(\"", "say(\"", "show(\""];
        let wanted = begins.iter().flat_map(|begin| all_between(SCRIPT, begin, "\""));
        for id in wanted {
            assert!(ids.contains(id), "{id}");
        }
    }

    #[test]
    fn every_field_has_a_label_and_every_section_a_title() {
        let page = page();
        let html = text(&page.page);
        let ids = all_between(html, " id=\"", "\"");
        let labelled = all_between(html, "<label for=\"", "\"");
        let fields =
            html.split("<input id=\"").skip(1).chain(html.split("<textarea id=\"").skip(1));
        let fields: BTreeSet<&str> = fields.filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(labelled, fields);
        for title in all_between(html, "aria-labelledby=\"", "\"") {
            assert!(ids.contains(title), "{title}");
        }
    }
}
