//! The codes of errors: the status that each comes with, and what its details hold.

use Kind::{Count, ListOf, Named, Text, Texts};
use Presence::{Always, OrNull, Sometimes};

/// A code of errors.
pub(super) struct Code {
    pub(super) name: &'static str,
    pub(super) status: u16,
    /// What it means, as the end of a sentence that begins with the code.
    pub(super) meaning: &'static str,
    pub(super) details: &'static [Detail],
}

impl Code {
    pub(super) fn sentence(&self) -> String {
        format!("`{}`: {}.", self.name, self.meaning)
    }
}

/// One of the details of an error.
pub(super) struct Detail {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) presence: Presence,
    pub(super) meaning: &'static str,
}

/// What a detail is.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Count,
    Texts,
    /// A schema by its name.
    Named(&'static str),
    ListOf(&'static str),
}

/// Whether a detail is there.
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
        "the body is no JSON, or not of the types that are expected",
        &[
            detail("line", Count, Always, "The line at which it goes wrong."),
            detail("column", Count, Always, "The column at which it goes wrong."),
            detail("path", Text, Sometimes, "The place in the body, if it is known."),
        ],
    ),
    code("MALFORMED_FORM", 400, "the form cannot be read", &[]),
    code(
        "VALIDATION_ERROR",
        400,
        "fields or parameters are missing, unknown or not valid; all of them are told at once",
        &[detail("fields", ListOf("FieldProblem"), Always, "What is wrong with which field.")],
    ),
    code("UNAUTHORIZED", 401, "the token is missing or not valid", &[]),
    code(
        "PROOF_REQUIRED",
        401,
        "the request has to show that the case is the customer's",
        &[detail("accepts", Texts, Always, "The fields of which any will do.")],
    ),
    code("ACCESS_CODE_INVALID", 401, "the code does not fit, or is not valid any more", &[]),
    code(
        "FORBIDDEN",
        403,
        "the role is not enough",
        &[detail("requiredRole", Named("Role"), Always, "The role that is.")],
    ),
    code(
        "TOKEN_NOT_ROTATABLE",
        403,
        "this token may not be rotated with the one of the request",
        &[detail("tokenId", Text, Always, "The token.")],
    ),
    code(
        "ORIGIN_NOT_ALLOWED",
        403,
        "pages of another site may not ask this",
        &[detail("origin", Text, OrNull, "The other site, if the browser told it.")],
    ),
    code("SIGNATURE_INVALID", 403, "the signature does not fit", &[]),
    code(
        "CASE_NOT_FOUND",
        404,
        "there is no such case, or what the request shows does not fit",
        &[detail("caseNumber", Text, Always, "The number that was looked up.")],
    ),
    code(
        "STAFF_NOT_FOUND",
        404,
        "there is no such active member of staff",
        &[detail("staffId", Text, Always, "The id that was looked up.")],
    ),
    code(
        "TOKEN_NOT_FOUND",
        404,
        "the member has no such token",
        &[detail("tokenId", Text, Always, "The id that was looked up.")],
    ),
    code(
        "ATTACHMENT_NOT_FOUND",
        404,
        "there is no such file",
        &[detail("attachmentId", Text, Sometimes, "The id that was looked up.")],
    ),
    code(
        "NOTIFICATION_NOT_FOUND",
        404,
        "there is no such message",
        &[detail("notificationId", Text, Always, "The id that was looked up.")],
    ),
    code(
        "SUPPRESSION_NOT_FOUND",
        404,
        "nothing keeps messages from this address",
        &[detail("address", Text, Always, "The address that was looked up.")],
    ),
    code(
        "WEBHOOK_NOT_FOUND",
        404,
        "there is no such endpoint",
        &[detail("webhookId", Text, Always, "The id that was looked up.")],
    ),
    code(
        "NOT_FOUND",
        404,
        "there is nothing at this path",
        &[detail("path", Text, Always, "The path.")],
    ),
    code(
        "METHOD_NOT_ALLOWED",
        405,
        "the path does not take this method",
        &[detail("allowed", Texts, Always, "The methods that it takes.")],
    ),
    code("REQUEST_TIMEOUT", 408, "the body came too slowly", &[]),
    code(
        "INVALID_TRANSITION",
        409,
        "the status of the case does not allow it",
        &[
            detail("from", Named("CaseStatus"), Always, "The status that the case has."),
            detail("to", Named("CaseStatus"), OrNull, "The status that it was to have, if any."),
            detail("allowed", ListOf("CaseStatus"), Always, "The statuses that it may have next."),
        ],
    ),
    code(
        "CONFLICT",
        409,
        "something else has this value already, which may be there once",
        &[
            detail("id", Text, Sometimes, "The id that is taken."),
            detail("email", Text, Sometimes, "The address that is taken."),
            detail("url", Text, Sometimes, "The URL that is taken."),
            detail("webhookId", Text, Sometimes, "The endpoint that has the URL."),
        ],
    ),
    code(
        "LAST_ADMIN",
        409,
        "this is the last active administrator",
        &[detail("staffId", Text, Always, "The member.")],
    ),
    code(
        "TOO_MANY_TOKENS",
        409,
        "the member has as many tokens as there may be",
        &[detail("limit", Count, Always, "How many that is.")],
    ),
    code(
        "NOTIFICATION_NOT_DEAD",
        409,
        "the message was neither given up nor cancelled",
        &[detail("notificationId", Text, Always, "The message.")],
    ),
    code(
        "IDEMPOTENCY_IN_PROGRESS",
        409,
        "a request with this `Idempotency-Key` is being served",
        &[],
    ),
    code(
        "CURSOR_EXPIRED",
        410,
        "no event has the place of the cursor yet, as after a restored backup",
        &[detail("last", Text, Always, "The last place that an event has.")],
    ),
    code(
        "PRECONDITION_FAILED",
        412,
        "the case is not at the version in `If-Match`",
        &[detail("currentVersion", Count, Always, "The version that the case has.")],
    ),
    code(
        "PAYLOAD_TOO_LARGE",
        413,
        "the body or its files are too large",
        &[detail("limitBytes", Count, Always, "How many bytes are allowed.")],
    ),
    code(
        "UNSUPPORTED_MEDIA_TYPE",
        415,
        "the body is of another type",
        &[detail("accepts", Texts, Always, "The types that are taken.")],
    ),
    code("IDEMPOTENCY_KEY_REUSED", 422, "this `Idempotency-Key` was used for another request", &[]),
    code(
        "RATE_LIMITED",
        429,
        "too many requests",
        &[detail("retryAfterSeconds", Count, Always, "In how many seconds to try again.")],
    ),
    code(
        "INTERNAL_ERROR",
        500,
        "something went wrong in the service",
        &[detail("requestId", Text, OrNull, "The request's id, by which to report it.")],
    ),
    code(
        "WEBHOOK_TEST_FAILED",
        502,
        "the endpoint did not take the test event",
        &[detail("reason", Text, Always, "Why it did not.")],
    ),
    code("UNAVAILABLE", 503, "the service cannot answer now", &[]),
    code("STORAGE_FULL", 507, "there is no room for files; cases can still be opened", &[]),
];
