//! Requests from pages of other sites. Independent of the store.

use reqwest::Method;
use serde_json::json;

use crate::support::{Form, Response, Server, Store, a_case, a_case_of_somebody, raw};

const CUSTOMERS: (&str, &str) = ("ENGAGE_SERVER__ALLOWED_ORIGINS", "https://www.example.com");
const STAFF: (&str, &str) = ("ENGAGE_SERVER__STAFF_ORIGINS", "https://desk.example.com");

async fn preflight(server: &Server, origin: &str, path: &str) -> Response {
    let request = server
        .request(Method::OPTIONS, path)
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "content-type,idempotency-key");
    Response::to(request).await
}

#[tokio::test]
async fn pages_of_allowed_origins_may_call_the_customer_endpoints_and_nothing_else() {
    let allowed = [("ENGAGE_SERVER__ALLOWED_ORIGINS", "https://www.example.com")];
    let server = Server::with_staff_and(Store::Sqlite, &allowed).await;
    let response = preflight(&server, "https://www.example.com", "/api/support/case").await;
    assert_eq!(response.status, 200, "{response:?}");
    let origin = "access-control-allow-origin";
    assert_eq!(response.header(origin), Some("https://www.example.com"));
    assert_eq!(response.header("access-control-allow-credentials"), None);

    let request = server.request(Method::POST, "/api/support/case");
    let request = request.header("Origin", "https://www.example.com");
    let response = Response::to(request.json(&a_case_of_somebody())).await;
    assert_eq!(response.header(origin), Some("https://www.example.com"));
    response.ok();

    for (page, path) in [
        ("https://evil.example", "/api/support/case"),
        ("https://www.example.com", "/api/internal/support/cases"),
    ] {
        let refused = preflight(&server, page, path).await;
        assert_eq!(refused.header(origin), None);
        refused.refused(403, "ORIGIN_NOT_ALLOWED");
    }
}

#[tokio::test]
async fn without_allowed_origins_no_page_of_another_site_may_call() {
    let server = Server::with_staff(Store::Sqlite).await;
    let refused = preflight(&server, "https://www.example.com", "/api/support/case").await;
    assert_eq!(refused.header("access-control-allow-origin"), None);
    refused.refused(405, "METHOD_NOT_ALLOWED");
}

/// Makes a change from a page of this origin, at a customer endpoint and at a staff endpoint.
async fn change(server: &Server, number: &str, origin: &str) -> [Response; 2] {
    let customer = server.request(Method::POST, "/api/support/case").header("Origin", origin);
    let path = format!("/api/internal/support/case/{number}/update");
    let staff = server.staff_request(Method::POST, &path).header("Origin", origin);
    let update = json!({"message": "m"});
    [
        Response::to(customer.json(&a_case_of_somebody())).await,
        Response::to(staff.json(&update)).await,
    ]
}

#[tokio::test]
async fn a_page_can_only_change_what_its_origin_allows() {
    let server = Server::with_staff_and(Store::Sqlite, &[CUSTOMERS, STAFF]).await;
    let number = server.open(&a_case()).await;
    let own = format!("http://{}", server.address());
    for (origin, for_customers, for_staff) in [
        ("https://www.example.com", true, false),
        ("https://desk.example.com", true, true),
        (own.as_str(), true, true),
        ("https://evil.example", false, false),
        ("http://www.example.com", false, false),
        ("https://www.example.com:8443", false, false),
        ("null", false, false),
        ("", false, false),
    ] {
        for (response, may) in
            change(&server, &number, origin).await.into_iter().zip([for_customers, for_staff])
        {
            if may {
                response.ok();
            } else {
                let details = response.refused(403, "ORIGIN_NOT_ALLOWED");
                assert_eq!(details, json!({"origin": origin}));
            }
        }
    }
}

