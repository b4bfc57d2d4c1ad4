use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::body::BodyStream;
use actix_web::web::Bytes;
use actix_web::{App, HttpResponse, HttpServer, web};
use engage_application::ListCases;
use engage_domain::case::EscalationLevel;
use engage_domain::priority::PriorityScore;
use engage_domain::tag::Tags;
use engage_domain::{CaseNumber, CustomerType, IssueType, Source, Status, Timestamp, Urgency};
use engage_repository::{
    CaseColumns, CaseFilter, CasePart, CasePosition, CaseSort, CaseSummary, MockCaseQueries,
    MockContactRepository, MockStaffRepository, PartStart, RepositoryError, SearchField, SortOrder,
};
use futures_util::{StreamExt, stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::csv::Style;
use super::format::Format;
use super::parts::{BrokenOff, Parts};

fn a_case(sequence: u64) -> CaseSummary {
    CaseSummary {
        tags: Tags::default(),
        number: CaseNumber::new("CW".parse().unwrap(), 2025, sequence).unwrap(),
        subject: "=1+1, \"quoted\"".parse().unwrap(),
        customer_name: "Zoë".parse().unwrap(),
        customer_email: Some("zoe@example.com".parse().unwrap()),
        customer_type: CustomerType::Business,
        status: Status::Open,
        urgency: Urgency::High,
        issue_type: IssueType::Technical,
        source: Source::Api,
        priority_score: PriorityScore::new(85).unwrap(),
        assigned_to: None,
        department: None,
        created_at: Timestamp::from_millis(0),
        last_activity: Timestamp::from_millis(1500),
        estimated_resolution: Timestamp::from_millis(3000),
        more: CaseColumns {
            organization: Some("Acme, Inc.".parse().unwrap()),
            phone: Some("+1234567890".parse().unwrap()),
            project: None,
            escalation_level: EscalationLevel::default(),
            last_updated: Timestamp::from_millis(1000),
            first_response: Some(Timestamp::from_millis(1000)),
            first_response_ended_at: None,
            first_response_due: Timestamp::from_millis(2000),
            resolved_at: None,
            closed_at: None,
            first_response_alert: None,
            resolution_alert: None,
        },
    }
}

const LINE: &str = "Zoë,zoe@example.com,BUSINESS,OPEN,HIGH,TECHNICAL,85,,,,1970-01-01T00:00:00.000Z,\
    1970-01-01T00:00:01.500Z,1970-01-01T00:00:03.000Z,\"Acme, Inc.\",\"'+1234567890\",,0,PENDING,\
    1970-01-01T00:00:01.000Z,1970-01-01T00:00:02.000Z,,,1970-01-01T00:00:01.000Z,API,\r\n";

fn line(sequence: u64) -> String {
    format!("CW-2025-{sequence:03},\"'=1+1, \"\"quoted\"\"\",{LINE}")
}

/// Returns a list in three parts of one case each, and the number of parts that have been read. The
/// `broken` part cannot be read.
fn three_parts(broken: Option<usize>) -> (ListCases, Arc<AtomicUsize>) {
    let read = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&read);
    let mut queries = MockCaseQueries::new();
    queries.expect_count_cases().returning(|_| Ok(3));
    queries.expect_list_cases().returning(move |listing| {
        let place = count.fetch_add(1, Ordering::SeqCst);
        if broken == Some(place) {
            return Err(RepositoryError::unavailable("gone"));
        }
        let case = a_case(place as u64 + 1);
        match &listing.start {
            PartStart::Page(page) => assert_eq!((page.get(), place), (1, 0)),
            PartStart::After(position) => assert_eq!(position.number, a_case(place as u64).number),
        }
        let position = CasePosition::of(&case, CaseSort::CreatedAt, SearchField::Conversation);
        Ok(CasePart { cases: vec![case], next: (place < 2).then_some(position) })
    });
    let (staff, contacts) = (MockStaffRepository::new(), MockContactRepository::new());
    (ListCases::new(Arc::new(queries), Arc::new(staff), Arc::new(contacts)), read)
}

