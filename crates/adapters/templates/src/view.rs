//! The view of a case and an event that templates render.

mod opening;
mod participants;

use engage_domain::text::Line;
use engage_domain::{EventType, Timestamp};
use engage_notifier::{CaseSnapshot, CustomerAccess, EventSnapshot, Snapshot, UpdateSnapshot};

use crate::Brand;
use crate::facts::{Fact, Facts};
use crate::links::{Piece, pieces};
use crate::words;

/// Kind of an [`engage_notifier::ActorSnapshot`] that is the customer.
const CUSTOMER: &str = "CUSTOMER";
/// Kind of an actor who is a participant.
const PARTICIPANT: &str = "PARTICIPANT";
/// Kind of an actor who is a member of staff.
const STAFF: &str = "STAFF";
/// Kind of an actor that is Engage acting automatically.
const SYSTEM: &str = "SYSTEM";

/// A snapshot formatted for readers.
pub(crate) struct View<'a> {
    brand: &'a Brand,
    snapshot: &'a Snapshot,
    access: &'a CustomerAccess,
}

/// A message written by a person.
pub(crate) struct Entry<'a> {
    pub(crate) heading: String,
    pub(crate) message: &'a str,
    /// Names and sizes of its attachments.
    pub(crate) files: String,
    /// True if its URLs become links: only if staff wrote it, never a stranger.
    has_links: bool,
}

impl Entry<'_> {
    /// Splits the message at its line feeds, since HTML has an element for them.
    pub(crate) fn lines(&self) -> std::str::Split<'_, char> {
        self.message.split('\n')
    }

    /// Splits a line into plain text and links.
    pub(crate) fn pieces<'a>(&self, line: &'a str) -> Vec<Piece<'a>> {
        if self.has_links { pieces(line) } else { vec![Piece { text: line, is_link: false }] }
    }
}

impl<'a> View<'a> {
    pub(crate) fn new(
        brand: &'a Brand,
        snapshot: &'a Snapshot,
        access: &'a CustomerAccess,
    ) -> Self {
        Self { brand, snapshot, access }
    }

