//! The headers of answers. Each is declared once; which answer has which follows from what the
//! operation is.

use serde_json::json;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Components, Content, Header, Object, Ref, RefOr, Response, Type};

use super::codes::Code;
use super::operations::{BULK, has_header, is_file};

/// A header of answers.
struct Declared {
    name: &'static str,
    kind: Type,
    /// Whether every answer has it that names it.
    is_required: bool,
    meaning: &'static str,
    example: &'static str,
}

const DECLARED: [Declared; 8] = [
    Declared {
        name: "X-Request-Id",
        kind: Type::String,
        is_required: true,
        meaning: "Names the request in the service's log: the id that was sent with it, or a new one.",
        example: "6f3c2f60-9d53-4a61-8f0f-6f6f3d4d9f5e",
    },
    Declared {
        name: "RateLimit",
        kind: Type::String,
        is_required: false,
        meaning: "How many requests are left (`r`), and in how many seconds all are (`t`); if requests \
            are limited (draft-ietf-httpapi-ratelimit-headers).",
        example: "\"staff-calls\";r=599;t=1",
    },
    Declared {
        name: "RateLimit-Policy",
        kind: Type::String,
        is_required: false,
        meaning: "How many requests (`q`) are allowed in how many seconds (`w`); if requests are limited.",
        example: "\"staff-calls\";q=600;w=60",
    },
    Declared {
        name: "Retry-After",
        kind: Type::Integer,
        is_required: true,
        meaning: "In how many seconds it may be tried again.",
        example: "1",
    },
    Declared {
        name: "WWW-Authenticate",
        kind: Type::String,
        is_required: true,
        meaning: "How to authenticate: `Bearer`.",
        example: "Bearer",
    },
    Declared {
        name: "ETag",
        kind: Type::String,
        is_required: true,
        meaning: "Of a case, its version, to be sent as `If-Match` with a change; of a file, what it \
            holds, to be sent as `If-None-Match`.",
        example: "\"3\"",
    },
    Declared {
        name: "Idempotent-Replayed",
        kind: Type::String,
        is_required: false,
        meaning: "`true` if this is the answer to an earlier request with the same `Idempotency-Key`.",
        example: "true",
    },
    Declared {
        name: "Content-Disposition",
        kind: Type::String,
        is_required: true,
        meaning: "`attachment`, with a name for the file.",
        example: "attachment; filename=\"error.txt\"; filename*=UTF-8''error.txt",
    },
];

impl Declared {
    fn header(&self) -> Header {
        let example = match self.kind {
            Type::Integer => self.example.parse::<u32>().map_or_else(|_| json!(null), |n| json!(n)),
            _ => json!(self.example),
        };
        let header = HeaderBuilder::new().schema(Some(Object::with_type(self.kind.clone())));
        let header = header.description(Some(self.meaning)).example(Some(example));
        let mut header = header.build();
        header.extensions = Some([("required", self.is_required)].into_iter().collect());
        header
    }
}

/// Declares all headers.
pub(super) fn declare(components: &mut Components) {
    for one in &DECLARED {
        components.headers.insert(one.name.to_owned(), one.header().into());
    }
}

fn add(answer: &mut Response, name: &str) {
    let header = Ref::new(format!("#/components/headers/{name}"));
    answer.headers.insert(name.to_owned(), RefOr::Ref(header));
}

fn add_common(answer: &mut Response, is_limited: bool) {
    add(answer, "X-Request-Id");
    if is_limited {
        add(answer, "RateLimit");
        add(answer, "RateLimit-Policy");
    }
}

/// Adds the headers of an error.
pub(super) fn add_to_error(codes: &[&Code], answer: &mut Response) {
    add_common(answer, true);
    if codes.iter().all(|code| matches!(code.status, 429 | 503)) {
        add(answer, "Retry-After");
    }
    if codes.iter().all(|code| code.status == 401) {
        add(answer, "WWW-Authenticate");
    }
}

/// Adds the headers of what an operation answers but for its errors.
pub(super) fn add_to_responses(path: &str, operation: &mut Operation) {
    let replays = has_header(operation, "Idempotency-Key");
    // What customers get says nothing of versions.
    let is_of_staff = path.starts_with("/api/internal/");
    let has_version = is_of_staff && has_header(operation, "If-Match") && path != BULK
        || operation.operation_id.as_deref() == Some("get_case");
    let has_tag = operation.responses.responses.contains_key("304");
    for answer in operation.responses.responses.values_mut() {
        let RefOr::T(answer) = answer else { continue };
        add_common(answer, path.starts_with("/api/"));
        if replays && path != BULK {
            add(answer, "Idempotent-Replayed");
        }
        if has_version || has_tag {
            add(answer, "ETag");
        }
        if answer.content.values().any(is_download) || answer.content.contains_key("text/csv") {
            add(answer, "Content-Disposition");
        }
    }
}

fn is_download(content: &RefOr<Content>) -> bool {
    let RefOr::T(content) = content else { return false };
    matches!(&content.schema, Some(RefOr::Ref(schema)) if is_file(schema))
}
