//! Statements about tags, to which each store adds criteria as its database compares, and conditions on
//! the tags of cases.

use std::num::NonZeroU32;

use engage_domain::TagId;
use engage_domain::tag::TagName;
use engage_repository::Tag;

use crate::case_criteria::TagCriterion;
use crate::column::limit_and_offset;
use crate::criterion::Criterion;
use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::sql_types::{BigInt, SqlId, SqlTimestamp, Text};
use crate::statement::Statement;

/// SQL types of the columns of a [`TagRow`](crate::TagRow).
pub type TagColumnTypes = (SqlId, Text, SqlTimestamp);

/// SQL types of the columns of a [`FoundTagRow`](crate::FoundTagRow).
pub type FoundTagColumnTypes = (Text, SqlId, Text, SqlTimestamp, SqlId);

const FIND: &str = "
    SELECT tag_names.folded, tags.id, tags.name, tags.created_at, of_case.id
    FROM tag_names
    JOIN tags ON tags.id = tag_names.tag_id
    JOIN tags AS of_case ON of_case.id = tags.id OR of_case.merged_into = tags.id
    WHERE true";

const ROOTS: &str = "FROM tags WHERE merged_into IS NULL";

/// Selects the tags that have or had some names. `push` adds the criterion of the names.
pub fn select_found_tags(
    names: &[TagName],
    push: impl FnOnce(&mut Statement<FoundTagColumnTypes>, Criterion),
) -> Statement<FoundTagColumnTypes> {
    let mut select = Statement::new(FIND);
    let wanted = names.iter().map(TagName::folded).collect();
    push(&mut select, Criterion::Texts { column: "tag_names.folded", wanted });
    select.push(" ORDER BY tag_names.folded");
    select
}

/// Selects a tag that was not merged into another.
pub fn select_tag(id: TagId) -> Statement<TagColumnTypes> {
    let text = format!("SELECT id, name, created_at {ROOTS} AND id = ?");
    Statement::prepared(&text, [DbId::from(id).into()])
}

/// Selects the tag that has or had a name.
pub fn select_tag_by_name(name: &TagName) -> Statement<TagColumnTypes> {
    let text = "SELECT tags.id, tags.name, tags.created_at FROM tag_names
        JOIN tags ON tags.id = tag_names.tag_id WHERE tag_names.folded = ?";
    Statement::prepared(text, [name.folded().into()])
}

/// Selects a page of the tags whose folded names start with a text. `push` adds the criterion.
pub fn select_tags(
    prefix: &str,
    (page, limit): (NonZeroU32, NonZeroU32),
    push: impl FnOnce(&mut Statement<TagColumnTypes>, Criterion),
) -> Statement<TagColumnTypes> {
    let (limit, offset) = limit_and_offset(page, limit);
    let mut select = Statement::new(&format!("SELECT id, name, created_at {ROOTS}"));
    push(&mut select, starts_with(prefix));
    select.push(" ORDER BY folded LIMIT ").bind(limit).push(" OFFSET ").bind(offset);
    select
}

/// Counts the tags whose folded names start with a text. `push` adds the criterion.
pub fn count_tags(
    prefix: &str,
    push: impl FnOnce(&mut Statement<BigInt>, Criterion),
) -> Statement<BigInt> {
    let mut count = Statement::new(&format!("SELECT count(*) {ROOTS}"));
    push(&mut count, starts_with(prefix));
    count
}

fn starts_with(prefix: &str) -> Criterion {
    Criterion::StartsWith { column: "folded", prefix: prefix.to_owned() }
}

/// Counts the active cases of each tag.
pub fn count_tagged_cases() -> Statement<(SqlId, BigInt)> {
    Statement::prepared(
        "SELECT coalesce(tags.merged_into, tags.id), count(DISTINCT case_tags.case_id)
        FROM cases JOIN case_tags ON case_tags.case_id = cases.id
        JOIN tags ON tags.id = case_tags.tag_id
        WHERE cases.status_rank < 4
        GROUP BY coalesce(tags.merged_into, tags.id)",
        [],
    )
}

/// Adds a name of a tag, unless a tag has or had it.
pub fn add_tag_name(id: TagId, name: &TagName) -> Statement<()> {
    let text = "INSERT INTO tag_names (folded, tag_id) VALUES (?, ?) ON CONFLICT DO NOTHING";
    Statement::prepared(text, [name.folded().into(), DbId::from(id).into()])
}

/// Adds a tag, whose name has been added if no tag has or had it.
pub fn add_tag(tag: &Tag) -> Statement<()> {
    let (id, at) = (DbId::from(tag.id), DbTimestamp(tag.created_at));
    let text = "INSERT INTO tags (id, name, folded, created_at) VALUES (?, ?, ?, ?)";
    let (name, folded) = (tag.name.as_str().into(), tag.name.folded().into());
    Statement::prepared(text, [id.into(), name, folded, at.into()])
}

/// Changes the name of a tag.
pub fn rename_tag(id: TagId, name: &TagName) -> Statement<()> {
    let text = "UPDATE tags SET name = ?, folded = ? WHERE id = ?";
    let (shown, folded) = (name.as_str().into(), name.folded().into());
    Statement::prepared(text, [shown, folded, DbId::from(id).into()])
}

/// Gives the names and the merged tags of a tag, and itself, to another one.
pub fn merge_tags(from: TagId, into: TagId) -> [Statement<()>; 2] {
    let [from, into] = [from, into].map(DbId::from);
    let names = "UPDATE tag_names SET tag_id = ? WHERE tag_id = ?";
    let tags = "UPDATE tags SET merged_into = ? WHERE id = ? OR merged_into = ?";
    [
        Statement::prepared(names, [into.into(), from.into()]),
        Statement::prepared(tags, [into.into(), from.into(), from.into()]),
    ]
}

/// Condition that the case `c` has a tag, to be completed.
const OF_CASE: &str = "EXISTS (SELECT 1 FROM case_tags AS tagged WHERE tagged.case_id = c.id";

/// Adds a condition on the tags of a case that is checked for each case by itself.
pub fn push_has_tags<T>(sql: &mut Statement<T>, tags: &TagCriterion) {
    sql.push(" AND ");
    match tags {
        TagCriterion::Has(ids) => push_one_of(sql.push(OF_CASE), ids),
        TagCriterion::HasNot(ids) => push_one_of(sql.push("NOT ").push(OF_CASE), ids),
        TagCriterion::Untagged => {
            sql.push("NOT ").push(OF_CASE).push(")");
        }
    }
}

fn push_one_of<T>(sql: &mut Statement<T>, ids: &[DbId<TagId>]) {
    if ids.is_empty() {
        sql.push(" AND false)");
        return;
    }
    sql.push(" AND tagged.tag_id IN ").push_list(ids.iter().copied()).push(")");
}

/// Adds the selection of the cases that have one of these tags, in parentheses.
pub fn push_tagged_cases<T>(sql: &mut Statement<T>, ids: &[DbId<TagId>]) {
    if ids.is_empty() {
        sql.push("(SELECT case_id FROM case_tags WHERE false)");
        return;
    }
    sql.push("(SELECT case_id FROM case_tags WHERE tag_id IN ").push_list(ids.iter().copied());
    sql.push(")");
}
