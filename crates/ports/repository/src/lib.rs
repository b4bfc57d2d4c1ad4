#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod access;
mod attachments;
mod audit;
mod backup;
mod budgets;
mod cases;
mod change_set;
mod channel_refusals;
mod claim_capacity;
mod contacts;
mod conversation;
mod digest;
mod directory;
mod due_cases;
mod endpoint_text;
mod erasure;
mod error;
mod filter;
mod health;
mod history;
mod idempotency;
mod listing;
mod notifications;
mod numbers;
mod organization_addresses;
mod organizations;
mod outbox;
mod overtaking;
mod person_erasures;
mod queries;
mod request_counts;
mod retention;
mod revision;
mod search;
mod staff;
mod store;
mod suppression;
mod tag_filter;
mod tags;
mod trial_delivery;
mod webhooks;

pub use access::{
    AccessGeneration, AccessRepository, CaseGenerations, CodeLimit, NewAccessCode,
    ParticipantGenerations, RotatedAccess,
};
/// The attribute that an implementation of a port needs.
pub use async_trait::async_trait;
pub use attachments::{
    AttachmentStore, Content, ExpiredUpload, MeasuredFiles, Space, Upload, UploadRepository,
};
pub use audit::{
    AuditActor, AuditEntry, AuditFacts, AuditFilter, AuditHash, AuditHashError, AuditHead,
    AuditRecord, AuditRepository, AuditState, AuditValues, AuditedStore,
};
pub use backup::{
    BackupError, CopiedFile, CopyFacts, CopyPart, CopyReader, CopyWriter, DatabaseBackup, Restored,
    TableRows, WaitingNotifications,
};
pub use budgets::{Admission, Budget, BudgetKey, BudgetRepository, Count, Counts, Share, Verdict};
pub use cases::{CaseRepository, StoredCase};
pub use change_set::{ChangeSet, EventOrigin, OutboxMessage};
pub use channel_refusals::ChannelRefusals;
pub use claim_capacity::ClaimCapacity;
pub use contacts::{ContactBatch, ContactFilter, ContactRepository, ContactWrite};
pub use conversation::{ParticipantView, UpdateCursor, UpdatePage, UpdatesWanted};
pub use digest::{digest_cases, digest_text};
pub use directory::{DirectoryRepository, DirectoryVersion};
pub use due_cases::{DueCase, DueCases};
pub use endpoint_text::{headers_text, known_names, read_headers, read_secrets, secrets_octets};
pub use erasure::{Erasure, ErasureRepository};
pub use error::{RepositoryError, UniqueConstraint};
pub use filter::{AssigneeFilter, CaseFilter, spellings};
pub use health::{ConnectionUse, StoreHealth};
pub use history::{EventHistory, EventPosition, FeedEvent};
pub use idempotency::{
    IdempotencyKey, IdempotencyRecord, IdempotencyRepository, RequestDigest, StoredResponse,
};
pub use listing::{
    CaseColumns, CaseListing, CasePart, CasePosition, CaseSort, CaseSummary, ListSize, PartStart,
    SortOrder,
};
pub use notifications::{
    AttemptRecord, DeadFilter, DeliveryReport, NOTIFICATIONS_WITH_CASE, NotificationFilter,
    NotificationRepository, NotificationSummary, NotificationTotals,
};
pub use numbers::CaseNumbers;
pub use organization_addresses::OrganizationAddresses;
pub use organizations::{OrganizationFilter, OrganizationRepository, OrganizationWrite};
pub use outbox::{
    Attempt, ChannelStatus, Claim, ClaimOutcome, ClaimToken, ClaimedMessage,
    NotificationTransition, OutboxRepository, RefusedMessage,
};
pub use overtaking::FAILURES_BEFORE_OVERTAKING;
pub use person_erasures::{
    AddedErasure, CaseOfPerson, ClaimedErasure, ErasureKey, ErasureProgress, PersonErasure,
    PersonErasures, RequestedUnderKey,
};
pub use queries::{CaseDetails, CaseProgress, CaseQueries, LISTED_ESCALATIONS};
pub use request_counts::{Counted, RequestCount, RequestCounts};
pub use retention::RetentionRepository;
pub use revision::{PeopleErasure, Revision, StoredRedaction};
pub use search::{
    AssignedSearch, InvalidSearch, SearchExpression, SearchField, SearchIndex, SearchQuery,
    SearchTerm, SearchWords,
};
pub use staff::{
    FoundToken, RemovedToken, StaffChange, StaffRepository, StaffToken, TokenHash, TokenRepository,
};
pub use store::Store;
pub use suppression::{AddressMac, ErasedAddress, Suppression, SuppressionKey};
pub use tag_filter::TagFilter;
pub use tags::{FoundTag, Tag, TagRepository, TagWrite};
pub use trial_delivery::TRIAL_DELIVERY_INTERVAL;
pub use webhooks::{EndpointNotice, WebhookRepository};

#[cfg(feature = "mock")]
pub use {
    access::MockAccessRepository, attachments::MockAttachmentStore,
    attachments::MockUploadRepository, audit::MockAuditRepository, budgets::MockBudgetRepository,
    cases::MockCaseRepository, contacts::MockContactRepository, directory::MockDirectoryRepository,
    due_cases::MockDueCases, erasure::MockErasureRepository, health::MockStoreHealth,
    history::MockEventHistory, idempotency::MockIdempotencyRepository,
    notifications::MockNotificationRepository, numbers::MockCaseNumbers,
    organizations::MockOrganizationRepository, outbox::MockOutboxRepository,
    person_erasures::MockPersonErasures, queries::MockCaseQueries,
    request_counts::MockRequestCounts, retention::MockRetentionRepository, search::MockSearchIndex,
    staff::MockStaffRepository, staff::MockTokenRepository, tags::MockTagRepository,
    webhooks::MockWebhookRepository,
};

/// The library of the mocks, in the version that they are made with.
#[cfg(feature = "mock")]
pub use mockall;
