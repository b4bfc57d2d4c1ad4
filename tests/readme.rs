//! The examples of the README and of the quickstart, sent as a shell and curl would send them. Each
//! response has to be the one on the page.

use std::collections::BTreeSet;

use crate::support::example::{Call, blocks, compare, examples, words};
use crate::support::{Response, Server, Workspace};

const README: &str = include_str!("../README.md");
const QUICKSTART: &str = include_str!("../docs/quickstart.md");
const EMBEDDING: &str = include_str!("../docs/embedding.md");
const DOMAIN: &str = include_str!("../crates/domain/src/lib.rs");
const DEMO_SETTINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/engage.toml");

/// Endpoints of which the README has an example.
const LIFE_OF_A_CASE: &[&str] = &[
    "POST /api/support/case",
    "POST /api/support/case/status",
    "POST /api/support/case/escalate",
    "GET /api/internal/support/cases",
    "PUT /api/internal/support/case/{caseNumber}/assign",
    "POST /api/internal/support/case/{caseNumber}/update",
];

/// Endpoints of which the quickstart has an example.
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
async fn every_example_in_the_readme_returns_the_response_shown() {
    let called = run_examples(README).await;
    for endpoint in LIFE_OF_A_CASE {
        assert!(called.contains(*endpoint), "no example of {endpoint}: {called:?}");
    }
}

#[tokio::test]
async fn every_example_in_the_quickstart_returns_the_response_shown() {
    let called = run_examples(QUICKSTART).await;
    for endpoint in ENDPOINTS {
        assert!(called.contains(*endpoint), "no example of {endpoint}: {called:?}");
    }
}

/// Runs the examples of a page against a new server, compares the responses, and returns the
/// endpoints that were called. The first example opens the case that the others use.
async fn run_examples(page: &str) -> BTreeSet<String> {
    let workspace = Workspace::new();
    let server = Server::start_in(&workspace, &["--demo", "--config", DEMO_SETTINGS]).await;
    let mut variables = vec![("ENGAGE", String::new()), ("TOKEN", workspace.token("staff-123"))];
    let mut called = BTreeSet::new();
    for (command, written) in examples(page) {
        let call = Call::read(words(command, &variables));
        let response = Response::to(call.on(&server)).await;
        let mut differences = Vec::new();
        compare("", &written, &response.body, &mut differences);
        assert!(
            differences.is_empty(),
            "{command}\nreturns\n{:#}\nwhich differs from the page at {differences:?}",
            response.body
        );
        let is_first = called.is_empty();
        let number = variables.get(2).map_or("{caseNumber}", |(_, number)| number);
        called.insert(call.endpoint().replace(number, "{caseNumber}"));
        if is_first {
            let number = response.body["caseNumber"].as_str().expect("a new case");
            variables.push(("CASE", number.to_owned()));
        }
    }
    called
}

#[test]
fn the_rust_example_matches_the_documentation_of_the_domain() {
    let documentation = DOMAIN.lines().filter_map(|line| line.strip_prefix("//!"));
    let documentation: Vec<&str> =
        documentation.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    let documentation = documentation.join("\n");
    let run = blocks(&documentation).into_iter().next().expect("an example").1;
    let visible: Vec<&str> = run.lines().filter(|line| !line.starts_with('#')).collect();
    let shown = blocks(EMBEDDING).into_iter().find(|(language, _)| *language == "rust");
    assert_eq!(shown.expect("an example").1.lines().collect::<Vec<_>>(), visible);
}
