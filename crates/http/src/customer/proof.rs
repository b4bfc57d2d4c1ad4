//! Proof that a case belongs to the customer.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use engage_application::{AccessToken, Proof};

use crate::error::ApiError;
use crate::staff::access::bearer_token;
use crate::validation::Validation;

/// Bearer token of the request, if it has one.
pub(crate) struct Bearer(Option<AccessToken>);

impl FromRequest for Bearer {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let token = bearer_token(request.headers()).filter(|token| !token.is_empty());
        ready(Ok(Self(token.map(AccessToken::from))))
    }
}

impl Bearer {
    /// Combines the bearer token with the fields of the body.
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
            bearer: self.0,
        }
    }
}
