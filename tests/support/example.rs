//! Examples in the documentation: commands as a shell and curl would send them, with their
//! responses.

use engage_domain::CaseNumber;
use jiff::Timestamp;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::{Form, Server, keys};

/// Returns the fenced blocks of a text, each with its language and content.
pub(crate) fn blocks(markdown: &str) -> Vec<(&str, &str)> {
    let fenced = markdown.split("\n```").skip(1).step_by(2);
    fenced.map(|block| block.split_once('\n').expect("a block with content")).collect()
}

/// Languages of the examples, each with the call that an example makes.
const CALLS: &[(&str, &str)] = &[("sh", "curl"), ("js", "fetch("), ("python", "requests.")];

/// Checks whether a block calls the server, so that a response follows it.
pub(crate) fn is_call(language: &str, code: &str) -> bool {
    let call = CALLS.iter().find(|(of, _)| *of == language);
    call.is_some_and(|(_, call)| code.contains(call) && code.contains("ENGAGE"))
}

/// Returns every curl command of a page that calls the server, with the response that follows it.
pub(crate) fn examples(page: &str) -> Vec<(&str, Value)> {
    examples_in("sh", page)
}

/// Returns every example of a page in a language, with the response that follows it.
pub(crate) fn examples_in<'a>(language: &str, page: &'a str) -> Vec<(&'a str, Value)> {
    let blocks = blocks(page);
    let calls =
        blocks.iter().enumerate().filter(|(_, (of, code))| *of == language && is_call(of, code));
    calls
        .map(|(index, (_, code))| {
            // The same request in other languages may come before the response.
            let mut rest = blocks[index + 1..].iter();
            let next = rest.find(|(of, code)| *of == language || !is_call(of, code));
            match next {
                Some(("json", response)) => {
                    let response = serde_json::from_str(response);
                    (*code, response.unwrap_or_else(|error| panic!("{error} after {code}")))
                }
                _ => panic!("no response follows {code}"),
            }
        })
        .collect()
}

/// The content of every file that an example sends.
pub(crate) const FILE: &[u8] = b"\x89PNG\r\n\x1a\npixels";

/// Splits a command into words as a shell does. Supports quotes, variables and line continuations.
pub(crate) fn words(command: &str, variables: &[(&str, String)]) -> Vec<String> {
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
                panic!("{character} must be quoted in {command}")
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

/// The request of a curl command.
pub(crate) struct Call {
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
    /// The fields and files of a form.
    parts: Vec<(String, String)>,
}

impl Call {
    pub(crate) fn read(words: Vec<String>) -> Self {
        let mut words = words.into_iter();
        assert_eq!(words.next().as_deref(), Some("curl"));
        let (mut method, mut path, mut headers, mut body) = (None, None, Vec::new(), None);
        let mut parts = Vec::new();
        while let Some(word) = words.next() {
            let mut value = || words.next().unwrap_or_else(|| panic!("nothing follows {word}"));
            match word.as_str() {
                "-s" => {}
                "-X" => method = Some(value().parse().expect("a method")),
                "-H" => {
                    let header = value();
                    let (name, value) = header.split_once(": ").expect("a header");
                    headers.push((name.to_owned(), value.to_owned()));
                }
                "-d" => body = Some(value()),
                "-F" => {
                    let part = value();
                    let (name, value) = part.split_once('=').expect("a field");
                    parts.push((name.to_owned(), value.to_owned()));
                }
                // $ENGAGE is empty here, so the rest of the URL is the path.
                _ => {
                    assert!(word.starts_with('/') && path.is_none(), "{word}");
                    path = Some(word);
                }
            }
        }
        if body.is_some() && !headers.iter().any(|(name, _)| name == "Content-Type") {
            // As curl does, so that an example fails if it omits the type.
            headers.push(("Content-Type".into(), "application/x-www-form-urlencoded".into()));
        }
        let has_body = body.is_some() || !parts.is_empty();
        let default = if has_body { Method::POST } else { Method::GET };
        Self { method: method.unwrap_or(default), path: path.expect("a URL"), headers, body, parts }
    }

    /// Builds the request. The files that it names are a few bytes long.
    pub(crate) fn on(&self, server: &Server) -> RequestBuilder {
        let mut request = server.request(self.method.clone(), &self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        match &self.body {
            Some(body) => request.body(body.clone()),
            None if self.parts.is_empty() => request,
            None => {
                let form =
                    self.parts.iter().fold(Form::default(), |form, (name, value)| {
                        match value.strip_prefix('@') {
                            Some(file) => form.file(file, "image/png", FILE),
                            None => form.field(name, value),
                        }
                    });
                form.of(request)
            }
        }
    }

    /// Returns the method and the path, without the query.
    pub(crate) fn endpoint(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }
}

/// Records the differences between a response and the documented one, except for values that differ
/// each time.
pub(crate) fn compare(at: &str, written: &Value, received: &Value, differences: &mut Vec<String>) {
    match (written, received) {
        // Deliveries continue meanwhile, and the README shows only one of them.
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
            for (index, (item, other)) in items.iter().zip(others).enumerate() {
                compare(&format!("{at}/{index}"), item, other, differences);
            }
        }
        // Durations, and the current number of notifications.
        (Value::Number(_), Value::Number(_))
            if at.ends_with("Seconds") || at.ends_with("Ms") || at.starts_with("/summary/") => {}
        // A position in a list, which is opaque.
        (Value::String(_), Value::String(_)) if at.ends_with("/nextCursor") => {}
        (Value::String(text), Value::String(other)) if is_alike(text, other) => {}
        _ if written == received => {}
        _ => differences.push(if at.is_empty() { "/".to_owned() } else { at.to_owned() }),
    }
}

/// Checks whether two texts are equal or of a kind that differs each time: timestamps, secrets and
/// IDs of one kind, sentences that name them, and the number of one case in different years.
fn is_alike(text: &str, other: &str) -> bool {
    let is_timestamp = |text: &str| text.ends_with('Z') && text.parse::<Timestamp>().is_ok();
    let kind = |text: &str| {
        let (kind, id) = text.split_once('_')?;
        let is_id =
            id.len() == 26 && id.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
        is_id.then(|| kind.to_owned())
    };
    let secret = |text: &str| {
        let kinds = [("cat_", 58), ("cap_", 79), ("eng_", 68), ("whsec_", 50)];
        kinds.into_iter().find(|(kind, length)| text.starts_with(kind) && text.len() == *length)
    };
    let is_hash = |text: &str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let is_uuid = |text: &str| text.parse::<uuid::Uuid>().is_ok();
    let number = |text: &str| {
        let number: CaseNumber = text.parse().ok()?;
        Some((number.prefix().clone(), number.sequence()))
    };
    // Only IDs have words of that form.
    let mut words = text.split(' ').zip(other.split(' '));
    let is_sentence = text.contains(' ') && text.split(' ').count() == other.split(' ').count();
    text == other
        || (is_sentence && words.all(|(word, other)| is_alike(word, other)))
        || (is_timestamp(text) && is_timestamp(other))
        || (is_hash(text) && is_hash(other))
        || (is_uuid(text) && is_uuid(other))
        || (secret(text).is_some() && secret(text) == secret(other))
        || (kind(text).is_some() && kind(text) == kind(other))
        || (number(text).is_some() && number(text) == number(other))
}

#[test]
fn only_values_that_differ_each_time_are_alike() {
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