async fn begin(list: ListCases) -> Result<Parts, crate::error::ApiError> {
    Parts::begin(list, CaseFilter::default(), None, SortOrder::Descending, None).await
}

#[tokio::test]
async fn a_list_is_streamed_in_parts_to_its_end() {
    let (list, _) = three_parts(None);
    let file = begin(list)
        .await
        .unwrap()
        .written_as(Format::Csv(Style { delimiter: b',', has_bom: false }));
    let texts: Vec<_> = Box::pin(file.map(|text| text.unwrap()).collect()).await;
    let whole = String::from_utf8(texts.concat()).unwrap();
    let (head, lines) = whole.split_once("\r\n").unwrap();
    assert!(head.starts_with("caseNumber,") && !head.contains("CW-"), "{head}");
    assert_eq!(lines, [line(1), line(2), line(3)].concat());

    let (list, _) = three_parts(None);
    let file = begin(list).await.unwrap().written_as(Format::Ndjson);
    let texts: Vec<_> = Box::pin(file.map(|text| text.unwrap()).collect()).await;
    let whole = String::from_utf8(texts.concat()).unwrap();
    let subjects: Vec<_> = whole
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["subject"].clone())
        .collect();
    assert_eq!(subjects, ["=1+1, \"quoted\""; 3]);
}

#[tokio::test]
async fn a_part_is_only_read_when_the_previous_one_has_been_taken() {
    let (list, read) = three_parts(None);
    let file = begin(list).await.unwrap().written_as(Format::Ndjson);
    let mut file = Box::pin(file);
    for expected in [1, 2, 3] {
        assert!(file.next().await.unwrap().is_ok());
        tokio::task::yield_now().await;
        assert_eq!(read.load(Ordering::SeqCst), expected);
    }
    assert!(file.next().await.is_none());
}

#[tokio::test]
async fn a_part_that_cannot_be_read_ends_the_file_with_an_error() {
    let (list, _) = three_parts(Some(1));
    let file = begin(list).await.unwrap().written_as(Format::Ndjson);
    let ends: Vec<_> = Box::pin(file.map(|text| text.is_ok()).collect()).await;
    assert_eq!(ends, [true, false]);
    let (list, _) = three_parts(Some(0));
    assert!(matches!(begin(list).await, Err(crate::error::ApiError::Unavailable)));
}

/// Returns everything that a client receives of a response whose body does or does not complete.
async fn received(is_broken_off: bool) -> String {
    let respond = move || async move {
        let text = Ok(Bytes::from_static(b"a,b\r\n"));
        // Lets the server send the text before the stream goes on.
        let later = stream::once(tokio::task::yield_now());
        let end = later.filter_map(move |()| ready(is_broken_off.then_some(Err(BrokenOff))));
        let body = stream::iter([text]).chain(end);
        HttpResponse::Ok().body(BodyStream::new(body))
    };
    let server = HttpServer::new(move || App::new().default_service(web::to(respond)))
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    let running = tokio::spawn(server);
    let mut client = TcpStream::connect(address).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    client.write_all(request).await.unwrap();
    let mut text = Vec::new();
    // If the connection is cut, it may be reset.
    let _ = client.read_to_end(&mut text).await;
    handle.stop(false).await;
    running.await.unwrap().unwrap();
    String::from_utf8(text).unwrap()
}

#[actix_web::test]
async fn an_incomplete_file_is_recognizable_as_such() {
    // The last chunk is empty (RFC 9112, section 7.1). A response without it is incomplete.
    let whole = received(false).await;
    assert!(whole.ends_with("\r\na,b\r\n\r\n0\r\n\r\n"), "{whole}");
    let broken = received(true).await;
    assert!(broken.starts_with("HTTP/1.1 200 OK\r\n"), "{broken}");
    assert!(!broken.ends_with("0\r\n\r\n"), "{broken}");
}
