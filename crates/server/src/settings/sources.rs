//! Reads settings from the defaults, a file and the environment, in this order of precedence.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use engage_domain::text::nearest_name;
use toml::{Table, Value};

use super::secrets::{self, file_setting, is_secret, shown};
use super::service_links::is_service_link;

/// The defaults, which are also the documentation of the settings.
const DEFAULTS: &str = include_str!("../../engage.default.toml");

/// Name of the settings file if none is given.
pub(crate) const FILE: &str = "engage.toml";

const PREFIX: &str = "ENGAGE_";

/// Source of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Origin {
    Default,
    File(PathBuf),
    Variable(String),
    /// A file that has nothing but the secret.
    SecretFile(PathBuf),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("by default"),
            Self::File(path) | Self::SecretFile(path) => path.display().fmt(f),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Name of the setting. Empty if it is unknown or if several settings are involved.
    setting: String,
    /// Description that names the setting.
    pub(crate) told: String,
}

impl Problem {
    fn of(setting: &str, origin: &Origin, what: &str) -> Self {
        Self { setting: setting.to_owned(), told: format!("{setting} ({origin}): {what}") }
    }

    /// Creates a problem that involves several settings.
    pub(crate) fn of_several(error: &anyhow::Error) -> Self {
        Self { setting: String::new(), told: format!("{error:#}") }
    }

    /// Checks whether the problem concerns a setting in a section.
    pub(crate) fn is_in(&self, section: &str) -> bool {
        self.setting.strip_prefix(section).is_some_and(|rest| rest.starts_with('.'))
    }
}

struct Setting {
    default: Value,
    value: Value,
    origin: Origin,
    /// Whether the setting exists only to name the file of a secret.
    is_file_of_secret: bool,
}

impl Setting {
    fn with_default(default: Value) -> Self {
        let value = default.clone();
        Self { default, value, origin: Origin::Default, is_file_of_secret: false }
    }

    /// Creates the setting that names the file of a secret.
    fn file_of_secret() -> Self {
        Self { is_file_of_secret: true, ..Self::with_default(Value::String(String::new())) }
    }

    /// Returns the text of a setting that is given and not empty.
    fn given(&self) -> Option<&str> {
        let is_given = self.origin != Origin::Default;
        self.value.as_str().filter(|text| is_given && !text.is_empty())
    }
}

/// All settings by dotted name, with the values in force.
pub(crate) struct Sources {
    settings: BTreeMap<String, Setting>,
    problems: Vec<Problem>,
}

impl Sources {
    /// Reads all sources. Fails if a file is given but does not exist.
    pub(super) fn read(
        file: Option<&Path>,
        environment: BTreeMap<String, String>,
    ) -> anyhow::Result<Self> {
        let defaults = leaves(&DEFAULTS.parse::<Table>().context("the defaults")?);
        let setting = |(name, value)| (name, Setting::with_default(value));
        let mut settings: BTreeMap<_, _> = defaults.into_iter().map(setting).collect();
        let file_of = |(name, of): (&String, &Setting)| file_setting(name, &of.default);
        for name in settings.iter().filter_map(file_of).collect::<Vec<_>>() {
            settings.entry(name).or_insert_with(Setting::file_of_secret);
        }
        let mut sources = Self { settings, problems: Vec::new() };
        let path = file.unwrap_or(Path::new(FILE));
        match std::fs::read_to_string(path) {
            Ok(text) => sources.add_file(path, &text)?,
            Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        }
        sources.add_environment(environment);
        sources.add_secrets();
        Ok(sources)
    }

