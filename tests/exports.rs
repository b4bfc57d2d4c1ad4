//! Exports of lists as files.

use futures_util::{StreamExt, stream};
use reqwest::Method;
use reqwest::header::{ACCEPT, HeaderMap};
use serde_json::{Value, json};

use crate::support::{
    Server, Store, a_case, a_case_of_somebody, assert_is_a, case_with, on_both_stores, raw, send,
};

on_both_stores! {
    a_long_list_is_exported_completely_and_in_order
    an_export_matches_the_filters_and_the_list
    an_export_has_fields_that_lists_omit
    a_client_of_http_1_0_gets_an_unchunked_export
    spreadsheet_formulas_are_exported_as_text
    the_format_follows_the_parameter_or_the_accept_header
    an_export_of_no_cases_is_an_empty_file
    invalid_parameters_are_reported_as_for_the_list
}

const EXPORT: &str = "/api/internal/support/cases/export";
const HEAD: &str = "caseNumber,subject,customerName,customerEmail,customerType,status,urgency,\
    issueType,priorityScore,assignedToId,assignedToName,department,createdAt,lastActivity,\
    estimatedResolution,organization,phone,clientOrProjectName,escalationLevel,slaState,firstResponse,\
    firstResponseDue,resolvedAt,closedAt,lastUpdated,source,tags";

/// Fields of a case that only a file has.
const MORE: [&str; 10] = [
    "organization",
    "phone",
    "clientOrProjectName",
    "escalationLevel",
    "slaState",
    "firstResponse",
    "firstResponseDue",
    "resolvedAt",
    "closedAt",
    "lastUpdated",
];

async fn export(server: &Server, query: &str, accept: Option<&str>) -> (HeaderMap, String) {
    let mut request = server.staff_request(Method::GET, &format!("{EXPORT}?{query}"));
    if let Some(accept) = accept {
        request = request.header(ACCEPT, accept);
    }
    let response = send(request).await;
    assert_eq!(response.status, 200);
    (response.headers.clone(), response.text())
}

async fn csv(server: &Server, query: &str) -> Vec<String> {
    let (_, text) = export(server, &format!("format=csv&{query}"), None).await;
    let text = text.strip_suffix("\r\n").expect("a terminated last line");
    let mut lines = text.split("\r\n").map(str::to_owned);
    assert_eq!(lines.next().as_deref(), Some(HEAD));
    lines.collect()
}

/// Returns the cases in an export, with the fields of the list.
async fn ndjson(server: &Server, query: &str) -> Vec<Value> {
    let mut cases = whole_ndjson(server, query).await;
    for case in &mut cases {
        let case_in_list = case.as_object_mut().unwrap();
        for name in MORE {
            assert!(case_in_list.remove(name).is_some(), "{name}");
        }
        assert_is_a("CaseSummaryBody", case);
    }
    cases
}

async fn whole_ndjson(server: &Server, query: &str) -> Vec<Value> {
    let (_, text) = export(server, &format!("format=ndjson&{query}"), None).await;
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).expect("an object")).collect()
}

fn number(case: &Value) -> String {
    case["caseNumber"].as_str().unwrap().to_owned()
}

/// Reads the whole list by cursors.
async fn list(server: &Server, query: &str) -> Vec<Value> {
    let mut cases = Vec::new();
    let mut more = String::new();
    loop {
        let path = format!("/api/internal/support/cases?limit=100&{query}{more}");
        let response = server.staff_get(&path).await.ok();
        cases.extend(response["cases"].as_array().unwrap().iter().cloned());
        match response["pagination"]["nextCursor"].as_str() {
            Some(cursor) => more = format!("&cursor={cursor}"),
            None => return cases,
        }
    }
}

