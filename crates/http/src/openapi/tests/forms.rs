//! Tests that the patterns of the description match exactly what the domain accepts.

use std::collections::BTreeSet;
use std::path::Path;
use std::str::FromStr;

use engage_application::AccessCode;
use engage_domain::attachment::ContentType;
use engage_domain::tag::TagName;
use engage_domain::{
    AttachmentId, CaseNumber, ContactId, NotificationId, OrganizationId, PhoneNumber, StaffId,
    TagId, TokenId, WebhookId,
};
use jsonschema::Draft;

use super::operations::each_source;
use super::{all_operations, document, json};
use crate::openapi::forms::{is_repeated, pattern, takes_several};

fn is<T: FromStr>(text: &str) -> bool {
    text.parse::<T>().is_ok()
}

/// Compares a pattern with the parser.
fn check(owner: &str, name: &str, is_read: impl Fn(&str) -> bool, texts: &[&str]) {
    let schema = json!({"pattern": pattern(owner, name).unwrap()});
    let validator = jsonschema::options().with_draft(Draft::Draft202012).build(&schema).unwrap();
    let mut taken = 0;
    for text in texts {
        assert_eq!(validator.is_valid(&json!(text)), is_read(text), "{owner} {name} {text:?}");
        taken += usize::from(is_read(text));
    }
    assert!(taken > 0 && taken < texts.len(), "{owner} {name}: {taken}");
}

#[test]
fn the_pattern_of_case_numbers_matches_the_parser() {
    let texts = [
        "CW-2025-001",
        "cw-2025-010",
        "A1B2C3D4E5-1000-1000",
        "CW-2025-9000000000000000000",
        "CW-2025-000",
        "CW-2025-0001",
        "CW-2025-01",
        "CW-0999-001",
        "CW-25-001",
        "1W-2025-001",
        "ABCDEFGHIJK-2025-001",
        "CW-2025-001-1",
        "CW-2025-+01",
        "CW",
        "",
    ];
    check("CaseStatusRequest", "caseNumber", is::<CaseNumber>, &texts);
    check("BulkRequest", "caseNumbers", is::<CaseNumber>, &texts);
}

#[test]
fn the_patterns_of_ids_match_the_parsers() {
    let body = "01jjg00000e008000000000001";
    let texts = ["att", "ntf", "whk", "tok", "con", "org"].map(|prefix| format!("{prefix}_{body}"));
    let others = [
        "att_81jjg00000e008000000000001",
        "ntf_01jjg00000e00800000000000l",
        "whk_01JJG00000E008000000000001",
        "tok_01jjg00000e00800000000000",
        "",
    ];
    let texts: Vec<_> = texts.iter().map(String::as_str).chain(others).collect();
    check("AttachmentRequest", "attachmentId", is::<AttachmentId>, &texts);
    check("UploadedFile", "id", is::<AttachmentId>, &texts);
    check(
        "/api/internal/support/attachments/{attachmentId}",
        "attachmentId",
        is::<AttachmentId>,
        &texts,
    );
    check("ReplayRequest", "notificationId", is::<NotificationId>, &texts);
    check(
        "/api/internal/notifications/{notificationId}",
        "notificationId",
        is::<NotificationId>,
        &texts,
    );
    check("/api/internal/webhooks/{webhookId}", "webhookId", is::<WebhookId>, &texts);
    check("RetryRequest", "endpointId", is::<WebhookId>, &texts);
    check("/api/internal/contacts/{contactId}", "contactId", is::<ContactId>, &texts);
    check("MergeContactsRequest", "into", is::<ContactId>, &texts);
    check("AddContactRequest", "organizationId", is::<OrganizationId>, &texts);
    check("/api/internal/staff/{staffId}/tokens/{tokenId}", "tokenId", is::<TokenId>, &texts);
}

