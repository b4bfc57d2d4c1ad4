//! Engage's HTTP API: routes, the shapes of requests and answers, and the only place that knows
//! status codes.
#![warn(missing_docs)]

mod accept;
mod api;
mod arrival;
mod body;
mod conditions;
mod conversation;
mod customer;
mod deadline;
mod docs_page;
mod echo;
mod edge;
mod error;
mod fallback;
mod files;
mod health;
mod inspection;
mod known_fields;
mod metrics;
mod openapi;
mod problems;
mod query;
mod refusal;
mod request_context;
mod request_metrics;
mod sms_status;
mod staff;
mod support_page;
mod trace_context;
mod validation;

pub use api::{Api, CustomerDesk, Shutdown, StaffDesk, openapi_document, server, service};
pub use edge::{
    AllowedOrigins, CountKey, Edge, Origin, OriginError, Origins, RateLimits, SharedCounts,
    TrustedProxies,
};
pub use health::HealthChecks;
pub use metrics::{Metrics, MetricsAccess, MetricsToken};
pub use request_metrics::REQUEST_BUCKETS;
pub use sms_status::{SmsCallbacks, SmsReport, SmsReportRefused, SmsReports};
pub use staff::member_limits::MemberLimits;
pub use support_page::{PageLook, SupportPage};
