//! Random commands on cases.

use std::num::NonZeroU32;

use engage_domain::case::{AddressProof, Contract, EscalationPolicy, ReplyPolicy};
use engage_domain::event::{RedactableField, RedactedPart, Redaction};
use engage_domain::organization::SlaOverride;
use engage_domain::tag::TagChange;
use engage_domain::*;
use proptest::prelude::*;

use crate::support::*;

#[derive(Debug, Clone)]
pub(crate) enum Command {
    Update {
        status: Option<Status>,
        visibility: Visibility,
        message: bool,
        file: bool,
        tags: TagChange,
    },
    Escalate(Option<Urgency>),
    Assign {
        to: Option<usize>,
        department: Option<usize>,
        notes: bool,
    },
    Cancel,
    Reply {
        message: bool,
        file: bool,
    },
    Correct(CorrectRequest),
    Redact(RedactableField),
    Prove(Option<Contract>),
    ProcessDueCase,
}

#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) command: Command,
    pub(crate) actor: usize,
    /// Milliseconds by which the clock moves before the command.
    pub(crate) advance: i64,
}

fn one_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(all)
}

fn command() -> impl Strategy<Value = Command> {
    let status = prop::option::weighted(0.8, one_of(Status::ALL));
    let message = (any::<bool>(), prop::bool::weighted(0.1));
    let update = (status, one_of(Visibility::ALL), message, tag_change());
    let assign = (prop::option::weighted(0.8, 0..4_usize), prop::option::of(0..2_usize));
    let correction = (
        prop::option::of(one_of(Urgency::ALL)),
        prop::option::of(one_of(IssueType::ALL)),
        prop::option::of(one_of(CustomerType::ALL)),
        details(),
    );
    prop_oneof![
        6 => update.prop_map(|(status, visibility, (message, file), tags)| {
            Command::Update { status, visibility, message, file, tags }
        }),
        3 => prop::option::of(one_of(Urgency::ALL)).prop_map(Command::Escalate),
        3 => (assign, any::<bool>()).prop_map(|((to, department), notes)| {
            Command::Assign { to, department, notes }
        }),
        1 => Just(Command::Cancel),
        3 => (prop::bool::weighted(0.8), prop::bool::weighted(0.3))
            .prop_map(|(message, file)| Command::Reply { message, file }),
        3 => Just(Command::ProcessDueCase),
        2 => correction.prop_map(|(urgency, issue_type, customer_type, details)| {
            Command::Correct(CorrectRequest { urgency, issue_type, customer_type, ..details })
        }),
        1 => one_of(RedactableField::ALL).prop_map(Command::Redact),
        2 => contract().prop_map(Command::Prove),
    ]
}

/// Tags to add and to remove, often none.
fn tag_change() -> impl Strategy<Value = TagChange> {
    let names = || {
        let tags = ["VIP", "vip", "Late", "Renewal"].map(str::to_owned).to_vec();
        prop_oneof![3 => Just(Vec::new()), 1 => prop::sample::subsequence(tags, 0..=4)]
    };
    let read = |names: Vec<String>| names.iter().map(|name| text(name)).collect();
    (names(), names())
        .prop_map(move |(add, remove)| TagChange { add: read(add), remove: read(remove) })
}

/// Corrections of the customer's details and the subject.
fn details() -> impl Strategy<Value = CorrectRequest> {
    const EMAILS: &[Option<&str>] =
        &[None, Some("john@example.com"), Some("John@Example.com"), Some("j.doe@x.example")];
    const PHONES: &[Option<&str>] = &[None, Some("+15550100911"), Some("+15550100912")];
    const COMPANIES: &[Option<&str>] = &[None, Some("Acme Corp"), Some("Initech")];
    const WORDS: &[&str] = &["John Doe", "Jon Doe"];
    let (email, phone) = (prop::option::of(one_of(EMAILS)), prop::option::of(one_of(PHONES)));
    let (company, word) = (prop::option::of(one_of(COMPANIES)), prop::option::of(one_of(WORDS)));
    (email, phone, company, word).prop_map(|(email, phone, company, word)| CorrectRequest {
        email: email.map(|email| email.map(text)),
        phone: phone.map(|phone| phone.map(text)),
        organization: company.map(|name| name.map(text)),
        project: company.map(|name| name.map(text)),
        name: word.map(text),
        subject: word.map(text),
        ..CorrectRequest::default()
    })
}

