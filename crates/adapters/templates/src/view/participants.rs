//! Texts of the e-mails to participants.
//!
//! They read what staff wrote. What the customer or another participant wrote is on the page only,
//! since the address of a participant may belong to a stranger.

use engage_domain::EventType;
use engage_notifier::{ActorSnapshot, ParticipantReader};

use super::{CUSTOMER, Entry, PARTICIPANT, STAFF, View, entry};
use crate::facts::{Fact, Facts};
use crate::words;

impl<'a> View<'a> {
    fn reader(&self) -> Option<&'a ParticipantReader> {
        self.access.participant.as_ref()
    }

    /// Greets the participant who reads the e-mail.
    pub(crate) fn greeting_to_participant(&self) -> String {
        let name = self.reader().and_then(|reader| reader.name.as_ref());
        words::greeting(name.map_or("", |name| name.as_str()))
    }

    /// Returns the name of the customer, unless it is an advertisement or may no longer be theirs.
    fn plain_customer(&self) -> Option<&'a str> {
        Some(self.customer()).filter(|name| !self.has_code() && words::is_plain_name(name))
    }

    /// Says whose case it is, within a sentence.
    pub(crate) fn case_of(&self) -> String {
        match self.plain_customer() {
            Some(name) => format!("{name}'s support case"),
            None => "a customer's support case".to_owned(),
        }
    }

    /// Says who added the participant, and to whose case.
    pub(crate) fn invitation(&self) -> String {
        match (self.event().actor.kind.as_str(), self.plain_customer()) {
            (CUSTOMER, Some(name)) => format!("{name} has added you to their support case"),
            (CUSTOMER, None) => {
                "One of our customers has added you to their support case".to_owned()
            }
            _ => format!("We've added you to {}", self.case_of()),
        }
    }

    /// Says what happened and how the case stands.
    pub(crate) fn news_to_participant(&self) -> String {
        let status = words::meaning_to_participant(self.case().case_details.status);
        match self.reply_to_participant() {
            Some(reply) => format!("{reply} {status}"),
            None => status.to_owned(),
        }
    }

    /// Says who else has replied, if somebody has.
    fn reply_to_participant(&self) -> Option<String> {
        let event = self.event();
        let actor = &event.actor;
        let is_reply = self.snapshot.event_type == EventType::Updated && !event.updates.is_empty();
        let somebody = match actor.kind.as_str() {
            CUSTOMER => "The customer",
            PARTICIPANT => "Somebody else who takes part",
            _ => return None,
        };
        let is_known = actor.name != ActorSnapshot::UNNAMED && words::is_plain_name(&actor.name);
        let name = if is_known { &actor.name } else { somebody };
        is_reply
            .then(|| format!("{name} has written a reply, which you can read on the page below."))
    }

    /// Returns the table for a participant who is told of an update.
    pub(crate) fn facts_for_participant(&self) -> Facts {
        self.facts_with_others("Also to")
    }

    /// Returns the table for a participant who is invited.
    pub(crate) fn facts_for_invited(&self) -> Facts {
        self.facts_with_others("Also in this case")
    }

    /// Returns the table with the names of other people. Like that for the customer, it shows the
    /// subject only if staff acted.
    fn facts_with_others(&self, label_of_others: &'static str) -> Facts {
        let details = &self.case().case_details;
        let staff_acted = self.event().actor.kind == STAFF;
        let others = self.reader().and_then(|reader| words::people(&reader.others));
        Facts::new([
            Some(Fact::new("Case number", self.number())),
            staff_acted.then(|| Fact::new("Subject", self.subject())),
            Some(Fact::new("Status", words::status_to_participant(details.status))),
            others.map(|others| Fact::new(label_of_others, others)),
        ])
    }

    /// Returns what staff wrote in public.
    pub(crate) fn written_for_participant(&self) -> Vec<Entry<'a>> {
        let of_staff = |kind: &str| kind != CUSTOMER && kind != PARTICIPANT;
        self.updates()
            .filter(|update| !update.is_internal && of_staff(&update.author.kind))
            .map(|update| entry(update, "Our message".to_owned()))
            .collect()
    }

    /// States what happens to replies to an e-mail for a participant.
    pub(crate) fn replies_of_participant(&self) -> &'static str {
        if self.brand.support_email.is_some() {
            "Replies to this e-mail aren't added to the case"
        } else {
            "Replies to this e-mail aren't read"
        }
    }
}
