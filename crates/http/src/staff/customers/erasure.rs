use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, get};
use engage_domain::ErasureId;

use super::ErasureResponse;
use crate::deadline::in_time;
use crate::error::ApiError;
use crate::staff::access::{ErasePerson, Required, Staff};

/// The erasure in the path.
pub(crate) struct ErasureInPath(ErasureId);

impl FromRequest for ErasureInPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().query("erasureId");
        let id = text.parse().map_err(|_| ApiError::ErasureNotFound(text.to_owned()));
        ready(id.map(Self))
    }
}

/// Get the erasure of a person.
#[utoipa::path(
    security(("staffToken" = [ErasePerson::ROLE])),
    params(("erasureId" = String, Path, description = "Id of the erasure.", example = "era_01jjg00000e008000000000001")),
    responses(
        (status = 200, description = "The erasure, with what it has covered so far.", body = ErasureResponse),
    ),
)]
#[get("/customers/erasures/{erasureId}")]
pub(crate) async fn get_erasure(
    staff: Staff<ErasePerson>,
    id: ErasureInPath,
) -> Result<HttpResponse, ApiError> {
    let erase_person = staff.use_cases().erase_person.clone();
    let erasure = in_time(async move { erase_person.find(id.0).await }).await?;
    Ok(HttpResponse::Ok().json(ErasureResponse::from(erasure)))
}
