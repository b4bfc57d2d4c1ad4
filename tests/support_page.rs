//! The page for customers, as it is served. What it does is what the API lets it do.

use reqwest::Method;

use crate::support::{Place, Server, send};

async fn page(server: &Server, path: &str) -> (reqwest::header::HeaderMap, String) {
    let answer = send(server.request(Method::GET, path)).await;
    assert_eq!(answer.status, 200, "{path}");
    (answer.headers.clone(), answer.text())
}

#[tokio::test]
async fn the_page_and_what_it_needs_come_from_the_server_under_a_strict_policy() {
    let server = Server::start_in(&Place::new(), &[]).await;
    let (_, html) = page(&server, "/support").await;
    for (path, kind) in [
        ("/support", "text/html; charset=utf-8"),
        ("/support/app.js", "text/javascript; charset=utf-8"),
        ("/support/style.css", "text/css; charset=utf-8"),
    ] {
        let (headers, text) = page(&server, path).await;
        let header = |name: &str| headers[name].to_str().unwrap();
        assert_eq!(header("content-type"), kind);
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("x-content-type-options"), "nosniff");
        let policy = header("content-security-policy");
        for rule in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"] {
            assert!(policy.contains(rule), "{policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
        assert!(!text.is_empty());
        assert!(path == "/support" || html.contains(&format!("\"{}\"", &path[1..])), "{path}");
    }
}

#[tokio::test]
async fn the_page_is_the_desks_own() {
    let place = Place::with(&[
        ("ENGAGE_BRAND__NAME", "Ann & Ben <Support>"),
        ("ENGAGE_BRAND__COLOUR", "#ffe08a"),
        ("ENGAGE_BRAND__SUPPORT_EMAIL", "help@desk.example"),
        ("ENGAGE_CUSTOMERS__ACCESS", "email"),
    ]);
    let server = Server::start_in(&place, &[]).await;
    let (_, html) = page(&server, "/support").await;
    assert!(html.contains("Ann &amp; Ben &lt;Support&gt;"), "{html}");
    assert!(html.contains("href=\"mailto:help@desk.example\""), "{html}");
    assert!(html.contains("data-access=\"email\""), "{html}");
    let (_, style) = page(&server, "/support/style.css").await;
    assert!(style.contains("--brand: #ffe08a; --ink: #000000;"), "{style}");
}

#[tokio::test]
async fn a_public_url_that_no_path_can_be_added_to_stops_the_start() {
    for url in ["https://desk.example/?a=b", "https://desk.example/#top"] {
        let refusal = Place::with(&[("ENGAGE_SERVER__PUBLIC_URL", url)]).run(&["serve"]).refusal();
        assert!(refusal.contains("server.public_url"), "{refusal}");
    }
}
