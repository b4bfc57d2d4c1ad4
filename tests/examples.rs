//! The pages of examples: a request to each endpoint, whose response has to be the one on the page.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::example::{Call, FILE, blocks, compare, examples, examples_in, words};
use crate::support::{Interpreter, Mail, Response, Server, Workspace, eventually, eventually_seen};

/// All pages, in the order in which their examples build on one another.
const PAGES: &str = concat!(
    include_str!("../docs/customer-api-examples.md"),
    include_str!("../docs/internal-api-examples.md"),
    include_str!("../docs/examples/events.md"),
    include_str!("../docs/examples/notifications.md"),
    include_str!("../docs/examples/webhooks.md"),
    include_str!("../docs/examples/participants.md"),
    include_str!("../docs/examples/tags.md"),
    include_str!("../docs/examples/contacts.md"),
    include_str!("../docs/examples/staff.md"),
    include_str!("../docs/examples/administration.md"),
);
/// The page that prepares what the examples use.
const PREPARATION: &str = include_str!("../docs/examples.md");
const DEMO_SETTINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/engage.toml");

#[tokio::test]
async fn every_example_returns_the_response_shown() {
    run_all("sh").await;
}

#[tokio::test]
async fn every_example_in_javascript_returns_the_response_shown() {
    run_all("js").await;
}

#[tokio::test]
async fn every_example_in_python_returns_the_response_shown() {
    run_all("python").await;
}

/// Runs all examples in a language against a new server, and compares the responses.
async fn run_all(language: &str) {
    let workspace = Workspace::new();
    // The example's endpoint is on this machine, but the demo settings only log deliveries.
    workspace.set_all(&[("ENGAGE_WEBHOOKS__ALLOW_PRIVATE_NETWORKS", "true")]);
    let mut server = Server::start_in(&workspace, &["--demo", "--config", DEMO_SETTINGS]).await;
    server.use_token(workspace.token("staff-123"));
    let mut interpreter = (language != "sh").then(|| prepared(language, &server));
    let captures = captures();
    let mut variables = match &interpreter {
        None => vec![("ENGAGE", String::new())],
        Some(_) => vec![("ENGAGE", format!("http://{}", server.address()))],
    };
    variables.push(("TOKEN", server.token().to_owned()));
    for (index, (code, written)) in examples_in(language, PAGES).into_iter().enumerate() {
        if code.contains("CODE") {
            // A page has an example with a code for the customer, and one for a participant.
            variables.retain(|(name, _)| *name != "CODE");
            variables.push(("CODE", access_code(&server, code).await));
        }
        if code.contains("/notifications/") {
            all_sent(&server).await;
        }
        if code.contains("/customers/erasures/") {
            first_pass(&server, &variables).await;
        }
        let received = match &mut interpreter {
            None => Response::to(Call::read(words(code, &variables)).on(&server)).await.body,
            Some(interpreter) => interpreter.run(code, &variables),
        };
        let mut differences = Vec::new();
        compare("", &written, &received, &mut differences);
        assert!(
            differences.is_empty(),
            "{code}\nreturns\n{received:#}\nwhich differs from the page at {differences:?}"
        );
        for (_, name, path) in captures.iter().filter(|(example, ..)| *example == index) {
            let value = received.pointer(path).and_then(Value::as_str);
            let value = value.unwrap_or_else(|| panic!("no {path} for {name} after {code}"));
            variables.push((*name, value.to_owned()));
        }
    }
}

/// Starts an interpreter that has run the preparation of the examples, in a folder with the file
/// that they send.
fn prepared(language: &str, server: &Server) -> Interpreter {
    let folder = server.workspace().folder();
    fs::write(folder.join("screenshot.png"), FILE).unwrap();
    let environment =
        [("ENGAGE", format!("http://{}", server.address())), ("TOKEN", server.token().to_owned())];
    let mut interpreter = Interpreter::start(language, folder, &environment);
    let preparation = blocks(PREPARATION).into_iter().find(|(of, _)| *of == language);
    interpreter.run(preparation.expect("a preparation").1, &[]);
    interpreter
}

#[test]
fn every_example_is_written_in_every_language() {
    let titles = |language: &str| -> Vec<&'static str> {
        let sections = PAGES.split("\n#").filter(|text| !examples_in(language, text).is_empty());
        sections.map(|text| text.lines().next().unwrap_or_default()).collect()
    };
    let expected = titles("sh");
    assert!(expected.len() > 40, "{expected:?}");
    assert_eq!(titles("js"), expected);
    assert_eq!(titles("python"), expected);
    for language in ["js", "python"] {
        assert_eq!(examples_in(language, PAGES).len(), examples(PAGES).len(), "{language}");
    }
}