#[tokio::test]
async fn a_page_of_another_site_cannot_change_anything() {
    let server = Server::with_staff(Store::Sqlite).await;
    let path = "/api/support/case";
    let form = || {
        let fields = a_case_of_somebody();
        let fields = fields.as_object().unwrap().iter();
        fields
            .fold(Form::default(), |form, (name, value)| form.field(name, value.as_str().unwrap()))
    };
    for (header, value) in [
        ("Origin", "https://evil.example"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        let request = || server.request(Method::POST, path).header(header, value);
        Response::to(request().json(&a_case_of_somebody()))
            .await
            .refused(403, "ORIGIN_NOT_ALLOWED");
        Response::to(form().of(request())).await.refused(403, "ORIGIN_NOT_ALLOWED");
        let blob = request().body(a_case_of_somebody().to_string());
        Response::to(blob).await.refused(403, "ORIGIN_NOT_ALLOWED");
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let request = server.staff_request(method, "/api/internal/staff").header(header, value);
            Response::to(request).await.refused(403, "ORIGIN_NOT_ALLOWED");
        }
        // Requests that only read are not restricted further.
        let read = server.staff_request(Method::GET, "/api/internal/support/cases");
        Response::to(read.header(header, value)).await.ok();
    }
    let cases = server.staff_get("/api/internal/support/cases").await.ok();
    assert_eq!(cases["pagination"]["total"], 0);
}

#[tokio::test]
async fn a_page_of_another_site_is_refused_before_its_body_is_read() {
    let server = Server::start(Store::Sqlite).await;
    let begin = "POST /api/support/case HTTP/1.1\r\nHost: x\r\nOrigin: https://evil.example\r\n\
        Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 20000000\r\n\r\n--x\r\n";
    let address = server.address();
    let reply = tokio::task::spawn_blocking(move || {
        let mut stream = raw::connect(address);
        std::io::Write::write_all(&mut stream, begin.as_bytes()).unwrap();
        raw::read_to_end(&mut stream, std::time::Duration::from_secs(5))
    });
    let reply = reply.await.unwrap();
    assert_eq!(reply.status(), Some(403), "{reply:?}");
}

#[tokio::test]
async fn json_without_its_content_type_is_refused() {
    let server = Server::with_staff(Store::Sqlite).await;
    let number = server.open(&a_case()).await;
    for (path, body) in [
        ("/api/support/case".to_owned(), a_case_of_somebody()),
        ("/api/support/case/status".to_owned(), json!({"caseNumber": number})),
        (format!("/api/internal/support/case/{number}/update"), json!({"message": "m"})),
    ] {
        for kind in [None, Some("text/plain"), Some(""), Some("application/x-www-form-urlencoded")]
        {
            let request = server.staff_request(Method::POST, &path).body(body.to_string());
            let request = match kind {
                Some(kind) => request.header("Content-Type", kind),
                None => request,
            };
            Response::to(request).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
        }
        let request = server.staff_request(Method::POST, &path).body(body.to_string());
        Response::to(request.header("Content-Type", "Application/JSON; charset=utf-8")).await.ok();
    }
}

#[tokio::test]
async fn a_staff_dashboard_may_call_every_endpoint_from_a_browser() {
    let server = Server::with_staff_and(Store::Sqlite, &[STAFF]).await;
    let number = server.open(&a_case()).await;
    let origin = "https://desk.example.com";
    for (method, path) in [
        ("PUT", format!("/api/internal/support/case/{number}/assign")),
        ("PATCH", format!("/api/internal/support/case/{number}")),
        ("DELETE", "/api/internal/webhooks/whk_1".to_owned()),
        ("POST", "/api/support/case".to_owned()),
        ("GET", "/health".to_owned()),
    ] {
        let request = server
            .request(Method::OPTIONS, &path)
            .header("Origin", origin)
            .header("Access-Control-Request-Method", method)
            .header("Access-Control-Request-Headers", "authorization,content-type,if-match");
        let response = Response::to(request).await;
        assert_eq!(response.status, 200, "{path}: {response:?}");
        assert_eq!(response.header("access-control-allow-origin"), Some(origin), "{path}");
    }
    let path = format!("/api/internal/support/case/{number}");
    let details =
        Response::to(server.staff_request(Method::GET, &path).header("Origin", origin)).await;
    assert_eq!(details.header("access-control-allow-origin"), Some(origin));
    assert_eq!(details.header("access-control-allow-credentials"), None);
    let exposed = details.header("access-control-expose-headers").unwrap().to_lowercase();
    assert!(exposed.contains("etag"), "{exposed}");
    details.ok();
    let workspace = crate::support::Workspace::with(&[("ENGAGE_SERVER__STAFF_ORIGINS", "*")]);
    let refusal = workspace.run(&["check-config"]).refusal();
    assert!(refusal.contains("server.staff_origins"), "{refusal}");
}