    fn add_file(&mut self, path: &Path, text: &str) -> anyhow::Result<()> {
        let origin = Origin::File(path.to_owned());
        // A line of the file may contain a secret, so only its position is reported.
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            let (line, column) = place(text, error.span().map_or(0, |span| span.start));
            let (path, what) = (path.display(), error.message());
            anyhow::anyhow!("{path}, line {line}, column {column}: {what}")
        })?;
        for (name, value) in leaves(&table) {
            let section = format!("{name}.");
            if self.settings.contains_key(&name) {
                self.set(&name, value, origin.clone());
            } else if self.settings.keys().any(|known| known.starts_with(&section)) {
                let is_empty = matches!(&value, Value::Table(table) if table.is_empty());
                if !is_empty {
                    self.problems.push(Problem::of(&name, &origin, "must be a table"));
                }
            } else {
                let what = unknown(&name, self.settings.keys().map(String::as_str));
                self.problems.push(Problem::of(&name, &origin, &what));
            }
        }
        Ok(())
    }

    fn add_environment(&mut self, environment: BTreeMap<String, String>) {
        if let Some(url) = environment.get("DATABASE_URL") {
            let origin = Origin::Variable("DATABASE_URL".to_owned());
            self.set("database.url", Value::String(url.clone()), origin);
        }
        let variables: Vec<String> = self.settings.keys().map(|name| variable(name)).collect();
        let mut seen = BTreeMap::new();
        for (given, value) in environment {
            let upper = given.to_uppercase();
            let Some(rest) = upper.strip_prefix(PREFIX) else { continue };
            if rest == "CONFIG" || is_service_link(rest, &value) {
                continue;
            }
            if let Some(other) = seen.insert(upper.clone(), given.clone()) {
                let told = format!("{given} is the same setting as {other}; set one of them");
                self.problems.push(Problem { setting: String::new(), told });
            } else if variables.contains(&upper) {
                let name = rest.replace("__", ".").to_lowercase();
                self.set(&name, Value::String(value), Origin::Variable(given));
            } else {
                let what = unknown(&upper, variables.iter().map(String::as_str));
                let told = format!("{given} {what}");
                self.problems.push(Problem { setting: String::new(), told });
            }
        }
    }

    /// Reads the secrets whose file is given.
    fn add_secrets(&mut self) {
        let file_of = |(name, of): (&String, &Setting)| {
            Some((name.clone(), file_setting(name, &of.default)?))
        };
        for (name, file) in self.settings.iter().filter_map(file_of).collect::<Vec<_>>() {
            match self.secret_in_file(&name, &file) {
                Ok(Some((secret, path))) => {
                    self.set(&name, Value::String(secret), Origin::SecretFile(path));
                }
                Ok(None) => {}
                Err(problem) => self.problems.push(problem),
            }
        }
    }

    /// Returns the secret `name` and its path if the setting `file` is given.
    fn secret_in_file(&self, name: &str, file: &str) -> Result<Option<(String, PathBuf)>, Problem> {
        let (secret, given) = (&self.settings[name], &self.settings[file]);
        let Some(path) = given.given().map(PathBuf::from) else { return Ok(None) };
        if secret.given().is_some() {
            let other = format!("{name} ({}) is set, too; set one of them", secret.origin);
            return Err(Problem::of(file, &given.origin, &other));
        }
        match secrets::read(&path) {
            Ok(secret) => Ok(Some((secret, path))),
            // The program creates the file itself if the setting has a default.
            Err(error) if error.is_missing() && !given.is_file_of_secret => Ok(None),
            Err(error) => Err(Problem::of(file, &given.origin, &error.to_string())),
        }
    }

    fn set(&mut self, name: &str, value: Value, origin: Origin) {
        let Some(setting) = self.settings.get_mut(name) else { return };
        match as_kind_of(&setting.default, value) {
            Ok(value) => (setting.value, setting.origin) = (value, origin),
            Err(what) => self.problems.push(Problem::of(name, &origin, what)),
        }
    }

    /// Deserializes all values into `T`. A value that cannot be used becomes a problem and is
    /// replaced by its default, so that the others are checked, too.
    pub(super) fn resolve<T: serde::de::DeserializeOwned>(&mut self) -> anyhow::Result<T> {
        loop {
            let error = match serde_path_to_error::deserialize(self.nested()) {
                Ok(settings) => return Ok(settings),
                Err(error) => error,
            };
            let path = error.path().to_string();
            let what = error.inner().message();
            let is_it = |name: &&String| {
                path.strip_prefix(name.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            };
            let name = self.settings.keys().find(is_it).cloned().unwrap_or_default();
            let found = self.settings.get_mut(&name);
            let wrong = found.filter(|setting| setting.origin != Origin::Default);
            let setting = wrong.with_context(|| format!("{path}: {what}"))?;
            let shown = if is_secret(&name) { "cannot be used" } else { what };
            // Our own errors describe the expected form and show no value, not even of a secret.
            let what = if what.starts_with("must ") { what } else { shown };
            self.problems.push(Problem::of(&name, &setting.origin, what));
            (setting.value, setting.origin) = (setting.default.clone(), Origin::Default);
        }
    }

    /// Returns the values as nested tables.
    fn nested(&self) -> Value {
        let mut root = Table::new();
        for (name, setting) in self.settings.iter().filter(|(_, of)| !of.is_file_of_secret) {
            let mut table = &mut root;
            let mut parts = name.split('.').peekable();
            while let Some(part) = parts.next() {
                if parts.peek().is_none() {
                    table.insert(part.to_owned(), setting.value.clone());
                    break;
                }
                let below = table.entry(part).or_insert_with(|| Value::Table(Table::new()));
                let Value::Table(below) = below else { break };
                table = below;
            }
        }
        Value::Table(root)
    }

    pub(super) fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Returns the settings in force as lines, without secrets.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        self.settings.iter().map(|(name, setting)| match &setting.origin {
            Origin::SecretFile(path) => format!("{name} = (from file {})", path.display()),
            _ => format!("{name} = {}", shown(name, &setting.value)),
        })
    }

    /// Returns the files from which secrets were read.
    pub(super) fn secret_files(&self) -> Vec<PathBuf> {
        let path = |setting: &Setting| match &setting.origin {
            Origin::SecretFile(path) => Some(path.clone()),
            _ => None,
        };
        self.settings.values().filter_map(path).collect()
    }
}

