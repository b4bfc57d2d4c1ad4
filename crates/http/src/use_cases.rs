//! The use cases behind the API.

use engage_application::{
    AssignCase, Attachments, AuditLog, CancelCase, CorrectCase, DownloadAttachment, EraseCase,
    ErasePerson, EscalateCase, FollowEvents, GetCase, ListCases, LookUpCase, ManageContacts,
    ManageOrganizations, ManageParticipants, ManageStaff, ManageTags, ManageTokens, ManageWebhooks,
    OpenCase, OpenCaseByStaff, ReadHistory, RecoverAccess, RedactCase, ReplyToCase, RotateAccess,
    TagNames, TrackNotifications, Unsubscribe, UpdateCase,
};

/// Use cases for customers.
#[derive(Clone)]
#[allow(missing_docs)] // Each part says what it is.
pub struct CustomerUseCases {
    pub open_case: OpenCase,
    pub look_up_case: LookUpCase,
    pub download_attachment: DownloadAttachment,
    pub escalate_case: EscalateCase,
    pub cancel_case: CancelCase,
    pub recover_access: RecoverAccess,
    pub reply_to_case: ReplyToCase,
    pub manage_participants: ManageParticipants,
    pub unsubscribe: Unsubscribe,
    pub attachments: Attachments,
}

/// Use cases for staff.
#[derive(Clone)]
#[allow(missing_docs)] // Each use case says what it is.
pub struct StaffUseCases {
    pub open_case_by_staff: OpenCaseByStaff,
    pub list_cases: ListCases,
    pub get_case: GetCase,
    pub read_history: ReadHistory,
    pub follow_events: FollowEvents,
    pub update_case: UpdateCase,
    pub assign_case: AssignCase,
    pub escalate_case: EscalateCase,
    pub correct_case: CorrectCase,
    pub manage_participants: ManageParticipants,
    pub rotate_access: RotateAccess,
    pub redact_case: RedactCase,
    pub erase_case: EraseCase,
    pub erase_person: ErasePerson,
    pub track_notifications: TrackNotifications,
    pub manage_webhooks: ManageWebhooks,
    pub manage_contacts: ManageContacts,
    pub manage_organizations: ManageOrganizations,
    pub manage_staff: ManageStaff,
    pub manage_tags: ManageTags,
    pub tag_names: TagNames,
    pub manage_tokens: ManageTokens,
    pub attachments: Attachments,
    pub audit: AuditLog,
}