#[test]
fn the_patterns_of_tags_match_the_parser() {
    let (longest, too_long) = ("ü".repeat(40), "ü".repeat(41));
    let texts = ["VIP", "Key account 2027", &longest, &too_long, "a,b", "a\0b", "a\nb", ""];
    for (owner, name) in [
        ("UpdateCaseRequest", "addTags"),
        ("CorrectCaseRequest", "tags"),
        ("RenameTagRequest", "name"),
        ("/api/internal/support/cases", "tagsNone"),
    ] {
        check(owner, name, is::<TagName>, &texts);
    }
    let texts = ["tag_01jjg00000e008000000000001", "org_01jjg00000e008000000000001", "tag_0", ""];
    check("MergeTagsRequest", "from", is::<TagId>, &texts);
}

#[test]
fn the_pattern_of_staff_ids_matches_the_parser() {
    let (longest, too_long) = ("x".repeat(64), "x".repeat(65));
    let texts = ["staff-456", "a_b", &longest, &too_long, "Jane", "jane smith", ""];
    check("AssignCaseRequest", "staffId", is::<StaffId>, &texts);
}

#[test]
fn the_pattern_of_phone_numbers_matches_the_parser() {
    let texts = [
        "+1234567",
        "+123456789012345",
        "(+1) (234) 567-89.0",
        "+49 (0)30 1234567",
        "0049 30 1234567",
        "0 0 49-30.1234567",
        "+0123456",
        "000 1234567",
        "+(0)1234567",
        "030 1234567",
        "+123456",
        "+1234567890123456",
        "1234567890",
        "++1234567",
        "+1/2345678",
        "+12345a7",
        "+",
        "",
    ];
    check("OpenCaseRequest", "phone", is::<PhoneNumber>, &texts);
}

#[test]
fn the_pattern_of_access_codes_matches_the_parser() {
    let texts = [
        "K7QM-4XPD",
        "k7qm4xpd",
        "K7 QM - 4X PD",
        "OIL0-OIL1",
        "K7QM-4XPU",
        "K7QM-4XP",
        "K7QM-4XPDD",
        "K7QM_4XPD",
        "",
    ];
    check("RedeemCodeRequest", "code", |text| AccessCode::read(text).is_some(), &texts);
}

#[test]
fn the_pattern_of_media_types_matches_the_parser() {
    let (longest, too_long) = (format!("a/{}", "b".repeat(127)), format!("a/{}", "b".repeat(128)));
    let texts = [
        "image/png",
        "image/svg+xml",
        "TEXT/PLAIN; charset=utf-8",
        "text/plain ;x",
        &longest,
        &too_long,
        "text",
        "text/",
        "/plain",
        "te xt/plain",
        "+a/b",
        "a/b/c",
    ];
    // Blank text counts as omitted.
    let is_read = |text: &str| text.trim().is_empty() || is::<ContentType>(text);
    check("InlineFile", "contentType", is_read, &texts);
}

/// Returns the parameters of which handlers read several values.
fn read_in_several(text: &str) -> Vec<String> {
    // Line breaks in the code do not matter.
    let text: String = text.split_whitespace().collect();
    let calls = ["query.words(\"", "query.values(\"", "query.many(\"", "query.each(\""];
    let found = |call: &&str| {
        let rests = text.split(*call).skip(1);
        rests.map(|rest| rest.split('"').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    calls.iter().flat_map(found).collect()
}

#[test]
fn parameters_are_lists_if_handlers_read_several_values() {
    let (mut several, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/staff");
    each_source(&root, &mut |_, text| several.extend(read_in_several(text)));
    let document = document();
    for (method, path, operation) in all_operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            if parameter["in"] != "query" {
                continue;
            }
            let is_list = parameter["schema"]["type"] == "array";
            let is_repeated = is_repeated(name);
            assert_eq!(is_list, takes_several(name) || is_repeated, "{method} {path} {name}");
            if is_list {
                assert_eq!(parameter["style"], "form", "{method} {path} {name}");
                assert_eq!(parameter["explode"], is_repeated, "{method} {path} {name}");
                seen.insert(name.to_owned());
            }
        }
    }
    assert_eq!(seen, several);
}
