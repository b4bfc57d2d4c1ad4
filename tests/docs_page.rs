//! The page on which the API can be read and tried.

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::support::{Response, Server, Workspace};

async fn get(server: &Server, path: &str) -> (HeaderMap, Vec<u8>) {
    let response = server.request(Method::GET, path).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    (response.headers().clone(), response.bytes().await.unwrap().to_vec())
}

/// Returns the values of an attribute, in document order.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let begin = format!(" {attribute}=\"");
    html.split(&begin).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[tokio::test]
async fn the_page_loads_everything_from_this_server() {
    let server = Server::start_in(&Workspace::new(), &[]).await;
    let (headers, html) = get(&server, "/docs").await;
    let header = |name: &str| headers[name].to_str().unwrap();
    assert_eq!(header("content-type"), "text/html; charset=utf-8");
    let policy = header("content-security-policy");
    for rule in
        ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"]
    {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    let html = String::from_utf8(html).unwrap();
    // The content security policy would block all of these.
    for forbidden in ["<style", " style=", "<script>", " onclick", "://"] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }

    let mut found = values(&html, "src");
    found.extend(values(&html, "href").iter().filter(|url| !url.starts_with("data:")));
    found.sort_unstable();
    let expected = [
        ("docs/page.js", "text/javascript; charset=utf-8"),
        ("docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
        ("docs/swagger-ui.css", "text/css; charset=utf-8"),
        ("openapi.json", "application/json"),
    ];
    assert_eq!(found, expected.map(|(path, _)| path));
    for (path, kind) in expected {
        let (headers, content) = get(&server, &format!("/{path}")).await;
        assert_eq!(headers["content-type"].to_str().unwrap(), kind, "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        let is_large = path.contains("swagger-ui");
        assert_eq!(headers.get("content-encoding").is_some_and(|how| how == "gzip"), is_large);
        // The magic number of gzip, and a size that a stub would not have.
        assert_eq!(content.starts_with(&[0x1f, 0x8b]) && content.len() > 10_000, is_large);
    }
    Response::to(server.request(Method::GET, "/docs/swagger-initializer.js"))
        .await
        .refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn the_page_shows_the_served_description() {
    let server = Server::start_in(&Workspace::new(), &[]).await;
    let (_, script) = get(&server, "/docs/page.js").await;
    let script = String::from_utf8(script).unwrap();
    // Relative to /docs, so that it works behind any proxy path.
    assert!(script.contains("url: \"openapi.json\""), "{script}");
    assert!(script.contains("validatorUrl: null"), "{script}");
}

/// The author of a client has neither a database nor settings.
#[tokio::test]
async fn the_description_is_printed_without_a_database_or_valid_settings() {
    let served = Server::start_in(&Workspace::new(), &[]).await.get("/openapi.json").await.body;
    let workspace =
        Workspace::with(&[("ENGAGE_DATABASE__URL", "nonsense"), ("ENGAGE_NO_SUCH", "x")]);
    std::fs::write(workspace.folder().join("engage.toml"), "no settings").unwrap();
    let ran = workspace.run(&["openapi"]);
    assert_eq!(ran.stderr, "");
    let printed: Value = serde_json::from_str(&ran.ok()).unwrap();
    assert_eq!(printed, served);
    assert!(!workspace.folder().join("var").exists());
}
