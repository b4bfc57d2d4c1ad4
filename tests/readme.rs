//! The README's examples, sent as a shell and curl would send them: each has to be answered as the
//! README says.

use std::collections::BTreeSet;

use engage_domain::CaseNumber;
use jiff::Timestamp;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::support::{Answer, Place, Server, keys};

const README: &str = include_str!("../README.md");
const DOMAIN: &str = include_str!("../crates/domain/src/lib.rs");
const DEMO_SETTINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/engage.toml");

/// What has to have an example.
const ENDPOINTS: &[&str] = &[
    "POST /api/support/case",
    "POST /api/support/case/status",
    "POST /api/support/case/escalate",
    "POST /api/support/case/cancel",
    "GET /api/internal/support/cases",
    "GET /api/internal/support/case/{caseNumber}",
    "POST /api/internal/support/case/{caseNumber}/update",
    "PUT /api/internal/support/case/{caseNumber}/assign",
    "GET /health",
];

#[tokio::test]
async fn every_example_is_answered_as_the_readme_says() {
    let place = Place::new();
    let server = Server::start_in(&place, &["--demo", "--config", DEMO_SETTINGS]).await;
    let mut variables = vec![("ENGAGE", String::new()), ("TOKEN", place.token("staff-123"))];
    let mut called = BTreeSet::new();
    for (command, written) in examples() {
        let call = Call::read(words(command, &variables));
        let answer = Answer::to(call.on(&server)).await;
        let mut differences = Vec::new();
        compare("", &written, &answer.body, &mut differences);
        assert!(
            differences.is_empty(),
            "{command}\nis answered with\n{:#}\nwhich differs at {differences:?}",
            answer.body
        );
        let is_first = called.is_empty();
        let number = variables.get(2).map_or("{caseNumber}", |(_, number)| number);
        called.insert(call.endpoint().replace(number, "{caseNumber}"));
        if is_first {
            let number = answer.body["caseNumber"].as_str().expect("a new case");
            variables.push(("CASE", number.to_owned()));
        }
    }
    for endpoint in ENDPOINTS {
        assert!(called.contains(*endpoint), "no example of {endpoint}: {called:?}");
    }
}

#[test]
fn the_rust_example_is_the_one_that_the_domain_crate_runs() {
    let documentation = DOMAIN.lines().filter_map(|line| line.strip_prefix("//!"));
    let documentation: Vec<&str> =
        documentation.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    let documentation = documentation.join("\n");
    let run = blocks(&documentation).into_iter().next().expect("an example").1;
    let visible: Vec<&str> = run.lines().filter(|line| !line.starts_with('#')).collect();
    let shown = blocks(README).into_iter().find(|(language, _)| *language == "rust");
    assert_eq!(shown.expect("an example").1.lines().collect::<Vec<_>>(), visible);
}

/// The fenced blocks of a text: the language and what is inside.
fn blocks(markdown: &str) -> Vec<(&str, &str)> {
    let fenced = markdown.split("\n```").skip(1).step_by(2);
    fenced.map(|block| block.split_once('\n').expect("a block with something in it")).collect()
}

/// Every curl command of the README that calls the server, with the answer that follows it.
fn examples() -> Vec<(&'static str, Value)> {
    let blocks = blocks(README);
    let calls = blocks.iter().enumerate().filter(|(_, (language, text))| {
        *language == "sh" && text.contains("curl") && text.contains("$ENGAGE")
    });
    calls
        .map(|(place, (_, command))| match blocks.get(place + 1) {
            Some(("json", answer)) => {
                (*command, serde_json::from_str(answer).expect("an answer in JSON"))
            }
            _ => panic!("no answer follows on {command}"),
        })
        .collect()
}

/// Splits a command into words as a shell does. Of a shell's syntax there are quotes, variables and
/// lines that go on.
fn words(command: &str, variables: &[(&str, String)]) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut characters = command.chars().peekable();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, '\\') => assert_eq!(characters.next(), Some('\n'), "{command}"),
            (None, '&' | '|' | ';' | '<' | '>' | '(' | ')' | '{' | '}' | '*' | '?' | '#') => {
                panic!("{character} has to be quoted in {command}")
            }
            (None | Some('"'), '$') => {
                let mut name = String::new();
                while let Some(letter) = characters.next_if(char::is_ascii_uppercase) {
                    name.push(letter);
                }
                let known = variables.iter().find(|(variable, _)| *variable == name);
                let (_, value) = known.unwrap_or_else(|| panic!("no ${name} yet: {command}"));
                word.get_or_insert_default().push_str(value);
            }
            (None, blank) if blank.is_whitespace() => words.extend(word.take()),
            (_, other) => word.get_or_insert_default().push(other),
        }
    }
    assert_eq!(quote, None, "a quote is left open in {command}");
    words.extend(word);
    words
}

