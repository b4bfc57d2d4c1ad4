//! The page on which customers see a case and act on it, without an account.
//!
//! It needs nothing from elsewhere. The case and its access token come in the fragment of the
//! address, which browsers keep to themselves; what they may do is what the API lets them.

use actix_web::http::header::{self, HeaderName};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, get, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engage_application::AccessMode;
use sha2::{Digest, Sha256};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("app.js");
const ICON: &str = include_str!("icon.svg");

/// There is nothing here for search engines.
const ROBOTS: &str = "User-agent: *\nDisallow: /\n";

/// Nothing but the page's own script and style, no form that a browser sends by itself, and in no
/// frame of another page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'";

/// How the page looks, and what it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageLook {
    /// The desk's name.
    pub name: String,
    /// The colour of the head and of buttons, as CSS has it.
    pub colour: String,
    /// The colour of text on it.
    pub ink: String,
    /// Where customers write with questions, and the `mailto:` URL of that.
    pub contact: Option<(String, String)>,
    /// What customers have to show.
    pub access: AccessMode,
}

/// The page, ready to be sent.
#[derive(Clone)]
pub struct SupportPage {
    page: Bytes,
    script: Asset,
    style: Asset,
    icon: Asset,
}

/// A part of the page that browsers keep, and ask whether it is still the same.
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

    /// The asset; nothing of it where the browser has the same.
    fn respond(&self, request: &HttpRequest) -> HttpResponse {
        let kept = request.headers().get_all(header::IF_NONE_MATCH);
        let kept = kept.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
        // A compressing proxy makes the tag weak.
        let is_same = |tag: &str| tag == "*" || tag.trim_start_matches("W/") == self.etag;
        let mut response = if kept.map(str::trim).any(is_same) {
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

impl SupportPage {
    /// The page with this look.
    pub fn new(look: &PageLook) -> Self {
        let contact = look.contact.as_ref().map_or_else(String::new, |(address, link)| {
            let (address, link) = (escape(address), escape(link));
            format!("<p>Any questions? Write to <a href=\"{link}\">{address}</a>.</p>")
        });
        let page = fill(
            PAGE,
            &[
                ("{name}", &escape(&look.name)),
                ("{access}", look.access.as_str()),
                ("{contact}", &contact),
            ],
        );
        let style = fill(STYLE, &[("{colour}", &look.colour), ("{ink}", &look.ink)]);
        let icon = fill(ICON, &[("{colour}", &look.colour), ("{ink}", &look.ink)]);
        Self {
            page: Bytes::from(page),
            script: Asset::new("text/javascript; charset=utf-8", SCRIPT.to_owned()),
            style: Asset::new("text/css; charset=utf-8", style),
            icon: Asset::new("image/svg+xml", icon),
        }
    }
}

/// Puts values into their places, each of which is there once or more; what is put in is not looked at
/// again.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    loop {
        let next =
            values.iter().filter_map(|(place, value)| Some((rest.find(place)?, place, value)));
        let Some((at, place, value)) = next.min_by_key(|(at, ..)| *at) else {
            filled.push_str(rest);
            return filled;
        };
        filled.push_str(&rest[..at]);
        filled.push_str(value);
        rest = &rest[at + place.len()..];
    }
}

/// A text as HTML has it, in elements and in attributes with quotes.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn respond(content_type: &str, body: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .insert_header((HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
        .body(body)
}

/// The page for customers.
///
/// On it they see a case and reply, escalate and cancel. The links in e-mails lead to it, with the
/// case number and its access token in the fragment: `/support#CW-2025-001/cat_…`.
#[utoipa::path(
    responses((status = 200, description = "The page.", body = String, content_type = "text/html")),
)]
#[get("/support")]
pub(crate) async fn support_page(page: web::Data<SupportPage>) -> HttpResponse {
    respond("text/html; charset=utf-8", page.page.clone())
}

/// The page for customers, where somebody wrote a slash behind its address.
///
/// What the page needs is named from its own place, and the place in front of `/support` is known to
/// proxies only.
#[utoipa::path(
    responses((status = 308, description = "The page is at `/support`.")),
)]
#[get("/support/")]
pub(crate) async fn support_page_with_slash() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "../support")).finish()
}

