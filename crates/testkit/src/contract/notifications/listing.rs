use std::num::NonZeroU32;
use std::time::Duration;

use engage_domain::notify::NotificationStatus;
use engage_domain::{
    Actor, Address, CaseNumber, Channel, EventType, NotificationId, Policies, WebhookId,
};
use engage_repository::{NotificationFilter, NotificationSummary};

use crate::builders::{
    a_case_number, a_fresh_id, a_message, a_message_to, a_phone_number, a_staff_member, a_stamp,
    an_opened, assigned, cancelled, escalated, minutes_later, overdue, replied,
};
use crate::contract::Store;
use crate::contract::delivery::{a_message_that_is, a_moment, announce, enqueue};

fn ids(list: &[NotificationSummary]) -> Vec<NotificationId> {
    list.iter().map(|message| message.id).collect()
}

/// Returns the matching notifications, the newest first.
async fn found(store: &Store, filter: NotificationFilter) -> Vec<NotificationId> {
    ids(&store.listed(&filter).await)
}

async fn page(store: &Store, page: u32, limit: u32) -> Vec<NotificationSummary> {
    let (page, limit) = (NonZeroU32::new(page).unwrap(), NonZeroU32::new(limit).unwrap());
    let filter = NotificationFilter::default();
    let list = store.notifications.list_notifications(&filter, page, limit).await;
    list.expect("notifications are listed")
}

/// Creates three notifications, each a few milliseconds after the previous one.
async fn three_messages(store: &Store) -> Vec<NotificationSummary> {
    for sequence in 1..=3 {
        enqueue(store, sequence, &["a@x.example"]).await;
        a_moment().await;
    }
    let mut list = store.listed(&NotificationFilter::default()).await;
    list.reverse();
    list
}

pub async fn an_empty_store_lists_no_notifications(store: &Store) {
    assert_eq!(store.listed(&NotificationFilter::default()).await, []);
}

pub async fn a_notification_is_listed_as_stored(store: &Store) {
    let addresses = [
        Address::Email("John@Example.com".parse().unwrap()),
        a_phone_number("+4989123456"),
        Address::Webhook(WebhookId::from_u128(u128::MAX)),
    ];
    let messages = addresses.map(a_message_to);
    let case = announce(store, an_opened(1), messages.to_vec()).await;
    let list = store.listed(&NotificationFilter::default()).await;
    assert_eq!(list.len(), 3);
    for (listed, message) in list.iter().rev().zip(messages) {
        assert_eq!(listed.address.to_string(), message.address.to_string());
        let expected = NotificationSummary {
            id: message.id,
            case_number: case.number().clone(),
            event_type: EventType::Created,
            template: message.template,
            address: message.address,
            status: NotificationStatus::Pending,
            attempts: 0,
            last_error: None,
            next_attempt_at: Some(listed.created_at),
            created_at: listed.created_at,
            finished_at: None,
        };
        assert_eq!(*listed, expected);
    }
}

pub async fn a_listed_notification_has_the_data_of_the_notification(store: &Store) {
    for (sequence, status) in (1..).zip(NotificationStatus::ALL) {
        a_message_that_is(store, *status, sequence, "a@x.example").await;
    }
    let list = store.listed(&NotificationFilter::default()).await;
    assert_eq!(list.len(), NotificationStatus::ALL.len());
    for listed in list {
        assert_eq!(store.notification(listed.id).await, listed);
    }
}

pub async fn notifications_are_listed_with_the_newest_first(store: &Store) {
    let list = three_messages(store).await;
    let cases: Vec<_> = list.iter().map(|message| message.case_number.sequence()).collect();
    assert_eq!(cases, [1, 2, 3]);
    assert!(list.is_sorted_by(|one, next| one.created_at < next.created_at));
}

pub async fn pages_of_notifications_never_overlap_and_together_are_complete(store: &Store) {
    for sequence in 1..=4 {
        enqueue(store, sequence, &["a@x.example", "b@x.example"]).await;
    }
    let mut pages = Vec::new();
    for (number, length) in [(1, 3), (2, 3), (3, 2), (4, 0), (5, 0), (u32::MAX, 0)] {
        let part = page(store, number, 3).await;
        assert_eq!(part.len(), length, "page {number}");
        pages.extend(part);
    }
    assert_eq!(pages, store.listed(&NotificationFilter::default()).await);
}

pub async fn the_count_of_notifications_covers_all_pages(store: &Store) {
    enqueue(store, 1, &["a@x.example", "b@x.example", "c@x.example"]).await;
    assert_eq!(page(store, 1, 2).await.len(), 2);
    let count = store.notifications.count_notifications(&NotificationFilter::default()).await;
    assert_eq!(count.expect("notifications are counted"), 3);
}

pub async fn notifications_are_filtered_by_status(store: &Store) {
    let mut all = Vec::new();
    for (sequence, status) in (1..).zip(NotificationStatus::ALL) {
        all.push((*status, a_message_that_is(store, *status, sequence, "a@x.example").await));
    }
    for (status, id) in &all {
        let status = vec![*status];
        let filter = NotificationFilter { status, ..NotificationFilter::default() };
        assert_eq!(found(store, filter).await, [*id]);
    }
    let status = vec![all[1].0, all[4].0];
    let filter = NotificationFilter { status, ..NotificationFilter::default() };
    assert_eq!(found(store, filter).await, [all[4].1, all[1].1]);
}

