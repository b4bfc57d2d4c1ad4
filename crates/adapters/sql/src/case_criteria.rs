//! Filters on cases as criteria.

use engage_domain::sla::SlaTimerState;
use engage_domain::{
    CaseId, CustomerType, Department, EmailAddress, IssueType, Source, Status, TagId, Timestamp,
    Urgency,
};
use engage_repository::{CaseFilter, CaseOfPerson, RepositoryError, TagFilter, spellings};

use crate::case_number::case_number;
use crate::column::parse;
use crate::criterion::Criterion;
use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::sql_types::{BigInt, Integer, SqlId, Text};
use crate::statement::Statement;

/// The criteria of a filter on the cases `c`, in three groups. None has the search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseCriteria {
    /// Criteria on columns of few values, which indexes start with.
    pub classification: Vec<Criterion>,
    /// The other criteria on columns.
    pub others: Vec<Criterion>,
    /// Criteria on the addresses of the people of a case, some of which are in another table.
    pub people: Vec<PeopleCriterion>,
    /// Criteria on the tags of a case, which are in another table.
    pub tags: Vec<TagCriterion>,
}

/// A condition on the tags of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagCriterion {
    /// The case has one of these tags.
    Has(Vec<DbId<TagId>>),
    /// The case has none of these tags.
    HasNot(Vec<DbId<TagId>>),
    /// The case has no tags.
    Untagged,
}

/// A condition that one of the people of a case has one of these addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleCriterion {
    /// True if the customer counts, false if only participants do.
    pub includes_customer: bool,
    /// The addresses, with ASCII letters in lower case.
    pub addresses: Vec<String>,
    /// Domains whose addresses count too, with ASCII letters in lower case.
    pub domains: Vec<String>,
    /// Addresses at the domains that do not count.
    pub excepted: Vec<String>,
}

impl CaseCriteria {
    /// Returns the criteria of a filter, without those that every case meets.
    pub fn new(filter: &CaseFilter) -> Self {
        // Names every field, so that the compiler asks for the criterion of a new one.
        let CaseFilter {
            status,
            urgency,
            customer_type,
            issue_type,
            source,
            assigned_to: _,
            department: _,
            customer_email: _,
            participant_email: _,
            person_email: _,
            organization_people: _,
            organization,
            project,
            sla_state,
            due_before,
            updated_from,
            updated_to,
            created_from,
            created_to,
            tags,
            search: _,
        } = filter;
        let limits = [
            ("c.created_at >= ?", created_from),
            ("c.created_at < ?", created_to),
            ("c.last_activity >= ?", updated_from),
            ("c.last_activity < ?", updated_to),
        ];
        let limits = limits.into_iter().filter_map(|(text, time)| {
            time.map(|time| Criterion::sql(text, [DbTimestamp(time).into()]))
        });
        let spelled = [
            ("c.customer_email", filter.customer_addresses()),
            ("c.customer_organization", spellings(organization)),
            ("c.client_or_project_name", spellings(project)),
        ];
        let spelled = spelled.map(|(column, wanted)| Criterion::Spellings { column, wanted });
        let mut others: Vec<_> = limits.chain(spelled).collect();
        others.extend(sources(source));
        others.extend(sla_states(sla_state));
        others.extend(due_before.map(due));
        others.retain(Criterion::is_restrictive);
        let classification = classification(filter, customer_type, issue_type, urgency, status);
        Self { classification, others, people: people(filter), tags: tag_criteria(tags) }
    }

    /// Returns the classification in a form for which an index on these columns is used: a column
    /// without a criterion gets one with all of its values.
    pub fn indexed_classification(filter: &CaseFilter) -> Vec<Criterion> {
        if !filter.is_classified() {
            return Vec::new();
        }
        let CaseFilter { status, urgency, customer_type, issue_type, assigned_to, .. } = filter;
        let status = or_all(status, Status::ALL);
        if assigned_to.is_empty() {
            let customer_type = or_all(customer_type, CustomerType::ALL);
            let issue_type = or_all(issue_type, IssueType::ALL);
            let urgency = or_all(urgency, Urgency::ALL);
            return classification(filter, customer_type, issue_type, urgency, status);
        }
        // There is an index by assignee and status.
        classification(filter, customer_type, issue_type, urgency, status)
    }
}

fn people(filter: &CaseFilter) -> Vec<PeopleCriterion> {
    let has = |includes_customer, addresses| PeopleCriterion {
        includes_customer,
        addresses,
        domains: Vec::new(),
        excepted: Vec::new(),
    };
    let of_participants =
        (!filter.participant_email.is_empty()).then(|| has(false, filter.participant_addresses()));
    let of_a_person = filter.person_addresses().map(|addresses| has(true, addresses));
    let of_an_organization = filter.organization_people.as_ref().map(|_| PeopleCriterion {
        domains: filter.organization_domains(),
        excepted: filter.excepted_addresses(),
        ..has(true, filter.addresses_elsewhere())
    });
    [of_participants, of_a_person, of_an_organization].into_iter().flatten().collect()
}