/// What a curl command sends.
struct Call {
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

impl Call {
    fn read(words: Vec<String>) -> Self {
        let mut words = words.into_iter();
        assert_eq!(words.next().as_deref(), Some("curl"));
        let (mut method, mut path, mut headers, mut body) = (None, None, Vec::new(), None);
        while let Some(word) = words.next() {
            let mut value = || words.next().unwrap_or_else(|| panic!("nothing follows on {word}"));
            match word.as_str() {
                "-s" => {}
                "-X" => method = Some(value().parse().expect("a method")),
                "-H" => {
                    let header = value();
                    let (name, value) = header.split_once(": ").expect("a header");
                    headers.push((name.to_owned(), value.to_owned()));
                }
                "-d" => body = Some(value()),
                // $ENGAGE is empty here: what is left of the URL is the path.
                _ => {
                    assert!(word.starts_with('/') && path.is_none(), "{word}");
                    path = Some(word);
                }
            }
        }
        if body.is_some() && !headers.iter().any(|(name, _)| name == "Content-Type") {
            // As curl does, so that an example that forgets the type fails.
            headers.push(("Content-Type".into(), "application/x-www-form-urlencoded".into()));
        }
        let default = if body.is_some() { Method::POST } else { Method::GET };
        Self { method: method.unwrap_or(default), path: path.expect("a URL"), headers, body }
    }

    fn on(&self, server: &Server) -> RequestBuilder {
        let mut request = server.request(self.method.clone(), &self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        match &self.body {
            Some(body) => request.body(body.clone()),
            None => request,
        }
    }

    fn endpoint(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }
}

/// Notes where an answer differs from the one that is written, other than in what differs each time.
fn compare(at: &str, written: &Value, received: &Value, differences: &mut Vec<String>) {
    match (written, received) {
        // Deliveries go on meanwhile: of them the README shows one.
        (Value::Array(items), Value::Array(others)) if at == "/notifications" => {
            let has_all = |other: &Value| keys(other) == keys(&items[0]);
            if items.len() != 1 || others.is_empty() || !others.iter().all(has_all) {
                differences.push(at.to_owned());
            }
        }
        (Value::Object(fields), Value::Object(_)) if keys(written) == keys(received) => {
            for (key, value) in fields {
                compare(&format!("{at}/{key}"), value, &received[key], differences);
            }
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            for (place, (item, other)) in items.iter().zip(others).enumerate() {
                compare(&format!("{at}/{place}"), item, other, differences);
            }
        }
        // How long something took.
        (Value::Number(_), Value::Number(_)) if at.ends_with("Seconds") => {}
        (Value::String(text), Value::String(other)) if is_alike(text, other) => {}
        _ if written == received => {}
        _ => differences.push(if at.is_empty() { "/".to_owned() } else { at.to_owned() }),
    }
}

/// Whether two texts are the same, or of a kind that differs each time: timestamps, access tokens,
/// ids of one kind, one case's number in different years.
fn is_alike(text: &str, other: &str) -> bool {
    let is_timestamp = |text: &str| text.ends_with('Z') && text.parse::<Timestamp>().is_ok();
    let kind = |text: &str| {
        let (kind, id) = text.split_once('_')?;
        let is_id =
            id.len() == 26 && id.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
        is_id.then(|| kind.to_owned())
    };
    let is_access_token = |text: &str| text.len() == 58 && text.starts_with("cat_");
    let number = |text: &str| {
        let number: CaseNumber = text.parse().ok()?;
        Some((number.prefix().clone(), number.sequence()))
    };
    text == other
        || (is_timestamp(text) && is_timestamp(other))
        || (is_access_token(text) && is_access_token(other))
        || (kind(text).is_some() && kind(text) == kind(other))
        || (number(text).is_some() && number(text) == number(other))
}

#[test]
fn what_differs_each_time_is_alike_and_nothing_else() {
    for (text, other) in [
        ("2026-11-22T11:59:16.14Z", "2031-01-01T00:00:00Z"),
        ("upd_01m81hzxncecztvzqjymkby78t", "upd_01m81hzxmje2dvk0wzwh2psd9j"),
        ("CW-2026-001", "CW-2031-001"),
    ] {
        assert!(is_alike(text, other), "{text} {other}");
    }
    for (text, other) in [
        ("2026-11-22T11:59:16.14Z", "2026-11-22"),
        ("upd_01m81hzxncecztvzqjymkby78t", "ntf_01m81hzxncecztvzqjymkby78t"),
        ("CW-2026-001", "CW-2026-002"),
        ("OPEN", "IN_PROGRESS"),
    ] {
        assert!(!is_alike(text, other), "{text} {other}");
    }
}

#[test]
fn words_are_split_as_a_shell_does() {
    let variables = [("CASE", "CW-2026-001".to_owned())];
    let command = "curl \"/a/$CASE?x=1&y\" \\\n  -d '{\"n\": \"'$CASE'\", \"$\": 1}'\n";
    let expected = ["curl", "/a/CW-2026-001?x=1&y", "-d", "{\"n\": \"CW-2026-001\", \"$\": 1}"];
    assert_eq!(words(command, &variables), expected);
}