async fn a_long_list_is_exported_completely_and_in_order(store: Store) {
    let server = Server::with_staff(store).await;
    // More than twice as many as are read at once.
    stream::iter((0..1010).map(|_| a_case_of_somebody()))
        .for_each_concurrent(32, |case| {
            let server = &server;
            async move {
                server.open(&case).await;
            }
        })
        .await;
    for query in ["", "sortBy=caseNumber&sortOrder=asc"] {
        let listed = list(&server, query).await;
        assert_eq!(listed.len(), 1010);
        assert_eq!(ndjson(&server, query).await, listed);
        let rows = csv(&server, query).await;
        let numbers: Vec<_> = rows.iter().map(|row| row.split(',').next().unwrap()).collect();
        assert_eq!(numbers, listed.iter().map(number).collect::<Vec<_>>());
    }
}

async fn an_export_matches_the_filters_and_the_list(store: Store) {
    let server = Server::with_staff(store).await;
    let assigned = server.open(&case_with("subject", "A printer, \"on fire\"")).await;
    server.open(&case_with("urgency", "LOW")).await;
    server.assign(&assigned, &json!({"staffId": "staff-456"})).await.ok();
    for query in [
        "assignedTo=staff-456",
        "status=IN_PROGRESS&urgency=HIGH,CRITICAL",
        "q=printer",
        "department=technical%20SUPPORT&customerType=BUSINESS&issueType=TECHNICAL&source=api,EMAIL",
        "assignedTo=staff-456&customerEmail=JOHN%40example.com&slaState=PENDING,BREACHED\
            &dueBefore=2999-01-01T00:00:00Z&updatedFrom=2020-01-01T00:00:00Z\
            &updatedTo=2999-01-01T00:00:00Z",
        "q=sam%20jones",
    ] {
        let listed = list(&server, query).await;
        assert_eq!(
            listed.iter().map(number).collect::<Vec<_>>(),
            std::slice::from_ref(&assigned),
            "{query}"
        );
        assert_eq!(ndjson(&server, query).await, listed, "{query}");
        let case = &listed[0];
        let time = |name: &str| case[name].as_str().unwrap().to_owned();
        let row = format!(
            "{assigned},\"A printer, \"\"on fire\"\"\",John Doe,john@example.com,BUSINESS,IN_PROGRESS,\
             HIGH,TECHNICAL,{},staff-456,Sam Jones,Technical Support,{},{},{},",
            case["priorityScore"],
            time("createdAt"),
            time("lastActivity"),
            time("estimatedResolution"),
        );
        let rows = csv(&server, query).await;
        assert!(rows.len() == 1 && rows[0].starts_with(&row), "{query} {rows:?}");
    }
    for query in [
        "customerEmail=ohn%40example.com",
        "organization=Nobody%2C%20Inc.",
        "project=Nothing",
        "slaState=BREACHED",
        "source=STAFF,IMPORT",
        "dueBefore=2020-01-01T00:00:00Z",
        "updatedTo=2020-01-01T00:00:00Z",
        "updatedFrom=2999-01-01T00:00:00Z",
    ] {
        assert!(csv(&server, query).await.is_empty(), "{query}");
    }
}

async fn an_export_has_fields_that_lists_omit(store: Store) {
    let server = Server::with_staff(store).await;
    let mut case = case_with("organization", "Acme; Inc.");
    case["phone"] = json!("+49 30 90182077");
    case["clientOrProjectName"] = json!("Relaunch");
    let number = server.open(&case).await;
    server.update(&number, &json!({"message": "Done.", "statusChange": "RESOLVED"})).await.ok();
    let cases = whole_ndjson(&server, "").await;
    let known = json!(["Acme; Inc.", "+493090182077", "Relaunch", 0, "MET", null]);
    let names =
        ["organization", "phone", "clientOrProjectName", "escalationLevel", "slaState", "closedAt"];
    assert_eq!(json!(names.map(|name| &cases[0][name])), known);
    assert_eq!(cases[0]["resolvedAt"], cases[0]["lastActivity"]);
    assert_eq!(cases[0]["firstResponse"], cases[0]["lastActivity"]);
    let (_, text) = export(&server, "bom=true&delimiter=;", None).await;
    let lines: Vec<_> = text.split("\r\n").collect();
    assert_eq!(lines[0], format!("\u{feff}{}", HEAD.replace(',', ";")));
    assert!(lines[1].contains(";\"Acme; Inc.\";\"'+493090182077\";Relaunch;0;MET;"), "{text}");
}

