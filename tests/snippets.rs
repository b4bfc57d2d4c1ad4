//! The code in the documentation: every block runs, or its fence says why it does not
//! (`norun=REASON`). Examples with a response are run by `examples.rs` and `readme.rs`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::example::{FILE, blocks, is_call};
use crate::support::{Interpreter, Server, Store, a_case, a_case_of_somebody};

/// Languages that can be run here.
const LANGUAGES: &[&str] = &["sh", "bash", "js", "javascript", "python"];

/// Most blocks that may say why they do not run.
const MOST_EXCEPTIONS: usize = 15;

/// Pages whose examples other tests run.
const EXAMPLES: &[&str] = &[
    "README.md",
    "docs/quickstart.md",
    "docs/customer-api-examples.md",
    "docs/internal-api-examples.md",
    "docs/examples/",
];

/// Pages whose names are used on other pages.
const FIRST: &[&str] = &["docs/examples.md", "docs/webhooks.md"];

/// Makes the names of `docs/examples.md` available to all blocks, each of which is a function.
const GLOBALS: &str =
    "globalThis.ENGAGE = process.env.ENGAGE; globalThis.TOKEN = process.env.TOKEN;";

/// Fails if the server rejects a request.
const STRICT_CURL: &str = r#"curl() { command curl --silent --show-error --fail-with-body "$@"; }"#;

/// A block of code that can be run.
struct Snippet {
    page: String,
    language: &'static str,
    code: String,
    /// The reason for which it is not run.
    exception: Option<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Returns the paths of all pages, relative to the root. Decisions contain no code.
fn pages() -> Vec<String> {
    let folders = ["", "docs", "docs/examples"];
    let entries = folders.iter().flat_map(|folder| fs::read_dir(root().join(folder)).unwrap());
    let paths = entries.map(|entry| entry.unwrap().path());
    let pages = paths.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let mut pages: Vec<String> =
        pages.map(|path| path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned()).collect();
    pages.sort_by_key(|page| (!FIRST.contains(&page.as_str()), page.clone()));
    pages
}

fn snippets() -> Vec<Snippet> {
    let mut snippets = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(root().join(&page)).unwrap();
        for (fence, code) in blocks(&text) {
            let (language, exception) = match fence.split_once(" norun=") {
                Some((language, reason)) => (language, Some(reason.to_owned())),
                None => (fence, None),
            };
            let known = LANGUAGES.iter().find(|known| **known == language);
            let Some(language) = known.copied() else { continue };
            snippets.push(Snippet {
                page: page.clone(),
                language,
                code: code.to_owned(),
                exception,
            });
        }
    }
    snippets
}

impl Snippet {
    /// Checks whether another test runs it and compares the response.
    fn is_example(&self) -> bool {
        let is_page = EXAMPLES.iter().any(|page| self.page.starts_with(page));
        is_page && is_call(self.language, &self.code)
    }

    /// Runs the code of a shell, with the program and its settings, in the folder of the server.
    fn run_in_shell(&self, server: &Server, variables: &[(&str, String)]) {
        let engage = server.workspace().command(&[]);
        let settings = engage.get_envs().filter_map(|(name, value)| Some((name, value?)));
        let folder = Path::new(engage.get_program()).parent().unwrap();
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
        let ran = Command::new(if self.language == "sh" { "sh" } else { "bash" })
            .args(["-eu", "-c", &format!("{STRICT_CURL}\n{}", self.code)])
            .current_dir(server.workspace().folder())
            .envs(settings)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .env("PATH", path)
            .env("no_proxy", "*")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(ran.status.success(), "{}:\n{}\n{ran:?}", self.page, self.code);
    }
}

#[tokio::test]
async fn every_block_of_code_runs_unless_its_fence_says_why_not() {
    let private = [("ENGAGE_WEBHOOKS__ALLOW_PRIVATE_NETWORKS", "true")];
    let server = Server::with_staff_and(Store::Sqlite, &private).await;
    let folder = server.workspace().folder();
    fs::write(folder.join("screenshot.png"), FILE).unwrap();
    fs::write(folder.join("log.txt"), "403").unwrap();
    fs::write(folder.join("case.json"), a_case().to_string()).unwrap();
    let variables = [
        ("ENGAGE", format!("http://{}", server.address())),
        ("TOKEN", server.token().to_owned()),
        ("CASE", server.open(&a_case_of_somebody()).await),
    ];
    let mut node = Interpreter::start("js", folder, &variables);
    node.run(GLOBALS, &[]);
    let mut python = Interpreter::start("python", folder, &variables);
    let mut ran = 0;
    for snippet in snippets() {
        if snippet.exception.is_some() || snippet.is_example() {
            continue;
        }
        match snippet.language {
            "python" => {
                python.run(&snippet.code, &[]);
            }
            "js" | "javascript" => {
                node.run(&snippet.code, &[]);
            }
            _ => snippet.run_in_shell(&server, &variables),
        }
        ran += 1;
    }
    assert!(ran > 15, "only {ran} blocks ran");
}

#[test]
fn few_blocks_say_why_they_do_not_run() {
    let mut exceptions = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(root().join(&page)).unwrap();
        for (fence, _) in blocks(&text) {
            if let Some((language, reason)) = fence.split_once(" norun=") {
                assert!(reason.len() > 5, "{page}: {fence}");
                exceptions.push(format!("{page}: {language}: {reason}"));
            }
        }
    }
    assert!(exceptions.len() <= MOST_EXCEPTIONS, "{exceptions:#?}");
}

#[test]
fn every_block_of_json_is_json() {
    for page in pages() {
        let text = fs::read_to_string(root().join(&page)).unwrap();
        for (_, json) in blocks(&text).into_iter().filter(|(language, _)| *language == "json") {
            let parsed = serde_json::from_str::<Value>(json);
            assert!(parsed.is_ok(), "{page}: {parsed:?} in\n{json}");
        }
    }
}

/// Returns the block of the guide that defines a name.
fn defining(name: &str) -> String {
    let mut found = snippets();
    found.retain(|snippet| {
        snippet.page == "docs/integration-testing.md"
            && snippet.code.contains(&format!("const {name} ="))
    });
    assert_eq!(found.len(), 1, "{name}");
    found.remove(0).code
}

/// What a page of the same origin as the server has.
const PAGE: &str = "
const network = globalThis.fetch;
const fetch = (path, options) => network(ENGAGE + path, options);
let result;
const showSuccess = (text) => { result = text; };
const renderCasesList = (cases, pagination) => { result = { cases, pagination }; };
";

#[tokio::test]
async fn the_examples_of_the_specification_run_as_they_stand() {
    let server = Server::with_staff(Store::Sqlite).await;
    let variables = [
        ("ENGAGE", format!("http://{}", server.address())),
        ("staffToken", server.token().to_owned()),
    ];
    let mut node = Interpreter::start("js", server.workspace().folder(), &[]);

    let call = format!("await createCase({});", a_case());
    let code = format!("{PAGE}{}\n{call}", defining("createCase"));
    let shown = node.run(&code, &variables);
    let shown = shown.as_str().expect("a message");
    let number = shown.strip_prefix("Case ").and_then(|rest| rest.split(' ').next());
    let number = number.expect("a case number");
    assert_eq!(shown, format!("Case {number} created! You'll receive updates via email."));

    let call = "await loadCases({ status: 'OPEN', urgency: 'HIGH' });";
    let code = format!("{PAGE}{}\n{call}", defining("loadCases"));
    let listed = node.run(&code, &variables);
    assert_eq!(listed["cases"][0]["caseNumber"], number);
    assert_eq!(listed["pagination"]["total"], 1);
}
