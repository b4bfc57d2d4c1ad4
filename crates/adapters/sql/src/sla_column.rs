//! Service targets of an organization as JSON in a column.

use engage_domain::Urgency;
use engage_domain::organization::SlaOverride;
use serde_json::{Value, json};

use crate::error::InvalidColumn;

/// Converts service targets to the text of their column.
pub(crate) fn sla_column(targets: &SlaOverride) -> String {
    let target = |(urgency, first_response, resolution): (Urgency, u32, u32)| {
        let minutes =
            json!({ "firstResponseMinutes": first_response, "resolutionMinutes": resolution });
        (urgency.to_string(), minutes)
    };
    Value::Object(targets.minutes().map(target).collect()).to_string()
}

/// Reads service targets.
pub(crate) fn sla_targets(
    text: Option<&str>,
    column: &'static str,
) -> Result<Option<SlaOverride>, InvalidColumn> {
    let read = |text| serde_json::from_str(text).map_err(|_| InvalidColumn { column });
    text.map(read).transpose()
}
