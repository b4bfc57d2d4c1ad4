//! Changes whose plan is outdated at the commit, because endpoints, members or tokens have changed.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use engage_application::{
    AssignCase, AssignCaseError, AssignCommand, Authenticate, Authority, CaseCommand, CaseError,
    ChangeOptions, EndpointCache, EscalateCase, OpenCase, Requester,
};
use engage_domain::staff::ServiceScope;
use engage_domain::webhook::WebhookEndpoint;
use engage_domain::{EscalateRequest, Role, ServiceRef, StaffMember};
use engage_identity::{Bearer, Credential, Identity, MockCredentialVerifier};
use engage_repository::{
    CaseRepository, ChangeSet, DirectoryVersion, MockCaseNumbers, MockCaseRepository,
    MockDirectoryRepository, MockStaffRepository, MockWebhookRepository, RepositoryError,
};
use engage_testkit::builders::{
    a_case_number, a_machine, a_new_case, a_staff_member, an_endpoint, minutes_later,
};

use crate::setup::{
    Committed, Setup, a_clock_at, a_colleague, a_setup, announcements, attachments, by_customer,
    by_member, tokens, unassigned,
};

/// A directory that changes concurrently, and a store that refuses outdated plans.
#[derive(Clone, Default)]
struct Others {
    version: Arc<AtomicI64>,
    endpoints: Arc<Mutex<Vec<WebhookEndpoint>>>,
    committed: Committed,
}

impl Others {
    fn change(&self) {
        self.version.fetch_add(1, Ordering::SeqCst);
    }

    fn register(&self) {
        self.endpoints.lock().unwrap().push(an_endpoint());
        self.change();
    }

    fn known(&self) -> EndpointCache {
        let (version, endpoints) = (self.version.clone(), self.endpoints.clone());
        let mut directory = MockDirectoryRepository::new();
        directory
            .expect_directory_version()
            .returning(move || Ok(DirectoryVersion(version.load(Ordering::SeqCst))));
        let mut webhooks = MockWebhookRepository::new();
        webhooks.expect_list_endpoints().returning(move || Ok(endpoints.lock().unwrap().clone()));
        EndpointCache::new(Arc::new(webhooks), Arc::new(directory))
    }

    /// Storage with one case. `meanwhile` runs before each commit.
    fn cases(&self, meanwhile: impl Fn(usize) + Send + Sync + 'static) -> MockCaseRepository {
        let mut cases = MockCaseRepository::new();
        cases.expect_find_case().returning(|_| Ok(Some(unassigned())));
        let others = self.clone();
        let attempts = std::sync::atomic::AtomicUsize::new(0);
        cases.expect_commit().returning(move |change_set| {
            meanwhile(attempts.fetch_add(1, Ordering::SeqCst));
            let now = DirectoryVersion(others.version.load(Ordering::SeqCst));
            if change_set.directory == Some(now) {
                others.committed.lock().unwrap().push(change_set);
                Ok(())
            } else {
                Err(RepositoryError::Outdated)
            }
        });
        cases
    }

    fn setup(&self, cases: impl CaseRepository + 'static) -> Setup {
        let mut numbers = MockCaseNumbers::new();
        let mut sequence = 0;
        numbers.expect_draw().returning(move |_| {
            sequence += 1;
            Ok(sequence)
        });
        Setup {
            clock: a_clock_at(60),
            numbers: Arc::new(numbers),
            webhooks: self.known().into(),
            ..a_setup(cases)
        }
    }

    fn the_one(&self) -> ChangeSet {
        let mut committed = self.committed.lock().unwrap();
        assert_eq!(committed.len(), 1);
        committed.remove(0)
    }

    fn endpoint_messages(&self) -> usize {
        announcements(&self.the_one()).iter().filter(|line| line.contains("whk_")).count()
    }
}

