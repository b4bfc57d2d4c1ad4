//! The error codes, with their status and details.

use Kind::{Count, ListOf, Named, Text, Texts};
use Presence::{Always, OrNull, Sometimes};

/// An error code.
pub(super) struct Code {
    pub(super) name: &'static str,
    pub(super) status: u16,
    /// Meaning of the code, as the end of a sentence that starts with it.
    pub(super) meaning: &'static str,
    pub(super) details: &'static [Detail],
}

impl Code {
    pub(super) fn sentence(&self) -> String {
        format!("`{}`: {}.", self.name, self.meaning)
    }
}

/// A field of the details of an error.
pub(super) struct Detail {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) presence: Presence,
    pub(super) meaning: &'static str,
}

/// Type of a detail.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Count,
    Texts,
    /// The schema with this name.
    Named(&'static str),
    ListOf(&'static str),
}

/// Presence of a detail.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Always,
    OrNull,
    Sometimes,
}

const fn detail(
    name: &'static str,
    kind: Kind,
    presence: Presence,
    meaning: &'static str,
) -> Detail {
    Detail { name, kind, presence, meaning }
}

const fn code(
    name: &'static str,
    status: u16,
    meaning: &'static str,
    details: &'static [Detail],
) -> Code {
    Code { name, status, meaning, details }
}

