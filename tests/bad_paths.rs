//! Invalid paths, queries and request heads.

use reqwest::Method;

use crate::support::{Response, Server, Store, a_case, on_both_stores, raw};

on_both_stores! {
    an_invalid_parameter_is_named
    an_unusual_but_valid_query_is_served
    a_query_of_any_length_causes_no_failure
    an_invalid_case_number_in_a_path_is_not_found
    other_spellings_of_a_path_are_other_paths
    invalid_http_causes_no_failure_and_the_server_keeps_running
}

const LIST: &str = "/api/internal/support/cases";

async fn an_invalid_parameter_is_named(store: Store) {
    let server = Server::with_staff(store).await;
    let long = "9".repeat(400);
    for (parameter, values) in [
        (
            "page",
            &[
                "",
                "%20",
                "1&page=1",
                "0",
                "-1",
                "1.5",
                "1e3",
                "x",
                "%00",
                "%ff",
                "4294967296",
                &long,
                "1,2",
            ][..],
        ),
        ("limit", &["0", "-1", "101", "x", "%00", "%ff", &long, "20;"]),
        (
            "status",
            &[
                "",
                ",",
                "open,,closed",
                "x",
                "%00",
                "%ff",
                "OPEN%00",
                "OPEN,NEW",
                "%F0%9F%98%80",
                &long,
            ],
        ),
        ("urgency", &["x", "%00", "%ff", "0"]),
        ("customerType", &["x", "%00", "%ff"]),
        ("source", &["x", "%00", "%ff"]),
        ("issueType", &["x", "%00", "%ff"]),
        ("assignedTo", &["%00", "%ff", "%27%20OR%201=1", "..", &long]),
        ("department", &["a%00b", "a%0ab", &long]),
        ("createdFrom", &["x", "%00", "2025-13-01T00:00:00Z", "2025-01-01", "99999", &long]),
        ("createdTo", &["x", "%ff", "2025-01-01T00:00:00", "-9999999-01-01T00:00:00Z"]),
        ("sortBy", &["x", "%00", "%ff", "createdAt;--", "createdAt,status"]),
        ("sortOrder", &["x", "%00", "%ff", "desc,asc"]),
        ("q", &["", "a&q=b", "-", "%00", "%ff", &long]),
        ("cursor", &["", "x", "%00", "%ff", "AQAAAA", "CW-2025-001", &long]),
    ] {
        for value in values {
            let response = server.staff_get(&format!("{LIST}?{parameter}={value}")).await;
            assert_eq!(response.status, 400, "{parameter}={value}: {response:?}");
            let fields = response.invalid_fields();
            assert!(fields.iter().all(|field| field == parameter), "{parameter}={value}");
        }
    }
}

async fn an_unusual_but_valid_query_is_served(store: Store) {
    let server = Server::with_staff(store).await;
    server.open(&a_case()).await;
    for (query, total) in [
        ("", 1),
        ("&&&", 1),
        ("status=open&status=CANCELLED", 1),
        ("status=CANCELLED", 0),
        ("sortBy=CREATEDAT&sortOrder=DESC", 1),
        ("assignedTo=me", 0),
        ("assignedTo=unassigned,me", 1),
        ("department=%27%20OR%201%3D1%20--", 0),
        ("createdFrom=2000-01-01T00:00:00%2B02:00&createdTo=2999-01-01t00:00:00z", 1),
        ("createdTo=2000-01-01T00:00:00Z", 0),
        ("q=%27%20OR%201%3D1%20--", 0),
        ("q=%22%20*:*%20%7C%20%5C%27%20dashboard", 1),
    ] {
        let response = server.staff_get(&format!("{LIST}?{query}")).await.ok();
        assert_eq!(response["pagination"]["total"], total, "{query}");
    }
    let last = server.staff_get(&format!("{LIST}?page=4294967295&limit=100")).await.ok();
    assert_eq!(last["cases"].as_array().unwrap().len(), 0);
    assert_eq!(last["pagination"]["total"], 1);
}

async fn a_query_of_any_length_causes_no_failure(store: Store) {
    let server = Server::with_staff(store).await;
    let query = vec!["status=OPEN"; 4_000].join("&");
    let many = server.staff_get(&format!("{LIST}?{query}")).await;
    assert!([200, 400].contains(&many.status), "{many:?}");
    let ids: Vec<String> = (0..5_000).map(|n| format!("s{n}")).collect();
    let many = server.staff_get(&format!("{LIST}?assignedTo={}", ids.join(","))).await;
    assert!([200, 400].contains(&many.status), "{many:?}");
}

