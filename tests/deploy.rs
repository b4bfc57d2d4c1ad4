//! The files for operators in `deploy`, compared with the program.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::metrics::scrape;
use crate::support::exposition::{Exposition, Labels};
use crate::support::promql::{Query, Selector};
use crate::support::{Server, Store, Workspace, eventually_seen};

const ALERTS: &str = include_str!("../deploy/prometheus/alerts.yaml");
const DASHBOARD: &str = include_str!("../deploy/grafana/engage.json");
const RUNBOOKS: &str = include_str!("../docs/alerts.md");

/// Labels that Prometheus adds to every series.
const ADDED_LABELS: [&str; 2] = ["job", "instance"];

/// Metrics that other programs export, with their labels: Prometheus and kube-state-metrics.
const METRICS_OF_OTHERS: [(&str, &[&str]); 2] =
    [("up", &[]), ("kube_job_status_failed", &["namespace", "job_name"])];

/// Metrics that are exported once the file storage has been measured.
const MEASURED: [&str; 2] = ["engage_attachment_bytes", "engage_attachment_free_bytes"];

/// A rule of `alerts.yaml`.
struct Alert<'a> {
    name: &'a str,
    text: &'a str,
}

fn alerts() -> Vec<Alert<'static>> {
    let rules = ALERTS.split("- alert: ").skip(1);
    rules.map(|text| Alert { name: text.lines().next().unwrap(), text }).collect()
}

