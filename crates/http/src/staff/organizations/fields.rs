//! Fields of organizations in requests.

use std::collections::BTreeMap;

use engage_domain::Urgency;
use engage_domain::organization::{DomainName, OrganizationDomains, SlaOverride};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::validation::Validation;

/// Service target of an urgency.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SlaTargetRequest {
    /// Minutes of working time until the first response is due.
    #[schema(required, value_type = u32, minimum = 1, maximum = 527_040, example = 15)]
    first_response_minutes: Option<u32>,
    /// Minutes of working time until the resolution is due.
    #[schema(required, value_type = u32, minimum = 1, maximum = 527_040, example = 240)]
    resolution_minutes: Option<u32>,
}

/// Service targets by urgency, as given.
pub(super) type GivenTargets = BTreeMap<String, SlaTargetRequest>;

/// Reads domains.
pub(super) fn domains(given: &[String], v: &mut Validation) -> Option<Vec<DomainName>> {
    v.each("domains", given, OrganizationDomains::MOST, ["domain", "domains"], str::parse)
}

/// Reads service targets.
pub(super) fn sla_override(given: &GivenTargets, v: &mut Validation) -> Option<SlaOverride> {
    let mut targets: Vec<(Urgency, u32, u32)> = Vec::new();
    for (name, target) in given {
        let Ok(urgency) = name.parse::<Urgency>() else {
            v.not_one_of("slaOverride", Urgency::SPELLINGS.to_vec());
            return None;
        };
        if targets.iter().any(|(known, ..)| *known == urgency) {
            v.problem("slaOverride", format!("must contain {urgency} only once"));
            return None;
        }
        match (target.first_response_minutes, target.resolution_minutes) {
            (Some(first), Some(resolution)) => targets.push((urgency, first, resolution)),
            _ => {
                let both = "must have firstResponseMinutes and resolutionMinutes for";
                v.problem("slaOverride", format!("{both} {urgency}"));
                return None;
            }
        }
    }
    let read = SlaOverride::of_minutes(targets);
    read.map_err(|error| v.problem("slaOverride", error.to_string())).ok()
}
