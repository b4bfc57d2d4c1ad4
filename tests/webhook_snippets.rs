//! The code in the documentation of webhooks, run unchanged with the published test vector.

use std::io::Write;
use std::process::{Command, Stdio};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use standardwebhooks::Webhook;

use crate::support::example::blocks;
use crate::support::{assert_is_a, now};
use crate::webhook_verification::verify;

const PAGE: &str = include_str!("../docs/webhooks.md");
const RUST: &str = include_str!("webhook_verification.rs");

const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const ID: &str = "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk";
const TIMESTAMP: &str = "1649367553";
const BODY: &str = r#"{"email":"test@example.com","username":"test_user"}"#;
const SIGNATURE: &str = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";
const OTHER: &str = "v1,AAAA4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";

/// Each language with the command that runs its code, and a program that calls the code with SECRET
/// ID TIMESTAMP SIGNATURES NOW and the body on standard input. The program exits with 0 if the
/// signature is valid, and with 1 otherwise.
const PROGRAMS: &[(&str, &[&str], &str)] = &[
    (
        "python",
        &["python3", "-c"],
        "import sys
secret, message_id, timestamp, signatures, now = sys.argv[1:]
headers = {'webhook-id': message_id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures}
sys.exit(0 if verify(secret, headers, sys.stdin.buffer.read(), int(now)) else 1)",
    ),
    (
        "javascript",
        &["node", "-e"],
        "const [secret, id, timestamp, signatures, now] = process.argv.slice(1);
const headers = {'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures};
const body = require('node:fs').readFileSync(0);
process.exit(verify(secret, headers, body, Number(now)) ? 0 : 1);",
    ),
    // It does not check the time.
    ("bash", &["bash", "-c"], r#"set -- "$0" "$@"; verify "$1" "$2" "$3" "$4""#),
];

/// Checks whether the code accepts the signature. Returns `None` if this machine cannot run it.
fn verifies(language: &str, [secret, signatures, now, body]: [&str; 4]) -> Option<bool> {
    let (_, program, call) = PROGRAMS.iter().find(|(of, ..)| *of == language).unwrap();
    let code = blocks(PAGE).into_iter().find(|(of, _)| *of == language).expect("code").1;
    let mut child = Command::new(program[0])
        .args(&program[1..])
        .arg(format!("{code}\n{call}"))
        .args([secret, ID, TIMESTAMP, signatures, now])
        .stdin(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take().unwrap().write_all(body.as_bytes()).unwrap();
    match child.wait().unwrap().code() {
        Some(0) => Some(true),
        Some(1) => Some(false),
        ended => panic!("{language} ended with {ended:?}"),
    }
}

#[test]
fn the_code_accepts_only_what_engage_signed() {
    let both = format!("{OTHER} {SIGNATURE}");
    let mut has_run = Vec::new();
    for (language, ..) in PROGRAMS {
        let Some(takes) = verifies(language, [SECRET, SIGNATURE, TIMESTAMP, BODY]) else {
            continue;
        };
        assert!(takes, "{language}");
        has_run.push(*language);
        let changed = BODY.replace("test_user", "test_User");
        for (case, expected) in [
            ([SECRET, both.as_str(), TIMESTAMP, BODY], true),
            ([SECRET, OTHER, TIMESTAMP, BODY], false),
            ([SECRET, "", TIMESTAMP, BODY], false),
            ([SECRET, "v1,", TIMESTAMP, BODY], false),
            ([SECRET, SIGNATURE, TIMESTAMP, &changed], false),
            (["whsec_AAFVsBQIhrscChlQIMV+b5sSYspob7oD", SIGNATURE, TIMESTAMP, BODY], false),
            ([SECRET, SIGNATURE, "1649367852", BODY], true),
            ([SECRET, SIGNATURE, "1649367854", BODY], *language == "bash"),
            ([SECRET, SIGNATURE, "1649367252", BODY], *language == "bash"),
        ] {
            assert_eq!(verifies(language, case), Some(expected), "{language}: {case:?}");
        }
    }
    assert!(has_run.contains(&"bash"), "{has_run:?}");
}

#[test]
fn the_rust_code_accepts_only_what_engage_signed_just_now() {
    let signed_at = |seconds: i64, body: &str| {
        let signature = Webhook::new(SECRET).unwrap().sign(ID, seconds, body.as_bytes()).unwrap();
        let headers = [
            ("webhook-id", ID.to_owned()),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-signature", format!("{OTHER} {signature}")),
        ];
        let headers = headers.map(|(name, value)| {
            (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(&value).unwrap())
        });
        headers.into_iter().collect::<HeaderMap>()
    };
    let seconds = now().as_second();
    let valid = signed_at(seconds, BODY);
    assert!(verify(SECRET, &valid, BODY.as_bytes()).is_ok());
    assert!(verify(SECRET, &valid, b"{}").is_err());
    assert!(verify("whsec_AAFVsBQIhrscChlQIMV+b5sSYspob7oD", &valid, BODY.as_bytes()).is_err());
    assert!(verify(SECRET, &signed_at(seconds - 600, BODY), BODY.as_bytes()).is_err());
    assert!(verify(SECRET, &HeaderMap::new(), BODY.as_bytes()).is_err());
}

#[test]
fn the_rust_code_on_the_page_is_the_one_that_is_tested() {
    let tested = RUST.split_once("\n\n").expect("a head").1;
    // Clients take the type from the crate `http`, which reqwest exports, too.
    let tested = tested.replace("reqwest::header::", "http::").replace("pub(crate) fn", "fn");
    let shown = blocks(PAGE).into_iter().find(|(of, _)| *of == "rust").expect("code").1;
    assert_eq!(shown.trim(), tested.trim());
}

#[test]
fn the_body_on_the_page_matches_the_description() {
    let body = blocks(PAGE).into_iter().find(|(of, _)| *of == "json").expect("a body").1;
    let body: Value = serde_json::from_str(body).unwrap();
    assert_is_a("SnapshotData", &body["data"]);
    for part in [SECRET, ID, TIMESTAMP, BODY, SIGNATURE] {
        assert!(PAGE.contains(&format!("`{part}`")), "{part}");
    }
}
