//! Wiring of the use cases of customers and of staff.

use std::sync::Arc;

use engage_application::{
    AccessTokens, AssignCase, Attachments, CancelCase, CaseChanges, CaseRecords, CorrectCase,
    CustomerAuthorizer, EraseCase, EscalateCase, FollowEvents, GetCase, ListCases, LookUpCase,
    ManageWebhooks, OpenCase, OutboxSignal, ReadHistory, RecoverAccess, ReplyToCase, RotateAccess,
    TokenLives, UpdateCase,
};
use engage_domain::Policies;
use engage_http::{CustomerUseCases, StaffUseCases};

use super::dispatcher::tracking;
use crate::commands::{audit, staff};
use crate::storage::Storage;
use crate::system::{SystemClock, SystemIds};

/// Dependencies shared by the use cases.
pub(crate) struct UseCases<'a> {
    pub(crate) storage: &'a Storage,
    pub(crate) changes: Arc<CaseChanges>,
    pub(crate) attachments: Attachments,
    pub(crate) access_tokens: AccessTokens,
    pub(crate) outbox_signal: OutboxSignal,
    /// Lifetimes of tokens that members create.
    pub(crate) token_lives: TokenLives,
}

impl UseCases<'_> {
    pub(crate) fn for_customers(&self, authorizer: CustomerAuthorizer) -> CustomerUseCases {
        CustomerUseCases {
            open_case: OpenCase::new(
                Arc::clone(&self.changes),
                self.access_tokens.clone(),
                self.attachments.clone(),
            ),
            look_up_case: LookUpCase::new(
                self.storage.store(),
                authorizer,
                self.attachments.clone(),
            ),
            escalate_case: EscalateCase::new(Arc::clone(&self.changes)),
            reply_to_case: ReplyToCase::new(Arc::clone(&self.changes), self.attachments.clone()),
            attachments: self.attachments.clone(),
            cancel_case: CancelCase::new(Arc::clone(&self.changes)),
            recover_access: self.recover_access(),
        }
    }

    pub(crate) fn for_staff(
        &self,
        policies: Policies,
        manage_webhooks: ManageWebhooks,
    ) -> StaffUseCases {
        let (storage, changes) = (self.storage, &self.changes);
        let clock = Arc::new(SystemClock);
        let read_history = ReadHistory::new(storage.store());
        StaffUseCases {
            list_cases: ListCases::new(storage.store(), storage.store()),
            get_case: GetCase::new(storage.store(), policies, clock),
            follow_events: FollowEvents::new(read_history.clone()),
            read_history,
            update_case: UpdateCase::new(Arc::clone(changes), self.attachments.clone()),
            attachments: self.attachments.clone(),
            assign_case: AssignCase::new(Arc::clone(changes), storage.store()),
            escalate_case: EscalateCase::new(Arc::clone(changes)),
            correct_case: CorrectCase::new(Arc::clone(changes)),
            erase_case: EraseCase::new(Arc::clone(changes), self.records()),
            rotate_access: RotateAccess::new(storage.store(), audit::recorder()),
            track_notifications: tracking(storage),
            audit: audit::log(storage),
            manage_webhooks,
            manage_staff: staff::manage(storage),
            manage_tokens: staff::manage_tokens(storage, self.token_lives),
        }
    }

    fn recover_access(&self) -> RecoverAccess {
        RecoverAccess {
            cases: self.storage.store(),
            access: self.storage.store(),
            tokens: self.access_tokens.clone(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
            outbox_signal: self.outbox_signal.clone(),
        }
    }

    fn records(&self) -> CaseRecords {
        CaseRecords {
            cases: self.storage.store(),
            history: self.storage.store(),
            erasure: self.storage.store(),
            acts: self.storage.store(),
            recorder: audit::recorder(),
            attachments: self.attachments.clone(),
        }
    }
}
