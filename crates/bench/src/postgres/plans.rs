//! Logs the plans of the server's own statements, if PostgreSQL can be told to write them.

use std::time::Duration;

use tokio::time::sleep;

use super::database::Database;

/// Time until all PostgreSQL processes use a changed setting.
const HEARD: Duration = Duration::from_millis(100);

/// Runs a future while PostgreSQL logs the plan of every statement under a title. This needs the
/// module `auto_explain` and a superuser. Without them the future runs and nothing is logged.
pub(super) async fn logged<T>(
    database: &Database,
    title: &str,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    let session = database.connect().await?;
    let set = async |least: &str| {
        let alter = format!("ALTER SYSTEM SET auto_explain.log_min_duration = '{least}'");
        let is_set = session.batch_execute(&alter).await.is_ok();
        if is_set {
            session.batch_execute("SELECT pg_reload_conf()").await?;
            sleep(HEARD).await;
        }
        anyhow::Ok(is_set)
    };
    if !set("0").await? {
        return work.await;
    }
    session.simple_query(&format!("SELECT '=== {} ==='", title.replace('\'', ""))).await?;
    let outcome = work.await;
    set("-1").await?;
    outcome
}