impl Alert<'_> {
    fn expression(&self) -> String {
        let mut lines = self.text.lines().skip_while(|line| !line.trim().starts_with("expr: "));
        let first = lines.next().expect("an expression");
        match first.trim().trim_start_matches("expr: ") {
            "|" => {
                let is_inside = |line: &&str| indentation(line) > indentation(first);
                lines.take_while(is_inside).collect::<Vec<_>>().join("\n")
            }
            expression => expression.to_owned(),
        }
    }

    /// Returns the labels that the texts of the alert mention.
    fn mentioned(&self) -> BTreeSet<String> {
        let mentions = self.text.split("$labels.").skip(1);
        let is_part = |c: char| c.is_ascii_lowercase() || c == '_';
        let name =
            |text: &str| text[..text.len() - text.trim_start_matches(is_part).len()].to_owned();
        mentions.map(name).collect()
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Returns the expressions of the dashboard, with the labels that their legends mention.
fn charts() -> Vec<(String, BTreeSet<String>)> {
    let dashboard: Value = serde_json::from_str(DASHBOARD).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    targets
        .map(|target| {
            let expression = target["expr"].as_str().expect("an expression").to_owned();
            let legend = target["legendFormat"].as_str().expect("a legend");
            let mentions = legend.split("{{").skip(1);
            let name = |text: &str| text.split("}}").next().unwrap_or_default().trim().to_owned();
            (expression, mentions.map(name).collect())
        })
        .collect()
}

/// Returns the labels of the series that a selector means. Empty if it means none.
fn labels(selector: &Selector, exported: &Exposition) -> BTreeSet<String> {
    let metric = selector.metric.as_str();
    if let Some((_, labels)) = METRICS_OF_OTHERS.iter().find(|(name, _)| *name == metric) {
        return ADDED_LABELS.iter().chain(*labels).map(|label| (*label).to_owned()).collect();
    }
    let is_meant = |labels: &Labels| {
        selector.matchers.iter().all(|matcher| match (&matcher.value, labels.get(&matcher.label)) {
            (Some(value), Some(found)) => value == found,
            (_, Some(_)) => true,
            (_, None) => ADDED_LABELS.contains(&matcher.label.as_str()),
        })
    };
    let samples = exported.families.values().flat_map(|family| &family.samples);
    let meant: Vec<&Labels> = samples
        .filter(|(name, labels, _)| name == metric && is_meant(labels))
        .map(|(_, labels, _)| labels)
        .collect();
    if meant.is_empty() {
        return BTreeSet::new();
    }
    let own = meant.into_iter().flat_map(|labels| labels.keys().cloned());
    own.chain(ADDED_LABELS.map(str::to_owned)).collect()
}

/// Returns what an expression and its texts name that does not exist.
fn faults(expression: &str, mentioned: &BTreeSet<String>, exported: &Exposition) -> Vec<String> {
    let query = Query::read(expression);
    assert!(!query.selectors.is_empty(), "no metric in {expression}");
    let mut faults = Vec::new();
    let mut known = BTreeSet::new();
    for selector in &query.selectors {
        let labels = labels(selector, exported);
        if labels.is_empty() {
            faults.push(format!("no series for {selector:?}"));
        }
        known.extend(labels);
    }
    let unknown = query.groups.difference(&known).map(|label| format!("no label {label}"));
    faults.extend(unknown);
    // A grouping leaves only its own labels.
    let left = if query.groups.is_empty() { &known } else { &query.groups };
    let missing = mentioned.difference(left).map(|label| format!("no label {label} to mention"));
    faults.extend(missing);
    faults.into_iter().map(|fault| format!("{fault}, in {expression}")).collect()
}

#[tokio::test]
async fn alerts_and_dashboard_name_only_what_is_exported() {
    // The count of rejected requests exists only if there are limits.
    let limits = [("ENGAGE_RATE_LIMIT__ENABLED", "true")];
    let server = Server::with_staff_and(Store::Sqlite, &limits).await;
    let exported = eventually_seen("the size of the file storage", async || {
        let exported = scrape(&server).await;
        MEASURED.iter().all(|name| exported.families.contains_key(*name)).then_some(exported)
    })
    .await;
    let of_alerts = alerts().into_iter().map(|alert| (alert.expression(), alert.mentioned()));
    let expressions: Vec<_> = of_alerts.chain(charts()).collect();
    assert!(expressions.len() > 50, "only {} expressions", expressions.len());
    let found = expressions
        .iter()
        .flat_map(|(expression, mentioned)| faults(expression, mentioned, &exported));
    assert_eq!(found.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn what_is_not_exported_is_a_fault() {
    let exported = Exposition::read(
        "# HELP a_total Things.\n# TYPE a_total counter\na_total{kind=\"x\",size=\"1\"} 0\n",
    );
    let mentions = |label: &str| BTreeSet::from([label.to_owned()]);
    let count =
        |expression: &str, label: &str| faults(expression, &mentions(label), &exported).len();
    assert_eq!(count("sum by (kind) (rate(a_total{size=\"1\",job=\"j\"}[5m]))", "kind"), 0);
    assert_eq!(count("a_total{kind=~\"x|y\"} / up", "instance"), 0);
    for (expression, label) in [
        ("b_total", "kind"),
        ("a_total{kind=\"y\"}", "kind"),
        ("a_total{colour=~\".*\"}", "kind"),
        ("sum by (colour) (a_total)", "colour"),
        ("sum by (kind) (a_total)", "size"),
        ("a_total", "colour"),
    ] {
        assert!(count(expression, label) > 0, "{expression}");
    }
}

#[test]
fn every_alert_has_a_runbook_and_every_runbook_an_alert() {
    let alerts = alerts();
    for alert in &alerts {
        let runbook = format!("runbook: docs/alerts.md#{}\n", alert.name.to_lowercase());
        assert!(alert.text.contains(&runbook), "{} lacks {runbook}", alert.name);
    }
    let alerts: BTreeSet<&str> = alerts.iter().map(|alert| alert.name).collect();
    let runbooks = RUNBOOKS.lines().filter_map(|line| line.strip_prefix("### "));
    assert_eq!(runbooks.collect::<BTreeSet<_>>(), alerts);
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Returns the lines of all files, without their indentation.
fn lines() -> Vec<String> {
    let texts = files(&folder()).into_iter().map(|file| fs::read_to_string(file).unwrap());
    texts
        .flat_map(|text| text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>())
        .collect()
}

#[test]
fn the_settings_files_are_valid() {
    let examples: Vec<_> = files(&folder())
        .into_iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    assert!(examples.len() >= 2, "{examples:?}");
    for file in examples {
        let workspace = Workspace::new();
        workspace.run(&["check-config", "--config", file.to_str().unwrap()]).ok();
    }
}

#[test]
fn every_variable_is_a_setting() {
    let printed = Workspace::new().run(&["check-config"]).ok();
    let settings: BTreeSet<&str> =
        printed.lines().filter_map(|line| line.split(' ').next()).collect();
    let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let lines = lines();
    let words = lines.iter().flat_map(|line| line.split(move |c: char| !is_part(c)));
    let named: BTreeSet<&str> = words.filter_map(|word| word.strip_prefix("ENGAGE_")).collect();
    assert!(named.len() > 10, "{named:?}");
    let is_setting = |name: &&&str| {
        **name == "CONFIG" || settings.contains(&*name.replace("__", ".").to_lowercase())
    };
    let unknown: Vec<_> = named.iter().filter(|name| !is_setting(name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn every_command_exists() {
    let lines = lines();
    let lists = lines.iter().filter_map(|line| {
        let begins = ["args: [", "command: [", "test: [CMD, /usr/local/bin/engage, "];
        let list = begins.iter().find_map(|begin| line.strip_prefix(begin))?;
        list.strip_suffix(']')
    });
    let units =
        lines.iter().filter_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/engage "));
    let commands: BTreeSet<Vec<&str>> = lists
        .map(|list| list.split(", ").collect())
        .chain(units.map(|unit| unit.split(' ').collect()))
        .collect();
    assert!(commands.len() >= 5, "{commands:?}");
    for command in commands {
        Workspace::new().run(&[command, vec!["--help"]].concat()).ok();
    }
}

#[tokio::test]
async fn every_probe_has_its_endpoint() {
    let server = Server::start(Store::Sqlite).await;
    let lines = lines();
    let paths = lines.iter().filter_map(|line| line.strip_prefix("path: /health"));
    let paths: BTreeSet<&str> = paths.collect();
    assert!(paths.len() >= 2, "{paths:?}");
    for path in paths {
        assert_eq!(server.get(&format!("/health{path}")).await.status, 200, "{path}");
    }
}
