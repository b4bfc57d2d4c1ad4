//! Engage's HTTP API: routes, request and response bodies, and status codes. No other crate knows
//! about status codes.
#![warn(missing_docs)]

mod accept;
mod api;
mod body;
mod body_timeout;
mod book;
mod change_headers;
mod change_response;
mod contact_error_mapping;
mod conversation;
mod customer;
mod deadline;
mod docs_page;
mod echo;
mod error;
mod error_mapping;
mod fallback;
mod files;
mod health;
mod idempotency_key;
mod inspection;
mod known_fields;
mod listener;
mod liveness;
mod metrics;
mod middleware;
mod openapi;
mod opening;
mod participant_body;
mod problems;
mod query;
mod request_context;
mod request_id;
mod request_metrics;
mod routes;
mod shutdown;
mod small_body;
mod sms_status;
mod staff;
mod support_page;
mod trace_context;
mod use_cases;
mod validation;

pub use api::{Api, ConfigureRoutes, openapi_document, server, service};
pub use book::{Book, BookFile};
pub use health::HealthChecks;
pub use listener::{Listener, Listeners};
pub use liveness::Liveness;
pub use metrics::{Metrics, MetricsAccess, MetricsToken};
pub use middleware::{
    AllowedOrigins, CountKey, NetworkSettings, Origin, OriginError, Origins, RateLimits,
    SharedCounts, TrustedProxies,
};
pub use request_metrics::REQUEST_BUCKETS;
pub use shutdown::Shutdown;
pub use sms_status::SmsCallbacks;
pub use staff::member_limits::MemberLimits;
pub use support_page::{PageLook, SupportPage, SupportPageError};
pub use use_cases::{CustomerUseCases, StaffUseCases};