async fn an_invalid_case_number_in_a_path_is_not_found(store: Store) {
    let server = Server::with_staff(store).await;
    for number in [
        "%00",
        "%ff",
        "%20",
        "%0d%0aSet-Cookie:%20x",
        "..%2f..%2fetc%2fpasswd",
        "CW-2025-001%00",
        "CW-2025-001'--",
        "%F0%9F%98%80",
        "%zz",
        "%",
        "{caseNumber}",
        &"x".repeat(4_000),
    ] {
        for (method, end) in [("GET", ""), ("POST", "/update"), ("PUT", "/assign")] {
            let path = format!("/api/internal/support/case/{number}{end}");
            let request = server.staff_request(method.parse().unwrap(), &path);
            let body = serde_json::json!({"message": "m", "staffId": "staff-123"});
            let response = Response::to(request.json(&body)).await;
            assert_eq!(response.headers.get("set-cookie"), None);
            response.refused(404, "CASE_NOT_FOUND");
        }
    }
}

async fn other_spellings_of_a_path_are_other_paths(store: Store) {
    let server = Server::with_staff(store).await;
    for path in [
        "/api/support/case/",
        "//api/support/case",
        "/API/support/case",
        "/api//support/case",
        "/api/support/case/status/",
        "/health/",
        "/api/support/case;x=1",
    ] {
        let response = Response::to(server.request(Method::POST, path).json(&a_case())).await;
        response.refused(404, "NOT_FOUND");
    }
    // No spelling of a protected path is served without a token.
    for path in [
        "/api/internal/../internal/support/cases",
        "/api/%69nternal/support/cases",
        "//api/internal/support/cases",
        "/api//internal/support/cases",
        "/api/internal//support/cases",
        "/api/support/../internal/support/cases",
        "/API/INTERNAL/support/cases",
        "/api/internal%2fsupport/cases",
        "/api/internal/support/cases%00",
        "/api/internal/support/cases/",
        "http://localhost/api/internal/support/cases",
    ] {
        let bytes = raw::request(&format!("GET {path} HTTP/1.1"), b"");
        let reply = raw::exchange(server.address(), &bytes);
        let status = reply.status().unwrap_or(400);
        assert!([400, 401, 404].contains(&status), "{path}: {reply:?}");
    }
}

async fn invalid_http_causes_no_failure_and_the_server_keeps_running(store: Store) {
    let server = Server::start(store).await;
    let mut garbage: Vec<Vec<u8>> = vec![
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        b"\0\0\0\0\0\0\0\0\r\n\r\n".to_vec(),
        b"\r\n\r\n\r\n".to_vec(),
        b"GET\r\n\r\n".to_vec(),
        b"GET / HTTP/9.9\r\n\r\n".to_vec(),
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nHost: x\r\nBad Header: x\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n".to_vec(),
        b"POST /api/support/case HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n".to_vec(),
        b"POST /api/support/case HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n"
            .to_vec(),
        b"POST /api/support/case HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"
            .to_vec(),
        b"POST /api/support/case HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\
          Transfer-Encoding: chunked\r\n\r\n{}"
            .to_vec(),
        b"POST /api/support/case HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}"
            .to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff".to_vec(),
        b"CONNECT localhost:80 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        [b"GET /".to_vec(), vec![b'a'; 300_000], b" HTTP/1.1\r\n\r\n".to_vec()].concat(),
        [b"GET / HTTP/1.1\r\nX: ".to_vec(), vec![b'a'; 300_000], b"\r\n\r\n".to_vec()].concat(),
        [b"GET / HTTP/1.1\r\n".to_vec(), b"X: y\r\n".repeat(500), b"\r\n".to_vec()].concat(),
    ];
    // Reproducible noise.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    garbage.extend((0..20).map(|_| {
        let next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state.to_be_bytes()[0]
        };
        std::iter::repeat_with(next).take(200).chain(*b"\r\n\r\n").collect()
    }));
    for bytes in garbage {
        let reply = raw::exchange(server.address(), &bytes);
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
        assert!(reply.is_closed, "{shown:?}: {reply:?}");
        assert!(reply.status().is_none_or(|s| (400..500).contains(&s)), "{shown:?}: {reply:?}");
    }
    server.open(&a_case()).await;
    let is_fault = |line: &&String| line.contains("ERROR");
    let log = server.log();
    assert_eq!(log.iter().filter(is_fault).collect::<Vec<_>>(), [""; 0]);
}
