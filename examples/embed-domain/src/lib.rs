//! Opens and escalates a case, and stores it as JSON.

use std::error::Error;
use std::time::SystemTime;

use engage_domain::{
    Actor, Case, CaseId, Customer, CustomerType, EscalateRequest, OpenRequest, Policies, Stamp,
    Urgency,
};
use uuid::Uuid;

/// Opens a case and escalates it. Returns its facts and its events as JSON.
pub fn open_and_escalate() -> Result<(String, String), Box<dyn Error>> {
    let policies = Policies::default();
    let stamp =
        || Stamp::new(SystemTime::now().into(), Actor::Customer, || Uuid::now_v7().as_u128());
    let customer = Customer::new("John Doe".parse()?, "john@example.com".parse()?)
        .with_type(CustomerType::Business);
    let request = OpenRequest::new(customer, "Dashboard".parse()?, "It says 403.".parse()?)
        .with_urgency(Urgency::High);
    let id = CaseId::from(Uuid::now_v7());
    let opened = Case::open(id, "CW-2026-001".parse()?, request, &policies, stamp());
    let stored = serde_json::to_string(opened.case.facts())?;

    let case = Case::from_facts(serde_json::from_str(&stored)?);
    let reason = EscalateRequest::new("Nobody can work.".parse()?);
    let escalated = case.escalate(reason, &policies, stamp())?;
    let events = serde_json::to_string(&[opened.event, escalated.event])?;
    Ok((serde_json::to_string(escalated.case.facts())?, events))
}
