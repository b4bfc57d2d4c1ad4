//! Erasure of people from the snapshots of a case of somebody else.

use engage_domain::event::{Change, RedactionMark};
use engage_domain::text::ERASED;
use engage_domain::{EmailAddress, Message, PersonId, PersonName};

use super::{EventSnapshot, Snapshot, UpdateSnapshot};

/// People who are erased from the snapshots of a case that belongs to somebody else.
#[derive(Debug, Clone, Copy)]
pub struct ErasedPeople<'a> {
    /// Participants.
    pub people: &'a [PersonId],
    /// Addresses that the customer of the case had before a correction.
    pub former_addresses: &'a [EmailAddress],
    /// Text that replaces what the participants wrote.
    pub mark: &'a RedactionMark,
}

impl ErasedPeople<'_> {
    fn contain(&self, person: Option<PersonId>) -> bool {
        person.is_some_and(|person| self.people.contains(&person))
    }

    fn were_at(&self, email: Option<&EmailAddress>) -> bool {
        email.is_some_and(|email| self.former_addresses.contains(email))
    }

    /// Erases what a participant wrote. Returns whether they wrote the update.
    fn erase_update(&self, update: &mut UpdateSnapshot) -> bool {
        if !self.contain(update.person_id) {
            return false;
        }
        update.message = Message::redacted(self.mark);
        update.author.erase();
        update.attachments.clear();
        true
    }

    /// Erases a participant from a change. Returns whether it is of one of them.
    fn erase_participant(&self, change: &mut Change) -> bool {
        let Change::Participant { from, to } = change else { return false };
        if !self.people.contains(&to.id) {
            return false;
        }
        **to = to.erased();
        if let Some(from) = from {
            **from = from.erased();
        }
        true
    }
}

impl Snapshot {
    /// Erases people who are not the customer. Returns whether the snapshot had anything of them.
    ///
    /// What participants wrote is replaced by the mark, without their files, and they lose their
    /// names and addresses. An address that the customer had before a correction is erased with the
    /// name, the phone number and the organization that were stored beside it: it may be that of
    /// somebody else.
    pub fn erase_people(&mut self, erased: &ErasedPeople<'_>) -> bool {
        let mut had = false;
        if erased.contain(self.data.event.person_id) {
            self.data.event.actor.erase();
            had = true;
        }
        for update in &mut self.data.event.updates {
            had |= erased.erase_update(update);
        }
        for change in &mut self.data.event.changes {
            had |= erased.erase_participant(change);
        }
        had |= erase_correction(&mut self.data.event, erased);
        had |= self.erase_former_customer(erased);
        had
    }

    /// Erases the customer, if they had one of the former addresses at the time.
    fn erase_former_customer(&mut self, erased: &ErasedPeople<'_>) -> bool {
        let customer = &mut self.data.case.customer_info;
        if !erased.were_at(customer.email.as_ref()) {
            return false;
        }
        customer.name = PersonName::erased();
        customer.email = Some(EmailAddress::erased());
        customer.phone = None;
        customer.organization = None;
        let event = &mut self.data.event;
        let authors = event.updates.iter_mut().map(|update| &mut update.author);
        let by = event.escalation.iter_mut().map(|escalation| &mut escalation.by);
        for actor in authors.chain(by).chain([&mut event.actor]) {
            if actor.kind == "CUSTOMER" {
                ERASED.clone_into(&mut actor.name);
            }
        }
        true
    }
}