fn tag_criteria(filter: &TagFilter) -> Vec<TagCriterion> {
    let ids = |ids: &Vec<TagId>| ids.iter().copied().map(DbId::from).collect();
    let mut criteria: Vec<_> =
        filter.required().map(|wanted| TagCriterion::Has(ids(wanted))).collect();
    if !filter.none.is_empty() {
        criteria.push(TagCriterion::HasNot(ids(&filter.none)));
    }
    if filter.untagged {
        criteria.push(TagCriterion::Untagged);
    }
    criteria
}

fn classification(
    filter: &CaseFilter,
    customer_type: &[CustomerType],
    issue_type: &[IssueType],
    urgency: &[Urgency],
    status: &[Status],
) -> Vec<Criterion> {
    let urgency = urgency.iter().map(|urgency| *urgency as i32).collect();
    let status = status.iter().map(|status| *status as i32).collect();
    let mut criteria = vec![
        Criterion::Texts { column: "c.customer_type", wanted: texts(customer_type) },
        Criterion::Texts { column: "c.issue_type", wanted: texts(issue_type) },
        Criterion::Ranks { column: "c.urgency_rank", wanted: urgency },
        Criterion::Ranks { column: "c.status_rank", wanted: status },
        Criterion::Texts { column: "c.department", wanted: texts(&filter.department) },
    ];
    criteria.extend(assignee(filter));
    criteria.retain(Criterion::is_restrictive);
    criteria
}

fn or_all<'a, T>(wanted: &'a [T], all: &'a [T]) -> &'a [T] {
    if wanted.is_empty() { all } else { wanted }
}

fn texts<V: ToString>(wanted: &[V]) -> Vec<String> {
    wanted.iter().map(ToString::to_string).collect()
}

fn assignee(filter: &CaseFilter) -> Option<Criterion> {
    let column = "c.assigned_to";
    let (members, or_nobody) = filter.assignees();
    let wanted = texts(&members);
    match (members.is_empty(), or_nobody) {
        (true, false) => None,
        (true, true) => Some(Criterion::Null { column }),
        (false, false) => Some(Criterion::Texts { column, wanted }),
        (false, true) => Some(Criterion::NullOrTexts { column, wanted }),
    }
}

/// Returns the criterion that a case came in one of these ways.
fn sources(wanted: &[Source]) -> Option<Criterion> {
    let names: Vec<_> = wanted.iter().map(|source| format!("'{source}'")).collect();
    let list = format!("c.source IN ({})", names.join(", "));
    match wanted {
        [] => None,
        _ if wanted.contains(&Source::Api) => Some(Criterion::sql(list, [])),
        // The condition of the index of such cases.
        _ => Some(Criterion::sql(format!("c.source <> 'API' AND {list}"), [])),
    }
}

/// Returns the criterion that a service target is due before a time and its timer runs.
fn due(before: Timestamp) -> Criterion {
    let text = format!(
        "c.status_rank IN (0, 1, 2, 3) AND ({WAITS} AND c.first_response_due < ? \
         OR c.status_rank < 2 AND c.estimated_resolution < ?)"
    );
    Criterion::sql(text, [DbTimestamp(before).into(), DbTimestamp(before).into()])
}

/// Returns the criterion that the worse state of both timers is one of these, by the same rule as
/// [`engage_repository::CaseSummary::sla_state`].
fn sla_states(wanted: &[SlaTimerState]) -> Option<Criterion> {
    let has_alert =
        |state: &SlaTimerState| matches!(state, SlaTimerState::Breached | SlaTimerState::Warning);
    if wanted.is_empty() {
        return None;
    }
    let states: Vec<_> = wanted.iter().map(|state| sla_state(*state)).collect();
    let states = format!("({})", states.join(" OR "));
    Some(if wanted.iter().all(has_alert) {
        // The condition of the index of such cases.
        let text = "(c.first_response_alert IS NOT NULL OR c.resolution_alert IS NOT NULL)";
        Criterion::sql(format!("{text} AND {states}"), [])
    } else {
        Criterion::sql(states, [])
    })
}

/// The condition that a first response is awaited.
const WAITS: &str = "(c.status_rank < 4 AND c.first_response IS NULL \
    AND c.first_response_ended_at IS NULL)";

/// The condition that a target was missed.
const BREACHED: &str = "(coalesce(c.first_response_alert, '') = 'BREACH' \
    OR coalesce(c.resolution_alert, '') = 'BREACH')";

