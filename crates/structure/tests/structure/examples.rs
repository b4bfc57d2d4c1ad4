//! Tests that a reader of the documentation finds an example of what they begin with.

use engage_structure::{Entries, example_faults};

use crate::workspace::{WORKSPACE, assert_none};

/// Items that a program begins with, besides the ports, their implementations and the use cases,
/// which the rule finds by itself.
const ENTRIES: &[Entries<'_>] = &[
    ("crates/adapters/postgres", &["OutboxListener"]),
    ("crates/adapters/templates", &["Brand"]),
    ("crates/adapters/webhook", &["Guard"]),
    ("crates/application", &["AccessTokens", "FollowEvents", "Idempotency"]),
    (
        "crates/domain",
        &[
            "Actor",
            "BusinessHours",
            "Case",
            "CaseNumber",
            "Customer",
            "Decision",
            "EscalationPolicy",
            "LifecyclePolicy",
            "NotificationMatrix",
            "OpenRequest",
            "Permission",
            "Policies",
            "PriorityBreakdown",
            "PriorityPolicy",
            "PriorityScore",
            "ReplyPolicy",
            "SlaPolicy",
            "SlaTimers",
            "StaffMember",
            "Timestamp",
        ],
    ),
    ("crates/engage", &["Administration", "Engage", "EngageBuilder"]),
    ("crates/http", &["AllowedOrigins", "openapi_document", "server", "service"]),
    (
        "crates/testkit",
        &[
            "Cluster",
            "FakeCases",
            "Given",
            "ManualClock",
            "SequentialIds",
            "Signer",
            "Store",
            "Then",
            "given",
            "notifier_contract",
        ],
    ),
];

#[test]
fn what_a_program_begins_with_has_an_example() {
    let found = example_faults(&WORKSPACE.tree, &WORKSPACE.crates, ENTRIES);
    assert_none(&found.unwrap_or_else(|error| panic!("{error}")));
}

#[test]
fn every_crate_with_entries_exists() {
    let exists = |directory: &str| WORKSPACE.crates.iter().any(|one| one.directory() == directory);
    for (directory, _) in ENTRIES {
        assert!(exists(directory), "{directory}");
    }
}