#[test]
fn the_examples_of_every_page_are_run() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let folder = fs::read_dir(docs.join("examples")).unwrap();
    let pages = folder.map(|page| page.unwrap().path());
    let guides = ["customer-api-examples.md", "internal-api-examples.md"];
    for page in pages.chain(guides.map(|page| docs.join(page))) {
        assert!(PAGES.contains(&*fs::read_to_string(&page).unwrap()), "{}", page.display());
    }
}

#[tokio::test]
async fn every_operation_that_returns_json_has_an_example() {
    let workspace = Workspace::new();
    let server = Server::start_in(&workspace, &[]).await;
    let description = server.get("/openapi.json").await.body;
    let no_variables: Vec<_> = ["ENGAGE", "TOKEN", "CASE", "SECOND", "CODE", "FILE", "MESSAGE"]
        .into_iter()
        .chain(["WEBHOOK", "FIRST", "OWN", "CONTACT", "DUPLICATE", "ORGANIZATION"])
        .chain(["INVOICES", "VIP"])
        .chain(["SHARED", "PROOF", "PERSON", "ANN", "ERASURE"])
        .map(|name| (name, if name == "ENGAGE" { String::new() } else { "x".to_owned() }))
        .collect();
    let called: Vec<String> = examples(PAGES)
        .into_iter()
        .map(|(command, _)| Call::read(words(command, &no_variables)).endpoint())
        .collect();
    let mut missing = BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(_, of)| of.is_object())
        {
            let operation_name = format!("{} {path}", method.to_uppercase());
            let content = &operation["responses"]["200"]["content"];
            // The description itself is too long for an example.
            let is_json = content.get("application/json").is_some() && path != "/openapi.json";
            if is_json && !called.iter().any(|call| fits(call, &operation_name)) {
                missing.insert(operation_name);
            }
        }
    }
    assert_eq!(missing, BTreeSet::new());
}

/// Returns whether a call belongs to an operation, whose path may have parameters.
fn fits(call: &str, operation: &str) -> bool {
    let (call, operation) = (call.split('/'), operation.split('/'));
    call.clone().count() == operation.clone().count()
        && call.zip(operation).all(|(part, of)| of.starts_with('{') || part == of)
}

/// Returns the variables that the pages take from responses: the index of the example, the name of
/// the variable, and the JSON pointer to its value.
fn captures() -> Vec<(usize, &'static str, String)> {
    let mut example = 0;
    let mut captures = Vec::new();
    for line in PAGES.lines() {
        if line == "```json" {
            example += 1;
        }
        let Some(rest) = line.strip_prefix("`$") else { continue };
        if let Some((name, rest)) = rest.split_once("` is `")
            && let Some(path) = rest.strip_suffix("` of this response.")
        {
            captures.push((example - 1, name, format!("/{}", path.replace('.', "/"))));
        }
    }
    captures
}

/// Returns the access code in the e-mail that contains one, to the address in an example.
async fn access_code(server: &Server, example: &str) -> String {
    eventually("a code", || {
        let mails = server.mails();
        let has_code = |mail: &&Mail| mail.text.starts_with("Your access code");
        let mail = mails.iter().filter(has_code).find(|mail| example.contains(mail.to()))?;
        let is_code = |line: &&str| line.len() == 9 && line.as_bytes()[4] == b'-';
        mail.text.lines().find(is_code).map(str::to_owned)
    })
    .await
}

async fn all_sent(server: &Server) {
    eventually_seen("the end of all deliveries", async || {
        let status = server.staff_get("/api/internal/notifications/status").await.ok();
        let by_status = &status["summary"]["byStatus"];
        (by_status["PENDING"] == 0 && by_status["IN_FLIGHT"] == 0).then_some(())
    })
    .await;
}

/// Waits for the end of the first pass of the erasure in the examples.
async fn first_pass(server: &Server, variables: &[(&str, String)]) {
    let id = variables.iter().find(|(name, _)| *name == "ERASURE").expect("an erasure");
    let path = format!("/api/internal/customers/erasures/{}", id.1);
    eventually_seen("the end of the first pass", async || {
        let erasure = server.staff_get(&path).await.ok()["erasure"].clone();
        (erasure["state"] == "SECOND_PASS").then_some(())
    })
    .await;
}
