//! Measures every filter, order, search and deep cursor of the list of cases over HTTP.

use std::time::Instant;

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use super::database::Database;
use super::plans::logged;
use crate::client::{Connection, Request};
use crate::server::Server;

const LIST: &str = "/api/internal/support/cases";

/// Number of times each list is requested.
const TIMES: usize = 15;

/// Number of pages of 100 cases before the measured deep pages.
const DEEP: usize = 200;

const FILTERS: [&str; 22] = [
    "",
    "status=OPEN",
    "status=OPEN,IN_PROGRESS,WAITING_ON_CUSTOMER",
    "status=CLOSED",
    "status=CANCELLED",
    "urgency=CRITICAL",
    "urgency=LOW,MEDIUM",
    "customerType=ENTERPRISE",
    "customerType=FREE",
    "issueType=BILLING",
    "assignedTo=agent-1",
    "assignedTo=agent-199",
    "assignedTo=unassigned",
    "department=Archive",
    "department=Billing,Legal",
    "createdFrom={lately}",
    "createdFrom={then}&createdTo={later}",
    "status=OPEN&urgency=CRITICAL",
    "status=OPEN&assignedTo=unassigned",
    "status=OPEN,IN_PROGRESS&assignedTo=agent-1",
    "status=CANCELLED&createdFrom={then}&createdTo={later}",
    "department=Archive&urgency=CRITICAL&customerType=ENTERPRISE",
];

const SEARCHES: [&str; 8] = [
    "q=customer12345",
    "q=company7",
    "q=cw-{year}-12",
    "q=customer123+company7",
    "q={common}",
    "q={usual}",
    "q={rare}",
    "q={rare}&status=CLOSED",
];

const SORTS: [&str; 7] = [
    "createdAt",
    "lastActivity",
    "urgency",
    "priorityScore",
    "estimatedResolution",
    "caseNumber",
    "status",
];

/// Measures each list in every order, and prints the slowest order of each criterion.
pub(super) async fn measure(database: &Database, server: &Server) -> anyhow::Result<()> {
    let words = words(database).await?;
    let mut client = Connection::open(server.address()).await?;
    println!("lists: ms at the median, first page of 20   cases  all orders  slowest order");
    let mut slowest = 0.0_f64;
    for criteria in FILTERS.iter().chain(&SEARCHES) {
        let criteria = words
            .iter()
            .fold((*criteria).to_owned(), |text, (name, word)| text.replace(name, word));
        let mut rows = Vec::new();
        let mut total = 0;
        for sort in SORTS {
            for order in ["asc", "desc"] {
                let query = format!("{criteria}&sortBy={sort}&sortOrder={order}");
                let (millis, answer) = ask(&mut client, server, &query).await?;
                total = answer["pagination"]["total"].as_u64().context("no total")?;
                rows.push((millis, sort, order));
            }
        }
        if criteria.starts_with("q=") {
            rows.push((ask(&mut client, server, &criteria).await?.0, "relevance", ""));
        }
        rows.sort_by(|one, other| one.0.total_cmp(&other.0));
        let median = rows[rows.len() / 2].0;
        let (worst, sort, order) = rows[rows.len() - 1];
        slowest = slowest.max(worst);
        let name = if criteria.is_empty() { "all" } else { &criteria };
        println!("{name:40} {total:>9} {median:>11.1} {worst:>7.1} {sort} {order}");
        let query = match order {
            "" => criteria.clone(),
            _ => format!("{criteria}&sortBy={sort}&sortOrder={order}"),
        };
        let request = server.get(&format!("{LIST}?{query}"));
        let answered = async { client.send(&request).await.map(drop) };
        logged(database, &format!("{name} by {sort} {order}"), answered).await?;
    }
    deep(&mut client, server).await?;
    println!("the slowest of all: {slowest:.1} ms");
    bare(database, &mut client, server).await
}

/// Returns the median time of a list in milliseconds, with its response.
async fn ask(
    client: &mut Connection,
    server: &Server,
    query: &str,
) -> anyhow::Result<(f64, Value)> {
    let request = server.get(&format!("{LIST}?{query}"));
    let answer = first(client, server, &request, query).await?;
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let started = Instant::now();
        client.send(&request).await?;
        times.push(started.elapsed());
    }
    times.sort_unstable();
    Ok((times[TIMES / 2].as_secs_f64() * 1e3, answer))
}