/// Erases the values of corrections from or to one of the former addresses.
fn erase_correction(event: &mut EventSnapshot, erased: &ErasedPeople<'_>) -> bool {
    let correction = event.changes.iter().find_map(|change| match change {
        Change::Email { from, to } => {
            Some((erased.were_at(from.as_ref()), erased.were_at(to.as_ref())))
        }
        _ => None,
    });
    let (before, after) = correction.unwrap_or_default();
    if !before && !after {
        return false;
    }
    for change in &mut event.changes {
        match change {
            Change::Email { from, to } => {
                erase_if(before, from, || Some(EmailAddress::erased()));
                erase_if(after, to, || Some(EmailAddress::erased()));
            }
            Change::Name { from, to } => {
                erase_if(before, from, PersonName::erased);
                erase_if(after, to, PersonName::erased);
            }
            Change::Phone { from, to } => {
                erase_if(before, from, || None);
                erase_if(after, to, || None);
            }
            Change::Organization { from, to } => {
                erase_if(before, from, || None);
                erase_if(after, to, || None);
            }
            _ => {}
        }
    }
    true
}

fn erase_if<T>(is_erased: bool, value: &mut T, erased: impl FnOnce() -> T) {
    if is_erased {
        *value = erased();
    }
}

#[cfg(test)]
mod tests {
    use engage_domain::{Actor, CorrectRequest, Decision};
    use engage_testkit::builders::{
        an_opened, by_participant, corrected, joined, minutes_later, replied_by,
    };

    use super::*;

    fn of(Decision { case, event }: &Decision) -> Snapshot {
        Snapshot::new(event, case.facts(), None)
    }

    fn mark() -> RedactionMark {
        RedactionMark::new(&Actor::System, "2025-01-27T10:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_participant_loses_their_name_their_address_and_their_words() {
        let opened = an_opened(1);
        let joining = joined(&opened.case, "ann@x.example", Actor::Customer, minutes_later(1));
        let reply = replied_by(
            &joining.case,
            by_participant(&joining.case),
            "It says plugh.",
            minutes_later(2),
        );
        let (people, mark) = ([joining.case.facts().participants[0].id], mark());
        let erased = ErasedPeople { people: &people, former_addresses: &[], mark: &mark };
        for (decision, word, had) in
            [(&opened, "ann@x", false), (&joining, "ann@x", true), (&reply, "plugh", true)]
        {
            let mut snapshot = of(decision);
            let before = snapshot.clone();
            assert_eq!(snapshot.erase_people(&erased), had);
            assert_eq!(snapshot == before, !had);
            let stored = snapshot.into_stored_json().unwrap();
            assert!(!stored.contains(word), "{stored}");
            assert!(stored.contains("john@example.com"), "the customer stays: {stored}");
        }
    }

    #[test]
    fn the_other_participants_keep_what_they_wrote() {
        let case = joined(&an_opened(1).case, "ann@x.example", Actor::Customer, minutes_later(1));
        let case = joined(&case.case, "ben@x.example", Actor::Customer, minutes_later(2)).case;
        let reply = replied_by(&case, by_participant(&case), "Mine.", minutes_later(3));
        let (people, mark) = ([case.facts().participants[0].id], mark());
        let erased = ErasedPeople { people: &people, former_addresses: &[], mark: &mark };
        let mut snapshot = of(&reply);
        assert!(!snapshot.erase_people(&erased));
        assert_eq!(snapshot, of(&reply));
    }

    #[test]
    fn a_former_address_is_erased_with_what_was_beside_it() {
        let opened = an_opened(1);
        let request = CorrectRequest::default()
            .with_name("Jane Roe".parse().unwrap())
            .with_email("jane@x.example".parse::<EmailAddress>().unwrap());
        let correction = corrected(&opened.case, request, Actor::System, minutes_later(1));
        let (mark, former) = (mark(), ["JOHN@example.com".parse().unwrap()]);
        let erased = ErasedPeople { people: &[], former_addresses: &former, mark: &mark };
        for decision in [&opened, &correction] {
            let mut snapshot = of(decision);
            assert!(snapshot.erase_people(&erased));
            let stored = snapshot.into_stored_json().unwrap();
            assert!(!stored.contains("John") && !stored.contains("john@"), "{stored}");
        }
        let mut snapshot = of(&correction);
        snapshot.erase_people(&erased);
        assert!(snapshot.into_stored_json().unwrap().contains("jane@x.example"));
    }
}
