//! The README's examples, sent as a shell and curl would send them: each has to be answered as the
//! README says.

use std::collections::BTreeSet;

use crate::support::example::{Call, blocks, compare, examples, words};
use crate::support::{Answer, Place, Server};

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
    for (command, written) in examples(README) {
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
