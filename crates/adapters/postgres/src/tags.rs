//! Tags of cases.

use std::num::NonZeroU32;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use engage_domain::TagId;
use engage_domain::tag::TagName;
use engage_repository::{FoundTag, RepositoryError, Tag, TagRepository, TagWrite};
use engage_sql::{
    DbId, FoundTagRow, SqlId, TagRow, add_tag, add_tag_name, count_tagged_cases, count_tags,
    found_tags, merge_tags, missing_tag, rename_tag, select_found_tags, select_tag,
    select_tag_by_name, select_tags, tag,
};

use crate::sql::{Sql, push_criteria};
use crate::store::PostgresStore;

/// Locks tags that were not merged into others, in one order.
const LOCK: &str =
    "SELECT id FROM tags WHERE id IN (?, ?) AND merged_into IS NULL ORDER BY id FOR UPDATE";

#[async_trait]
impl TagRepository for PostgresStore {
    async fn add_tags(&self, tags: &[Tag]) -> Result<(), RepositoryError> {
        let add = async |connection: &mut AsyncPgConnection| {
            for tag in tags {
                if add_tag_name(tag.id, &tag.name).execute(connection).await? == 1 {
                    add_tag(tag).execute(connection).await?;
                }
            }
            Ok(())
        };
        let added = async |c: &mut AsyncPgConnection| c.transaction(async |c| add(c).await).await;
        self.connections().run(added).await
    }

    async fn find_tags(&self, names: &[TagName]) -> Result<Vec<FoundTag>, RepositoryError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let select = select_found_tags(names, |sql, wanted| push_criteria(sql, [wanted]));
        let rows: Vec<FoundTagRow> = self.connections().run(async |c| select.load(c).await).await?;
        Ok(found_tags(rows)?)
    }

    async fn find_tag(&self, id: TagId) -> Result<Option<Tag>, RepositoryError> {
        let select = select_tag(id);
        let found = async |c: &mut _| select.get_result(c).await.optional();
        let found: Option<TagRow> = self.connections().run(found).await?;
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
        let rows: Vec<TagRow> = self.connections().run(async |c| select.load(c).await).await?;
        let total: i64 = self.connections().run(async |c| count.get_result(c).await).await?;
        let tags = rows.into_iter().map(tag).collect::<Result<_, _>>()?;
        Ok((tags, total.try_into().map_err(RepositoryError::internal)?))
    }

    async fn count_tagged_cases(&self) -> Result<Vec<(TagId, u64)>, RepositoryError> {
        let count = count_tagged_cases();
        let rows: Vec<(DbId<TagId>, i64)> =
            self.connections().run(async |c| count.load(c).await).await?;
        let read = |(id, count): (DbId<TagId>, i64)| {
            Ok((id.get(), count.try_into().map_err(RepositoryError::internal)?))
        };
        rows.into_iter().map(read).collect()
    }

    async fn rename_tag(&self, id: TagId, name: &TagName) -> Result<TagWrite, RepositoryError> {
        let rename = async |c: &mut AsyncPgConnection| {
            c.transaction(async |c| renamed(c, id, name).await).await
        };
        self.act(rename, is_made).await?
    }

    async fn merge_tags(&self, from: TagId, into: TagId) -> Result<TagWrite, RepositoryError> {
        let merge = async |c: &mut AsyncPgConnection| {
            c.transaction(async |c| merged(c, from, into).await).await
        };
        self.act(merge, is_made).await?
    }
}

/// The result of a write. An error of the outer kind rolls the transaction back.
type Written = QueryResult<Result<TagWrite, RepositoryError>>;

fn is_made(write: &Result<TagWrite, RepositoryError>) -> bool {
    matches!(write, Ok(TagWrite::Made))
}

async fn lock(
    connection: &mut AsyncPgConnection,
    ids: [TagId; 2],
) -> QueryResult<Option<TagWrite>> {
    let select: Sql<SqlId> = Sql::prepared(LOCK, ids.map(|id| DbId::from(id).into()));
    let found: Vec<DbId<TagId>> = select.load(connection).await?;
    Ok(missing_tag(&found, ids))
}

async fn renamed(connection: &mut AsyncPgConnection, id: TagId, name: &TagName) -> Written {
    if let Some(missing) = lock(connection, [id, id]).await? {
        return Ok(Ok(missing));
    }
    // Waits for whoever adds the same name at the same time.
    add_tag_name(id, name).execute(connection).await?;
    let of_name: TagRow = select_tag_by_name(name).get_result(connection).await?;
    if of_name.0.get() != id {
        return Ok(tag(of_name).map(TagWrite::NameTaken).map_err(RepositoryError::from));
    }
    rename_tag(id, name).execute(connection).await?;
    Ok(Ok(TagWrite::Made))
}

async fn merged(connection: &mut AsyncPgConnection, from: TagId, into: TagId) -> Written {
    if let Some(missing) = lock(connection, [from, into]).await? {
        return Ok(Ok(missing));
    }
    for statement in merge_tags(from, into) {
        statement.execute(connection).await?;
    }
    Ok(Ok(TagWrite::Made))
}
