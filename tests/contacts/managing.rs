use reqwest::Method;
use serde_json::{Value, json};

use super::{CONTACTS, add, add_organization, listed, patch, path, read, remove};
use crate::support::{Response, Server, Store, keys, on_both_stores};

on_both_stores! {
    a_contact_is_added_read_changed_and_deleted
    null_sets_no_organization_and_a_missing_one_follows_the_domain
    a_used_address_is_a_conflict_that_names_the_contact
    agents_change_what_gives_no_type
    contacts_are_filtered_and_paged
    merged_contacts_are_one
    changes_of_contacts_are_in_the_audit_log_without_personal_data
    opening_a_case_adds_no_contact
}

async fn a_contact_is_added_read_changed_and_deleted(store: Store) {
    let server = Server::with_staff(store).await;
    let body = json!({
        "name": "Zoë 你好", "emails": ["Zoe@Example.com", "z@münchen.example"],
        "phone": "+49 (89) 123456", "locale": "pt-BR", "timeZone": "Europe/Berlin",
        "notes": "Prefers mail.",
    });
    let contact = add(&server, &body).await;
    let fields = [
        "createdAt",
        "emails",
        "id",
        "locale",
        "name",
        "notes",
        "organizationByDomain",
        "organizationId",
        "phone",
        "timeZone",
        "version",
    ];
    assert_eq!(keys(&contact), fields);
    assert_eq!(contact["emails"], body["emails"]);
    assert_eq!(contact["phone"], "+4989123456");
    assert_eq!(read(&server, &contact).await, contact);

    let change = json!({"name": "Zoe", "phone": null, "emails": ["zoe@example.com"]});
    let changed = patch(&server, &contact, &change).await.ok()["contact"].clone();
    assert_eq!((&changed["name"], &changed["phone"]), (&json!("Zoe"), &Value::Null));
    assert_eq!((&changed["version"], &changed["notes"]), (&json!(2), &contact["notes"]));
    assert_eq!(patch(&server, &contact, &change).await.ok()["contact"]["version"], 2);
    patch(&server, &contact, &json!({})).await.refused(400, "VALIDATION_ERROR");

    remove(&server, &contact).await.ok();
    let details = remove(&server, &contact).await.refused(404, "CONTACT_NOT_FOUND");
    assert_eq!(details["contactId"], contact["id"]);
    server.staff_get(&path(&contact)).await.refused(404, "CONTACT_NOT_FOUND");
}

async fn null_sets_no_organization_and_a_missing_one_follows_the_domain(store: Store) {
    let server = Server::with_staff(store).await;
    let acme = add_organization(&server, &["acme.example"]).await;
    let unset = add(&server, &json!({"name": "A", "emails": ["a@acme.example"]})).await;
    let none = json!({"name": "B", "emails": ["b@acme.example"], "organizationId": null});
    let none = add(&server, &none).await;
    let flags = |contact: &Value| {
        (contact["organizationId"].clone(), contact["organizationByDomain"].clone())
    };
    assert_eq!(flags(&unset), (Value::Null, json!(true)));
    assert_eq!(flags(&none), (Value::Null, json!(false)));
    let of_acme = format!("organizationId={}", acme["id"].as_str().unwrap());
    assert_eq!(listed(&server, &of_acme).await, [unset["id"].clone()]);

    let own = patch(&server, &none, &json!({"organizationId": acme["id"]})).await.ok();
    assert_eq!(flags(&own["contact"]), (acme["id"].clone(), json!(false)));
    let forgotten = patch(&server, &none, &json!({"organizationByDomain": true})).await.ok();
    assert_eq!(flags(&forgotten["contact"]), (Value::Null, json!(true)));
    let both = json!({"organizationByDomain": true, "organizationId": null});
    assert_eq!(patch(&server, &none, &both).await.invalid_fields(), ["organizationByDomain"]);
    let nowhere = json!({"organizationId": "org_01jjg00000e008000000000001"});
    patch(&server, &none, &nowhere).await.refused(404, "ORGANIZATION_NOT_FOUND");
}

async fn a_used_address_is_a_conflict_that_names_the_contact(store: Store) {
    let server = Server::with_staff(store).await;
    let first = add(&server, &json!({"name": "A", "emails": ["a@example.com"]})).await;
    let second = json!({"name": "B", "emails": ["b@example.com", "A@Example.com"]});
    let details = server.staff_post(CONTACTS, &second).await.refused(409, "CONFLICT");
    assert_eq!(details, json!({"email": "a@example.com", "contactId": first["id"]}));
    let second = add(&server, &json!({"name": "B", "emails": ["b@example.com"]})).await;
    let taken = json!({"emails": ["a@example.com"]});
    let details = patch(&server, &second, &taken).await.refused(409, "CONFLICT");
    assert_eq!(details["contactId"], first["id"]);
}

