use engage_testkit::dns::DnsServer;
use tokio::net::TcpSocket;

use super::*;

fn refused(status: &str, headers: &str, body: &str) -> Behaviour {
    Behaviour::Answer(answer(status, headers, body))
}

/// Returns an error body in Twilio's format.
fn error_body(code: u32, message: &str) -> String {
    format!(
        r#"{{"code": {code}, "message": "{message}", "more_info": "https://www.twilio.com/docs/errors/{code}", "status": 400}}"#
    )
}

async fn outcome_of_code(status: &str, code: u32) -> NotifyError {
    let body = error_body(code, "The 'To' number +15005550001 is not accepted.");
    outcome_of(refused(status, "", &body)).await.unwrap_err()
}

#[tokio::test]
async fn the_delay_requested_by_an_overloaded_twilio_is_honoured() {
    let body = error_body(20429, "Too Many Requests");
    let dated = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
                 Retry-After: Sun, 06 Nov 1994 08:50:37 GMT\r\n";
    for (headers, seconds) in [
        ("", None),
        ("Retry-After: 30\r\n", Some(30)),
        ("Retry-After: 100000\r\n", Some(86_400)),
        (dated, Some(60)),
    ] {
        assert_eq!(
            outcome_of(refused("429 Too Many Requests", headers, &body)).await,
            Err(NotifyError::Overloaded {
                reason: "Twilio's error 20429: Too Many Requests".to_owned(),
                retry_after: seconds.map(Duration::from_secs),
            })
        );
    }
}

#[tokio::test]
async fn a_server_failure_is_retried() {
    for (status, headers, wait) in [
        ("500 Internal Server Error", "", None),
        ("502 Bad Gateway", "", None),
        ("503 Service Unavailable", "Retry-After: 120\r\n", Some(Duration::from_mins(2))),
        ("504 Gateway Timeout", "", None),
    ] {
        assert_eq!(
            outcome_of(refused(status, headers, "<html>busy</html>")).await,
            Err(NotifyError::Unreachable {
                reason: format!("Twilio responded with status {}", &status[..3]),
                retry_after: wait,
            })
        );
    }
}

#[tokio::test]
async fn a_recipient_that_cannot_be_texted_ends_the_message() {
    for (status, code) in [
        ("400 Bad Request", 21211),
        ("400 Bad Request", 21614),
        ("403 Forbidden", 21408),
        ("400 Bad Request", 21612),
    ] {
        let reason =
            format!("Twilio's error {code}: The 'To' number +*********** is not accepted.");
        assert_eq!(outcome_of_code(status, code).await, NotifyError::Rejected { reason });
    }
}

#[tokio::test]
async fn a_recipient_who_opted_out_is_unwanted() {
    let outcome = outcome_of_code("400 Bad Request", 21610).await;
    assert!(matches!(outcome, NotifyError::Unwanted { .. }), "{outcome:?}");
}

#[tokio::test]
async fn wrong_credentials_or_a_wrong_sender_stop_the_channel() {
    for (status, code) in [
        ("401 Unauthorized", 20003),
        ("400 Bad Request", 21606),
        ("400 Bad Request", 21212),
        ("400 Bad Request", 21603),
        ("400 Bad Request", 20001),
        ("400 Bad Request", 30001),
    ] {
        let outcome = outcome_of_code(status, code).await;
        assert!(matches!(outcome, NotifyError::ChannelDown { .. }), "{outcome:?}");
    }
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let outcome = outcome_of(refused(status, "", "no JSON")).await;
        assert!(matches!(outcome, Err(NotifyError::ChannelDown { .. })), "{outcome:?}");
    }
}

