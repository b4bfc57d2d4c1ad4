//! The tables whose rows are copied.

use std::collections::HashMap;

use engage_repository::BackupError;
use tokio_postgres::Client;

use super::session::failed;

/// Tables whose rows are copied, each after those that it refers to. Other programs may have tables in
/// the same schema, so the catalog alone would not tell.
const COPIED: [&str; 38] = [
    "staff",
    "staff_tokens",
    "removed_tokens",
    "cases",
    "case_number_blocks",
    "events",
    "unplaced_events",
    "event_places",
    "updates",
    "attachments",
    "uploads",
    "escalations",
    "case_search",
    "case_participant_addresses",
    "case_former_addresses",
    "tags",
    "tag_names",
    "case_tags",
    "access_codes",
    "participant_codes",
    "idempotency_keys",
    "webhook_endpoints",
    "organizations",
    "organization_domains",
    "contacts",
    "contact_emails",
    "person_erasures",
    "notifications",
    "delivery_attempts",
    "refusals",
    "channels",
    "suppressed_addresses",
    "erased_suppressions",
    "budget_uses",
    "directory",
    "audit_base",
    "audit_entries",
    "audit_values",
];

/// Columns that are stored, in order, and the place of each in the primary key. Generated columns are
/// left out, because the database fills them.
const COLUMNS: &str = "
    SELECT class.relname::text, attribute.attname::text,
        array_position(key.indkey::smallint[], attribute.attnum)
    FROM pg_class AS class
    JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid
    LEFT JOIN pg_index AS key ON key.indrelid = class.oid AND key.indisprimary
    WHERE class.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('cases'))
        AND class.relname = ANY ($1) AND class.relkind = 'r'
        AND attribute.attnum > 0 AND NOT attribute.attisdropped AND attribute.attgenerated = ''
    ORDER BY class.relname, attribute.attnum";

/// A table of the database.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) name: String,
    /// Columns that are copied, in their order.
    pub(super) columns: Vec<String>,
    /// Place in the primary key and name of its columns.
    key: Vec<(i32, String)>,
}

impl Table {
    /// Returns a statement that writes the rows in the order of their key.
    pub(super) fn copy_out(&self) -> String {
        let mut key = self.key.clone();
        key.sort();
        let key: Vec<String> = key.into_iter().map(|(_, column)| column).collect();
        let order =
            if key.is_empty() { String::new() } else { format!(" ORDER BY {}", list(&key)) };
        let (columns, name) = (list(&self.columns), quoted(&self.name));
        format!("COPY (SELECT {columns} FROM {name}{order}) TO STDOUT")
    }

    /// Returns a statement that reads rows with their columns in this order.
    pub(super) fn copy_in(&self, columns: &[String]) -> String {
        format!("COPY {} ({}) FROM STDIN", quoted(&self.name), list(columns))
    }
}

/// Returns the copied tables that the database has, in the order in which they can be filled.
pub(super) async fn of(client: &Client) -> Result<Vec<Table>, BackupError> {
    let rows = client.query(COLUMNS, &[&COPIED.as_slice()]).await.map_err(failed)?;
    let mut tables: HashMap<String, Table> = HashMap::new();
    for row in rows {
        let name: String = row.try_get(0).map_err(failed)?;
        let column: String = row.try_get(1).map_err(failed)?;
        let place: Option<i32> = row.try_get(2).map_err(failed)?;
        let table = tables.entry(name.clone()).or_default();
        table.name = name;
        table.key.extend(place.map(|place| (place, column.clone())));
        table.columns.push(column);
    }
    Ok(COPIED.iter().filter_map(|name| tables.remove(*name)).collect())
}

/// Returns the names as a list in SQL.
pub(super) fn list(names: &[String]) -> String {
    names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests;