    pub(crate) fn brand(&self) -> &'a Brand {
        self.brand
    }

    pub(crate) fn case(&self) -> &'a CaseSnapshot {
        &self.snapshot.data.case
    }

    fn event(&self) -> &'a EventSnapshot {
        &self.snapshot.data.event
    }

    /// URL at which the reader sees the case. It is for the customer or one participant only.
    pub(crate) fn case_link(&self) -> Option<&'a str> {
        self.access.link.as_deref()
    }

    /// Code that the reader exchanges for a link. It is for the customer or one participant only.
    pub(crate) fn code(&self) -> &'a str {
        self.access.code.as_deref().unwrap_or_default()
    }

    /// States until when the code is valid, since the e-mail may arrive late.
    pub(crate) fn code_validity(&self) -> String {
        match self.access.code_expires_at {
            Some(at) => format!("until {}", self.instant(at)),
            None => "for 15 minutes".to_owned(),
        }
    }

    /// Lists the other cases that the notification covers.
    pub(crate) fn others(&self) -> Option<String> {
        words::cases(&self.snapshot.gathered)
    }

    pub(crate) fn number(&self) -> String {
        self.case().case_number.to_string()
    }

    pub(crate) fn customer(&self) -> &'a str {
        self.case().customer_info.name.as_str()
    }

    /// Returns the customer's name, followed by their organization if there is one.
    pub(crate) fn customer_in_full(&self) -> String {
        match &self.case().customer_info.organization {
            Some(organization) => format!("{} ({organization})", self.customer()),
            None => self.customer().to_owned(),
        }
    }

    /// Greets the customer.
    pub(crate) fn greeting(&self) -> String {
        words::greeting(if self.has_code() { "" } else { self.customer() })
    }

    /// Checks whether the e-mail delivers a code. It is stored with the first event of the case, whose
    /// customer may have been corrected since, so it does not name them.
    fn has_code(&self) -> bool {
        self.access.code.is_some()
    }

    pub(crate) fn subject(&self) -> &'a str {
        self.case().case_details.subject.as_str()
    }

    pub(crate) fn urgency(&self) -> &'static str {
        words::urgency(self.case().case_details.urgency)
    }

    fn plan(&self) -> &'static str {
        words::plan(self.case().customer_info.customer_type)
    }

    /// Returns the customer's plan, preceded by "a" or "an".
    pub(crate) fn plan_with_article(&self) -> String {
        words::with_article(self.plan())
    }

    /// States what happens to replies to an e-mail for the customer.
    pub(crate) fn replies(&self) -> &'static str {
        if self.brand.support_email.is_some() {
            "Replies to this e-mail aren't added to your case"
        } else {
            "Replies to this e-mail aren't read"
        }
    }

    pub(crate) fn level(&self) -> u8 {
        self.case().case_details.escalation_level.get()
    }

    /// Explains the case's status to the customer.
    pub(crate) fn meaning(&self) -> &'static str {
        words::meaning_to_customer(self.case().case_details.status)
    }

    /// Returns the department named to the customer.
    pub(crate) fn team(&self) -> &'a str {
        self.case().assignment.department.as_ref().map_or("our support team", Line::as_str)
    }

    fn assignee(&self) -> Option<&'a str> {
        self.case().assignment.assignee_name.as_ref().map(Line::as_str)
    }

    /// Returns the assignee, or else the department.
    fn handler(&self) -> Option<&'a str> {
        let department = self.case().assignment.department.as_ref();
        self.assignee().or(department.map(Line::as_str))
    }

    /// Returns the handler for use where a name is expected.
    pub(crate) fn hands(&self) -> &'a str {
        self.handler().unwrap_or("no one")
    }

    /// Returns the handler for use after "is now".
    pub(crate) fn whereabouts(&self) -> String {
        self.handler().map_or_else(words::unassigned, |name| format!("with {name}"))
    }

    pub(crate) fn is_new(&self) -> bool {
        self.snapshot.event_type == EventType::Created
    }

    /// Returns the name of the actor, at the beginning of a sentence.
    pub(crate) fn actor(&self) -> &'a str {
        let actor = &self.event().actor;
        if actor.kind == SYSTEM { "The system" } else { &actor.name }
    }

    pub(crate) fn customer_acted(&self) -> bool {
        self.event().actor.kind == CUSTOMER
    }

    /// Returns the table for the customer.
    ///
    /// It shows the subject only if staff acted. Actions of the customer and automatic changes must
    /// not mail a stranger's text to the person entered as the customer.
    pub(crate) fn facts_for_customer(&self) -> Facts {
        let details = &self.case().case_details;
        let staff_acted = self.event().actor.kind == STAFF;
        Facts::new([
            Some(Fact::new("Case number", self.number())),
            staff_acted.then(|| Fact::new("Subject", self.subject())),
            self.is_new().then(|| {
                Fact::new("Type of request", words::capital(words::issue(details.issue_type)))
            }),
            Some(Fact::new("Status", words::status_to_customer(details.status))),
            Some(Fact::new("Urgency", words::capital(self.urgency()))),
            self.resolution_due().map(|due| Fact::new("Expected resolution", due)),
        ])
    }

    /// Returns the table for staff who know the case.
    pub(crate) fn facts(&self) -> Facts {
        Facts::new([
            Some(Fact::new("Case number", self.number())),
            Some(Fact::new("Customer", self.customer_in_full())),
            Some(Fact::new("Status", self.case().case_details.status.label())),
            Some(Fact::new("Urgency", self.urgency_with_priority())),
            Some(Fact::new(
                "Assignee",
                self.assignee().map_or_else(words::unassigned, str::to_owned),
            )),
            self.first_response_due(),
            self.resolution_due().map(|due| Fact::new("Resolution due", due)),
        ])
    }

    /// Returns the table for staff who see the case for the first time.
    pub(crate) fn all_facts(&self) -> Facts {
        let CaseSnapshot { customer_info, case_details, assignment, timeline, .. } = self.case();
        Facts::new([
            Some(Fact::new("Case number", self.number())),
            Some(Fact::new("Customer", self.customer_in_full())),
            Some(Fact::new("Plan", words::capital(self.plan()))),
            customer_info.email.as_ref().map(|email| Fact::new("E-mail", email.as_str())),
            customer_info.phone.as_ref().map(|phone| Fact::new("Phone", phone.as_str())),
            case_details
                .client_or_project_name
                .as_ref()
                .map(|project| Fact::new("Project", project.as_str())),
            Some(Fact::new("Type", words::capital(words::issue(case_details.issue_type)))),
            Some(Fact::new("Urgency", self.urgency_with_priority())),
            Some(Fact::new("Status", case_details.status.label())),
            (self.level() > 0).then(|| Fact::new("Escalation level", self.level().to_string())),
            assignment.department.as_ref().map(|name| Fact::new("Department", name.as_str())),
            Some(Fact::new(
                "Assignee",
                self.assignee().map_or_else(words::unassigned, str::to_owned),
            )),
            Some(Fact::new("Opened", self.instant(timeline.created_at))),
            self.first_response_due(),
            self.resolution_due().map(|due| Fact::new("Resolution due", due)),
        ])
    }

    /// Returns the host of the disabled endpoint. The rest of its URL may contain a secret.
    pub(crate) fn endpoint_host(&self) -> &'a str {
        let url = self.snapshot.disabled_endpoint.as_ref().map_or("", |endpoint| &endpoint.url);
        let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
        authority.rsplit('@').next().unwrap_or_default()
    }

    /// Returns the table about the disabled endpoint.
    pub(crate) fn endpoint_facts(&self) -> Facts {
        let Some(endpoint) = &self.snapshot.disabled_endpoint else { return Facts::new([]) };
        Facts::new([
            Some(Fact::new("URL", &*endpoint.url)),
            Some(Fact::new("Reason", &*endpoint.reason)),
            Some(Fact::new("Since", self.instant(endpoint.since))),
            Some(Fact::new("ID", endpoint.id.to_string())),
        ])
    }

    /// Names the service target that is at risk or missed.
    pub(crate) fn target(&self) -> &'static str {
        let overdue = self.event().overdue.as_ref();
        overdue.map_or("service target", |overdue| words::target(overdue.clock, overdue.alert))
    }

    /// Returns [`Self::target`] capitalized, for the beginning of a line.
    pub(crate) fn target_alone(&self) -> String {
        words::capital(self.target())
    }

    /// Formats an instant in the brand's time zone.
    fn instant(&self, instant: Timestamp) -> String {
        words::instant(instant, &self.brand.time_zone)
    }

    /// Returns a sentence that names the service target at risk or missed, and when it is due.
    pub(crate) fn target_in_full(&self) -> String {
        let overdue = self.event().overdue.as_ref();
        overdue.map_or_else(
            || "See the service targets of the case.".to_owned(),
            |overdue| {
                words::target_in_full(overdue.clock, overdue.alert, &self.instant(overdue.due_at))
            },
        )
    }

    /// Checks whether the event escalated the case.
    pub(crate) fn is_escalated(&self) -> bool {
        self.event().escalation.is_some()
    }

    /// Returns the table of changes, for staff.
    pub(crate) fn changes(&self) -> Facts {
        let zone = &self.brand.time_zone;
        let changes = self.event().changes.iter();
        Facts::new(changes.map(|change| words::change(change, self.assignee(), zone)))
    }

    fn urgency_with_priority(&self) -> String {
        let (urgency, priority) = (self.urgency(), self.case().case_details.priority_score);
        format!("{} (priority {priority} of 100)", words::capital(urgency))
    }

    fn first_response_due(&self) -> Option<Fact> {
        let CaseSnapshot { timeline, case_details, .. } = self.case();
        let owed = timeline.first_response.is_none() && case_details.status.is_active();
        owed.then(|| Fact::new("First response due", self.instant(timeline.first_response_due)))
    }

    /// Returns when the case should be resolved, or `None` while its resolution clock is stopped.
    fn resolution_due(&self) -> Option<String> {
        let CaseSnapshot { timeline, case_details, .. } = self.case();
        let runs = case_details.status.is_active() && !case_details.status.pauses_resolution();
        runs.then(|| self.instant(timeline.estimated_resolution))
    }

    /// Returns the updates that people wrote, or all updates if the event was automatic.
    ///
    /// The tables already show the notes that Engage adds to people's actions ("Status changed to
    /// …").
    fn updates(&self) -> impl Iterator<Item = &'a UpdateSnapshot> {
        let event = self.event();
        let desk_acted = event.actor.kind == SYSTEM;
        event.updates.iter().filter(move |update| desk_acted || update.author.kind != SYSTEM)
    }

    /// Returns the updates written for the customer. It leaves out internal updates and the
    /// customer's own, which anyone may have submitted in their name. It names participants, but not
    /// the members of staff.
    pub(crate) fn written_for_customer(&self) -> Vec<Entry<'a>> {
        self.updates()
            .filter(|update| !update.is_internal && update.author.kind != CUSTOMER)
            .map(|update| match update.author.kind.as_str() {
                PARTICIPANT => entry(update, format!("{} wrote", update.author.name)),
                _ => entry(update, "Our message to you".to_owned()),
            })
            .collect()
    }

    /// Checks whether an e-mail contains text written by staff.
    pub(crate) fn staff_wrote(&self, is_for_people_of_case: bool) -> bool {
        self.updates().any(|update| {
            update.author.kind == STAFF && !(is_for_people_of_case && update.is_internal)
        })
    }

    /// Returns all updates, for staff.
    pub(crate) fn written(&self) -> Vec<Entry<'a>> {
        let heading = |update: &UpdateSnapshot| match update.author.kind.as_str() {
            SYSTEM => "Automatic note".to_owned(),
            _ if update.is_internal => format!("{} added an internal note", update.author.name),
            _ => format!("{} wrote", update.author.name),
        };
        self.updates().map(|update| entry(update, heading(update))).collect()
    }
}

fn entry(update: &UpdateSnapshot, heading: String) -> Entry<'_> {
    let names = update.attachments.iter();
    let names = names.map(|file| format!("{} ({})", file.filename, words::size(file.size)));
    Entry {
        heading,
        message: update.message.as_str(),
        files: names.collect::<Vec<_>>().join(", "),
        has_links: update.author.kind == STAFF,
    }
}
