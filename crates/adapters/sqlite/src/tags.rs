//! Tags of cases.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::TagId;
use engage_domain::tag::TagName;
use engage_repository::{FoundTag, RepositoryError, Tag, TagRepository, TagWrite};
use engage_sql::{
    DbId, FoundTagRow, TagRow, add_tag, add_tag_name, count_tagged_cases, count_tags, found_tags,
    merge_tags, rename_tag, select_found_tags, select_tag, select_tag_by_name, select_tags, tag,
};

use crate::error::WorkResult;
use crate::sql::push_criteria;
use crate::store::SqliteStore;

#[async_trait]
impl TagRepository for SqliteStore {
    async fn add_tags(&self, tags: &[Tag]) -> Result<(), RepositoryError> {
        let tags = tags.to_vec();
        let add = move |connection: &mut SqliteConnection| {
            for tag in &tags {
                if add_tag_name(tag.id, &tag.name).execute(connection)? == 1 {
                    add_tag(tag).execute(connection)?;
                }
            }
            Ok(())
        };
        self.writer().write(add).await
    }

    async fn find_tags(&self, names: &[TagName]) -> Result<Vec<FoundTag>, RepositoryError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let select = select_found_tags(names, |sql, wanted| push_criteria(sql, [wanted]));
        let rows: Vec<FoundTagRow> = self.readers().read(move |c| Ok(select.load(c)?)).await?;
        Ok(found_tags(rows)?)
    }

    async fn find_tag(&self, id: TagId) -> Result<Option<Tag>, RepositoryError> {
        let select = select_tag(id);
        let found: Option<TagRow> =
            self.readers().read(move |c| Ok(select.get_result(c).optional()?)).await?;
        Ok(found.map(tag).transpose()?)
    }

    async fn list_tags(
        &self,
        prefix: &str,
        page: NonZeroU32,
        limit: NonZeroU32,
    ) -> Result<(Vec<Tag>, u64), RepositoryError> {
        let select = select_tags(prefix, (page, limit), |sql, one| push_criteria(sql, [one]));
        let count = count_tags(prefix, |sql, one| push_criteria(sql, [one]));
        let read = move |connection: &mut SqliteConnection| {
            Ok((select.load(connection)?, count.get_result(connection)?))
        };
        let (rows, total): (Vec<TagRow>, i64) = self.at_one_moment(read).await?;
        let tags = rows.into_iter().map(tag).collect::<Result<_, _>>()?;
        Ok((tags, total.try_into().map_err(RepositoryError::internal)?))
    }

    async fn count_tagged_cases(&self) -> Result<Vec<(TagId, u64)>, RepositoryError> {
        let count = count_tagged_cases();
        let rows: Vec<(DbId<TagId>, i64)> =
            self.readers().read(move |c| Ok(count.load(c)?)).await?;
        let read = |(id, count): (DbId<TagId>, i64)| {
            Ok((id.get(), count.try_into().map_err(RepositoryError::internal)?))
        };
        rows.into_iter().map(read).collect()
    }

    async fn rename_tag(&self, id: TagId, name: &TagName) -> Result<TagWrite, RepositoryError> {
        let name = name.clone();
        let rename = move |connection: &mut SqliteConnection| renamed(connection, id, &name);
        self.act(rename, is_made).await
    }

    async fn merge_tags(&self, from: TagId, into: TagId) -> Result<TagWrite, RepositoryError> {
        let merge = move |connection: &mut SqliteConnection| merged(connection, from, into);
        self.act(merge, is_made).await
    }
}

fn is_made(write: &TagWrite) -> bool {
    *write == TagWrite::Made
}

/// Everything is checked before anything is written, because other writes share the transaction.
fn renamed(connection: &mut SqliteConnection, id: TagId, name: &TagName) -> WorkResult<TagWrite> {
    if !exists(connection, id)? {
        return Ok(TagWrite::Missing(id));
    }
    let of_name: Option<TagRow> = select_tag_by_name(name).get_result(connection).optional()?;
    if let Some(other) = of_name.filter(|(other, ..)| other.get() != id) {
        return Ok(TagWrite::NameTaken(tag(other)?));
    }
    add_tag_name(id, name).execute(connection)?;
    rename_tag(id, name).execute(connection)?;
    Ok(TagWrite::Made)
}

fn merged(connection: &mut SqliteConnection, from: TagId, into: TagId) -> WorkResult<TagWrite> {
    for id in [from, into] {
        if !exists(connection, id)? {
            return Ok(TagWrite::Missing(id));
        }
    }
    for statement in merge_tags(from, into) {
        statement.execute(connection)?;
    }
    Ok(TagWrite::Made)
}

fn exists(connection: &mut SqliteConnection, id: TagId) -> QueryResult<bool> {
    let found: Option<TagRow> = select_tag(id).get_result(connection).optional()?;
    Ok(found.is_some())
}
