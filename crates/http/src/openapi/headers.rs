//! Response headers. Each is declared once. The headers of a response follow from its operation.

use serde_json::json;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Components, Content, Header, Object, Ref, RefOr, Response, Type};

use super::codes::Code;
use super::operations::{BULK, OPEN_BY_STAFF, has_header, is_file};

/// A response header.
struct Declared {
    name: &'static str,
    kind: Type,
    /// True if every response that declares the header has it.
    is_required: bool,
    meaning: &'static str,
    example: &'static str,
}

const DECLARED: [Declared; 8] = [
    Declared {
        name: "X-Request-Id",
        kind: Type::String,
        is_required: true,
        meaning: "Id of the request in the service's log: the id sent by the client, or a new one.",
        example: "6f3c2f60-9d53-4a61-8f0f-6f6f3d4d9f5e",
    },
    Declared {
        name: "RateLimit",
        kind: Type::String,
        is_required: false,
        meaning: "Remaining requests (`r`) and seconds until the whole quota is available (`t`). \
            Only sent if rate limits are configured (draft-ietf-httpapi-ratelimit-headers).",
        example: "\"staff-calls\";r=599;t=1",
    },
    Declared {
        name: "RateLimit-Policy",
        kind: Type::String,
        is_required: false,
        meaning: "Quota of requests (`q`) per window of `w` seconds. Only sent if rate limits are \
            configured.",
        example: "\"staff-calls\";q=600;w=60",
    },
    Declared {
        name: "Retry-After",
        kind: Type::Integer,
        is_required: true,
        meaning: "Number of seconds to wait before retrying.",
        example: "1",
    },
    Declared {
        name: "WWW-Authenticate",
        kind: Type::String,
        is_required: true,
        meaning: "Authentication scheme: `Bearer`.",
        example: "Bearer",
    },
    Declared {
        name: "ETag",
        kind: Type::String,
        is_required: true,
        meaning: "Version of a case, to send as `If-Match` with a change, or hash of a file, to \
            send as `If-None-Match`.",
        example: "\"3\"",
    },
    Declared {
        name: "Idempotent-Replayed",
        kind: Type::String,
        is_required: false,
        meaning: "`true` if this is the stored response to an earlier request with the same \
            `Idempotency-Key`.",
        example: "true",
    },
    Declared {
        name: "Content-Disposition",
        kind: Type::String,
        is_required: true,
        meaning: "`attachment`, with the name of the file.",
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

fn add(response: &mut Response, name: &str) {
    let header = Ref::new(format!("#/components/headers/{name}"));
    response.headers.insert(name.to_owned(), RefOr::Ref(header));
}

fn add_common(response: &mut Response, is_limited: bool) {
    add(response, "X-Request-Id");
    if is_limited {
        add(response, "RateLimit");
        add(response, "RateLimit-Policy");
    }
}

/// Adds the headers of an error.
pub(super) fn add_to_error(codes: &[&Code], response: &mut Response) {
    add_common(response, true);
    if codes.iter().all(|code| matches!(code.status, 429 | 503)) {
        add(response, "Retry-After");
    }
    if codes.iter().all(|code| code.status == 401) {
        add(response, "WWW-Authenticate");
    }
}

/// Adds the headers of successful responses.
pub(super) fn add_to_responses(path: &str, operation: &mut Operation) {
    let replays = has_header(operation, "Idempotency-Key");
    // Responses to customers contain no versions.
    let is_of_staff = path.starts_with("/api/internal/");
    let has_version = is_of_staff && has_header(operation, "If-Match") && path != BULK
        || matches!(
            operation.operation_id.as_deref(),
            Some("get_case" | "list_participants" | OPEN_BY_STAFF)
        );
    let has_tag = operation.responses.responses.contains_key("304");
    for response in operation.responses.responses.values_mut() {
        let RefOr::T(response) = response else { continue };
        add_common(response, path.starts_with("/api/"));
        if replays && path != BULK {
            add(response, "Idempotent-Replayed");
        }
        if has_version || has_tag {
            add(response, "ETag");
        }
        if response.content.values().any(is_download) || response.content.contains_key("text/csv") {
            add(response, "Content-Disposition");
        }
    }
}

fn is_download(content: &RefOr<Content>) -> bool {
    let RefOr::T(content) = content else { return false };
    matches!(&content.schema, Some(RefOr::Ref(schema)) if is_file(schema))
}
