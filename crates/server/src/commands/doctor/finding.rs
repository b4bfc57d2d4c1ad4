//! The result of one check.

use serde_json::{Value, json};

use crate::in_words::in_words;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Ok,
    /// Engage runs, but probably not as intended.
    Warning,
    Failed,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

#[derive(Debug)]
pub(super) struct Finding {
    /// Subject of the check.
    subject: &'static str,
    pub(super) outcome: Outcome,
    /// Result, and advice if something is wrong.
    told: String,
}

impl Finding {
    pub(super) fn ok(subject: &'static str, told: impl Into<String>) -> Self {
        Self { subject, outcome: Outcome::Ok, told: told.into() }
    }

    pub(super) fn warning(subject: &'static str, told: impl Into<String>) -> Self {
        Self { subject, outcome: Outcome::Warning, told: told.into() }
    }

    pub(super) fn failed(subject: &'static str, told: impl Into<String>) -> Self {
        Self { subject, outcome: Outcome::Failed, told: told.into() }
    }

    /// Returns a finding, or the failure to make one.
    pub(super) fn of(subject: &'static str, found: anyhow::Result<Self>) -> Self {
        found.unwrap_or_else(|error| Self::failed(subject, in_words(&error)))
    }

    pub(super) fn line(&self) -> String {
        format!("{}\t{}\t{}", self.outcome.as_str(), self.subject, self.told.replace('\n', " "))
    }

    pub(super) fn as_json(&self) -> Value {
        json!({ "check": self.subject, "outcome": self.outcome.as_str(), "message": self.told })
    }
}
