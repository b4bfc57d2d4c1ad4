#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod assign_case;
mod attachments;
mod audit;
mod budget_keys;
mod cancel_case;
mod case_changes;
mod case_command;
mod case_lock;
mod case_snapshots;
mod change_options;
mod change_plan;
mod changed;
mod client_network;
mod contacts;
mod contracts;
mod correct_case;
mod customer_access;
mod dispatch;
mod download_attachment;
mod due_case_runner;
mod erase_case;
mod erase_person;
mod error;
mod escalate_case;
mod follow_events;
mod get_case;
mod idempotency;
mod list_cases;
mod list_part;
mod look_up_case;
mod manage_participants;
mod manage_staff;
mod metrics;
mod new_participants;
mod no_responses;
mod notifications;
mod open_case;
mod open_case_by_staff;
mod outbox_signal;
mod people_erasure_plan;
mod process_due_case;
mod race;
mod read_history;
mod redact_case;
mod refused_participants;
mod reply_to_case;
mod retention_worker;
mod revision_plan;
mod staff_access;
mod tags;
mod trace;
mod unsubscribe;
mod update_case;
mod webhooks;

pub use assign_case::{AssignCase, AssignCaseError, AssignCommand};
pub use attachments::{
    Attachments, Download, FileRefusal, LARGEST_FILE, LARGEST_REQUEST, MOST_FILES, NewFile,
    SpaceFloor, StoreFileError, TakeUploadsError, UpdateFile, count_refused_files,
};
pub use audit::{
    Act, AuditAction, AuditFault, AuditLog, AuditRecorder, AuditReport, AuditSealer, FailedLogins,
    Initiator,
};
pub use cancel_case::CancelCase;
pub use case_changes::{Admission, CaseChanges, CasePorts};
pub use case_command::{CaseCommand, Requester};
pub use change_options::{ChangeOptions, IdempotentRequest, RenderResponse};
pub use change_plan::CaseRules;
pub use changed::{ChangeOutcome, Changed};
pub use client_network::client_network;
pub use contacts::{
    ContactChange, ContactError, ContactImport, ContactPage, ImportProblem, ImportRow,
    ImportTotals, ManageContacts, ManageOrganizations, NewContact, NewOrganization,
    OrganizationChange, OrganizationError, OrganizationPage,
};
pub use contracts::Contracts;
pub use correct_case::CorrectCase;
pub use customer_access::{
    AccessCode, AccessMode, AccessModeError, AccessToken, AccessTokens, CasePerson,
    CustomerAuthorizer, CustomerLinks, LinkMark, Proof, ProofDemand, RecoverAccess, RedeemError,
    RotateAccess, RotateAccessError, ServerSecret, ServerSecretError, UnsubscribeToken,
};
pub use dispatch::{Dispatcher, DispatcherSettings, DispatcherStatus, SendingLimits};
pub use download_attachment::DownloadAttachment;
pub use due_case_runner::{DueCaseRunner, DueCaseSettings};
pub use erase_case::{CaseRecords, EraseCase};
pub use erase_person::{
    ErasePerson, ErasePersonError, ErasureRequestKey, PersonErasurePorts, PersonErasureRunner,
    PersonErasureSettings, PersonToErase, RequestedErasure,
};
pub use error::CaseError;
pub use escalate_case::EscalateCase;
pub use follow_events::{FollowEvents, FollowedEvent, Follower};
pub use get_case::{CaseView, GetCase};
pub use idempotency::Idempotency;
pub use list_cases::{CaseList, ListCases, ListCursor, ListRequest, ListStart};
pub use look_up_case::{LookUpCase, LookedUpCase};
pub use manage_participants::{InviteError, ManageParticipants};
pub use manage_staff::{
    ManageStaff, MemberChange, MemberFilter, MemberPage, NewMember, NewService, StaffError,
};
pub use metrics::{DELIVERY_BUCKETS, GaugePorts, Gauges};
pub use new_participants::NewParticipants;
pub use notifications::{Delay, NotificationPage, RetryError, TrackNotifications};
pub use open_case::{OpenCase, Opened};
pub use open_case_by_staff::{OpenCaseByStaff, OpenCaseByStaffError, StaffOpenCommand};
pub use outbox_signal::OutboxSignal;
pub use process_due_case::ProcessDueCase;
pub use read_history::{HistoryPart, ReadHistory};
pub use redact_case::{RedactCase, RedactCaseError, Redacted};
pub use refused_participants::{RefusedAddress, RefusedAddressError, RefusedParticipants};
pub use reply_to_case::ReplyToCase;
pub use retention_worker::{Retention, RetentionWorker};
pub use staff_access::{
    Authenticate, AuthenticatedStaff, Authority, CredentialId, IssuedToken, ManageTokens, NewToken,
    OnBehalfError, OpaqueTokens, StaffTokenSecret, TokenError, TokenLives, TokenMaker,
};
pub use tags::{CountedTag, ManageTags, TagError, TagNames, TagNamesFilter, TagPage};
pub use trace::{TRACE_TARGET, TraceSampler, child_span};
pub use unsubscribe::Unsubscribe;
pub use update_case::{UpdateCase, UpdateCaseError};
pub use webhooks::{
    CurrentTargets, EndpointCache, EndpointChange, EndpointDirectory, EndpointHealth, HeaderChange,
    ManageWebhooks, NewEndpoint, Registered, ReplayError, SendTestError, SuccessesNoted,
    WebhookError, WebhookTargets,
};
