//! Organizations of customers.

pub(crate) mod add;
pub(crate) mod change;
mod fields;
pub(crate) mod read;

use std::collections::BTreeMap;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use engage_domain::organization::SlaOverride;
use engage_domain::{CustomerOrganization, OrganizationId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;

/// An organization of customers.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrganizationBody {
    /// Id of the organization.
    #[schema(example = "org_01jjg00000e008000000000001")]
    id: String,
    /// Number of changes, including the addition.
    #[schema(minimum = 1, example = 1)]
    version: u32,
    /// Name of the organization.
    #[schema(example = "Acme Inc.")]
    name: String,
    /// Domains of its addresses, in ASCII and lower case. No two organizations share one, and
    /// subdomains are not included.
    #[schema(max_items = 50, example = json!(["acme.example"]))]
    domains: Vec<String>,
    /// Type of its contract.
    customer_type: &'static str,
    /// Notes of staff.
    notes: Option<String>,
    /// Service targets by urgency, instead of those of the customer type.
    sla_override: Option<BTreeMap<&'static str, SlaTargetBody>>,
    /// Time at which the organization was added.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// Service target of an urgency.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SlaTargetBody {
    /// Minutes of working time until the first response is due.
    #[schema(minimum = 1, example = 15)]
    first_response_minutes: u32,
    /// Minutes of working time until the resolution is due.
    #[schema(minimum = 1, example = 240)]
    resolution_minutes: u32,
}

fn targets(sla_override: &SlaOverride) -> BTreeMap<&'static str, SlaTargetBody> {
    let target = |(urgency, first_response_minutes, resolution_minutes): (
        engage_domain::Urgency,
        u32,
        u32,
    )| {
        (urgency.as_str(), SlaTargetBody { first_response_minutes, resolution_minutes })
    };
    sla_override.minutes().map(target).collect()
}

impl From<CustomerOrganization> for OrganizationBody {
    fn from(organization: CustomerOrganization) -> Self {
        Self {
            id: organization.id.to_string(),
            version: organization.version.get(),
            name: organization.name.into(),
            domains: organization.domains.iter().map(ToString::to_string).collect(),
            customer_type: organization.customer_type.as_str(),
            notes: organization.notes.map(Into::into),
            sla_override: organization.sla_override.as_ref().map(targets),
            created_at: organization.created_at,
        }
    }
}

/// The organization.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrganizationResponse {
    success: bool,
    organization: OrganizationBody,
}

impl From<CustomerOrganization> for OrganizationResponse {
    fn from(organization: CustomerOrganization) -> Self {
        Self { success: true, organization: organization.into() }
    }
}

/// The organization in the path.
pub(crate) struct OrganizationInPath(pub(crate) OrganizationId);

impl FromRequest for OrganizationInPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().query("organizationId");
        let id = text.parse().map_err(|_| ApiError::OrganizationNotFound(text.to_owned()));
        ready(id.map(Self))
    }
}
