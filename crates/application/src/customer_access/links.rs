use engage_domain::notify::TemplateAudience;
use engage_domain::{Address, Participant, ParticipantState, PersonId, PersonName, Template};
use engage_notifier::{CustomerAccess, ParticipantReader, Snapshot};
use engage_repository::ClaimedMessage;

use super::unsubscription::unsubscribe_link;
use super::{AccessToken, AccessTokens};

/// Builds the links to cases in emails to customers and participants.
#[derive(Clone)]
pub struct CustomerLinks {
    tokens: AccessTokens,
    page: String,
}

impl CustomerLinks {
    /// Creates links to the page at this URL, which must not have a fragment.
    ///
    /// Case number and token are in the fragment, which clients do not send to servers. Thus they
    /// do not appear in server logs.
    pub fn new(tokens: AccessTokens, page: String) -> Self {
        Self { tokens, page }
    }

    /// Returns the tokens in the links.
    pub(crate) fn tokens(&self) -> &AccessTokens {
        &self.tokens
    }

    /// Returns the link or code for a notification, or neither unless it is an email to the customer
    /// or a participant. Each of them gets a token of their own.
    ///
    /// Every attempt yields the same result unless the proofs are revoked or the participants change
    /// in between.
    pub(crate) fn access(&self, message: &ClaimedMessage) -> CustomerAccess {
        let is_email = matches!(message.address, Address::Email(_));
        match message.template.audience() {
            TemplateAudience::Customer if is_email && message.person.is_none() => {
                self.of_recipient(message, None)
            }
            TemplateAudience::Participant if is_email => match message.participant() {
                Some(participant) => CustomerAccess {
                    unsubscribe: unsubscribe_link(&self.tokens, &self.page, message),
                    ..self.of_recipient(message, Some(participant))
                },
                None => CustomerAccess::default(),
            },
            _ => CustomerAccess::default(),
        }
    }

    fn of_recipient(
        &self,
        message: &ClaimedMessage,
        participant: Option<&Participant>,
    ) -> CustomerAccess {
        // The channel reports an unreadable snapshot when it delivers the notification.
        let snapshot = serde_json::from_str::<Snapshot>(&message.snapshot).ok();
        let reader = participant.map(|participant| ParticipantReader {
            name: participant.name.clone(),
            others: snapshot.as_ref().map_or_else(Vec::new, |snapshot| others(message, snapshot)),
        });
        if message.template.delivers_code() {
            // No link: its token would be revoked when the code is redeemed.
            return CustomerAccess {
                code: Some(self.tokens.code(message.id).to_string()),
                code_expires_at: message.expires_at,
                participant: reader,
                ..CustomerAccess::default()
            };
        }
        let token = snapshot.map(|snapshot| self.token(message, participant, &snapshot));
        let page = self.page_of(message);
        let link = token.map(|token| format!("{page}#{}/{}", message.case_number, token.expose()));
        CustomerAccess { link, participant: reader, ..CustomerAccess::default() }
    }

    /// Returns the page with the mark of a customer's link in its query. There, programs of the release
    /// before ignore it, and it may be logged, since it opens nothing.
    fn page_of(&self, message: &ClaimedMessage) -> String {
        let (page, case) = (&self.page, message.case_id);
        match &message.address {
            Address::Email(address) if message.person.is_none() => {
                let mark = self.tokens.link_mark(case, address);
                let separator = if page.contains('?') { '&' } else { '?' };
                format!("{page}{separator}mark={}", mark.expose())
            }
            Address::Email(_) | Address::Phone(_) | Address::Webhook(_) => page.clone(),
        }
    }

    fn token(
        &self,
        message: &ClaimedMessage,
        participant: Option<&Participant>,
        snapshot: &Snapshot,
    ) -> AccessToken {
        let (case, generation) = (message.case_id, message.access_generation);
        match participant {
            None => self.tokens.issue(case, generation, snapshot.timestamp),
            Some(participant) => {
                let person = participant.id;
                self.tokens.issue_to_participant(case, person, generation, snapshot.timestamp)
            }
        }
    }
}

/// Returns the names of the other people who are told of the event, or of the other participants if
/// this one is invited.
fn others(message: &ClaimedMessage, snapshot: &Snapshot) -> Vec<Option<PersonName>> {
    let is_invitation = message.template == Template::CaseInvitedParticipant;
    let author = snapshot.data.event.person_id;
    let customer = &snapshot.data.case.customer_info;
    let hears = |person: PersonId| author != Some(person);
    let customer_hears =
        !is_invitation && customer.email.is_some() && hears(PersonId::of_customer(message.case_id));
    let participants = message.participants.iter().filter(|other| {
        let was_there = hears(other.id) && other.reads_from <= snapshot.timestamp;
        other.state == ParticipantState::Active
            && Some(other.id) != message.person
            && (is_invitation || was_there)
    });
    let names = participants.map(|other| other.name.clone());
    customer_hears.then(|| Some(customer.name.clone())).into_iter().chain(names).collect()
}

#[cfg(test)]
mod tests;