async fn agents_change_what_gives_no_type(store: Store) {
    let server = Server::with_staff(store).await;
    let agent = server.workspace().token("staff-456");
    let ask = async |method: Method, path: &str, body: &Value| {
        Response::to(server.request(method, path).bearer_auth(&agent).json(body)).await
    };
    let body = json!({"name": "A", "emails": ["a@example.com"]});
    let contact = ask(Method::POST, CONTACTS, &body).await.ok()["contact"].clone();
    let place = path(&contact);
    for fine in [
        json!({"name": "B"}),
        json!({"phone": "+15550100123", "notes": "N", "locale": "de", "timeZone": "UTC"}),
    ] {
        ask(Method::PATCH, &place, &fine).await.ok();
    }
    for refused in [
        json!({"emails": ["b@example.com"]}),
        json!({"organizationId": null}),
        json!({"organizationByDomain": true}),
    ] {
        let details = ask(Method::PATCH, &place, &refused).await.refused(403, "FORBIDDEN");
        assert_eq!(details["requiredRole"], "SUPERVISOR");
    }
    let with_organization = json!({"name": "C", "organizationId": null});
    ask(Method::POST, CONTACTS, &with_organization).await.refused(403, "FORBIDDEN");
}

async fn contacts_are_filtered_and_paged(store: Store) {
    let server = Server::with_staff(store).await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let email = format!("person-{number}@example.com");
        let body = json!({"name": format!("Ärmel {number}"), "emails": [email]});
        ids.push(add(&server, &body).await["id"].clone());
    }
    assert_eq!(listed(&server, "q=%C3%84RMEL").await, ids);
    assert_eq!(listed(&server, "q=person-3").await, [ids[3].clone()]);
    assert_eq!(listed(&server, "email=PERSON-2%40example.com").await, [ids[2].clone()]);
    let (mut paged, mut query) = (Vec::new(), "limit=2".to_owned());
    loop {
        let part = server.staff_get(&format!("{CONTACTS}?{query}")).await.ok();
        let contacts = part["contacts"].as_array().unwrap();
        paged.extend(contacts.iter().map(|one| one["id"].clone()));
        let Some(cursor) = part["pagination"]["nextCursor"].as_str() else { break };
        assert_eq!(contacts.len(), 2);
        query = format!("limit=2&cursor={cursor}");
    }
    assert_eq!(paged, ids);
    for (query, field) in
        [("cursor=x", "cursor"), ("email=x", "email"), ("organizationId=x", "organizationId")]
    {
        let refused = server.staff_get(&format!("{CONTACTS}?{query}")).await;
        assert_eq!(refused.invalid_fields(), [field]);
    }
}

async fn merged_contacts_are_one(store: Store) {
    let server = Server::with_staff(store).await;
    let into = add(&server, &json!({"name": "A", "emails": ["a@example.com"]})).await;
    let from = json!({"name": "B", "emails": ["b@example.com"], "phone": "+15550100123"});
    let from = add(&server, &from).await;
    let merge = async |into: &Value, from: &Value| {
        let body = json!({"into": into["id"], "from": from["id"]});
        server.staff_post(&format!("{CONTACTS}/merge"), &body).await
    };
    assert_eq!(merge(&into, &into).await.invalid_fields(), ["from"]);
    let merged = merge(&into, &from).await.ok()["contact"].clone();
    assert_eq!(merged["id"], into["id"]);
    assert_eq!(merged["emails"], json!(["a@example.com", "b@example.com"]));
    assert_eq!((&merged["name"], &merged["phone"]), (&json!("A"), &json!("+15550100123")));
    assert_eq!(listed(&server, "").await, [into["id"].clone()]);
    merge(&into, &from).await.refused(404, "CONTACT_NOT_FOUND");
}

async fn changes_of_contacts_are_in_the_audit_log_without_personal_data(store: Store) {
    let server = Server::with_staff(store).await;
    let contact = add(&server, &json!({"name": "Hidden", "emails": ["hidden@x.example"]})).await;
    patch(&server, &contact, &json!({"notes": "hidden", "organizationId": null})).await.ok();
    remove(&server, &contact).await.ok();
    let entries = server.staff_get("/api/internal/audit?action=contact.").await.ok();
    let entries = entries["entries"].as_array().unwrap();
    let actions: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["contact.removed", "contact.changed", "contact.added"]);
    for entry in entries {
        assert_eq!(entry["subject"], contact["id"]);
        assert!(!entry.to_string().to_lowercase().contains("hidden"), "{entry}");
    }
}

async fn opening_a_case_adds_no_contact(store: Store) {
    let server = Server::with_staff(store).await;
    server.open(&crate::support::a_case()).await;
    assert_eq!(listed(&server, "").await, [Value::Null; 0]);
}
