//! Tables of facts in e-mails.

/// A row of a table: a label and a value on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    pub(crate) label: &'static str,
    pub(crate) value: String,
}

impl Fact {
    pub(crate) fn new(label: &'static str, value: impl Into<String>) -> Self {
        Self { label, value: value.into() }
    }
}

/// A table of facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts(Vec<Fact>);

impl Facts {
    pub(crate) fn new(rows: impl IntoIterator<Item = Option<Fact>>) -> Self {
        Self(rows.into_iter().flatten().collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn rows(&self) -> &[Fact] {
        &self.0
    }

    /// Lays the table out as plain text, one line per row, with the values aligned.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        let width = self.0.iter().map(|fact| fact.label.len()).max().unwrap_or(0) + 1;
        self.0
            .iter()
            .map(move |fact| format!("{:<width$}  {}", format!("{}:", fact.label), fact.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_aligned() {
        let facts =
            Facts::new([Some(Fact::new("Case", "1")), None, Some(Fact::new("Urgency", "high"))]);
        assert_eq!(facts.lines().collect::<Vec<_>>(), ["Case:     1", "Urgency:  high"]);
    }
}