pub async fn notifications_are_filtered_by_channel(store: &Store) {
    let endpoint = Address::Webhook(WebhookId::from_u128(a_fresh_id()));
    let messages = [
        a_message("a@x.example"),
        a_message_to(a_phone_number("+4989123456")),
        a_message_to(endpoint),
    ];
    announce(store, an_opened(1), messages.to_vec()).await;
    let of = |channel| NotificationFilter { channel, ..NotificationFilter::default() };
    for message in &messages {
        assert_eq!(found(store, of(vec![message.address.channel()])).await, [message.id]);
    }
    let several = of(vec![Channel::Email, Channel::Webhook]);
    assert_eq!(found(store, several).await, [messages[2].id, messages[0].id]);
}

pub async fn notifications_are_filtered_by_case(store: &Store) {
    let first = a_message("a@x.example");
    let case = announce(store, an_opened(1), vec![first.clone()]).await;
    enqueue(store, 2, &["a@x.example"]).await;
    let later = a_message("a@x.example");
    announce(store, replied(&case, "And now?", minutes_later(1)), vec![later.clone()]).await;
    let about = |number| {
        let case_number = Some(number);
        NotificationFilter { case_number, ..NotificationFilter::default() }
    };
    assert_eq!(found(store, about(a_case_number(1))).await, [later.id, first.id]);
    let number =
        |prefix: &str, year, place| CaseNumber::new(prefix.parse().unwrap(), year, place).unwrap();
    for other in [number("CW", 2025, 3), number("CW", 2026, 1), number("XY", 2025, 1)] {
        assert_eq!(found(store, about(other)).await, [], "it has no notifications");
    }
}

pub async fn notifications_are_filtered_by_event_type(store: &Store) {
    let member = a_staff_member("staff-1");
    store.hire(&member).await;
    let mut all = Vec::new();
    for (sequence, event_type) in (1..).zip(EventType::ALL) {
        let message = a_message("a@x.example");
        all.push((*event_type, message.id));
        let opening = an_opened(sequence);
        if *event_type == EventType::Created {
            announce(store, opening, vec![message]).await;
            continue;
        }
        let case = store.keep(opening).await;
        let at = minutes_later(1);
        let decision = match event_type {
            EventType::Created | EventType::Updated => replied(&case, "And now?", at),
            EventType::Escalated => escalated(&case, Actor::System, at),
            EventType::Assigned => assigned(&case, Some(&member), Actor::System, at),
            EventType::Cancelled => cancelled(&case, at),
            EventType::Overdue => overdue(&case, minutes_later(200)),
            EventType::Erased => {
                case.erase(&Policies::default(), a_stamp(Actor::System, minutes_later(1)))
            }
        };
        announce(store, decision, vec![message]).await;
    }
    let of = |event_type| NotificationFilter { event_type, ..NotificationFilter::default() };
    for (event_type, id) in &all {
        assert_eq!(found(store, of(vec![*event_type])).await, [*id]);
        assert_eq!(store.notification(*id).await.event_type, *event_type);
    }
    assert_eq!(found(store, of(vec![all[0].0, all[3].0])).await, [all[3].1, all[0].1]);
}

pub async fn notifications_are_filtered_by_a_range_of_times(store: &Store) {
    let all = three_messages(store).await;
    let at = |place: usize| Some(all[place].created_at);
    let between = |from, to| NotificationFilter { from, to, ..NotificationFilter::default() };
    for (filter, expected) in [
        (between(at(1), None), vec![all[2].id, all[1].id]),
        (between(None, at(1)), vec![all[0].id]),
        (between(at(1), at(2)), vec![all[1].id]),
        (between(at(2), at(1)), vec![]),
        (between(at(1), at(1)), vec![]),
    ] {
        assert_eq!(found(store, filter.clone()).await, expected, "{filter:?}");
    }
}

pub async fn a_notification_must_match_every_criterion(store: &Store) {
    enqueue(store, 1, &["a@x.example"]).await;
    let all = store.listed(&NotificationFilter::default()).await;
    let created_at = all[0].created_at;
    let fits = NotificationFilter {
        status: vec![NotificationStatus::Pending],
        channel: vec![Channel::Email],
        case_number: Some(a_case_number(1)),
        event_type: vec![EventType::Created],
        endpoint: None,
        from: Some(created_at),
        to: Some(created_at.plus(Duration::from_secs(1))),
    };
    assert_eq!(store.listed(&fits).await, all);
    for misses in [
        NotificationFilter { status: vec![NotificationStatus::Dead], ..fits.clone() },
        NotificationFilter { channel: vec![Channel::Sms], ..fits.clone() },
        NotificationFilter { case_number: Some(a_case_number(2)), ..fits.clone() },
        NotificationFilter { event_type: vec![EventType::Updated], ..fits.clone() },
        NotificationFilter { from: fits.to, to: None, ..fits.clone() },
        NotificationFilter { to: fits.from, from: None, ..fits.clone() },
    ] {
        assert_eq!(found(store, misses.clone()).await, [], "{misses:?}");
    }
}

pub async fn notifications_are_filtered_by_endpoint(store: &Store) {
    let [one, other] = [7, 8].map(WebhookId::from_u128);
    let message = a_message_to(Address::Webhook(one));
    let others = [a_message_to(Address::Webhook(other)), a_message("a@x.example")];
    let all = [vec![message.clone()], others.to_vec()].concat();
    store.commit(an_opened(1), all).await.expect("a case is opened");
    let of = |id| NotificationFilter { endpoint: Some(id), ..NotificationFilter::default() };
    assert_eq!(found(store, of(one)).await, [message.id]);
    assert_eq!(found(store, of(WebhookId::from_u128(9))).await, []);
}
