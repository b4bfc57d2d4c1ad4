use std::io::Write;

use actix_web::body::to_bytes;
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, web};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

const HTML: &str = "text/html; charset=utf-8";

fn file(path: &'static str, content_type: &'static str, content: &str) -> BookFile {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content.as_bytes()).unwrap();
    BookFile { path, content_type, gzip: encoder.finish().unwrap().leak() }
}

fn book() -> Book {
    let files = vec![
        file("decisions/index.html", HTML, "decisions"),
        file("index.html", HTML, "introduction"),
        file("page-1a.js", "text/javascript; charset=utf-8", "script"),
    ];
    Book(files.leak())
}

async fn respond(book: Book, request: TestRequest) -> ServiceResponse {
    let app = App::new().app_data(web::Data::new(book)).service(book_without_slash);
    call_service(&init_service(app.service(book_file)).await, request.to_request()).await
}

async fn get(path: &str, headers: &[(&'static str, &str)]) -> ServiceResponse {
    let request = headers
        .iter()
        .fold(TestRequest::get().uri(path), |request, &header| request.insert_header(header));
    respond(book(), request).await
}

fn header<'a>(response: &'a ServiceResponse, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn body(response: ServiceResponse) -> Vec<u8> {
    to_bytes(response.into_body()).await.unwrap().to_vec()
}

#[actix_web::test]
async fn a_page_is_sent_compressed_only_to_clients_that_accept_it() {
    for (accepted, is_compressed) in [
        ("gzip", true),
        ("br, gzip;q=0.5", true),
        ("identity", false),
        ("gzip;q=0", false),
        ("br", false),
    ] {
        let response = get("/book/index.html", &[("accept-encoding", accepted)]).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header(&response, "content-type"), HTML);
        assert_eq!(header(&response, "vary"), "Accept-Encoding");
        assert_eq!(header(&response, "content-encoding") == "gzip", is_compressed, "{accepted}");
        let sent = body(response).await;
        let expected = book().find("index.html").unwrap().gzip;
        assert_eq!(sent == expected, is_compressed, "{accepted}");
        assert_eq!(sent == b"introduction", !is_compressed, "{accepted}");
    }
    assert_eq!(body(get("/book/index.html", &[]).await).await, b"introduction");
}

#[actix_web::test]
async fn a_folder_has_an_index_and_redirects_to_it() {
    for (path, content) in [("/book/", "introduction"), ("/book/decisions/", "decisions")] {
        assert_eq!(body(get(path, &[]).await).await, content.as_bytes(), "{path}");
    }
    for (path, location) in [("/book", "book/"), ("/book/decisions", "decisions/")] {
        let response = get(path, &[]).await;
        assert_eq!(response.status(), StatusCode::PERMANENT_REDIRECT, "{path}");
        assert_eq!(header(&response, "location"), location);
    }
}

#[actix_web::test]
async fn a_client_with_the_current_version_gets_304_with_the_same_headers() {
    for path in ["/book/", "/book/page-1a.js"] {
        let first = get(path, &[]).await;
        let tag = header(&first, "etag").to_owned();
        assert!(tag.starts_with("W/\""), "{tag}");
        let strong = tag.trim_start_matches("W/").to_owned();
        for known in [tag.clone(), strong, format!("\"x\", {tag}"), "*".to_owned()] {
            let again = get(path, &[("if-none-match", &known)]).await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
            for name in ["etag", "cache-control", "vary", "content-security-policy"] {
                assert_eq!(header(&again, name), header(&first, name), "{name}");
                assert_ne!(header(&first, name), "", "{name}");
            }
            assert!(body(again).await.is_empty());
        }
        assert_eq!(get(path, &[("if-none-match", "W/\"x\"")]).await.status(), StatusCode::OK);
    }
}

#[actix_web::test]
async fn pages_are_revalidated_and_other_files_are_cached() {
    let page = get("/book/", &[]).await;
    assert_eq!(header(&page, "cache-control"), "no-cache");
    let script = get("/book/page-1a.js", &[]).await;
    assert_eq!(header(&script, "cache-control"), "public, max-age=3600");
    let tags = [&page, &script].map(|response| header(response, "etag").to_owned());
    assert_ne!(tags[0], tags[1]);
}

#[actix_web::test]
async fn only_files_of_the_book_are_found() {
    for path in [
        "/book/missing.html",
        "/book/decisions/missing.html",
        "/book/index.html/",
        "/book//",
        "/book//index.html",
        "/book/../index.html",
        "/book/decisions/../index.html",
        "/book/%2e%2e/Cargo.toml",
        "/book/..%2fCargo.toml",
        "/book/etc/passwd",
        "/book//etc/passwd",
    ] {
        assert_eq!(get(path, &[]).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[actix_web::test]
async fn a_program_without_the_book_says_so() {
    for path in ["/book", "/book/", "/book/index.html"] {
        let response = respond(Book::default(), TestRequest::get().uri(path)).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        let body: serde_json::Value = serde_json::from_slice(&body(response).await).unwrap();
        assert_eq!(body["code"], "NOT_FOUND");
        assert!(body["error"].as_str().unwrap().contains("does not include the book"), "{body}");
        assert_eq!(body["details"]["path"], path);
    }
}
