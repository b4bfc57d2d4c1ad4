//! References and figures in the documentation, compared with the code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use engage_domain::Status;
use toml::{Table, Value};

use crate::support::{Server, Workspace};

const CASE_MANAGEMENT: &str = include_str!("../docs/case-management.md");
const SETTINGS: &str = include_str!("../docs/settings.md");
const TROUBLESHOOTING: &str = include_str!("../docs/troubleshooting.md");
const DEFAULTS: &str = include_str!("../crates/server/engage.default.toml");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns the part of a page between a heading of the second level and the next one.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n")).expect("the heading");
    rest.split("\n## ").next().unwrap_or(rest)
}

/// Returns the cells of all table rows in a text, heads included.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let lines = text.lines().filter(|line| line.starts_with("| "));
    lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// Returns the code in a text, such as the names in a cell.
fn code(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// Returns the default of a setting, by its path.
fn default_of<'a>(defaults: &'a Table, path: &str) -> Option<&'a Value> {
    let mut parts = path.split('.');
    let first = defaults.get(parts.next()?);
    parts.fold(first, |value, part| value?.get(part))
}

#[test]
fn the_page_of_settings_is_up_to_date() {
    let script = root().join("scripts/settings-page.py");
    let printed = Command::new("python3").arg(script).output().expect("Python");
    assert!(printed.status.success(), "{printed:?}");
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert!(printed == SETTINGS, "run scripts/settings-page.py > docs/settings.md");
}

#[test]
fn the_lifecycle_on_the_page_is_that_of_the_domain() {
    let text = section(CASE_MANAGEMENT, "Lifecycle");
    let edges = text.lines().filter_map(|line| line.trim().split_once(" --> "));
    let drawn: BTreeSet<_> =
        edges.filter(|(from, to)| !from.starts_with('[') && *to != "[*]").collect();
    let mut told = BTreeSet::new();
    for row in rows(text) {
        let (from, to) = (code(row[0]), code(row[1]));
        told.extend(from.iter().flat_map(|from| to.iter().map(move |to| (*from, *to))));
    }
    let expected: BTreeSet<_> = Status::ALL
        .iter()
        .flat_map(|from| from.successors().iter().map(move |to| (from.as_str(), to.as_str())))
        .collect();
    assert_eq!(drawn, expected);
    assert_eq!(told, expected);
}

#[test]
fn the_points_on_the_page_are_the_defaults() {
    let defaults: Table = DEFAULTS.parse().unwrap();
    let mut settings = BTreeSet::new();
    for row in rows(section(CASE_MANAGEMENT, "Priority score")) {
        let [setting] = code(row[0])[..] else { continue };
        let expected: BTreeMap<String, String> = default_of(&defaults, setting)
            .and_then(Value::as_table)
            .unwrap_or_else(|| panic!("{setting}"))
            .iter()
            .map(|(name, points)| (name.to_uppercase(), text_of(points)))
            .collect();
        let told: BTreeMap<String, String> = row[1]
            .split(", ")
            .map(|pair| pair.split_once(' ').expect("a name and points"))
            .map(|(name, points)| (name.trim_matches('`').to_owned(), points.to_owned()))
            .collect();
        assert_eq!(told, expected, "{setting}");
        settings.insert(setting.trim_start_matches("priority."));
    }
    let all = defaults["priority"].as_table().unwrap().keys().map(String::as_str);
    assert_eq!(settings, all.collect::<BTreeSet<_>>());
}

#[test]
fn the_targets_on_the_page_are_the_defaults() {
    let defaults: Table = DEFAULTS.parse().unwrap();
    let rows = rows(section(CASE_MANAGEMENT, "Service targets"));
    let urgencies: Vec<&str> = rows[0].iter().skip(1).flat_map(|cell| code(cell)).collect();
    assert_eq!(urgencies, ["low", "medium", "high", "critical"]);
    let mut types = BTreeSet::new();
    for row in &rows[1..] {
        let setting = code(row[0])[0];
        for (urgency, told) in urgencies.iter().zip(&row[1..]) {
            let target = |name: &str| {
                let path = format!("{setting}.{urgency}.{name}");
                default_of(&defaults, &path).and_then(Value::as_str).expect("a target").to_owned()
            };
            let expected = format!("{} / {}", target("first_response"), target("resolution"));
            assert_eq!(*told, expected, "{setting}.{urgency}");
        }
        types.insert(setting.trim_start_matches("sla."));
    }
    let all = defaults["sla"].as_table().unwrap().keys().map(String::as_str);
    assert_eq!(types, all.collect::<BTreeSet<_>>());
}

/// Returns a value as the page writes it.
fn text_of(value: &Value) -> String {
    match value {
        Value::Integer(number) => number.to_string(),
        Value::Boolean(is_set) => is_set.to_string(),
        Value::String(text) => text.clone(),
        other => panic!("neither a number, a text nor a switch: {other:?}"),
    }
}

#[test]
fn the_limits_on_the_page_are_the_defaults() {
    let defaults: Table = DEFAULTS.parse().unwrap();
    let mut checked = 0;
    for row in rows(section(CASE_MANAGEMENT, "Limits")) {
        let [_, setting, told] = row[..] else { continue };
        let [setting] = code(setting)[..] else { continue };
        let value = default_of(&defaults, setting).unwrap_or_else(|| panic!("{setting}"));
        let value = text_of(value);
        let told = code(told).first().copied().unwrap_or_default();
        assert_eq!(told, value, "{setting}");
        checked += 1;
    }
    assert!(checked > 10, "only {checked} limits");
}

#[tokio::test]
async fn every_error_code_has_an_entry_in_troubleshooting() {
    let workspace = Workspace::new();
    let server = Server::start_in(&workspace, &[]).await;
    let description = server.get("/openapi.json").await.body;
    let codes = description["components"]["schemas"]["ErrorCode"]["enum"].as_array().unwrap();
    let codes: BTreeSet<&str> = codes.iter().map(|code| code.as_str().unwrap()).collect();
    let rows = rows(section(TROUBLESHOOTING, "By error code"));
    let entries: BTreeSet<&str> = rows.iter().flat_map(|row| code(row[0])).collect();
    assert_eq!(entries, codes);
}

/// Returns the source files in a folder and the folders below it.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

#[test]
fn every_line_of_the_log_in_troubleshooting_is_in_the_source() {
    let files = sources(&root().join("crates"));
    let files = files.iter().filter(|file| file.extension().is_some_and(|of| of == "rs"));
    let texts: Vec<String> = files.map(|file| fs::read_to_string(file).unwrap()).collect();
    let rows = rows(section(TROUBLESHOOTING, "By line of the log"));
    let lines: Vec<&str> = rows.iter().flat_map(|row| code(row[0])).collect();
    assert!(lines.len() > 15, "only {} lines", lines.len());
    for line in lines {
        let literal = format!("\"{line}\"");
        assert!(texts.iter().any(|text| text.contains(&literal)), "no {literal} in the source");
    }
}
