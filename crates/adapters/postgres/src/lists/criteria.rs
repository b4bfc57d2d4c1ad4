//! Conditions on the cases of a list.

use diesel::sql_types::BigInt;
use engage_repository::{CaseFilter, SearchExpression, SearchField, SearchQuery};
use engage_sql::{CaseCriteria, PeopleCriterion, TagCriterion, push_has_tags, push_tagged_cases};

use crate::search::query_text;
use crate::sql::{Sql, push_criteria};

/// Counts the cases that match a filter.
pub(super) fn count(filter: &CaseFilter) -> Sql<BigInt> {
    let mut sql = Sql::new("SELECT count(*) FROM ");
    push_sources(&mut sql, filter);
    sql.push(" WHERE true");
    if *filter == CaseFilter::default() {
        // True of all cases. This index has the cases in the order of the table, which makes the count
        // several times faster than with the smallest index.
        sql.push(" AND c.created_at > '-infinity'");
    }
    push_gathered(&mut sql, filter);
    sql
}

/// Adds the tables of the criteria: `c` with the cases, unless a search is the only criterion, and `s`
/// with the search words if there is a search.
pub(super) fn push_sources<T>(sql: &mut Sql<T>, filter: &CaseFilter) {
    let Some(search) = &filter.search else {
        sql.push("cases c");
        return;
    };
    if search.assigned().is_empty() {
        sql.push("case_search s");
    } else {
        push_found(sql, search);
        sql.push(" found JOIN case_search s USING (case_id)");
    }
    if !filter.is_only_search() {
        sql.push(" JOIN cases c ON c.id = s.case_id");
    }
}

/// Adds all criteria that the tables of [`push_sources`] leave, in a form for which indexes are used.
pub(super) fn push_gathered<T>(sql: &mut Sql<T>, filter: &CaseFilter) {
    if !filter.is_only_search() {
        push_criteria(sql, CaseCriteria::indexed_classification(filter));
        push_indexed(sql, CaseCriteria::new(filter));
    }
    if filter.search.as_ref().is_some_and(|search| search.assigned().is_empty()) {
        push_search(sql, filter);
    }
}

/// Adds the criteria other than the classification, in a form for which indexes are used.
pub(super) fn push_indexed<T>(sql: &mut Sql<T>, criteria: CaseCriteria) {
    push_criteria(sql, criteria.others);
    // An array, with which PostgreSQL can use the indexes of both halves of a condition.
    push_people(sql, criteria.people, |sql, people| {
        sql.push(
            "c.id = ANY(ARRAY(SELECT case_id FROM case_participant_addresses AS person WHERE ",
        );
        push_has_address(sql, &PARTICIPANT, people);
        sql.push("))");
    });
    for tags in criteria.tags {
        match tags {
            TagCriterion::Has(ids) => {
                push_tagged_cases(sql.push(" AND c.id = ANY(ARRAY"), &ids);
                sql.push(")");
            }
            TagCriterion::HasNot(_) | TagCriterion::Untagged => push_has_tags(sql, &tags),
        }
    }
}

/// Adds all criteria to a walk through the cases in order.
pub(super) fn push_walked<T>(sql: &mut Sql<T>, filter: &CaseFilter) {
    let CaseCriteria { classification, others, people, tags } = CaseCriteria::new(filter);
    push_criteria(sql, classification);
    push_criteria(sql, others);
    // `OFFSET 0` keeps the server from starting with the participants.
    push_people(sql, people, |sql, people| {
        sql.push("EXISTS (SELECT FROM case_participant_addresses AS person");
        sql.push(" WHERE person.case_id = c.id AND (");
        push_has_address(sql, &PARTICIPANT, people);
        sql.push(") OFFSET 0)");
    });
    for tags in &tags {
        push_has_tags(sql, tags);
    }
    push_search(sql, filter);
}

/// An address and its domain, as in their indexes.
struct AddressColumn {
    address: &'static str,
    domain: &'static str,
}

const CUSTOMER: AddressColumn = AddressColumn {
    address: "lower(c.customer_email COLLATE \"C\")",
    domain: "lower(split_part(c.customer_email, '@', 2) COLLATE \"C\")",
};

const PARTICIPANT: AddressColumn =
    AddressColumn { address: "person.address", domain: "split_part(person.address, '@', 2)" };

/// Adds that the people of a case have one of some addresses, the participants by the given condition.
fn push_people<T>(
    sql: &mut Sql<T>,
    people: Vec<PeopleCriterion>,
    push_participants: impl Fn(&mut Sql<T>, PeopleCriterion),
) {
    for people in people {
        sql.push(" AND (");
        if people.includes_customer {
            push_has_address(sql, &CUSTOMER, people.clone());
            sql.push(" OR ");
        }
        push_participants(sql, people);
        sql.push(")");
    }
}

/// Adds that an address is one of these, or at one of the domains.
fn push_has_address<T>(sql: &mut Sql<T>, column: &AddressColumn, people: PeopleCriterion) {
    let PeopleCriterion { addresses, domains, excepted, .. } = people;
    sql.push(column.address).push(" = ANY(").bind(addresses).push(")");
    if !domains.is_empty() {
        sql.push(" OR ").push(column.domain).push(" = ANY(").bind(domains).push(")");
        sql.push(" AND ").push(column.address).push(" <> ALL(").bind(excepted).push(")");
    }
}

fn push_search<T>(sql: &mut Sql<T>, filter: &CaseFilter) {
    let Some(search) = &filter.search else { return };
    sql.push(" AND (");
    push_is_found(sql, search.expression());
    for assigned in search.assigned() {
        sql.push(" OR c.assigned_to = ANY(").bind(texts(&assigned.members)).push(")");
        if let Some(rest) = &assigned.rest {
            sql.push(" AND ");
            push_is_found(sql, rest);
        }
    }
    sql.push(")");
}

fn push_is_found<T>(sql: &mut Sql<T>, search: &SearchExpression) {
    let anywhere = query_text(search, SearchField::Conversation);
    sql.push("s.words @@ ").bind(anywhere).push("::tsquery");
}

/// Selects the cases that a search finds, by indexes: those that have its words, and those of the
/// members of staff whom it names.
fn push_found<T>(sql: &mut Sql<T>, search: &SearchQuery) {
    sql.push("(SELECT case_id FROM case_search s WHERE ");
    push_is_found(sql, search.expression());
    for assigned in search.assigned() {
        sql.push(" UNION SELECT c.id FROM cases c");
        if assigned.rest.is_some() {
            sql.push(" JOIN case_search s ON s.case_id = c.id");
        }
        sql.push(" WHERE c.assigned_to = ANY(").bind(texts(&assigned.members)).push(")");
        if let Some(rest) = &assigned.rest {
            sql.push(" AND ");
            push_is_found(sql, rest);
        }
    }
    sql.push(")");
}

fn texts<V: ToString>(wanted: &[V]) -> Vec<String> {
    wanted.iter().map(ToString::to_string).collect()
}
