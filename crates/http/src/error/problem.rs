//! Problems of a request.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;

/// A problem with one field or parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// The field, parameter or header.
    #[schema(value_type = String, example = "email")]
    pub(crate) field: Cow<'static, str>,
    /// Description of the problem. Preceded by the field name, it is a sentence.
    #[schema(example = "is required")]
    pub(crate) message: String,
    /// Allowed values, if the field is an enumeration.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<String>, required = false)]
    pub(crate) allowed: Option<Vec<&'static str>>,
}

impl FieldProblem {
    pub(crate) fn new(field: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into(), allowed: None }
    }
}

/// Position of an error in a JSON body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonProblem {
    pub(crate) message: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) path: Option<String>,
}
