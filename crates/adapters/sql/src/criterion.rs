//! Filters as data.
//!
//! Each store turns criteria into SQL in one loop, in which it decides how its database compares.

use std::borrow::Cow;

use crate::value::Value;

/// A condition that rows have to meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Criterion {
    /// The column has one of these texts.
    Texts {
        /// Name of the column, with its table.
        column: &'static str,
        /// The texts.
        wanted: Vec<String>,
    },
    /// The column has one of these positions of an enumeration.
    Ranks {
        /// Name of the column, with its table.
        column: &'static str,
        /// The positions.
        wanted: Vec<i32>,
    },
    /// The column has one of these names of the domain, which may be written out.
    Names {
        /// Name of the column, with its table.
        column: &'static str,
        /// The names.
        wanted: Vec<&'static str>,
    },
    /// The column is null.
    Null {
        /// Name of the column, with its table.
        column: &'static str,
    },
    /// The column is null, or has one of these texts.
    NullOrTexts {
        /// Name of the column, with its table.
        column: &'static str,
        /// The texts.
        wanted: Vec<String>,
    },
    /// The column has one of these texts once its ASCII letters are in lower case, as in its index,
    /// which has no nulls.
    Spellings {
        /// Name of the column, with its table.
        column: &'static str,
        /// The texts, with ASCII letters in lower case.
        wanted: Vec<String>,
    },
    /// The text of the column starts with a prefix.
    StartsWith {
        /// Name of the column.
        column: &'static str,
        /// The prefix.
        prefix: String,
    },
    /// The text of the column contains another one, regardless of the case of ASCII letters.
    Contains {
        /// Name of the column.
        column: &'static str,
        /// The text.
        text: String,
    },
    /// A condition that both databases spell alike, with a value for each `?`.
    Sql(Cow<'static, str>, Vec<Value>),
}

impl Criterion {
    pub(crate) fn sql<const N: usize>(
        text: impl Into<Cow<'static, str>>,
        values: [Value; N],
    ) -> Self {
        Self::Sql(text.into(), values.into())
    }

    /// Returns whether the criterion excludes anything: a list without values does not.
    pub(crate) fn is_restrictive(&self) -> bool {
        match self {
            Self::Texts { wanted, .. } | Self::Spellings { wanted, .. } => !wanted.is_empty(),
            Self::Ranks { wanted, .. } => !wanted.is_empty(),
            Self::Names { wanted, .. } => !wanted.is_empty(),
            Self::Null { .. }
            | Self::NullOrTexts { .. }
            | Self::StartsWith { .. }
            | Self::Contains { .. }
            | Self::Sql(..) => true,
        }
    }
}
