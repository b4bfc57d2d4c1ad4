//! Tests of the erasure of persons, on a store in memory.

use std::sync::Arc;
use std::time::Duration;

use engage_application::{
    AuditRecorder, CaseChanges, CasePorts, CaseRecords, CaseRules, EraseCase, ErasePerson,
    ErasePersonError, ErasureRequestKey, Initiator, PersonErasurePorts, PersonErasureRunner,
    PersonErasureSettings, PersonToErase, TrackNotifications,
};
use engage_attachments::AttachmentContents;
use engage_domain::text::ERASED;
use engage_domain::{
    Actor, Address, Case, CaseNumber, Contact, ContactId, CustomerOrganization, ErasureCounts,
    ErasureId, ErasureState, Visibility,
};
use engage_repository::{
    CaseRepository, ContactFilter, ContactRepository, ErasureRepository, IdempotencyKey,
    MockErasureRepository, OrganizationFilter, OrganizationRepository, OutboxRepository,
    PersonErasure, PersonErasures, RepositoryError, RequestDigest, SuppressionKey,
};
use engage_sqlite::SqliteStore;
use engage_testkit::builders::{
    a_case_number, a_change_set, a_contact, a_contact_with, an_opened, an_organization, by,
    by_participant, joined, minutes_later, replied_by, written,
};
use engage_testkit::{ManualClock, SequentialIds};
use tokio::sync::watch;

use crate::setup::{a_colleague, attachments, tokens};

const JOHN: &str = "john@example.com";
const ANN: &str = "ann@x.example";

struct World {
    store: Arc<SqliteStore>,
    clock: ManualClock,
    changes: Arc<CaseChanges>,
    ports: PersonErasurePorts,
}

impl World {
    fn new() -> Self {
        let store = Arc::new(SqliteStore::in_memory().unwrap());
        Self::with_erasure(&store, store.clone())
    }

    fn with_erasure(store: &Arc<SqliteStore>, erasure: Arc<dyn ErasureRepository>) -> Self {
        let (clock, ids) = (ManualClock::new(), Arc::new(SequentialIds::new()));
        let shared = Arc::new(clock.clone());
        let ports = CasePorts::new(store.clone(), store.clone(), shared.clone(), ids.clone());
        let changes = Arc::new(CaseChanges::new(ports, CaseRules::default()));
        let contents = Arc::new(AttachmentContents::in_memory());
        let uploads = store.clone();
        let records = CaseRecords {
            cases: store.clone(),
            history: store.clone(),
            erasure,
            acts: store.clone(),
            recorder: AuditRecorder::new(shared.clone(), ids.clone()),
            attachments: engage_application::Attachments { contents, uploads, ..attachments() },
        };
        let ports = PersonErasurePorts {
            erasures: store.clone(),
            contacts: store.clone(),
            organizations: store.clone(),
            staff: store.clone(),
            erase_case: EraseCase::new(changes.clone(), records.clone()),
            tokens: tokens(),
            records,
            clock: shared,
            ids,
        };
        Self { store: store.clone(), clock, changes, ports }
    }

    fn erase_person(&self) -> ErasePerson {
        ErasePerson::new(self.ports.clone())
    }

    async fn request(&self, person: PersonToErase) -> ErasureId {
        let (jane, by) = ("jane".parse().unwrap(), Initiator::command_line());
        self.erase_person().request(person, jane, None, &by).await.unwrap().id
    }

    async fn find(&self, id: ErasureId) -> PersonErasure {
        self.erase_person().find(id).await.unwrap()
    }

    async fn commit(&self, decision: engage_domain::Decision) -> Case {
        let case = decision.case.clone();
        self.store.commit(a_change_set(decision, Vec::new())).await.unwrap();
        case
    }

    /// Opens a case of John in which Ann has replied, which a member has quoted.
    async fn a_story(&self, sequence: u64) -> Case {
        let case = self.commit(an_opened(sequence)).await;
        let joining = joined(&case, ANN, Actor::Customer, minutes_later(1));
        let case = self.commit(joining).await;
        let text = "My password is h7Kx92mmQ.";
        let reply = replied_by(&case, by_participant(&case), text, minutes_later(2));
        let case = self.commit(reply).await;
        let ben = by(&a_colleague("ben"));
        let quoting = "> My password is h7Kx92mmQ.\nNever send it.";
        self.commit(written(&case, quoting, Visibility::Public, ben, minutes_later(3))).await
    }

    async fn case(&self, number: &CaseNumber) -> Case {
        self.store.find_case(number).await.unwrap().unwrap().case
    }

