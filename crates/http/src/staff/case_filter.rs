//! The filters of the case list and of its export.

use engage_application::TagNamesFilter;
use engage_domain::tag::{TagName, Tags};
use engage_domain::{ContactId, OrganizationId, StaffMember, Timestamp};
use engage_repository::{AssigneeFilter, CaseFilter, TagFilter};
use utoipa::IntoParams;

use crate::deadline::in_time;
use crate::error::ApiError;
use crate::query::Query;
use crate::use_cases::StaffUseCases;
use crate::validation::Validation;

/// Query parameters that narrow the list of cases.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[allow(dead_code)] // The description of what `GivenFilter` reads.
pub(super) struct CaseFilterParameters {
    /// Status.
    #[param(example = "OPEN,ON_HOLD")]
    status: Option<String>,
    /// Urgency.
    #[param(example = "HIGH")]
    urgency: Option<String>,
    /// Customer type.
    customer_type: Option<String>,
    /// Issue type.
    issue_type: Option<String>,
    /// Way in which the case came in.
    #[param(example = "STAFF,EMAIL")]
    source: Option<String>,
    /// Id of the assignee, `me` or `unassigned`.
    assigned_to: Option<String>,
    /// Department, in upper or lower case.
    department: Option<String>,
    /// Full e-mail address of the customer, in upper or lower case.
    customer_email: Option<String>,
    /// Full e-mail address of a participant who has neither left nor been removed, in upper or lower
    /// case.
    #[param(example = "ann@example.com")]
    participant_email: Option<String>,
    /// Id of a contact: cases whose customer or participant has one of its addresses. A participant
    /// who has left or was removed does not count.
    contact_id: Option<String>,
    /// Id of an organization: cases whose customer or participant has an address to which the
    /// organization applies, by what was set for its contact or by its domain.
    organization_id: Option<String>,
    /// Full name of the customer's organization, in upper or lower case. Repeat the parameter to
    /// give several, since names may contain commas.
    organization: Option<String>,
    /// Full name of the client or project, in upper or lower case. Repeat the parameter to give
    /// several.
    project: Option<String>,
    /// Tags of which a case has at least one, or `none` for cases without tags. Former names of a tag
    /// count.
    #[param(example = "VIP,Renewal")]
    tags: Option<String>,
    /// Tags all of which a case has.
    tags_all: Option<String>,
    /// Tags of which a case has none.
    tags_none: Option<String>,
    /// SLA state: the worse one of both timers, in the order `BREACHED`, `WARNING`, `PENDING`,
    /// `PAUSED`, `CANCELLED`, `MET`. It may be a second old.
    sla_state: Option<String>,
    /// Time before which a running SLA timer is due (RFC 3339).
    due_before: Option<String>,
    /// Earliest `lastActivity`, the time of the last change including internal ones (RFC 3339).
    updated_from: Option<String>,
    /// Time before which `lastActivity` lies.
    updated_to: Option<String>,
    /// Earliest time of creation (RFC 3339).
    created_from: Option<String>,
    /// Time before which the case was created.
    created_to: Option<String>,
}

/// The filters of a request, of which a contact and an organization are not yet resolved to their
/// addresses, and names of tags not to tags.
pub(super) struct GivenFilter {
    pub(super) filter: CaseFilter,
    contact: Option<ContactId>,
    organization: Option<OrganizationId>,
    tags: TagNamesFilter,
}

impl GivenFilter {
    /// Reads the filters, the ids and the search text, with `me` as the given member.
    pub(super) fn read(query: &Query, member: &StaffMember, v: &mut Validation) -> Self {
        let contact = query.one("contactId", v).and_then(|id| v.parse("contactId", id));
        let organization =
            query.one("organizationId", v).and_then(|id| v.parse("organizationId", id));
        let tags = read_tags(query, v);
        Self { filter: read_filter(query, member, v), contact, organization, tags }
    }

    /// Returns the filter with the addresses of the contact and of the organization, and with the tags.
    pub(super) async fn resolve(self, use_cases: &StaffUseCases) -> Result<CaseFilter, ApiError> {
        let Self { mut filter, contact, organization, tags } = self;
        let has_tags = tags != TagNamesFilter::default();
        if contact.is_none() && organization.is_none() && !has_tags {
            return Ok(filter);
        }
        let (list, names) = (use_cases.list_cases.clone(), use_cases.tag_names.clone());
        in_time(async move {
            if has_tags {
                filter.tags = names.filter(&tags).await?;
            }
            if let Some(contact) = contact {
                filter = list.of_contact(filter, contact).await?;
            }
            match organization {
                Some(organization) => list.of_organization(filter, organization).await,
                None => Ok(filter),
            }
        })
        .await
    }
}

/// Reads the filters and the search text, with `me` as the given member.
fn read_filter(query: &Query, member: &StaffMember, v: &mut Validation) -> CaseFilter {
    let time = |name: &'static str, v: &mut Validation| {
        query.one(name, v).and_then(|text| v.parse::<Timestamp>(name, text))
    };
    CaseFilter {
        status: query.words("status", v),
        urgency: query.words("urgency", v),
        customer_type: query.words("customerType", v),
        issue_type: query.words("issueType", v),
        source: query.words("source", v),
        assigned_to: query
            .many("assignedTo", v)
            .into_iter()
            .filter_map(|value| assignee(value, member, v))
            .collect(),
        department: query.values("department", v),
        customer_email: query.values("customerEmail", v),
        participant_email: query.values("participantEmail", v),
        person_email: None,
        organization_people: None,
        organization: query.each("organization", v),
        project: query.each("project", v),
        sla_state: query.words("slaState", v),
        due_before: time("dueBefore", v),
        updated_from: time("updatedFrom", v),
        updated_to: time("updatedTo", v),
        created_from: time("createdFrom", v),
        created_to: time("createdTo", v),
        tags: TagFilter::default(),
        search: query.one("q", v).and_then(|text| v.parse("q", text)),
    }
}

/// Word that stands for no tags.
const UNTAGGED: &str = "none";

/// Maximum number of tags of one parameter.
const MOST_TAGS: usize = Tags::MOST;

fn read_tags(query: &Query, v: &mut Validation) -> TagNamesFilter {
    let (any, all) = (query.many("tags", v), query.many("tagsAll", v));
    let none = query.many("tagsNone", v);
    let mut filter = TagNamesFilter {
        any: tag_names("tags", &any, v),
        all: tag_names("tagsAll", &all, v),
        none: tag_names("tagsNone", &none, v),
        untagged: false,
    };
    let given = filter.any.len();
    filter.any.retain(|name| name.folded() != UNTAGGED);
    filter.untagged = filter.any.len() < given;
    if filter.untagged && !filter.any.is_empty() {
        v.problem("tags", "must not contain none beside other tags");
    }
    filter
}

fn tag_names(name: &'static str, given: &[&str], v: &mut Validation) -> Vec<TagName> {
    if given.len() > MOST_TAGS {
        v.problem(name, format!("must be at most {MOST_TAGS} tags"));
    }
    given.iter().filter_map(|text| v.parse(name, text)).collect()
}

fn assignee(value: &str, member: &StaffMember, v: &mut Validation) -> Option<AssigneeFilter> {
    match value {
        "me" => Some(AssigneeFilter::Staff(member.id.clone())),
        "unassigned" => Some(AssigneeFilter::Unassigned),
        id => v.parse("assignedTo", id).map(AssigneeFilter::Staff),
    }
}