fn sla_state(state: SlaTimerState) -> String {
    let warned = format!(
        "({WAITS} AND coalesce(c.first_response_alert, '') = 'WARNING' \
         OR c.status_rank < 2 AND coalesce(c.resolution_alert, '') = 'WARNING')"
    );
    let otherwise = match state {
        SlaTimerState::Breached => return BREACHED.to_owned(),
        SlaTimerState::Warning => warned,
        SlaTimerState::Pending => format!("(c.status_rank < 2 OR {WAITS}) AND NOT {warned}"),
        SlaTimerState::Paused => format!("c.status_rank IN (2, 3) AND NOT {WAITS}"),
        SlaTimerState::Cancelled => {
            "(c.status_rank = 6 OR c.status_rank IN (4, 5) AND c.first_response IS NULL)".to_owned()
        }
        SlaTimerState::Met => "c.status_rank IN (4, 5) AND c.first_response IS NOT NULL".to_owned(),
    };
    format!("(NOT {BREACHED} AND {otherwise})")
}

/// Reads the departments of all cases, each from the index once.
const DEPARTMENTS: &str = "
    WITH RECURSIVE found (name) AS (
        SELECT min(department) FROM cases WHERE department IS NOT NULL
        UNION ALL
        SELECT (SELECT min(cases.department) FROM cases WHERE cases.department > found.name)
        FROM found WHERE found.name IS NOT NULL
    ) SELECT name FROM found WHERE name IS NOT NULL";

/// Selects the departments of all cases.
pub fn select_departments() -> Statement<Text> {
    Statement::new(DEPARTMENTS)
}

/// Reads departments.
pub fn departments(names: &[String]) -> Result<Vec<Department>, RepositoryError> {
    let read = |name: &String| Ok(parse(name, "department")?);
    names.iter().map(read).collect()
}

/// SQL types of the columns of a case of a person.
pub type PersonCaseColumnTypes = (SqlId, Text, Integer, BigInt, Text);

/// A case of a person: its id, the columns of its number, and the address of its customer.
pub type PersonCaseRow = (DbId<CaseId>, String, i32, i64, String);

const CUSTOMERS: &str = "
    SELECT id, number_prefix, number_year, number_sequence, customer_email FROM cases WHERE id IN (
        SELECT id FROM cases WHERE true";
const PARTICIPANTS: &str =
    " UNION SELECT case_id FROM case_participant_addresses AS present WHERE true";
const FORMER: &str = " UNION SELECT case_id FROM case_former_addresses AS former WHERE true";
const GONE: &str = " UNION SELECT id FROM cases WHERE participants IS NOT NULL AND (false";

/// Returns the statement that selects the cases of a person with these addresses in the order of their
/// ids, after one. `add` adds a criterion to a condition.
pub fn select_cases_of_person(
    addresses: &[EmailAddress],
    after: Option<CaseId>,
    limit: u32,
    add: impl Fn(&mut Statement<PersonCaseColumnTypes>, Criterion),
) -> Statement<PersonCaseColumnTypes> {
    let filter = CaseFilter { person_email: Some(addresses.to_vec()), ..CaseFilter::default() };
    let forms = filter.person_addresses().unwrap_or_default();
    let one_of = |column, wanted: &Vec<String>| Criterion::Texts { column, wanted: wanted.clone() };
    let normalized: Vec<String> = addresses.iter().map(EmailAddress::normalized).collect();
    let mut sql = Statement::new(CUSTOMERS);
    add(&mut sql, Criterion::Spellings { column: "customer_email", wanted: forms.clone() });
    sql.push(PARTICIPANTS);
    add(&mut sql, one_of("present.address", &forms));
    sql.push(FORMER);
    add(&mut sql, one_of("former.address", &normalized));
    sql.push(GONE);
    for form in &forms {
        // Ends with the quotation mark of the JSON, so that no longer address contains it.
        sql.push(" OR (true");
        let text = format!("\"{form}\"");
        add(&mut sql, Criterion::Contains { column: "participants", text });
        sql.push(")");
    }
    sql.push("))");
    if let Some(after) = after {
        sql.push(" AND id > ").bind(DbId::from(after));
    }
    sql.push(" ORDER BY id LIMIT ").bind(i64::from(limit));
    sql
}

/// Converts the row of a case of a person.
pub fn case_of_person(row: PersonCaseRow) -> Result<CaseOfPerson, InvalidColumn> {
    let (id, prefix, year, sequence, customer) = row;
    let number = case_number(&prefix, year, sequence)?;
    Ok(CaseOfPerson { id: id.get(), number, customer: parse(&customer, "customer_email")? })
}
