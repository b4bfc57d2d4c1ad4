//! Long lists and searches, through the API.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Response, Server, Store, a_case, on_both_stores};

on_both_stores! {
    a_list_is_paged_to_its_end_while_cases_change
    lists_by_creation_and_number_neither_skip_nor_repeat_cases
    a_cursor_is_only_valid_for_the_order_of_its_list
    a_search_returns_the_best_first_and_is_paged_by_cursor
}

const LIST: &str = "/api/internal/support/cases";

async fn list(server: &Server, query: &str) -> Value {
    server.staff_get(&format!("{LIST}?{query}")).await.ok()
}

fn numbers(response: &Value) -> Vec<String> {
    let cases = response["cases"].as_array().unwrap().iter();
    cases.map(|case| case["caseNumber"].as_str().unwrap().to_owned()).collect()
}

async fn open_cases(server: &Server, subjects: &[&str]) -> Vec<String> {
    let mut numbers = Vec::new();
    for subject in subjects {
        let mut case = a_case();
        case["subject"] = json!(subject);
        numbers.push(server.open(&case).await);
    }
    numbers
}

async fn a_list_is_paged_to_its_end_while_cases_change(store: Store) {
    let server = Server::with_staff(store).await;
    let mut expected = open_cases(&server, &["One"; 7]).await;
    expected.reverse();
    let first = list(&server, "limit=3&status=OPEN").await;
    let mut found = numbers(&first);
    let mut pagination = first["pagination"].clone();
    assert_eq!(pagination["total"], 7);
    // A newer case is added at the top, and the case of the cursor leaves the list.
    open_cases(&server, &["Newer"]).await;
    let cancel = json!({"caseNumber": found[2], "reason": "No longer needed"});
    server.post("/api/support/case/cancel", &cancel).await.ok();
    while let Some(cursor) = pagination["nextCursor"].as_str() {
        let next = list(&server, &format!("limit=3&status=OPEN&cursor={cursor}")).await;
        found.extend(numbers(&next));
        pagination = next["pagination"].clone();
        assert_eq!(
            [&pagination["page"], &pagination["total"], &pagination["pages"]],
            [&Value::Null; 3]
        );
        assert_eq!(pagination["limit"], 3);
    }
    assert_eq!(found, expected);
}

async fn lists_by_creation_and_number_neither_skip_nor_repeat_cases(store: Store) {
    let server = Server::with_staff(store).await;
    let opened = open_cases(&server, &["One"; 6]).await;
    for (sort, order) in
        [("createdAt", "asc"), ("createdAt", "desc"), ("caseNumber", "asc"), ("caseNumber", "desc")]
    {
        let query = format!("sortBy={sort}&sortOrder={order}&limit=2");
        let mut response = list(&server, &query).await;
        let mut found = numbers(&response);
        while let Some(cursor) = response["pagination"]["nextCursor"].as_str() {
            // Cases on earlier and later pages change in every property that other orders sort by.
            for number in [&opened[0], &opened[5], found.last().unwrap()] {
                server
                    .update(number, &json!({"message": "Still here.", "isInternal": true}))
                    .await
                    .ok();
            }
            for urgency in ["CRITICAL", "LOW"] {
                let path = format!("/api/internal/support/case/{}", opened[3]);
                let request = server.staff_request(Method::PATCH, &path);
                Response::to(request.json(&json!({"urgency": urgency}))).await.ok();
            }
            response = list(&server, &format!("{query}&cursor={cursor}")).await;
            found.extend(numbers(&response));
        }
        let mut expected = opened.clone();
        if order == "desc" {
            expected.reverse();
        }
        assert_eq!(found, expected, "{query}");
    }
}

async fn a_cursor_is_only_valid_for_the_order_of_its_list(store: Store) {
    let server = Server::with_staff(store).await;
    let expected = open_cases(&server, &["One"; 4]).await;
    let first = list(&server, "limit=2&sortBy=caseNumber&sortOrder=asc").await;
    let cursor = first["pagination"]["nextCursor"].as_str().unwrap();
    for agreeing in ["", "&sortBy=caseNumber", "&sortOrder=ASC"] {
        let rest = list(&server, &format!("cursor={cursor}{agreeing}")).await;
        assert_eq!(numbers(&rest), expected[2..], "{agreeing}");
    }
    for (other, field) in [
        ("sortBy=status", "sortBy"),
        ("sortOrder=desc", "sortOrder"),
        ("page=2", "page"),
        ("sortBy=nonsense", "sortBy"),
    ] {
        let refused = server.staff_get(&format!("{LIST}?cursor={cursor}&{other}")).await;
        assert_eq!(refused.status, 400, "{refused:?}");
        assert_eq!(refused.invalid_fields(), [field]);
    }
}

async fn a_search_returns_the_best_first_and_is_paged_by_cursor(store: Store) {
    let server = Server::with_staff(store).await;
    let opened = open_cases(&server, &["Login fails", "Printer", "Login again", "Scanner"]).await;
    let update = json!({"message": "The login page of the printer.", "isInternal": true});
    server
        .staff_post(&format!("/api/internal/support/case/{}/update", opened[1]), &update)
        .await
        .ok();
    let best_first = [&opened[2], &opened[0], &opened[1]];

    let found = list(&server, "q=login").await;
    assert_eq!(numbers(&found).iter().collect::<Vec<_>>(), best_first);
    assert_eq!(found["pagination"]["total"], 3);
    let first = list(&server, "q=LOG%C3%8Fn&limit=1").await;
    let cursor = first["pagination"]["nextCursor"].as_str().unwrap();
    let rest = list(&server, &format!("q=login&cursor={cursor}")).await;
    assert_eq!([numbers(&first), numbers(&rest)].concat().iter().collect::<Vec<_>>(), best_first);
    let refused = server.staff_get(&format!("{LIST}?cursor={cursor}")).await;
    assert_eq!((refused.status, refused.invalid_fields()), (400, vec!["q".to_owned()]));

    let by_age = list(&server, "q=login&sortBy=createdAt&sortOrder=asc").await;
    assert_eq!(numbers(&by_age), [&opened[0][..], &opened[1], &opened[2]]);
    let filtered = list(&server, "q=login+printer&status=OPEN,IN_PROGRESS").await;
    assert_eq!(numbers(&filtered), [&opened[1][..]]);
    let by_number = list(&server, &format!("q={}", opened[3])).await;
    assert_eq!(numbers(&by_number)[0], opened[3]);
}