fn a_request() -> EscalateRequest {
    EscalateRequest { reason: "Production is down.".parse().unwrap(), new_urgency: None }
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_registered_between_plan_and_commit_is_notified() {
    let others = Others::default();
    let registering = others.clone();
    let cases = others.cases(move |attempt| {
        if attempt == 0 {
            registering.register();
        }
    });
    let escalate = EscalateCase::new(Arc::new(others.setup(cases).changes()));
    escalate.execute(by_customer(1), a_request()).await.unwrap();
    assert_eq!(others.endpoint_messages(), 1);

    let others = Others::default();
    let registering = others.clone();
    let cases = others.cases(move |attempt| {
        if attempt < 3 {
            registering.register();
        }
    });
    let open = OpenCase::new(Arc::new(others.setup(cases).changes()), tokens(), attachments());
    open.execute(a_new_case(), &ChangeOptions::default()).await.unwrap();
    assert_eq!(others.endpoint_messages(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_assignee_who_changed_meanwhile_is_read_again() {
    for leaves in [false, true] {
        let others = Others::default();
        let member = Arc::new(Mutex::new(a_colleague("ann")));
        let (changing, ann) = (others.clone(), member.clone());
        let cases = others.cases(move |attempt| {
            if attempt == 0 {
                let mut ann = ann.lock().unwrap();
                if leaves {
                    ann.deactivated_at = Some(minutes_later(1));
                } else {
                    ann.email = "ann@new.example".parse().unwrap();
                }
                changing.change();
            }
        });
        let mut staff = MockStaffRepository::new();
        staff.expect_find_staff().returning(move |_| Ok(Some(member.lock().unwrap().clone())));
        let changes = Arc::new(others.setup(cases).changes());
        let to_ann =
            AssignCommand { staff_id: Some("ann".parse().unwrap()), department: None, notes: None };
        let outcome = AssignCase::new(changes, Arc::new(staff))
            .execute(by_member(1, &a_colleague("eve")), to_ann)
            .await;
        if leaves {
            let refused =
                CaseError::Refused(AssignCaseError::StaffNotFound("ann".parse().unwrap()));
            assert_eq!(format!("{:?}", outcome.unwrap_err()), format!("{refused:?}"));
            assert!(others.committed.lock().unwrap().is_empty());
        } else {
            outcome.unwrap();
            let notified = announcements(&others.the_one()).join("\n");
            assert!(notified.contains("ann@new.example"), "{notified}");
        }
    }
}

fn by_authority(member: &StaffMember, authority: Authority) -> CaseCommand {
    let requester =
        Requester::Staff { member: member.to_ref(), authority: Some(Box::new(authority)) };
    CaseCommand { number: a_case_number(1), requester, options: ChangeOptions::default() }
}

/// Authenticates the current owner of a token, or nobody if the token was revoked.
fn authenticate(others: &Others, owner: Arc<Mutex<Option<StaffMember>>>) -> Authenticate {
    let mut verifier = MockCredentialVerifier::new();
    verifier.expect_verify().returning(move |_, _| {
        let credential = Credential::Jwt { expires_at: minutes_later(600) };
        let owner = owner.lock().unwrap().clone();
        Ok(owner.map(|member| Bearer {
            identity: Identity::Member { member, role_ceiling: None },
            credential,
        }))
    });
    Authenticate::new(
        vec![Arc::new(verifier)],
        Arc::new(MockStaffRepository::new()),
        a_clock_at(60),
    )
    .with_directory(others.known().into())
}

#[tokio::test(start_paused = true)]
async fn a_token_that_was_revoked_or_demoted_meanwhile_makes_no_change() {
    let eve = StaffMember { role: Role::Supervisor, ..a_staff_member("eve") };
    let demoted = StaffMember { role: Role::Agent, ..eve.clone() };
    let renamed = StaffMember { name: "Eve Moss".parse().unwrap(), ..eve.clone() };
    for (became, is_made) in [
        (Some(eve.clone()), true),
        (Some(renamed), true),
        (Some(demoted), false),
        (Some(a_staff_member("mallory")), false),
        (None, false),
    ] {
        let others = Others::default();
        let owner = Arc::new(Mutex::new(Some(eve.clone())));
        let authenticate = authenticate(&others, owner.clone());
        let authenticated = authenticate.execute("shown").await.unwrap().unwrap();
        let authority = Authority::new(authenticate, "shown", authenticated);
        // Before the change starts, for example while the request body is read.
        *owner.lock().unwrap() = became.clone();
        others.change();
        let changes = Arc::new(others.setup(others.cases(|_| ())).changes());
        let escalate = EscalateCase::new(changes);
        let outcome = escalate.execute(by_authority(&eve, authority), a_request()).await;
        if is_made {
            outcome.unwrap();
        } else {
            assert!(matches!(outcome, Err(CaseError::Revoked)), "{became:?}: {outcome:?}");
        }
        assert_eq!(others.committed.lock().unwrap().len(), usize::from(is_made), "{became:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_lost_a_right_meanwhile_makes_no_change() {
    let machine = a_machine("gateway", &[ServiceScope::CasesRead, ServiceScope::CasesReply]);
    for (scopes, is_made) in [(ServiceScope::ALL, true), (&[ServiceScope::CasesRead][..], false)] {
        let others = Others::default();
        let owner = Arc::new(Mutex::new(Some(machine.clone())));
        let authenticate = authenticate(&others, owner.clone());
        let authenticated = authenticate.execute("shown").await.unwrap().unwrap();
        let authority = Authority::new(authenticate, "shown", authenticated);
        *owner.lock().unwrap() = Some(a_machine("gateway", scopes));
        others.change();
        let by = ServiceRef { machine: machine.to_ref(), on_behalf_of: None };
        let requester = Requester::Service { by, authority: Some(Box::new(authority)) };
        let command =
            CaseCommand { number: a_case_number(1), requester, options: ChangeOptions::default() };
        let escalate = EscalateCase::new(Arc::new(others.setup(others.cases(|_| ())).changes()));
        let outcome = escalate.execute(command, a_request()).await;
        assert_eq!(outcome.is_ok(), is_made, "{scopes:?}: {outcome:?}");
        assert_eq!(others.committed.lock().unwrap().len(), usize::from(is_made), "{scopes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_revoked_between_plan_and_commit_makes_no_change() {
    let eve = a_staff_member("eve");
    let others = Others::default();
    let owner = Arc::new(Mutex::new(Some(eve.clone())));
    let authenticate = authenticate(&others, owner.clone());
    let authenticated = authenticate.execute("shown").await.unwrap().unwrap();
    let authority = Authority::new(authenticate, "shown", authenticated);
    let revoking = others.clone();
    let cases = others.cases(move |_| {
        *owner.lock().unwrap() = None;
        revoking.change();
    });
    let escalate = EscalateCase::new(Arc::new(others.setup(cases).changes()));
    let outcome = escalate.execute(by_authority(&eve, authority), a_request()).await;
    assert!(matches!(outcome, Err(CaseError::Revoked)), "{outcome:?}");
    assert!(others.committed.lock().unwrap().is_empty());
}
