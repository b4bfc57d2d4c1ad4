//! Tags as rows, and the tags of cases as they are read with them.

use diesel::backend::Backend;
use diesel::expression::ValidGrouping;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use engage_domain::event::Change;
use engage_domain::tag::{TagName, Tags};
use engage_domain::{Case, CaseId, Event, TagId};
use engage_repository::{FoundTag, Tag, TagWrite};
use serde::Serialize;

use crate::column::parse;
use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::sql_types::{Nullable, Text};

const NAME: &str = "tags.name";

/// Selects the names of the tags of the case in a table, with commas between, which no name contains.
macro_rules! tag_names {
    ($table:literal) => {
        concat!(
            "(SELECT string_agg(shown.name, ',') FROM case_tags \
             JOIN tags ON tags.id = case_tags.tag_id \
             JOIN tags AS shown ON shown.id = coalesce(tags.merged_into, tags.id) \
             WHERE case_tags.case_id = ",
            $table,
            ".id)"
        )
    };
}

/// SQL of the names of the tags of the case `c`, with commas between.
pub const TAG_NAMES: &str = tag_names!("c");

/// The names of the tags of a case in the table `cases`. Unlike a literal of diesel, it leaves the
/// statement prepared.
#[derive(Debug, Clone, Copy, QueryId, ValidGrouping)]
pub struct TagNames;

impl Expression for TagNames {
    type SqlType = Nullable<Text>;
}

impl<Tables> AppearsOnTable<Tables> for TagNames {}

impl<Tables> SelectableExpression<Tables> for TagNames {}

impl<DB: Backend> QueryFragment<DB> for TagNames {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(tag_names!("cases"));
        Ok(())
    }
}

/// The tags of a case.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = crate::schema::cases)]
pub struct TagsRow {
    #[diesel(select_expression = TagNames, select_expression_type = TagNames)]
    names: Option<String>,
}

impl TagsRow {
    /// Converts the tags.
    pub fn read(&self) -> Result<Tags, InvalidColumn> {
        tags(self.names.as_deref())
    }
}

/// Reads names of tags with commas between.
pub(crate) fn tags(names: Option<&str>) -> Result<Tags, InvalidColumn> {
    let names = names.unwrap_or_default().split(',').filter(|name| !name.is_empty());
    let read = names.map(|name| parse(name, NAME)).collect::<Result<Vec<TagName>, _>>()?;
    Ok(Tags::from_stored(read))
}

/// Tags of a case after a change of them.
#[derive(Debug, Clone, Serialize)]
pub struct CaseTags {
    /// Id of the case.
    pub case_id: DbId<CaseId>,
    /// Folded names of all its tags.
    pub names: Vec<String>,
}

impl CaseTags {
    /// Returns the tags, or `None` if the event left them as they were.
    pub fn of(case: &Case, event: &Event) -> Option<Self> {
        let is_of_tags = |change: &Change| matches!(change, Change::Tags { .. });
        if !event.changes.iter().any(is_of_tags) {
            return None;
        }
        let names = case.facts().tags.iter().map(TagName::folded).collect();
        Some(Self { case_id: event.case_id.into(), names })
    }
}

/// A tag: id, name and time.
pub type TagRow = (DbId<TagId>, String, DbTimestamp);

/// Converts a tag.
pub fn tag((id, name, created_at): TagRow) -> Result<Tag, InvalidColumn> {
    Ok(Tag { id: id.get(), name: parse(&name, NAME)?, created_at: created_at.0 })
}

/// A tag that has a name, with an id by which cases have it.
pub type FoundTagRow = (String, DbId<TagId>, String, DbTimestamp, DbId<TagId>);

/// Converts the rows of found tags, those of a name one after the other.
pub fn found_tags(rows: Vec<FoundTagRow>) -> Result<Vec<FoundTag>, InvalidColumn> {
    let mut found: Vec<FoundTag> = Vec::new();
    for (asked, id, name, created_at, of_cases) in rows {
        match found.last_mut().filter(|last| last.asked == asked) {
            Some(last) => last.ids.push(of_cases.get()),
            None => {
                let tag = tag((id, name, created_at))?;
                found.push(FoundTag { asked, tag, ids: vec![of_cases.get()] });
            }
        }
    }
    Ok(found)
}

/// Tells whether both tags of a merge exist, of which these were found.
pub fn missing_tag(found: &[DbId<TagId>], wanted: [TagId; 2]) -> Option<TagWrite> {
    let is_missing = |id: &TagId| !found.iter().any(|one| one.get() == *id);
    wanted.into_iter().find(is_missing).map(TagWrite::Missing)
}
