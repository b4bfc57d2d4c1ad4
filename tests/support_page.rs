//! The page for customers, as it is served. Its actions are those of the API.

use reqwest::Method;

use crate::support::{Server, Workspace, send};

async fn page(server: &Server, path: &str) -> (reqwest::header::HeaderMap, String) {
    let response = send(server.request(Method::GET, path)).await;
    assert_eq!(response.status, 200, "{path}");
    (response.headers.clone(), response.text())
}

#[tokio::test]
async fn the_page_and_its_resources_have_a_strict_policy() {
    let server = Server::start_in(&Workspace::new(), &[]).await;
    let (_, html) = page(&server, "/support").await;
    for (path, kind) in [
        ("/support", "text/html; charset=utf-8"),
        ("/support/app.js", "text/javascript; charset=utf-8"),
        ("/support/style.css", "text/css; charset=utf-8"),
    ] {
        let (headers, text) = page(&server, path).await;
        let header = |name: &str| headers[name].to_str().unwrap();
        assert_eq!(header("content-type"), kind);
        let is_page = path == "/support";
        assert_eq!(header("cache-control"), if is_page { "no-store" } else { "no-cache" });
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
async fn a_cached_part_of_the_page_is_not_sent_again() {
    let server = Server::start_in(&Workspace::new(), &[]).await;
    for path in ["/support/app.js", "/support/style.css", "/favicon.ico"] {
        let (headers, _) = page(&server, path).await;
        let tag = headers["etag"].to_str().unwrap();
        for kept in
            [tag.to_owned(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()]
        {
            let request = server.request(Method::GET, path).header("If-None-Match", &kept);
            let response = send(request).await;
            assert_eq!(response.headers["etag"], tag);
            let status = response.status;
            assert_eq!((status, response.text().as_str()), (304, ""), "{path} {kept}");
        }
        let request = server.request(Method::GET, path).header("If-None-Match", "\"other\"");
        assert_eq!(send(request).await.status, 200);
    }
}

#[tokio::test]
async fn a_trailing_slash_redirects_and_search_engines_are_excluded() {
    let server = Server::start_in(&Workspace::new(), &[]).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let address = format!("http://{}/support/", server.address());
    let response = send(client.build().unwrap().get(address)).await;
    assert_eq!(
        (response.status, response.headers["location"].to_str().unwrap()),
        (308, "../support")
    );
    let (headers, rules) = page(&server, "/robots.txt").await;
    assert_eq!(headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(rules, "User-agent: *\nDisallow: /\n");
    let (headers, icon) = page(&server, "/favicon.ico").await;
    assert_eq!(headers["content-type"], "image/svg+xml");
    assert!(icon.starts_with("<svg ") && !icon.contains('{'), "{icon}");
}

#[tokio::test]
async fn the_page_carries_the_brand() {
    let workspace = Workspace::with(&[
        ("ENGAGE_BRAND__NAME", "Ann & Ben <Support>"),
        ("ENGAGE_BRAND__COLOUR", "#ffe08a"),
        ("ENGAGE_BRAND__SUPPORT_EMAIL", "help@desk.example"),
        ("ENGAGE_CUSTOMERS__ACCESS", "email"),
    ]);
    let server = Server::start_in(&workspace, &[]).await;
    let (_, html) = page(&server, "/support").await;
    assert!(html.contains("Ann &#38; Ben &#60;Support&#62;"), "{html}");
    assert!(html.contains("href=\"mailto:help@desk.example\""), "{html}");
    assert!(html.contains("data-access=\"email\""), "{html}");
    let (_, style) = page(&server, "/support/style.css").await;
    assert!(style.contains("--brand: #ffe08a; --ink: #000000;"), "{style}");
}

#[tokio::test]
async fn a_public_url_with_a_query_or_fragment_prevents_the_start() {
    for url in ["https://desk.example/?a=b", "https://desk.example/#top"] {
        let refusal =
            Workspace::with(&[("ENGAGE_SERVER__PUBLIC_URL", url)]).run(&["serve"]).refusal();
        assert!(refusal.contains("server.public_url"), "{refusal}");
    }
}
