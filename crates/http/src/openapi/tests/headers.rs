use super::{all_operations, document, resolve, words};

/// Returns the headers declared for a response.
fn headers(method: &str, path: &str, status: &str) -> std::collections::BTreeSet<String> {
    let document = document();
    let operations = all_operations(&document);
    let (_, _, operation) =
        operations.iter().find(|(m, p, _)| *m == method && *p == path).expect("an operation");
    let response = resolve(&operation["responses"][status], &document);
    words(response["headers"].as_object().unwrap().keys().map(String::as_str))
}

#[test]
fn every_response_declares_its_headers() {
    let limited = ["RateLimit", "RateLimit-Policy", "X-Request-Id"];
    let case = "/api/internal/support/case/{caseNumber}";
    let file = "/api/internal/support/attachments/{attachmentId}";
    for (method, path, status, more) in [
        ("get", case, "200", &["ETag"] as &[&str]),
        ("patch", case, "200", &["ETag", "Idempotent-Replayed"]),
        ("get", case, "401", &["WWW-Authenticate"]),
        ("get", case, "404", &[]),
        ("get", case, "429", &["Retry-After"]),
        ("get", case, "503", &["Retry-After"]),
        ("get", file, "200", &["Content-Disposition", "ETag"]),
        ("get", file, "304", &["ETag"]),
        ("post", "/api/support/case", "200", &["Idempotent-Replayed"]),
        ("get", "/api/internal/me", "200", &[]),
    ] {
        let expected = words(limited.into_iter().chain(more.iter().copied()));
        assert_eq!(headers(method, path, status), expected, "{method} {path} {status}");
    }
    assert_eq!(headers("get", "/health", "200"), words(["X-Request-Id"]));
}

#[test]
fn every_header_is_declared_once() {
    let document = document();
    for (method, path, operation) in all_operations(&document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let headers = resolve(response, &document)["headers"].as_object().unwrap();
            assert!(headers.contains_key("X-Request-Id"), "{method} {path} {status}");
            for (name, header) in headers {
                let place = header["$ref"].as_str().unwrap_or_default();
                assert_eq!(place, format!("#/components/headers/{name}"), "{method} {path}");
                let declared = resolve(header, &document);
                assert!(declared["description"].is_string() && declared["required"].is_boolean());
            }
        }
    }
}