#[tokio::test]
async fn any_other_refusal_is_ambiguous() {
    for body in ["", "null", &error_body(21602, "Message body is required.")] {
        let outcome = outcome_of(refused("400 Bad Request", "", body)).await;
        assert!(matches!(outcome, Err(NotifyError::Ambiguous(_))), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_stops_the_channel() {
    let other = Server::start(accepted()).await;
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"] {
        let location = format!("Location: http://{}/elsewhere\r\n", other.address);
        let outcome = outcome_of(refused(status, &location, "")).await;
        assert!(matches!(outcome, Err(NotifyError::ChannelDown { .. })), "{outcome:?}");
    }
    assert!(other.received().is_empty());
}

#[tokio::test]
async fn an_accepted_message_is_sent_regardless_of_the_response_body() {
    for body in ["", "no JSON", "[]", r#"{"sid": 5}"#, r#"{"code": 21211}"#] {
        assert_eq!(outcome_of(refused("200 OK", "", body)).await, Ok(()), "{body}");
    }
    let cut_off = b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{".to_vec();
    assert_eq!(outcome_of(Behaviour::Answer(cut_off.clone())).await, Ok(()));
    let server = Server::start(Behaviour::Hang(cut_off)).await;
    let channel = impatient(&format!("http://{}", server.address));
    assert_eq!(channel.deliver(&notification()).await, Ok(()));
}

#[tokio::test]
async fn an_endless_body_is_cut_off() {
    let head = |status: &str| format!("HTTP/1.1 {status}\r\n\r\n").into_bytes();
    assert_eq!(outcome_of(Behaviour::Flood(head("201 Created"))).await, Ok(()));
    assert_eq!(
        outcome_of(Behaviour::Flood(head("500 Internal Server Error"))).await,
        Err(unreachable("Twilio responded with status 500".to_owned()))
    );
}

#[tokio::test]
async fn a_body_is_read_up_to_64_kib() {
    let padded = |length: usize| {
        let body = error_body(21610, "Opted out");
        format!("{body}{}", " ".repeat(length - body.len()))
    };
    let outcome = outcome_of(refused("400 Bad Request", "", &padded(64 * 1024))).await;
    assert!(matches!(outcome, Err(NotifyError::Unwanted { .. })), "{outcome:?}");
    let outcome = outcome_of(refused("400 Bad Request", "", &padded(64 * 1024 + 1))).await;
    assert!(matches!(outcome, Err(NotifyError::Ambiguous(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_hanging_request_times_out_and_is_retried() {
    let server = Server::start(Behaviour::Hang(Vec::new())).await;
    let channel = impatient(&format!("http://{}", server.address));
    assert_eq!(
        channel.deliver(&notification()).await,
        Err(unreachable("Twilio did not respond in time".to_owned()))
    );
}

#[tokio::test]
async fn a_lost_connection_is_retried() {
    let outcome = outcome_of(Behaviour::Answer(Vec::new())).await.unwrap_err();
    assert!(matches!(outcome, NotifyError::Unreachable { .. }), "{outcome:?}");
    assert!(outcome.to_string().starts_with("the connection to Twilio failed: "), "{outcome}");
}

#[tokio::test]
async fn a_refused_connection_is_retried() {
    // A port that is bound but not listened on.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let channel = twilio(settings(&format!("http://{}", socket.local_addr().unwrap())));
    let outcome = channel.deliver(&notification()).await.unwrap_err();
    assert!(matches!(outcome, NotifyError::Unreachable { .. }), "{outcome:?}");
    assert!(outcome.to_string().starts_with("Twilio cannot be reached: "), "{outcome}");
}

#[tokio::test]
async fn no_reason_contains_the_secret_the_number_or_the_text() {
    let echo = "The 'To' number +15005550001 is not accepted.";
    let mut outcomes = Vec::new();
    for behaviour in [
        refused("400 Bad Request", "", &error_body(21211, echo)),
        refused("401 Unauthorized", "", &error_body(20003, echo)),
        refused("429 Too Many Requests", "", &error_body(20429, echo)),
        refused("500 Internal Server Error", "", TEXT),
        Behaviour::Answer(Vec::new()),
        Behaviour::Answer(b"garbage\r\n\r\n".to_vec()),
    ] {
        outcomes.push(outcome_of(behaviour).await.unwrap_err());
    }
    for outcome in outcomes {
        let shown = format!("{outcome} {outcome:?}");
        let basic = STANDARD.encode(format!("{ACCOUNT}:{TOKEN}"));
        for secret in [TOKEN, &basic, "5005550001", "CW-2025-001", "second line"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(!shown.contains('\n') && outcome.to_string().chars().count() <= 200, "{shown}");
    }
}

#[tokio::test]
async fn a_name_that_cannot_be_resolved_is_retried() {
    let dns = DnsServer::start("broken.example SERVFAIL");
    let resolver = DnsResolver::with_servers(&[dns.address()]);
    for (host, why) in [("nobody.example", "NXDOMAIN"), ("broken.example", "SERVFAIL")] {
        let client = client::build(RootCertStore::empty(), TimeOuts::default(), &resolver);
        let settings = settings(&format!("https://{host}"));
        let channel = Twilio::with_client(settings, Arc::new(Fixed), client.unwrap());
        let outcome = channel.deliver(&notification()).await.unwrap_err();
        assert!(matches!(outcome, NotifyError::Unreachable { .. }), "{outcome:?}");
        assert!(outcome.to_string().contains(why), "{outcome}");
    }
}