/// Requests a list for the first time, when the server counts the total. The total is cached for a
/// while after that. With cold caches the count can exceed the time limit of a request.
async fn first(
    client: &mut Connection,
    server: &Server,
    request: &Request,
    query: &str,
) -> anyhow::Result<Value> {
    for _ in 0..TIMES {
        match client.send(request).await {
            Ok(body) => return Ok(serde_json::from_slice(body)?),
            Err(failure) => println!("{query}: asked again, since {failure:#}"),
        }
        *client = Connection::open(server.address()).await?;
    }
    bail!("{query} got no response")
}

/// Measures cursors deep inside long lists.
async fn deep(client: &mut Connection, server: &Server) -> anyhow::Result<()> {
    for query in ["sortBy=createdAt", "sortBy=priorityScore", "status=CLOSED&sortBy=lastActivity"] {
        let mut cursor = String::new();
        let mut depth = 0;
        for _ in 0..DEEP {
            let path = format!("{LIST}?{query}&limit=100{cursor}");
            let answer: Value = serde_json::from_slice(client.send(&server.get(&path)).await?)?;
            depth += 100;
            match answer["pagination"]["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let (millis, _) = ask(client, server, &format!("{query}&limit=20{cursor}")).await?;
        println!("{:40} {depth:>9} {millis:>11.1}", format!("{query}, by cursor after"));
    }
    Ok(())
}

/// Measures page 1 beside the bare SQL statement, and logs its plan.
async fn bare(database: &Database, client: &mut Connection, server: &Server) -> anyhow::Result<()> {
    let statement = "SELECT c.number_prefix, c.number_year, c.number_sequence, c.subject, \
        c.customer_name, c.customer_email, c.customer_type, c.status, c.urgency, c.issue_type, \
        c.priority_score, c.department, c.created_at, c.last_activity, c.estimated_resolution, \
        staff.id, staff.name FROM cases c LEFT JOIN staff ON staff.id = c.assigned_to \
        ORDER BY c.created_at DESC, c.number_year DESC, c.number_sequence DESC, \
        c.number_prefix DESC LIMIT 21";
    let session = database.connect().await?;
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let started = Instant::now();
        session.simple_query(statement).await?;
        times.push(started.elapsed());
    }
    times.sort_unstable();
    let alone = times[TIMES / 2].as_secs_f64() * 1e3;
    let (over_http, _) = ask(client, server, "").await?;
    println!("page 1: {alone:.2} ms of bare SQL, {over_http:.2} ms through HTTP");
    Ok(())
}

/// Returns words that occur in most texts, in some and in few, and times.
async fn words(database: &Database) -> anyhow::Result<Vec<(&'static str, String)>> {
    let session = database.connect().await?;
    let statistics = session
        .query(
            "SELECT unnest(most_common_elems::text::text[]) FROM pg_stats \
             WHERE tablename = 'case_search' AND attname = 'words'",
            &[],
        )
        .await?;
    let common: Vec<String> = statistics.iter().map(|row| row.get(0)).collect();
    let plain: Vec<&String> = common
        .iter()
        .filter(|word| word.len() > 4 && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        .collect();
    ensure!(plain.len() > 10, "no statistics of words");
    let times = session
        .query_one(
            "SELECT to_char(max(created_at) - interval '1 day', 'YYYY-MM-DD\"T\"HH24:MI:SSZ'), \
                 to_char(max(created_at) - interval '400 days', 'YYYY-MM-DD\"T\"HH24:MI:SSZ'), \
                 to_char(max(created_at) - interval '370 days', 'YYYY-MM-DD\"T\"HH24:MI:SSZ'), \
                 to_char(max(created_at), 'YYYY') FROM cases",
            &[],
        )
        .await?;
    Ok(vec![
        ("{lately}", times.get(0)),
        ("{then}", times.get(1)),
        ("{later}", times.get(2)),
        ("{year}", times.get(3)),
        ("{common}", plain[0].clone()),
        ("{usual}", plain[plain.len() / 2].clone()),
        ("{rare}", "corasan31".to_owned()),
    ])
}
