//! A parser of Prometheus' text format, as strict as `promtool check metrics`.

use std::collections::{BTreeMap, BTreeSet};

/// Labels of a series, by name.
pub(crate) type Labels = BTreeMap<String, String>;

/// The content of one scrape.
#[derive(Debug)]
pub(crate) struct Exposition {
    pub(crate) families: BTreeMap<String, Family>,
}

/// All series of one name.
#[derive(Debug, Default)]
pub(crate) struct Family {
    pub(crate) help: String,
    pub(crate) kind: String,
    /// Names with their suffixes, labels and values.
    pub(crate) samples: Vec<(String, Labels, f64)>,
}

impl Exposition {
    pub(crate) fn read(text: &str) -> Self {
        let mut families: BTreeMap<String, Family> = BTreeMap::new();
        let mut current = String::new();
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, help) = help.split_once(' ').expect("a name and a help text");
                assert!(!families.contains_key(name), "{name} is declared twice");
                name.clone_into(&mut current);
                help.clone_into(&mut families.entry(current.clone()).or_default().help);
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').expect("a name and a type");
                assert_eq!(name, current, "a type without a help text before it");
                kind.clone_into(&mut families.get_mut(name).unwrap().kind);
            } else {
                let sample = sample(line);
                let family = families.get_mut(&current).expect("a family");
                let suffix = sample.0.strip_prefix(&current).expect("a sample of the family");
                let suffixes: &[&str] = match family.kind.as_str() {
                    "histogram" => &["_bucket", "_sum", "_count"],
                    _ => &[""],
                };
                assert!(suffixes.contains(&suffix), "{line}");
                family.samples.push(sample);
            }
        }
        Self { families }
    }

    /// Returns the value of the series with this name and exactly these labels.
    pub(crate) fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let labels: Labels =
            labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut found = self.families.values().flat_map(|family| &family.samples);
        found.find(|sample| sample.0 == name && sample.1 == labels).map(|sample| sample.2)
    }

    /// Returns all series with their labels.
    pub(crate) fn series(&self) -> BTreeSet<(String, Labels)> {
        let samples = self.families.values().flat_map(|family| &family.samples);
        samples.map(|(name, labels, _)| (name.clone(), labels.clone())).collect()
    }
}

impl Family {
    /// Returns the names of the labels, except that of buckets.
    pub(crate) fn label_names(&self) -> BTreeSet<String> {
        let names = self.samples.iter().flat_map(|(_, labels, _)| labels.keys());
        names.filter(|name| *name != "le").cloned().collect()
    }

    /// Returns the deviations from Prometheus' recommendations (`promtool check metrics` and the
    /// page on naming).
    pub(crate) fn misfits(&self, name: &str) -> Vec<String> {
        let is_total = name.ends_with("_total");
        let units = ["_milliseconds", "_ms", "_minutes", "_hours", "_kb", "_percent"];
        let sums: BTreeSet<_> =
            self.samples.iter().map(|(name, labels, _)| (name, labels)).collect();
        let rules = [
            (!self.help.is_empty(), "has no help text"),
            (["counter", "gauge", "histogram"].contains(&self.kind.as_str()), "has no known type"),
            (is_total == (self.kind == "counter"), "only counters may end in _total, and all must"),
            (!units.iter().any(|unit| name.contains(unit)), "does not use a base unit"),
            (
                self.kind != "histogram" || name.ends_with("_seconds") || name.ends_with("_bytes"),
                "a histogram must name its unit",
            ),
            (!name.contains("__") && name.to_lowercase() == name, "is not in snake case"),
            (!self.samples.is_empty(), "has no series"),
            (sums.len() == self.samples.len(), "has a series twice"),
        ];
        let misfits = rules.into_iter().filter(|(fits, _)| !fits);
        misfits.map(|(_, misfit)| format!("{name}: {misfit}")).collect()
    }
}

/// Parses a line of the form `name{label="value",…} value`.
fn sample(line: &str) -> (String, Labels, f64) {
    let (series, value) = line.rsplit_once(' ').expect("a value");
    let value = value.parse().expect("a number");
    let Some((name, labels)) = series.split_once('{') else {
        return (series.to_owned(), Labels::new(), value);
    };
    let labels = labels.strip_suffix('}').expect("the end of the labels");
    // No value here contains a quote, so each quote ends a value.
    let pairs = labels.split("\",").map(|pair| {
        let (name, value) = pair.split_once("=\"").expect("a label");
        (name.to_owned(), value.trim_end_matches('"').to_owned())
    });
    (name.to_owned(), pairs.collect(), value)
}