/// Returns the values of a table and its subtables by dotted name.
fn leaves(table: &Table) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for (name, value) in table {
        match value {
            Value::Table(below) if !below.is_empty() => {
                let below = leaves(below).into_iter();
                found.extend(below.map(|(rest, value)| (format!("{name}.{rest}"), value)));
            }
            value => {
                found.insert(name.clone(), value.clone());
            }
        }
    }
    found
}

/// Returns the line and the column of an offset, both counted from 1.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

fn variable(name: &str) -> String {
    format!("{PREFIX}{}", name.replace('.', "__").to_uppercase())
}

fn unknown<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match nearest_name(name, known) {
        Some(meant) => format!("is not a setting; did you mean {meant}?"),
        None => "is not a setting".to_owned(),
    }
}

/// Converts a value to the type of its setting. The environment only has strings, and some files
/// have numbers and booleans as strings or vice versa.
fn as_kind_of(default: &Value, value: Value) -> Result<Value, &'static str> {
    match (default, value) {
        (Value::Integer(_), Value::String(text)) => {
            text.trim().parse().map(Value::Integer).map_err(|_| "must be a whole number")
        }
        (Value::Float(_), Value::String(text)) => {
            text.trim().parse().map(Value::Float).map_err(|_| "must be a number")
        }
        (Value::Boolean(_), Value::String(text)) => {
            text.trim().parse().map(Value::Boolean).map_err(|_| "must be true or false")
        }
        (Value::Float(_), value) if !value.is_integer() && !value.is_float() => {
            Err("must be a number")
        }
        (Value::Integer(_), value) if !value.is_integer() => Err("must be a whole number"),
        (Value::Boolean(_), value) if !value.is_bool() => Err("must be true or false"),
        (Value::String(_), Value::Integer(number)) => Ok(Value::String(number.to_string())),
        (Value::String(_), Value::Boolean(truth)) => Ok(Value::String(truth.to_string())),
        (Value::String(_), value) if !value.is_str() => Err("must be a text"),
        (_, value) => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_columns_from_one() {
        assert_eq!(place("", 0), (1, 1));
        assert_eq!(place("ab\ncd", 4), (2, 2));
        assert_eq!(place("ä\nö", 3), (2, 1));
    }
}
