//! Endpoints for staff, who authenticate with a token.

pub(crate) mod access;
pub(crate) mod assign;
pub(crate) mod attachments;
pub(crate) mod audit;
pub(crate) mod bulk;
mod case_filter;
pub(crate) mod contacts;
pub(crate) mod correct;
mod cursor;
mod cursor_page;
pub(crate) mod customers;
pub(crate) mod details;
pub(crate) mod erase;
pub(crate) mod escalate;
pub(crate) mod export;
pub(crate) mod feed;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod me;
pub(crate) mod member_limits;
pub(crate) mod members;
pub(crate) mod notifications;
pub(crate) mod open;
pub(crate) mod organizations;
pub(crate) mod page;
pub(crate) mod participants;
pub(crate) mod redact;
pub(crate) mod rotate_access;
mod sla;
pub(crate) mod tags;
pub(crate) mod update;
pub(crate) mod webhooks;

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use engage_domain::CaseNumber;

use crate::error::ApiError;

/// The case in the path.
pub(crate) struct CaseInPath(pub(crate) CaseNumber);

impl FromRequest for CaseInPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().query("caseNumber");
        let number = text.parse().map_err(|_| ApiError::CaseNotFound(text.trim().to_owned()));
        ready(number.map(Self))
    }
}
