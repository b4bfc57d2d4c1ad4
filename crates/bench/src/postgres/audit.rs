//! Measures the cost of the audit log when one change in four is recorded in it.

use std::sync::Arc;

use anyhow::ensure;

use super::database::Database;
use super::measuring::{MEASURED, ROUNDS, serve};
use crate::client::Request;
use crate::load::Load;
use crate::requests::NEW_CASE;

/// Makes the audit log discard its entries. The server does the same work as otherwise, but the
/// database writes no entries. A rule would not work, since the entries are written by a part of a
/// larger statement.
const KEEP_NOTHING: &str = "
    CREATE FUNCTION audit_keeps_nothing() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN RETURN NULL; END';
    CREATE TRIGGER audit_keeps_nothing BEFORE INSERT ON audit_entries
        FOR EACH ROW EXECUTE FUNCTION audit_keeps_nothing();
    CREATE TRIGGER audit_keeps_nothing BEFORE INSERT ON audit_values
        FOR EACH ROW EXECUTE FUNCTION audit_keeps_nothing()";

/// Prints the changes per second with and without audit entries. One change in four is made by
/// staff and recorded. Both are measured in turn and the best figure counts, since other load on
/// the machine only makes a figure worse.
pub(super) async fn measure(url: &str) -> anyhow::Result<()> {
    println!("\none audited change in 4  connections   without      with   ratio");
    let (kept, bare) = (Database::create(url).await?, Database::create(url).await?);
    let (with, without) = (serve(&kept).await?, serve(&bare).await?);
    bare.connect().await?.batch_execute(KEEP_NOTHING).await?;
    let create = Request::post("/api/support/case", NEW_CASE);
    let mut loads = Vec::new();
    for server in [&without, &with] {
        let open =
            Load { connections: 8, address: server.address(), requests: [create.clone()].into() };
        open.run(MEASURED / 5).await?;
        let numbers = server.some_case_numbers().await?;
        ensure!(!numbers.is_empty(), "no case was opened");
        let requests: Arc<[Request]> = numbers
            .iter()
            .flat_map(|number| {
                let act = format!("/api/internal/support/case/{number}/access/rotate");
                [create.clone(), create.clone(), create.clone(), server.post(&act)]
            })
            .collect();
        loads.push((server.address(), requests));
    }
    for connections in [8, 32] {
        let mut best = [0.0_f64; 2];
        for _ in 0..ROUNDS {
            for (best, (address, requests)) in best.iter_mut().zip(&loads) {
                let requests = Arc::clone(requests);
                let load = Load { connections, address: *address, requests };
                *best = best.max(load.run(MEASURED).await?.per_second);
            }
        }
        let [without, with] = best;
        let ratio = with / without;
        println!("{:24} {connections:>11} {without:>9.0} {with:>9.0} {ratio:>7.2}", "");
    }
    drop((with, without));
    kept.remove().await?;
    bare.remove().await
}