    /// Runs the worker until an erasure is in a state.
    async fn run_until(&self, id: ErasureId, state: ErasureState, settings: PersonErasureSettings) {
        let runner = PersonErasureRunner::new(self.changes.clone(), self.ports.clone(), settings);
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(runner.run(stopped));
        engage_testkit::contract::in_time(async {
            while self.find(id).await.state != state {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
        stop.send(true).unwrap();
        running.await.unwrap();
    }
}

fn settings() -> PersonErasureSettings {
    PersonErasureSettings { poll: Duration::from_millis(1), ..PersonErasureSettings::default() }
}

fn email(text: &str) -> PersonToErase {
    PersonToErase::Email(text.parse().unwrap())
}

#[tokio::test]
async fn a_preview_counts_own_cases_entries_in_those_of_others_and_quotations() {
    let world = World::new();
    let case = world.a_story(1).await;
    world.a_story(2).await;
    let erase_person = world.erase_person();
    for (person, counts) in [
        (JOHN, ErasureCounts { cases: 2, entries: 0, quotes: 0 }),
        (ANN, ErasureCounts { cases: 0, entries: 2, quotes: 2 }),
        ("nobody@example.com", ErasureCounts::default()),
    ] {
        assert_eq!(erase_person.preview(email(person)).await.unwrap(), counts, "{person}");
    }
    assert_eq!(world.case(case.number()).await, case);
}

#[tokio::test]
async fn the_addresses_of_a_contact_are_those_of_the_person() {
    let world = World::new();
    let contact = a_contact_with(&[JOHN, "jd@x.example"]);
    world.store.add_contact(&contact).await.unwrap();
    for person in [email("JD@x.example"), PersonToErase::Contact(contact.id)] {
        let erasure = world.find(world.request(person).await).await;
        let addresses: Vec<_> =
            erasure.addresses.iter().map(engage_domain::EmailAddress::normalized).collect();
        assert!(addresses.iter().any(|one| one == JOHN), "{addresses:?}");
        assert_eq!((addresses.len(), erasure.contact), (2, Some(contact.id)));
        assert_eq!(erasure.state, ErasureState::Running);
    }
    let unknown = PersonToErase::Contact(ContactId::from_u128(99));
    let refused = world.erase_person().preview(unknown).await;
    assert!(matches!(refused, Err(ErasePersonError::ContactNotFound(_))), "{refused:?}");
}

#[tokio::test]
async fn a_key_belongs_to_one_request_for_a_day() {
    let world = World::new();
    let erase_person = world.erase_person();
    let request = async |digest: u8| {
        let key = IdempotencyKey([7; 32]);
        let key = Some(ErasureRequestKey { key, digest: RequestDigest([digest; 32]) });
        let jane = "jane".parse().unwrap();
        erase_person.request(email(JOHN), jane, key, &Initiator::command_line()).await
    };
    let first = request(1).await.unwrap();
    assert!(!first.is_replayed);
    let again = request(1).await.unwrap();
    assert_eq!((again.id, again.is_replayed), (first.id, true));
    assert!(matches!(request(2).await, Err(ErasePersonError::KeyReused)));
    world.clock.advance(Duration::from_hours(24));
    let later = request(2).await.unwrap();
    assert!(!later.is_replayed);
    assert_ne!(later.id, first.id);
}

#[tokio::test]
async fn an_erasure_takes_two_passes_an_hour_apart() {
    let world = World::new();
    world.a_story(1).await;
    let id = world.request(email(ANN)).await;
    world.run_until(id, ErasureState::SecondPass, settings()).await;
    let ann = &world.case(&a_case_number(1)).await.facts().participants[0].clone();
    assert_eq!(ann.name, None);
    world.a_story(2).await;
    world.clock.advance(Duration::from_mins(59));
    let claimed = world.store.claim_person_erasure(world.ports.clock.now(), minutes_later(99));
    assert_eq!(claimed.await.unwrap(), None, "the second pass is not due");
    world.clock.advance(Duration::from_mins(1));
    world.run_until(id, ErasureState::Done, settings()).await;
    let erasure = world.find(id).await;
    assert_eq!(erasure.counts, ErasureCounts { cases: 0, entries: 2, quotes: 2 });
    assert_eq!(erasure.addresses, []);
    let late = world.case(&a_case_number(2)).await;
    assert_eq!(late.facts().participants[0].name, None);
    assert_eq!(late.facts().customer.email, Some(JOHN.parse().unwrap()));
}

#[tokio::test]
async fn contacts_are_removed_and_mentions_in_notes_of_others_erased() {
    let world = World::new();
    let store = &world.store;
    let named =
        |notes: &str, contact: Contact| Contact { notes: Some(notes.parse().unwrap()), ..contact };
    let own = Contact { name: "Ann Lee".parse().unwrap(), ..named("Kind.", a_contact(ANN)) };
    let mentions = "ann lee (ANN@x.example) is not joann@x.example or Ann.";
    let other = named(mentions, a_contact("ben@x.example"));
    store.add_contact(&own).await.unwrap();
    store.add_contact(&other).await.unwrap();
    let notes = Some("Ask ann@x.example.".parse().unwrap());
    let acme = CustomerOrganization { notes, ..an_organization(&["acme.example"]) };
    store.add_organization(&acme).await.unwrap();

    let id = world.request(email(ANN)).await;
    world.run_until(id, ErasureState::SecondPass, settings()).await;
    let limit = std::num::NonZeroU32::new(10).unwrap();
    let left = store.list_contacts(&ContactFilter::default(), None, limit).await.unwrap();
    let [left] = &left[..] else { panic!("one contact is left: {left:?}") };
    let erased = format!("{ERASED} ({ERASED}) is not joann@x.example or Ann.");
    assert_eq!(left.notes.as_ref().map(engage_domain::text::Notes::as_str), Some(&*erased));
    let found = store.list_organizations(&OrganizationFilter::default(), None, limit).await;
    let notes = found.unwrap()[0].notes.clone();
    assert_eq!(notes.as_ref().map(engage_domain::text::Notes::as_str), Some("Ask [erased]."));
}

#[tokio::test]
async fn suppressed_addresses_stay_as_hashes() {
    let world = World::new();
    let address: Address = Address::Email(ANN.parse().unwrap());
    world.store.suppress(&address, "550 ann is unknown").await.unwrap();
    let id = world.request(email(ANN)).await;
    world.run_until(id, ErasureState::SecondPass, settings()).await;
    assert_eq!(world.store.find_suppression(&address.clone().into()).await.unwrap(), None);
    let mac = Some(tokens().address_mac(&ANN.parse().unwrap()));
    let key = SuppressionKey { address: address.clone(), mac };
    let reason = world.store.find_suppression(&key).await.unwrap();
    assert_eq!(reason.as_deref(), Some(ERASED));

    let (store, by) = (world.store.clone(), Initiator::command_line());
    let recorder = AuditRecorder::new(world.ports.clock.clone(), world.ports.ids.clone());
    let track = TrackNotifications::new(store.clone(), store.clone(), store, recorder);
    assert!(!track.clone().lift_suppression(&address, &by).await.unwrap());
    let track = track.with_access_tokens(tokens());
    assert!(track.lift_suppression(&address, &by).await.unwrap());
    assert_eq!(world.store.find_suppression(&key).await.unwrap(), None);
}

#[tokio::test]
async fn an_erasure_that_fails_again_and_again_is_given_up_without_its_addresses() {
    let mut failing = MockErasureRepository::new();
    failing.expect_erase().returning(|_| Err(RepositoryError::Conflict));
    let store = Arc::new(SqliteStore::in_memory().unwrap());
    let world = World::with_erasure(&store, Arc::new(failing));
    world.a_story(1).await;
    let id = world.request(email(JOHN)).await;
    let settings = PersonErasureSettings {
        most_failures: 3,
        pause_after_failure: Duration::ZERO,
        ..settings()
    };
    world.run_until(id, ErasureState::Failed, settings).await;
    let erasure = world.find(id).await;
    assert_eq!((erasure.addresses, erasure.counts), (Vec::new(), ErasureCounts::default()));
    let case = world.case(&a_case_number(1)).await;
    assert_eq!(case.facts().customer.email, Some(JOHN.parse().unwrap()));
}

#[tokio::test]
async fn a_case_that_was_begun_is_erased_again() {
    let world = World::new();
    world.a_story(1).await;
    let id = world.request(email("nobody@example.com")).await;
    let now = world.ports.clock.now();
    let claimed = world.store.claim_person_erasure(now, now).await.unwrap().unwrap();
    let progress = engage_repository::ErasureProgress {
        id,
        claim: claimed.claim,
        state: ErasureState::Running,
        counts: ErasureCounts::default(),
        begun: vec![a_case_number(1)],
        failures: 0,
        due_at: now,
    };
    assert!(world.store.save_person_erasure(&progress).await.unwrap());
    world.run_until(id, ErasureState::SecondPass, settings()).await;
    let case = world.case(&a_case_number(1)).await;
    assert_eq!(case.facts().customer.name.as_str(), ERASED);
    assert_eq!(world.find(id).await.counts.cases, 1);
}
