use std::collections::BTreeMap;

use actix_web::{HttpResponse, post};
use engage_application::NewOrganization;
use serde::Deserialize;
use utoipa::ToSchema;

use super::OrganizationResponse;
use super::fields::{SlaTargetRequest, domains, sla_override};
use crate::body::JsonBody;
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::staff::access::{ManageOrganizations, Required, Staff};
use crate::validation::Validation;

/// A new organization.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddOrganizationRequest {
    /// Name of the organization.
    #[schema(required, value_type = String, min_length = 1, max_length = 200, example = "Acme Inc.")]
    name: Option<String>,
    /// Domains of its addresses, without their subdomains. No other organization may have one of
    /// them, and none may belong to a public mail provider.
    #[schema(max_items = 50, example = json!(["acme.example"]))]
    domains: Option<Vec<String>>,
    /// Type of its contract.
    #[schema(required, value_type = String, example = "BUSINESS")]
    customer_type: Option<String>,
    /// Notes for staff.
    #[schema(max_length = 5000, example = "Renews in May.")]
    notes: Option<String>,
    /// Service targets by urgency (`LOW`, `MEDIUM`, `HIGH`, `CRITICAL`), instead of those of the
    /// customer type.
    #[schema(example = json!({"CRITICAL": {"firstResponseMinutes": 15, "resolutionMinutes": 240}}))]
    sla_override: Option<BTreeMap<String, SlaTargetRequest>>,
}

impl AddOrganizationRequest {
    fn validate(&self) -> Result<NewOrganization, ApiError> {
        let mut v = Validation::default();
        let name = v.required("name", self.name.as_deref());
        let domains = domains(self.domains.as_deref().unwrap_or_default(), &mut v);
        let customer_type = v.required_word("customerType", self.customer_type.as_deref());
        let notes = v.optional("notes", self.notes.as_deref());
        let sla_override = self.sla_override.as_ref().and_then(|given| sla_override(given, &mut v));
        let new = name.zip(domains).zip(customer_type);
        v.finish(new.map(|((name, domains), customer_type)| NewOrganization {
            name,
            domains,
            customer_type,
            notes,
            sla_override,
        }))
    }
}

/// Add an organization.
///
/// An organization shares nothing between its people: they do not see each other's cases.
#[utoipa::path(
    security(("staffToken" = [ManageOrganizations::ROLE])),
    request_body = AddOrganizationRequest,
    responses(
        (status = 200, description = "The organization.", body = OrganizationResponse),
        (status = 409, description = "`CONFLICT`: the organization in the details has one of the domains.", body = ErrorBody),
    ),
)]
#[post("/organizations")]
pub(crate) async fn add_organization(
    staff: Staff<ManageOrganizations>,
    body: JsonBody<AddOrganizationRequest>,
) -> Result<HttpResponse, ApiError> {
    let new = body.0.validate()?;
    let (manage, by) = (staff.use_cases().manage_organizations.clone(), staff.initiator());
    let organization = in_time(async move { manage.add(new, &by).await }).await?;
    Ok(HttpResponse::Ok().json(OrganizationResponse::from(organization)))
}
