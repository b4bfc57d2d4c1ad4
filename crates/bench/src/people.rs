//! Measures lists of the cases of one contact, and of the people of one organization, over HTTP. Each has a
//! tenth of all cases.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use serde_json::{Value, json};
use tokio_postgres::NoTls;

use crate::client::{Connection, Request};
use crate::load::send_all;
use crate::server::Server;

/// Number of cases.
const CASES: usize = 100_000;

/// Number of the customers who are not the contact, of their companies, and of connections that open
/// cases.
const CUSTOMERS: usize = 20_000;
const COMPANIES: usize = 2_000;
const CONNECTIONS: usize = 64;

/// Number of times each list is requested.
const TIMES: usize = 200;

const LIST: &str = "/api/internal/support/cases";

pub(crate) async fn run() -> anyhow::Result<()> {
    let server = Server::start(&["--no-dispatch"]).await?;
    let started = Instant::now();
    let numbers = open_cases(&server).await?;
    change_cases(&server, &numbers).await?;
    println!("{CASES} cases, opened in {:.0} s", started.elapsed().as_secs_f64());
    gather_statistics().await?;

    let mut client = Connection::open(server.address()).await?;
    let [contact, organization] = add_people(&server, &mut client).await?;
    println!("\n{:50} {:>7} {:>8} {:>8}", "list: ms, 20 cases", "total", "p50", "p95");
    let (contact, organization) =
        (format!("contactId={contact}"), format!("organizationId={organization}"));
    for (name, query) in [
        ("contact, newest first", contact.clone()),
        ("contact, by priority", format!("{contact}&sortBy=priorityScore")),
        ("contact, open", format!("{contact}&status=OPEN")),
        ("contact, last page", format!("{contact}&page=500")),
        ("organization, newest first", organization.clone()),
        ("organization, by priority", format!("{organization}&sortBy=priorityScore")),
        ("organization, open", format!("{organization}&status=OPEN")),
        ("participant", "participantEmail=a.lee@home.example".to_owned()),
    ] {
        measure(&server, &mut client, name, &query).await?;
    }
    let page = server.get(&format!("{LIST}?{contact}"));
    let page: Value = serde_json::from_slice(client.send(&page).await?)?;
    let cursor = page["pagination"]["nextCursor"].as_str().context("no cursor")?;
    let query = format!("{contact}&cursor={cursor}");
    measure(&server, &mut client, "contact, by cursor", &query).await
}

/// Returns the customer's address in one of the cases: in a tenth of them one of three of the contact's.
fn customer(case: usize) -> String {
    match case % 100 {
        0..=3 => "ann@acme.example".to_owned(),
        4..=6 => "Ann.Lee@Acme.example".to_owned(),
        7..=8 => "ann@home.example".to_owned(),
        9..=11 => format!("colleague{}@acme.example", case % 700),
        _ => format!("customer{}@company{}.example", case % CUSTOMERS, case % COMPANIES),
    }
}

/// Opens the cases, and returns their numbers.
async fn open_cases(server: &Server) -> anyhow::Result<Vec<String>> {
    let request = |case: usize| {
        let urgency = ["LOW", "MEDIUM", "MEDIUM", "MEDIUM", "HIGH", "CRITICAL"][case / 7 % 6];
        let customer_type = ["FREE", "FREE", "BUSINESS", "ENTERPRISE"][case / 11 % 4];
        let body = json!({
            "name": "Ann Lee", "email": customer(case), "organization": "A company",
            "customerType": customer_type, "issueType": "TECHNICAL", "urgency": urgency,
            "subject": format!("Unable to access dashboard {case}"),
            "message": "Since this morning the dashboard answers 403 to everybody. ".repeat(7),
        });
        Request::post("/api/support/case", &body.to_string())
    };
    let requests: Arc<[Request]> = (0..CASES).map(request).collect();
    let bodies = send_all(server.address(), CONNECTIONS, requests).await?;
    let number = |body: &Vec<u8>| {
        let body: Value = serde_json::from_slice(body)?;
        Ok(body["caseNumber"].as_str().context("no number")?.to_owned())
    };
    bodies.iter().map(number).collect()
}

/// Takes most cases on, and adds the contact as a participant of a hundredth of them.
async fn change_cases(server: &Server, numbers: &[String]) -> anyhow::Result<()> {
    let taken_on = numbers.chunks(100).filter(|chunk| !chunk[0].ends_with(['0', '1', '2']));
    let bulk = taken_on.map(|chunk| {
        let body = json!({"action": "assign", "caseNumbers": chunk, "staffId": "bench"});
        server.post_json("/api/internal/support/cases/bulk", &body)
    });
    // A request changes a hundred cases, all of which have to end within its time limit.
    send_all(server.address(), 1, bulk.collect()).await?;
    let join = numbers.iter().skip(50).step_by(100).map(|number| {
        let path = format!("/api/internal/support/case/{number}/participants");
        server.post_json(&path, &json!({"email": "a.lee@home.example"}))
    });
    send_all(server.address(), 8, join.collect()).await?;
    Ok(())
}

/// Has PostgreSQL gather the statistics that it gathers by itself in a database that grows slowly.
async fn gather_statistics() -> anyhow::Result<()> {
    let url = std::env::var("ENGAGE_DATABASE__URL").unwrap_or_default();
    if url.starts_with("postgres") {
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
        tokio::spawn(connection);
        client.batch_execute("VACUUM ANALYZE").await?;
    }
    Ok(())
}

/// Adds the contact and the organization, and returns their ids.
async fn add_people(server: &Server, client: &mut Connection) -> anyhow::Result<[String; 2]> {
    let contact = json!({
        "name": "Ann Lee",
        "emails":
            ["ann@acme.example", "ann.lee@acme.example", "ann@home.example", "a.lee@home.example"],
    });
    let organization =
        json!({"name": "Acme", "customerType": "BUSINESS", "domains": ["acme.example"]});
    let mut ids = Vec::new();
    for (kind, body) in [("contact", contact), ("organization", organization)] {
        let request = server.post_json(&format!("/api/internal/{kind}s"), &body);
        let added: Value = serde_json::from_slice(client.send(&request).await?)?;
        ids.push(added[kind]["id"].as_str().context("no id")?.to_owned());
    }
    ids.try_into().map_err(|_| anyhow::anyhow!("two were added"))
}

async fn measure(
    server: &Server,
    client: &mut Connection,
    name: &str,
    query: &str,
) -> anyhow::Result<()> {
    let request = server.get(&format!("{LIST}?{query}"));
    let page: Value = serde_json::from_slice(client.send(&request).await?)?;
    let total = &page["pagination"]["total"];
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let started = Instant::now();
        client.send(&request).await?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let (median, percentile_95) = (times[TIMES / 2], times[TIMES * 95 / 100]);
    println!("{name:50} {total:>7} {median:>8.1} {percentile_95:>8.1}");
    Ok(())
}