/// The script of the page for customers.
///
/// It is for the page alone, and differs from version to version.
#[utoipa::path(
    responses(
        (status = 200, description = "A script.", body = String, content_type = "text/javascript"),
        (status = 304, description = "It is the one that `If-None-Match` names."),
    ),
)]
#[get("/support/app.js")]
pub(crate) async fn support_script(
    page: web::Data<SupportPage>,
    request: HttpRequest,
) -> HttpResponse {
    page.script.respond(&request)
}

/// The style sheet of the page for customers.
///
/// It is for the page alone, and differs from version to version.
#[utoipa::path(
    responses(
        (status = 200, description = "A style sheet.", body = String, content_type = "text/css"),
        (status = 304, description = "It is the one that `If-None-Match` names."),
    ),
)]
#[get("/support/style.css")]
pub(crate) async fn support_style(
    page: web::Data<SupportPage>,
    request: HttpRequest,
) -> HttpResponse {
    page.style.respond(&request)
}

/// The icon of the page for customers.
///
/// Browsers show it beside the page's title.
#[utoipa::path(
    responses(
        (status = 200, description = "An icon.", body = String, content_type = "image/svg+xml"),
        (status = 304, description = "It is the one that `If-None-Match` names."),
    ),
)]
#[get("/favicon.ico")]
pub(crate) async fn support_icon(
    page: web::Data<SupportPage>,
    request: HttpRequest,
) -> HttpResponse {
    page.icon.respond(&request)
}

/// The rules for search engines.
///
/// They may look at nothing here.
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

    fn text(bytes: &Bytes) -> &str {
        str::from_utf8(bytes).unwrap()
    }

    /// What stands between a beginning and the next end, wherever the beginning is.
    fn all_between<'a>(text: &'a str, begin: &str, end: &str) -> BTreeSet<&'a str> {
        text.split(begin).skip(1).filter_map(|rest| rest.split(end).next()).collect()
    }

    #[test]
    fn the_page_is_filled_in_and_no_name_adds_markup() {
        let page = SupportPage::new(&look("A & B <script>{access}{contact}\"'"));
        let html = text(&page.page);
        let name = "A &amp; B &lt;script&gt;{access}{contact}&quot;&#39;";
        assert!(html.contains(&format!("<title>Your case – {name}</title>")), "{html}");
        assert!(html.contains(&format!("<header><p dir=\"auto\">{name}</p></header>")), "{html}");
        assert!(html.contains("data-access=\"token\""), "{html}");
        assert!(html.contains("<a href=\"mailto:help@desk.example\">help@desk.example</a>"));
        assert!(text(&page.style.body).contains("--brand: #0b7a5c; --ink: #ffffff;"));
        let plain = SupportPage::new(&PageLook { contact: None, ..look("Desk") });
        assert!(!text(&plain.page).contains(['{', '}']), "{}", text(&plain.page));
        assert!(text(&plain.page).contains("<footer></footer>"));
    }

    #[test]
    fn the_page_has_nothing_that_its_policy_forbids() {
        for forbidden in [" style=", "<style", " onclick", "<script>", "javascript:", "http:", "//"]
        {
            assert!(!PAGE.contains(forbidden), "{forbidden}");
        }
        for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "document.write"]
        {
            assert!(!SCRIPT.contains(forbidden), "{forbidden}");
        }
        for forbidden in ["url(", "@import"] {
            assert!(!STYLE.contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn what_the_script_looks_for_is_on_the_page() {
        let ids = all_between(PAGE, " id=\"", "\"");
        assert_eq!(PAGE.matches(" id=\"").count(), ids.len(), "each id is there once");
        let begins =
            ["byId(\"", "focusTitle(\"", "onSubmit(\"", "onChange(\"", "say(\"", "show(\""];
        let wanted = begins.iter().flat_map(|begin| all_between(SCRIPT, begin, "\""));
        for id in wanted {
            assert!(ids.contains(id), "{id}");
        }
    }

    #[test]
    fn every_field_has_a_label_and_every_section_a_title() {
        let ids = all_between(PAGE, " id=\"", "\"");
        let labelled = all_between(PAGE, "<label for=\"", "\"");
        let fields =
            PAGE.split("<input id=\"").skip(1).chain(PAGE.split("<textarea id=\"").skip(1));
        let fields: BTreeSet<&str> = fields.filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(labelled, fields);
        for title in all_between(PAGE, "aria-labelledby=\"", "\"") {
            assert!(ids.contains(title), "{title}");
        }
    }
}
