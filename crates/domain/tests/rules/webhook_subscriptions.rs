//! Events that a webhook endpoint receives.

use engage_domain::event::EventSubtype;
use engage_domain::notify::WebhookTarget;
use engage_domain::*;

use crate::audience::{World, by_bob, endpoint, handed_over, later, opened};
use crate::support::*;

#[test]
fn an_endpoint_receives_its_event_types_or_all_if_it_names_none() {
    let mut world = World::of_jane();
    world.webhooks = vec![
        endpoint(1, &[EventType::Created, EventType::Cancelled]),
        endpoint(2, &[]),
        endpoint(3, &[EventType::Updated]),
        endpoint(4, &[EventType::Escalated, EventType::Assigned]),
    ];
    for (decision, endpoints) in [
        (opened(Urgency::Low), vec![1, 2]),
        (by_bob(internal_note()), vec![2, 3]),
        (escalate(&assigned_case(), later()), vec![2, 4]),
        (handed_over(), vec![2, 4]),
        (try_cancel(&assigned_case(), later()).unwrap(), vec![1, 2]),
    ] {
        let reached: Vec<_> = world
            .plan(&decision)
            .into_iter()
            .filter_map(|message| match message.address {
                Address::Webhook(id) => Some((message.template, id.as_u128())),
                _ => None,
            })
            .collect();
        let expected: Vec<_> = endpoints.into_iter().map(|id| (Template::CaseEvent, id)).collect();
        assert_eq!(reached, expected, "{}", decision.event.event_type());
    }
}

#[test]
fn an_endpoint_may_subscribe_to_subtypes_of_events() {
    use EventSubtype as S;
    let resolved = by_bob(status_change(Status::Resolved));
    let answered = by_bob(public_message());
    let noted = by_bob(UpdateRequest { visibility: Visibility::Internal, ..public_message() });
    let replied = try_reply(&assigned_case(), later()).unwrap();
    let reopened = try_reply(&resolved.case, after(hours(2))).unwrap();
    for (decision, expected) in [
        (&resolved, vec![S::Resolved]),
        (&answered, vec![S::Answered]),
        (&noted, vec![S::Noted]),
        (&replied, vec![S::Replied]),
        (&reopened, vec![S::Replied, S::Reopened]),
        (&opened(Urgency::Low), vec![]),
        // The customer can read the reason, so it is a response.
        (&escalate(&assigned_case(), later()), vec![S::Answered]),
    ] {
        assert_eq!(decision.event.subtypes(), expected, "{:?}", decision.event);
        for &subtype in S::ALL {
            let wanted = WebhookTarget {
                event_types: vec![EventType::Cancelled],
                event_subtypes: vec![subtype],
                ..endpoint(1, &[])
            };
            let world = World { webhooks: vec![wanted], ..World::of_jane() };
            let is_told = world.columns(decision)[3].len() == 1;
            assert_eq!(is_told, expected.contains(&subtype), "{subtype}: {:?}", decision.event);
        }
    }
}

#[test]
fn an_endpoint_may_exclude_internal_events() {
    let target = WebhookTarget { includes_internal: false, ..endpoint(1, &[]) };
    let world = World { webhooks: vec![target], ..World::of_jane() };
    let noted = by_bob(UpdateRequest { visibility: Visibility::Internal, ..public_message() });
    assert_eq!(world.columns(&noted)[3], [""; 0]);
    assert_eq!(world.columns(&by_bob(public_message()))[3].len(), 1);
}