/// A contract that applies to the customer's address, if one does.
fn contract() -> impl Strategy<Value = Option<Contract>> {
    const TARGETS: &[Option<(Urgency, u32, u32)>] =
        &[None, Some((Urgency::High, 5, 30)), Some((Urgency::Critical, 900, 90_000))];
    let contract = (one_of(CustomerType::ALL), one_of(TARGETS));
    prop::option::weighted(
        0.8,
        contract.prop_map(|(customer_type, target)| Contract {
            customer_type,
            sla_override: target.map(|target| SlaOverride::of_minutes([target]).unwrap()),
        }),
    )
}

fn step() -> impl Strategy<Value = Step> {
    const HOUR: i64 = 3_600_000;
    let advance = prop_oneof![Just(0), 0..10 * 60_000_i64, -HOUR..0, 0..HOUR, 0..10 * 24 * HOUR];
    (command(), 0..4_usize, advance).prop_map(|(command, actor, advance)| Step {
        command,
        actor,
        advance,
    })
}

pub(crate) fn steps() -> impl Strategy<Value = (CustomerType, Urgency, Vec<Step>)> {
    (one_of(CustomerType::ALL), one_of(Urgency::ALL), prop::collection::vec(step(), 1..50))
}

/// Default rules, except that each missed target raises the level and a case accepts two replies an
/// hour.
pub(crate) fn policies() -> Policies {
    let escalation = EscalationPolicy { raise_on_breach: true, ..EscalationPolicy::default() };
    let replies = ReplyPolicy { most: NonZeroU32::new(2).unwrap(), ..ReplyPolicy::default() };
    Policies { escalation, replies, ..Policies::default() }
}

/// Returns the decision, `None` if nothing changes, or the text of the error.
pub(crate) fn execute(
    case: &Case,
    command: &Command,
    stamp: Stamp,
) -> Result<Option<Decision>, String> {
    let policies = policies();
    let refusal = |refusal: &dyn std::error::Error| refusal.to_string();
    match command.clone() {
        Command::Update { status, visibility, message, file, tags } => {
            let request = UpdateRequest {
                message: message.then(|| text("A message.")),
                visibility,
                status_change: status,
                attachments: if file { vec![attachment()] } else { vec![] },
                tags,
            };
            case.update(request, &policies, stamp).map_err(|e| refusal(&e))
        }
        Command::Escalate(new_urgency) => case
            .escalate(escalate_to(new_urgency), &policies, stamp)
            .map(Some)
            .map_err(|e| refusal(&e)),
        Command::Assign { to, department, notes } => {
            let request = AssignRequest {
                to: to.map(|index| (&[jane(), bob(), floater(), inactive()][index]).into()),
                department: department.map(|index| text(["Billing", "Night Shift"][index])),
                notes: notes.then(|| text("A note.")),
            };
            case.assign(request, &policies, stamp).map_err(|e| refusal(&e))
        }
        Command::Cancel => {
            case.cancel(text("No need."), &policies, stamp).map(Some).map_err(|e| refusal(&e))
        }
        Command::Reply { message, file } => {
            let reply = ReplyRequest {
                message: message.then(|| text("An answer.")),
                attachments: if file { vec![attachment()] } else { vec![] },
            };
            case.reply(reply, &policies, stamp).map(Some).map_err(|e| refusal(&e))
        }
        Command::Correct(correction) => {
            case.correct(correction, &policies, stamp).map_err(|e| refusal(&e))
        }
        Command::Redact(field) => {
            let redaction = Redaction { part: RedactedPart::Field(field), quotes: Vec::new() };
            case.redact(redaction, &policies, stamp).map(Some).map_err(|e| refusal(&e))
        }
        Command::Prove(contract) => {
            Ok(case.prove(&policies, stamp.with_proof(AddressProof { contract })))
        }
        Command::ProcessDueCase => Ok(case.apply_due_action(&policies, stamp)),
    }
}