async fn a_client_of_http_1_0_gets_an_unchunked_export(store: Store) {
    let server = Server::with_staff(store).await;
    server.open(&a_case()).await;
    let (_, expected) = export(&server, "", None).await;
    for connection in ["close", "keep-alive"] {
        let request = format!(
            "GET {EXPORT} HTTP/1.0\r\nAuthorization: Bearer {}\r\nConnection: {connection}\r\n\r\n",
            server.token(),
        );
        let address = server.address();
        let exchange = move || raw::exchange(address, request.as_bytes());
        let reply = tokio::task::spawn_blocking(exchange).await.unwrap();
        assert!(reply.is_closed && reply.text.contains(" 200 "), "{reply:?}");
        assert!(!reply.text.to_lowercase().contains("transfer-encoding"), "{reply:?}");
        assert_eq!(reply.body(), expected, "{connection}");
    }
}

async fn spreadsheet_formulas_are_exported_as_text(store: Store) {
    let server = Server::with_staff(store).await;
    let formula = "=cmd|' /C calc'!A0";
    for subject in [formula, "+1", "-1", "@SUM(1)"] {
        server.open(&case_with("subject", subject)).await;
    }
    let rows = csv(&server, "sortOrder=asc").await;
    let cells: Vec<_> = rows.iter().map(|row| row.split(',').nth(1).unwrap()).collect();
    assert_eq!(cells, ["\"'=cmd|' /C calc'!A0\"", "\"'+1\"", "\"'-1\"", "\"'@SUM(1)\""]);
    // In NDJSON the formula is not escaped.
    assert_eq!(ndjson(&server, "sortOrder=asc").await[0]["subject"], formula);
}

async fn the_format_follows_the_parameter_or_the_accept_header(store: Store) {
    let server = Server::with_staff(store).await;
    let csv = ("text/csv; charset=utf-8; header=present", "attachment; filename=\"cases.csv\"");
    let ndjson = ("application/x-ndjson", "attachment; filename=\"cases.ndjson\"");
    for (query, accept, expected) in [
        ("", None, csv),
        ("", Some("text/html, */*"), csv),
        ("", Some("application/x-ndjson"), ndjson),
        ("format=NDJSON", Some("text/csv"), ndjson),
        ("format=csv", Some("application/x-ndjson"), csv),
    ] {
        let (headers, _) = export(&server, query, accept).await;
        let header = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), expected.0, "{query} {accept:?}");
        assert_eq!(header("content-disposition"), expected.1, "{query} {accept:?}");
        assert!(!header("x-request-id").is_empty());
    }
}

async fn an_export_of_no_cases_is_an_empty_file(store: Store) {
    let server = Server::with_staff(store).await;
    assert!(csv(&server, "").await.is_empty());
    assert!(ndjson(&server, "").await.is_empty());
    let head = send(server.staff_request(Method::HEAD, EXPORT)).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
}

async fn invalid_parameters_are_reported_as_for_the_list(store: Store) {
    let server = Server::with_staff(store).await;
    let query =
        format!("{EXPORT}?format=xlsx&status=x&assignedTo=%21&slaState=x&createdFrom=x&sortBy=x");
    let fields = server.staff_get(&query).await.invalid_fields();
    assert_eq!(fields, ["format", "status", "assignedTo", "slaState", "createdFrom", "sortBy"]);
    server.get(EXPORT).await.refused(401, "UNAUTHORIZED");
}
