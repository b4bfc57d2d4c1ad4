//! What customers and staff can do, put together from the adapters.

use std::sync::Arc;
use std::time::Duration;

use engage_application::{
    AccessTokens, AssignCase, Attachments, CancelCase, CaseChanges, CaseRecords, CorrectCase,
    CustomerGate, EraseCase, EscalateCase, FollowEvents, GetCase, Idempotency, ListCases,
    LookUpCase, ManageWebhooks, OpenCase, OutboxBell, ReadHistory, RecoverAccess, ReplyToCase,
    RotateAccess, TokenLives, UpdateCaseByStaff, UpdateWithFiles,
};
use engage_domain::Policies;
use engage_http::{CustomerDesk, StaffDesk};

use crate::commands::{audit, delivery, staff};
use crate::storage::Storage;
use crate::system::{SystemClock, SystemIds};

/// What both desks are made of.
pub(crate) struct Desks<'a> {
    pub(crate) storage: &'a Storage,
    pub(crate) changes: Arc<CaseChanges>,
    pub(crate) attachments: Attachments,
    pub(crate) access_tokens: AccessTokens,
    pub(crate) bell: OutboxBell,
    /// For how long the answer to a request under an idempotency key is kept.
    pub(crate) answers_kept_for: Duration,
    /// For how long tokens hold that members make.
    pub(crate) token_lives: TokenLives,
}

impl Desks<'_> {
    pub(crate) fn for_customers(&self, gate: CustomerGate) -> CustomerDesk {
        CustomerDesk {
            open_case: OpenCase::new(Arc::clone(&self.changes)),
            look_up_case: LookUpCase::new(Arc::clone(&self.storage.queries), gate),
            escalate_case: EscalateCase::new(Arc::clone(&self.changes)),
            reply_to_case: ReplyToCase::new(Arc::clone(&self.changes)),
            attachments: self.attachments.clone(),
            cancel_case: CancelCase::new(Arc::clone(&self.changes)),
            access_tokens: self.access_tokens.clone(),
            recover_access: self.recover_access(),
            idempotency: self.idempotency(),
        }
    }

    pub(crate) fn for_staff(
        &self,
        policies: Policies,
        manage_webhooks: ManageWebhooks,
    ) -> StaffDesk {
        let (storage, changes) = (self.storage, &self.changes);
        let clock = Arc::new(SystemClock);
        let read_history = ReadHistory::new(Arc::clone(&storage.history));
        StaffDesk {
            list_cases: ListCases::new(Arc::clone(&storage.queries), Arc::clone(&storage.staff)),
            get_case: GetCase::new(Arc::clone(&storage.queries), policies, clock),
            follow_events: FollowEvents::new(read_history.clone()),
            read_history,
            update_with_files: UpdateWithFiles::new(
                UpdateCaseByStaff::new(Arc::clone(changes)),
                self.attachments.clone(),
            ),
            attachments: self.attachments.clone(),
            assign_case: AssignCase::new(Arc::clone(changes), Arc::clone(&storage.staff)),
            escalate_case: EscalateCase::new(Arc::clone(changes)),
            correct_case: CorrectCase::new(Arc::clone(changes)),
            erase_case: EraseCase::new(Arc::clone(changes), self.records()),
            rotate_access: RotateAccess::new(Arc::clone(&storage.acts), audit::recorder()),
            idempotency: self.idempotency(),
            track_notifications: delivery::tracking(storage),
            audit: audit::log(storage),
            manage_webhooks,
            manage_staff: staff::manage(storage),
            manage_tokens: staff::manage_tokens(storage, self.token_lives),
        }
    }

    fn recover_access(&self) -> RecoverAccess {
        RecoverAccess {
            cases: Arc::clone(&self.storage.cases),
            access: Arc::clone(&self.storage.access),
            tokens: self.access_tokens.clone(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
            bell: self.bell.clone(),
        }
    }

    fn records(&self) -> CaseRecords {
        CaseRecords {
            cases: Arc::clone(&self.storage.cases),
            history: Arc::clone(&self.storage.history),
            erasure: Arc::clone(&self.storage.erasure),
            acts: Arc::clone(&self.storage.acts),
            recorder: audit::recorder(),
            attachments: self.attachments.clone(),
        }
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::new(
            Arc::clone(&self.storage.idempotency),
            Arc::new(SystemClock),
            self.answers_kept_for,
        )
    }
}
