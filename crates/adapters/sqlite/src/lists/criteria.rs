//! Conditions on the cases of a list.

use diesel::sql_types::BigInt;
use engage_repository::{CaseFilter, SearchField};
use engage_sql::{CaseCriteria, PeopleCriterion, TagCriterion, push_has_tags, push_tagged_cases};

use crate::search::query_text;
use crate::sql::{Sql, push_criteria, push_unindexed_criteria};

/// Counts the cases that match a filter.
pub(super) fn count(filter: &CaseFilter) -> Sql<BigInt> {
    let mut sql = Sql::new("SELECT count(*) FROM cases c WHERE true");
    push_gathered(&mut sql, filter);
    sql
}

/// Adds all criteria, in a form for which indexes are used.
pub(super) fn push_gathered<T>(sql: &mut Sql<T>, filter: &CaseFilter) {
    push_indexed(sql, filter);
    push_search(sql, filter);
}

/// Adds all criteria except for the search, in a form for which indexes are used.
pub(super) fn push_indexed<T>(sql: &mut Sql<T>, filter: &CaseFilter) {
    let CaseCriteria { classification, others, people, tags } = CaseCriteria::new(filter);
    if filter.is_of_a_customer() {
        // Without statistics SQLite would use the index of the classification, which most cases may
        // match.
        push_unindexed_criteria(sql, classification);
    } else {
        push_criteria(sql, CaseCriteria::indexed_classification(filter));
    }
    push_criteria(sql, others);
    push_people(sql, people);
    for tags in tags {
        match tags {
            TagCriterion::Has(ids) => push_tagged_cases(sql.push(" AND c.id IN "), &ids),
            TagCriterion::HasNot(_) | TagCriterion::Untagged => push_has_tags(sql, &tags),
        }
    }
}

/// Adds all criteria to a walk through the cases in order.
pub(super) fn push_walked<T>(sql: &mut Sql<T>, filter: &CaseFilter) {
    let CaseCriteria { classification, others, people, tags } = CaseCriteria::new(filter);
    push_criteria(sql, classification);
    push_criteria(sql, others);
    push_people(sql, people);
    for tags in &tags {
        push_has_tags(sql, tags);
    }
    push_search(sql, filter);
}

/// Adds that the people of a case have one of some addresses. SQLite uses an index for each part of the
/// condition.
fn push_people<T>(sql: &mut Sql<T>, people: Vec<PeopleCriterion>) {
    for people in people {
        sql.push(" AND (");
        if people.includes_customer {
            push_has_address(sql, &CUSTOMER, people.clone());
            sql.push(" OR ");
        }
        sql.push("c.id IN (SELECT case_id FROM case_participant_addresses AS person WHERE ");
        push_has_address(sql, &PARTICIPANT, people);
        sql.push("))");
    }
}

/// An address and its domain, as in their indexes.
struct AddressColumn {
    address: &'static str,
    domain: &'static str,
}

const CUSTOMER: AddressColumn = AddressColumn {
    address: "lower(c.customer_email)",
    domain: "lower(substr(c.customer_email, instr(c.customer_email, '@') + 1))",
};

const PARTICIPANT: AddressColumn = AddressColumn {
    address: "person.address",
    domain: "substr(person.address, instr(person.address, '@') + 1)",
};

/// Adds that an address is one of these, or at one of the domains.
fn push_has_address<T>(sql: &mut Sql<T>, column: &AddressColumn, people: PeopleCriterion) {
    let PeopleCriterion { addresses, domains, excepted, .. } = people;
    sql.push(column.address).push(" IN (SELECT value FROM json_each(").bind(addresses).push("))");
    if !domains.is_empty() {
        sql.push(" OR ").push(column.domain);
        sql.push(" IN (SELECT value FROM json_each(").bind(domains).push("))");
        // Without the sign SQLite would use the index of all addresses.
        sql.push(" AND +").push(column.address);
        sql.push(" NOT IN (SELECT value FROM json_each(").bind(excepted).push("))");
    }
}

/// Adds that a case has the words of a search, or is assigned to a member of staff whom it names.
fn push_search<T>(sql: &mut Sql<T>, filter: &CaseFilter) {
    let Some(search) = &filter.search else { return };
    sql.push(" AND c.id IN (");
    push_found(sql, query_text(search.expression(), SearchField::Conversation));
    for assigned in search.assigned() {
        sql.push(" UNION ALL SELECT id FROM cases WHERE assigned_to IN ");
        sql.push_list(assigned.members.iter().map(ToString::to_string));
        if let Some(rest) = &assigned.rest {
            sql.push(" AND id IN (");
            push_found(sql, query_text(rest, SearchField::Conversation));
            sql.push(")");
        }
    }
    sql.push(")");
}

/// Adds that a case matches a query of FTS5.
pub(super) fn push_is_found<T>(sql: &mut Sql<T>, query: String) {
    sql.push("c.id IN (");
    push_found(sql, query);
    sql.push(")");
}

fn push_found<T>(sql: &mut Sql<T>, query: String) {
    sql.push(
        "SELECT case_id FROM case_search JOIN case_words \
         ON case_words.rowid = case_search.id WHERE case_words MATCH ",
    );
    sql.bind(query);
}
