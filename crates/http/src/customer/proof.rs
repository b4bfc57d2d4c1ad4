//! Proof that a case belongs to the customer.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use engage_application::{AccessToken, LinkMark, Proof};
use utoipa::IntoParams;

use crate::error::ApiError;
use crate::staff::access::bearer_token;
use crate::validation::Validation;

/// Header with the mark of the link from which the access token comes. Not a field of the body, since
/// programs of the release before refuse those that they do not know.
const LINK_MARK: &str = "Engage-Link-Mark";

/// Longer than any mark.
const LONGEST_MARK: usize = 100;

/// Header that shows that the customer has read an e-mail.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code)] // The description of what `ProofHeaders` reads.
pub(crate) struct LinkMarkHeader {
    /// `mark` in the query of a link that the customer got by e-mail, sent together with the access
    /// token of that link. The first change of the case with it proves the customer's address. From
    /// then on, access tokens from before are valid only with it. A mark that does not belong to the
    /// customer's address is ignored.
    #[param(rename = "Engage-Link-Mark", max_length = 100, example = "2yV8mX0pQkqf3JtZc1aB9w")]
    engage_link_mark: Option<String>,
}

/// Bearer token and link mark of the request, if it has them.
pub(crate) struct ProofHeaders {
    bearer: Option<AccessToken>,
    mark: Option<LinkMark>,
}

impl FromRequest for ProofHeaders {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let token = bearer_token(request.headers()).filter(|token| !token.is_empty());
        let mark = request.headers().get(LINK_MARK).and_then(|mark| mark.to_str().ok());
        let mark = mark.map(str::trim).filter(|mark| (1..=LONGEST_MARK).contains(&mark.len()));
        ready(Ok(Self { bearer: token.map(AccessToken::from), mark: mark.map(LinkMark::from) }))
    }
}

impl ProofHeaders {
    /// Combines the headers with the fields of the body.
    pub(crate) fn and(
        self,
        validation: &mut Validation,
        email: Option<&str>,
        token: Option<&str>,
    ) -> Proof {
        let token = token.map(str::trim).filter(|token| !token.is_empty());
        Proof {
            email: validation.optional("email", email),
            token: token.map(AccessToken::from),
            bearer: self.bearer,
            mark: self.mark,
        }
    }
}
