//! The page of examples: a request of each kind, which has to be answered as the page says.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::example::{Call, compare, examples, words};
use crate::support::{Answer, Place, Server, eventually, eventually_seen};

const PAGE: &str = include_str!("../docs/examples.md");
const DEMO_SETTINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/engage.toml");

#[tokio::test]
async fn every_example_is_answered_as_the_page_says() {
    let place = Place::new();
    // Its endpoint is on this machine, and the demo's settings send nothing to it.
    place.set_all(&[("ENGAGE_WEBHOOKS__ALLOW_PRIVATE_NETWORKS", "true")]);
    let mut server = Server::start_in(&place, &["--demo", "--config", DEMO_SETTINGS]).await;
    server.use_token(place.token("staff-123"));
    let captures = captures();
    let mut variables = vec![("ENGAGE", String::new()), ("TOKEN", server.token().to_owned())];
    for (place, (command, written)) in examples(PAGE).into_iter().enumerate() {
        if command.contains("$CODE") {
            variables.push(("CODE", code(&server).await));
        }
        if command.contains("/notifications/") {
            all_sent(&server).await;
        }
        let answer = Answer::to(Call::read(words(command, &variables)).on(&server)).await;
        let mut differences = Vec::new();
        compare("", &written, &answer.body, &mut differences);
        assert!(
            differences.is_empty(),
            "{command}\nis answered with\n{:#}\nwhich differs at {differences:?}",
            answer.body
        );
        for (_, name, path) in captures.iter().filter(|(example, ..)| *example == place) {
            let value = answer.body.pointer(path).and_then(Value::as_str);
            let value = value.unwrap_or_else(|| panic!("no {path} for {name} after {command}"));
            variables.push((*name, value.to_owned()));
        }
    }
}

#[tokio::test]
async fn every_operation_that_answers_json_has_an_example() {
    let place = Place::new();
    let server = Server::start_in(&place, &[]).await;
    let description = server.get("/openapi.json").await.body;
    let no_variables: Vec<_> = ["ENGAGE", "TOKEN", "CASE", "SECOND", "CODE", "FILE", "MESSAGE"]
        .into_iter()
        .chain(["WEBHOOK", "FIRST", "OWN"])
        .map(|name| (name, if name == "ENGAGE" { String::new() } else { "x".to_owned() }))
        .collect();
    let called: Vec<String> = examples(PAGE)
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

/// Whether a call is one of an operation, whose path has parameters.
fn fits(call: &str, operation: &str) -> bool {
    let (call, operation) = (call.split('/'), operation.split('/'));
    call.clone().count() == operation.clone().count()
        && call.zip(operation).all(|(part, of)| of.starts_with('{') || part == of)
}

/// The sentences that name a part of an answer: after which example, the variable, and where it is.
fn captures() -> Vec<(usize, &'static str, String)> {
    let mut example = 0;
    let mut captures = Vec::new();
    for line in PAGE.lines() {
        if line == "```json" {
            example += 1;
        }
        let Some(rest) = line.strip_prefix("`$") else { continue };
        if let Some((name, rest)) = rest.split_once("` is `")
            && let Some(path) = rest.strip_suffix("` of this answer.")
        {
            captures.push((example - 1, name, format!("/{}", path.replace('.', "/"))));
        }
    }
    captures
}

/// The code in the e-mail that brings one.
async fn code(server: &Server) -> String {
    eventually("a code", || {
        let mails = server.mails();
        let mail = mails.iter().find(|mail| mail.text.starts_with("Your access code"))?;
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