/// All codes, by status.
pub(super) static CODES: &[Code] = &[
    code(
        "MALFORMED_JSON",
        400,
        "the body is not JSON, or a value has the wrong type",
        &[
            detail("line", Count, Always, "Line of the error."),
            detail("column", Count, Always, "Column of the error."),
            detail("path", Text, Sometimes, "Path of the value, if known."),
        ],
    ),
    code("MALFORMED_FORM", 400, "the form is malformed", &[]),
    code(
        "VALIDATION_ERROR",
        400,
        "fields or parameters are missing, unknown or invalid, and all of them are reported at \
            once",
        &[detail("fields", ListOf("FieldProblem"), Always, "Problem with each field.")],
    ),
    code("UNAUTHORIZED", 401, "the token is missing or invalid", &[]),
    code(
        "PROOF_REQUIRED",
        401,
        "the customer has to prove that the case is theirs",
        &[detail("accepts", Texts, Always, "Fields of which one is required.")],
    ),
    code("ACCESS_CODE_INVALID", 401, "the code is wrong or has expired", &[]),
    code(
        "FORBIDDEN",
        403,
        "the role is not sufficient, or a `SERVICE` member has no scope for it",
        &[
            detail("requiredRole", Named("Role"), Always, "Required role of a person."),
            detail(
                "requiredScopes",
                ListOf("ServiceScope"),
                Sometimes,
                "Scopes of which a `SERVICE` member needs one. Empty if none suffices.",
            ),
        ],
    ),
    code(
        "ON_BEHALF_REFUSED",
        403,
        "the token of the request may not write on behalf of this active member",
        &[detail("staffId", Text, Always, "Member in `onBehalfOf`.")],
    ),
    code("CUSTOMER_ONLY", 403, "a participant of the case may not do this", &[]),
    code("PARTICIPANT_ONLY", 403, "the customer of the case is not a participant", &[]),
    code(
        "TOKEN_NOT_ROTATABLE",
        403,
        "the token of the request may not rotate this token",
        &[detail("tokenId", Text, Always, "Id of the token.")],
    ),
    code(
        "ORIGIN_NOT_ALLOWED",
        403,
        "pages of this origin may not call the endpoint",
        &[detail("origin", Text, OrNull, "Origin of the page, if the browser sent it.")],
    ),
    code("SIGNATURE_INVALID", 403, "the signature does not match", &[]),
    code(
        "CASE_NOT_FOUND",
        404,
        "the case does not exist, or the proof does not match it",
        &[detail("caseNumber", Text, Always, "Requested case number.")],
    ),
    code(
        "STAFF_NOT_FOUND",
        404,
        "there is no active staff member with this id, or cases cannot be assigned to it",
        &[detail("staffId", Text, Always, "Requested id.")],
    ),
    code(
        "TOKEN_NOT_FOUND",
        404,
        "the member has no token with this id",
        &[detail("tokenId", Text, Always, "Requested id.")],
    ),
    code(
        "UPDATE_NOT_FOUND",
        404,
        "the case has no update with this id",
        &[detail("updateId", Text, Always, "Requested id.")],
    ),
    code(
        "ATTACHMENT_NOT_FOUND",
        404,
        "there is no file with this id",
        &[detail("attachmentId", Text, Sometimes, "Requested id.")],
    ),
    code(
        "PARTICIPANT_NOT_FOUND",
        404,
        "the case has no participant with this id",
        &[detail("participantId", Text, Always, "Requested id.")],
    ),
    code(
        "NOTIFICATION_NOT_FOUND",
        404,
        "there is no notification with this id",
        &[detail("notificationId", Text, Always, "Requested id.")],
    ),
    code(
        "SUPPRESSION_NOT_FOUND",
        404,
        "the address is not suppressed",
        &[detail("address", Text, Always, "Requested address.")],
    ),
    code(
        "WEBHOOK_NOT_FOUND",
        404,
        "there is no webhook endpoint with this id",
        &[detail("webhookId", Text, Always, "Requested id.")],
    ),
    code(
        "CONTACT_NOT_FOUND",
        404,
        "there is no contact with this id",
        &[detail("contactId", Text, Always, "Requested id.")],
    ),
    code(
        "ORGANIZATION_NOT_FOUND",
        404,
        "there is no organization with this id",
        &[detail("organizationId", Text, Always, "Requested id.")],
    ),
    code(
        "TAG_NOT_FOUND",
        404,
        "there is no tag with this id",
        &[detail("tagId", Text, Always, "Requested id.")],
    ),
    code(
        "ERASURE_NOT_FOUND",
        404,
        "there is no erasure with this id",
        &[detail("erasureId", Text, Always, "Requested id.")],
    ),
    code(
        "NOT_FOUND",
        404,
        "the path does not exist",
        &[detail("path", Text, Always, "Requested path.")],
    ),
    code(
        "METHOD_NOT_ALLOWED",
        405,
        "the path does not support the method",
        &[detail("allowed", Texts, Always, "Supported methods.")],
    ),
    code(
        "REQUEST_TIMEOUT",
        408,
        "the body arrived too slowly (nothing for 10 s, or less than 32 KiB per second)",
        &[],
    ),
    code(
        "INVALID_TRANSITION",
        409,
        "the status of the case does not allow the change",
        &[
            detail("from", Named("CaseStatus"), Always, "Status of the case."),
            detail("to", Named("CaseStatus"), OrNull, "Requested status, if any."),
            detail(
                "allowed",
                ListOf("CaseStatus"),
                Always,
                "Statuses that the case can change to.",
            ),
        ],
    ),
    code(
        "CONFLICT",
        409,
        "another record already has this unique value",
        &[
            detail("id", Text, Sometimes, "Id that is already used."),
            detail("email", Text, Sometimes, "E-mail address that is already used."),
            detail("url", Text, Sometimes, "URL that is already used."),
            detail("webhookId", Text, Sometimes, "Id of the endpoint that has the URL."),
            detail("contactId", Text, Sometimes, "Id of the contact that has the address."),
            detail("domain", Text, Sometimes, "Domain that is already used."),
            detail(
                "organizationId",
                Text,
                Sometimes,
                "Id of the organization that has the domain.",
            ),
            detail("name", Text, Sometimes, "Present name of the tag that has or had the name."),
            detail("tagId", Text, Sometimes, "Id of the tag that has or had the name."),
        ],
    ),
    code(
        "LAST_ADMIN",
        409,
        "the member is the last active administrator",
        &[detail("staffId", Text, Always, "Id of the member.")],
    ),
    code(
        "LIMIT_REACHED",
        409,
        "the case has as many participants, or tags, as it may have",
        &[detail("limit", Count, Always, "Maximum number.")],
    ),
    code(
        "ROLE_FIXED",
        409,
        "a member never changes between `SERVICE` and the other roles",
        &[detail("staffId", Text, Always, "Id of the member.")],
    ),
    code(
        "TOO_MANY_TOKENS",
        409,
        "the member has the maximum number of tokens",
        &[detail("limit", Count, Always, "Maximum number of tokens.")],
    ),
    code(
        "NOTIFICATION_NOT_DEAD",
        409,
        "the notification is neither dead nor cancelled",
        &[detail("notificationId", Text, Always, "Id of the notification.")],
    ),
    code(
        "IDEMPOTENCY_IN_PROGRESS",
        409,
        "a request with this `Idempotency-Key` is still being processed",
        &[],
    ),
    code(
        "CURSOR_EXPIRED",
        410,
        "the cursor is past the last event, for example after a backup was restored",
        &[detail("last", Text, Always, "Position of the last event.")],
    ),
    code(
        "PRECONDITION_FAILED",
        412,
        "the version of the case does not match `If-Match`",
        &[detail("currentVersion", Count, Always, "Current version of the case.")],
    ),
    code(
        "PAYLOAD_TOO_LARGE",
        413,
        "the body or its files are too large",
        &[detail("limitBytes", Count, Always, "Maximum number of bytes.")],
    ),
    code(
        "UNSUPPORTED_MEDIA_TYPE",
        415,
        "the content type of the body is not supported",
        &[detail("accepts", Texts, Always, "Supported content types.")],
    ),
    code(
        "IDEMPOTENCY_KEY_REUSED",
        422,
        "this `Idempotency-Key` was already used for a different \
        request",
        &[],
    ),
    code(
        "RATE_LIMITED",
        429,
        "too many requests",
        &[detail("retryAfterSeconds", Count, Always, "Number of seconds to wait before retrying.")],
    ),
    code(
        "INTERNAL_ERROR",
        500,
        "the service failed unexpectedly",
        &[detail("requestId", Text, OrNull, "Id of the request, for reporting the problem.")],
    ),
    code(
        "WEBHOOK_TEST_FAILED",
        502,
        "the endpoint did not accept the test event",
        &[detail("reason", Text, Always, "Reason of the failure.")],
    ),
    code("UNAVAILABLE", 503, "the service is temporarily unavailable", &[]),
    code("STORAGE_FULL", 507, "there is no space for files, but cases can still be opened", &[]),
];
