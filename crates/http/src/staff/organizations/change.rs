use std::collections::BTreeMap;

use actix_web::{HttpResponse, delete, patch};
use engage_application::OrganizationChange;
use serde::Deserialize;
use utoipa::ToSchema;

use super::fields::{SlaTargetRequest, domains, sla_override};
use super::{OrganizationInPath, OrganizationResponse};
use crate::body::{JsonBody, present};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::staff::access::{ManageOrganizations, Required, Staff};
use crate::staff::webhooks::DoneResponse;
use crate::validation::Validation;

/// Changes to an organization. Omitted fields do not change.
#[allow(clippy::option_option)] // Missing, null and given are three things.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangeOrganizationRequest {
    /// Name of the organization.
    #[schema(max_length = 200, example = "Acme Inc.")]
    name: Option<String>,
    /// All domains of its addresses, without their subdomains.
    #[schema(max_items = 50, example = json!(["acme.example"]))]
    domains: Option<Vec<String>>,
    /// Type of its contract.
    #[schema(example = "BUSINESS")]
    customer_type: Option<String>,
    /// Notes for staff. Null removes them.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 5000, example = "Renews in May.")]
    notes: Option<Option<String>>,
    /// All service targets by urgency, instead of those of the customer type. Null removes them.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<BTreeMap<String, SlaTargetRequest>>, example = json!({"CRITICAL": {"firstResponseMinutes": 15, "resolutionMinutes": 240}}))]
    sla_override: Option<Option<BTreeMap<String, SlaTargetRequest>>>,
}

impl ChangeOrganizationRequest {
    fn validate(&self) -> Result<OrganizationChange, ApiError> {
        let mut v = Validation::default();
        let name = v.optional("name", self.name.as_deref());
        let domains = self.domains.as_deref().and_then(|given| domains(given, &mut v));
        let customer_type = v.word("customerType", self.customer_type.as_deref());
        let notes = self.notes.as_ref().map(|text| v.optional("notes", text.as_deref()));
        let targets = self.sla_override.as_ref();
        let sla_override =
            targets.map(|given| given.as_ref().and_then(|given| sla_override(given, &mut v)));
        v.at_least_one(&[
            ("name", self.name.is_some()),
            ("domains", self.domains.is_some()),
            ("customerType", self.customer_type.is_some()),
            ("notes", self.notes.is_some()),
            ("slaOverride", self.sla_override.is_some()),
        ]);
        v.finish(Some(OrganizationChange { name, domains, customer_type, notes, sla_override }))
    }
}

/// Update an organization.
///
/// The change holds for cases that are opened afterwards.
#[utoipa::path(
    security(("staffToken" = [ManageOrganizations::ROLE])),
    params(("organizationId" = String, Path, description = "Id of the organization.", example = "org_01jjg00000e008000000000001")),
    request_body = ChangeOrganizationRequest,
    responses(
        (status = 200, description = "The organization after the change.", body = OrganizationResponse),
        (status = 409, description = "`CONFLICT`: the organization in the details has one of the domains.", body = ErrorBody),
    ),
)]
#[patch("/organizations/{organizationId}")]
pub(crate) async fn change_organization(
    staff: Staff<ManageOrganizations>,
    id: OrganizationInPath,
    body: JsonBody<ChangeOrganizationRequest>,
) -> Result<HttpResponse, ApiError> {
    let change = body.0.validate()?;
    let (manage, by) = (staff.use_cases().manage_organizations.clone(), staff.initiator());
    let organization = in_time(async move { manage.change(id.0, &change, &by).await }).await?;
    Ok(HttpResponse::Ok().json(OrganizationResponse::from(organization)))
}

/// Delete an organization.
///
/// Its contacts remain. Those whose organization it was have none afterwards.
#[utoipa::path(
    security(("staffToken" = [ManageOrganizations::ROLE])),
    params(("organizationId" = String, Path, description = "Id of the organization.", example = "org_01jjg00000e008000000000001")),
    responses(
        (status = 200, description = "The organization was deleted.", body = DoneResponse),
    ),
)]
#[delete("/organizations/{organizationId}")]
pub(crate) async fn remove_organization(
    staff: Staff<ManageOrganizations>,
    id: OrganizationInPath,
) -> Result<HttpResponse, ApiError> {
    let (manage, by) = (staff.use_cases().manage_organizations.clone(), staff.initiator());
    in_time(async move { manage.remove(id.0, &by).await }).await?;
    Ok(HttpResponse::Ok().json(DoneResponse::new("Organization deleted successfully")))
}
